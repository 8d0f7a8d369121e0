/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds how far a segment reaches now: heaps grow while they are walked.
 */
#include "proc/smaps.h"
#include "walk/alloc/glibc/glibc_impl.h"

uint64_t glibc_run_end(const struct memsrc *m, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(m, addr), *end = m->maps + m->n_maps;
	uint64_t at = addr;

	for (; map && map < end && (map->start <= addr || map->start == at); map++) {
		if ((map->kind != MEM_ANON && map->kind != MEM_HEAP) ||
		    (map->perms & (VMA_READ | VMA_WRITE)) != (VMA_READ | VMA_WRITE))
			break;
		at = map->end;
	}
	return at;
}

struct glibc_arena *glibc_read_heap(struct glibc *g, uint64_t addr, struct glibc_heap *ret)
{
	if (!memsrc_peek(g->walk->mem, addr, ret, sizeof(*ret)) ||
	    ret->size % g->walk->mem->page_bytes || ret->size == 0 || ret->size > g->heap_max)
		return NULL;
	for (size_t i = 1; i < g->n_arenas; i++) {
		if (g->arenas[i].addr == ret->ar_ptr)
			return &g->arenas[i];
	}
	return NULL;
}

uint64_t glibc_segment_limit(struct glibc *g, const struct glibc_segment *seg)
{
	struct glibc_heap info;

	if (memsrc_refresh(g->walk->mem) < 0)
		return seg->limit;
	if (g->arenas[seg->arena].main)
		return glibc_run_end(g->walk->mem, seg->start);
	return glibc_read_heap(g, seg->base, &info)
		       ? MIN(seg->base + info.size, glibc_run_end(g->walk->mem, seg->base))
		       : seg->limit;
}
