/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the chunks add up to, and which resident bytes of which region they are.
 */
#include "walk/alloc/glibc/glibc_impl.h"

enum {
	HEADER_BYTES = 8,         /* of a chunk in use: its size; the rest is the program's */
	FREE_HEADER_BYTES = 0x30, /* of a free chunk, which malloc_trim keeps */
};

static void flush(struct glibc *g)
{
	struct attributions *a = &g->account.attributions;
	struct glibc_pending *p = &g->pending;

	attributions_add(a, &p->at, g->account.owner, LINE_NATIVE, p->native_bytes);
	attributions_add(a, &p->at, g->account.owner, LINE_MALLOC_FREE, p->free_bytes);
	attributions_add(a, &p->at, g->account.owner, LINE_OVERHEAD, p->header_bytes);
	p->native_bytes = p->free_bytes = p->header_bytes = 0;
}

/*
 * Tells whether the chunk is wholly in one region and wholly resident, and makes that region the
 * one of the pending sums. Both headers of a chunk were read, so a chunk no longer than a page is
 * resident.
 */
static inline bool is_simple(struct glibc *g, const struct glibc_chunk *c)
{
	struct glibc_pending *p = &g->pending;

	if (c->addr - p->start >= p->end - p->start) {
		flush(g);
		p->at = attributions_even_place(&g->account.attributions, c->addr, &p->start,
						&p->end);
	}
	return c->bytes <= g->walk->mem->page_bytes && c->bytes <= p->end - c->addr;
}

/* Attributes a live chunk as native memory, or to the object that owns it (if not NULL). */
static void attribute_live(struct glibc *g, const struct walk_owned *owned, uint64_t chunk,
			   uint64_t bytes)
{
	struct attribution_place head;

	(void)attributions_add_range(
		&g->account.attributions, g->walk->mem, owned ? owned->owner : g->account.owner,
		owned ? (enum walk_line)owned->line : LINE_NATIVE, chunk + HEADER_BYTES,
		bytes - HEADER_BYTES, &g->account.swapped_bytes);
	head = attributions_place(&g->account.attributions, chunk, chunk + HEADER_BYTES);
	attributions_add(&g->account.attributions, &head, g->account.owner, LINE_OVERHEAD,
			 HEADER_BYTES);
}

static const struct walk_owned *owner_of(struct glibc *g, uint64_t chunk, uint64_t bytes)
{
	const struct walk_owned *owned;

	return g->walk->n_owned && walk_owner_of(g->walk, chunk + GLIBC_HEAD,
						 chunk + bytes + HEADER_BYTES, &owned)
		       ? owned
		       : NULL;
}

/*
 * Subtracts an owned chunk from the C++ objects, as which it was counted before its owner was
 * known.
 */
static void uncount_first(struct glibc *g, const struct glibc_chunk *c)
{
	uint64_t first;

	if (marks_any(&g->pointing, c->addr, c->addr + GLIBC_HEAD) &&
	    memsrc_peek(g->walk->mem, c->addr + GLIBC_HEAD, &first, sizeof(first)))
		cxx_uncount(g->walk->cxx, &g->objects, first, c->bytes);
}

static inline void count_live(struct glibc *g, uint64_t chunk, uint64_t bytes, bool is_native)
{
	size_account_count_live(&g->account, (struct walk_block){ chunk + GLIBC_HEAD, bytes },
				is_native);
}

static void account_live(struct glibc *g, struct walk_heap *sums, const struct glibc_chunk *c)
{
	const struct walk_owned *owned = owner_of(g, c->addr, c->bytes);

	sums->live_bytes += c->bytes;
	sums->live_blocks++;
	if (!is_simple(g, c)) {
		attribute_live(g, owned, c->addr, c->bytes);
	} else {
		g->pending.header_bytes += HEADER_BYTES;
		if (owned)
			attributions_add(&g->account.attributions, &g->pending.at, owned->owner,
					 (enum walk_line)owned->line, c->bytes - HEADER_BYTES);
		else
			g->pending.native_bytes += c->bytes - HEADER_BYTES;
	}
	count_live(g, c->addr, c->bytes, !owned);
	if (owned)
		uncount_first(g, c);
}

/* Attributes a chunk as free. A chunk in a cache has no page that malloc_trim would return. */
static void attribute_free(struct glibc *g, struct walk_heap *sums, const struct glibc_chunk *c,
			   bool cached)
{
	if (is_simple(g, c)) {
		g->pending.free_bytes += c->bytes;
		attributions_free(&g->account.attributions, c->addr, c->bytes);
		sums->free_resident_bytes += c->bytes;
	} else {
		glibc_attribute_free(g, sums, c->addr, c->bytes,
				     cached ? c->bytes : FREE_HEADER_BYTES);
	}
}

static void account_free(struct glibc *g, struct walk_heap *sums, const struct glibc_chunk *c)
{
	sums->free_bytes += c->bytes;
	sums->free_blocks++;
	attribute_free(g, sums, c, false);
}

static void account_cached(struct glibc *g, struct walk_heap *sums, const struct glibc_chunk *c)
{
	if (marks_any(&g->tcached, c->addr, c->addr + GLIBC_HEAD)) {
		sums->tcache_bytes += c->bytes;
		sums->tcache_blocks++;
	} else {
		sums->free_bytes += c->bytes;
		sums->free_blocks++;
		sums->fast_bytes += c->bytes;
		sums->fast_blocks++;
	}
	attribute_free(g, sums, c, true);
}

static void account_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct glibc *g = arg;

	for (size_t i = 0; i < n; i++) {
		const struct glibc_chunk *c = &chunks[i];
		struct walk_heap *sums = &g->account.arenas[c->arena].sums;

		if (glibc_is_cached(g, c))
			account_cached(g, sums, c);
		else if (c->in_use)
			account_live(g, sums, c);
		else
			account_free(g, sums, c);
	}
}

static void account_mapped(struct glibc *g, const struct glibc_mapped *c)
{
	const struct walk_owned *owned = owner_of(g, c->addr, c->bytes);
	uint64_t first;

	g->account.out.mmapped_bytes += c->bytes;
	g->account.out.mmapped_blocks++;
	attribute_live(g, owned, c->addr, c->bytes);
	count_live(g, c->addr, c->bytes, !owned);
	if (!owned && memsrc_peek(g->walk->mem, c->addr + GLIBC_HEAD, &first, sizeof(first)))
		glibc_count_first(g, first, c->bytes);
}

void glibc_account(struct glibc *g)
{
	glibc_each_chunk(g, account_chunks, g);
	flush(g);
	for (size_t i = 0; i < g->n_mapped; i++)
		account_mapped(g, &g->mapped[i]);
}

/*
 * Memory that malloc did not clear may still point at the bins of the main arena, from when it was
 * free.
 */
void glibc_count_first(struct glibc *g, uint64_t first, uint64_t bytes)
{
	if (g->walk->cxx && first - g->arenas[0].addr >= g->layout->size)
		cxx_count(g->walk->cxx, &g->objects, first, bytes);
}
