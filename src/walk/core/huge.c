/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/huge.h"

#include "base/alloc.h"

enum {
	SMALL_BYTES = HUGE_BYTES / HUGE_PAGES,
	READ_MAX = 512, /* huge pages that are read: a gigabyte */
	PAGES_MAX = 1 << 18,
};

static void add_page(struct huge_map *h, uint64_t addr, uint32_t region)
{
	h->v = xgrow(h->v, h->n, &h->cap, sizeof(*h->v));
	h->v[h->n++] = (struct huge_page){ .addr = addr, .region = region };
}

static uint64_t huge_bytes(const struct snapshot *s, uint32_t region)
{
	struct mem_counts counts;

	snapshot_counts(s, &s->regions[region], &counts);
	return counts.v[MC_ANON_HUGE];
}

static void find_pages(struct huge_map *h, struct memsrc *m, uint32_t region)
{
	const struct region *r = &h->snap->regions[region];
	uint64_t at = (r->start + HUGE_BYTES - 1) & ~(uint64_t)(HUGE_BYTES - 1);
	struct mem_presence p;

	for (; at < r->end && r->end - at >= HUGE_BYTES && h->n < PAGES_MAX; at += HUGE_BYTES) {
		if (!memsrc_presence(m, at, at + HUGE_BYTES, &p))
			return;
		if (p.resident_bytes == HUGE_BYTES)
			add_page(h, at, region);
	}
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

static void read_page(struct huge_page *page, struct memsrc *m)
{
	uint64_t at = page->addr;
	struct mem_run run;

	while (memsrc_next(m, &at, page->addr + HUGE_BYTES, &run)) {
		for (size_t i = 0; i + SMALL_BYTES <= run.len; i += SMALL_BYTES) {
			size_t k = (size_t)(run.addr + i - page->addr) / SMALL_BYTES;

			if (is_zero(run.data + i, SMALL_BYTES))
				page->zero[k / 64] |= UINT64_C(1) << k % 64;
		}
	}
}

void huge_map_init(struct huge_map *h, const struct snapshot *snap, struct memsrc *m)
{
	*h = (struct huge_map){ .snap = snap };
	if (m->page_bytes != SMALL_BYTES)
		return;
	for (size_t i = 0; i < snap->n_regions && !memsrc_is_over(m); i++) {
		if (huge_bytes(snap, (uint32_t)i))
			find_pages(h, m, (uint32_t)i);
	}
	for (size_t i = 0; i < MIN(h->n, (size_t)READ_MAX) && !memsrc_is_over(m); i++)
		read_page(&h->v[i], m);
}

void huge_map_release(struct huge_map *h)
{
	free(h->v);
	*h = (struct huge_map){ 0 };
}

void huge_free_release(struct huge_free *f)
{
	free(f->bytes);
	f->bytes = NULL;
}

/* Returns the index of the first huge page that ends behind addr. */
static size_t first_from(const struct huge_map *h, uint64_t addr)
{
	size_t lo = 0, hi = h->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->v[mid].addr + HUGE_BYTES <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * Returns the bytes of [start, end), which lies in one huge page, that are on small pages which are
 * not zero.
 */
static uint32_t bytes_in(const struct huge_page *page, uint64_t start, uint64_t end)
{
	uint32_t bytes = 0;

	while (start < end) {
		size_t k = (size_t)(start - page->addr) / SMALL_BYTES;
		uint64_t stop = MIN(end, page->addr + (k + 1) * SMALL_BYTES);

		if (!(page->zero[k / 64] >> k % 64 & 1))
			bytes += (uint32_t)(stop - start);
		start = stop;
	}
	return bytes;
}

void huge_free_add(struct huge_free *f, uint64_t addr, uint64_t len)
{
	uint64_t end = len <= UINT64_MAX - addr ? addr + len : UINT64_MAX;
	const struct huge_map *h = f->map;

	if (!h || !h->n)
		return;
	if (!f->bytes)
		f->bytes = xcalloc(h->n, sizeof(*f->bytes));
	if (addr - h->v[f->hot].addr >= HUGE_BYTES)
		f->hot = MIN(first_from(h, addr), h->n - 1);
	for (size_t i = f->hot; i < h->n && h->v[i].addr < end; i++) {
		const struct huge_page *page = &h->v[i];

		if (page->addr + HUGE_BYTES > addr)
			f->bytes[i] += bytes_in(page, MAX(addr, page->addr),
						MIN(end, page->addr + HUGE_BYTES));
	}
}

void huge_free_merge(struct huge_free *f, const struct huge_free *from)
{
	if (!from->bytes || f->map != from->map)
		return;
	if (!f->bytes)
		f->bytes = xcalloc(f->map->n, sizeof(*f->bytes));
	for (size_t i = 0; i < f->map->n; i++)
		f->bytes[i] += from->bytes[i];
}

static uint32_t zero_bytes(const struct huge_page *page)
{
	uint32_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(page->zero); i++)
		n += (uint32_t)__builtin_popcountll(page->zero[i]);
	return n * SMALL_BYTES;
}

/* Adds the pages [first, last) of one region. */
static void judge_region(const struct huge_free *f, size_t first, size_t last,
			 struct huge_waste *sum)
{
	const struct huge_map *h = f->map;
	uint64_t left = huge_bytes(h->snap, h->v[first].region) / HUGE_BYTES;

	sum->of_pages += left;
	for (size_t i = first; i < last && left; i++) {
		uint32_t zero = zero_bytes(&h->v[i]), idle = zero + (f->bytes ? f->bytes[i] : 0);

		if (idle <= HUGE_BYTES / 2)
			continue;
		sum->pages++;
		sum->idle_bytes += MIN(idle, (uint32_t)HUGE_BYTES);
		sum->zero_bytes += zero;
		left--;
	}
}

struct huge_waste huge_free_judge(const struct huge_free *f)
{
	struct huge_waste sum = { 0 };
	size_t end;

	for (size_t i = 0; f->map && i < f->map->n; i = end) {
		end = i + 1;
		while (end < f->map->n && f->map->v[end].region == f->map->v[i].region)
			end++;
		judge_region(f, i, end, &sum);
	}
	return sum;
}
