/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that malloc got from mmap(2): large chunks, which have a mapping each, and pieces of a
 * main arena for which brk(2) failed. No list leads to them, but each begins at a page with a
 * header that other pages hardly ever have, and mp_ counts the large chunks.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	PIECE_CHAIN = 24,
	PREV_SIZE_MAX = 4096, /* of a mapped chunk: padding, or a flag */
	ATTEMPTS = 3,         /* while the process maps and unmaps */
	SEARCH_MAX = 1 << 30, /* bytes read in search of chunks at any page */
};

/* The chunks that were found, and how many there are by mp_. */
struct found {
	struct glibc_mapped *v; /* ascending */
	size_t n, cap;
	uint64_t bytes;
	bool known; /* whether the following are known */
	uint64_t want, want_bytes;
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

/* Returns the end of the memory at addr that is known to be something else, or addr itself. */
static uint64_t behind_known(struct glibc *g, uint64_t addr)
{
	const uint16_t marks = MARK_THREAD_STACK | MARK_V8 | MARK_GO_ARENA | MARK_JVM_CODE |
			       MARK_JVM_CLASS;
	uint32_t region = attributions_region(&g->account.attributions, addr);
	uint64_t end = addr;

	if (region != ATTRIBUTION_SKEW && (g->walk->snap->regions[region].marks & marks))
		return g->walk->snap->regions[region].end;
	if (walk_is_reserved(g->walk, addr))
		return addr + g->walk->mem->page_bytes;
	for (size_t i = 0; i < g->n_peers && end == addr; i++)
		end = behind_segment(&g->peers[i], addr);
	return end;
}

/*
 * Returns the bytes of the mapping of the chunk whose header is at addr; 0: it is not such a chunk.
 */
static uint64_t mapped_bytes(const struct glibc *g, const uint8_t *head, uint64_t room)
{
	uint64_t page = g->walk->mem->page_bytes, prev, size, bytes;

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

static bool is_all(const struct found *f)
{
	return f->known && f->n == f->want && f->bytes == f->want_bytes;
}

/*
 * Reads how many chunks there are by mp_, of all C libraries together: mapped chunks do not say
 * whose they are.
 */
static void read_counts(const struct glibc *g, struct found *f)
{
	f->known = true;
	f->want = f->want_bytes = 0;
	for (size_t i = 0; i < g->n_peers; i++) {
		uint64_t n, bytes;

		if (!glibc_read_par(&g->peers[i], &n, &bytes)) {
			f->known = false;
			return;
		}
		f->want += n;
		f->want_bytes += bytes;
	}
}

/*
 * Searches for chunks side by side from the start of each mapping: newer ones are mapped below
 * older ones.
 */
static void search_starts(struct glibc *g, struct found *f)
{
	struct memsrc *m = g->walk->mem;

	f->n = 0;
	f->bytes = 0;
	for (size_t i = 0; i < m->n_maps && !is_all(f) && !memsrc_is_over(m); i++) {
		uint64_t addr = m->maps[i].start, bytes;
		uint8_t head[GLIBC_HEAD];
		struct stretch s;

		if (!is_plain(&m->maps[i]) || behind_known(g, addr) != addr ||
		    (f->n && addr < f->v[f->n - 1].addr + f->v[f->n - 1].bytes) ||
		    !next_stretch(m, addr, &s))
			continue;
		while (addr < s.end && behind_known(g, addr) == addr &&
		       memsrc_peek(m, addr, head, sizeof(head)) &&
		       (bytes = mapped_bytes(g, head, s.end - addr))) {
			add_found(f, addr, bytes);
			addr += bytes;
		}
	}
}

/*
 * Searches the starts of mappings, and again while mp_ shows that there are more chunks by now: it
 * was read before the heaps were walked.
 */
static void search_lately(struct glibc *g, struct found *f)
{
	read_counts(g, f);
	for (int i = 0; i < ATTEMPTS && !memsrc_is_over(g->walk->mem); i++) {
		uint64_t want = f->want, bytes = f->want_bytes;

		search_starts(g, f);
		if (is_all(f))
			return;
		read_counts(g, f);
		if ((f->want == want && f->want_bytes == bytes) || memsrc_refresh(g->walk->mem) < 0)
			return;
	}
}

static int compare_mapped(const void *a, const void *b)
{
	const struct glibc_mapped *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

struct page_search {
	struct glibc *g;
	struct found *f;
	size_t n_before; /* chunks that were found before, ascending */
	size_t next;     /* the first of these that ends behind the place of the search */
	uint64_t left_bytes;
};

/* Returns the end of the memory at addr in which no chunk can begin, or addr itself. */
static uint64_t behind_others(struct page_search *ps, uint64_t addr)
{
	const struct glibc_mapped *v = ps->f->v;

	while (ps->next < ps->n_before && v[ps->next].addr + v[ps->next].bytes <= addr)
		ps->next++;
	if (ps->next < ps->n_before && v[ps->next].addr <= addr)
		return v[ps->next].addr + v[ps->next].bytes;
	return behind_known(ps->g, addr);
}

/*
 * Searches the pages of a run up to the first chunk or known memory. Returns the address to go on
 * from.
 */
static uint64_t search_run(struct page_search *ps, const struct mem_run *run, uint64_t end)
{
	uint64_t page = ps->g->walk->mem->page_bytes;

	ps->left_bytes -= MIN(ps->left_bytes, run->len);
	for (size_t i = 0; i < run->len; i += page) {
		uint64_t addr = run->addr + i, behind = behind_others(ps, addr), bytes;

		if (behind != addr)
			return behind;
		bytes = mapped_bytes(ps->g, run->data + i, end - addr);
		if (bytes && (!ps->f->known || bytes <= ps->f->want_bytes - ps->f->bytes)) {
			add_found(ps->f, addr, bytes);
			return addr + bytes;
		}
	}
	return run->addr + run->len;
}

/* Searches every page: where mappings have merged, a chunk begins inside one. */
static void search_pages(struct glibc *g, struct found *f)
{
	struct page_search ps = { .g = g, .f = f, .n_before = f->n, .left_bytes = SEARCH_MAX };
	uint64_t at = 0;
	struct stretch s;

	while (ps.left_bytes && !is_all(f) && next_stretch(g->walk->mem, at, &s)) {
		at = s.start;
		while (ps.left_bytes && !is_all(f) && at < s.end) {
			uint64_t behind = behind_others(&ps, at);
			struct mem_run run;

			if (behind != at)
				at = behind;
			else if (memsrc_next(g->walk->mem, &at, s.end, &run))
				at = search_run(&ps, &run, s.end);
			else
				break;
		}
		at = MAX(at, s.end);
	}
	if (f->n > ps.n_before)
		qsort(f->v, f->n, sizeof(*f->v), compare_mapped);
}

void glibc_find_mapped(struct glibc *g)
{
	struct found f = { 0 };

	search_lately(g, &f);
	if (!is_all(&f) && (!f.known || f.bytes < f.want_bytes))
		search_pages(g, &f);
	g->account.out.mmapped_unfound_bytes = f.known && f.want_bytes > f.bytes
						       ? f.want_bytes - f.bytes
						       : 0;
	g->mapped_whole = is_all(&f);
	free(g->mapped);
	g->mapped = f.v;
	g->n_mapped = f.n;
}

/* Walks pieces of the main arena: chunks up to fenceposts or to top. */
void glibc_walk_pieces(struct glibc *g)
{
	struct glibc_arena *a = &g->arenas[0];
	struct memsrc *m = g->walk->mem;
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
			/* One page of the run is enough: the others are read again. */
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
