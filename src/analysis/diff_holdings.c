/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diff.h"

#include "base/alloc.h"
#include "base/num.h"
#include "depth/claims.h"

const struct diff_held_desc diff_held_descs[] = {
	[DIFF_HELD_OBJECTS] = { "objects", "Objects", "live ones and their buffers" },
	[DIFF_HELD_NATIVE] = { "native", "Native", "live blocks that no object owns" },
	[DIFF_HELD_FREE] = { "free", "Free", "kept by allocators, and resident" },
	[DIFF_HELD_OVERHEAD] = { "overhead", "Overhead", "headers, tables and padding" },
	[DIFF_HELD_BEYOND] = { "beyond_objects", "Beyond objects", "RSS less objects" },
};

_Static_assert(ARRAY_SIZE(diff_held_descs) == DIFF_HELD_COUNT, "a row for each");

/* Whose sums they are; runtime_free and malloc_free are one word of two owners. */
static const uint8_t held_lines[LINE_COUNT] = {
	[LINE_OBJECTS] = DIFF_HELD_OBJECTS,  [LINE_BUFFERS] = DIFF_HELD_OBJECTS,
	[LINE_NATIVE] = DIFF_HELD_NATIVE,    [LINE_RUNTIME_FREE] = DIFF_HELD_FREE,
	[LINE_MALLOC_FREE] = DIFF_HELD_FREE, [LINE_OVERHEAD] = DIFF_HELD_OVERHEAD,
};

static const char *const why_none_of_kind[HOLDING_KIND_COUNT] = {
	[HOLDING_LINE] = "no line was walked",
	[HOLDING_ALLOCATOR] = "no allocator was read",
	[HOLDING_TYPE] = "no language runtime was read",
	[HOLDING_CLASS] = "no allocator was read",
};

static bool is_of(const struct holding *h, enum diff_held held)
{
	for (int i = 0; i < LINE_COUNT; i++) {
		if (held_lines[i] == held && streq(depth_line_descs[i].word, h->name))
			return h->kind == HOLDING_LINE;
	}
	return false;
}

static uint64_t sum_of(const struct holdings *h, enum diff_held held)
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
	const struct holdings *h = &side->snapshot->holdings;
	struct amount rss = side->accounting->totals.rss;
	uint64_t objects;

	if (!holdings_have(h, HOLDING_LINE))
		return amount_absent(why_none_of_kind[HOLDING_LINE]);
	if (held != DIFF_HELD_OBJECTS && held != DIFF_HELD_BEYOND)
		return amount_of(sum_of(h, held));
	if (!holdings_have(h, HOLDING_TYPE))
		return amount_absent(why_none_of_kind[HOLDING_TYPE]);
	objects = sum_of(h, DIFF_HELD_OBJECTS);
	if (held == DIFF_HELD_OBJECTS)
		return amount_of(objects);
	return amount_ok(rss) ? amount_of(rss.value - MIN(objects, rss.value)) : rss;
}

struct amount diff_held_bytes(const struct holding *h)
{
	return amount_of(h ? h->bytes : 0);
}

struct amount diff_held_count(const struct holding *h)
{
	return h ? h->count : amount_of(0);
}

static enum diff_status status_of_row(const struct holding *a, const struct holding *b)
{
	if (!a || !b)
		return a ? DIFF_REMOVED : DIFF_ADDED;
	return a->bytes == b->bytes && a->count.value == b->count.value ? DIFF_STAYED
									: DIFF_CHANGED;
}

static const struct holding *either(const struct diff_holding *row)
{
	return row->new_row ? row->new_row : row->old_row;
}

static struct delta delta_of_row(const struct diff_holding *row)
{
	return delta_of(diff_held_bytes(row->old_row), diff_held_bytes(row->new_row));
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct diff_holding *a = pa, *b = pb;
	int64_t da = delta_of_row(a).bytes, db = delta_of_row(b).bytes;
	uint64_t na = diff_held_bytes(a->new_row).value, nb = diff_held_bytes(b->new_row).value;
	int ret;

	if (da != db)
		return da < db ? 1 : -1;
	if (na != nb)
		return na < nb ? 1 : -1;
	ret = strcmp(either(a)->name, either(b)->name);
	return ret ? ret : strcmp(either(a)->owner, either(b)->owner);
}

static const struct holding *find_like(const struct holdings *h, const struct holding *like)
{
	return holdings_find(h, like->kind, like->owner, like->name);
}

static void add_row(struct diff_holdings *list, const struct holding *a, const struct holding *b)
{
	struct diff_holding *row = &list->rows[list->n++];
	int64_t bytes;

	*row = (struct diff_holding){ a, b, status_of_row(a, b) };
	bytes = delta_of_row(row).bytes;
	list->grown_bytes += bytes > 0 ? (uint64_t)bytes : 0;
}

static void compare_kind(struct diff_holdings *list, const struct holdings *a,
			 const struct holdings *b, enum holding_kind kind)
{
	list->new_lacks = holdings_have(a, kind);
	if (!list->new_lacks || !holdings_have(b, kind)) {
		list->why = holdings_have(a, kind) || holdings_have(b, kind)
				    ? why_none_of_kind[kind]
				    : why_none;
		return;
	}
	list->rows = xcalloc(a->n_of[kind] + b->n_of[kind], sizeof(*list->rows));
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].kind == kind)
			add_row(list, find_like(a, &b->v[i]), &b->v[i]);
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->v[i].kind == kind && !find_like(b, &a->v[i]))
			add_row(list, &a->v[i], NULL);
	}
	if (list->n > 1)
		qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
}

const char *diff_why_unwalked(const struct diff *d, bool is_new)
{
	const struct holdings *a = &d->old_side.snapshot->holdings;
	const struct holdings *b = &d->new_side.snapshot->holdings;
	const struct holdings *h = is_new ? b : a;

	if (h->read || d->lists_why)
		return NULL;
	if (h->why)
		return h->why;
	return a->read || b->read ? "taken without --deep" : NULL;
}

void diff_compare_holdings(struct diff *d)
{
	const struct holdings *a = &d->old_side.snapshot->holdings;
	const struct holdings *b = &d->new_side.snapshot->holdings;

	for (int i = 0; i < HOLDING_KIND_COUNT; i++)
		compare_kind(&d->holdings[i], a, b, (enum holding_kind)i);
}
