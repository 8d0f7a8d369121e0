/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs slow work on threads other than the one that draws. A job owns its argument while it runs
 * and then hands it back: nothing is shared, so no locks are needed.
 *
 * A read of /proc can block for as long as the process that is read. Such a job is abandoned: its
 * thread frees the argument if it ever ends. So an argument must own all that it uses, or use what
 * lives as long as the program.
 */
#ifndef SCREEN_DATA_JOBS_H
#define SCREEN_DATA_JOBS_H

#include <stdint.h>

#include "base/util.h"

struct jobs;
struct job;

enum { JOBS_MAX = 32 }; /* threads at a time, abandoned ones included */

/* Returns a new set of jobs, or NULL if no descriptor could be opened. The caller frees it. */
struct jobs *jobs_new(void);
/* Waits a little for running jobs and abandons the rest. No job may be used afterwards. */
void jobs_free(struct jobs *jobs);
/* Returns a descriptor that is readable when a job has ended since the last jobs_drain. */
int jobs_fd(const struct jobs *jobs);
void jobs_drain(struct jobs *jobs);

/*
 * Runs run(arg) on a new thread with all signals blocked; `release` frees arg if the job is
 * abandoned. Returns NULL if there are too many threads: the caller then still owns arg.
 */
struct job *job_start(struct jobs *jobs, void (*run)(void *arg), void (*release)(void *arg),
		      void *arg);
/* Returns the processor time of the calling thread, ns: for a job, what it has used so far. */
int64_t job_cpu_ns(void);
/* Returns true if the job has ended. */
bool job_is_done(const struct job *job);
/* Frees a job that has ended and sets *job to NULL. Returns its argument, which the caller owns. */
void *job_take(struct job **job);
/* Abandons a job, ended or not, and sets *job to NULL. Ignores a *job that is NULL. */
void job_abandon(struct job **job);

#endif
