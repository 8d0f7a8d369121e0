/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders: model and judgements -> report. The only place that names columns.
 */
#ifndef PRESENT_BUILD_H
#define PRESENT_BUILD_H

#include "analysis/accounting.h"
#include "analysis/findings.h"
#include "analysis/group.h"
#include "analysis/limits.h"
#include "analysis/outside.h"
#include "model/proclist.h"
#include "model/rule.h"
#include "present/report.h"

/* Everything known about one process. Must outlive the report. */
struct process_view {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const struct outside *outside;
	const struct limits *limits;
	const struct finding *findings;
	size_t n_findings;
	const struct would_fit *would_fit; /* NULL: not asked */
};

struct build_opts {
	const char *version;
	const char *host; /* NULL in a recorded tree */
	const char *boot_id;
	int64_t generated_wall_ns;
	double elapsed_ms;
	struct amount tool_rss;
	const struct ruleset *rules;
	bool regions;        /* list every mapping */
	const char *columns; /* comma-separated ids for the main table; NULL: the default */
	const char *sort;    /* [-]id; NULL: the default */
};

/* Reports on inspected processes; the main table is that of the regions. 0 or -EINVAL with err
 * set (no such column). */
int build_processes(struct report *r, const struct process_view *views, size_t n,
		    const struct group *group, const struct build_opts *opts, struct err *err);

/* The list of processes (sorted in place), a line each; the main table is the list. */
int build_list(struct report *r, struct proclist *list, const struct build_opts *opts,
	       struct err *err);

/* The columns of the main table of a mode, for -O help. */
extern const struct column *const list_columns;
extern const size_t n_list_columns;
/* Those of the regions are made from the table of counters; the report owns them. */
const struct column *build_region_columns(struct report *r, size_t *ret_n);

/*
 * Chooses the text columns of a table by a list of ids, and sorts its rows by [-]id. NULL leaves
 * the default. 0, or -EINVAL with err naming the column.
 */
int table_pick(struct report *r, struct table *t, const char *columns, struct err *err);
int table_sort(struct report *r, struct table *t, const char *sort, struct err *err);

#endif
