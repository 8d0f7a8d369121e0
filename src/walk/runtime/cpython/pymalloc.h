/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pymalloc, the allocator of CPython for blocks up to 512 bytes: arenas of pools of equal blocks.
 *
 * Arenas are found by the shape of the table that holds them, without a symbol. Sub-interpreters
 * with an allocator of their own have such a table in memory from malloc; where that is not found
 * either, their pools are found one by one.
 * Source: Objects/obmalloc.c; struct arena_object, struct pool_header.
 */
#ifndef WALK_RUNTIME_CPYTHON_PYMALLOC_H
#define WALK_RUNTIME_CPYTHON_PYMALLOC_H

#include <stdint.h>

#include "base/util.h"
#include "proc/memsrc.h"
#include "walk/core/addrmap.h"
#include "walk/core/walk.h"

enum {
	PYMALLOC_ALIGN = 16,
	PYMALLOC_CLASSES = 32,
	PYMALLOC_BLOCK_MAX = PYMALLOC_ALIGN * PYMALLOC_CLASSES,
	PYMALLOC_POOL_HEADER = 48,
	PYMALLOC_POOL_MAX = 16 << 10,
	PYMALLOC_POOL_BLOCKS = PYMALLOC_POOL_MAX / PYMALLOC_ALIGN,
	PYMALLOC_ARENAS_MAX = 1 << 20,
};

struct pymalloc_arena {
	uint64_t start;      /* page-aligned, but not to its own size */
	uint64_t pool_next;  /* the first pool that was never used, or the end of the last */
	uint32_t free_pools; /* as the table says, pools that were never used included */
	bool is_orphan;      /* made of pools that no table has; its bounds are not known */
};

struct pymalloc_class {
	uint64_t pools; /* with at least one live block */
	uint64_t live_blocks, free_blocks;
};

/* What the arenas add up to. Blocks are counted by the headers of pools. */
struct pymalloc_stats {
	uint64_t arenas;
	/*
	 * system: the arenas; free: free blocks in pools that are in use, and pools that are empty,
	 * which are idle as well; top: pools that were never used; overhead: headers of pools, and
	 * what is left over in pools and arenas.
	 */
	struct walk_heap total;
	uint64_t packed_bytes; /* of arenas that would do if live blocks were side by side */
	uint64_t orphan_pools; /* found without an arena, and counted as arenas of their own */
	uint64_t torn_pools;   /* their header, free list or count did not hold */
	uint64_t unread_bytes; /* in swap, or gone between two looks */
	struct pymalloc_class classes[PYMALLOC_CLASSES];
};

/* The header of a pool, struct pool_header, without its links. */
struct pymalloc_header {
	uint32_t count; /* live blocks */
	uint64_t freeblock;
	uint32_t arenaindex, szidx, nextoffset;
};

/* Parses the header of the pool at addr. Returns false if it is not one. */
bool pymalloc_header_decode(const uint8_t bytes[PYMALLOC_POOL_HEADER], uint64_t addr,
			    uint32_t pool_bytes, struct pymalloc_header *ret);

/* A pool in use. */
struct pymalloc_pool {
	uint64_t addr;
	const uint8_t
		*bytes; /* up to the end of the last block that was ever used, see the visitor */
	uint32_t block_bytes;
	uint32_t n_blocks;    /* ever used; the first is behind the header */
	uint32_t n_free;      /* of these, on the free list */
	const uint64_t *free; /* a bit for each of these: it is free */
	uint32_t pool_bytes;
};

static inline bool pymalloc_is_free(const struct pymalloc_pool *p, uint32_t block)
{
	return p->free[block / 64] >> block % 64 & 1;
}

struct pymalloc_orphan;

struct pymalloc {
	struct memsrc *mem;
	struct addrmap *map; /* arenas that are found are marked in it */
	uint32_t arena_bytes, pool_bytes;
	struct pymalloc_arena *arenas; /* ascending; owned */
	size_t n_arenas, cap_arenas;
	struct pymalloc_orphan *orphans; /* ascending; owned */
	size_t n_orphans, cap_orphans;
	struct pymalloc_stats stats;
	uint8_t *pool; /* room for the bytes of one; owned */
	uint64_t free[PYMALLOC_POOL_BLOCKS / 64];
};

void pymalloc_init(struct pymalloc *pm, struct memsrc *mem, struct addrmap *map,
		   uint32_t arena_bytes, uint32_t pool_bytes);
void pymalloc_release(struct pymalloc *pm);

/* Finds the arenas whose table a word of [start, end), data of the runtime's module, points to. */
void pymalloc_find(struct pymalloc *pm, uint64_t start, uint64_t end);
/* Looks everywhere else for pools, for runtimes that have more than one table of arenas. */
void pymalloc_find_orphans(struct pymalloc *pm);

/* Add an arena and mark it, and sort the arenas: for the files that find them. */
void pymalloc_add_arena(struct pymalloc *pm, const struct pymalloc_arena *arena);
void pymalloc_sort_arenas(struct pymalloc *pm);

/* The parts of an arena that are not pools in use, in ascending order. */
enum pymalloc_part {
	PYMALLOC_FREE_POOL,
	PYMALLOC_UNTOUCHED,
	PYMALLOC_OVERHEAD, /* at its ends */
};

/*
 * Called for each piece of an arena. The bytes of a pool are valid until something is read by
 * another function than memsrc_peek.
 */
struct pymalloc_visitor {
	void (*pool)(void *arg, const struct pymalloc_pool *pool);
	void (*part)(void *arg, enum pymalloc_part part, uint64_t start, uint64_t end);
	void (*arena)(void *arg, const struct pymalloc_arena *arena); /* after all of its parts */
	void *arg;
};

/* Walks all arenas, once: fills the statistics, and shows each piece to the visitor. */
void pymalloc_walk(struct pymalloc *pm, const struct pymalloc_visitor *v);

#endif
