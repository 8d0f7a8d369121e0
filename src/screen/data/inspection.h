/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process, read whole and judged: a job's argument, then what views show.
 */
#ifndef SCREEN_DATA_INSPECTION_H
#define SCREEN_DATA_INSPECTION_H

#include <signal.h>

#include "base/err.h"
#include "model/snapshot/capture.h"
#include "present/build/process_inputs.h"
#include "screen/env.h"
#include "walk/core/walk.h"

struct inspection {
	const struct screen_env *env;
	pid_t pid;
	uint64_t start_ticks; /* that it has to have; 0: any */
	unsigned int deep;    /* what memory is to be read for: enum walk_want */
	/* While it runs: set by others to end the walk, and looked at by them. */
	volatile sig_atomic_t cancel;
	_Atomic uint64_t bytes_read;

	/* What became of it. */
	int result;      /* 0, or -errno: then nothing below is there */
	struct err err;  /* likewise */
	int64_t read_ns; /* boot time when it was done */
	int64_t wall_ns; /* likewise, of the wall clock */
	int64_t took_ns;
	struct arena arena;
	struct snapshot snapshot;
	struct accounting accounting;
	struct off_rss off_rss;
	struct limits limits;
	bool has_walk;
	const char *
		walk_why; /* why the memory could not be read; NULL: it was, or was not asked for */
	struct walk walk; /* if has_depth */
	struct non_object non_object; /* likewise */
	struct process_inputs view;   /* of all that */
};

/* An inspection to be run, as a job: inspection_run, inspection_free. */
struct inspection *inspection_new(const struct screen_env *env, pid_t pid, uint64_t start_ticks);
void inspection_run(void *inspection);
void inspection_free(void *inspection);

/* What builders are to know of this run. */
struct build_opts inspection_build_opts(const struct inspection *in);

#endif
