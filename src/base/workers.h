/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs on a few threads, none of which can hold up the others: a job that misses its deadline is
 * abandoned with its thread, and a fresh thread takes over the rest of the queue.
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stdint.h>

#include "base/util.h"

struct workers_job {
	void (*run)(void *arg); /* must not touch anything that another job changes */
	void *arg;
	bool abandoned; /* set by workers_run: missed the deadline; its thread may still use arg */
};

/*
 * Runs all jobs on `threads` threads, in order, and returns when each has finished or was
 * abandoned. A job is abandoned `deadline_ns` after it started; 0 is no deadline. The `arg` of an
 * abandoned job belongs to its thread for good: the caller must not free it (`jobs` it may). Returns
 * 0, or -errno if not even one thread could be started (nothing has run then). One job without a
 * deadline runs on the calling thread. Threads run with all signals blocked.
 */
int workers_run(struct workers_job *jobs, size_t n, unsigned int threads, int64_t deadline_ns);

#endif
