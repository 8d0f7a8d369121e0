/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/pymalloc.h"

#include "base/alloc.h"

void pymalloc_init(struct pymalloc *pm, struct memsrc *mem, struct addrmap *map,
		   uint32_t arena_bytes, uint32_t pool_bytes)
{
	*pm = (struct pymalloc){
		.mem = mem, .map = map, .arena_bytes = arena_bytes, .pool_bytes = pool_bytes
	};
	pm->pool = xmalloc(pool_bytes);
}

void pymalloc_release(struct pymalloc *pm)
{
	free(pm->arenas);
	free(pm->orphans);
	free(pm->pool);
}

/*
 * Makes bits of the free list of a pool whose bytes were read. Each block is visited at most once,
 * so a list that was torn, or is a ring, ends. Returns false if the list does not hold.
 */
static bool read_free_list(struct pymalloc *pm, const struct pymalloc_header *h,
			   struct pymalloc_pool *p)
{
	uint64_t at = h->freeblock;

	memset(pm->free, 0, sizeof(pm->free));
	p->n_free = 0;
	while (at) {
		uint64_t offset = at - p->addr - PYMALLOC_POOL_HEADER;
		uint32_t block = (uint32_t)offset / p->block_bytes;

		if (offset >= pm->pool_bytes || offset % p->block_bytes || block >= p->n_blocks ||
		    pymalloc_is_free(p, block))
			return false;
		pm->free[block / 64] |= UINT64_C(1) << block % 64;
		p->n_free++;
		memcpy(&at, p->bytes + PYMALLOC_POOL_HEADER + offset, sizeof(at));
	}
	return p->n_blocks - p->n_free == h->count;
}

/* Counts a pool by its header, as sys._debugmallocstats does. */
static void count_pool(struct pymalloc *pm, const struct pymalloc_header *h)
{
	struct pymalloc_class *class = &pm->stats.classes[h->szidx];
	uint32_t size = (h->szidx + 1) * PYMALLOC_ALIGN;
	uint32_t blocks = (pm->pool_bytes - PYMALLOC_POOL_HEADER) / size,
		 n_free = blocks - h->count;
	struct walk_heap *total = &pm->stats.total;

	class->pools++;
	class->live_blocks += h->count;
	class->free_blocks += n_free;
	total->live_blocks += h->count;
	total->live_bytes += (uint64_t)h->count * size;
	total->free_blocks += n_free;
	total->free_bytes += (uint64_t)n_free * size;
	total->overhead_bytes += pm->pool_bytes - blocks * size;
}

/* Reads page by page: what was never written to has no memory yet, and is 0. */
static bool copy_pages(struct pymalloc *pm, uint64_t addr, uint32_t len)
{
	uint32_t page = (uint32_t)pm->mem->page_bytes, n;

	for (uint32_t at = 0; at < len; at += n) {
		n = MIN(len - at, page - (uint32_t)((addr + at) % page));
		if (memsrc_copy(pm->mem, addr + at, pm->pool + at, n))
			continue;
		if (pm->mem->why != MEM_NOT_PRESENT)
			return false;
		memset(pm->pool + at, 0, n);
	}
	return true;
}

/*
 * Returns the first bytes of a pool, in the memory source if they are there in one piece; NULL:
 * they cannot be read.
 */
static const uint8_t *read_pool(struct pymalloc *pm, uint64_t addr, uint32_t len)
{
	const struct memsrc *m = pm->mem;

	if (memsrc_at(pm->mem, addr, PYMALLOC_POOL_HEADER) &&
	    len <= m->window_len - (addr - m->window))
		return m->window_data + (addr - m->window);
	if (copy_pages(pm, addr, len))
		return pm->pool;
	pm->stats.unread_bytes += len;
	return NULL;
}

/* Shows a pool whose header holds. */
static void visit_pool(struct pymalloc *pm, uint64_t addr, const struct pymalloc_header *h,
		       const struct pymalloc_visitor *v)
{
	uint32_t size = (h->szidx + 1) * PYMALLOC_ALIGN;
	uint32_t used = MIN(h->nextoffset, pm->pool_bytes);
	struct pymalloc_pool pool = {
		.addr = addr,
		.block_bytes = size,
		.n_blocks = (used - PYMALLOC_POOL_HEADER) / size,
		.free = pm->free,
		.pool_bytes = pm->pool_bytes,
	};

	count_pool(pm, h);
	pool.bytes = read_pool(pm, addr, used);
	if (!pool.bytes)
		return;
	if (!read_free_list(pm, h, &pool))
		pm->stats.torn_pools++;
	v->pool(v->arg, &pool);
}

/* Shows all pools of [first, end) and what is between them. */
static void walk_pools(struct pymalloc *pm, uint64_t first, uint64_t end,
		       const struct pymalloc_visitor *v)
{
	for (uint64_t addr = first; addr < end && !memsrc_is_over(pm->mem);
	     addr += pm->pool_bytes) {
		const void *bytes = memsrc_at(pm->mem, addr, PYMALLOC_POOL_HEADER);
		struct pymalloc_header h;

		if (!bytes) {
			pm->stats.unread_bytes += pm->pool_bytes;
			continue;
		}
		if (!pymalloc_header_decode(bytes, addr, pm->pool_bytes, &h)) {
			pm->stats.torn_pools++;
			continue;
		}
		if (h.count) {
			visit_pool(pm, addr, &h, v);
		} else {
			pm->stats.total.free_bytes += pm->pool_bytes;
			pm->stats.total.idle_bytes += pm->pool_bytes;
			v->part(v->arg, PYMALLOC_FREE_POOL, addr, addr + pm->pool_bytes);
		}
	}
}

/*
 * Returns the bytes of the arenas that would be left if only one pool of each class had free
 * blocks.
 */
static uint64_t packed_bytes(const struct pymalloc *pm)
{
	uint64_t pools = 0, per_arena = pm->arena_bytes / pm->pool_bytes;

	for (uint32_t i = 0; i < PYMALLOC_CLASSES; i++) {
		uint64_t blocks = (pm->pool_bytes - PYMALLOC_POOL_HEADER) /
				  ((i + 1) * PYMALLOC_ALIGN);

		pools += (pm->stats.classes[i].live_blocks + blocks - 1) / blocks;
	}
	return (pools + per_arena - 1) / per_arena * pm->arena_bytes;
}

void pymalloc_walk(struct pymalloc *pm, const struct pymalloc_visitor *v)
{
	uint64_t pool = pm->pool_bytes;

	for (size_t i = 0; i < pm->n_arenas && !memsrc_is_over(pm->mem); i++) {
		const struct pymalloc_arena *a = &pm->arenas[i];
		uint64_t first = (a->start + pool - 1) / pool * pool;
		uint64_t end = a->is_orphan ? a->pool_next : a->start + pm->arena_bytes;
		uint64_t last = end / pool * pool;

		pm->stats.arenas++;
		pm->stats.total.system_bytes += end - a->start;
		walk_pools(pm, first, a->pool_next, v);
		pm->stats.total.top_bytes += last - a->pool_next;
		pm->stats.total.overhead_bytes += first - a->start + end - last;
		v->part(v->arg, PYMALLOC_OVERHEAD, a->start, first);
		v->part(v->arg, PYMALLOC_UNTOUCHED, a->pool_next, last);
		v->part(v->arg, PYMALLOC_OVERHEAD, last, end);
		v->arena(v->arg, a);
	}
	pm->stats.packed_bytes = packed_bytes(pm);
}
