/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "present/build/cells.h"
#include "present/build/diff_change.h"
#include "present/build/root.h"

/* Who was compared, in a sentence. */
static const struct column head_columns[] = {
	COLUMN("identity", "", CELL_TEXT, "", .line = "%"),
	COLUMN("elapsed", "", CELL_SECONDS, "", .line = "% apart"),
};

static const struct table *head_table(struct report *r, const struct diff *d)
{
	struct table *t = report_table(r, head_columns, ARRAY_SIZE(head_columns), 1);
	double seconds = d->elapsed_seconds < 0 ? -d->elapsed_seconds : d->elapsed_seconds;

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	table_row(t, 0)[0] = cell_text(diff_identity_texts[d->identity].text);
	table_row(t, 0)[1] = d->elapsed_why ? cell_none() : cell_real(seconds);
	return t;
}

/* The two, side by side. */
static const struct column sides_columns[] = {
	COLUMN("side", "Compared", CELL_TEXT, ""),
	COLUMN("pid", "PID", CELL_COUNT, "process id"),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .flags = COL_TRUNC),
	COLUMN("age", "UP", CELL_SECONDS, "since its start"),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings"),
	COLUMN("taken", "TAKEN", CELL_TIME, "when", .flags = COL_LEFT),
	COLUMN("host", "HOST", CELL_TEXT, "where", .flags = COL_TRUNC),
	COLUMN("file", "SNAPSHOT", CELL_TEXT, "the file it is from", .flags = COL_TRUNC),
};

static struct cell age_cell(const struct snapshot *s)
{
	return s->age_seconds >= 0 ? cell_real(s->age_seconds) : cell_absent(REASON_NOT_READ);
}

static struct cell text_or_none(const char *s)
{
	return s && *s ? cell_text(s) : cell_none();
}

static const struct table *sides_table(struct report *r, const struct diff *d)
{
	const struct diff_side *sides[] = { &d->old_side, &d->new_side };
	struct table *t = report_table(r, sides_columns, ARRAY_SIZE(sides_columns),
				       ARRAY_SIZE(sides));

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
		const struct snapshot *s = sides[i]->snapshot;
		const struct cell cells[] = {
			cell_text(i == 0 ? "old" : "new"),
			cell_u64((uint64_t)s->pid),
			cell_text(s->stat.comm),
			age_cell(s),
			cell_amount(sides[i]->accounting->totals.mappings),
			cell_i64(sides[i]->taken_wall_ns),
			d->identity == DIFF_OTHER_HOST ? text_or_none(sides[i]->host) : cell_none(),
			cell_text(sides[i]->file),
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(sides_columns), "for each column");
		memcpy(table_row(t, i), cells, sizeof(cells));
	}
	return t;
}

static const struct column side_columns[] = {
	COLUMN("file", "", CELL_TEXT, "the snapshot it is from; null: read from /proc"),
	COLUMN("taken_at", "", CELL_TIME, "UTC"),
	COLUMN("host", "", CELL_TEXT, "name of the host"),
	COLUMN("boot_id", "", CELL_TEXT, "of its kernel"),
	COLUMN("pid", "", CELL_COUNT, "process id"),
	COLUMN("start_ticks", "", CELL_COUNT, "start, in clock ticks since boot"),
	COLUMN("comm", "", CELL_TEXT, "name"),
	COLUMN("exe", "", CELL_TEXT, "program"),
	COLUMN("user", "", CELL_TEXT, "of its effective user id"),
	COLUMN("threads", "", CELL_COUNT, "threads"),
	COLUMN("age_seconds", "", CELL_SECONDS, "since its start"),
	COLUMN("mappings", "", CELL_COUNT, "records of smaps"),
	COLUMN("consistent", "", CELL_BOOL, "no overlapping records"),
	COLUMN("partial", "", CELL_TEXT, "why it is incomplete"),
};

/* A process of which stat could not be read has neither a start nor a number of threads. */
static struct cell stat_cell(const struct snapshot *s, uint64_t value)
{
	return s->stat.pid ? cell_u64(value) : cell_absent(REASON_NOT_READ);
}

static void fill_side(const struct table *t, size_t row, const struct diff_side *side)
{
	const struct snapshot *s = side->snapshot;
	const struct cell cells[] = {
		cell_text(side->file),
		cell_i64(side->taken_wall_ns),
		text_or_none(side->host),
		text_or_none(s->sys.boot_id),
		cell_u64((uint64_t)s->pid),
		stat_cell(s, s->stat.start_ticks),
		text_or_none(s->stat.comm),
		s->exe ? cell_text(s->exe) : cell_absent(s->exe_why),
		cell_text(s->user),
		stat_cell(s, s->stat.threads),
		age_cell(s),
		cell_amount(side->accounting->totals.mappings),
		s->regions_why ? cell_none() : cell_bool(s->consistent),
		cell_reason(s->partial),
	};

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(side_columns), "a cell for each column");
	memcpy(table_row(t, row), cells, sizeof(cells));
}

static const struct table *side_table(struct report *r, const struct diff_side *side)
{
	struct table *t = report_table(r, side_columns, ARRAY_SIZE(side_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	fill_side(t, 0, side);
	return t;
}

static const struct column note_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name"),
	COLUMN("text", "", CELL_TEXT, "what to know before trusting the numbers"),
};

static const struct table *notes_table(struct report *r, const struct diff *d)
{
	struct table *t = report_table(r, note_columns, ARRAY_SIZE(note_columns), DIFF_NOTE_COUNT);

	t->layout = LAYOUT_ITEMS;
	t->n_rows = 0;
	for (int i = 0; i < DIFF_NOTE_COUNT; i++) {
		const struct diff_text *note = &diff_note_texts[i];
		enum reason why;
		struct cell *cells;

		if (!diff_note(d, (enum diff_note)i, &why))
			continue;
		cells = t->cells + t->n_rows++ * t->n_columns;
		cells[0] = cell_text(note->id);
		cells[0].tone = TONE_WARN;
		cells[1] = cell_text(arena_printf(&r->arena, "%s%s%s.", note->text, why ? ": " : "",
						  reason_text(why)));
	}
	return t;
}

static const struct column total_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("title", "Totals", CELL_TEXT, "what it is", .flags = COL_TEXT),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side"),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side"),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes"),
	COLUMN("help", "", CELL_TEXT, "its meaning", .flags = COL_TEXT | COL_TRUNC),
};

static bool is_nothing(struct amount a)
{
	return !amount_ok(a) || a.value == 0;
}

static struct amount total_of(const struct diff_side *side, const struct diff_total_desc *desc)
{
	return totals_metric(&side->accounting->totals, desc->metric);
}

/* Text has what there is something to say of; VmRSS where RSS is denied, which status tells all. */
static bool is_hidden(const struct diff *d, const struct diff_total_desc *desc)
{
	struct amount a = total_of(&d->old_side, desc), b = total_of(&d->new_side, desc);

	if (desc->metric == METRIC_STATUS_RSS)
		return !d->lists_why;
	if (desc->metric == METRIC_RSS)
		return false;
	return desc->in_data_only || (is_nothing(a) && is_nothing(b));
}

static const struct table *totals_table(struct report *r, const struct diff *d)
{
	struct table *t = report_table(r, total_columns, ARRAY_SIZE(total_columns), DIFF_TOTALS);
	bool *hide = arena_alloc(&r->arena, DIFF_TOTALS);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < DIFF_TOTALS; i++) {
		const struct diff_total_desc *desc = &diff_total_descs[i];
		const struct metric_desc *metric = &metric_descs[desc->metric];
		struct amount a = total_of(&d->old_side, desc);
		struct amount b = total_of(&d->new_side, desc);
		struct delta delta = delta_of(a, b);
		const struct cell cells[] = {
			cell_text(metric->name), cell_text(metric->title),
			cell_amount(a),          cell_amount(b),
			cell_delta(delta),       change_rate_cell(d, delta),
			cell_text(metric->help),
		};

		_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(total_columns), "for each column");
		memcpy(table_row(t, i), cells, sizeof(cells));
		hide[i] = is_hidden(d, desc);
	}
	return t;
}

static const struct column pair_columns[] = {
	COLUMN("head", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("sides", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("identity", "", CELL_ID, "whether they are one process", .flags = COL_DATA),
	COLUMN("identity_text", "", CELL_TEXT, "the same in words", .flags = COL_DATA),
	COLUMN("elapsed_seconds", "", CELL_SECONDS, "from old to new", .flags = COL_DATA),
	COLUMN("rate_bytes_per_hour", "", CELL_RATE, "of RSS", .flags = COL_DATA),
	COLUMN("notes", "", CELL_TABLE, "what to know before trusting the numbers"),
	COLUMN("old", "", CELL_TABLE, "one side", .flags = COL_DATA),
	COLUMN("new", "", CELL_TABLE, "the other side", .flags = COL_DATA),
	COLUMN("unavailable", "", CELL_TABLE, "what could not be read, and why", .flags = COL_DATA),
	COLUMN("totals", "", CELL_TABLE, "totals"),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet"),
	COLUMN("deep", "", CELL_TABLE, "what memory holds"),
	COLUMN("region_counts", "", CELL_TABLE, "how many mappings changed", .flags = COL_DATA),
	COLUMN("regions", "", CELL_TABLE, "mappings"),
	COLUMN("files", "", CELL_TABLE, "by file"),
	COLUMN("packages", "", CELL_TABLE, "by extension package"),
	COLUMN("permissions", "", CELL_TABLE, "by permission"),
};

/* Text leaves out an absent list; data formats tell why. */
static struct cell list_cell(const struct table *t, const struct diff *d)
{
	return t ? cell_table(t) : cell_absent(d->lists_why);
}

static void fill_pair(struct report *r, const struct table *t, size_t row, const struct diff *d,
		      bool regions)
{
	struct delta rss = delta_of(d->old_side.accounting->totals.rss,
				    d->new_side.accounting->totals.rss);

	row_set(t, row, "head", cell_table(head_table(r, d)));
	row_set(t, row, "sides", cell_table(sides_table(r, d)));
	row_set(t, row, "identity", cell_text(diff_identity_texts[d->identity].id));
	row_set(t, row, "identity_text", cell_text(diff_identity_texts[d->identity].text));
	row_set(t, row, "elapsed_seconds",
		d->elapsed_why ? cell_absent(d->elapsed_why) : cell_real(d->elapsed_seconds));
	row_set(t, row, "rate_bytes_per_hour", cell_delta(diff_rate(d, rss)));
	row_set(t, row, "notes", cell_table(notes_table(r, d)));
	row_set(t, row, "old", cell_table(side_table(r, &d->old_side)));
	row_set(t, row, "new", cell_table(side_table(r, &d->new_side)));
	row_set(t, row, "totals", cell_table(totals_table(r, d)));
	row_set(t, row, "categories", list_cell(build_diff_categories(r, d), d));
	row_set(t, row, "deep", build_diff_deep(r, d));
	row_set(t, row, "region_counts", list_cell(build_diff_counts(r, d), d));
	row_set(t, row, "regions", list_cell(build_diff_regions(r, d, regions), d));
	row_set(t, row, "files", list_cell(build_diff_files(r, d), d));
	row_set(t, row, "packages", list_cell(build_diff_packages(r, d), d));
	row_set(t, row, "permissions", list_cell(build_diff_permissions(r, d), d));
	row_set(t, row, "unavailable", cell_table(report_unavailable(r, t, row)));
}

static const struct column left_columns[] = {
	COLUMN("side", "Only on one side", CELL_ID, "old or new", .flags = COL_LEFT),
	COLUMN("pid", "PID", CELL_COUNT, "process id"),
	COLUMN("start_ticks", "", CELL_COUNT, "start, in clock ticks since boot",
	       .flags = COL_DATA),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .flags = COL_TRUNC),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
};

static const struct table *left_table(struct report *r, const struct diff_view *v)
{
	size_t n = v->n_old_left + v->n_new_left;
	struct table *t = report_table(r, left_columns, ARRAY_SIZE(left_columns), n);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < n; i++) {
		bool is_old = i < v->n_old_left;
		const struct diff_side *side = is_old ? &v->old_left[i]
						      : &v->new_left[i - v->n_old_left];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(is_old ? "old" : "new");
		cells[1] = cell_u64((uint64_t)side->snapshot->pid);
		cells[2] = stat_cell(side->snapshot, side->snapshot->stat.start_ticks);
		cells[3] = text_or_none(side->snapshot->stat.comm);
		cells[4] = cell_amount(side->accounting->totals.rss);
	}
	return t;
}

static const struct column root_columns[] = {
	COLUMN("schema", "", CELL_ID, "memspect.diff/1", .flags = COL_DATA),
	COLUMN("generated_at", "", CELL_TIME, "UTC", .flags = COL_DATA),
	COLUMN("host", "", CELL_TEXT, "name of the host", .flags = COL_DATA),
	COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost", .flags = COL_DATA),
	COLUMN("pairs", "", CELL_TABLE, "what was compared"),
	COLUMN("unpaired", "", CELL_TABLE, "processes without a partner"),
	COLUMN("cost", "", CELL_TABLE, "", .flags = COL_TEXT),
};

void build_diff(struct report *r, const struct diff_view *v, const struct build_opts *opts)
{
	struct table *t = report_table(r, root_columns, ARRAY_SIZE(root_columns), 1);
	struct table *pairs = report_table(r, pair_columns, ARRAY_SIZE(pair_columns), v->n);

	t->shape = SHAPE_OBJECT;
	t->layout = pairs->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < v->n; i++)
		fill_pair(r, pairs, i, &v->diffs[i], opts->regions);
	row_set(t, 0, "schema", cell_text("memspect.diff/1"));
	row_set(t, 0, "generated_at", cell_i64(opts->generated_wall_ns));
	row_set(t, 0, "host", cell_text(opts->host));
	row_set(t, 0, "tool", cell_table(build_tool(r, opts)));
	row_set(t, 0, "pairs", cell_table(pairs));
	row_set(t, 0, "unpaired", cell_table(left_table(r, v)));
	row_set(t, 0, "cost",
		cell_table(build_cost(r, opts, opts->regions ? NULL : "-r lists every mapping")));
	r->root = t;
}
