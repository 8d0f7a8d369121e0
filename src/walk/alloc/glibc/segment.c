/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one walk over the chunks of a segment, and what is in no chunk. Where a runtime asked for the
 * blocks, the walk leaves an index of chunks, and they are accounted for when their owners are
 * known; otherwise they are accounted for at once.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"

enum {
	FAST_MAX_BYTES = 0xb0, /* of a chunk in a fastbin */
	FAST_CHUNKS_MAX = 1 << 21,
	TCACHES_MAX = 1 << 14,
	INDEX_BYTES = 32 << 20,
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
	if (glibc_looks_like_tcache(g, c->addr, c->bytes) && g->n_tcaches < TCACHES_MAX) {
		g->tcaches = xgrow(g->tcaches, g->n_tcaches, &g->cap_tcaches, sizeof(*g->tcaches));
		g->tcaches[g->n_tcaches++] = c->addr;
	}
}

/* Any two chunks are at least 32 bytes apart: the granule behind a start says whether it is free. */
static void add_to_index(struct glibc *g, const struct glibc_chunk *c)
{
	size_t most = g->d->opts.index_bytes ? g->d->opts.index_bytes : INDEX_BYTES;
	struct glibc_run *run = g->n_runs ? &g->runs[g->n_runs - 1] : NULL;

	if (g->no_index)
		return;
	if (!run || run->end != c->addr || run->arena != c->arena) {
		g->runs = xgrow(g->runs, g->n_runs, &g->cap_runs, sizeof(*g->runs));
		run = &g->runs[g->n_runs++];
		*run = (struct glibc_run){ .start = c->addr, .arena = c->arena };
	}
	run->end = c->addr + c->bytes;
	marks_set(&g->chunks, c->addr);
	if (!c->in_use)
		marks_set(&g->chunks, c->addr + MARKS_GRANULE);
	if (g->chunks.n * sizeof(struct marks_block) > most) {
		g->no_index = true;
		marks_release(&g->chunks);
	}
}

/* The first word of a chunk in a fastbin or tcache is a link, and counts as no C++ object. */
static void take_for_index(struct glibc *g, const struct glibc_chunk *c)
{
	add_to_index(g, c);
	if (c->first && g->d->cxx && images_have(&g->d->cxx->images, c->first)) {
		glibc_count_first(g, c->first, c->bytes);
		marks_set(&g->pointing, c->addr);
	}
}

static void take_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct survey *s = arg;

	for (size_t i = 0; i < n; i++) {
		s->chunk_bytes += chunks[i].bytes;
		if (chunks[i].in_use)
			add_candidates(s->g, &chunks[i]);
		if (s->g->d->glibc_early)
			take_for_index(s->g, &chunks[i]);
	}
	if (!s->g->d->glibc_early)
		glibc_account_chunks(s->g, chunks, n);
}

/* Counts what is in swap; what is left over is not attributed, so it keeps what evidence it had. */
static void skip_gap(void *arg, uint64_t start, uint64_t end)
{
	struct survey *s = arg;
	struct mem_presence p;

	s->sums->unwalked_bytes += end - start;
	if (memsrc_presence(s->g->d->mem, start, end, &p))
		s->g->swapped_bytes += p.swapped_bytes;
}

bool glibc_walk_segment(struct glibc *g, const struct glibc_segment *seg, uint64_t *ret_end)
{
	struct glibc_arena *arena = &g->arenas[seg->arena];
	struct survey s = { .g = g, .sums = &arena->out.sums };
	struct glibc_walk w = {
		.g = g,
		.seg = seg,
		.take = take_chunks,
		.skip = skip_gap,
		.arg = &s,
		.with_first = g->has_fast || g->d->cxx,
	};
	uint64_t walked = s.sums->unwalked_bytes;

	glibc_walk_chunks(&w);
	if (w.top_bytes) {
		s.sums->top_bytes += w.top_bytes;
		glibc_attribute_free(g, s.sums, w.end - w.top_bytes, w.top_bytes, GLIBC_CHUNK_MIN);
	}
	/* Fenceposts, headers of heaps, alignment: what of the segment is in no chunk. */
	walked = s.sums->unwalked_bytes - walked + s.chunk_bytes + w.top_bytes;
	arena->covered_bytes += w.end - seg->base;
	if (w.end - seg->base > walked)
		s.sums->overhead_bytes += w.end - seg->base - walked;
	if (!arena->main)
		(void)attributions_add_range(&g->attributions, g->d->mem, g->owner, LINE_OVERHEAD,
					     seg->base, seg->start - seg->base, &g->swapped_bytes);
	arena->out.heaps++;
	g->out.breaks += w.breaks;
	g->segments = xgrow(g->segments, g->n_segments, &g->cap_segments, sizeof(*g->segments));
	g->segments[g->n_segments] = *seg;
	g->segments[g->n_segments++].limit = w.end;
	*ret_end = w.end;
	return w.top_bytes != 0;
}

bool glibc_mark_free(struct glibc *g, uint64_t chunk)
{
	uint64_t flag = chunk + MARKS_GRANULE;

	if (!marks_any(&g->chunks, chunk, flag) ||
	    marks_any(&g->chunks, flag, flag + MARKS_GRANULE))
		return false;
	marks_set(&g->chunks, flag);
	return true;
}

void glibc_each_chunk_now(struct glibc *g, glibc_take_fn *take, void *arg)
{
	for (size_t i = 0; i < g->n_segments; i++) {
		struct glibc_walk w = { .g = g, .seg = &g->segments[i], .take = take, .arg = arg };

		glibc_walk_chunks(&w);
	}
}

/* Hands over the chunks of a run, but each last one only when its end is known. */
static void replay(struct glibc *g, const struct glibc_run *run, glibc_take_fn *take, void *arg)
{
	struct glibc_chunk v[MARKS_WORD / GLIBC_CHUNK_MIN + 2];
	uint64_t bits, at = run->start;
	size_t n = 0;

	for (; (bits = marks_next_word(&g->chunks, &at, run->end)); at += MARKS_WORD) {
		for (; bits; bits &= bits - 1) {
			uint64_t addr = at + (uint64_t)__builtin_ctzll(bits) * MARKS_GRANULE;

			if (n && addr == v[n - 1].addr + MARKS_GRANULE) {
				v[n - 1].in_use = false;
				continue;
			}
			if (n)
				v[n - 1].bytes = addr - v[n - 1].addr;
			v[n++] = (struct glibc_chunk){ .addr = addr,
						       .arena = run->arena,
						       .in_use = true };
		}
		take(arg, v, n - 1);
		v[0] = v[n - 1];
		n = 1;
	}
	v[0].bytes = run->end - v[0].addr;
	take(arg, v, 1);
}

void glibc_each_chunk(struct glibc *g, glibc_take_fn *take, void *arg)
{
	if (g->no_index)
		glibc_each_chunk_now(g, take, arg);
	for (size_t i = 0; !g->no_index && i < g->n_runs; i++)
		replay(g, &g->runs[i], take, arg);
}
