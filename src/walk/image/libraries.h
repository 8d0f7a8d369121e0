/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The libraries of allocators, told by their names, and which release they are.
 */
#ifndef WALK_IMAGE_LIBRARIES_H
#define WALK_IMAGE_LIBRARIES_H

#include "walk/core/walk.h"

/* The file that holds it, an index into the snapshot's files; 0: none does. */
uint32_t library_jemalloc(const struct walk *d);
uint32_t library_tcmalloc(const struct walk *d);
uint32_t library_mimalloc(const struct walk *d);
uint32_t library_musl(const struct walk *d);

/* Allocators that are named and not read: the fork of jemalloc in Firefox, the newer tcmalloc. */
uint32_t library_mozjemalloc(const struct walk *d);
uint32_t library_google_tcmalloc(const struct walk *d);

/*
 * The release of a library, by a string in its file that is one, or by its name. In the arena of
 * depth; NULL: it does not tell.
 */
const char *library_release(struct walk *d, uint32_t file);

#endif
