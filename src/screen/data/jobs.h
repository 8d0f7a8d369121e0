/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may take its time, off the thread that draws. A job is handed its argument, owns it
 * while it runs and hands it back: nothing is shared, so nothing needs a lock, and what was read
 * changes hands as one pointer.
 *
 * A read of /proc can block for as long as its target does. Such a job is abandoned: its thread
 * frees the argument when, if ever, it ends. So an argument is to own all that it uses, or use what
 * lives as long as the program.
 */
#ifndef SCREEN_DATA_JOBS_H
#define SCREEN_DATA_JOBS_H

#include <stdint.h>

#include "base/util.h"

struct jobs;
struct job;

enum { JOBS_MAX = 32 }; /* threads at a time, abandoned ones included */

/* NULL if the system gives no descriptor. */
struct jobs *jobs_new(void);
/* Abandons what still runs, after having waited a little for it. No job may be held any more. */
void jobs_free(struct jobs *jobs);
/* Readable when a job has ended since the last jobs_drain. */
int jobs_fd(const struct jobs *jobs);
void jobs_drain(struct jobs *jobs);

/*
 * Runs run(arg) on a thread of its own, all signals blocked; `release` frees an arg that nobody wants
 * any more. NULL if there are too many threads: arg then stays the caller's.
 */
struct job *job_start(struct jobs *jobs, void (*run)(void *arg), void (*release)(void *arg),
		      void *arg);
/* Processor time of the thread that asks, ns: what a job has taken so far. */
int64_t job_cpu_ns(void);
/* True once it has ended. */
bool job_is_done(const struct job *job);
/* Ends a job that is done: its arg is the caller's again, and *job NULL. */
void *job_take(struct job **job);
/* Leaves a job to itself, done or not, and *job NULL. NULL in *job is allowed. */
void job_abandon(struct job **job);

#endif
