/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"

/* Columns that identify a row; the last one is its label in text. */
enum { HEAD_COLUMNS = 3 };

/* What the rows of a list need. */
struct list_arg {
	const struct diff *diff;
	const struct diff_heap_stats *list;
	bool has_owner;  /* in the label */
	char label[256]; /* of the current row */
};

static struct cell get_label(const struct ask *ask)
{
	const struct diff_heap_stat *row = ask->row;
	struct list_arg *a = ask->arg;

	if (!a->has_owner)
		return cell_text(row->name);
	(void)snprintf(a->label, sizeof(a->label), "%s %s", row->owner, row->name);
	return cell_text(a->label);
}

static struct delta bytes_delta(const struct diff_heap_stat *row)
{
	return delta_of(row->old_bytes, row->new_bytes);
}

static struct cell get_delta(const struct ask *ask)
{
	return cell_delta(bytes_delta(ask->row));
}

static struct cell get_count_delta(const struct ask *ask)
{
	const struct diff_heap_stat *row = ask->row;
	struct cell c = cell_delta(delta_of(row->old_count, row->new_count));

	c.plain = true;
	return c;
}

static struct cell get_growth(const struct ask *ask)
{
	const struct list_arg *a = ask->arg;
	struct delta delta = bytes_delta(ask->row);

	return delta.bytes > 0 ? cell_share(amount_of((uint64_t)delta.bytes),
					    amount_of(a->list->grown_bytes))
			       : cell_none();
}

static struct cell get_rate(const struct ask *ask)
{
	const struct list_arg *a = ask->arg;

	return change_rate_cell(a->diff, bytes_delta(ask->row));
}

static struct cell get_status(const struct ask *ask)
{
	return cell_text(diff_status_ids[((const struct diff_heap_stat *)ask->row)->status]);
}

static struct cell get_change(const struct ask *ask)
{
	enum diff_status status = ((const struct diff_heap_stat *)ask->row)->status;

	return status == DIFF_ADDED || status == DIFF_REMOVED ? get_status(ask) : cell_none();
}

/* A kind of heap statistics: how its rows are named, and how many of them text shows. */
static const struct list_desc {
	struct column head[HEAD_COLUMNS];
	const char *what; /* "Types are not compared" */
	bool is_counted;
	bool has_owner; /* in the label */
	enum table_layout layout;
	size_t text_rows;
} list_descs[] = {
	[HEAP_STAT_LINE] = { { COLUMN("line", "", CELL_TEXT, "what it is", .flags = COL_DATA,
				      FIELD(struct diff_heap_stat, name)),
			       COLUMN("owner", "", CELL_TEXT, "the runtime or allocator",
				      .flags = COL_DATA, FIELD(struct diff_heap_stat, owner)),
			       COLUMN("label", "Walked memory that changed", CELL_TEXT, "resident",
				      .flags = COL_TEXT | COL_TRUNC | COL_LAST, .get = get_label) },
			     .what = "Lines",
			     .has_owner = true,
			     .layout = LAYOUT_TABLE,
			     .text_rows = 12 },
	[HEAP_STAT_TYPE] = { { COLUMN("type", "", CELL_TEXT, "with its module", .flags = COL_DATA,
				      FIELD(struct diff_heap_stat, name)),
			       COLUMN("runtime", "", CELL_TEXT, "whose type it is",
				      .flags = COL_DATA, FIELD(struct diff_heap_stat, owner)),
			       COLUMN("label", "Types that changed most", CELL_TEXT,
				      "with its module", .flags = COL_TEXT | COL_TRUNC,
				      .get = get_label) },
			     .what = "Types",
			     .is_counted = true,
			     .layout = LAYOUT_TABLE,
			     .text_rows = 15 },
	[HEAP_STAT_CLASS] = { { COLUMN("class", "", CELL_TEXT, "as in the source",
				       .flags = COL_DATA, FIELD(struct diff_heap_stat, name)),
				COLUMN("allocator", "", CELL_TEXT, "of its blocks",
				       .flags = COL_DATA, FIELD(struct diff_heap_stat, owner)),
				COLUMN("label", "C++ classes that changed most", CELL_TEXT,
				       "of live blocks", .flags = COL_TEXT | COL_TRUNC,
				       .get = get_label) },
			      .what = "C++ classes",
			      .is_counted = true,
			      .layout = LAYOUT_TABLE,
			      .text_rows = 10 },
	[HEAP_STAT_ALLOCATOR] = { { COLUMN("sum", "", CELL_TEXT, "live, free and so on",
					   .flags = COL_DATA, FIELD(struct diff_heap_stat, name)),
				    COLUMN("allocator", "", CELL_TEXT, "its name",
					   .flags = COL_DATA, FIELD(struct diff_heap_stat, owner)),
				    COLUMN("label", "", CELL_TEXT, "", .flags = COL_TEXT,
					   .get = get_label) },
				  .what = "Sums of allocators",
				  .is_counted = true,
				  .has_owner = true,
				  .layout = LAYOUT_HIDDEN },
};

_Static_assert(ARRAY_SIZE(list_descs) == HEAP_STAT_KIND_COUNT, "a row for each kind");

/* Columns that compare both sides. Of what is counted, bytes are shown only as a change. */
static const struct column counted_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA,
	       .get = get_status),
	COLUMN("old_count", "OLD", CELL_COUNT, "on the old side",
	       FIELD(struct diff_heap_stat, old_count)),
	COLUMN("new_count", "NEW", CELL_COUNT, "on the new side",
	       FIELD(struct diff_heap_stat, new_count)),
	COLUMN("delta_count", "MORE", CELL_DELTA, "new less old", .get = get_count_delta),
	COLUMN("old_bytes", "", CELL_BYTES, "on the old side", .flags = COL_DATA,
	       FIELD(struct diff_heap_stat, old_bytes)),
	COLUMN("new_bytes", "", CELL_BYTES, "on the new side", .flags = COL_DATA,
	       FIELD(struct diff_heap_stat, new_bytes)),
	COLUMN("delta_bytes", "BYTES", CELL_DELTA, "new less old", .get = get_delta),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list",
	       .get = get_growth),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes",
	       .get = get_rate),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT,
	       .get = get_change),
};

static const struct column plain_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA,
	       .get = get_status),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side",
	       FIELD(struct diff_heap_stat, old_bytes)),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side",
	       FIELD(struct diff_heap_stat, new_bytes)),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old", .get = get_delta),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list",
	       .get = get_growth),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes",
	       .get = get_rate),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT,
	       .get = get_change),
};

static void set_columns(struct report *r, struct table *t, const struct list_desc *desc)
{
	const struct column *tail = desc->is_counted ? counted_columns : plain_columns;
	size_t n_tail = desc->is_counted ? ARRAY_SIZE(counted_columns) : ARRAY_SIZE(plain_columns);
	struct column *columns = arena_array(&r->arena, HEAD_COLUMNS + n_tail, struct column);

	memcpy(columns, desc->head, sizeof(desc->head));
	memcpy(columns + HEAD_COLUMNS, tail, n_tail * sizeof(*tail));
	t->columns = columns;
	t->n_columns = HEAD_COLUMNS + n_tail;
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
	*arg = (struct list_arg){ .diff = d, .list = list, .has_owner = desc->has_owner };
	*t = (struct table){
		.layout = desc->layout,
		.text_hide = hide_small(r, list, desc->text_rows),
		.n_rows = list->n,
		.is_long = true,
		.rows = list->rows,
		.row_size = sizeof(*list->rows),
		.arg = arg,
	};
	set_columns(r, t, desc);
	return cell_table(t);
}

struct caveat {
	struct cell mark;
	const char *text;
};

static const struct column caveat_columns[] = {
	COLUMN("mark", "", CELL_ID, "", FIELD(struct caveat, mark)),
	COLUMN("text", "", CELL_TEXT, "", FIELD(struct caveat, text)),
};

/* Returns what was walked on one side only, or NULL. */
static const struct table *caveats_table(struct report *r, const struct diff *d)
{
	struct caveat *rows = arena_array(&r->arena, HEAP_STAT_KIND_COUNT, struct caveat);
	struct table *t = TABLE_OF(r, caveat_columns, rows, 0);

	t->layout = LAYOUT_ITEMS;
	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++) {
		const struct diff_heap_stats *list = &d->heap_stats[i];
		struct caveat *row = &rows[t->n_rows];

		if (!list->why || list->why == REASON_BY_DESIGN ||
		    list_descs[i].layout == LAYOUT_HIDDEN)
			continue;
		t->n_rows++;
		row->mark = cell_text(heap_stat_kind_descs[i].id);
		row->mark.tone = TONE_WARN;
		row->text = arena_printf(&r->arena, "%s are not compared: %s.", list_descs[i].what,
					 why_not(r, list->new_lacks, list->why));
	}
	return t;
}

/* A sum on both sides. */
struct total {
	const char *id, *title, *help;
	struct amount old_value, new_value;
	struct cell delta, rate;
};

static const struct column total_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA, FIELD(struct total, id)),
	COLUMN("title", "What memory holds", CELL_TEXT, "what it is", .flags = COL_TEXT,
	       FIELD(struct total, title)),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side", FIELD(struct total, old_value)),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side", FIELD(struct total, new_value)),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old", FIELD(struct total, delta)),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes",
	       FIELD(struct total, rate)),
	COLUMN("help", "", CELL_TEXT, "its meaning", .flags = COL_TEXT | COL_TRUNC,
	       FIELD(struct total, help)),
};

static const struct table *totals_table(struct report *r, const struct diff *d)
{
	struct total *rows = arena_array(&r->arena, DIFF_HELD_COUNT, struct total);
	struct table *t = TABLE_OF(r, total_columns, rows, DIFF_HELD_COUNT);
	bool *hide = arena_alloc(&r->arena, DIFF_HELD_COUNT);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < DIFF_HELD_COUNT; i++) {
		const struct diff_held_desc *desc = &diff_held_descs[i];
		struct amount a = diff_held(&d->old_side, (enum diff_held)i);
		struct amount b = diff_held(&d->new_side, (enum diff_held)i);
		struct delta delta = delta_of(a, b);

		rows[i] = (struct total){
			.id = desc->id,
			.title = desc->title,
			.help = desc->help,
			.old_value = a,
			.new_value = b,
			.delta = cell_delta(delta),
			.rate = change_rate_cell(d, delta),
		};
		hide[i] = !amount_ok(a) && !amount_ok(b);
	}
	return t;
}

struct deep {
	const struct table *caveats, *totals;
	struct cell types, classes, lines, allocators;
};

static const struct column deep_columns[] = {
	COLUMN("caveats", "", CELL_TABLE, "", .flags = COL_TEXT, FIELD(struct deep, caveats)),
	COLUMN("totals", "", CELL_TABLE, "sums", FIELD(struct deep, totals)),
	COLUMN("types", "", CELL_TABLE, "objects of language runtimes by type",
	       FIELD(struct deep, types)),
	COLUMN("classes", "", CELL_TABLE, "live blocks by the C++ class of their object",
	       FIELD(struct deep, classes)),
	COLUMN("lines", "", CELL_TABLE, "resident bytes by what they are",
	       FIELD(struct deep, lines)),
	COLUMN("allocators", "", CELL_TABLE, "what allocators have, resident or not",
	       .flags = COL_DATA, FIELD(struct deep, allocators)),
};

struct cell build_diff_deep(struct report *r, const struct diff *d)
{
	struct deep *deep;
	struct table *t;

	if (d->lists_why)
		return cell_absent(d->lists_why);
	for (int i = 0; i < 2; i++) {
		const struct diff_side *side = i ? &d->new_side : &d->old_side;
		enum reason why = diff_why_unwalked(d, i == 1);

		if (!side->snapshot->heap_stats.read)
			return why ? cell_absent_text(why_not(r, i == 1, why)) : cell_none();
	}
	deep = arena_alloc(&r->arena, sizeof(*deep));
	*deep = (struct deep){
		.caveats = caveats_table(r, d),
		.totals = totals_table(r, d),
		.types = list_cell(r, d, HEAP_STAT_TYPE),
		.classes = list_cell(r, d, HEAP_STAT_CLASS),
		.lines = list_cell(r, d, HEAP_STAT_LINE),
		.allocators = list_cell(r, d, HEAP_STAT_ALLOCATOR),
	};
	t = report_object(r, deep_columns, ARRAY_SIZE(deep_columns), deep);
	t->layout = LAYOUT_SECTIONS;
	return cell_table(t);
}
