/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/follow.h"

#include "base/alloc.h"

void py_follow_init(struct py_follow *f, struct py_census *census)
{
	*f = (struct py_follow){ .census = census };
}

void py_follow_release(struct py_follow *f)
{
	marks_release(&f->seen);
	free(f->words);
	free(f->ranges);
}

void py_follow_words(struct py_follow *f, const uint8_t *bytes, size_t n)
{
	uint64_t w;

	for (size_t i = 0; i + sizeof(w) <= n; i += sizeof(w)) {
		memcpy(&w, bytes + i, sizeof(w));
		/*
		 * Addresses that malloc returns are aligned, and so are the headers in front of an
		 * object.
		 */
		if (w % 16 || addrmap_kind(f->census->map, w) != ADDR_RW ||
		    marks_any(&f->seen, w, w + 1))
			continue;
		if (f->n_words == PY_FOLLOW_MAX) {
			f->skipped++;
			continue;
		}
		marks_set(&f->seen, w);
		f->words = xgrow(f->words, f->n_words, &f->cap_words, sizeof(*f->words));
		f->words[f->n_words++] = w;
	}
}

void py_follow_range(struct py_follow *f, uint64_t addr, uint64_t len)
{
	if (f->n_ranges == PY_FOLLOW_MAX) {
		f->skipped++;
		return;
	}
	f->ranges = xgrow(f->ranges, f->n_ranges, &f->cap_ranges, sizeof(*f->ranges));
	f->ranges[f->n_ranges++] = (struct py_span){ addr, len };
}

void py_follow_object(struct py_follow *f, const struct py_found *found, const uint8_t *bytes,
		      size_t n)
{
	enum py_kind kind = f->census->types.types[found->type].kind;

	if (kind == PY_STR || kind == PY_BYTES || kind == PY_INT)
		return;
	py_follow_words(f, bytes, n);
	if (found->sizes.own > n)
		py_follow_range(f, found->addr + n, found->sizes.own - n);
}

static int by_address(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Counts the object at addr, if there is one. */
static void look(struct py_follow *f, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(f->census->mem, addr);
	const uint8_t *bytes;
	struct py_found found;
	size_t n;

	py_census_make_room(f->census);
	bytes = map ? py_census_head(f->census, addr, map->end - addr, &n) : NULL;
	if (!bytes || !py_census_object(f->census, addr, bytes, n, map->end - addr, &found))
		return;
	f->object(f->object_arg, &found);
	py_follow_object(f, &found, bytes, (size_t)MIN(found.sizes.own, (uint64_t)n) & ~7u);
}

/* Follows some of the words, those of the highest addresses, in their order. */
static void drain_words(struct py_follow *f)
{
	size_t n = MIN(f->n_words, (size_t)PY_FOLLOW_BATCH);
	auto_free uint64_t *batch = xmemdup(f->words + f->n_words - n, n * sizeof(*batch));

	f->n_words -= n;
	qsort(batch, n, sizeof(*batch), by_address);
	for (size_t i = 0; i < n && !memsrc_is_over(f->census->mem); i++)
		look(f, batch[i]);
}

/* Adds the words of a piece of the last range. */
static void drain_range(struct py_follow *f)
{
	struct py_span *range = &f->ranges[f->n_ranges - 1];
	uint64_t page = f->census->mem->page_bytes;
	uint64_t addr = range->addr, len = MIN(range->len, (uint64_t)MEMSRC_SPAN_MAX);
	const uint8_t *at = memsrc_at(f->census->mem, addr, len);

	if (!at) {
		len = MIN((addr | (page - 1)) + 1 - addr, range->len);
		at = memsrc_at(f->census->mem, addr, len);
	}
	range->addr += len;
	range->len -= len;
	if (!range->len)
		f->n_ranges--;
	if (at)
		py_follow_words(f, at, len);
}

void py_follow_drain(struct py_follow *f)
{
	while ((f->n_words || f->n_ranges) && !memsrc_is_over(f->census->mem)) {
		if (f->n_words >= PY_FOLLOW_BATCH || !f->n_ranges)
			drain_words(f);
		else
			drain_range(f);
	}
}
