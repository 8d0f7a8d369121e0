/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what is expensive of some processes, one after the other, until it has taken long enough.
 */
#ifndef SCREEN_DATA_SLOW_FIELDS_H
#define SCREEN_DATA_SLOW_FIELDS_H

#include <stdatomic.h>

#include "screen/data/procs.h"
#include "screen/env.h"

struct slow_fields_item {
	pid_t pid;
	uint64_t start_ticks;
	uint64_t uid;
	bool with_user;   /* the name of uid, too */
	bool with_rollup; /* else only what is read in no time: for a start */
	bool was_read;
	struct slow_fields result; /* owned */
};

struct slow_fields_batch {
	struct procfs fs;
	const struct clock *clock;
	bool no_cmdline;
	int64_t budget_ns;              /* of processor time: nothing is begun after so much */
	int64_t took_ns;                /* in the end */
	bool is_shared;                 /* the budget is what it may take of a tick */
	struct slow_fields_item *items; /* owned */
	size_t n;
	size_t n_shown;   /* of them, the first, are on the screen */
	atomic_size_t at; /* the item that is being read: to be looked at while the job runs */
};

/* As jobs.h wants them: run and release of a batch. */
void slow_fields_run(void *batch);
void slow_fields_batch_free(void *batch);

#endif
