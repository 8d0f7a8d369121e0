/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders of the `deep` object: what allocators and runtimes hold, and the non-object memory.
 */
#ifndef PRESENT_BUILD_DEEP_H
#define PRESENT_BUILD_DEEP_H

#include "present/build/process_inputs.h"
#include "present/report.h"

/* Returns what memory holds, or NULL if it was not walked. */
const struct table *build_deep(struct report *r, const struct process_inputs *v);

/* The parts of this object. */

/* Returns a table of allocators (allocator.c). */
const struct table *build_allocators(struct report *r, const struct walk *walk);
/* Returns which of them were not read and why, for text, or NULL if all were read. */
const struct table *build_unread_allocators(struct report *r, const struct walk *walk);
/* Returns the largest arenas of all allocators, for text, or NULL if there are none to compare. */
const struct table *build_largest_arenas(struct report *r, const struct walk *walk);
/* Returns the C++ classes of all allocators, for text, or NULL if no object was found. */
const struct table *build_cxx_objects(struct report *r, const struct walk *walk);
/* Returns a table of runtimes (runtime.c). */
const struct table *build_runtimes(struct report *r, const struct walk *walk);
/* Returns what the allocator of CPython holds (python.c). */
const struct table *build_pymalloc(struct report *r, const struct walk *walk);

#endif
