/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/watch.h"

#include "present/build/cells.h"
#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/process_columns.h"
#include "present/build/root.h"

struct sample_row {
	uint64_t pid, start_ticks;
	const char *comm;
	struct amount rss, pss, anonymous;
	struct cell time, heap, delta, rate, verdict, categories;
	const struct table *unavailable, *totals, *growth;
};

static const struct column sample_columns[] = {
	COLUMN("time", "TIME", CELL_ID, "UTC", FIELD(struct sample_row, time), .flags = COL_TEXT),
	COLUMN_PID(FIELD(struct sample_row, pid)),
	COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
	       FIELD(struct sample_row, start_ticks), .flags = COL_DATA),
	METRIC_COLUMN(RSS, FIELD(struct sample_row, rss), .flags = COL_TEXT),
	METRIC_COLUMN(PSS, FIELD(struct sample_row, pss), .flags = COL_TEXT | COL_SPARE),
	METRIC_COLUMN(ANONYMOUS, FIELD(struct sample_row, anonymous),
		      .flags = COL_TEXT | COL_SPARE),
	COLUMN("heap", "HEAP", CELL_BYTES, "of the brk heap", FIELD(struct sample_row, heap),
	       .flags = COL_TEXT | COL_SPARE),
	COLUMN("delta", "DELTA", CELL_DELTA, "of RSS since the line before",
	       FIELD(struct sample_row, delta), .flags = COL_TEXT),
	COLUMN("rate", "PER HOUR", CELL_DELTA, "rate of growth", FIELD(struct sample_row, rate),
	       .flags = COL_TEXT),
	COLUMN("verdict", "VERDICT", CELL_ID, "on RSS", FIELD(struct sample_row, verdict),
	       .flags = COL_TEXT | COL_LEFT),
	COLUMN("comm", "NAME", CELL_TEXT, "of the process", FIELD(struct sample_row, comm),
	       .flags = COL_TRUNC | COL_LEFT),
	COLUMN("unavailable", "", CELL_TABLE, "what could not be read, and why",
	       FIELD(struct sample_row, unavailable), .flags = COL_DATA),
	COLUMN("totals", "", CELL_TABLE, "totals", FIELD(struct sample_row, totals),
	       .flags = COL_DATA),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet",
	       FIELD(struct sample_row, categories), .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "growth", FIELD(struct sample_row, growth),
	       .flags = COL_DATA),
};

/* The widths of texts. Numbers are 0: their types decide. */
static const unsigned char sample_widths[ARRAY_SIZE(sample_columns)] = {
	8, 7, 0, 0, 0, 0, 0, 0, 0, 16, 15,
};

static struct cell verdict_cell(const struct growth *g)
{
	const struct verdict_desc *d = &verdict_descs[g->verdict];

	return cell_toned(cell_text(d->id), d->grows                             ? TONE_BAD
					    : g->verdict == VERDICT_INSUFFICIENT ? TONE_DIM
										 : TONE_PLAIN);
}

static struct sample_row sample_row(struct report *r, const struct watch_row *w,
				    const struct build_opts *opts)
{
	const struct process_inputs *v = w->view;
	const struct growth *g = &w->growth->growth;
	const struct totals totals = v ? v->accounting->totals
				       : totals_of_status(w->status, w->view_why);
	/* Without its interval, a rate that is not certain yet would look certain. */
	bool has_rate = g->has_rate && g->verdict != VERDICT_INSUFFICIENT;

	return (struct sample_row){
		.time = cell_time_of_day(r, opts->generated_wall_ns),
		.pid = (uint64_t)w->pid,
		.start_ticks = w->start_ticks,
		.comm = w->comm,
		.rss = w->status->v[PS_VM_RSS],
		.pss = totals.pss,
		.anonymous = totals.anonymous,
		.heap = v ? cell_amount(v->accounting->categories[CAT_HEAP].sum.rss)
			  : cell_absent(w->view_why),
		.delta = w->has_delta ? cell_i64(w->delta_bytes) : cell_none(),
		.rate = has_rate ? cell_i64((int64_t)g->rate) : cell_none(),
		.verdict = verdict_cell(g),
		.totals = build_totals(r, &totals),
		.categories = v ? cell_table(build_categories(r, v)) : cell_absent(w->view_why),
		.growth = build_growth(r, w->growth),
	};
}

void build_sample(struct report *r, const struct watch_row *rows, size_t n,
		  const struct watch_counts *counts, bool headings, const struct build_opts *opts)
{
	struct sample_row *samples = arena_array(&r->arena, n, struct sample_row);
	struct table *t = report_rows(r, sample_columns, ARRAY_SIZE(sample_columns), samples,
				      sizeof(*samples), n);

	t->layout = LAYOUT_LOG;
	t->headings = headings;
	t->widths = sample_widths;
	for (size_t i = 0; i < n; i++) {
		samples[i] = sample_row(r, &rows[i], opts);
		samples[i].unavailable = report_unavailable(r, t, i);
	}
	build_watch_root(r, "sample", &(struct root_parts){ .processes = t, .main = cell_table(t) },
			 counts, opts);
}

struct event_row {
	const char *id, *comm;
	struct cell time, pid, start_ticks, text;
};

static const struct column event_columns[] = {
	COLUMN("time", "", CELL_ID, "UTC", FIELD(struct event_row, time), .flags = COL_TEXT,
	       .line = "%"),
	COLUMN("id", "", CELL_ID, "start, exec, exit, gap, alarm, snapshot, notice",
	       FIELD(struct event_row, id), .flags = COL_DATA),
	COLUMN("pid", "", CELL_COUNT, "process id; null: the watch's own",
	       FIELD(struct event_row, pid), .flags = COL_DATA),
	COLUMN("start_ticks", "", CELL_COUNT, "its start, in clock ticks since boot",
	       FIELD(struct event_row, start_ticks), .flags = COL_DATA),
	COLUMN("comm", "", CELL_TEXT, "its name", FIELD(struct event_row, comm), .flags = COL_DATA),
	COLUMN("text", "", CELL_TEXT, "what happened, for people", FIELD(struct event_row, text),
	       .line = "  %"),
};

void build_event(struct report *r, const struct watch_event *e, const struct build_opts *opts)
{
	const struct event_row row = {
		.time = cell_time_of_day(r, opts->generated_wall_ns),
		.id = e->id,
		.pid = e->pid ? cell_u64((uint64_t)e->pid) : cell_none(),
		.start_ticks = e->pid ? cell_u64(e->start_ticks) : cell_none(),
		.comm = e->comm,
		.text = cell_toned(cell_text(e->text), e->tone),
	};
	struct table *t = OBJECT_OF(r, event_columns, &row);

	t->layout = LAYOUT_SENTENCE;
	build_event_root(r, t, opts);
}
