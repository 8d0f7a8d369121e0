/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the chunks add up to, and which resident bytes of which region they are.
 */
#include "walk/alloc/glibc/glibc_impl.h"

enum {
	HEADER_BYTES = 8,         /* of a chunk in use: its size; the rest is the program's */
	FREE_HEADER_BYTES = 0x30, /* of a free chunk, which malloc_trim keeps */
};

/* Sums of the region at hand wait here until the next one begins. */
struct account {
	struct glibc *g;
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

/*
 * Whether the chunk is wholly in one region, which becomes the one at hand, and all of it resident:
 * both headers of a chunk no longer than a page were read.
 */
static bool is_simple(struct account *a, const struct glibc_chunk *c)
{
	if (c->addr - a->region_start >= a->region_end - a->region_start) {
		flush(a);
		a->region = attributions_region(&a->g->attributions, c->addr);
		a->region_start = c->addr;
		a->region_end = c->addr + 1;
		if (a->region != ATTRIBUTION_SKEW) {
			a->region_start = a->g->d->snap->regions[a->region].start;
			a->region_end = a->g->d->snap->regions[a->region].end;
		}
	}
	return c->bytes <= a->page && c->bytes <= a->region_end - c->addr;
}

/* Attributes a live chunk as native memory, or to the object that owns it (if not NULL). */
static void attribute_live(struct glibc *g, const struct walk_owned *owned, uint64_t chunk,
			   uint64_t bytes)
{
	(void)attributions_add_range(&g->attributions, g->d->mem, owned ? owned->owner : g->owner,
				     owned ? (enum walk_line)owned->line : LINE_NATIVE,
				     chunk + HEADER_BYTES, bytes - HEADER_BYTES, &g->swapped_bytes);
	attributions_add(&g->attributions, attributions_region(&g->attributions, chunk), g->owner,
			 LINE_OVERHEAD, HEADER_BYTES);
}

static const struct walk_owned *owner_of(struct glibc *g, uint64_t chunk, uint64_t bytes)
{
	const struct walk_owned *owned;

	return walk_owner_of(g->d, chunk + GLIBC_HEAD, chunk + bytes + HEADER_BYTES, &owned) ? owned
											     : NULL;
}

/* Takes back what an owned chunk was counted as before its owner was known. */
static void uncount_first(struct glibc *g, const struct glibc_chunk *c)
{
	uint64_t first;

	if (marks_any(&g->pointing, c->addr, c->addr + GLIBC_HEAD) &&
	    memsrc_peek(g->d->mem, c->addr + GLIBC_HEAD, &first, sizeof(first)))
		cxx_uncount(g->d->cxx, &g->objects, first, c->bytes);
}

static void take_live(struct account *a, struct walk_heap *sums, const struct glibc_chunk *c)
{
	const struct walk_owned *owned = owner_of(a->g, c->addr, c->bytes);

	sums->live_bytes += c->bytes;
	sums->live_blocks++;
	if (!is_simple(a, c)) {
		attribute_live(a->g, owned, c->addr, c->bytes);
	} else {
		a->header_bytes += HEADER_BYTES;
		if (owned)
			attributions_add(&a->g->attributions, a->region, owned->owner,
					 (enum walk_line)owned->line, c->bytes - HEADER_BYTES);
		else
			a->native_bytes += c->bytes - HEADER_BYTES;
	}
	glibc_count_live(a->g, c->addr, c->bytes, !owned);
	if (owned)
		uncount_first(a->g, c);
}

/* Attributes a chunk as free. Those in caches have no page that malloc_trim would return. */
static void attribute_free(struct account *a, struct walk_heap *sums, const struct glibc_chunk *c,
			   bool cached)
{
	if (is_simple(a, c)) {
		a->free_bytes += c->bytes;
		attributions_free(&a->g->attributions, c->addr, c->bytes);
		sums->free_resident_bytes += c->bytes;
	} else {
		glibc_attribute_free(a->g, sums, c->addr, c->bytes,
				     cached ? c->bytes : FREE_HEADER_BYTES);
	}
}

static void take_free(struct account *a, struct walk_heap *sums, const struct glibc_chunk *c)
{
	sums->free_bytes += c->bytes;
	sums->free_blocks++;
	attribute_free(a, sums, c, false);
}

static void take_cached(struct account *a, struct walk_heap *sums, const struct glibc_chunk *c)
{
	if (marks_any(&a->g->tcached, c->addr, c->addr + GLIBC_HEAD)) {
		sums->tcache_bytes += c->bytes;
		sums->tcache_blocks++;
	} else {
		sums->free_bytes += c->bytes;
		sums->free_blocks++;
		sums->fast_bytes += c->bytes;
		sums->fast_blocks++;
	}
	attribute_free(a, sums, c, true);
}

static void take_chunks(void *arg, const struct glibc_chunk *chunks, size_t n)
{
	struct account *a = arg;

	for (size_t i = 0; i < n; i++) {
		const struct glibc_chunk *c = &chunks[i];
		struct walk_heap *sums = &a->g->arenas[c->arena].out.sums;

		if (!c->in_use)
			take_free(a, sums, c);
		else if (glibc_is_cached(a->g, c->addr))
			take_cached(a, sums, c);
		else
			take_live(a, sums, c);
	}
}

static void take_mapped(struct glibc *g, const struct glibc_mapped *c)
{
	const struct walk_owned *owned = owner_of(g, c->addr, c->bytes);
	uint64_t first;

	g->out.mmapped_bytes += c->bytes;
	g->out.mmapped_blocks++;
	attribute_live(g, owned, c->addr, c->bytes);
	glibc_count_live(g, c->addr, c->bytes, !owned);
	if (!owned && memsrc_peek(g->d->mem, c->addr + GLIBC_HEAD, &first, sizeof(first)))
		glibc_count_first(g, first, c->bytes);
}

void glibc_account(struct glibc *g)
{
	struct account a = {
		.g = g,
		.page = g->d->mem->page_bytes,
		.region = ATTRIBUTION_SKEW,
	};

	glibc_each_chunk(g, take_chunks, &a);
	flush(&a);
	for (size_t i = 0; i < g->n_mapped; i++)
		take_mapped(g, &g->mapped[i]);
	for (size_t i = 0; i < g->n_arenas; i++) {
		struct walk_heap *s = &g->arenas[i].out.sums;

		s->system_bytes = s->live_bytes + s->free_bytes + s->top_bytes + s->tcache_bytes +
				  s->overhead_bytes + s->unwalked_bytes;
		walk_heap_add(&g->out.total, s);
	}
	glibc_settle_sizes(g);
}
