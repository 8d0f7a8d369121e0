/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/deep.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "walk/runtime/cpython/cpython.h"

static struct cell get_id(const struct ask *ask)
{
	return cell_text(cause_descs[((const struct cause_row *)ask->row)->cause].id);
}

static struct cell get_title(const struct ask *ask)
{
	return cell_text(cause_descs[((const struct cause_row *)ask->row)->cause].title);
}

static struct cell get_share(const struct ask *ask)
{
	const struct amount *rss = ask->arg;

	return cell_share(amount_of(((const struct cause_row *)ask->row)->bytes), *rss);
}

static const struct column cause_columns[] = {
	COLUMN("cause", "", CELL_ID, "what it is", .flags = COL_DATA, .get = get_id),
	COLUMN("title", "BEYOND OBJECTS", CELL_TEXT, "what it is", .flags = COL_TEXT,
	       .get = get_title),
	COLUMN("bytes", "RSS", CELL_BYTES, "resident", FIELD(struct cause_row, bytes)),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT, .get = get_share),
	COLUMN("facts", "", CELL_TEXT, "what else was measured", .flags = COL_DATA,
	       FIELD(struct cause_row, facts)),
	COLUMN("advice", "", CELL_TEXT, "what to do about it", .flags = COL_DATA,
	       FIELD(struct cause_row, advice)),
};

static const struct table *causes_table(struct report *r, const struct process_inputs *v)
{
	const struct non_object *b = v->non_object;
	struct table *t = TABLE_OF(r, cause_columns, b->rows,
				   amount_ok(b->beyond_bytes) ? b->n_rows : 0);
	struct amount *rss = arena_alloc(&r->arena, sizeof(*rss));

	*rss = v->accounting->totals.rss;
	t->layout = LAYOUT_TABLE;
	t->arg = rss;
	return t;
}

struct advice {
	const char *cause, *facts, *advice;
};

static const struct column advice_columns[] = {
	COLUMN("cause", "", CELL_ID, "what it is", FIELD(struct advice, cause)),
	COLUMN("facts", "", CELL_TEXT, "what was measured", FIELD(struct advice, facts)),
	COLUMN("advice", "", CELL_TEXT, "what to do about it", FIELD(struct advice, advice)),
};

/* "free in malloc, 312.0 MiB: of it 290.0 MiB in whole pages, over 34 arenas" */
static const char *facts_text(struct report *r, const struct cause_row *row)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_addf(&text, "%s, %s", cause_descs[row->cause].title,
		  fmt_bytes((char[FMT_MAX]){ 0 }, row->bytes, FMT_IEC));
	if (row->facts)
		sbuf_addf(&text, ": %s", row->facts);
	return arena_strdup(&r->arena, sbuf_str(&text));
}

/*
 * Returns whether text advises on a cause. Where no runtime was read, only what allocators hold
 * counts.
 */
static bool is_worth(const struct process_inputs *v, const struct cause_row *row)
{
	if (!row->advice)
		return false;
	return amount_ok(v->non_object->beyond_bytes) || row->cause == CAUSE_NATIVE ||
	       row->cause == CAUSE_BLOCKS || row->cause == CAUSE_MALLOC_FREE ||
	       row->cause == CAUSE_OVERHEAD;
}

static const struct table *advice_table(struct report *r, const struct process_inputs *v)
{
	const struct non_object *b = v->non_object;
	bool *hide = arena_array(&r->arena, b->n_rows, bool);
	struct advice *rows = arena_array(&r->arena, b->n_rows, struct advice);
	struct table *t = TABLE_OF(r, advice_columns, rows, b->n_rows);

	t->layout = LAYOUT_ITEMS;
	t->title = "What to do";
	t->text_hide = hide;
	for (size_t i = 0; i < b->n_rows; i++) {
		const struct cause_row *row = &b->rows[i];

		hide[i] = !is_worth(v, row);
		rows[i] = (struct advice){ cause_descs[row->cause].id, facts_text(r, row),
					   row->advice };
	}
	return t;
}

struct rejected {
	uint64_t objects, keys, buffers, pools, breaks;
};

static const struct column rejected_columns[] = {
	COLUMN("objects", "", CELL_COUNT, "that could not be of their type",
	       FIELD(struct rejected, objects)),
	COLUMN("keys", "", CELL_COUNT, "tables of keys that were none",
	       FIELD(struct rejected, keys)),
	COLUMN("buffers", "", CELL_COUNT, "that did not lie in memory",
	       FIELD(struct rejected, buffers)),
	COLUMN("pools", "", CELL_COUNT, "that did not hold together",
	       FIELD(struct rejected, pools)),
	COLUMN("breaks", "", CELL_COUNT, "places where a heap did not hold together",
	       FIELD(struct rejected, breaks)),
};

static const struct table *rejected_table(struct report *r, const struct walk *walk)
{
	struct rejected *sum = arena_alloc(&r->arena, sizeof(*sum));

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct cpython *c = walk->runtimes[i].cpython;

		if (!c)
			continue;
		sum->objects += c->rejected.misfits;
		sum->keys += c->rejected.keys;
		sum->buffers += c->rejected.buffers;
		sum->pools += c->rejected.pools;
	}
	for (size_t i = 0; i < walk->n_allocators; i++)
		sum->breaks += walk->allocators[i].breaks;
	return report_object(r, rejected_columns, ARRAY_SIZE(rejected_columns), sum);
}

struct deep {
	struct cell partial, scan, frozen, swapped, objects, native, beyond, beyond_text,
		beyond_share;
	const char *objects_text, *native_text; /* the same in words */
	const struct table *causes, *advice, *runtimes, *pymalloc, *allocators, *unread, *arenas,
		*classes, *rejected;
};

static const struct column deep_columns[] = {
	COLUMN("partial", "", CELL_TEXT, "why it is incomplete", .line = "incomplete: %",
	       FIELD(struct deep, partial)),
	COLUMN("scan_ms", "", CELL_MS, "what reading it took", .flags = COL_DATA,
	       FIELD(struct deep, scan)),
	COLUMN("frozen_ms", "", CELL_MS, "that --freeze held the process still",
	       .line = "frozen for %", FIELD(struct deep, frozen)),
	COLUMN("swapped_unread_bytes", "", CELL_BYTES, "of what was walked, in swap",
	       .flags = COL_DATA, FIELD(struct deep, swapped)),
	COLUMN("objects_bytes", "", CELL_BYTES, "live objects and their buffers, resident",
	       .flags = COL_DATA, FIELD(struct deep, objects)),
	COLUMN("objects_text", "", CELL_TEXT, "the same in words", .flags = COL_TEXT, .line = "%",
	       FIELD(struct deep, objects_text)),
	COLUMN("native_live_bytes", "", CELL_BYTES, "live blocks that no object owns, resident",
	       .flags = COL_DATA, FIELD(struct deep, native)),
	COLUMN("native_text", "", CELL_TEXT, "the same in words", .flags = COL_TEXT, .line = "%",
	       FIELD(struct deep, native_text)),
	COLUMN("beyond_objects_bytes", "", CELL_BYTES, "RSS less objects", .flags = COL_DATA,
	       FIELD(struct deep, beyond)),
	COLUMN("beyond_text", "", CELL_BYTES, "the same", .flags = COL_TEXT,
	       .line = "% beyond the objects", FIELD(struct deep, beyond_text)),
	COLUMN("beyond_objects_percent", "", CELL_PERCENT, "of RSS", .flags = COL_DATA,
	       FIELD(struct deep, beyond_share)),
	COLUMN("beyond_objects", "", CELL_TABLE, "by cause", FIELD(struct deep, causes)),
	COLUMN("advice", "", CELL_TABLE, "what to do about causes", .flags = COL_TEXT,
	       FIELD(struct deep, advice)),
	COLUMN("runtimes", "", CELL_TABLE, "what language runtimes hold",
	       FIELD(struct deep, runtimes)),
	COLUMN("pymalloc", "", CELL_TABLE, "the allocator of CPython",
	       FIELD(struct deep, pymalloc)),
	COLUMN("allocators", "", CELL_TABLE, "what allocators hold",
	       FIELD(struct deep, allocators)),
	COLUMN("unread", "", CELL_TABLE, "which of them were not read, and why", .flags = COL_TEXT,
	       FIELD(struct deep, unread)),
	COLUMN("arenas", "", CELL_TABLE, "the largest of them", .flags = COL_TEXT,
	       FIELD(struct deep, arenas)),
	COLUMN("objects", "", CELL_TABLE, "of C++ classes", .flags = COL_TEXT,
	       FIELD(struct deep, classes)),
	COLUMN("rejected", "", CELL_TABLE, "what did not hold together", .flags = COL_DATA,
	       FIELD(struct deep, rejected)),
};

/* Returns an amount in another unit; an empty cell if it is absent. */
static struct cell scaled_cell(struct amount a, double unit)
{
	return amount_ok(a) ? cell_real((double)a.value / unit) : cell_none();
}

/* Returns an amount; an empty cell for a process without a runtime, which has no objects. */
static struct cell objects_cell(struct amount a)
{
	return a.why == REASON_NO_RUNTIME ? cell_none() : cell_amount(a);
}

/* "7.1 MiB of native memory", or "native memory n/a: why"; NULL if there can be none. */
static const char *amount_text(struct report *r, struct amount a, const char *phrase,
			       const char *name)
{
	if (a.why == REASON_NO_RUNTIME)
		return NULL;
	if (!amount_ok(a))
		return arena_printf(&r->arena, "%s n/a: %s", name, amount_why(a));
	return arena_printf(&r->arena, "%s %s", fmt_bytes((char[FMT_MAX]){ 0 }, a.value, FMT_IEC),
			    phrase);
}

const struct table *build_deep(struct report *r, const struct process_inputs *v)
{
	const struct non_object *b = v->non_object;
	const struct walk *walk = v->walk;
	struct deep *deep;
	struct table *t;

	if (!walk)
		return NULL;
	deep = arena_alloc(&r->arena, sizeof(*deep));
	*deep = (struct deep){
		.partial = cell_reason(walk->partial),
		.scan = cell_real((double)walk->scan_ns / 1e6),
		.frozen = scaled_cell(walk->frozen_ns, 1e6),
		.swapped = cell_u64(walk->swapped_unread_bytes),
		.objects = objects_cell(b->objects_bytes),
		.objects_text = amount_text(r, b->objects_bytes, "of live objects", "live objects"),
		.native = cell_amount(b->native_bytes),
		.native_text = amount_text(r, b->native_bytes, "of native memory", "native memory"),
		.beyond = objects_cell(b->beyond_bytes),
		.beyond_text = amount_ok(b->beyond_bytes) ? cell_amount(b->beyond_bytes)
							  : cell_none(),
		.beyond_share = amount_ok(b->beyond_permille) ? scaled_cell(b->beyond_permille, 10)
							      : objects_cell(b->beyond_permille),
		.causes = causes_table(r, v),
		.advice = advice_table(r, v),
		.runtimes = build_runtimes(r, walk),
		.pymalloc = build_pymalloc(r, walk),
		.allocators = build_allocators(r, walk),
		.unread = build_unread_allocators(r, walk),
		.arenas = walk->opts.want == WANT_MALLOC ? build_largest_arenas(r, walk) : NULL,
		.classes = build_cxx_objects(r, walk),
		.rejected = rejected_table(r, walk),
	};
	t = report_object(r, deep_columns, ARRAY_SIZE(deep_columns), deep);
	t->layout = LAYOUT_SECTIONS;
	t->title = "What memory holds";
	return t;
}
