/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap of Go. There is no table of versions here: where the fields of a span are is told by the
 * type information that the program itself has for its collector, stripped or not, and the list of
 * all spans is found by what its members must be.
 *
 * Source: Go runtime/mheap.go (mspan, allspans), internal/abi/type.go (names and struct fields).
 */
#ifndef WALK_RUNTIME_GO_GOLANG_H
#define WALK_RUNTIME_GO_GOLANG_H

#include "walk/core/runtime_walk.h"
#include "walk/image/images.h"

enum {
	GO_PAGE = 8192,
	GO_ARENA_SHIFT = 26, /* heapArenaBytes, of 64-bit Linux */
	GO_SPAN_BYTES_MAX = 512,
};

/* States of a span; what is neither is not in use. */
enum { GO_SPAN_IN_USE = 1, GO_SPAN_MANUAL = 2 };

/* Offsets in runtime.mspan. */
struct go_layout {
	uint16_t start, npages, count, state, size;
	uint16_t bytes; /* that hold all of these */
};

/* What of a span matters. */
struct go_span {
	uint64_t start, end;
	uint64_t elem_bytes;
	uint32_t count; /* of elements that are allocated */
	uint8_t state;
};

/* Reads the layout from the type information of the program, which is file `file`. */
bool golang_find_layout(struct images *im, uint32_t file, struct go_layout *ret);

/*
 * A span as it is now. 0, -EBADMSG if it is none, or -ENOENT if it was never used: those that a
 * processor keeps ready need not have been written to.
 */
int golang_read_span(struct memsrc *m, const struct go_layout *l, uint64_t addr,
		     struct go_span *ret);

/* Finds the list of all spans in the writable data of the program. */
bool golang_find_spans(struct walk *d, const struct go_layout *l, uint32_t file, uint64_t *ret_list,
		       uint64_t *ret_n);

/*
 * Finds in the writable data of the program the table that leads from each arena to what the runtime
 * has of it: the bits of its collector, and the span of each page. addr is in an arena in use. 0:
 * not found. Source: runtime/mheap.go (mheap.arenas), of amd64.
 */
uint64_t golang_find_arenas(struct walk *d, uint32_t file, uint64_t addr);
/* Where that is of the arena of addr, or 0. */
uint64_t golang_arena_record(struct memsrc *m, uint64_t table, uint64_t addr);

extern const struct runtime_walker golang_walker;

#endif
