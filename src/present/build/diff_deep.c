/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"

/* What tells a row; the last column is its label in text. */
enum { HEAD_COLUMNS = 3 };

/* A kind of holdings: how its rows are named, and how many of them text has. */
static const struct list_desc {
	struct column head[HEAD_COLUMNS];
	const char *what; /* "Types are not compared" */
	bool is_counted;
	bool has_owner; /* in the label */
	enum table_layout layout;
	size_t text_rows;
} list_descs[] = {
	[HEAP_STAT_LINE] = { { COLUMN("line", "", CELL_TEXT, "what it is", .flags = COL_DATA),
			       COLUMN("owner", "", CELL_TEXT, "the runtime or allocator",
				      .flags = COL_DATA),
			       COLUMN("label", "Walked memory that changed", CELL_TEXT, "resident",
				      .flags = COL_TEXT | COL_TRUNC | COL_LAST) },
			     .what = "Lines",
			     .has_owner = true,
			     .layout = LAYOUT_TABLE,
			     .text_rows = 12 },
	[HEAP_STAT_TYPE] = { { COLUMN("type", "", CELL_TEXT, "with its module", .flags = COL_DATA),
			       COLUMN("runtime", "", CELL_TEXT, "whose type it is",
				      .flags = COL_DATA),
			       COLUMN("label", "Types that changed most", CELL_TEXT,
				      "with its module", .flags = COL_TEXT | COL_TRUNC) },
			     .what = "Types",
			     .is_counted = true,
			     .layout = LAYOUT_TABLE,
			     .text_rows = 15 },
	[HEAP_STAT_CLASS] = { { COLUMN("class", "", CELL_TEXT, "as in the source",
				       .flags = COL_DATA),
				COLUMN("allocator", "", CELL_TEXT, "of its blocks",
				       .flags = COL_DATA),
				COLUMN("label", "C++ classes that changed most", CELL_TEXT,
				       "of live blocks", .flags = COL_TEXT | COL_TRUNC) },
			      .what = "C++ classes",
			      .is_counted = true,
			      .layout = LAYOUT_TABLE,
			      .text_rows = 10 },
	[HEAP_STAT_ALLOCATOR] = { { COLUMN("sum", "", CELL_TEXT, "live, free and so on",
					   .flags = COL_DATA),
				    COLUMN("allocator", "", CELL_TEXT, "its name",
					   .flags = COL_DATA),
				    COLUMN("label", "", CELL_TEXT, "", .flags = COL_TEXT) },
				  .what = "Sums of allocators",
				  .is_counted = true,
				  .has_owner = true,
				  .layout = LAYOUT_HIDDEN },
};

_Static_assert(ARRAY_SIZE(list_descs) == HEAP_STAT_KIND_COUNT, "a row for each kind");

/* How both sides compare. Bytes of what is counted are those of objects: the change says enough. */
static const struct column counted_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA),
	COLUMN("old_count", "OLD", CELL_COUNT, "on the old side"),
	COLUMN("new_count", "NEW", CELL_COUNT, "on the new side"),
	COLUMN("delta_count", "MORE", CELL_DELTA, "new less old"),
	COLUMN("old_bytes", "", CELL_BYTES, "on the old side", .flags = COL_DATA),
	COLUMN("new_bytes", "", CELL_BYTES, "on the new side", .flags = COL_DATA),
	COLUMN("delta_bytes", "BYTES", CELL_DELTA, "new less old"),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes"),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT),
};

static const struct column plain_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side"),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side"),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old"),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes"),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT),
};

/* A list of rows, which are made one at a time because there may be thousands of types. */
struct list_arg {
	const struct diff *diff;
	const struct diff_heap_stats *list;
	const struct list_desc *desc;
	char label[256]; /* of the current row */
};

static struct cell label_cell(struct list_arg *a, const struct diff_heap_stat *row)
{
	if (!a->desc->has_owner)
		return cell_text(row->name);
	(void)snprintf(a->label, sizeof(a->label), "%s %s", row->owner, row->name);
	return cell_text(a->label);
}

static struct cell plain_delta(struct delta delta)
{
	struct cell c = cell_delta(delta);

	c.plain = true;
	return c;
}

static struct cell change_cell(enum diff_status status)
{
	return status == DIFF_ADDED || status == DIFF_REMOVED ? cell_text(diff_status_ids[status])
							      : cell_none();
}

/* The cells behind the head: of counted_columns, or of plain_columns, which lack the counts. */
static void fill_tail(const struct list_arg *a, const struct diff_heap_stat *row,
		      struct cell *cells)
{
	struct delta delta = delta_of(row->old_bytes, row->new_bytes);
	const struct cell values[] = {
		cell_amount(row->old_bytes),
		cell_amount(row->new_bytes),
		cell_delta(delta),
		delta.bytes > 0 ? cell_share(amount_of((uint64_t)delta.bytes),
					     amount_of(a->list->grown_bytes))
				: cell_none(),
		change_rate_cell(a->diff, delta),
		change_cell(row->status),
	};

	*cells++ = cell_text(diff_status_ids[row->status]);
	if (a->desc->is_counted) {
		*cells++ = cell_amount(row->old_count);
		*cells++ = cell_amount(row->new_count);
		*cells++ = plain_delta(delta_of(row->old_count, row->new_count));
	}
	memcpy(cells, values, sizeof(values));
}

static void fill_row(void *arg, size_t i, struct cell *cells)
{
	struct list_arg *a = arg;
	const struct diff_heap_stat *row = &a->list->rows[i];

	cells[0] = cell_text(row->name);
	cells[1] = cell_text(row->owner);
	cells[2] = label_cell(a, row);
	fill_tail(a, row, cells + HEAD_COLUMNS);
}

static void set_columns(struct report *r, struct table *t, const struct list_desc *desc)
{
	const struct column *tail = desc->is_counted ? counted_columns : plain_columns;
	size_t n_tail = desc->is_counted ? ARRAY_SIZE(counted_columns) : ARRAY_SIZE(plain_columns);
	struct column *columns = arena_array(&r->arena, HEAD_COLUMNS + n_tail, struct column);

	memcpy(columns, desc->head, sizeof(desc->head));
	memcpy(columns + HEAD_COLUMNS, tail, n_tail * sizeof(*tail));
	t->columns = columns;
	t->n_columns = HEAD_COLUMNS + n_tail;
	t->cells = arena_array(&r->arena, t->n_columns, struct cell);
}

static const bool *hide_small(struct report *r, const struct diff_heap_stats *list,
			      size_t text_rows)
{
	auto_free int64_t *deltas = xcalloc(list->n, sizeof(*deltas));

	for (size_t i = 0; i < list->n; i++)
		deltas[i] = delta_of(list->rows[i].old_bytes, list->rows[i].new_bytes).bytes;
	return change_hide_small(r, deltas, list->n, text_rows, 0);
}

/* "OLD: no language runtime was read" */
static const char *why_not(struct report *r, bool new_lacks, enum reason why)
{
	return arena_printf(&r->arena, "%s: %s", new_lacks ? "NEW" : "OLD", reason_text(why));
}

static struct cell list_cell(struct report *r, const struct diff *d, enum heap_stat_kind kind)
{
	const struct list_desc *desc = &list_descs[kind];
	const struct diff_heap_stats *list = &d->heap_stats[kind];
	struct list_arg *arg = arena_alloc(&r->arena, sizeof(*arg));
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	if (list->why == REASON_BY_DESIGN)
		return cell_none();
	if (list->why)
		return cell_absent_text(why_not(r, list->new_lacks, list->why));
	*arg = (struct list_arg){ .diff = d, .list = list, .desc = desc };
	*t = (struct table){
		.layout = desc->layout,
		.text_hide = hide_small(r, list, desc->text_rows),
		.n_rows = list->n,
		.is_long = true,
		.fill = fill_row,
		.arg = arg,
	};
	set_columns(r, t, desc);
	return cell_table(t);
}

static const struct column caveat_columns[] = {
	COLUMN("mark", "", CELL_ID, ""),
	COLUMN("text", "", CELL_TEXT, ""),
};

/* What one side was walked for, and the other was not. */
static const struct table *caveats_table(struct report *r, const struct diff *d)
{
	struct table *t = report_table(r, caveat_columns, ARRAY_SIZE(caveat_columns),
				       HEAP_STAT_KIND_COUNT);

	t->layout = LAYOUT_ITEMS;
	t->n_rows = 0;
	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++) {
		const struct diff_heap_stats *list = &d->heap_stats[i];
		struct cell *cells;

		if (!list->why || list->why == REASON_BY_DESIGN ||
		    list_descs[i].layout == LAYOUT_HIDDEN)
			continue;
		cells = t->cells + t->n_rows++ * t->n_columns;
		cells[0] = cell_text(heap_stat_kind_descs[i].id);
		cells[0].tone = TONE_WARN;
		cells[1] = cell_text(arena_printf(&r->arena, "%s are not compared: %s.",
						  list_descs[i].what,
						  why_not(r, list->new_lacks, list->why)));
	}
	return t;
}

static const struct column total_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("title", "What memory holds", CELL_TEXT, "what it is", .flags = COL_TEXT),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side"),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side"),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes"),
	COLUMN("help", "", CELL_TEXT, "its meaning", .flags = COL_TEXT | COL_TRUNC),
};

static const struct table *totals_table(struct report *r, const struct diff *d)
{
	struct table *t = report_table(r, total_columns, ARRAY_SIZE(total_columns),
				       DIFF_HELD_COUNT);
	bool *hide = arena_alloc(&r->arena, DIFF_HELD_COUNT);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < DIFF_HELD_COUNT; i++) {
		const struct diff_held_desc *desc = &diff_held_descs[i];
		struct amount a = diff_held(&d->old_side, (enum diff_held)i);
		struct amount b = diff_held(&d->new_side, (enum diff_held)i);
		struct delta delta = delta_of(a, b);
		const struct cell cells[] = {
			cell_text(desc->id),   cell_text(desc->title), cell_amount(a),
			cell_amount(b),        cell_delta(delta),      change_rate_cell(d, delta),
			cell_text(desc->help),
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(total_columns), "for each column");
		memcpy(table_row(t, i), cells, sizeof(cells));
		hide[i] = !amount_ok(a) && !amount_ok(b);
	}
	return t;
}

static const struct column deep_columns[] = {
	COLUMN("caveats", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("totals", "", CELL_TABLE, "sums"),
	COLUMN("types", "", CELL_TABLE, "objects of language runtimes by type"),
	COLUMN("classes", "", CELL_TABLE, "live blocks by the C++ class of their object"),
	COLUMN("lines", "", CELL_TABLE, "resident bytes by what they are"),
	COLUMN("allocators", "", CELL_TABLE, "what allocators have, resident or not",
	       .flags = COL_DATA),
};

struct cell build_diff_deep(struct report *r, const struct diff *d)
{
	struct table *t;

	if (d->lists_why)
		return cell_absent(d->lists_why);
	for (int i = 0; i < 2; i++) {
		const struct diff_side *side = i ? &d->new_side : &d->old_side;
		enum reason why = diff_why_unwalked(d, i == 1);

		if (!side->snapshot->heap_stats.read)
			return why ? cell_absent_text(why_not(r, i == 1, why)) : cell_none();
	}
	t = report_table(r, deep_columns, ARRAY_SIZE(deep_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	row_set(t, 0, "caveats", cell_table(caveats_table(r, d)));
	row_set(t, 0, "totals", cell_table(totals_table(r, d)));
	row_set(t, 0, "types", list_cell(r, d, HEAP_STAT_TYPE));
	row_set(t, 0, "classes", list_cell(r, d, HEAP_STAT_CLASS));
	row_set(t, 0, "lines", list_cell(r, d, HEAP_STAT_LINE));
	row_set(t, 0, "allocators", list_cell(r, d, HEAP_STAT_ALLOCATOR));
	return cell_table(t);
}
