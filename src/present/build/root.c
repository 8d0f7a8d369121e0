/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/root.h"

#include "present/build/cells.h"

static const struct column tool_columns[] = {
	COLUMN("version", "", CELL_TEXT, "of memspect", FIELD(struct build_opts, version)),
	COLUMN("elapsed_ms", "", CELL_MS, "from its start to this report",
	       FIELD(struct build_opts, elapsed_ms)),
	COLUMN("cpu_ms", "", CELL_MS, "of processor time", FIELD(struct build_opts, cpu_ms)),
	COLUMN("rss_bytes", "", CELL_BYTES, "its own", FIELD(struct build_opts, tool_rss)),
};

struct cost {
	double elapsed_ms;
	struct cell cpu, rss;
	const char *legend;
};

static const struct column cost_columns[] = {
	COLUMN("elapsed", "", CELL_MS, "", FIELD(struct cost, elapsed_ms), .line = "took %"),
	COLUMN("cpu", "", CELL_MS, "", FIELD(struct cost, cpu), .line = "% of processor time"),
	COLUMN("rss", "", CELL_BYTES, "", FIELD(struct cost, rss), .line = "used %"),
	COLUMN("legend", "", CELL_TEXT, "", FIELD(struct cost, legend), .line = "%"),
};

struct watched {
	struct watch_counts counts;
	struct cell time, missed;
	const char *interval;
};

static const struct column watch_columns[] = {
	COLUMN("time", "", CELL_ID, "", FIELD(struct watched, time), .flags = COL_TEXT,
	       .line = "%"),
	COLUMN("interval_seconds", "", CELL_SECONDS, "between two ticks",
	       FIELD(struct watched, counts.interval_seconds), .flags = COL_DATA),
	COLUMN("ticks", "", CELL_COUNT, "so far", FIELD(struct watched, counts.ticks),
	       .line = "% tick|% ticks"),
	COLUMN("interval", "", CELL_TEXT, "", FIELD(struct watched, interval), .flags = COL_TEXT,
	       .line = "every %"),
	COLUMN("missed_ticks", "", CELL_COUNT, "that came too late",
	       FIELD(struct watched, counts.missed), .flags = COL_DATA),
	COLUMN("missed", "", CELL_COUNT, "", FIELD(struct watched, missed), .flags = COL_TEXT,
	       .line = "% missed"),
	COLUMN("processes", "", CELL_COUNT, "under watch", FIELD(struct watched, counts.processes),
	       .line = "% process|% processes"),
	COLUMN("growing_processes", "", CELL_COUNT, "of them",
	       FIELD(struct watched, counts.growing), .line = "% growing"),
	COLUMN("ended_processes", "", CELL_COUNT, "since the start",
	       FIELD(struct watched, counts.ended), .line = "% ended"),
};

struct record {
	const char *schema, *kind;
	struct build_opts opts;
	const struct table *tool, *watch, *processes, *group, *event, *footer, *cost;
};

/* The columns that every record begins with. */
#define RECORD_COLUMNS                                                                             \
	COLUMN("schema", "", CELL_ID, "memspect.report/1", FIELD(struct record, schema),           \
	       .flags = COL_DATA),                                                                 \
		COLUMN("kind", "", CELL_ID, "report, sample, summary or event",                    \
		       FIELD(struct record, kind), .flags = COL_DATA),                             \
		COLUMN("seq", "", CELL_COUNT, "number of the record",                              \
		       FIELD(struct record, opts.seq), .flags = COL_DATA),                         \
		COLUMN("generated_at", "", CELL_TIME, "UTC",                                       \
		       FIELD(struct record, opts.generated_wall_ns), .flags = COL_DATA),           \
		COLUMN("host", "", CELL_TEXT, "name of the host", FIELD(struct record, opts.host), \
		       .flags = COL_DATA),                                                         \
		COLUMN("boot_id", "", CELL_TEXT, "of the running kernel",                          \
		       FIELD(struct record, opts.boot_id), .flags = COL_DATA),                     \
		COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost",                  \
		       FIELD(struct record, tool), .flags = COL_DATA)

#define PROCESSES                                                                                  \
	COLUMN("processes", "", CELL_TABLE, "the processes", FIELD(struct record, processes))
#define GROUP                                                                                      \
	COLUMN("group", "", CELL_TABLE, "several processes together", FIELD(struct record, group))
#define COST COLUMN("cost", "", CELL_TABLE, "", FIELD(struct record, cost), .flags = COL_TEXT)

static const struct column root_columns[] = {
	RECORD_COLUMNS,
	PROCESSES,
	GROUP,
	COLUMN("footer", "", CELL_TABLE, "", FIELD(struct record, footer), .flags = COL_TEXT),
	COST,
};

static const struct column watch_root_columns[] = {
	RECORD_COLUMNS,
	COLUMN("watch", "", CELL_TABLE, "what is watched", FIELD(struct record, watch)),
	PROCESSES,
	GROUP,
	COST,
};

static const struct column event_root_columns[] = {
	RECORD_COLUMNS,
	COLUMN("event", "", CELL_TABLE, "what happened", FIELD(struct record, event)),
};

const struct table *build_tool(struct report *r, const struct build_opts *opts)
{
	return OBJECT_OF(r, tool_columns, opts);
}

static const char report_legend[] = "~ inferred from shape and flags, ? unknown  "
				    "-r lists every mapping";

const struct table *build_cost(struct report *r, const struct build_opts *opts, const char *legend)
{
	const struct cost cost = {
		.elapsed_ms = opts->elapsed_ms,
		.cpu = opts->watch ? cell_real(opts->cpu_ms) : cell_none(),
		.rss = amount_ok(opts->tool_rss) ? cell_amount(opts->tool_rss) : cell_none(),
		.legend = legend,
	};
	struct table *t = OBJECT_OF(r, cost_columns, &cost);

	t->layout = LAYOUT_LINE;
	return t;
}

/* Returns a record with what these columns show. */
static struct record record_of(struct report *r, const char *kind, const struct build_opts *opts)
{
	struct record record = { .schema = "memspect.report/1",
				 .kind = kind,
				 .opts = *opts,
				 .tool = build_tool(r, opts) };

	if (opts->boot_id && !*opts->boot_id)
		record.opts.boot_id = NULL;
	return record;
}

void build_root(struct report *r, const struct root_parts *parts, const struct build_opts *opts)
{
	struct record record = record_of(r, "report", opts);
	bool sections = parts->processes->layout == LAYOUT_SECTIONS;

	record.processes = parts->processes;
	record.group = parts->group;
	record.footer = parts->footer;
	record.cost = build_cost(r, opts, sections ? report_legend : NULL);
	report_set_root(r, OBJECT_OF(r, root_columns, &record), parts->main);
}

/* Returns the `watch` object. Text shows the time of a tick, and the interval in the summary. */
static const struct table *watch_table(struct report *r, bool summary,
				       const struct build_opts *opts, const struct watch_counts *c)
{
	const struct watched watched = {
		.counts = *c,
		.time = summary ? cell_none() : cell_time_of_day(r, opts->generated_wall_ns),
		.missed = c->missed ? cell_u64(c->missed) : cell_none(),
		.interval = summary ? c->interval : NULL,
	};
	struct table *t = OBJECT_OF(r, watch_columns, &watched);

	t->layout = summary || c->all ? LAYOUT_LINE : LAYOUT_HIDDEN;
	return t;
}

void build_watch_root(struct report *r, const char *kind, const struct root_parts *parts,
		      const struct watch_counts *counts, const struct build_opts *opts)
{
	struct record record = record_of(r, kind, opts);
	bool summary = streq(kind, "summary");

	record.watch = watch_table(r, summary, opts, counts);
	record.processes = parts->processes;
	record.group = parts->group;
	record.cost = summary ? build_cost(r, opts, report_legend) : NULL;
	report_set_root(r, OBJECT_OF(r, watch_root_columns, &record), parts->main);
}

void build_event_root(struct report *r, const struct table *event, const struct build_opts *opts)
{
	struct record record = record_of(r, "event", opts);

	record.event = event;
	report_set_root(r, OBJECT_OF(r, event_root_columns, &record), cell_table(event));
}
