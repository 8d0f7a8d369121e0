/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/php/zend.h"

#include <errno.h>

#include "base/alloc.h"

enum {
	PAGES_MAX = 200000, /* read to follow the free lists of a heap: at most 0.5 s */
};

enum zend_space { SMALL, LARGE, HUGE, UNUSED, CACHED, SPACE_COUNT };

static const char *const space_names[SPACE_COUNT] = {
	[SMALL] = "small blocks", [LARGE] = "large blocks",   [HUGE] = "huge blocks",
	[UNUSED] = "free pages",  [CACHED] = "cached chunks",
};

struct sums {
	uint64_t committed, live, resident, free_resident, count;
};

/* Blocks of one size. */
struct bin_sums {
	uint64_t runs, free; /* runs of pages; blocks that are free */
};

struct zend_walk {
	struct runtime_walk base;
	uint16_t owner;
	uint64_t *chunks; /* main chunks of all heaps; owned */
	struct zend_heap *heaps;
	bool *was_read; /* of each heap */
	size_t n_heaps;

	/* Of the heap that is being walked. */
	struct zend_heap *heap;
	struct bin_sums bins[ZEND_BINS];
	uint64_t small_free; /* of the heap: bytes of free small blocks */
	uint64_t found_free; /* part of it that was found by following the lists */
	bool lists_whole;    /* all lists were followed to their end */

	/* Sums over all heaps. */
	struct sums sums[SPACE_COUNT];
	uint64_t live[ZEND_BINS]; /* blocks */
	uint64_t size, peak, real, real_peak, headers;
	bool complete;
};

static int compare_chunk(const void *key, const void *element)
{
	uint64_t addr = *(const uint64_t *)key;
	const struct zend_chunk *c = element;

	return (addr > c->addr) - (addr < c->addr);
}

/* Returns the chunk in which a block of the bin may begin at addr; NULL: none. */
static struct zend_chunk *chunk_of_block(const struct zend_heap *h, struct zend_chunk *last,
					 uint64_t addr, size_t bin)
{
	uint64_t in_chunk = addr % ZEND_CHUNK_BYTES, start = addr - in_chunk, in_run;
	size_t page = (size_t)(in_chunk / ZEND_PAGE_BYTES);

	if (!last || last->addr != start)
		last = bsearch(&start, h->chunks, h->n_chunks, sizeof(*h->chunks), compare_chunk);
	if (!last || last->page[page] != bin)
		return NULL;
	in_run = in_chunk % ZEND_PAGE_BYTES + (uint64_t)last->in_run[page] * ZEND_PAGE_BYTES;
	return in_run % zend_bins[bin].bytes == 0 ? last : NULL;
}

/*
 * Follows the list of free blocks of one size, page by page: a page has blocks of one size only,
 * while lists jump from chunk to chunk. Reads at most *left pages.
 */
static bool follow_list(struct zend_walk *w, size_t bin, uint64_t *left)
{
	uint64_t most = w->bins[bin].runs * zend_bins[bin].elements;
	uint64_t words[ZEND_PAGE_BYTES / 8], page = 0;
	struct zend_chunk *chunk = NULL;

	for (uint64_t at = w->heap->lists[bin]; at; at = words[at % ZEND_PAGE_BYTES / 8]) {
		chunk = chunk_of_block(w->heap, chunk, at, bin);
		if (!chunk || w->bins[bin].free == most)
			return false;
		if (at / ZEND_PAGE_BYTES != page) {
			page = at / ZEND_PAGE_BYTES;
			if (*left == 0 || !memsrc_peek(w->base.walk->mem, page * ZEND_PAGE_BYTES,
						       words, sizeof(words)))
				return false;
			--*left;
		}
		w->bins[bin].free++;
		w->found_free += zend_bins[bin].bytes;
		chunk->free_bytes += zend_bins[bin].bytes;
	}
	return true;
}

static void count_runs(struct zend_walk *w)
{
	for (size_t i = 0; i < w->heap->n_chunks; i++) {
		const struct zend_chunk *c = &w->heap->chunks[i];

		for (size_t page = 0; page < ZEND_PAGES; page++) {
			if (c->page[page] < ZEND_BINS && c->in_run[page] == 0)
				w->bins[c->page[page]].runs++;
		}
	}
}

static void add_sums(struct sums *s, uint64_t committed, uint64_t live, uint64_t resident,
		     uint64_t free_resident)
{
	s->committed += committed;
	s->live += live;
	s->resident += resident;
	s->free_resident += free_resident;
}

static uint64_t attribution(struct zend_walk *w, enum walk_line line, uint64_t addr, uint64_t len)
{
	return attributions_add_range(&w->base.walk->attributions, w->base.walk->mem, w->owner,
				      line, addr, len, &w->base.walk->swapped_unread_bytes);
}

/* Returns the bytes behind the blocks of the pages [from, to), which all have small blocks. */
static uint64_t padding_of(const struct zend_chunk *c, size_t from, size_t to)
{
	uint64_t sum = 0;

	for (size_t page = from; page < to; page++) {
		const struct zend_bin *bin = &zend_bins[c->page[page]];

		if (c->in_run[page] == 0)
			sum += (uint64_t)bin->pages * ZEND_PAGE_BYTES -
			       (uint64_t)bin->elements * bin->bytes;
	}
	return sum;
}

static void attribute_small(struct zend_walk *w, const struct zend_chunk *c, uint64_t resident,
			    uint64_t padding)
{
	struct attributions *attributions = &w->base.walk->attributions;
	struct attribution_place at = attributions_place(attributions, c->addr,
							 c->addr + ZEND_CHUNK_BYTES);
	uint64_t left = resident - MIN(padding, resident), is_free = MIN(c->free_bytes, left);

	attributions_add(attributions, &at, w->owner, LINE_OVERHEAD, MIN(padding, resident));
	attributions_add(attributions, &at, w->owner, LINE_RUNTIME_FREE, is_free);
	attributions_add(attributions, &at, w->owner, LINE_OBJECTS, left - is_free);
	add_sums(&w->sums[SMALL], 0, 0, resident, is_free);
}

static uint8_t group_of(uint8_t page)
{
	return page < ZEND_BINS ? 0 : page;
}

/*
 * Attributes the pages [from, to) of a chunk, which are all of one group. Returns the bytes of
 * small blocks.
 */
static uint64_t attribute_pages(struct zend_walk *w, const struct zend_chunk *c, size_t from,
				size_t to)
{
	uint64_t addr = c->addr + from * ZEND_PAGE_BYTES, len = (to - from) * ZEND_PAGE_BYTES, got;
	struct mem_presence p;

	switch (c->page[from]) {
	case ZEND_PAGE_HEADER:
		w->headers += attribution(w, LINE_OVERHEAD, addr, len);
		return 0;
	case ZEND_PAGE_FREE:
		got = attribution(w, LINE_RUNTIME_FREE, addr, len);
		add_sums(&w->sums[UNUSED], len, 0, got, got);
		return 0;
	case ZEND_PAGE_LARGE:
		got = attribution(w, LINE_OBJECTS, addr, len);
		add_sums(&w->sums[LARGE], len, len, got, 0);
		return 0;
	default:
		w->sums[SMALL].committed += len;
		if (!memsrc_presence(w->base.walk->mem, addr, addr + len, &p))
			return 0;
		w->base.walk->swapped_unread_bytes += p.swapped_bytes;
		return p.resident_bytes;
	}
}

static void attribute_chunk(struct zend_walk *w, const struct zend_chunk *c)
{
	uint64_t resident = 0, padding = 0;
	size_t end;

	for (size_t i = 0; i < ZEND_PAGES; i = end) {
		end = i + 1;
		while (end < ZEND_PAGES && group_of(c->page[end]) == group_of(c->page[i]))
			end++;
		resident += attribute_pages(w, c, i, end);
		if (c->page[i] < ZEND_BINS)
			padding += padding_of(c, i, end);
	}
	w->sums[LARGE].count += c->large_blocks;
	attribute_small(w, c, resident, padding);
}

/* Spreads the rest evenly, where lists were not followed to their end. */
static void spread_free(struct zend_walk *w, uint64_t small)
{
	for (size_t i = 0; i < w->heap->n_chunks; i++) {
		struct zend_chunk *c = &w->heap->chunks[i];
		uint64_t bytes = 0;

		for (size_t page = 0; page < ZEND_PAGES; page++)
			bytes += c->page[page] < ZEND_BINS ? ZEND_PAGE_BYTES : 0;
		c->free_bytes = (uint64_t)((double)w->small_free * (double)bytes / (double)small);
	}
}

/*
 * PHP counts the live bytes itself. Those that are neither large nor huge are small, and the rest
 * of the runs of small blocks is free.
 */
static void divide_small(struct zend_walk *w)
{
	const struct zend_heap *h = w->heap;
	uint64_t blocks = 0, live = h->size, pages = 0;

	for (size_t i = 0; i < ZEND_BINS; i++) {
		blocks += w->bins[i].runs * zend_bins[i].elements * zend_bins[i].bytes;
		pages += w->bins[i].runs * zend_bins[i].pages * ZEND_PAGE_BYTES;
	}
	for (size_t i = 0; i < h->n_huge; i++)
		live -= MIN(live, h->huge[i].bytes);
	for (size_t i = 0; i < h->n_chunks; i++) {
		for (size_t page = 0; page < ZEND_PAGES; page++)
			live -= h->chunks[i].page[page] == ZEND_PAGE_LARGE
					? MIN(live, (uint64_t)ZEND_PAGE_BYTES)
					: 0;
	}
	live = MIN(live, blocks);
	w->small_free = blocks - live;
	w->sums[SMALL].live += live;
	if (!w->lists_whole && pages)
		spread_free(w, pages);
}

static void attribute_heap(struct zend_walk *w)
{
	const struct zend_heap *h = w->heap;

	for (size_t i = 0; i < h->n_chunks; i++)
		attribute_chunk(w, &h->chunks[i]);
	for (size_t i = 0; i < h->n_huge; i++) {
		uint64_t bytes = h->huge[i].bytes;

		add_sums(&w->sums[HUGE], bytes, bytes,
			 attribution(w, LINE_OBJECTS, h->huge[i].addr, bytes), 0);
	}
	w->sums[HUGE].count += h->n_huge;
	for (size_t i = 0; i < h->n_cached; i++) {
		uint64_t got = attribution(w, LINE_RUNTIME_FREE, h->cached[i], ZEND_CHUNK_BYTES);

		add_sums(&w->sums[CACHED], ZEND_CHUNK_BYTES, 0, got, got);
	}
}

static void walk_heap(struct zend_walk *w)
{
	const struct zend_heap *h = w->heap;
	uint64_t left = PAGES_MAX;

	memset(w->bins, 0, sizeof(w->bins));
	w->found_free = 0;
	count_runs(w);
	w->lists_whole = true;
	for (size_t i = 0; i < ZEND_BINS; i++)
		w->lists_whole &= follow_list(w, i, &left);
	divide_small(w);
	attribute_heap(w);
	for (size_t i = 0; i < ZEND_BINS; i++)
		w->live[i] += w->bins[i].runs * zend_bins[i].elements - w->bins[i].free;
	w->size += h->size;
	w->peak += h->peak;
	w->real += h->real;
	w->real_peak += h->real_peak;
	w->complete &= w->lists_whole && w->found_free == w->small_free;
}

static void report_kinds(struct zend_walk *w, struct walk_runtime *out)
{
	struct arena *arena = &w->base.walk->arena;

	out->kinds = arena_array(arena, ZEND_BINS + 2, struct walk_kind);
	for (size_t i = 0; i < ZEND_BINS; i++) {
		if (w->live[i])
			out->kinds[out->n_kinds++] = (struct walk_kind){
				arena_printf(arena, "blocks of %u", zend_bins[i].bytes), w->live[i],
				w->live[i] * zend_bins[i].bytes, 0
			};
	}
	for (int i = LARGE; i <= HUGE; i++) {
		if (w->sums[i].count)
			out->kinds[out->n_kinds++] = (struct walk_kind){ space_names[i],
									 w->sums[i].count,
									 w->sums[i].live, 0 };
	}
	runtime_sort_kinds(out);
}

static void report_spaces(struct zend_walk *w, struct walk_runtime *out)
{
	uint64_t resident = w->headers, is_free = 0;

	out->spaces = arena_array(&w->base.walk->arena, SPACE_COUNT, struct walk_space);
	for (int i = 0; i < SPACE_COUNT; i++) {
		const struct sums *s = &w->sums[i];
		struct walk_space *space = &out->spaces[out->n_spaces++];

		*space = walk_space_of(space_names[i]);
		space->committed = amount_of(s->committed);
		space->live = amount_of(s->live);
		space->free_bytes = amount_of(s->committed - MIN(s->live, s->committed));
		space->resident = amount_of(s->resident);
		space->free_resident = amount_of(s->free_resident);
		resident += s->resident;
		is_free += s->free_resident;
	}
	out->total.committed = amount_of(w->real);
	out->total.live = amount_of(w->size);
	out->total.free_bytes = amount_of(w->real - MIN(w->size, w->real));
	out->total.resident = amount_of(resident);
	out->total.free_resident = amount_of(is_free);
	out->peak_live = amount_of(w->peak);
	out->peak_committed = amount_of(w->real_peak);
}

static int find(void *state)
{
	struct zend_walk *w = state;

	w->n_heaps = zend_find(w->base.walk->mem, &w->chunks);
	w->heaps = xcalloc(w->n_heaps + 1, sizeof(*w->heaps));
	w->was_read = xcalloc(w->n_heaps + 1, sizeof(*w->was_read));
	return w->n_heaps ? 0 : -ENOENT;
}

static size_t count_read(const struct zend_walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_heaps; i++)
		n += w->was_read[i];
	return n;
}

/* Reads the heaps. Another attempt reads those that could not be read at the first. */
static int read_heap(void *state)
{
	struct zend_walk *w = state;
	int status = 0;

	for (size_t i = 0; i < w->n_heaps; i++) {
		int one = w->was_read[i] ? 0
					 : zend_read(w->base.walk->mem, w->chunks[i], &w->heaps[i]);

		w->was_read[i] = one == 0;
		status = one < 0 ? one : status;
	}
	return status < 0 && count_read(w) ? RUNTIME_TORN : status;
}

static void forget(void *state)
{
	struct zend_walk *w = state;

	for (size_t i = 0; i < w->n_heaps; i++) {
		if (w->was_read[i])
			continue;
		zend_release(&w->heaps[i]);
		w->heaps[i] = (struct zend_heap){ 0 };
	}
}

static void report(void *state, struct walk_runtime *out)
{
	struct zend_walk *w = state;

	w->owner = walk_owner(w->base.walk, OWNER_RUNTIME, "php");
	w->complete = count_read(w) == w->n_heaps;
	for (size_t i = 0; i < w->n_heaps; i++) {
		w->heap = &w->heaps[i];
		if (w->was_read[i])
			walk_heap(w);
	}
	report_spaces(w, out);
	report_kinds(w, out);
	out->complete = w->complete;
}

static enum reason why_unread(void *state, int status, struct walk_runtime *out)
{
	struct zend_walk *w = state;

	if (status == -EIO) {
		out->unread_other = mem_why_descs[w->base.walk->mem->why].text;
		return REASON_OTHER;
	}
	return status == -ENOENT ? REASON_PHP_NOT_FOUND : REASON_PHP_NOT_KNOWN;
}

static void release(void *state)
{
	struct zend_walk *w = state;

	for (size_t i = 0; i < w->n_heaps; i++)
		zend_release(&w->heaps[i]);
	free(w->chunks);
	free(w->heaps);
	free(w->was_read);
}

const struct runtime_walker zend_walker = {
	.state_bytes = sizeof(struct zend_walk),
	.find = find,
	.read = read_heap,
	.forget = forget,
	.report = report,
	.why_unread = why_unread,
	.release = release,
};
