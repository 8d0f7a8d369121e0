/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPython runtime holds: its objects by type, the large ones, and its own allocator.
 */
#ifndef WALK_RUNTIME_CPYTHON_CPYTHON_H
#define WALK_RUNTIME_CPYTHON_CPYTHON_H

#include "walk/core/walk.h"
#include "walk/runtime/cpython/find.h"
#include "walk/runtime/cpython/pymalloc.h"

struct cpython_type {
	const char *name; /* escaped; qualified by its module */
	uint64_t count;
	uint64_t bytes;       /* as sys.getsizeof: buffers of its objects included */
	uint64_t block_bytes; /* of the objects themselves, as they are allocated; 0: no block */
};

struct cpython_large {
	const char *type;
	uint64_t address;
	uint64_t bytes;          /* as sys.getsizeof; of a view, the memory that it shows */
	uint64_t resident_bytes; /* of the object and its buffers */
	uint64_t length;         /* items, characters or bytes */
	bool has_length;
	bool is_view;        /* memoryview, mmap: the memory is not its own */
	const char *preview; /* cleaned; NULL unless asked for */
};

/* What was met that did not hold: torn by the running program, mostly. */
struct cpython_rejected {
	uint64_t misfits; /* had a type and could not be of it */
	uint64_t keys;    /* tables of keys that were none */
	uint64_t buffers; /* that did not lie in memory */
	uint64_t pools;   /* whose header, list or count did not hold */
};

struct cpython {
	char version[PY_VERSION_MAX + 1]; /* "3.11.2"; "" unknown */
	const char *name;                 /* "cpython 3.11", as owner */
	const char *module;               /* path of its file; NULL unknown */
	const char *unread;               /* why nothing below is filled; NULL: it was read */
	uint64_t objects, bytes;          /* sums over types */
	uint64_t block_bytes;
	uint64_t buffers_bytes;     /* dict keys, list items and the like, wherever they are */
	struct cpython_type *types; /* the most bytes first; of the arena of the walk */
	size_t n_types;
	struct cpython_large *large; /* the largest first; of the arena */
	size_t n_large;
	uint64_t large_dropped; /* so many more were large */
	struct pymalloc pymalloc;
	bool debug_hooks; /* PYTHONMALLOC=debug */
	bool whole; /* all blocks outside of pools were seen, not only those that objects refer to */
	struct cpython_rejected rejected;
};

/* The walker: appends to d->cpythons. 0, or -ENOENT if there is no runtime after all. */
int cpython_walk(struct walk *d);

#endif
