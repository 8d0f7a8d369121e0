/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the arenas keep their chunks: the main one from brk(2), the others in heaps of 64 MiB.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	FOREIGN_CHAIN = 24, /* chunks behind the memory of another user of brk(2) */
	HEAPS_MAX = 1 << 16,
};

/*
 * Finds where the main arena goes on behind a fencepost, if another user of brk(2) took memory in
 * between.
 */
static bool find_continuation(struct glibc *g, struct glibc_segment *seg, uint64_t end)
{
	struct glibc_segment next = { .base = end,
				      .limit = glibc_run_end(g->walk->mem, end),
				      .arena = 0 };

	next.start = end; /* so that top is recognised, wherever it is behind this */
	if (end >= next.limit ||
	    !glibc_find_chain(g, &next, end, next.limit, FOREIGN_CHAIN, &next.start))
		return false;
	g->account.arenas[0].sums.foreign_bytes += next.start - next.base;
	*seg = next;
	return true;
}

static void walk_main(struct glibc *g)
{
	const struct mem_map *map = memsrc_map(g->walk->mem, g->arenas[0].top);
	struct glibc_segment seg = { .base = g->sbrk_base };
	uint64_t end;

	if (!g->arenas[0].system_mem)
		return;
	if (!seg.base && map && map->kind == MEM_HEAP)
		seg.base = map->start;
	if (!seg.base)
		return;
	seg.start = (seg.base + GLIBC_HEAD - 1) & ~(uint64_t)(GLIBC_HEAD - 1);
	seg.limit = glibc_run_end(g->walk->mem, seg.base);
	do {
		if (glibc_walk_segment(g, &seg, &end) || end <= seg.start)
			return;
	} while (g->arenas[0].covered_bytes < g->arenas[0].system_mem &&
		 find_continuation(g, &seg, end));
}

static void walk_heap(struct glibc *g, struct glibc_arena *a, uint64_t addr,
		      const struct glibc_heap *info)
{
	struct glibc_segment seg = {
		.base = addr,
		.start = addr + g->heap_info_bytes,
		.limit = MIN(addr + info->size, glibc_run_end(g->walk->mem, addr)),
		.arena = (uint32_t)(a - g->arenas),
	};
	uint64_t end;

	if (a->addr == seg.start)
		seg.start += g->layout->size;
	seg.start = (seg.start + GLIBC_HEAD - 1) & ~(uint64_t)(GLIBC_HEAD - 1);
	if (seg.start >= seg.limit || glibc_walk_segment(g, &seg, &end))
		return;
	/* A few bytes are left behind the fenceposts. */
	if (end < seg.limit) {
		a->covered_bytes += seg.limit - end;
		g->account.arenas[seg.arena].sums.overhead_bytes += seg.limit - end;
	}
}

/* Neighbouring heaps merge into one mapping, so each multiple of their size may begin one. */
static void walk_thread_heaps(struct glibc *g)
{
	uint64_t at = 0;

	for (size_t tried = 0; tried < HEAPS_MAX && !memsrc_is_over(g->walk->mem);) {
		const struct mem_map *map = memsrc_map_from(g->walk->mem, at);
		struct glibc_arena *a;
		struct glibc_heap info;

		if (!map)
			return;
		at = (MAX(at, map->start) + g->heap_max - 1) & ~(g->heap_max - 1);
		if (at >= map->end || map->kind != MEM_ANON || !(map->perms & VMA_WRITE)) {
			at = MAX(at, map->end);
			continue;
		}
		tried++;
		a = glibc_read_heap(g, at, &info);
		if (a)
			walk_heap(g, a, at, &info);
		at += g->heap_max;
	}
}

static int compare_segments(const void *a, const void *b)
{
	const struct glibc_segment *x = a, *y = b;

	return (x->base > y->base) - (x->base < y->base);
}

void glibc_sort_segments(struct glibc *g)
{
	if (g->n_segments)
		qsort(g->segments, g->n_segments, sizeof(*g->segments), compare_segments);
}

void glibc_walk_heaps(struct glibc *g)
{
	walk_main(g);
	if (g->n_arenas > 1)
		walk_thread_heaps(g);
	glibc_sort_segments(g);
}
