/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the default builds of CPython keep things: one row a version, x86-64.
 *
 * What the rows do not hold is the same from 3.8 to 3.14. Sources: the headers of each release, and
 * the debugging information of builds of them. A build without the global lock (3.13t) and one with
 * Py_TRACE_REFS have other objects, and no row.
 */
#ifndef WALK_RUNTIME_CPYTHON_LAYOUT_H
#define WALK_RUNTIME_CPYTHON_LAYOUT_H

#include <stdint.h>

#include "base/util.h"

/* Forms of the reference count of a live object. */
enum py_refcount {
	PY_REFCOUNT_31,      /* 1 .. 2^31 */
	PY_REFCOUNT_32,      /* 1 .. 2^32 - 1: immortal ones have the highest */
	PY_REFCOUNT_FLAGGED, /* 32 bits that are not 0, 16 that are, 16 flags */
};

struct py_layout {
	unsigned int minor; /* of 3.minor */
	uint32_t arena_bytes, pool_bytes;
	bool own_arenas;       /* interpreters may have an allocator each */
	uint64_t prefix_flags; /* of a type: two more words in front of its objects */
	enum py_refcount refcount;
	uint32_t static_refs; /* least references of objects of the program; 0: not counted */
	bool frame_stack;     /* frames of functions are on stacks of their own */
	uint16_t str_ascii, str_compact, str_object; /* header bytes of the three kinds of str */
	bool str_wchar;                              /* str may have a copy in wchar_t */
	bool int_tagged; /* the number of digits is lv_tag >> 3, else abs(ob_size) */
	bool keys_log2;  /* sizes of a dict's keys are logarithms, and it may have short entries */
	uint8_t int_digits_min; /* counted of any int */
	/*
	 * Since 3.11 the size of a generator and of a frame depends on its code: where a generator
	 * points at it (0: before), where a frame object points at its data and that at the code,
	 * and where the code has co_nlocalsplus and co_stacksize, 32 bits each.
	 */
	uint16_t gen_code;
	uint16_t frame_data, frame_code;
	uint16_t code_slots, code_stack;
	uint16_t tuple_items;
	uint16_t heap_type, heap_type_keys; /* size of a heap type; its ht_cached_keys */
};

/* The same in all versions. */
enum {
	PY_REFCNT = 0,
	PY_TYPE = 8,
	PY_SIZE = 16,
	PY_GC_HEAD = 16,
	PY_PREFIX = 16,

	TP_NAME = 24,
	TP_BASICSIZE = 32,
	TP_ITEMSIZE = 40,
	TP_FLAGS = 168,
	TP_BASE = 256,
	TP_DICT = 264,
	TP_READ_BYTES = 272, /* bytes of a type that are read */

	LIST_ITEMS = 24,
	LIST_ALLOCATED = 32,
	BYTES_DATA = 32,
	STR_LENGTH = 16,
	STR_STATE = 32,
	INT_TAG = 16,
	INT_DIGITS = 24,
	DICT_USED = 16,
	DICT_KEYS = 32,
	DICT_VALUES = 40,
	DICT_BYTES = 48,
	SET_USED = 24,
	SET_MASK = 32,
	SET_TABLE = 40,
	SET_SMALL = 64,
	BYTEARRAY_ALLOC = 24,
	BYTEARRAY_BYTES = 32,
};

#define TPF_HEAPTYPE (UINT64_C(1) << 9)
#define TPF_READY (UINT64_C(1) << 12)
#define TPF_GC (UINT64_C(1) << 14)
#define TPF_INT (UINT64_C(1) << 24)
#define TPF_LIST (UINT64_C(1) << 25)
#define TPF_TUPLE (UINT64_C(1) << 26)
#define TPF_BYTES (UINT64_C(1) << 27)
#define TPF_STR (UINT64_C(1) << 28)
#define TPF_DICT (UINT64_C(1) << 29)
#define TPF_TYPE (UINT64_C(1) << 31)

/* Returns the row for 3.minor, or NULL. */
const struct py_layout *py_layout_find(unsigned int major, unsigned int minor);

/* Tells whether a word may be the reference count of a live object. */
static inline bool py_refcount_is_live(const struct py_layout *l, uint64_t word)
{
	switch (l->refcount) {
	case PY_REFCOUNT_31:
		return word - 1 < UINT64_C(1) << 31;
	case PY_REFCOUNT_32:
		return word - 1 < UINT32_MAX;
	case PY_REFCOUNT_FLAGGED:
		return (uint32_t)word && !(word >> 32 & 0xffff);
	}
	return false;
}

#endif
