/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One inspection: a process that is read (its files in /proc and, if asked, its memory) and then
 * judged. Every mode that reports on a process holds one.
 */
#ifndef ANALYSIS_INSPECT_H
#define ANALYSIS_INSPECT_H

#include <signal.h>

#include "analysis/account/accounting.h"
#include "analysis/account/limits.h"
#include "analysis/account/non_object.h"
#include "analysis/account/off_rss.h"
#include "analysis/findings/findings.h"
#include "model/snapshot/capture.h"
#include "walk/core/walk.h"

/* How the program reads and judges processes. What this points to must outlive all inspections. */
struct inspect_opts {
	const struct procfs *fs;
	const struct clock *clock;
	const struct ruleset *rules;
	bool with_cmdline;    /* arguments can hold secrets */
	unsigned int deep;    /* what to walk memory for, bits of enum walk_want; 0: no walk */
	uint64_t large_bytes; /* as in struct walk_opts; so are the next three */
	bool preview;
	bool freeze;
	const volatile sig_atomic_t *cancel; /* ends a walk; NULL: the inspection has its own */

	/* The thresholds of findings. */
	const struct ceilings *ceilings; /* NULL: the user set no limits */
	double unexplained_percent;
	double beyond_percent;
	uint64_t growth_bytes_per_hour;
	bool has_would_fit;
	uint64_t would_fit_bytes;
};

struct inspection {
	/* What to read. May be changed before it is read. */
	struct inspect_opts opts;
	pid_t pid;
	uint64_t start_ticks;    /* start time that the process must have; 0: any */
	int dirfd;               /* its directory in /proc, not owned; -1: opened by PID */
	struct snapshot *before; /* as in struct capture_opts; must outlive the reading */

	/* For other threads while the process is read. */
	volatile sig_atomic_t cancel; /* set it to end the walk */
	_Atomic uint64_t bytes_read;  /* progress of the walk */

	/* Filled by inspection_read. */
	int result;      /* 0, or -errno: then only the next four members are filled */
	struct err err;  /* the message if result is not 0 */
	int64_t wall_ns; /* wall clock at the beginning */
	int64_t read_ns; /* boot time at the end */
	int64_t cost_ns;
	struct snapshot snapshot;
	struct accounting accounting;
	bool has_walk;
	int walk_error;   /* -errno if memory was to be walked and could not be opened */
	struct walk walk; /* if has_walk; else heap_stats.why of the snapshot is the reason */

	/* Filled by inspection_judge. */
	struct off_rss off_rss;
	struct limits limits;
	struct non_object non_object; /* if has_walk */
	struct would_fit would_fit;   /* if opts.has_would_fit */
	const struct finding *findings;
	size_t n_findings;
	struct arena arena; /* owns the findings and the texts of non_object */
};

/* Returns a new inspection that has not been read yet. The caller frees it. */
struct inspection *inspection_new(const struct inspect_opts *opts, pid_t pid);
/* Reads the process and sums up what was read. `inspection` is a struct inspection; see task.h. */
void inspection_read(void *inspection);
/*
 * Judges what was read and replaces an earlier judgement. For a watched process growth is how it
 * grew, and reached, by enum ceiling, what it reached meanwhile; NULL for any other.
 */
void inspection_judge(struct inspection *in, const struct growth *growth,
		      const struct amount *reached);
/* Reads and judges a process that is not watched. `inspection` is a struct inspection. */
void inspection_run(void *inspection);
/* Frees an inspection; NULL is ignored. `inspection` is a struct inspection. */
void inspection_free(void *inspection);

#endif
