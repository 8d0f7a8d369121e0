/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kind of each page of an address space. It is looked up in two loads, because walkers look up
 * every word that may be a pointer.
 */
#ifndef WALK_CORE_ADDRMAP_H
#define WALK_CORE_ADDRMAP_H

#include <stdint.h>

#include "base/util.h"

enum addr_kind {
	ADDR_NONE,  /* not memory that a walker follows pointers into */
	ADDR_RW,    /* writable memory without a file */
	ADDR_DATA,  /* writable data of a program or library, its .bss included */
	ADDR_POOLS, /* of a runtime's own allocator */
};

enum {
	ADDRMAP_PAGE_SHIFT = 12,
	ADDRMAP_LEAF_SHIFT = 32, /* a leaf has a byte for each page of 4 GiB */
	ADDRMAP_TOP = 1 << 15,   /* user space of x86-64 with 4-level tables: 2^47 bytes */
	ADDRMAP_LEAVES_MAX = 128,
};

struct addrmap {
	uint8_t *leaf[ADDRMAP_TOP]; /* owned; NULL: all pages are of `whole` */
	uint8_t whole[ADDRMAP_TOP];
	size_t n_leaves;
	bool full; /* there were too many leaves for ADDRMAP_LEAVES_MAX: some pages were left out */
};

/* Returns a new map in which all pages are ADDR_NONE. The caller frees it. */
struct addrmap *addrmap_new(void);
void addrmap_free(struct addrmap *m);

/* Sets the kind of the pages that [start, end) touches. */
void addrmap_mark(struct addrmap *m, uint64_t start, uint64_t end, enum addr_kind kind);

/* Returns the kind of the page that holds addr. */
static inline enum addr_kind addrmap_kind(const struct addrmap *m, uint64_t addr)
{
	uint64_t top = addr >> ADDRMAP_LEAF_SHIFT;

	if (top >= ADDRMAP_TOP)
		return ADDR_NONE;
	return m->leaf[top] ? m->leaf[top][(uint32_t)addr >> ADDRMAP_PAGE_SHIFT] : m->whole[top];
}

#endif
