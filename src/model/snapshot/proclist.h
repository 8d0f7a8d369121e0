/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All processes, a few numbers each. One read of smaps_rollup and cmdline per process, and status
 * where more is asked for or the former is refused; on as many threads as there are processors (two
 * at least), none of which can hold up the others.
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
	bool kthread;       /* a kernel thread: it has no memory of its own */
	bool stuck;         /* did not answer in time; nothing else is known */
};

struct proclist {
	struct proclist_row *rows;
	size_t n;
	struct arena arena; /* owns names and command lines */
	size_t n_denied;    /* rows whose rollup was not permitted */
	size_t n_kthreads;
	size_t n_gone, n_stuck;
	bool full;  /* as asked for in the options */
	bool named; /* likewise */
	char boot_id[40];
};

struct proclist_opts {
	bool with_cmdline;
	bool full;           /* all of status and stat, not only what every list shows */
	bool named;          /* the user named them: none is left out as uninteresting */
	int64_t deadline_ns; /* for one process */
	unsigned int threads;
};

enum { PROCLIST_CMDLINE_MAX = 64 << 10 };

/* Reads the given processes. The caller releases *ret. 0 or -errno. */
int proclist_read(const struct procfs *fs, const pid_t *pids, size_t n,
		  const struct proclist_opts *opts, struct proclist *ret, struct err *err);
void proclist_release(struct proclist *list);
/* Returns what smaps_rollup or status state of a metric, or why they do not. */
struct amount proclist_metric(const struct proclist_row *p, enum metric metric);

#endif
