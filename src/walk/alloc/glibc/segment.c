/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one walk over the chunks of a segment, which leaves an index of them, and attributes what is
 * in no chunk. Chunks are accounted for later, when it is known which are in caches and which have
 * an owner.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"

enum {
	FAST_MAX_BYTES = 0xb0, /* of a chunk in a fastbin */
	FAST_CHUNKS_MAX = 1 << 21,
	TCACHES_MAX = 1 << 14,
};

struct survey {
	struct glibc *g;
	struct walk_heap *sums;
	uint64_t chunk_bytes;
};

static void add_candidates(struct glibc *g, const struct glibc_chunk *c)
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
	if (glibc_may_be_tcache(g, c->bytes) && glibc_looks_like_tcache(g, c->addr, c->bytes) &&
	    g->n_tcaches < TCACHES_MAX) {
		g->tcaches = xgrow(g->tcaches, g->n_tcaches, &g->cap_tcaches, sizeof(*g->tcaches));
		g->tcaches[g->n_tcaches++] = c->addr;
	}
}

/* A chunk in a fastbin or tcache begins with a link, which does not point into a module. */
static void count_first(struct glibc *g, const struct glibc_chunk *c)
{
	if (c->first && g->walk->cxx && images_have(&g->walk->cxx->images, c->first)) {
		glibc_count_first(g, c->first, c->bytes);
		marks_set(&g->pointing, c->addr);
	}
}

static void visit_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct survey *s = arg;

	glibc_index_add(s->g, chunks, n);
	for (size_t i = 0; i < n; i++) {
		s->chunk_bytes += chunks[i].bytes;
		if (!chunks[i].in_use)
			continue;
		add_candidates(s->g, &chunks[i]);
		count_first(s->g, &chunks[i]);
	}
}

/* Counts a gap. It is not attributed, so it keeps its evidence. */
static void skip_gap(void *arg, uint64_t start, uint64_t end)
{
	struct survey *s = arg;
	struct mem_presence p;

	s->sums->unwalked_bytes += end - start;
	if (memsrc_presence(s->g->walk->mem, start, end, &p))
		s->g->account.swapped_bytes += p.swapped_bytes;
}

bool glibc_walk_segment(struct glibc *g, const struct glibc_segment *seg, uint64_t *ret_end)
{
	struct glibc_arena *arena = &g->arenas[seg->arena];
	struct survey s = { .g = g, .sums = &g->account.arenas[seg->arena].sums };
	struct glibc_walk w = {
		.g = g,
		.seg = seg,
		.take = visit_chunks,
		.skip = skip_gap,
		.arg = &s,
		.with_first = g->has_fast || g->walk->cxx,
	};
	uint64_t walked = s.sums->unwalked_bytes;

	glibc_walk_chunks(&w);
	if (w.top_bytes) {
		s.sums->top_bytes += w.top_bytes;
		glibc_attribute_free(g, s.sums, w.end - w.top_bytes, w.top_bytes, GLIBC_CHUNK_MIN);
	}
	/* What of the segment is in no chunk: fenceposts, headers of heaps, alignment. */
	walked = s.sums->unwalked_bytes - walked + s.chunk_bytes + w.top_bytes;
	arena->covered_bytes += w.end - seg->base;
	if (w.end - seg->base > walked)
		s.sums->overhead_bytes += w.end - seg->base - walked;
	if (!arena->main)
		(void)attributions_add_range(&g->account.attributions, g->walk->mem,
					     g->account.owner, LINE_OVERHEAD, seg->base,
					     seg->start - seg->base, &g->account.swapped_bytes);
	g->account.arenas[seg->arena].heaps++;
	g->account.out.breaks += w.breaks;
	g->segments = xgrow(g->segments, g->n_segments, &g->cap_segments, sizeof(*g->segments));
	g->segments[g->n_segments] = *seg;
	g->segments[g->n_segments++].limit = w.end;
	*ret_end = w.end;
	return w.top_bytes != 0;
}
