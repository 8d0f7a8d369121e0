/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the table of pages. It is in the state of Ruby's collector, which is among the first blocks
 * of the main heap: an array of pages, their number, and the addresses between which their slots
 * are
 */
#include "walk/runtime/ruby/ruby.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	SEARCHED_MAX = 64 << 20, /* bytes of memory searched for the table */
	PAGES_MAX = 1 << 22,     /* 256 GiB */
	TABLE_WORDS = 6,
	PAGE_WORDS = 8, /* of the record of a page, which are read */
	SLOT_MAX = 1 << 12,
	REST_MAX = 64,        /* bytes at the end of a page that malloc needs */
	BLOCKS_MAX = 1 << 15, /* blocks that are tried to find */
	LINKS_LOOKED_AT = 16,
};

/* Offsets in words, except those of 16 bits. */
struct ruby_layout {
	uint8_t array_head; /* words before the pages of the array: their number, and room */
	uint8_t n_freed;    /* of the table; 0: pages that are freed are not counted */
	uint8_t range;      /* of the table: first slot, end of the last */
	int8_t slot_bytes, n_slots; /* of 16 bits; -1: slots are of RUBY_SLOT_MIN bytes */
	uint8_t start;              /* of the first slot */
	uint8_t page_shift;
};

const char ruby_releases[] = "2.7 to 3.4";

static const struct ruby_layout layouts[] = {
	{ 0, 0, 4, -1, 0, 3, 14 }, /* 2.7, 3.0 */
	{ 0, 0, 4, 0, 1, 4, 14 },  /* 3.1 */
	{ 0, 0, 4, 0, 1, 4, 16 },  /* 3.2, 3.3 */
	{ 2, 2, 3, 0, 1, 5, 16 },  /* 3.4 */
};

static const uint64_t user_end = UINT64_C(1) << 47;

static bool is_pointer(uint64_t p)
{
	return p % 8 == 0 && p >= 4096 && p < user_end;
}

/* Tells whether the record of a page is at addr, to which the page leads back. */
static bool read_page(struct memsrc *m, const struct ruby_layout *l, uint64_t addr,
		      struct ruby_page *ret)
{
	const uint64_t page_bytes = UINT64_C(1) << l->page_shift;
	uint64_t words[PAGE_WORDS], back, used;
	uint16_t counts[4];

	if (!is_pointer(addr) || !memsrc_peek(m, addr, words, sizeof(words)))
		return false;
	memcpy(counts, words, sizeof(counts));
	ret->start = words[l->start];
	ret->addr = ret->start & -page_bytes;
	ret->slot_bytes = l->slot_bytes < 0 ? RUBY_SLOT_MIN : counts[l->slot_bytes];
	ret->slots = counts[l->n_slots];
	used = ret->start - ret->addr + (uint64_t)ret->slots * ret->slot_bytes;
	return is_pointer(ret->start) && ret->slots && ret->slot_bytes % 8 == 0 &&
	       ret->slot_bytes >= RUBY_SLOT_MIN && ret->slot_bytes <= SLOT_MAX &&
	       ret->start - ret->addr >= 8 && used <= page_bytes &&
	       page_bytes - used < 2 * (uint64_t)ret->slot_bytes + REST_MAX &&
	       memsrc_peek(m, ret->addr, &back, sizeof(back)) && back == addr;
}

/* Returns the number of pages of a table; 0: it is not a table. */
static uint64_t count_pages(const struct ruby_layout *l, const uint64_t *table)
{
	uint64_t n = table[1] - (l->n_freed ? table[l->n_freed] : 0);

	if (!n || n > PAGES_MAX || !is_pointer(table[0]) || !is_pointer(table[l->range]) ||
	    table[l->range + 1] >= user_end || table[l->range + 1] <= table[l->range])
		return 0;
	/* The array has room for as many pages as there are. */
	return l->array_head || (table[1] <= table[3] && table[3] <= PAGES_MAX) ? n : 0;
}

static bool is_table(struct memsrc *m, const struct ruby_layout *l, const uint64_t *table)
{
	uint64_t n = count_pages(l, table), head[2], first;
	struct ruby_page page;

	if (!n || !memsrc_peek(m, table[0] + 8 * (uint64_t)l->array_head, &first, sizeof(first)))
		return false;
	if (l->array_head &&
	    (!memsrc_peek(m, table[0], head, sizeof(head)) || head[0] != n || head[1] < n))
		return false;
	return read_page(m, l, first, &page) && page.start >= table[l->range] &&
	       page.start - table[l->range] < UINT64_C(1) << l->page_shift;
}

/* Adds the pages of a table, each of which is behind the one before. */
static int copy_pages(struct memsrc *m, const struct ruby_layout *l, const uint64_t *table,
		      struct ruby_heap *ret)
{
	uint64_t n = count_pages(l, table), at = table[0] + 8 * (uint64_t)l->array_head;
	size_t cap = 0;

	ret->layout = l;
	ret->page_bytes = UINT64_C(1) << l->page_shift;
	ret->wide = ret->page_bytes > 16 << 10;
	for (; ret->n_pages < n; at += 8) {
		struct ruby_page page;
		uint64_t addr;

		if (!memsrc_u64(m, at, &addr) || !read_page(m, l, addr, &page) ||
		    (ret->n_pages && page.addr <= ret->pages[ret->n_pages - 1].addr))
			return -EBADMSG;
		ret->pages = xgrow(ret->pages, ret->n_pages, &cap, sizeof(*ret->pages));
		ret->pages[ret->n_pages++] = page;
	}
	return 0;
}

/* Searches a run of bytes for the table. Returns -ENOENT if it is not there. */
static int search_run(struct memsrc *m, const uint8_t *data, size_t len, struct ruby_heap *ret)
{
	for (size_t at = 0; at + TABLE_WORDS * 8 <= len; at += 8) {
		uint64_t table[TABLE_WORDS];

		memcpy(table, data + at, sizeof(table));
		for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
			if (is_table(m, &layouts[i], table))
				return copy_pages(m, &layouts[i], table, ret);
		}
	}
	return -ENOENT;
}

static int search_maps(struct memsrc *m, uint8_t kind, uint64_t *left, struct ruby_heap *ret)
{
	for (const struct mem_map *map = m->maps; map < m->maps + m->n_maps; map++) {
		uint64_t at = map->start, end = MIN(map->end, at + *left);
		struct mem_run run;

		if (map->kind != kind || !(map->perms & VMA_WRITE) || map->perms & VMA_SHARED)
			continue;
		while (at < end && memsrc_next(m, &at, end, &run)) {
			/* The bytes of a run are gone when others are read. */
			auto_free uint8_t *data = xmemdup(run.data, run.len);
			int status = search_run(m, data, run.len, ret);

			*left -= MIN(*left, (uint64_t)run.len);
			if (status != -ENOENT)
				return status;
		}
	}
	return -ENOENT;
}

int ruby_find(struct memsrc *m, struct ruby_heap *ret)
{
	uint64_t left = SEARCHED_MAX;
	int status;

	*ret = (struct ruby_heap){ 0 };
	status = search_maps(m, MEM_HEAP, &left, ret);
	return status == -ENOENT ? search_maps(m, MEM_ANON, &left, ret) : status;
}

/* Tells whether a block of the transient heap begins here, and finds where its link leads. */
static bool is_transient_block(struct memsrc *m, uint64_t addr, uint64_t *ret_next)
{
	struct {
		int16_t index, last_marked, objects, padding;
		uint64_t next;
	} head;

	if (!memsrc_peek(m, addr, &head, sizeof(head)) || head.index < 0 || head.objects < 0 ||
	    head.last_marked < -2 || head.last_marked > head.index || head.padding ||
	    (head.index == 0) != (head.objects == 0) || (!head.index && !head.last_marked))
		return false;
	*ret_next = head.next;
	return head.next % RUBY_TRANSIENT_BLOCK == 0;
}

/*
 * Tells whether a mapping is the transient heap. At first each block leads to the one before; where
 * many were used, all of the mapping must be it.
 */
static bool is_transient(struct memsrc *m, const struct mem_map *map, uint64_t addr)
{
	uint64_t next, links = 0;

	for (uint64_t i = 0; i < LINKS_LOOKED_AT; i++) {
		uint64_t at = addr + i * RUBY_TRANSIENT_BLOCK;

		if (!is_transient_block(m, at, &next))
			return false;
		links += i && next == at - RUBY_TRANSIENT_BLOCK;
	}
	return links > LINKS_LOOKED_AT / 2 || map->end - map->start == RUBY_TRANSIENT_BYTES;
}

uint64_t ruby_find_transient(struct memsrc *m)
{
	uint64_t at, left = BLOCKS_MAX;

	for (const struct mem_map *map = m->maps; map < m->maps + m->n_maps; map++) {
		if (map->kind != MEM_ANON || !(map->perms & VMA_WRITE) || map->perms & VMA_SHARED)
			continue;
		at = (map->start + RUBY_TRANSIENT_BLOCK - 1) & -(uint64_t)RUBY_TRANSIENT_BLOCK;
		for (; at + RUBY_TRANSIENT_BYTES <= map->end && left;
		     at += RUBY_TRANSIENT_BLOCK, left--) {
			if (is_transient(m, map, at))
				return at;
		}
	}
	return 0;
}

void ruby_release(struct ruby_heap *h)
{
	free(h->pages);
}
