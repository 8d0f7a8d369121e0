/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The libraries of allocators, recognised by their names, and their releases.
 */
#ifndef WALK_IMAGE_LIBRARIES_H
#define WALK_IMAGE_LIBRARIES_H

#include "walk/core/walk.h"

/* Return the file of the library, an index into the snapshot's files, or 0. */
uint32_t library_jemalloc(const struct walk *walk);
uint32_t library_tcmalloc(const struct walk *walk);
uint32_t library_mimalloc(const struct walk *walk);
uint32_t library_musl(const struct walk *walk);

/*
 * Return the file of an allocator that is not read: jemalloc's fork in Firefox, the newer tcmalloc.
 */
uint32_t library_mozjemalloc(const struct walk *walk);
uint32_t library_google_tcmalloc(const struct walk *walk);

/*
 * Returns whether the file of a module has this text: a mark by which code that is linked into a
 * program is recognised. False if the file cannot be read.
 */
bool library_has_text(const struct walk *walk, uint32_t file, const char *text);

/*
 * Returns the release of a library, which a string in its file or its name shows; NULL: not known.
 * The text is in the arena of the walk.
 */
const char *library_release(struct walk *walk, uint32_t file);

#endif
