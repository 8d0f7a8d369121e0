/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the processes up to date, by jobs that read and hand over what they read:
 *
 *  - a tick reads the system's numbers and scans all processes (proc/scan.h);
 *  - behind it, what is expensive is read of some: smaps_rollup, status and the command line. First of
 *    processes that are new, then of those on the screen, then of all others in turn. None is read
 *    sooner than 50 times the duration of its last reading, and all of them together take no more
 *    than a small share of the time;
 *  - what has changed is judged.
 *
 * A process that does not answer is left alone and said to be stuck.
 */
#ifndef SCREEN_DATA_SAMPLER_H
#define SCREEN_DATA_SAMPLER_H

#include "proc/pressure.h"
#include "proc/sysmem.h"
#include "screen/data/procs.h"
#include "screen/env.h"

/* The system, and ourselves, as of the last tick. */
struct host {
	struct sysmem sys;
	struct pressure pressure;
	struct amount own_rss;
	double own_cpu_percent; /* since the tick before; < 0: unknown */
	int64_t wall_ns;        /* of the tick */
	int64_t took_ns;        /* of processor time */
};

struct sampler;

/* Fills *procs and *host, which stay the caller's and outlive it. */
struct sampler *sampler_new(const struct screen_env *env, struct procs *procs, struct host *host);
void sampler_free(struct sampler *s);

/*
 * Takes what jobs have handed over and starts those that are due. Sets *ret_wait_ns to when it wants
 * to be called again at the latest, or earlier when a job ends. True if something has changed.
 */
bool sampler_poll(struct sampler *s, int64_t now_ns, int64_t *ret_wait_ns);
/* Time from tick to tick; the next one is counted from the last. */
void sampler_set_interval(struct sampler *s, int64_t interval_ns);
/* While it is paused nothing is read, but for sampler_refresh. */
void sampler_pause(struct sampler *s, bool paused);
/* Reads now, and what is expensive of the processes that are shown. */
void sampler_refresh(struct sampler *s);
/* The processes on the screen, the one under the cursor first: copied. */
void sampler_show(struct sampler *s, const pid_t *pids, size_t n);
/* Since when the tick that runs has been running, 0 if none does: boot time. */
int64_t sampler_busy_since(const struct sampler *s);

#endif
