/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The largest objects of a process, each with the memory that it is made of.
 */
#ifndef WALK_RUNTIME_CPYTHON_LARGE_H
#define WALK_RUNTIME_CPYTHON_LARGE_H

#include <stdint.h>

#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/runtime/cpython/size.h"

enum { PY_LARGE_MAX = 256 }; /* objects that are kept, the largest of all */

struct py_large {
	uint64_t addr;
	uint32_t type;  /* number of its type */
	uint64_t bytes; /* as sys.getsizeof; of a view, the memory that it shows */
	uint64_t length;
	bool has_length;
	bool is_view;                           /* the memory belongs to something else */
	struct py_span spans[PY_SPANS_MAX + 1]; /* the object itself first, unless it is a view */
	size_t n_spans;
};

struct py_large_set {
	uint64_t least;     /* bytes of an object that is large */
	struct py_large *v; /* a heap, the smallest first; owned */
	size_t n, cap;
};

void py_large_init(struct py_large_set *set, uint64_t least);
void py_large_release(struct py_large_set *set);

/* Adds an object of this many bytes; views that show less than `least` are left out. */
void py_large_add(struct py_large_set *set, uint64_t addr, uint32_t type, uint64_t bytes,
		  const struct py_sizes *z);
/* Adds an object that its table of keys makes large; its length is read from the target. */
void py_large_add_keys(struct py_large_set *set, struct memsrc *mem, uint64_t addr, uint32_t type,
		       uint64_t bytes, const struct py_span *keys);

/* Sorts the objects, the largest first. None may be added afterwards. */
void py_large_sort(struct py_large_set *set);

/* Returns the resident bytes of its spans. */
uint64_t py_large_resident(const struct py_large *large, struct memsrc *mem);

#endif
