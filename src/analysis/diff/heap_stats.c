/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diff/diff.h"

#include "base/alloc.h"
#include "base/num.h"
#include "walk/core/attribution.h"

const struct diff_held_desc diff_held_descs[] = {
	[DIFF_HELD_OBJECTS] = { "objects", "Objects", "live ones and their buffers" },
	[DIFF_HELD_NATIVE] = { "native", "Native", "live blocks that no object owns" },
	[DIFF_HELD_FREE] = { "free", "Free", "kept by allocators, and resident" },
	[DIFF_HELD_OVERHEAD] = { "overhead", "Overhead", "headers, tables and padding" },
	[DIFF_HELD_BEYOND] = { "beyond_objects", "Beyond objects", "RSS less objects" },
};

_Static_assert(ARRAY_SIZE(diff_held_descs) == DIFF_HELD_COUNT, "a row for each");

/* The lines that make up a sum, as bits of enum walk_line; the other lines are in no sum. */
static const unsigned int held_lines[DIFF_HELD_COUNT] = {
	[DIFF_HELD_OBJECTS] = 1U << LINE_OBJECTS | 1U << LINE_BUFFERS,
	[DIFF_HELD_NATIVE] = 1U << LINE_NATIVE,
	[DIFF_HELD_FREE] = 1U << LINE_RUNTIME_FREE | 1U << LINE_MALLOC_FREE,
	[DIFF_HELD_OVERHEAD] = 1U << LINE_OVERHEAD,
};

static const enum reason why_none_of_kind[HEAP_STAT_KIND_COUNT] = {
	[HEAP_STAT_LINE] = REASON_NO_LINE,
	[HEAP_STAT_ALLOCATOR] = REASON_NO_ALLOCATOR,
	[HEAP_STAT_TYPE] = REASON_NO_RUNTIME,
	[HEAP_STAT_CLASS] = REASON_NO_ALLOCATOR,
};

static bool is_of(const struct heap_stat *h, enum diff_held held)
{
	for (int i = 0; i < LINE_COUNT; i++) {
		if (held_lines[held] >> i & 1 && streq(walk_line_descs[i].word, h->name))
			return h->kind == HEAP_STAT_LINE;
	}
	return false;
}

static uint64_t sum_of(const struct heap_stats *h, enum diff_held held)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (is_of(&h->v[i], held))
			sum = num_add_sat(sum, h->v[i].bytes);
	}
	return sum;
}

struct amount diff_held(const struct diff_side *side, enum diff_held held)
{
	const struct heap_stats *h = &side->snapshot->heap_stats;
	struct amount rss = side->accounting->totals.rss;
	uint64_t objects;

	if (!heap_stats_have(h, HEAP_STAT_LINE))
		return amount_absent(why_none_of_kind[HEAP_STAT_LINE]);
	if (held != DIFF_HELD_OBJECTS && held != DIFF_HELD_BEYOND)
		return amount_of(sum_of(h, held));
	objects = sum_of(h, DIFF_HELD_OBJECTS);
	if (objects == 0) /* a runtime has objects from its start on */
		return amount_absent(why_none_of_kind[HEAP_STAT_TYPE]);
	if (held == DIFF_HELD_OBJECTS)
		return amount_of(objects);
	return amount_ok(rss) ? amount_of(rss.value - MIN(objects, rss.value)) : rss;
}

static bool is_rest(const struct heap_stat *h)
{
	return streq(h->name, heap_stat_kind_descs[h->kind].rest);
}

/*
 * Returns the most bytes that an unlisted row can have: no more than the smallest row that is
 * listed, and no more than the rest.
 */
static uint64_t most_unlisted(const struct heap_stats *h, const struct heap_stat *like)
{
	uint64_t rest = 0, least = UINT64_MAX;

	for (size_t i = 0; i < h->n; i++) {
		const struct heap_stat *row = &h->v[i];

		if (row->kind != like->kind)
			continue;
		if (is_rest(row))
			rest = num_add_sat(rest, row->bytes);
		else if (streq(row->owner, like->owner))
			least = MIN(least, row->bytes);
	}
	return MIN(rest, least);
}

/* Returns the amount of a row on the side that lacks it: 0, or absent if it may be unlisted. */
static struct amount missing(const struct heap_stats *h, const struct heap_stat *other)
{
	enum { NO_DIFFERENCE = 100 };

	if (!is_rest(other) && most_unlisted(h, other) > other->bytes / NO_DIFFERENCE)
		return amount_absent(REASON_ONLY_LARGEST);
	return amount_of(0);
}

static void add_row(struct diff_heap_stats *list, const struct diff_heap_stat *row)
{
	int64_t bytes = delta_of(row->old_bytes, row->new_bytes).bytes;

	list->rows[list->n++] = *row;
	list->grown_bytes += bytes > 0 ? (uint64_t)bytes : 0;
}

static void add_both(struct diff_heap_stats *list, const struct heap_stat *a,
		     const struct heap_stat *b)
{
	bool same = a->bytes == b->bytes && a->count.value == b->count.value;

	add_row(list, &(struct diff_heap_stat){
			      .owner = b->owner,
			      .name = b->name,
			      .status = same ? DIFF_STAYED : DIFF_CHANGED,
			      .old_count = a->count,
			      .new_count = b->count,
			      .old_bytes = amount_of(a->bytes),
			      .new_bytes = amount_of(b->bytes),
		      });
}

static void add_removed(struct diff_heap_stats *list, const struct heap_stat *a,
			const struct heap_stats *news)
{
	struct amount none = missing(news, a);

	add_row(list, &(struct diff_heap_stat){
			      .owner = a->owner,
			      .name = a->name,
			      .status = amount_ok(none) ? DIFF_REMOVED : DIFF_CHANGED,
			      .old_count = a->count,
			      .new_count = none,
			      .old_bytes = amount_of(a->bytes),
			      .new_bytes = none,
		      });
}

static void add_added(struct diff_heap_stats *list, const struct heap_stat *b,
		      const struct heap_stats *olds)
{
	struct amount none = missing(olds, b);

	add_row(list, &(struct diff_heap_stat){
			      .owner = b->owner,
			      .name = b->name,
			      .status = amount_ok(none) ? DIFF_ADDED : DIFF_CHANGED,
			      .old_count = none,
			      .new_count = b->count,
			      .old_bytes = none,
			      .new_bytes = amount_of(b->bytes),
		      });
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct diff_heap_stat *a = pa, *b = pb;
	int64_t da = delta_of(a->old_bytes, a->new_bytes).bytes;
	int64_t db = delta_of(b->old_bytes, b->new_bytes).bytes;
	int ret;

	if (da != db)
		return da < db ? 1 : -1;
	if (a->new_bytes.value != b->new_bytes.value)
		return a->new_bytes.value < b->new_bytes.value ? 1 : -1;
	ret = strcmp(a->name, b->name);
	return ret ? ret : strcmp(a->owner, b->owner);
}

static const struct heap_stat *find_like(const struct heap_stats *h, const struct heap_stat *like)
{
	return heap_stats_find(h, like->kind, like->owner, like->name);
}

static void add_rows(struct diff_heap_stats *list, const struct heap_stats *a,
		     const struct heap_stats *b, enum heap_stat_kind kind)
{
	list->rows = xcalloc(a->n_of[kind] + b->n_of[kind], sizeof(*list->rows));
	for (size_t i = 0; i < b->n; i++) {
		const struct heap_stat *old = find_like(a, &b->v[i]);

		if (b->v[i].kind == kind && old)
			add_both(list, old, &b->v[i]);
		else if (b->v[i].kind == kind)
			add_added(list, &b->v[i], a);
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].kind == kind && !find_like(b, &a->v[i]))
			add_removed(list, &a->v[i], b);
	}
	if (list->n > 1)
		qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
}

static void compare_kind(struct diff_heap_stats *list, const struct heap_stats *a,
			 const struct heap_stats *b, enum heap_stat_kind kind)
{
	bool in_old = heap_stats_have(a, kind), in_new = heap_stats_have(b, kind);

	list->new_lacks = in_old;
	if (in_old && in_new)
		add_rows(list, a, b, kind);
	else
		list->why = in_old || in_new ? why_none_of_kind[kind] : REASON_BY_DESIGN;
}

enum reason diff_why_unwalked(const struct diff *d, bool is_new)
{
	const struct heap_stats *a = &d->old_side.snapshot->heap_stats;
	const struct heap_stats *b = &d->new_side.snapshot->heap_stats;
	const struct heap_stats *h = is_new ? b : a;

	if (h->read || d->lists_why)
		return REASON_NONE;
	if (h->why)
		return h->why;
	return a->read || b->read ? REASON_WITHOUT_DEEP : REASON_NONE;
}

void diff_compare_heap_stats(struct diff *d)
{
	const struct heap_stats *a = &d->old_side.snapshot->heap_stats;
	const struct heap_stats *b = &d->new_side.snapshot->heap_stats;

	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++)
		compare_kind(&d->heap_stats[i], a, b, (enum heap_stat_kind)i);
}
