/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jemalloc, read from outside without symbols. A radix tree in its .bss leads from each page to the
 * record of the extent that the page is in: a slab of small blocks, one large block, or free pages.
 * 64-bit little-endian, pages of 4 KiB, 48 bits of address; releases of jemalloc_layouts.
 *
 * Sources: jemalloc rtree.h, edata.h (extent_structs.h before 5.3), sc.h, base.h, tcache_structs.h.
 */
#ifndef WALK_ALLOC_JEMALLOC_JEMALLOC_H
#define WALK_ALLOC_JEMALLOC_JEMALLOC_H

#include "walk/alloc/allocator_walk.h"

/* A bit field in the first word of the record of an extent. */
struct jemalloc_bits {
	uint8_t shift, width;
};

struct jemalloc_layout {
	const char *releases;
	struct jemalloc_bits state, szind, nfree;
	enum { TCACHES_5_3, TCACHES_5_1, TCACHES_UNREAD } tcaches; /* unread: they count as live */
};

enum {
	JEMALLOC_PAGE_SHIFT = 12,
	JEMALLOC_LEAF_SHIFT = 30, /* a leaf covers 1 GiB */
	JEMALLOC_SLOTS = 1 << 18, /* of the root, and of a leaf */
	JEMALLOC_EDATA_BYTES = 128,
	JEMALLOC_SLAB_MAX = 512, /* blocks of a slab */
	JEMALLOC_ARENAS = 4095,  /* at most */
	JEMALLOC_HUGE = 2 << 20, /* alignment of mappings for its own data */
};

enum jemalloc_state { JE_ACTIVE, JE_DIRTY, JE_MUZZY, JE_RETAINED };

/* The record of an extent, without the list links. */
struct jemalloc_edata {
	uint64_t start, end; /* whole pages */
	uint64_t addr;       /* of a large block: it may begin behind start */
	uint16_t arena;
	uint8_t szind;
	uint8_t state; /* enum jemalloc_state */
	uint16_t nfree;
	bool slab;
	uint64_t free_bits[JEMALLOC_SLAB_MAX / 64]; /* of a slab: bit i, block i is free */
};

/* A record as the tree refers to it, from the first to the last page. */
struct jemalloc_ref {
	uint64_t edata;
	uint64_t first, last; /* addresses of pages */
};

struct jemalloc_leaf {
	uint64_t addr;
	uint64_t about; /* address of the memory that its first element covers */
};

/* A mapping with data of jemalloc itself: records, leaves, arenas. */
struct jemalloc_base {
	uint64_t start, end;
	uint64_t state; /* where the state of its arena begins; 0: not in this one */
	uint16_t arena;
};

struct jemalloc {
	struct walk *walk;
	uint32_t file; /* index into the snapshot's files */
	const struct jemalloc_layout *layout;
	uint64_t root;             /* address */
	uint8_t lg_quantum;        /* 4, or 3 in builds that have more small classes */
	struct jemalloc_ref *refs; /* ascending by pages; owned */
	size_t n_refs, cap_refs;
	struct jemalloc_base *bases; /* owned */
	size_t n_bases, cap_bases;
	struct jemalloc_leaf *leaves; /* ascending; owned */
	size_t n_leaves, cap_leaves;
	uint64_t *cached; /* blocks in tcaches, ascending; owned */
	size_t n_cached, cap_cached;
	bool cut; /* the tree is larger than what was read of it */
};

extern const struct jemalloc_layout jemalloc_layouts[];
extern const size_t jemalloc_n_layouts;

/* Returns the bytes of a size class; 0: there is no such class. */
uint64_t jemalloc_class_bytes(unsigned int szind, unsigned int lg_quantum);

/* Returns the address of the record that an element of a leaf refers to, or 0. */
static inline uint64_t jemalloc_edata_of(uint64_t element)
{
	return element & ((UINT64_C(1) << 47) - 64);
}

/* Parses the first words of a record. Returns false if they are not a record of this layout. */
bool jemalloc_edata_parse(const struct jemalloc_layout *l,
			  const uint64_t words[JEMALLOC_EDATA_BYTES / 8],
			  struct jemalloc_edata *ret);

/*
 * Finds the tree of the first jemalloc, and the layout of its records. Returns 0, -ENOENT if there
 * is no tree, or -ENOTSUP if the layout of its records is not known and the module that may have it
 * holds jemalloc's messages.
 */
int jemalloc_find(struct walk *walk, struct jemalloc *ret);
void jemalloc_release(struct jemalloc *j);

/* Reads the tree: fills refs, each record once. */
void jemalloc_read_tree(struct jemalloc *j);
/* Finds the mappings with data of jemalloc itself, by records and leaves: fills bases. */
void jemalloc_find_bases(struct jemalloc *j);
/* Finds the blocks in tcaches, from the arenas in bases: fills cached. */
void jemalloc_read_tcaches(struct jemalloc *j);

extern const struct allocator_walker jemalloc_walker;

#endif
