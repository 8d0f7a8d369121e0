/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the chunks of a segment add up to, and which resident bytes of which region they are.
 */
#include "walk/alloc/glibc/glibc.h"

#include "base/alloc.h"

enum {
	HEADER_BYTES = 8,         /* of a chunk in use: its size; the rest is the program's */
	FREE_HEADER_BYTES = 0x30, /* of a free chunk, which malloc_trim keeps */
	FAST_MAX_BYTES = 0xb0,    /* of a chunk in a fastbin */
	FAST_CHUNKS_MAX = 1 << 21,
	TCACHES_MAX = 1 << 14,
};

/* An account of one segment. Sums of the region at hand wait here until the next one begins. */
struct account {
	struct glibc *g;
	struct memsrc *m;
	struct walk_heap *sums;
	uint64_t page;
	uint32_t region;
	uint64_t region_start, region_end;
	uint64_t native_bytes, free_bytes, header_bytes;
};

static void flush(struct account *a)
{
	struct attributions *c = &a->g->attributions;

	attributions_add(c, a->region, a->g->owner, LINE_NATIVE, a->native_bytes);
	attributions_add(c, a->region, a->g->owner, LINE_MALLOC_FREE, a->free_bytes);
	attributions_add(c, a->region, a->g->owner, LINE_OVERHEAD, a->header_bytes);
	a->native_bytes = a->free_bytes = a->header_bytes = 0;
}

/* Whether the chunk is wholly in one region, which becomes the one at hand. */
static bool in_region(struct account *a, uint64_t addr, uint64_t bytes)
{
	if (addr - a->region_start >= a->region_end - a->region_start) {
		flush(a);
		a->region = attributions_region(&a->g->attributions, addr);
		a->region_start = 0;
		a->region_end = UINT64_MAX;
		if (a->region != ATTRIBUTION_SKEW) {
			a->region_start = a->g->d->snap->regions[a->region].start;
			a->region_end = a->g->d->snap->regions[a->region].end;
		} else {
			a->region_start = addr;
			a->region_end = addr + 1;
		}
	}
	return bytes <= a->region_end - addr;
}

bool glibc_attribution_live(struct glibc *g, uint64_t chunk, uint64_t bytes)
{
	const struct walk_owned *owned;
	uint64_t start = chunk + GLIBC_HEAD, end = chunk + bytes + HEADER_BYTES;
	uint16_t owner = g->owner;
	enum walk_line line = LINE_NATIVE;

	bool native = !walk_owner_of(g->d, start, end, &owned);

	if (!native) {
		owner = owned->owner;
		line = owned->line;
	}
	(void)attributions_add_range(&g->attributions, g->d->mem, owner, line, chunk + HEADER_BYTES,
				     bytes - HEADER_BYTES, &g->swapped_bytes);
	attributions_add(&g->attributions, attributions_region(&g->attributions, chunk), g->owner,
			 LINE_OVERHEAD, HEADER_BYTES);
	return native;
}

/* What malloc did not clear may still point at the bins of the main arena, in which it was free. */
void glibc_count_first(struct glibc *g, uint64_t first, uint64_t bytes)
{
	if (g->d->cxx && first - g->arenas[0].addr >= g->layout->size)
		cxx_count(g->d->cxx, &g->objects, first, bytes);
}

static void keep_candidates(struct glibc *g, const struct glibc_chunk *c)
{
	if (g->has_fast && c->first && c->bytes <= FAST_MAX_BYTES && g->n_fast < FAST_CHUNKS_MAX) {
		uint64_t next = glibc_fast_next(g, c->addr, c->first);

		if (next) {
			g->fast = xgrow(g->fast, g->n_fast, &g->cap_fast, sizeof(*g->fast));
			g->fast[g->n_fast++] = (struct glibc_fast_chunk){
				.addr_units = c->addr | c->bytes / 16,
				.next = next,
			};
		}
	}
	if (glibc_looks_like_tcache(g, c->addr, c->bytes) && g->n_tcaches < TCACHES_MAX) {
		g->tcaches = xgrow(g->tcaches, g->n_tcaches, &g->cap_tcaches, sizeof(*g->tcaches));
		g->tcaches[g->n_tcaches++] = c->addr;
	}
}

/*
 * Both headers of a chunk no longer than a page were read just now, so all of it is resident. What
 * is in fastbins and tcaches is no C++ object any more: its first word is a link.
 */
static void take_live(struct account *a, const struct glibc_chunk *c)
{
	bool native = true;

	a->sums->live_bytes += c->bytes;
	a->sums->live_blocks++;
	keep_candidates(a->g, c);
	if (in_region(a, c->addr, c->bytes) && c->bytes <= a->page && !a->g->d->n_owned) {
		a->native_bytes += c->bytes - HEADER_BYTES;
		a->header_bytes += HEADER_BYTES;
	} else {
		native = glibc_attribution_live(a->g, c->addr, c->bytes);
	}
	glibc_count_live(a->g, c->addr, c->bytes, native);
	if (native && c->first)
		glibc_count_first(a->g, c->first, c->bytes);
}

/* Counts the pages behind free memory, of which malloc needs the first `keep` bytes. */
static void take_free_pages(struct account *a, uint64_t addr, uint64_t bytes, uint64_t keep)
{
	uint64_t first = (addr + keep + a->page - 1) & ~(a->page - 1);
	uint64_t last = (addr + bytes) & ~(a->page - 1);
	struct mem_presence p = { 0 };
	uint64_t swapped = 0, resident;

	resident = attributions_add_range(&a->g->attributions, a->m, a->g->owner, LINE_MALLOC_FREE,
					  addr, bytes, &swapped);
	a->g->swapped_bytes += swapped;
	a->sums->free_resident_bytes += resident;
	a->sums->free_absent_bytes += bytes - resident - swapped;
	if (first < last && memsrc_presence(a->m, first, last, &p))
		a->sums->trimmable_bytes += p.resident_bytes;
}

static void take_free(struct account *a, const struct glibc_chunk *c)
{
	a->sums->free_bytes += c->bytes;
	a->sums->free_blocks++;
	if (in_region(a, c->addr, c->bytes) && c->bytes <= a->page) {
		a->free_bytes += c->bytes;
		attributions_free(&a->g->attributions, c->addr, c->bytes);
		a->sums->free_resident_bytes += c->bytes;
	} else {
		take_free_pages(a, c->addr, c->bytes, FREE_HEADER_BYTES);
	}
}

static void take_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct account *a = arg;

	for (size_t i = 0; i < n; i++) {
		if (chunks[i].in_use)
			take_live(a, &chunks[i]);
		else
			take_free(a, &chunks[i]);
	}
}

/* Counts what is in swap; what is left over is not claimed, so it keeps what evidence it had. */
static void skip_gap(void *arg, uint64_t start, uint64_t end)
{
	struct account *a = arg;
	struct mem_presence p;

	a->sums->unwalked_bytes += end - start;
	if (memsrc_presence(a->m, start, end, &p))
		a->g->swapped_bytes += p.swapped_bytes;
}

bool glibc_walk_segment(struct glibc *g, const struct glibc_segment *seg, uint64_t *ret_end)
{
	struct glibc_arena *arena = &g->arenas[seg->arena];
	struct account a = {
		.g = g,
		.m = g->d->mem,
		.sums = &arena->out.sums,
		.page = g->d->mem->page_bytes,
		.region = ATTRIBUTION_SKEW,
	};
	struct glibc_walk w = {
		.g = g,
		.seg = seg,
		.take = take_chunks,
		.skip = skip_gap,
		.arg = &a,
		.with_first = g->has_fast || g->d->cxx,
	};
	uint64_t walked = a.sums->live_bytes + a.sums->free_bytes + a.sums->unwalked_bytes;

	glibc_walk_chunks(&w);
	flush(&a);
	if (w.top_bytes) {
		a.sums->top_bytes += w.top_bytes;
		take_free_pages(&a, w.end - w.top_bytes, w.top_bytes, GLIBC_CHUNK_MIN);
	}
	/* Fenceposts, headers of heaps, alignment: what of the segment is in no chunk. */
	walked = a.sums->live_bytes + a.sums->free_bytes + a.sums->unwalked_bytes - walked;
	walked += w.top_bytes;
	arena->covered_bytes += w.end - seg->base;
	if (w.end - seg->base > walked)
		a.sums->overhead_bytes += w.end - seg->base - walked;
	if (!arena->main)
		(void)attributions_add_range(&g->attributions, a.m, g->owner, LINE_OVERHEAD,
					     seg->base, seg->start - seg->base, &g->swapped_bytes);
	arena->out.heaps++;
	g->out.breaks += w.breaks;
	g->segments = xgrow(g->segments, g->n_segments, &g->cap_segments, sizeof(*g->segments));
	g->segments[g->n_segments] = *seg;
	g->segments[g->n_segments++].limit = w.end;
	*ret_end = w.end;
	return w.top_bytes != 0;
}
