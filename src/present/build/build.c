/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/build.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/root.h"
#include "present/render/table_order.h"

static const struct column runtime_columns[] = {
	COLUMN("name", "", CELL_ID, "cpython, node, jvm, go, ruby, php, perl, dotnet"),
	COLUMN("version", "", CELL_TEXT, "null if it cannot be told"),
	COLUMN("module", "", CELL_TEXT, "the file that gave it away"),
};

static const struct table *runtimes_table(struct report *r, const struct snapshot *s)
{
	struct table *t = report_table(r, runtime_columns, ARRAY_SIZE(runtime_columns),
				       s->n_runtimes);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < s->n_runtimes; i++) {
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(s->runtimes[i].name);
		cells[1] = cell_text(s->runtimes[i].version);
		cells[2] = cell_text(s->runtimes[i].module);
	}
	return t;
}

static const struct column head_columns[] = {
	COLUMN("name", "", CELL_TEXT, "", .line = "%"),
	COLUMN("ended", "", CELL_BOOL, "", .line = "has ended"),
	COLUMN("user", "", CELL_TEXT, "", .line = "user %"),
	COLUMN("threads", "", CELL_COUNT, "", .line = "% thread|% threads"),
	COLUMN("age", "", CELL_SECONDS, "", .line = "up %"),
	COLUMN("runtime", "", CELL_TEXT, "", .line = "%"),
	COLUMN("cgroup", "", CELL_TEXT, "", .line = "%"),
};

static struct cell runtime_phrase(struct report *r, const struct snapshot *s)
{
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < s->n_runtimes; i++) {
		sbuf_adds(&text, i ? ", " : "");
		sbuf_adds(&text, s->runtimes[i].name);
		if (s->runtimes[i].version)
			sbuf_addf(&text, " %s", s->runtimes[i].version);
	}
	return text.len ? cell_text(arena_strdup(&r->arena, sbuf_str(&text))) : cell_none();
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
	struct table *t = report_table(r, head_columns, ARRAY_SIZE(head_columns), 1);
	const struct snapshot *s = v->snapshot;
	const struct cgroup *cg = &s->cgroup;
	bool in_group = cg->n && !streq(cg->levels[0].path, "/");

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "name",
		cell_text(arena_printf(&r->arena, "%s (%d)", s->stat.comm, (int)s->pid)));
	row_set(t, 0, "ended", cell_bool(v->ended));
	row_set(t, 0, "user", user_phrase(r, s));
	row_set(t, 0, "threads", s->stat.threads > 1 ? cell_u64(s->stat.threads) : cell_none());
	row_set(t, 0, "age", s->age_seconds >= 0 ? cell_real(s->age_seconds) : cell_none());
	row_set(t, 0, "runtime", runtime_phrase(r, s));
	row_set(t, 0, "cgroup", in_group ? cell_text(cg->levels[0].path) : cell_none());
	return t;
}

/* Arguments joined by blanks, for people. */
static const struct column command_columns[] = {
	COLUMN("command", "", CELL_TEXT, "", .flags = COL_TRUNC, .line = "%"),
};

static const struct table *command_table(struct report *r, const struct snapshot *s)
{
	struct table *t;
	char *text;

	if (!s->cmdline || !s->cmdline_len)
		return NULL;
	t = report_table(r, command_columns, ARRAY_SIZE(command_columns), 1);
	text = arena_strndup(&r->arena, s->cmdline, s->cmdline_len);
	text_join_arguments(text, s->cmdline_len);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "command", cell_text(text));
	return t;
}

/* What kept the picture from being whole, in words. */
static const struct column caveat_columns[] = {
	COLUMN("mark", "", CELL_ID, ""),
	COLUMN("text", "", CELL_TEXT, ""),
};

static const struct table *caveat_table(struct report *r, const struct snapshot *s)
{
	const char *texts[] = {
		s->regions_why
			? arena_printf(&r->arena, "No memory map: %s.", reason_text(s->regions_why))
			: NULL,
		s->partial && !s->regions_why
			? arena_printf(&r->arena, "Incomplete: %s.", reason_text(s->partial))
			: NULL,
		!s->regions_why && !s->consistent
			? "Mappings changed while they were read: some memory is counted twice."
			: NULL,
		s->names_cut
			? arena_printf(&r->arena, "%zu names are cut to their ends.", s->names_cut)
			: NULL,
	};
	size_t n = 0;
	struct table *t;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		n += texts[i] != NULL;
	if (!n)
		return NULL;
	t = report_table(r, caveat_columns, ARRAY_SIZE(caveat_columns), n);
	t->layout = LAYOUT_ITEMS;
	for (size_t i = 0, row = 0; i < ARRAY_SIZE(texts); i++) {
		if (!texts[i])
			continue;
		table_row(t, row)[0] = cell_text("warning");
		table_row(t, row)[0].tone = TONE_WARN;
		table_row(t, row++)[1] = cell_text(texts[i]);
	}
	return t;
}

static const struct column process_columns[] = {
	COLUMN("head", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("command", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("caveats", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("pid", "PID", CELL_COUNT, "process id", .flags = COL_DATA),
	COLUMN("start_ticks", "START", CELL_COUNT, "start, in clock ticks since boot",
	       .flags = COL_DATA),
	COLUMN("comm", "COMM", CELL_TEXT, "name", .flags = COL_DATA),
	COLUMN("cmdline", "CMDLINE", CELL_LIST, "arguments", .flags = COL_DATA),
	COLUMN("exe", "EXE", CELL_TEXT, "program", .flags = COL_DATA),
	COLUMN("uid", "UID", CELL_COUNT, "effective user id", .flags = COL_DATA),
	COLUMN("user", "USER", CELL_TEXT, "its name", .flags = COL_DATA),
	COLUMN("state", "STATE", CELL_TEXT, "as in stat", .flags = COL_DATA),
	COLUMN("threads", "THREADS", CELL_COUNT, "threads", .flags = COL_DATA),
	COLUMN("age_seconds", "AGE", CELL_SECONDS, "since its start", .flags = COL_DATA),
	COLUMN("runtimes", "RUNTIMES", CELL_TABLE, "language runtimes it hosts", .flags = COL_DATA),
	COLUMN("consistent", "CONSISTENT", CELL_BOOL, "no overlapping records", .flags = COL_DATA),
	COLUMN("partial", "PARTIAL", CELL_TEXT, "why it is incomplete", .flags = COL_DATA),
	COLUMN("unavailable", "UNAVAILABLE", CELL_TABLE, "what could not be read, and why",
	       .flags = COL_DATA),
	COLUMN("scan_ms", "SCAN", CELL_MS, "what reading it took", .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "growth"),
	COLUMN("totals", "", CELL_TABLE, "totals"),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet"),
	COLUMN("known", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("deep", "", CELL_TABLE, "what memory holds"),
	COLUMN("permissions", "", CELL_TABLE, "by permission"),
	COLUMN("files", "", CELL_TABLE, "by file"),
	COLUMN("packages", "", CELL_TABLE, "by extension package"),
	COLUMN("largest", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("counters", "", CELL_LIST, "the counters that mappings state (--regions)",
	       .flags = COL_DATA),
	COLUMN("regions", "", CELL_TABLE, "every mapping (--regions)"),
	COLUMN("outside_rss", "", CELL_TABLE, "memory outside RSS"),
	COLUMN("limits", "", CELL_TABLE, "limits and headroom"),
	COLUMN("would_fit", "", CELL_TABLE, "answer to --would-fit"),
	COLUMN("accounting", "", CELL_TABLE, "the sums"),
	COLUMN("findings", "", CELL_TABLE, "what to notice"),
	COLUMN("sources", "", CELL_TABLE, "what it is made from (snapshots)", .flags = COL_DATA),
};

static void fill_identity(struct report *r, const struct table *t, size_t row,
			  const struct process_inputs *v)
{
	const struct snapshot *s = v->snapshot;
	char state[2] = { s->stat.state, '\0' };

	row_set(t, row, "head", cell_table(head_table(r, v)));
	row_set(t, row, "command", cell_table(command_table(r, s)));
	row_set(t, row, "caveats", cell_table(caveat_table(r, s)));
	row_set(t, row, "pid", cell_u64((uint64_t)s->pid));
	row_set(t, row, "start_ticks", cell_u64(s->stat.start_ticks));
	row_set(t, row, "comm", cell_text(s->stat.comm));
	row_set(t, row, "cmdline",
		s->cmdline ? cell_bytes(s->cmdline, s->cmdline_len) : cell_absent(s->cmdline_why));
	row_set(t, row, "exe", s->exe ? cell_text(s->exe) : cell_absent(s->exe_why));
	row_set(t, row, "uid", cell_amount(s->status.v[PS_UID]));
	row_set(t, row, "user", cell_text(s->user));
	row_set(t, row, "state", cell_text(arena_strdup(&r->arena, state)));
	row_set(t, row, "threads", cell_u64(s->stat.threads));
	row_set(t, row, "age_seconds",
		s->age_seconds >= 0 ? cell_real(s->age_seconds) : cell_absent(REASON_NOT_READ));
	row_set(t, row, "runtimes", cell_table(runtimes_table(r, s)));
	row_set(t, row, "consistent", s->regions_why ? cell_none() : cell_bool(s->consistent));
	row_set(t, row, "partial", cell_reason(s->partial));
	row_set(t, row, "scan_ms", cell_real((double)s->scan_ns / 1e6));
}

/* Data formats know a table that could not be made only by its reason. */
static struct cell table_or_why(const struct table *t, const struct snapshot *s)
{
	return t ? cell_table(t) : cell_absent(s->regions_why);
}

static int fill_process(struct report *r, const struct table *t, size_t row,
			const struct process_inputs *v, const struct build_opts *opts,
			struct err *err)
{
	const struct snapshot *s = v->snapshot;

	fill_identity(r, t, row, v);
	row_set(t, row, "totals", cell_table(build_totals(r, &v->accounting->totals)));
	row_set(t, row, "categories", table_or_why(build_categories(r, v), s));
	row_set(t, row, "known", cell_table(build_evidence(r, v)));
	row_set(t, row, "permissions", table_or_why(build_permissions(r, v), s));
	row_set(t, row, "files", table_or_why(build_files(r, v), s));
	row_set(t, row, "packages", table_or_why(build_packages(r, v), s));
	row_set(t, row, "largest", cell_none());
	row_set(t, row, "counters", cell_none());
	row_set(t, row, "regions", cell_none());
	if (opts->regions) {
		struct table *regions = build_regions(r, v, opts->rules);

		if (regions && (table_sort(r, regions, opts->sort, err) < 0 ||
				table_pick(r, regions, opts->columns, err) < 0))
			return -EINVAL;
		row_set(t, row, "counters", build_counters(r, v));
		row_set(t, row, "regions", table_or_why(regions, s));
	} else {
		row_set(t, row, "largest", cell_table(build_largest(r, v, opts->rules)));
	}
	row_set(t, row, "outside_rss", cell_table(build_outside(r, v)));
	row_set(t, row, "limits", cell_table(build_limits(r, v)));
	row_set(t, row, "would_fit", cell_table(build_would_fit(r, v)));
	row_set(t, row, "accounting", table_or_why(build_accounting(r, v), s));
	row_set(t, row, "deep",
		v->walk       ? cell_table(build_deep(r, v))
		: v->walk_why ? cell_absent(v->walk_why)
			      : cell_none());
	row_set(t, row, "growth", cell_table(v->growth ? build_growth(r, v->growth) : NULL));
	row_set(t, row, "findings", cell_table(build_findings(r, v)));
	row_set(t, row, "sources", opts->sources ? cell_table(build_sources(r, s)) : cell_none());
	row_set(t, row, "unavailable", cell_table(report_unavailable(r, t, row)));
	return 0;
}

int build_processes(struct report *r, const struct process_inputs *views, size_t n,
		    const struct group *group, const struct build_opts *opts, struct err *err)
{
	struct table *t = report_table(r, process_columns, ARRAY_SIZE(process_columns), n);

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < n; i++) {
		int ret = fill_process(r, t, i, &views[i], opts, err);

		if (ret < 0)
			return ret;
	}
	if (opts->watch)
		build_watch_root(r, "summary", t, build_group(r, group, views, n), opts->watch,
				 opts);
	else
		build_root(r, t, build_group(r, group, views, n), NULL, opts);
	return 0;
}
