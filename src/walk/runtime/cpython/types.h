/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of a Python process: whether a word points to one, and what it says of its objects. */
#ifndef WALK_RUNTIME_CPYTHON_TYPES_H
#define WALK_RUNTIME_CPYTHON_TYPES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/index.h"
#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/core/addrmap.h"
#include "walk/runtime/cpython/layout.h"

/* How the size of an object is found; subclasses are of the kind of their base. */
enum py_kind {
	PY_FIXED, /* as its type says, with or without items of one size */
	PY_INT,
	PY_STR,
	PY_BYTES,
	PY_TUPLE,
	PY_LIST,
	PY_DICT,
	PY_ODICT,
	PY_SET,
	PY_TYPE_OBJECT,
	PY_BYTEARRAY,
	PY_GENERATOR,
	PY_FRAME,
	PY_DEQUE,
	PY_ARRAY,
	PY_NDARRAY,
	PY_STRINGIO,
	PY_BUFFERED,
	PY_MMAP,
	PY_MEMORYVIEW,
	PY_CTYPES,
	PY_KIND_COUNT
};

struct py_type {
	uint64_t addr;
	uint64_t flags; /* tp_flags */
	uint32_t basicsize, itemsize;
	uint8_t kind;   /* enum py_kind */
	uint8_t prefix; /* bytes in front of an object: the collector's and others */
	uint32_t row;   /* of the census: types of the same name share one */
};

/* A row of the census. */
struct py_row {
	const char *name; /* escaped (base/text.h), qualified by its module; of the arena */
	uint64_t count;
	uint64_t bytes;       /* as sys.getsizeof */
	uint64_t block_bytes; /* of the blocks of the objects themselves, without their buffers */
};

enum {
	PY_TYPES_MAX = 1 << 16, /* objects of further types are not counted */
	PY_TYPE_CACHE = 1 << 12,
};

struct py_types {
	struct memsrc *mem;
	const struct addrmap *map;
	const struct py_layout *layout;
	uint64_t metatype; /* PyType_Type */
	struct py_type *types;
	size_t n_types, cap_types;
	struct index by_addr;
	struct py_row *rows;
	size_t n_rows, cap_rows;
	struct index by_name;
	struct arena *arena; /* of names; not owned */
	bool full;           /* PY_TYPES_MAX was reached */
	/* Types and non-types by address, direct-mapped. */
	struct py_type_slot {
		uint64_t addr;
		uint32_t type; /* INDEX_NONE: no type is here */
	} cache[PY_TYPE_CACHE];
};

void py_types_init(struct py_types *t, struct memsrc *mem, const struct addrmap *map,
		   const struct py_layout *layout, uint64_t metatype, struct arena *arena);
void py_types_release(struct py_types *t);

/*
 * Returns the number of the type at addr, or INDEX_NONE. Reads the target if the address was not
 * looked up lately.
 */
uint32_t py_types_find_slow(struct py_types *t, uint64_t addr);

static inline uint32_t py_types_find(struct py_types *t, uint64_t addr)
{
	const struct py_type_slot *slot = &t->cache[(addr >> 4 ^ addr >> 14) % PY_TYPE_CACHE];

	/* Address 0 marks an empty slot: no type is that low. */
	return slot->addr == addr && addr ? slot->type : py_types_find_slow(t, addr);
}

#endif
