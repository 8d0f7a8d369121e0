/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that malloc got from mmap(2): large chunks, which have a mapping each, and pieces of a main
 * arena for which brk(2) failed. Nothing lists them, but each begins at a page with a header that an
 * arbitrary page hardly has, and mp_ counts the former.
 */
#include "depth/glibc.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	PIECE_CHAIN = 24,
	PREV_SIZE_MAX = 4096, /* of a mapped chunk: padding, or a flag */
};

struct found {
	struct glibc_mapped *v;
	size_t n, cap;
	uint64_t bytes;
};

/* A stretch of writable memory without a hole, whatever mappings it is made of. */
struct stretch {
	uint64_t start, end;
};

static bool is_plain(const struct mem_map *map)
{
	return (map->kind == MEM_ANON || map->kind == MEM_HEAP) &&
	       (map->perms & (VMA_READ | VMA_WRITE)) == (VMA_READ | VMA_WRITE);
}

static bool next_stretch(const struct memsrc *m, uint64_t from, struct stretch *ret)
{
	const struct mem_map *map = memsrc_map_from(m, from), *end = m->maps + m->n_maps;

	while (map && map < end && !is_plain(map))
		map++;
	if (!map || map == end)
		return false;
	ret->start = MAX(map->start, from);
	ret->end = map->end;
	while (++map < end && is_plain(map) && map->start == ret->end)
		ret->end = map->end;
	return true;
}

static uint64_t behind_segment(const struct glibc *g, uint64_t addr)
{
	size_t lo = 0, hi = g->n_segments;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->segments[mid].limit <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_segments && g->segments[lo].base <= addr ? g->segments[lo].limit : addr;
}

/* The end of what is known to be something else at addr, or addr itself. */
static uint64_t behind_known(struct glibc *g, uint64_t addr)
{
	const uint16_t marks = MARK_THREAD_STACK | MARK_V8 | MARK_GO_ARENA | MARK_JVM_CODE |
			       MARK_JVM_CLASS;
	uint32_t region = claims_region(&g->claims, addr);
	uint64_t end = addr;

	if (region != CLAIM_SKEW && (g->d->snap->regions[region].marks & marks))
		return g->d->snap->regions[region].end;
	for (size_t i = 0; i < g->n_peers && end == addr; i++)
		end = behind_segment(&g->peers[i], addr);
	return end;
}

/* The bytes of the mapping of a chunk whose header is at addr; 0 if it is none. */
static uint64_t mapped_bytes(const struct glibc *g, const uint8_t *head, uint64_t room)
{
	uint64_t page = g->d->mem->page_bytes, prev, size, bytes;

	memcpy(&prev, head, sizeof(prev));
	memcpy(&size, head + 8, sizeof(size));
	if ((size & GLIBC_FLAGS) != GLIBC_MMAPPED || prev >= PREV_SIZE_MAX)
		return 0;
	bytes = size & ~(uint64_t)GLIBC_FLAGS;
	if (bytes % page == page - GLIBC_HEAD)
		bytes += GLIBC_HEAD; /* since 2.43 the header at the end is left out */
	return bytes && bytes % page == 0 && bytes <= room ? bytes : 0;
}

static void add_found(struct found *f, uint64_t addr, uint64_t bytes)
{
	f->v = xgrow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct glibc_mapped){ addr, bytes };
	f->bytes += bytes;
}

static bool is_all(const struct glibc *g, const struct found *f)
{
	return g->has_par && f->n == g->par_mmaps && f->bytes == g->par_mmapped_bytes;
}

/* Chunks one after another from where a mapping begins: newer ones are mapped below older ones. */
static void search_starts(struct glibc *g, struct found *f)
{
	struct memsrc *m = g->d->mem;

	for (size_t i = 0; i < m->n_maps && !is_all(g, f) && !memsrc_is_over(m); i++) {
		uint64_t addr = m->maps[i].start, bytes;
		uint8_t head[GLIBC_HEAD];
		struct stretch s;

		if (!is_plain(&m->maps[i]) || behind_known(g, addr) != addr ||
		    (f->n && addr < f->v[f->n - 1].addr + f->v[f->n - 1].bytes) ||
		    !next_stretch(m, addr, &s))
			continue;
		while (addr < s.end && memsrc_peek(m, addr, head, sizeof(head)) &&
		       (bytes = mapped_bytes(g, head, s.end - addr))) {
			add_found(f, addr, bytes);
			addr += bytes;
		}
	}
}

/* The same at every page, since other mappings may lie in between. */
static void search_pages(struct glibc *g, struct found *f)
{
	struct memsrc *m = g->d->mem;
	uint64_t at = 0;
	struct stretch s;

	while (!is_all(g, f) && next_stretch(m, at, &s)) {
		struct mem_run run;

		at = s.start;
		while (!is_all(g, f) && at < s.end) {
			uint64_t behind = behind_known(g, at), bytes = 0;

			if (behind != at) {
				at = behind;
				continue;
			}
			if (!memsrc_next(m, &at, s.end, &run))
				break;
			for (size_t i = 0; i < run.len && !bytes; i += m->page_bytes) {
				at = run.addr + i;
				behind = behind_known(g, at);
				bytes = behind != at ? behind - at
						     : mapped_bytes(g, run.data + i, s.end - at);
				if (bytes && behind == at)
					add_found(f, at, bytes);
			}
			at += bytes ? bytes : m->page_bytes;
		}
		at = s.end;
	}
}

void glibc_walk_mapped(struct glibc *g)
{
	struct found f = { 0 };

	search_starts(g, &f);
	if (!is_all(g, &f) && !(g->has_par && g->par_mmaps == 0)) {
		f.n = 0;
		f.bytes = 0;
		search_pages(g, &f);
	}
	for (size_t i = 0; i < f.n; i++) {
		uint64_t first;

		g->out.mmapped_bytes += f.v[i].bytes;
		g->out.mmapped_blocks++;
		glibc_count_live(g, f.v[i].addr, f.v[i].bytes);
		glibc_claim_live(g, f.v[i].addr, f.v[i].bytes);
		if (g->d->cxx &&
		    memsrc_peek(g->d->mem, f.v[i].addr + GLIBC_HEAD, &first, sizeof(first)))
			cxx_count(g->d->cxx, &g->objects, first, f.v[i].bytes);
	}
	if (g->has_par && g->par_mmapped_bytes > f.bytes)
		g->out.mmapped_unfound_bytes = g->par_mmapped_bytes - f.bytes;
	free(g->mapped);
	g->mapped = f.v;
	g->n_mapped = f.n;
}

/* Pieces of the main arena: chunks up to fenceposts or to top. */
void glibc_walk_pieces(struct glibc *g)
{
	struct glibc_arena *a = &g->arenas[0];
	struct memsrc *m = g->d->mem;
	uint64_t at = 0;
	struct stretch s;

	if (!a->noncontiguous)
		return;
	while (a->covered_bytes < a->system_mem && next_stretch(m, at, &s)) {
		struct mem_run run;

		at = s.start;
		while (at < s.end && a->covered_bytes < a->system_mem) {
			uint64_t behind = behind_known(g, at);
			struct glibc_segment seg = { .limit = s.end, .arena = 0 };
			uint64_t end;

			if (behind != at) {
				at = behind;
				continue;
			}
			if (!memsrc_next(m, &at, s.end, &run))
				break;
			/* One page of the run is enough: the others come up again. */
			at = (run.addr & ~(m->page_bytes - 1)) + m->page_bytes;
			seg.base = seg.start = run.addr;
			if (run.addr % m->page_bytes == 0 &&
			    glibc_is_chain(g, &seg, run.addr, PIECE_CHAIN)) {
				(void)glibc_walk_segment(g, &seg, &end);
				glibc_sort_segments(g);
				at = MAX(at, end);
			}
		}
		at = MAX(at, s.end);
	}
}
