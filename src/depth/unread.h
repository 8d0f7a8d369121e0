/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocators that are recognised and not read: by the name of their library, or by what a program
 * that holds one inside exports.
 */
#ifndef DEPTH_UNREAD_H
#define DEPTH_UNREAD_H

#include "depth/depth.h"

/* The file that holds it, an index into the snapshot's files; 0: none does. */
uint32_t unread_jemalloc(const struct depth *d);
uint32_t unread_tcmalloc(const struct depth *d);
uint32_t unread_mimalloc(const struct depth *d);
uint32_t unread_musl(const struct depth *d);

#endif
