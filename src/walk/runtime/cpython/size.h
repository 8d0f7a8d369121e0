/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large an object is, and which memory besides its own block it owns.
 *
 * Every number comes from the target. An object that cannot be as large as it says is not one; a
 * buffer that does not lie in writable memory is left out (see py_span_check_fn).
 */
#ifndef WALK_RUNTIME_CPYTHON_SIZE_H
#define WALK_RUNTIME_CPYTHON_SIZE_H

#include <stdint.h>

#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/runtime/cpython/layout.h"
#include "walk/runtime/cpython/types.h"

enum { PY_SPANS_MAX = 3 };

struct py_object {
	uint64_t addr;
	const struct py_type *type;
	const uint8_t *bytes; /* of the object, as far as they were read */
	size_t n_bytes;
	uint64_t room; /* from addr to the end of its block or mapping */
};

struct py_span {
	uint64_t addr, len;
};

/* Blocks of equal size, each of which has the address of the next one. */
struct py_chain {
	uint64_t first, n;
	uint32_t bytes; /* of a block */
	uint32_t link;  /* offset of the address of the next */
};

struct py_sizes {
	uint64_t own;    /* bytes of the object at its address, without those in front */
	uint64_t bytes;  /* as sys.getsizeof, without the bytes in front, `keys` and `chain` */
	uint64_t length; /* items, characters or bytes */
	uint64_t keys;   /* a dict's table of keys, still to be read; 0: none */
	uint64_t values; /* of a dict that has them apart from the keys; 0: none */
	bool has_length;
	bool is_view;     /* the spans belong to another object, and are not in `bytes` */
	bool keys_always; /* it counts even if others share it */
	bool has_chain, has_hidden;
	uint8_t n_spans;

	/* Undefined where the fields above say that there is none. */
	struct py_span spans[PY_SPANS_MAX]; /* of buffers, in `bytes` unless is_view */
	struct py_chain chain;              /* not in `bytes`, still to be read */
	struct py_span hidden;              /* memory that it owns and sys.getsizeof leaves out */
};

struct py_sizer {
	struct memsrc *mem;
	const struct addrmap *map;
	const struct py_layout *layout;
	uint64_t code, code_slots; /* the last code object asked for its slots */
	uint64_t descriptor;       /* the last one of an array, and its bytes of an item */
	uint32_t item_bytes;
	uint64_t torn;             /* buffers that were left out */
	const struct mem_map *run; /* the last mapping a buffer was found in */
	uint64_t run_end;          /* end of the writable mappings that adjoin it */
};

void py_sizer_init(struct py_sizer *s, struct memsrc *mem, const struct addrmap *map,
		   const struct py_layout *layout);

/*
 * Reads the sizes of an object. Returns false if it does not fit its type, and leaves *z undefined.
 */
bool py_sizes_read(struct py_sizer *s, const struct py_object *o, struct py_sizes *z);

/*
 * Tells whether an object can own [addr, addr + len): it is writable to its end, and small if it is
 * in a pool. Without this check a torn length gives totals of hundreds of terabytes.
 */
bool py_span_is_sane(struct py_sizer *s, uint64_t addr, uint64_t len);

#endif
