/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools of interpreters whose table of arenas is not among the data of a module.
 */
#include "walk/runtime/cpython/pymalloc.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	ORPHANS_MAX = 1 << 20,
	LOOK_PIECE = 8 << 20, /* bytes that are skipped if none of them is resident */
	LOOKS_PER_ARENA = 8,
	TRIES_MAX = 256,
	LINKS_MAX = 1 << 16,     /* followed from a pool to the head of its list */
	STATE_BEFORE = 1024,     /* most bytes from the first head to any head */
	STATE_BEHIND = 16 << 10, /* most bytes from a head to the pointer to the table */
	NEXT_POOL = 16,          /* offset in struct pool_header */
};

/* More is not searched: a mapping may reserve most of the address space. */
#define LOOK_MAX (UINT64_C(1) << 40)

struct pymalloc_orphan {
	uint64_t addr;
	uint32_t arenaindex;
	bool is_linked; /* partly used, so on a list */
};

static void add_orphan(struct pymalloc *pm, uint64_t addr, const struct pymalloc_header *h)
{
	uint32_t size = (h->szidx + 1) * PYMALLOC_ALIGN;

	if (pm->n_orphans == ORPHANS_MAX)
		return;
	pm->orphans = xgrow(pm->orphans, pm->n_orphans, &pm->cap_orphans, sizeof(*pm->orphans));
	pm->orphans[pm->n_orphans++] = (struct pymalloc_orphan){
		.addr = addr,
		.arenaindex = h->arenaindex,
		.is_linked = h->count < (pm->pool_bytes - PYMALLOC_POOL_HEADER) / size,
	};
}

static bool read_pool(struct pymalloc *pm, uint64_t addr, struct pymalloc_header *ret,
		      uint64_t *ret_next)
{
	uint8_t bytes[PYMALLOC_POOL_HEADER];

	if (!memsrc_peek(pm->mem, addr, bytes, sizeof(bytes)) ||
	    !pymalloc_header_decode(bytes, addr, pm->pool_bytes, ret))
		return false;
	memcpy(ret_next, bytes + NEXT_POOL, sizeof(*ret_next));
	return true;
}

/* Checks the places of [start, end) where a pool may begin, `step` bytes apart. */
static void look(struct pymalloc *pm, uint64_t start, uint64_t end, uint64_t step)
{
	struct mem_presence there;
	struct pymalloc_header h;
	uint64_t next;

	for (uint64_t at = start; at < end && !memsrc_is_over(pm->mem);) {
		uint64_t stop = MIN(end, (at | (LOOK_PIECE - 1)) + 1);

		if (memsrc_presence(pm->mem, at, stop, &there) && !there.resident_bytes) {
			at = stop;
			continue;
		}
		at = (at + step - 1) / step * step;
		for (; at + pm->pool_bytes <= stop; at += step) {
			if (addrmap_kind(pm->map, at) == ADDR_RW && read_pool(pm, at, &h, &next))
				add_orphan(pm, at, &h);
		}
		at = stop;
	}
}

/* Returns where memory begins, at or behind addr, that is neither a pool nor known otherwise. */
static uint64_t skip_known(const struct pymalloc *pm, uint64_t addr, uint64_t end)
{
	while (addr < end && addrmap_kind(pm->map, addr) != ADDR_RW)
		addr += pm->mem->page_bytes;
	return addr;
}

static uint64_t skip_unknown(const struct pymalloc *pm, uint64_t addr, uint64_t end)
{
	while (addr < end && addrmap_kind(pm->map, addr) == ADDR_RW)
		addr += pm->mem->page_bytes;
	return addr;
}

/* Searches all memory that may contain an arena. Arenas have mappings, which may adjoin others. */
static void look_everywhere(struct pymalloc *pm, uint64_t step)
{
	uint64_t looked = 0;

	pm->n_orphans = 0;
	for (size_t i = 0; i < pm->mem->n_maps && looked < LOOK_MAX; i++) {
		const struct mem_map *map = &pm->mem->maps[i];

		if (!(map->perms & VMA_WRITE) || map->kind != MEM_ANON)
			continue;
		for (uint64_t at = map->start, end; at < map->end; at = end) {
			at = skip_known(pm, at, map->end);
			end = skip_unknown(pm, at, map->end);
			if (end - at >= pm->arena_bytes)
				look(pm, at, end, step);
		}
		looked += map->end - map->start;
	}
}

/*
 * A partly used pool is on a ring with the state of its allocator, which has the pointer to the
 * table of arenas. So the first link that does not lead to a pool leads to the state.
 */
static void find_by_links(struct pymalloc *pm, uint64_t addr)
{
	struct pymalloc_header h;
	uint64_t next = addr;

	for (int i = 0; i < LINKS_MAX && read_pool(pm, addr, &h, &next); i++) {
		addr = next;
		if (addr % pm->pool_bytes)
			break;
	}
	if (addrmap_kind(pm->map, addr) == ADDR_RW)
		pymalloc_find(pm, addr - STATE_BEFORE, addr + STATE_BEHIND);
}

/* Makes arenas of the pools that are left, as far as they reach. */
static void group(struct pymalloc *pm)
{
	for (size_t i = 0, k; i < pm->n_orphans; i = k) {
		const struct pymalloc_orphan *first = &pm->orphans[i];

		for (k = i + 1; k < pm->n_orphans; k++) {
			if (pm->orphans[k].arenaindex != first->arenaindex ||
			    pm->orphans[k].addr - first->addr >= pm->arena_bytes)
				break;
		}
		if (addrmap_kind(pm->map, first->addr) != ADDR_RW)
			continue;
		pymalloc_add_arena(pm,
				   &(struct pymalloc_arena){
					   .start = first->addr,
					   .pool_next = pm->orphans[k - 1].addr + pm->pool_bytes,
					   .is_orphan = true,
				   });
		pm->stats.orphan_pools += k - i;
	}
}

static void follow_links(struct pymalloc *pm)
{
	size_t tries = 0;

	for (size_t i = 0; i < pm->n_orphans && tries < TRIES_MAX && !memsrc_is_over(pm->mem);
	     i++) {
		if (!pm->orphans[i].is_linked ||
		    addrmap_kind(pm->map, pm->orphans[i].addr) != ADDR_RW)
			continue;
		find_by_links(pm, pm->orphans[i].addr);
		tries++;
	}
}

/* Tells whether a pool that was found is in no arena yet. */
static bool any_left(const struct pymalloc *pm)
{
	for (size_t i = 0; i < pm->n_orphans; i++) {
		if (addrmap_kind(pm->map, pm->orphans[i].addr) == ADDR_RW)
			return true;
	}
	return false;
}

/*
 * An arena is filled from its beginning, and all arenas but the last of an interpreter were full
 * once: a few looks at each find them. Every pool is looked for only if one is found that no table
 * has.
 */
void pymalloc_find_orphans(struct pymalloc *pm)
{
	if (pm->n_arenas) {
		look_everywhere(pm, pm->arena_bytes / LOOKS_PER_ARENA);
		follow_links(pm);
	}
	if (pm->n_arenas && !any_left(pm))
		return;
	look_everywhere(pm, pm->pool_bytes);
	follow_links(pm);
	group(pm);
	pymalloc_sort_arenas(pm);
}
