/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/php/zend.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	CANDIDATES_MAX = 1 << 16, /* places that are tried for a main chunk: 128 GiB */
	HEAPS_MAX = 256,
	CHUNKS_MAX = 1 << 18,
	HUGE_MAX = 1 << 20,
	CHUNK_NEXT = 8,
	CHUNK_PREV = 16,
	CHUNK_FREE_PAGES = 24,
	PAGE_WORDS = ZEND_PAGES / 64,
	PAGE_MAP_BYTES = PAGE_WORDS * 8,
	HEAP_SIZE = 2, /* in words, as all offsets below */
	HEAP_PEAK = 3,
	HEAP_REAL_MIN = HEAP_PEAK + 1 + ZEND_BINS,
	HEAP_REAL_MAX = HEAP_REAL_MIN + 4,
	HEAP_MAIN_MAX = HEAP_REAL_MAX + 12,
	HEAP_WORDS_MAX = 160,
};

/* The map of pages has a u32 for each page, with what begins there. */
static const uint32_t map_small = UINT32_C(0x80000000), map_large = UINT32_C(0x40000000);
enum { MAP_BIN = 0x1f, MAP_PAGES = 0x3ff };

static const uint64_t user_end = UINT64_C(1) << 47;

const struct zend_bin zend_bins[] = {
	{ 8, 512, 1 },  { 16, 256, 1 },  { 24, 170, 1 }, { 32, 128, 1 }, { 40, 102, 1 },
	{ 48, 85, 1 },  { 56, 73, 1 },   { 64, 64, 1 },  { 80, 51, 1 },  { 96, 42, 1 },
	{ 112, 36, 1 }, { 128, 32, 1 },  { 160, 25, 1 }, { 192, 21, 1 }, { 224, 18, 1 },
	{ 256, 16, 1 }, { 320, 64, 5 },  { 384, 32, 3 }, { 448, 9, 1 },  { 512, 8, 1 },
	{ 640, 32, 5 }, { 768, 16, 3 },  { 896, 9, 2 },  { 1024, 8, 2 }, { 1280, 16, 5 },
	{ 1536, 8, 3 }, { 1792, 16, 7 }, { 2048, 8, 4 }, { 2560, 8, 5 }, { 3072, 4, 3 },
};
_Static_assert(ARRAY_SIZE(zend_bins) == ZEND_BINS, "a row for each");

/* The first page of a chunk, as it was read. */
struct header {
	uint64_t addr;
	uint8_t bytes[ZEND_PAGE_BYTES];
};

static uint64_t word(const struct header *c, size_t at)
{
	uint64_t v;

	memcpy(&v, c->bytes + at, sizeof(v));
	return v;
}

static uint32_t half(const struct header *c, size_t at)
{
	uint32_t v;

	memcpy(&v, c->bytes + at, sizeof(v));
	return v;
}

static uint64_t heap_word(const struct header *c, size_t i)
{
	return word(c, ZEND_HEAP_AT + 8 * i);
}

size_t zend_find(struct memsrc *m, uint64_t **ret)
{
	size_t n = 0, cap = 0, tried = 0;
	uint64_t *v = NULL;

	for (const struct mem_map *map = m->maps; map < m->maps + m->n_maps; map++) {
		uint64_t at = (map->start + ZEND_CHUNK_BYTES - 1) & -(uint64_t)ZEND_CHUNK_BYTES;

		if (map->kind != MEM_ANON || !(map->perms & VMA_WRITE) || map->perms & VMA_SHARED)
			continue;
		for (; at < map->end && n < HEAPS_MAX && tried < CANDIDATES_MAX;
		     at += ZEND_CHUNK_BYTES, tried++) {
			uint64_t heap;

			if (!memsrc_peek(m, at, &heap, sizeof(heap)) || heap != at + ZEND_HEAP_AT)
				continue;
			v = xgrow(v, n, &cap, sizeof(*v));
			v[n++] = at;
		}
	}
	*ret = v;
	return n;
}

void zend_release(struct zend_heap *h)
{
	free(h->chunks);
	free(h->huge);
	free(h->cached);
}

/*
 * Reads a header without the block around it: the sooner all headers are read, the more likely they
 * agree.
 */
static bool read_header(struct memsrc *m, uint64_t addr, struct header *ret)
{
	ret->addr = addr;
	return memsrc_peek(m, addr, ret->bytes, sizeof(ret->bytes));
}

static bool is_aligned(uint64_t addr)
{
	return addr && addr % ZEND_CHUNK_BYTES == 0 && addr < user_end;
}

static bool is_used(const struct header *c, uint64_t pages_at, size_t page)
{
	return word(c, pages_at + page / 64 * 8) >> page % 64 & 1;
}

/*
 * Tells whether the maps of a chunk's pages are at this offset: the first page is a block of its
 * own.
 */
static bool pages_hold(const struct header *c, uint64_t at)
{
	size_t used = 0;

	if (half(c, at + PAGE_MAP_BYTES) != (map_large | 1) || !is_used(c, at, 0))
		return false;
	for (size_t i = 0; i < PAGE_WORDS; i++)
		used += (size_t)__builtin_popcountll(word(c, at + 8 * i));
	return used + half(c, CHUNK_FREE_PAGES) == ZEND_PAGES;
}

/*
 * Finds the map of pages. What is between the free lists and it differs by version: the pointer of
 * the main chunk to itself shows where the lists of chunks are, and the maps are recognised by
 * themselves.
 */
static bool find_fields(const struct header *c, struct zend_heap *h)
{
	size_t main = HEAP_REAL_MIN + 4;

	while (main < HEAP_MAIN_MAX && heap_word(c, main) != c->addr)
		main++;
	if (main == HEAP_MAIN_MAX)
		return false;
	h->huge_list = heap_word(c, main - 1);
	h->cached_list = heap_word(c, main + 1);
	h->n_chunks = (uint32_t)heap_word(c, main + 2);
	h->n_cached = (uint32_t)heap_word(c, main + 3);
	h->size = heap_word(c, HEAP_SIZE);
	h->peak = heap_word(c, HEAP_PEAK);
	for (size_t i = main + 4; i < HEAP_WORDS_MAX; i++) {
		h->pages_at = ZEND_HEAP_AT + 8 * i;
		if (pages_hold(c, h->pages_at))
			return h->n_chunks && h->n_chunks <= CHUNKS_MAX &&
			       h->n_cached <= CHUNKS_MAX;
	}
	return false;
}

/* Marks the run of pages that begins at `page`. Returns the number of pages; 0: it is not a run. */
static size_t read_run(const struct header *c, const struct zend_heap *h, size_t page,
		       struct zend_chunk *ret)
{
	uint32_t info = half(c, h->pages_at + PAGE_MAP_BYTES + 4 * page);
	bool small = info & map_small;
	size_t bin = info & MAP_BIN;
	uint8_t kind = small ? (uint8_t)bin : ZEND_PAGE_LARGE;
	size_t n;

	if (small == !!(info & map_large) || (small && bin >= ZEND_BINS))
		return 0;
	n = small ? zend_bins[bin].pages : info & MAP_PAGES;
	if (n > ZEND_PAGES - page)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_used(c, h->pages_at, page + i))
			return 0;
		ret->page[page + i] = kind;
		ret->in_run[page + i] = (uint8_t)(small ? i : 0);
	}
	ret->large_blocks += !small;
	return n;
}

static bool read_pages(const struct header *c, const struct zend_heap *h, struct zend_chunk *ret)
{
	size_t n;

	*ret = (struct zend_chunk){ .addr = c->addr };
	ret->page[0] = ZEND_PAGE_HEADER;
	if (!pages_hold(c, h->pages_at))
		return false;
	for (size_t i = 1; i < ZEND_PAGES; i += n) {
		n = 1;
		if (!is_used(c, h->pages_at, i)) {
			ret->page[i] = ZEND_PAGE_FREE;
			continue;
		}
		n = read_run(c, h, i, ret);
		if (n == 0)
			return false;
	}
	return true;
}

static int by_address(const void *a, const void *b)
{
	const struct zend_chunk *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* Follows the ring of chunks: each leads back to the one before. */
static int read_chunks(struct memsrc *m, struct zend_heap *h)
{
	uint64_t addr = h->addr, prev = 0, first_prev = 0;
	size_t n = 0, cap = 0;
	struct header c;

	do {
		if (n == h->n_chunks || !is_aligned(addr))
			return -EBADMSG;
		if (!read_header(m, addr, &c))
			return -EIO;
		if (n == 0)
			first_prev = word(&c, CHUNK_PREV);
		else if (word(&c, CHUNK_PREV) != prev)
			return -EBADMSG;
		h->chunks = xgrow(h->chunks, n, &cap, sizeof(*h->chunks));
		if (word(&c, 0) != h->addr + ZEND_HEAP_AT || !read_pages(&c, h, &h->chunks[n]))
			return -EBADMSG;
		n++;
		prev = addr;
		addr = word(&c, CHUNK_NEXT);
	} while (addr != h->addr);
	if (n != h->n_chunks || first_prev != prev)
		return -EBADMSG;
	qsort(h->chunks, n, sizeof(*h->chunks), by_address);
	return 0;
}

static int read_cached(struct memsrc *m, struct zend_heap *h)
{
	uint64_t addr = h->cached_list;
	size_t cap = 0;

	for (size_t n = 0; n < h->n_cached; n++) {
		uint64_t links[2];

		if (!is_aligned(addr))
			return -EBADMSG;
		if (!memsrc_peek(m, addr, links, sizeof(links)))
			return -EIO;
		h->cached = xgrow(h->cached, n, &cap, sizeof(*h->cached));
		h->cached[n] = addr;
		addr = links[1];
	}
	return addr ? -EBADMSG : 0;
}

/* Adds the bytes of huge blocks to *sum. */
static int read_huge(struct memsrc *m, struct zend_heap *h, uint64_t *sum)
{
	uint64_t entry[3]; /* address, bytes, next */

	for (uint64_t addr = h->huge_list; addr; addr = entry[2]) {
		if (h->n_huge == HUGE_MAX || addr % 8 != 0 || addr >= user_end)
			return -EBADMSG;
		if (!memsrc_peek(m, addr, entry, sizeof(entry)))
			return -EIO;
		if (!is_aligned(entry[0]) || entry[1] == 0 || entry[1] >= user_end)
			return -EBADMSG;
		h->huge = xgrow(h->huge, h->n_huge, &h->cap_huge, sizeof(*h->huge));
		h->huge[h->n_huge++] = (struct zend_huge){ entry[0], entry[1] };
		*sum += entry[1];
	}
	return 0;
}

/* The bytes that PHP took from the system show where the heap counts them. */
static bool find_real(const struct header *c, struct zend_heap *h, uint64_t real)
{
	for (size_t i = HEAP_REAL_MIN; i < HEAP_REAL_MAX; i++) {
		h->real = heap_word(c, i);
		h->real_peak = heap_word(c, i + 1);
		if (h->real != real || h->real_peak < real)
			continue;
		for (size_t k = 0; k < ZEND_BINS; k++)
			h->lists[k] = heap_word(c, i - ZEND_BINS + k);
		return true;
	}
	return false;
}

int zend_read(struct memsrc *m, uint64_t main_chunk, struct zend_heap *ret)
{
	uint64_t real = 0;
	struct header c;
	int status;

	*ret = (struct zend_heap){ .addr = main_chunk };
	if (!read_header(m, main_chunk, &c))
		return -EIO;
	if (word(&c, 0) != main_chunk + ZEND_HEAP_AT || !find_fields(&c, ret))
		return -EBADMSG;
	status = read_chunks(m, ret);
	if (status == 0)
		status = read_cached(m, ret);
	if (status == 0)
		status = read_huge(m, ret, &real);
	if (status < 0)
		return status;
	real += (uint64_t)ZEND_CHUNK_BYTES * (ret->n_chunks + (uint64_t)ret->n_cached);
	if (!find_real(&c, ret, real) || ret->size > ret->real || ret->size > ret->peak)
		return -EBADMSG;
	return 0;
}
