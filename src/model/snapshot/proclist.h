/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of all processes, with a few numbers each. Reads smaps_rollup and cmdline of each
 * process, and status if more is needed or these are denied. As many threads as there are
 * processors (at least two) read them, so that a process that blocks does not hold up the others.
 */
#ifndef MODEL_SNAPSHOT_PROCLIST_H
#define MODEL_SNAPSHOT_PROCLIST_H

#include "base/arena.h"
#include "base/err.h"
#include "model/metrics.h"
#include "proc/counts.h"
#include "proc/procfs.h"
#include "proc/procinfo.h"

struct proclist_row {
	pid_t pid;
	struct proc_status status; /* PS_UID and PS_THREADS only, unless full or needed */
	struct proc_stat stat;     /* pid 0 unless full */
	struct mem_counts rollup;  /* present == 0: see rollup_why */
	enum reason rollup_why;
	const char *cmdline; /* NUL-separated; NULL: see cmdline_why */
	size_t cmdline_len;
	enum reason cmdline_why;
	const char *user;   /* NULL: no name, or a recorded tree */
	double age_seconds; /* < 0: unknown */
	bool kthread;       /* a kernel thread, which has no memory of its own */
	bool stuck;         /* did not answer in time; all values are absent */
};

struct proclist {
	struct proclist_row *rows;
	size_t n;
	struct arena arena; /* owns names and command lines */
	size_t n_denied;    /* rows whose rollup was not permitted */
	size_t n_kthreads;
	size_t n_gone, n_stuck;
	bool full;  /* as in the options */
	bool named; /* as in the options */
	char boot_id[40];
};

struct proclist_opts {
	bool with_cmdline;
	bool full;           /* all of status and stat, not only what every list shows */
	bool named;          /* the user named the processes, so all of them are shown */
	int64_t deadline_ns; /* for one process */
	unsigned int threads;
};

enum { PROCLIST_CMDLINE_MAX = 64 << 10 };

/* Reads the given processes. The caller releases *ret. Returns 0 or -errno. */
int proclist_read(const struct procfs *fs, const pid_t *pids, size_t n,
		  const struct proclist_opts *opts, struct proclist *ret, struct err *err);
void proclist_release(struct proclist *list);
/* Returns a metric from smaps_rollup or status, or why they do not have it. */
struct amount proclist_metric(const struct proclist_row *p, enum metric metric);

#endif
