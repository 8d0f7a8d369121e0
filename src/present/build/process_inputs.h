/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inputs of builders: one process and what was judged of it, and the facts of this run.
 */
#ifndef PRESENT_BUILD_PROCESS_INPUTS_H
#define PRESENT_BUILD_PROCESS_INPUTS_H

#include "analysis/inspect.h"
#include "model/rule/rule.h"
#include "present/build/growth_inputs.h"

/* What is known about one process. It must outlive the report. */
struct process_inputs {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	const struct off_rss *off_rss;
	const struct limits *limits;
	const struct finding *findings;
	size_t n_findings;
	const struct would_fit *would_fit;   /* NULL: not asked */
	const struct growth_inputs *growth;  /* NULL: not watched */
	bool ended;                          /* while watched: this is its last state */
	const struct walk *walk;             /* NULL: its memory was not walked; see walk_why */
	enum reason walk_why;                /* why not, if a walk was asked for */
	const struct non_object *non_object; /* NULL without a walk */
};

/* Returns the inputs of an inspection, which must outlive them. The caller adds growth, ended. */
struct process_inputs process_inputs_of(const struct inspection *in);

/* What is watched, and how it went. */
struct watch_counts {
	double interval_seconds;
	const char *interval; /* for people */
	uint64_t ticks, missed;
	uint64_t processes, growing, ended;
	bool all; /* every readable process is watched: only those that grow are listed */
};

/* Facts of this run, and what the user asked to see. */
struct build_opts {
	uint64_t seq;                     /* of the record, in a watch */
	const struct watch_counts *watch; /* NULL: a report; else the summary of this watch */
	const char *version;
	const char *host; /* NULL in a recorded tree */
	const char *boot_id;
	int64_t generated_wall_ns;
	double elapsed_ms;
	double cpu_ms; /* of processor time */
	struct amount tool_rss;
	const struct ruleset *rules;
	bool regions;        /* list every mapping */
	bool sources;        /* add what the report is made from, to be read back */
	const char *columns; /* comma-separated ids for the main table; NULL: the default */
	const char *sort;    /* [-]id; NULL: the default */
};

#endif
