/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/deep.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "walk/runtime/cpython/cpython.h"

enum { ADVICE_SHARE = 50 }; /* causes of less than 1/50 of RSS get no advice in text */

static const struct column cause_columns[] = {
	COLUMN("cause", "", CELL_ID, "what it is", .flags = COL_DATA),
	COLUMN("title", "BEYOND OBJECTS", CELL_TEXT, "what it is", .flags = COL_TEXT),
	COLUMN("bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT),
	COLUMN("facts", "", CELL_TEXT, "what else was measured", .flags = COL_DATA),
	COLUMN("advice", "", CELL_TEXT, "what to do about it", .flags = COL_DATA),
};

static const struct table *causes_table(struct report *r, const struct process_inputs *v)
{
	const struct non_object *b = v->non_object;
	size_t n = amount_ok(b->beyond_bytes) ? b->n_rows : 0;
	struct table *t = report_table(r, cause_columns, ARRAY_SIZE(cause_columns), n);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < n; i++) {
		const struct cause_desc *desc = &cause_descs[b->rows[i].cause];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(desc->id);
		cells[1] = cell_text(desc->title);
		cells[2] = cell_u64(b->rows[i].bytes);
		cells[3] = cell_share(amount_of(b->rows[i].bytes), v->accounting->totals.rss);
		cells[4] = cell_text(b->rows[i].facts);
		cells[5] = cell_text(b->rows[i].advice);
	}
	return t;
}

static const struct column advice_columns[] = {
	COLUMN("cause", "", CELL_ID, "what it is"),
	COLUMN("facts", "", CELL_TEXT, "what was measured"),
	COLUMN("advice", "", CELL_TEXT, "what to do about it"),
};

/* "free in malloc, 312.0 MiB: of it 290.0 MiB in whole pages, over 34 arenas" */
static struct cell cell_facts(struct report *r, const struct cause_row *row)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_addf(&text, "%s, %s", cause_descs[row->cause].title,
		  fmt_bytes((char[FMT_MAX]){ 0 }, row->bytes, FMT_IEC));
	if (row->facts)
		sbuf_addf(&text, ": %s", row->facts);
	return cell_text(arena_strdup(&r->arena, sbuf_str(&text)));
}

/*
 * The causes worth doing something about. Where there is no runtime with objects to be beyond of,
 * those are what allocators hold.
 */
static bool is_worth(const struct process_inputs *v, const struct cause_row *row)
{
	const struct amount rss = v->accounting->totals.rss;

	if (!amount_ok(rss) || row->bytes < rss.value / ADVICE_SHARE)
		return false;
	return amount_ok(v->non_object->beyond_bytes) || row->cause == CAUSE_NATIVE ||
	       row->cause == CAUSE_MALLOC_FREE || row->cause == CAUSE_OVERHEAD;
}

static const struct table *advice_table(struct report *r, const struct process_inputs *v)
{
	const struct non_object *b = v->non_object;
	bool *hide = arena_array(&r->arena, b->n_rows, bool);
	struct table *t = report_table(r, advice_columns, ARRAY_SIZE(advice_columns), b->n_rows);

	t->layout = LAYOUT_ITEMS;
	t->title = "What to do";
	t->text_hide = hide;
	for (size_t i = 0; i < b->n_rows; i++) {
		struct cell *cells = table_row(t, i);

		hide[i] = !is_worth(v, &b->rows[i]);
		cells[0] = cell_text(cause_descs[b->rows[i].cause].id);
		cells[1] = cell_facts(r, &b->rows[i]);
		cells[2] = cell_text(b->rows[i].advice);
	}
	return t;
}

static const struct column rejected_columns[] = {
	COLUMN("objects", "", CELL_COUNT, "that could not be of their type"),
	COLUMN("keys", "", CELL_COUNT, "tables of keys that were none"),
	COLUMN("buffers", "", CELL_COUNT, "that did not lie in memory"),
	COLUMN("pools", "", CELL_COUNT, "that did not hold together"),
	COLUMN("breaks", "", CELL_COUNT, "places where a heap did not hold together"),
};

static const struct table *rejected_table(struct report *r, const struct walk *d)
{
	struct table *t = report_table(r, rejected_columns, ARRAY_SIZE(rejected_columns), 1);
	uint64_t sums[ARRAY_SIZE(rejected_columns)] = { 0 };

	for (size_t i = 0; i < d->n_runtimes; i++) {
		const struct cpython *c = d->runtimes[i].cpython;

		if (!c)
			continue;
		sums[0] += c->rejected.misfits;
		sums[1] += c->rejected.keys;
		sums[2] += c->rejected.buffers;
		sums[3] += c->rejected.pools;
	}
	for (size_t i = 0; i < d->n_allocators; i++)
		sums[4] += d->allocators[i].breaks;
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
		table_row(t, 0)[i] = cell_u64(sums[i]);
	return t;
}

static const struct column deep_columns[] = {
	COLUMN("partial", "", CELL_TEXT, "why it is incomplete", .line = "incomplete: %"),
	COLUMN("scan_ms", "", CELL_MS, "what reading it took", .flags = COL_DATA),
	COLUMN("frozen_ms", "", CELL_MS, "that --freeze held the process still",
	       .line = "frozen for %"),
	COLUMN("swapped_unread_bytes", "", CELL_BYTES, "of what was walked, in swap",
	       .flags = COL_DATA),
	COLUMN("objects_bytes", "", CELL_BYTES, "live objects and their buffers, resident",
	       .line = "% of live objects"),
	COLUMN("native_live_bytes", "", CELL_BYTES, "live blocks that no object owns, resident",
	       .line = "% of native memory"),
	COLUMN("beyond_objects_bytes", "", CELL_BYTES, "RSS less objects",
	       .line = "% beyond the objects"),
	COLUMN("beyond_objects_percent", "", CELL_PERCENT, "of RSS", .flags = COL_DATA),
	COLUMN("beyond_objects", "", CELL_TABLE, "by cause"),
	COLUMN("advice", "", CELL_TABLE, "what to do about causes", .flags = COL_TEXT),
	COLUMN("runtimes", "", CELL_TABLE, "what language runtimes hold"),
	COLUMN("pymalloc", "", CELL_TABLE, "the allocator of CPython"),
	COLUMN("allocators", "", CELL_TABLE, "what allocators hold"),
	COLUMN("arenas", "", CELL_TABLE, "the largest of them", .flags = COL_TEXT),
	COLUMN("objects", "", CELL_TABLE, "of C++ classes", .flags = COL_TEXT),
	COLUMN("rejected", "", CELL_TABLE, "what did not hold together", .flags = COL_DATA),
};

const struct table *build_deep(struct report *r, const struct process_inputs *v)
{
	const struct walk *d = v->walk;
	struct table *t;
	bool has_objects;

	if (!d)
		return NULL;
	has_objects = amount_ok(v->non_object->beyond_bytes);
	t = report_table(r, deep_columns, ARRAY_SIZE(deep_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	t->title = "What memory holds";
	row_set(t, 0, "partial", cell_reason(d->partial));
	row_set(t, 0, "scan_ms", cell_real((double)d->scan_ns / 1e6));
	row_set(t, 0, "frozen_ms",
		amount_ok(d->frozen_ns) ? cell_real((double)d->frozen_ns.value / 1e6)
					: cell_none());
	row_set(t, 0, "swapped_unread_bytes", cell_u64(d->swapped_unread_bytes));
	row_set(t, 0, "objects_bytes",
		has_objects ? cell_u64(v->non_object->objects_bytes) : cell_none());
	row_set(t, 0, "native_live_bytes", cell_u64(v->non_object->native_bytes));
	row_set(t, 0, "beyond_objects_bytes",
		has_objects ? cell_amount(v->non_object->beyond_bytes) : cell_none());
	row_set(t, 0, "beyond_objects_percent",
		has_objects && amount_ok(v->non_object->beyond_permille)
			? cell_real((double)v->non_object->beyond_permille.value / 10)
			: cell_none());
	row_set(t, 0, "beyond_objects", cell_table(causes_table(r, v)));
	row_set(t, 0, "advice", cell_table(advice_table(r, v)));
	row_set(t, 0, "runtimes", cell_table(build_runtimes(r, d)));
	row_set(t, 0, "pymalloc", cell_table(build_pymalloc(r, d)));
	row_set(t, 0, "allocators", cell_table(build_allocators(r, d)));
	row_set(t, 0, "arenas",
		cell_table(d->opts.want == WANT_MALLOC ? build_largest_arenas(r, d) : NULL));
	row_set(t, 0, "objects", cell_table(build_cxx_objects(r, d)));
	row_set(t, 0, "rejected", cell_table(rejected_table(r, d)));
	return t;
}
