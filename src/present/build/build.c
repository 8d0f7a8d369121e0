/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/build.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/process_columns.h"
#include "present/build/root.h"
#include "present/render/table_order.h"

static const struct column runtime_columns[] = {
	COLUMN("name", "", CELL_ID, "cpython, node, jvm, go, ruby, php, perl, dotnet",
	       FIELD(struct runtime, name)),
	COLUMN("version", "", CELL_TEXT, "null if it cannot be told",
	       FIELD(struct runtime, version)),
	COLUMN("module", "", CELL_TEXT, "the file that gave it away",
	       FIELD(struct runtime, module)),
};

static const struct table *runtimes_table(struct report *r, const struct snapshot *s)
{
	return report_rows(r, runtime_columns, ARRAY_SIZE(runtime_columns), s->runtimes,
			   sizeof(*s->runtimes), s->n_runtimes);
}

struct head {
	const char *name, *runtime, *cgroup;
	bool ended;
	struct cell user, threads, age;
};

static const struct column head_columns[] = {
	COLUMN("name", "", CELL_TEXT, "", FIELD(struct head, name), .line = "%"),
	COLUMN("ended", "", CELL_BOOL, "", FIELD(struct head, ended), .line = "has ended"),
	COLUMN("user", "", CELL_TEXT, "", FIELD(struct head, user), .line = "user %"),
	COLUMN("threads", "", CELL_COUNT, "", FIELD(struct head, threads),
	       .line = "% thread|% threads"),
	COLUMN("age", "", CELL_SECONDS, "", FIELD(struct head, age), .line = "up %"),
	COLUMN("runtime", "", CELL_TEXT, "", FIELD(struct head, runtime), .line = "%"),
	COLUMN("cgroup", "", CELL_TEXT, "", FIELD(struct head, cgroup), .line = "%"),
};

static const char *runtime_phrase(struct report *r, const struct snapshot *s)
{
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < s->n_runtimes; i++) {
		sbuf_adds(&text, i ? ", " : "");
		sbuf_adds(&text, s->runtimes[i].name);
		if (s->runtimes[i].version)
			sbuf_addf(&text, " %s", s->runtimes[i].version);
	}
	return text.len ? arena_strdup(&r->arena, sbuf_str(&text)) : NULL;
}

static struct cell user_phrase(struct report *r, const struct snapshot *s)
{
	struct amount uid = s->status.v[PS_UID];

	if (s->user)
		return cell_text(s->user);
	return amount_ok(uid) ? cell_text(arena_printf(&r->arena, "%" PRIu64, uid.value))
			      : cell_absent(uid.why);
}

static const struct table *head_table(struct report *r, const struct process_inputs *v)
{
	const struct snapshot *s = v->snapshot;
	const struct cgroup *cg = &s->cgroup;
	bool in_group = cg->n && !streq(cg->levels[0].path, "/");
	const struct head head = {
		.name = arena_printf(&r->arena, "%s (%d)", s->stat.comm, (int)s->pid),
		.runtime = runtime_phrase(r, s),
		.cgroup = in_group ? cg->levels[0].path : NULL,
		.ended = v->ended,
		.user = user_phrase(r, s),
		.threads = s->stat.threads > 1 ? cell_u64(s->stat.threads) : cell_none(),
		.age = s->age_seconds >= 0 ? cell_real(s->age_seconds) : cell_none(),
	};
	struct table *t = OBJECT_OF(r, head_columns, &head);

	t->layout = LAYOUT_LINE;
	return t;
}

/* A row that is one text. */
struct text_row {
	const char *text;
};

/* Arguments joined by blanks, for people. */
static const struct column command_columns[] = {
	COLUMN("command", "", CELL_TEXT, "", FIELD(struct text_row, text), .flags = COL_TRUNC,
	       .line = "%"),
};

static const struct table *command_table(struct report *r, const struct snapshot *s)
{
	struct text_row row;
	struct table *t;
	char *text;

	if (!s->cmdline || !s->cmdline_len)
		return NULL;
	text = arena_strndup(&r->arena, s->cmdline, s->cmdline_len);
	text_join_arguments(text, s->cmdline_len);
	row.text = text;
	t = OBJECT_OF(r, command_columns, &row);
	t->layout = LAYOUT_LINE;
	return t;
}

static struct cell get_warning(const struct ask *ask)
{
	(void)ask;
	return cell_toned(cell_text("warning"), TONE_WARN);
}

/* What is missing from the report, or may be wrong with it. */
static const struct column caveat_columns[] = {
	COLUMN("mark", "", CELL_ID, "", .get = get_warning),
	COLUMN("text", "", CELL_TEXT, "", FIELD(struct text_row, text)),
};

static const struct table *caveat_table(struct report *r, const struct snapshot *s)
{
	enum { MOST = 3 };
	struct text_row *rows = arena_array(&r->arena, MOST, struct text_row);
	struct table *t;
	size_t n = 0;

	if (s->regions_why)
		rows[n++].text = arena_printf(&r->arena, "No memory map: %s.",
					      reason_text(s->regions_why));
	else if (s->partial)
		rows[n++].text = arena_printf(&r->arena, "Incomplete: %s.",
					      reason_text(s->partial));
	if (!s->regions_why && !s->consistent)
		rows[n++].text = "Mappings changed while they were read: some memory is counted "
				 "twice.";
	if (s->names_cut)
		rows[n++].text = arena_printf(&r->arena, "%zu names are cut to their ends.",
					      s->names_cut);
	if (!n)
		return NULL;
	t = report_rows(r, caveat_columns, ARRAY_SIZE(caveat_columns), rows, sizeof(*rows), n);
	t->layout = LAYOUT_ITEMS;
	return t;
}

/* One process. Members are cells where a value may be absent for a reason. */
struct process {
	const struct table *head, *command, *caveats, *runtimes, *unavailable, *growth, *totals,
		*known, *largest, *outside, *limits, *would_fit, *findings, *sources;
	const char *comm, *user, *state;
	uint64_t pid, start_ticks, threads;
	struct amount uid;
	double scan_ms;
	struct cell cmdline, exe, age, consistent, partial, counters;
	struct cell categories, deep, permissions, files, packages, regions, accounting;
};

static const struct column process_columns[] = {
	COLUMN("head", "", CELL_TABLE, "", FIELD(struct process, head), .flags = COL_TEXT),
	COLUMN("command", "", CELL_TABLE, "", FIELD(struct process, command), .flags = COL_TEXT),
	COLUMN("caveats", "", CELL_TABLE, "", FIELD(struct process, caveats), .flags = COL_TEXT),
	COLUMN_PID(FIELD(struct process, pid), .flags = COL_DATA),
	COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
	       FIELD(struct process, start_ticks), .flags = COL_DATA),
	COLUMN("comm", "COMM", CELL_TEXT, "name", FIELD(struct process, comm), .flags = COL_DATA),
	COLUMN("cmdline", "CMDLINE", CELL_LIST, "arguments", FIELD(struct process, cmdline),
	       .flags = COL_DATA),
	COLUMN("exe", "EXE", CELL_TEXT, "program", FIELD(struct process, exe), .flags = COL_DATA),
	COLUMN("uid", "UID", CELL_COUNT, "effective user id", FIELD(struct process, uid),
	       .flags = COL_DATA),
	COLUMN("user", "USER", CELL_TEXT, "its name", FIELD(struct process, user),
	       .flags = COL_DATA),
	COLUMN("state", "STATE", CELL_TEXT, "as in stat", FIELD(struct process, state),
	       .flags = COL_DATA),
	COLUMN("threads", "THREADS", CELL_COUNT, "threads", FIELD(struct process, threads),
	       .flags = COL_DATA),
	COLUMN_AGE(FIELD(struct process, age), .flags = COL_DATA),
	COLUMN("runtimes", "RUNTIMES", CELL_TABLE, "language runtimes it hosts",
	       FIELD(struct process, runtimes), .flags = COL_DATA),
	COLUMN("consistent", "CONSISTENT", CELL_BOOL, "no overlapping records",
	       FIELD(struct process, consistent), .flags = COL_DATA),
	COLUMN("partial", "PARTIAL", CELL_TEXT, "why it is incomplete",
	       FIELD(struct process, partial), .flags = COL_DATA),
	COLUMN("unavailable", "UNAVAILABLE", CELL_TABLE, "what could not be read, and why",
	       FIELD(struct process, unavailable), .flags = COL_DATA),
	COLUMN("scan_ms", "SCAN", CELL_MS, "what reading it took", FIELD(struct process, scan_ms),
	       .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "growth", FIELD(struct process, growth)),
	COLUMN("totals", "", CELL_TABLE, "totals", FIELD(struct process, totals)),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet",
	       FIELD(struct process, categories)),
	COLUMN("known", "", CELL_TABLE, "", FIELD(struct process, known), .flags = COL_TEXT),
	COLUMN("deep", "", CELL_TABLE, "what memory holds", FIELD(struct process, deep)),
	COLUMN("permissions", "", CELL_TABLE, "by permission", FIELD(struct process, permissions)),
	COLUMN("files", "", CELL_TABLE, "by file", FIELD(struct process, files)),
	COLUMN("packages", "", CELL_TABLE, "by extension package", FIELD(struct process, packages)),
	COLUMN("largest", "", CELL_TABLE, "", FIELD(struct process, largest), .flags = COL_TEXT),
	COLUMN("counters", "", CELL_LIST, "the counters that mappings state (--regions)",
	       FIELD(struct process, counters), .flags = COL_DATA),
	COLUMN("regions", "", CELL_TABLE, "every mapping (--regions)",
	       FIELD(struct process, regions)),
	COLUMN("outside_rss", "", CELL_TABLE, "memory outside RSS", FIELD(struct process, outside)),
	COLUMN("limits", "", CELL_TABLE, "limits and headroom", FIELD(struct process, limits)),
	COLUMN("would_fit", "", CELL_TABLE, "answer to --would-fit",
	       FIELD(struct process, would_fit)),
	COLUMN("accounting", "", CELL_TABLE, "the sums", FIELD(struct process, accounting)),
	COLUMN("findings", "", CELL_TABLE, "what to notice", FIELD(struct process, findings)),
	COLUMN("sources", "", CELL_TABLE, "what it is made from (snapshots)",
	       FIELD(struct process, sources), .flags = COL_DATA),
};

/* Returns a row of who the process is and how it was read. */
static struct process identity(struct report *r, const struct process_inputs *v)
{
	const struct snapshot *s = v->snapshot;

	return (struct process){
		.head = head_table(r, v),
		.command = command_table(r, s),
		.caveats = caveat_table(r, s),
		.pid = (uint64_t)s->pid,
		.start_ticks = s->stat.start_ticks,
		.comm = s->stat.comm,
		.cmdline = s->cmdline ? cell_bytes(s->cmdline, s->cmdline_len)
				      : cell_absent(s->cmdline_why),
		.exe = s->exe ? cell_text(s->exe) : cell_absent(s->exe_why),
		.uid = s->status.v[PS_UID],
		.user = s->user,
		.state = arena_strndup(&r->arena, &s->stat.state, s->stat.state != 0),
		.threads = s->stat.threads,
		.age = s->age_seconds >= 0 ? cell_real(s->age_seconds)
					   : cell_absent(REASON_NOT_READ),
		.runtimes = runtimes_table(r, s),
		.consistent = s->regions_why ? cell_none() : cell_bool(s->consistent),
		.partial = cell_reason(s->partial),
		.scan_ms = (double)s->scan_ns / 1e6,
	};
}

/* Returns a table, or why it could not be made, which data formats state. */
static struct cell table_or_why(const struct table *t, const struct snapshot *s)
{
	return t ? cell_table(t) : cell_absent(s->regions_why);
}

/* Adds every mapping if they were asked for, else the largest few. */
static int add_mappings(struct report *r, struct process *p, const struct process_inputs *v,
			const struct build_opts *opts, struct err *err)
{
	struct table *regions;

	p->counters = p->regions = cell_none();
	if (!opts->regions) {
		p->largest = build_largest(r, v, opts->rules);
		return 0;
	}
	regions = build_regions(r, v, opts->rules);
	if (regions && (table_sort(r, regions, opts->sort, err) < 0 ||
			table_pick(r, regions, opts->columns, err) < 0))
		return -EINVAL;
	p->counters = build_counters(r, v);
	p->regions = table_or_why(regions, v->snapshot);
	return 0;
}

static int fill_process(struct report *r, struct process *p, const struct process_inputs *v,
			const struct build_opts *opts, struct err *err)
{
	const struct snapshot *s = v->snapshot;

	*p = identity(r, v);
	p->totals = build_totals(r, &v->accounting->totals);
	p->categories = table_or_why(build_categories(r, v), s);
	p->known = build_evidence(r, v);
	p->permissions = table_or_why(build_permissions(r, v), s);
	p->files = table_or_why(build_files(r, v), s);
	p->packages = table_or_why(build_packages(r, v), s);
	p->outside = build_outside(r, v);
	p->limits = build_limits(r, v);
	p->would_fit = build_would_fit(r, v);
	p->accounting = table_or_why(build_accounting(r, v), s);
	p->deep = v->walk       ? cell_table(build_deep(r, v))
		  : v->walk_why ? cell_absent(v->walk_why)
				: cell_none();
	p->growth = v->growth ? build_growth(r, v->growth) : NULL;
	p->findings = build_findings(r, v->findings, v->n_findings);
	p->sources = opts->sources ? build_sources(r, s) : NULL;
	return add_mappings(r, p, v, opts, err);
}

/* Returns the main table of processes without a group, of which at most one has not ended. */
static struct cell main_of(const struct table *processes, const struct process_inputs *views,
			   const struct build_opts *opts)
{
	const struct process *list = processes->rows;
	size_t i = 0;

	if (processes->n_rows == 0)
		return cell_table(processes);
	while (i + 1 < processes->n_rows && views[i].ended)
		i++;
	return opts->regions ? list[i].regions : list[i].categories;
}

int build_processes(struct report *r, const struct process_inputs *views, size_t n,
		    const struct group *group, const struct build_opts *opts, struct err *err)
{
	struct process *list = arena_array(&r->arena, n, struct process);
	struct table *t = report_rows(r, process_columns, ARRAY_SIZE(process_columns), list,
				      sizeof(*list), n);
	struct root_parts parts;

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < n; i++) {
		int ret = fill_process(r, &list[i], &views[i], opts, err);

		if (ret < 0)
			return ret;
		list[i].unavailable = report_unavailable(r, t, i);
	}
	parts = (struct root_parts){ .processes = t, .main = main_of(t, views, opts) };
	if (group) {
		const struct table *categories = build_group_categories(r, group);

		parts.group = build_group(r, group, categories, views, n);
		parts.main = cell_table(categories);
	}
	if (opts->watch)
		build_watch_root(r, "summary", &parts, opts->watch, opts);
	else
		build_root(r, &parts, opts);
	return 0;
}
