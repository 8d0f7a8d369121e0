/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory holds: the `deep` object, of allocators, runtimes, and what lies beyond their objects.
 */
#ifndef PRESENT_BUILD_DEEP_H
#define PRESENT_BUILD_DEEP_H

#include "present/build/process_inputs.h"
#include "present/report.h"

/* NULL unless the memory was read. */
const struct table *build_deep(struct report *r, const struct process_inputs *v);

/* Between the builders: what allocators hold (build_allocator.c); the largest arenas and classes of
 * all, for text, or NULL if there is nothing to compare. */
const struct table *build_allocators(struct report *r, const struct walk *walk);
const struct table *build_largest_arenas(struct report *r, const struct walk *walk);
const struct table *build_cxx_objects(struct report *r, const struct walk *walk);

/* Between the builders: the runtimes (build_runtime.c). */
const struct table *build_runtimes(struct report *r, const struct walk *walk);
/* The allocator of CPython (python.c). */
const struct table *build_pymalloc(struct report *r, const struct walk *walk);

#endif
