/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the slow fields of processes, one after the other, until a budget of time is used.
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
	bool with_user;   /* also looks up the name of uid */
	bool with_rollup; /* else reads only the fast ones, for the first display */
	bool was_read;
	struct slow_fields result; /* owned */
};

struct slow_fields_batch {
	struct procfs fs;
	const struct clock *clock;
	bool no_cmdline;
	int64_t budget_ns;              /* processor time after which no reading is started */
	int64_t took_ns;                /* processor time used */
	bool is_shared;                 /* the budget is the share of a tick */
	struct slow_fields_item *items; /* owned */
	size_t n;
	size_t n_shown;   /* the first ones, which are on the screen */
	atomic_size_t at; /* index of the item being read; may be read while the job runs */
};

/* Run and release a batch, as jobs.h requires. */
void slow_fields_run(void *batch);
void slow_fields_batch_free(void *batch);

#endif
