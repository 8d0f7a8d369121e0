/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of chunks that a walk leaves: a mark at the start of each. Any two chunks are at least
 * 32 bytes apart, so the granule behind a start can say whether the chunk is free.
 */
#include "base/alloc.h"
#include "walk/alloc/glibc/glibc_impl.h"

enum { INDEX_BYTES = 32 << 20 };

/* Begins a run of chunks. Returns it, valid until the next one. */
static struct glibc_run *add_run(struct glibc *g, const struct glibc_chunk *c)
{
	g->runs = xgrow(g->runs, g->n_runs, &g->cap_runs, sizeof(*g->runs));
	g->runs[g->n_runs] = (struct glibc_run){ .start = c->addr, .arena = c->arena };
	return &g->runs[g->n_runs++];
}

void glibc_index_add(struct glibc *g, const struct glibc_chunk *chunks, size_t n)
{
	size_t most = g->walk->opts.index_bytes ? g->walk->opts.index_bytes : INDEX_BYTES;
	struct glibc_run *run = g->n_runs ? &g->runs[g->n_runs - 1] : NULL;

	if (g->no_index)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct glibc_chunk *c = &chunks[i];

		if (!run || run->end != c->addr || run->arena != c->arena)
			run = add_run(g, c);
		run->end = c->addr + c->bytes;
		marks_set(&g->chunks, c->addr);
		if (!c->in_use)
			marks_set(&g->chunks, c->addr + MARKS_GRANULE);
	}
	if (g->chunks.n * sizeof(struct marks_block) > most) {
		g->no_index = true;
		marks_release(&g->chunks);
	}
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

/* Passes on the chunks of a run: the last one of each word waits until its end is known. */
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
