/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs jobs on a few threads, so that no job can hold up the others: a job that misses its deadline
 * is abandoned with its thread, and a new thread runs the rest of the queue.
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stdint.h>

#include "base/util.h"

struct workers_job {
	void (*run)(void *arg); /* must not access anything that another job changes */
	void *arg;
	bool abandoned; /* set by workers_run: too late; its thread may still use arg */
};

/*
 * Runs all jobs on `threads` threads, in order, and returns when each has finished or was
 * abandoned. A job is abandoned `deadline_ns` after it started; 0 is no deadline. The thread of an
 * abandoned job owns its `arg` for good: the caller must not free it, but may free `jobs`. Returns
 * 0, or -errno if no thread could be started (then nothing has run). One job without a deadline
 * runs on the calling thread. Threads run with all signals blocked.
 */
int workers_run(struct workers_job *jobs, size_t n, unsigned int threads, int64_t deadline_ns);

#endif
