/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders of what a watch prints: a line for each process and tick, events, and the summary.
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
	const struct process_inputs
		*view;        /* its balance sheet, if it was read at this tick; else NULL */
	enum reason view_why; /* why not */
	bool has_delta;       /* since the tick before */
	int64_t delta_bytes;
	const struct growth_inputs *growth;
};

/* One tick. headings: text says once in a while what the columns are. */
void build_sample(struct report *r, const struct watch_row *rows, size_t n,
		  const struct watch_counts *counts, bool headings, const struct build_opts *opts);

/* Something that happened to the watch or to a process of it. */
struct watch_event {
	const char *id; /* "start", "exec", "exit", "gap", "alarm", "snapshot", "notice" */
	pid_t pid;      /* 0: the watch's own */
	uint64_t start_ticks;
	const char *comm; /* NULL: the watch's own */
	const char *text; /* for people, whole */
	enum tone tone;
};

void build_event(struct report *r, const struct watch_event *e, const struct build_opts *opts);

#endif
