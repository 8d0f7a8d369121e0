/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the table that leads from pages to spans, in the .bss of some module: a span states the
 * page that it begins with, which shows the element and the leaf that must lead to it. Also finds
 * the sizes of blocks, which ascend to 256 KiB.
 */
#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/alloc/tcmalloc/tcmalloc.h"
#include "walk/image/module_data.h"

enum {
	ADDRESS_BITS = 48,
	CANDIDATES_MAX = 1024, /* words that may lead to a leaf */
	TRIES_MAX = 32,        /* elements of a leaf that are looked at */
	SIZE_MAX_BYTES = 256 << 10,
	SPANS_MAX = 1 << 22,
	PIECE = 4096, /* bytes of a leaf that are read at once */
};

/* Pages of a build. */
static const uint8_t page_shifts[] = { 13, 12, 15, 16, 18 };

static unsigned int leaf_bits_of(unsigned int shift)
{
	return (ADDRESS_BITS - shift + 1) / 2;
}

static uint64_t root_bytes_of(unsigned int shift)
{
	return UINT64_C(8) << (ADDRESS_BITS - shift - leaf_bits_of(shift));
}

/* Tells whether its data and blocks may be at addr. */
static bool is_plain(const struct memsrc *m, uint64_t addr, uint64_t len)
{
	const struct mem_map *map = memsrc_map(m, addr);

	return map && (map->kind == MEM_ANON || map->kind == MEM_HEAP) && map->perms & VMA_WRITE &&
	       len <= map->end - addr;
}

enum { SPAN_WORDS = TCMALLOC_SPAN_BYTES / 8 };

static bool decode_span(const struct tcmalloc *t, uint64_t at, const uint64_t words[SPAN_WORDS],
			struct tcmalloc_span *ret)
{
	unsigned int shift = t->page_shift;

	if (!words[0] || !words[1] || words[0] >> (47 - shift) || words[1] >> (47 - shift))
		return false;
	*ret = (struct tcmalloc_span){
		.at = at,
		.start = words[0] << shift,
		.end = (words[0] + words[1]) << shift,
		.next = words[2],
		.objects = words[4],
		.in_use = (uint16_t)words[5],
		.class = (uint8_t)(words[5] >> 16),
		.location = (uint8_t)(words[5] >> 24 & 3),
	};
	return ret->location <= TC_RETURNED && ret->class < TCMALLOC_CLASSES;
}

bool tcmalloc_read_span(struct tcmalloc *t, uint64_t at, struct tcmalloc_span *ret)
{
	uint64_t words[SPAN_WORDS];
	const void *p;

	if (at % 8 || !is_plain(t->walk->mem, at, sizeof(words)))
		return false;
	p = memsrc_at(t->walk->mem, at, sizeof(words));
	if (!p)
		return false;
	memcpy(words, p, sizeof(words));
	return decode_span(t, at, words, ret);
}

/* Tells the same of words of which hardly any is an address, and each far from the last. */
static bool try_span(struct tcmalloc *t, uint64_t at, struct tcmalloc_span *ret)
{
	uint64_t words[SPAN_WORDS];

	return at % 8 == 0 && is_plain(t->walk->mem, at, sizeof(words)) &&
	       memsrc_peek(t->walk->mem, at, words, sizeof(words)) &&
	       decode_span(t, at, words, ret);
}

void tcmalloc_note_pages(struct tcmalloc *t, uint64_t addr, uint64_t bytes)
{
	uint64_t page = t->walk->mem->page_bytes;

	for (uint64_t at = addr & ~(page - 1); at < addr + bytes; at += page) {
		if (t->n_pages && t->pages[t->n_pages - 1] == at)
			continue;
		t->pages = xgrow(t->pages, t->n_pages, &t->cap_pages, sizeof(*t->pages));
		t->pages[t->n_pages++] = at;
	}
}

/* Finds the first word that is not 0, at or behind *at. */
static bool next_word(struct memsrc *m, uint64_t *at, uint64_t end, uint64_t *ret)
{
	struct mem_run run;

	while (memsrc_next(m, at, end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			memcpy(ret, run.data + i, sizeof(*ret));
			if (*ret) {
				*at = run.addr + i;
				return true;
			}
		}
	}
	return false;
}

/* Returns the place of a leaf in the root, from the spans that its elements lead to. */
static bool leaf_slot(struct tcmalloc *t, uint64_t leaf, uint64_t *ret_slot)
{
	uint64_t at = leaf, end = leaf + (UINT64_C(8) << t->leaf_bits), element;

	for (unsigned int i = 0; i < TRIES_MAX && next_word(t->walk->mem, &at, end, &element);
	     i++, at += 8) {
		uint64_t page;
		struct tcmalloc_span s;

		if (!try_span(t, element, &s))
			continue;
		page = s.start >> t->page_shift;
		if ((page & ((UINT64_C(1) << t->leaf_bits) - 1)) != (at - leaf) / 8 ||
		    !is_plain(t->walk->mem, s.start, 1))
			continue;
		*ret_slot = page >> t->leaf_bits;
		return true;
	}
	return false;
}

struct search {
	struct tcmalloc *t;
	size_t candidates;
	const struct mem_map *module; /* NULL: not found yet */
};

/*
 * Tells whether one read shows that a word does not lead to a leaf. Most words lead to objects,
 * which do not begin with the address of a span.
 */
static bool is_no_leaf(struct tcmalloc *t, uint64_t leaf)
{
	uint64_t first;

	return memsrc_peek(t->walk->mem, leaf, &first, sizeof(first)) && first &&
	       (first % 8 || !is_plain(t->walk->mem, first, TCMALLOC_SPAN_BYTES));
}

/* Tells whether the word at `at` may be the first of a root that is not 0. */
static bool is_in_root(struct search *s, uint64_t at, uint64_t word, uint64_t start, uint64_t end)
{
	struct tcmalloc *t = s->t;
	uint64_t slot;

	if (!word || word % 8 || !is_plain(t->walk->mem, word, UINT64_C(8) << t->leaf_bits))
		return false;
	s->candidates++;
	if (is_no_leaf(t, word) || !leaf_slot(t, word, &slot) || at - start < 8 * slot ||
	    end - (at - 8 * slot) < root_bytes_of(t->page_shift))
		return false;
	t->root = at - 8 * slot;
	return true;
}

/*
 * Candidates lead far away. So what is searched is copied, and need not be read again behind each.
 */
static bool find_root(struct search *s, uint64_t start, uint64_t end, unsigned int shift)
{
	struct tcmalloc *t = s->t;
	uint64_t at = start;
	struct mem_run run;

	t->page_shift = (uint8_t)shift;
	t->leaf_bits = (uint8_t)leaf_bits_of(shift);
	if (end - start < root_bytes_of(shift))
		return false;
	while (memsrc_next(t->walk->mem, &at, end, &run)) {
		auto_free uint8_t *words = xmemdup(run.data, run.len);

		for (size_t i = 0; i + 8 <= run.len && s->candidates < CANDIDATES_MAX; i += 8) {
			uint64_t word;

			memcpy(&word, words + i, sizeof(word));
			if (is_in_root(s, run.addr + i, word, start, end))
				return true;
		}
	}
	return false;
}

static void search_module(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct search *s = arg;

	for (size_t i = 0; !s->module && i < ARRAY_SIZE(page_shifts); i++) {
		s->candidates = 0;
		if (!find_root(s, start, end, page_shifts[i]))
			continue;
		s->module = module;
		s->t->data_start = start;
		s->t->data_end = end;
	}
}

static bool are_sizes(const uint32_t *v)
{
	size_t n = 1;

	if (v[0] || (v[1] != 8 && v[1] != 16))
		return false;
	while (n + 1 < TCMALLOC_CLASSES && v[n + 1] > v[n])
		n++;
	if (v[n] != SIZE_MAX_BYTES)
		return false;
	for (n++; n < TCMALLOC_CLASSES; n++) {
		if (v[n])
			return false;
	}
	return true;
}

static bool find_sizes(struct tcmalloc *t)
{
	uint64_t at = t->data_start;
	struct mem_run run;

	while (memsrc_next(t->walk->mem, &at, t->data_end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 4) {
			uint32_t first[2];

			memcpy(first, run.data + i, sizeof(first));
			if (!first[0] && (first[1] == 8 || first[1] == 16) &&
			    memsrc_peek(t->walk->mem, run.addr + i, t->sizes, sizeof(t->sizes)) &&
			    are_sizes(t->sizes))
				return true;
		}
	}
	return false;
}

int tcmalloc_find(struct walk *walk, struct tcmalloc *ret)
{
	struct search s = { .t = ret };

	*ret = (struct tcmalloc){ .walk = walk };
	module_data_each(walk->mem, search_module, &s);
	if (!s.module)
		return -ENOENT;
	ret->file = snapshot_find_file(walk->snap, s.module->major, s.module->minor,
				       s.module->inode);
	return find_sizes(ret) ? 0 : -ENOTSUP;
}

/* Adds the span that a page leads to, if it begins there: pages in the middle may lead anywhere. */
static void add_span(struct tcmalloc *t, uint64_t page, uint64_t element)
{
	struct tcmalloc_span s;

	if (!tcmalloc_read_span(t, element, &s) || s.start != page)
		return;
	if (t->n_spans == SPANS_MAX) {
		t->breaks++;
		return;
	}
	tcmalloc_note_pages(t, s.at, TCMALLOC_SPAN_BYTES);
	t->spans = xgrow(t->spans, t->n_spans, &t->cap_spans, sizeof(*t->spans));
	t->spans[t->n_spans++] = s;
}

static void read_leaf(struct tcmalloc *t, uint64_t leaf, uint64_t first_page)
{
	uint64_t at = leaf, end = leaf + (UINT64_C(8) << t->leaf_bits);
	struct mem_run run;

	/* One page at a time: reading spans invalidates the run. */
	for (; memsrc_next(t->walk->mem, &at, end, &run);
	     at = (run.addr & ~(uint64_t)(PIECE - 1)) + PIECE) {
		uint64_t words[PIECE / 8];
		size_t n = MIN(run.len, PIECE - run.addr % PIECE) / 8;

		memcpy(words, run.data, 8 * n);
		tcmalloc_note_pages(t, run.addr, 8 * n);
		for (size_t i = 0; i < n; i++) {
			uint64_t page = (first_page + (run.addr - leaf) / 8 + i) << t->page_shift;

			if (words[i] && (!t->n_spans || page >= t->spans[t->n_spans - 1].end))
				add_span(t, page, words[i]);
		}
	}
}

void tcmalloc_read_spans(struct tcmalloc *t)
{
	uint64_t at = t->root, end = t->root + root_bytes_of(t->page_shift), leaf;

	for (; next_word(t->walk->mem, &at, end, &leaf); at += 8) {
		if (is_plain(t->walk->mem, leaf, UINT64_C(8) << t->leaf_bits))
			read_leaf(t, leaf, (at - t->root) / 8 << t->leaf_bits);
	}
}

void tcmalloc_release(struct tcmalloc *t)
{
	free(t->spans);
	free(t->cached);
	free(t->pages);
}
