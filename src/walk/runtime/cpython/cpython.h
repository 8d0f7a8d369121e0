/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what a CPython runtime holds: its objects by type, the large ones, and its own allocator.
 */
#ifndef WALK_RUNTIME_CPYTHON_CPYTHON_H
#define WALK_RUNTIME_CPYTHON_CPYTHON_H

#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/pymalloc.h"

/* What was met that did not hold: torn by the running program, mostly. */
struct cpython_rejected {
	uint64_t misfits; /* had a type and could not be of it */
	uint64_t keys;    /* tables of keys that were none */
	uint64_t buffers; /* that did not lie in memory */
	uint64_t pools;   /* whose header, list or count did not hold */
};

/* What CPython has beyond what every runtime has: struct walk_runtime. */
struct cpython {
	uint64_t block_bytes; /* of its objects, sum over types */
	struct pymalloc_stats pymalloc;
	bool debug_hooks; /* PYTHONMALLOC=debug */
	bool whole; /* all blocks outside of pools were seen, not only those that objects refer to */
	struct cpython_rejected rejected;
};

/* Reads the CPythons of the process. 0, or -ENOENT if there is no runtime after all. */
int cpython_walk(struct walk *walk);

#endif
