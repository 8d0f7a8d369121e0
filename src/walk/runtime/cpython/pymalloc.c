/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/pymalloc.h"

#include "base/alloc.h"

void pymalloc_init(struct pymalloc_reader *r, struct memsrc *mem, struct addrmap *map,
		   uint32_t arena_bytes, uint32_t pool_bytes)
{
	*r = (struct pymalloc_reader){
		.mem = mem, .map = map, .arena_bytes = arena_bytes, .pool_bytes = pool_bytes
	};
	r->pool = xmalloc(pool_bytes);
}

void pymalloc_release(struct pymalloc_reader *r)
{
	free(r->arenas);
	free(r->orphans);
	free(r->pool);
}

/*
 * Makes bits of the free list of a pool whose bytes were read. Each block is visited once at most,
 * so a list that was torn, or is a ring, ends.
 */
static bool read_free_list(struct pymalloc_reader *r, const struct pymalloc_header *h,
			   struct pymalloc_pool *p)
{
	uint64_t at = h->freeblock;

	memset(r->free, 0, sizeof(r->free));
	p->n_free = 0;
	while (at) {
		uint64_t offset = at - p->addr - PYMALLOC_POOL_HEADER;
		uint32_t block = (uint32_t)offset / p->block_bytes;

		if (offset >= r->pool_bytes || offset % p->block_bytes || block >= p->n_blocks ||
		    pymalloc_is_free(p, block))
			return false;
		r->free[block / 64] |= UINT64_C(1) << block % 64;
		p->n_free++;
		memcpy(&at, p->bytes + PYMALLOC_POOL_HEADER + offset, sizeof(at));
	}
	return p->n_blocks - p->n_free == h->count;
}

/* Counts a pool by its header, as sys._debugmallocstats does. */
static void count_pool(struct pymalloc_reader *r, const struct pymalloc_header *h)
{
	struct pymalloc_class *class = &r->stats.classes[h->szidx];
	uint32_t size = (h->szidx + 1) * PYMALLOC_ALIGN;
	uint32_t blocks = (r->pool_bytes - PYMALLOC_POOL_HEADER) / size;

	class->pools++;
	class->live_blocks += h->count;
	class->free_blocks += blocks - h->count;
	r->stats.live_bytes += (uint64_t)h->count * size;
	r->stats.free_bytes += (uint64_t)(blocks - h->count) * size;
	r->stats.overhead_bytes += r->pool_bytes - blocks * size;
}

/* Reads page by page: what was never written to has no memory yet, and is 0. */
static bool copy_pages(struct pymalloc_reader *r, uint64_t addr, uint32_t len)
{
	uint32_t page = (uint32_t)r->mem->page_bytes, n;

	for (uint32_t at = 0; at < len; at += n) {
		n = MIN(len - at, page - (uint32_t)((addr + at) % page));
		if (memsrc_copy(r->mem, addr + at, r->pool + at, n))
			continue;
		if (r->mem->why != MEM_NOT_PRESENT)
			return false;
		memset(r->pool + at, 0, n);
	}
	return true;
}

/* The first bytes of a pool, where they were read to if that was in one piece. NULL if they cannot. */
static const uint8_t *read_pool(struct pymalloc_reader *r, uint64_t addr, uint32_t len)
{
	const struct memsrc *m = r->mem;

	if (memsrc_at(r->mem, addr, PYMALLOC_POOL_HEADER) &&
	    len <= m->window_len - (addr - m->window))
		return m->window_data + (addr - m->window);
	if (copy_pages(r, addr, len))
		return r->pool;
	r->stats.unread_bytes += len;
	return NULL;
}

/* Shows a pool whose header holds. */
static void visit_pool(struct pymalloc_reader *r, uint64_t addr, const struct pymalloc_header *h,
		       const struct pymalloc_visitor *v)
{
	uint32_t size = (h->szidx + 1) * PYMALLOC_ALIGN;
	uint32_t used = MIN(h->nextoffset, r->pool_bytes);
	struct pymalloc_pool pool = {
		.addr = addr,
		.block_bytes = size,
		.n_blocks = (used - PYMALLOC_POOL_HEADER) / size,
		.free = r->free,
		.pool_bytes = r->pool_bytes,
	};

	count_pool(r, h);
	pool.bytes = read_pool(r, addr, used);
	if (!pool.bytes)
		return;
	if (!read_free_list(r, h, &pool))
		r->stats.torn_pools++;
	v->pool(v->arg, &pool);
}

/* Shows all pools of [first, end) and what is between them. */
static void walk_pools(struct pymalloc_reader *r, uint64_t first, uint64_t end,
		       const struct pymalloc_visitor *v)
{
	for (uint64_t addr = first; addr < end && !memsrc_is_over(r->mem); addr += r->pool_bytes) {
		const void *bytes = memsrc_at(r->mem, addr, PYMALLOC_POOL_HEADER);
		struct pymalloc_header h;

		if (!bytes) {
			r->stats.unread_bytes += r->pool_bytes;
			continue;
		}
		if (!pymalloc_header_decode(bytes, addr, r->pool_bytes, &h)) {
			r->stats.torn_pools++;
			continue;
		}
		if (h.count) {
			visit_pool(r, addr, &h, v);
		} else {
			r->stats.free_pool_bytes += r->pool_bytes;
			v->part(v->arg, PYMALLOC_FREE_POOL, addr, addr + r->pool_bytes);
		}
	}
}

/* What would be left of the arenas if no pool of a class but one had free blocks. */
static uint64_t packed_bytes(const struct pymalloc_reader *r)
{
	uint64_t pools = 0, per_arena = r->arena_bytes / r->pool_bytes;

	for (uint32_t i = 0; i < PYMALLOC_CLASSES; i++) {
		uint64_t blocks = (r->pool_bytes - PYMALLOC_POOL_HEADER) /
				  ((i + 1) * PYMALLOC_ALIGN);

		pools += (r->stats.classes[i].live_blocks + blocks - 1) / blocks;
	}
	return (pools + per_arena - 1) / per_arena * r->arena_bytes;
}

void pymalloc_walk(struct pymalloc_reader *r, const struct pymalloc_visitor *v)
{
	uint64_t pool = r->pool_bytes;

	for (size_t i = 0; i < r->n_arenas && !memsrc_is_over(r->mem); i++) {
		const struct pymalloc_arena *a = &r->arenas[i];
		uint64_t first = (a->start + pool - 1) / pool * pool;
		uint64_t end = a->is_orphan ? a->pool_next : a->start + r->arena_bytes;
		uint64_t last = end / pool * pool;

		r->stats.arenas++;
		r->stats.arena_bytes += end - a->start;
		walk_pools(r, first, a->pool_next, v);
		r->stats.untouched_bytes += last - a->pool_next;
		r->stats.overhead_bytes += first - a->start + end - last;
		v->part(v->arg, PYMALLOC_OVERHEAD, a->start, first);
		v->part(v->arg, PYMALLOC_UNTOUCHED, a->pool_next, last);
		v->part(v->arg, PYMALLOC_OVERHEAD, last, end);
		v->arena(v->arg, a);
	}
	r->stats.packed_bytes = packed_bytes(r);
}
