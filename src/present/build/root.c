/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/root.h"

#include "present/build/cells.h"

static const struct column tool_columns[] = {
	COLUMN("version", "", CELL_TEXT, "of memspect"),
	COLUMN("elapsed_ms", "", CELL_MS, "from its start to this report"),
	COLUMN("cpu_ms", "", CELL_MS, "of processor time"),
	COLUMN("rss_bytes", "", CELL_BYTES, "its own"),
};

static const struct column cost_columns[] = {
	COLUMN("elapsed", "", CELL_MS, "", .line = "took %"),
	COLUMN("cpu", "", CELL_MS, "", .line = "% of processor time"),
	COLUMN("rss", "", CELL_BYTES, "", .line = "used %"),
	COLUMN("legend", "", CELL_TEXT, "", .line = "%"),
};

static const struct column watch_columns[] = {
	COLUMN("time", "", CELL_ID, "", .flags = COL_TEXT, .line = "%"),
	COLUMN("interval_seconds", "", CELL_SECONDS, "between two ticks", .flags = COL_DATA),
	COLUMN("ticks", "", CELL_COUNT, "so far", .line = "% tick|% ticks"),
	COLUMN("interval", "", CELL_TEXT, "", .flags = COL_TEXT, .line = "every %"),
	COLUMN("missed_ticks", "", CELL_COUNT, "that came too late", .flags = COL_DATA),
	COLUMN("missed", "", CELL_COUNT, "", .flags = COL_TEXT, .line = "% missed"),
	COLUMN("processes", "", CELL_COUNT, "under watch", .line = "% process|% processes"),
	COLUMN("growing_processes", "", CELL_COUNT, "of them", .line = "% growing"),
	COLUMN("ended_processes", "", CELL_COUNT, "since the start", .line = "% ended"),
};

/* What every record begins with. */
#define RECORD_COLUMNS                                                                             \
	COLUMN("schema", "", CELL_ID, "memspect.report/1", .flags = COL_DATA),                     \
		COLUMN("kind", "", CELL_ID, "report, sample, summary or event",                    \
		       .flags = COL_DATA),                                                         \
		COLUMN("seq", "", CELL_COUNT, "number of the record", .flags = COL_DATA),          \
		COLUMN("generated_at", "", CELL_TIME, "UTC", .flags = COL_DATA),                   \
		COLUMN("host", "", CELL_TEXT, "name of the host", .flags = COL_DATA),              \
		COLUMN("boot_id", "", CELL_TEXT, "of the running kernel", .flags = COL_DATA),      \
		COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost",                  \
		       .flags = COL_DATA)

static const struct column root_columns[] = {
	RECORD_COLUMNS,
	COLUMN("processes", "", CELL_TABLE, "the processes"),
	COLUMN("group", "", CELL_TABLE, "several processes together"),
	COLUMN("footer", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("cost", "", CELL_TABLE, "", .flags = COL_TEXT),
};

static const struct column watch_root_columns[] = {
	RECORD_COLUMNS,
	COLUMN("watch", "", CELL_TABLE, "what is watched"),
	COLUMN("processes", "", CELL_TABLE, "the processes"),
	COLUMN("group", "", CELL_TABLE, "several processes together"),
	COLUMN("cost", "", CELL_TABLE, "", .flags = COL_TEXT),
};

static const struct column event_root_columns[] = {
	RECORD_COLUMNS,
	COLUMN("event", "", CELL_TABLE, "what happened"),
};

const struct table *build_tool(struct report *r, const struct build_opts *opts)
{
	struct table *t = report_table(r, tool_columns, ARRAY_SIZE(tool_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	table_row(t, 0)[0] = cell_text(opts->version);
	table_row(t, 0)[1] = cell_real(opts->elapsed_ms);
	table_row(t, 0)[2] = cell_real(opts->cpu_ms);
	table_row(t, 0)[3] = cell_amount(opts->tool_rss);
	return t;
}

static const char report_legend[] = "~ inferred from shape and flags, ? unknown  "
				    "-r lists every mapping";

const struct table *build_cost(struct report *r, const struct build_opts *opts, const char *legend)
{
	struct table *t = report_table(r, cost_columns, ARRAY_SIZE(cost_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	table_row(t, 0)[0] = cell_real(opts->elapsed_ms);
	table_row(t, 0)[1] = opts->watch ? cell_real(opts->cpu_ms) : cell_none();
	table_row(t, 0)[2] = amount_ok(opts->tool_rss) ? cell_amount(opts->tool_rss) : cell_none();
	table_row(t, 0)[3] = cell_text(legend);
	return t;
}

static struct table *record(struct report *r, const char *kind, const struct column *columns,
			    size_t n_columns, const struct build_opts *opts)
{
	struct table *t = report_table(r, columns, n_columns, 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	row_set(t, 0, "schema", cell_text("memspect.report/1"));
	row_set(t, 0, "kind", cell_text(kind));
	row_set(t, 0, "seq", cell_u64(opts->seq));
	row_set(t, 0, "generated_at", cell_i64(opts->generated_wall_ns));
	row_set(t, 0, "host", cell_text(opts->host));
	row_set(t, 0, "boot_id",
		opts->boot_id && *opts->boot_id ? cell_text(opts->boot_id) : cell_none());
	row_set(t, 0, "tool", cell_table(build_tool(r, opts)));
	r->root = t;
	return t;
}

void build_root(struct report *r, const struct table *processes, const struct table *group,
		const struct table *footer, const struct build_opts *opts)
{
	struct table *t = record(r, "report", root_columns, ARRAY_SIZE(root_columns), opts);

	row_set(t, 0, "processes", cell_table(processes));
	row_set(t, 0, "group", cell_table(group));
	row_set(t, 0, "footer", cell_table(footer));
	row_set(t, 0, "cost",
		cell_table(build_cost(
			r, opts, processes->layout == LAYOUT_SECTIONS ? report_legend : NULL)));
}

/* A tick says when it was and how many processes it does not list, the summary how it all went. */
static const struct table *watch_table(struct report *r, bool summary,
				       const struct build_opts *opts, const struct watch_counts *c)
{
	struct table *t = report_table(r, watch_columns, ARRAY_SIZE(watch_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = summary || c->all ? LAYOUT_LINE : LAYOUT_HIDDEN;
	row_set(t, 0, "time", summary ? cell_none() : cell_time_of_day(r, opts->generated_wall_ns));
	row_set(t, 0, "interval_seconds", cell_real(c->interval_seconds));
	row_set(t, 0, "ticks", cell_u64(c->ticks));
	row_set(t, 0, "interval", summary ? cell_text(c->interval) : cell_none());
	row_set(t, 0, "missed_ticks", cell_u64(c->missed));
	row_set(t, 0, "missed", c->missed ? cell_u64(c->missed) : cell_none());
	row_set(t, 0, "processes", cell_u64(c->processes));
	row_set(t, 0, "growing_processes", cell_u64(c->growing));
	row_set(t, 0, "ended_processes", cell_u64(c->ended));
	return t;
}

void build_watch_root(struct report *r, const char *kind, const struct table *processes,
		      const struct table *group, const struct watch_counts *counts,
		      const struct build_opts *opts)
{
	struct table *t = record(r, kind, watch_root_columns, ARRAY_SIZE(watch_root_columns), opts);
	bool summary = streq(kind, "summary");

	row_set(t, 0, "watch", cell_table(watch_table(r, summary, opts, counts)));
	row_set(t, 0, "processes", cell_table(processes));
	row_set(t, 0, "group", cell_table(group));
	row_set(t, 0, "cost",
		summary ? cell_table(build_cost(r, opts, report_legend)) : cell_none());
}

void build_event_root(struct report *r, const struct table *event, const struct build_opts *opts)
{
	struct table *t = record(r, "event", event_root_columns, ARRAY_SIZE(event_root_columns),
				 opts);

	row_set(t, 0, "event", cell_table(event));
}
