/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/watch.h"

#include "present/build/cells.h"
#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/root.h"

static const struct column sample_columns[] = {
	COLUMN("time", "TIME", CELL_ID, "UTC", .flags = COL_TEXT),
	COLUMN("pid", "PID", CELL_COUNT, "process id"),
	COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
	       .flags = COL_DATA),
	COLUMN("rss", "RSS", CELL_BYTES, "resident", .flags = COL_TEXT),
	COLUMN("pss", "PSS", CELL_BYTES, "proportional", .flags = COL_TEXT | COL_SPARE),
	COLUMN("anonymous", "ANON", CELL_BYTES, "resident and of no file",
	       .flags = COL_TEXT | COL_SPARE),
	COLUMN("heap", "HEAP", CELL_BYTES, "of the brk heap", .flags = COL_TEXT | COL_SPARE),
	COLUMN("delta", "DELTA", CELL_DELTA, "of RSS since the line before", .flags = COL_TEXT),
	COLUMN("rate", "PER HOUR", CELL_DELTA, "rate of growth", .flags = COL_TEXT),
	COLUMN("verdict", "VERDICT", CELL_ID, "on RSS", .flags = COL_TEXT | COL_LEFT),
	COLUMN("comm", "NAME", CELL_TEXT, "of the process", .flags = COL_TRUNC | COL_LEFT),
	COLUMN("unavailable", "", CELL_TABLE, "what could not be read, and why", .flags = COL_DATA),
	COLUMN("totals", "", CELL_TABLE, "totals", .flags = COL_DATA),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet", .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "growth", .flags = COL_DATA),
};

/* Of the texts among them; numbers have the widths of their types. */
static const unsigned char sample_widths[ARRAY_SIZE(sample_columns)] = {
	8, 7, 0, 0, 0, 0, 0, 0, 0, 16, 15,
};

static struct cell verdict_cell(const struct growth *g)
{
	const struct verdict_desc *d = &verdict_descs[g->verdict];
	struct cell c = cell_text(d->id);

	c.tone = d->grows ? TONE_BAD : g->verdict == VERDICT_INSUFFICIENT ? TONE_DIM : TONE_PLAIN;
	return c;
}

static void fill_sample(struct report *r, const struct table *t, size_t row,
			const struct watch_row *w, const struct build_opts *opts)
{
	const struct growth *g = &w->growth->growth;
	struct totals totals = w->view ? w->view->accounting->totals
				       : totals_of_status(w->status, w->view_why);
	const struct line *heap = w->view ? &w->view->accounting->categories[CAT_HEAP].sum : NULL;

	row_set(t, row, "time", cell_time_of_day(r, opts->generated_wall_ns));
	row_set(t, row, "pid", cell_u64((uint64_t)w->pid));
	row_set(t, row, "start_ticks", cell_u64(w->start_ticks));
	row_set(t, row, "comm", cell_text(w->comm));
	row_set(t, row, "rss", cell_amount(w->status->v[PS_VM_RSS]));
	row_set(t, row, "pss", cell_amount(totals.pss));
	row_set(t, row, "anonymous", cell_amount(totals.anonymous));
	row_set(t, row, "heap", heap ? cell_amount(heap->rss) : cell_absent(w->view_why));
	row_set(t, row, "delta", w->has_delta ? cell_i64(w->delta_bytes) : cell_none());
	/* A rate without its interval would look like one that is known. */
	row_set(t, row, "rate",
		g->has_rate && g->verdict != VERDICT_INSUFFICIENT ? cell_i64((int64_t)g->rate)
								  : cell_none());
	row_set(t, row, "verdict", verdict_cell(g));
	row_set(t, row, "totals", cell_table(build_totals(r, &totals)));
	row_set(t, row, "categories",
		w->view ? cell_table(build_categories(r, w->view)) : cell_absent(w->view_why));
	row_set(t, row, "growth", cell_table(build_growth(r, w->growth)));
	row_set(t, row, "unavailable", cell_table(report_unavailable(r, t, row)));
}

void build_sample(struct report *r, const struct watch_row *rows, size_t n,
		  const struct watch_counts *counts, bool headings, const struct build_opts *opts)
{
	struct table *t = report_table(r, sample_columns, ARRAY_SIZE(sample_columns), n);

	t->layout = LAYOUT_LOG;
	t->headings = headings;
	t->widths = sample_widths;
	for (size_t i = 0; i < n; i++)
		fill_sample(r, t, i, &rows[i], opts);
	build_watch_root(r, "sample", t, NULL, counts, opts);
}

static const struct column event_columns[] = {
	COLUMN("time", "", CELL_ID, "UTC", .flags = COL_TEXT, .line = "%"),
	COLUMN("id", "", CELL_ID, "start, exec, exit, gap, alarm, snapshot, notice",
	       .flags = COL_DATA),
	COLUMN("pid", "", CELL_COUNT, "process id; null: the watch's own", .flags = COL_DATA),
	COLUMN("start_ticks", "", CELL_COUNT, "its start, in clock ticks since boot",
	       .flags = COL_DATA),
	COLUMN("comm", "", CELL_TEXT, "its name", .flags = COL_DATA),
	COLUMN("text", "", CELL_TEXT, "what happened, for people", .line = "  %"),
};

void build_event(struct report *r, const struct watch_event *e, const struct build_opts *opts)
{
	struct table *t = report_table(r, event_columns, ARRAY_SIZE(event_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SENTENCE;
	row_set(t, 0, "time", cell_time_of_day(r, opts->generated_wall_ns));
	row_set(t, 0, "id", cell_text(e->id));
	row_set(t, 0, "pid", e->pid ? cell_u64((uint64_t)e->pid) : cell_none());
	row_set(t, 0, "start_ticks", e->pid ? cell_u64(e->start_ticks) : cell_none());
	row_set(t, 0, "comm", cell_text(e->comm));
	row_set(t, 0, "text", cell_text(e->text));
	table_row(t, 0)[table_column(t, "text")].tone = e->tone;
	build_event_root(r, t, opts);
}
