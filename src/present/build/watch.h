/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the records of a watch: ticks and events. build_processes builds its summary.
 */
#ifndef PRESENT_BUILD_WATCH_H
#define PRESENT_BUILD_WATCH_H

#include "present/build/growth_inputs.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* A process at a tick. */
struct watch_row {
	pid_t pid;
	uint64_t start_ticks;
	const char *comm;
	const struct proc_status *status;
	const struct process_inputs *view; /* NULL: its mappings were not read at this tick */
	enum reason view_why;              /* why not */
	bool has_delta;                    /* false at its first tick */
	int64_t delta_bytes;
	const struct growth_inputs *growth;
};

/* Reports on a tick, a row for each process; in text with headings, if asked for. */
void build_sample(struct report *r, const struct watch_row *rows, size_t n,
		  const struct watch_counts *counts, bool headings, const struct build_opts *opts);

/* An event of the watch or of a watched process. */
struct watch_event {
	const char *id; /* "start", "exec", "exit", "gap", "alarm", "snapshot", "notice" */
	pid_t pid;      /* 0: the watch's own */
	uint64_t start_ticks;
	const char *comm; /* NULL: the watch's own */
	const char *text; /* for people, whole */
	enum tone tone;
};

/* Reports on an event. */
void build_event(struct report *r, const struct watch_event *e, const struct build_opts *opts);

#endif
