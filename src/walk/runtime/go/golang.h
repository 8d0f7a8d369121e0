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

/* A struct that a program has type information about. */
struct go_struct {
	const char *first;         /* a field: the length of its name as a byte, then the name */
	uint16_t first_offset;     /* of that field */
	const char *const *fields; /* that one or later ones; at most 32 */
	size_t n_fields;
};

/*
 * Finds a struct in the type information of the program, file `file`, and the offsets of all its
 * fields in the list. Returns false if not.
 */
bool golang_find_struct(struct images *im, uint32_t file, const struct go_struct *what,
			uint16_t *ret_offsets);

/* Tells whether n words at list are the list that is looked for. */
typedef bool go_list_fn(struct memsrc *m, const void *arg, uint64_t list, uint64_t n);

/* Finds the longest such list in the writable data of the program. Returns false if there is none. */
bool golang_find_list(struct walk *walk, uint32_t file, go_list_fn *is_list, const void *arg,
		      uint64_t *ret_list, uint64_t *ret_n);

/*
 * Counts goroutines in the list of all of them, those of the runtime included. Amounts are absent
 * if the list was not found or not read as a whole.
 */
void golang_count(struct images *im, uint32_t file, struct walk_tasks *ret);

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

/*
 * Calls add with the address of each arena in a table, in ascending order. Returns false at the
 * first word that is not a record: then it is no table.
 */
bool golang_each_arena(struct memsrc *m, uint64_t table, void (*add)(void *arg, uint64_t arena),
		       void *arg);

extern const struct runtime_walker golang_walker;

#endif
