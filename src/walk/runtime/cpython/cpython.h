/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what a CPython runtime holds: its objects by type, the large ones, and its own allocator.
 */
#ifndef WALK_RUNTIME_CPYTHON_CPYTHON_H
#define WALK_RUNTIME_CPYTHON_CPYTHON_H

#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/pymalloc.h"

/* What was inconsistent, mostly because the program was changing it. */
struct cpython_rejected {
	uint64_t misfits; /* with a type whose objects cannot be like this */
	uint64_t keys;    /* that turned out not to be tables of keys */
	uint64_t buffers; /* that did not lie in memory */
	uint64_t pools;   /* whose header, list or count did not hold */
};

/* What CPython has in addition to what every runtime has (struct walk_runtime). */
struct cpython {
	uint64_t block_bytes; /* of its objects, sum over types */
	struct pymalloc_stats pymalloc;
	bool debug_hooks; /* PYTHONMALLOC=debug */
	bool whole; /* all blocks outside of pools were seen, not only those that objects refer to */
	struct cpython_rejected rejected;
};

/* Reads the CPython runtimes of the process. Returns 0, or -ENOENT if there is none. */
int cpython_walk(struct walk *walk);

#endif
