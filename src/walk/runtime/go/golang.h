/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap of Go. There is no table of versions here: the type information that the program has for
 * its collector, even when it is stripped, tells where the fields of a span are, and the list of
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

/* States of a span; a span in another state is not in use. */
enum { GO_SPAN_IN_USE = 1, GO_SPAN_MANUAL = 2 };

/* Offsets in runtime.mspan. */
struct go_layout {
	uint16_t start, npages, count, state, size;
	uint16_t bytes; /* bytes of a span up to the last of these fields */
};

/* The fields of a span that are read. */
struct go_span {
	uint64_t start, end;
	uint64_t elem_bytes;
	uint32_t count; /* allocated elements */
	uint8_t state;
};

/* Finds the layout in the type information of the program, file `file`. Returns false if not. */
bool golang_find_layout(struct images *im, uint32_t file, struct go_layout *ret);

/*
 * Reads a span. Returns 0, -EBADMSG if it is not one, or -ENOENT if it was never used: spans that a
 * processor has in reserve may never have been written to.
 */
int golang_read_span(struct memsrc *m, const struct go_layout *l, uint64_t addr,
		     struct go_span *ret);

/* Finds the list of all spans in the writable data of the program. Returns false if not. */
bool golang_find_spans(struct walk *walk, const struct go_layout *l, uint32_t file,
		       uint64_t *ret_list, uint64_t *ret_n);

/*
 * Finds the table from arenas to their heapArena records, which hold the bits of the collector and
 * the span of each page. addr is in an arena in use. Returns the address of the table, or 0.
 * Source: runtime/mheap.go (mheap.arenas), of amd64.
 */
uint64_t golang_find_arenas(struct walk *walk, uint32_t file, uint64_t addr);
/* Returns the address of the heapArena record for addr, or 0. */
uint64_t golang_arena_record(struct memsrc *m, uint64_t table, uint64_t addr);

extern const struct runtime_walker golang_walker;

#endif
