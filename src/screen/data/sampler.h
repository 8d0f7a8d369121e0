/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the processes up to date, by jobs that read and hand over what they read:
 *
 *  - a tick reads the system's numbers and scans all processes (proc/scan.h);
 *  - after it, the slow fields are read for some processes: smaps_rollup, status and the command
 *    line. New processes are first, then those on the screen, then all others in turn. None is read
 *    sooner than 50 times the duration of its last reading, and all of them together take no more
 *    than a small share of the time;
 *  - series that have changed are judged.
 *
 * A process whose reading blocks is not read again, and is shown as stuck.
 */
#ifndef SCREEN_DATA_SAMPLER_H
#define SCREEN_DATA_SAMPLER_H

#include "proc/pressure.h"
#include "proc/sysmem.h"
#include "screen/data/procs.h"
#include "screen/env.h"

/* The system and this program, as of the last tick. */
struct host {
	struct sysmem sys;
	struct pressure pressure;
	struct amount own_rss;
	double own_cpu_percent; /* since the tick before; < 0: unknown */
	int64_t wall_ns;        /* of the tick */
	int64_t took_ns;        /* of processor time */
};

struct sampler;

/* Returns a sampler that fills *procs and *host, which must outlive it. The caller frees it. */
struct sampler *sampler_new(const struct screen_env *env, struct procs *procs, struct host *host);
void sampler_free(struct sampler *s);

/*
 * Takes what jobs have read and starts the jobs that are due. To be called again after
 * *ret_wait_ns, or earlier when a job ends. Returns true if something has changed.
 */
bool sampler_poll(struct sampler *s, int64_t now_ns, int64_t *ret_wait_ns);
/* Sets the time between ticks, from the last one on. */
void sampler_set_interval(struct sampler *s, int64_t interval_ns);
/* Pauses or resumes reading. While paused, only sampler_refresh reads. */
void sampler_pause(struct sampler *s, bool paused);
/* Reads now, with the slow fields of the processes on the screen. */
void sampler_refresh(struct sampler *s);
/* Sets the processes on the screen, the one under the cursor first. Copies pids. */
void sampler_show(struct sampler *s, const pid_t *pids, size_t n);
/* Returns the boot time at which the running tick began, or 0 if no tick is running. */
int64_t sampler_busy_since(const struct sampler *s);

#endif
