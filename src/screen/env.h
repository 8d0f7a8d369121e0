/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the screen was started with. It stays as it is, and outlives all jobs.
 */
#ifndef SCREEN_ENV_H
#define SCREEN_ENV_H

#include "analysis/ceilings.h"
#include "base/clock.h"
#include "model/store/store.h"
#include "present/build/process_inputs.h"
#include "proc/procfs.h"
#include "screen/data/jobs.h"

#define STATE_NAME "top.yaml"

struct screen_env {
	const struct procfs *fs;
	const struct clock *clock;
	struct jobs *jobs; /* NULL: nothing is read and written, as in tests */
	const struct ruleset *rules;
	const char *host; /* "" in a recorded tree */
	const char *version;
	const pid_t *pids; /* to be shown; all if n_pids is 0 */
	size_t n_pids;
	size_t max_fds; /* that may be kept open */
	bool no_cmdline;
	uint64_t unexplained_percent, beyond_percent; /* thresholds of findings */
	uint64_t growth_mb_per_hour;                  /* likewise; above it growth is bad */
	struct ceilings no_ceilings;                  /* none is set */
	char *snapshot_dir;                           /* NULL: there is no place for them */
	struct store_policy policy;                   /* of snapshots that are kept */
	char *state_dir; /* where ACT_SAVE writes STATE_NAME; NULL: nowhere */
};

/* Boot time and wall clock, ns. */
static inline int64_t env_now(const struct screen_env *env)
{
	return env->clock->boot_ns(env->clock->arg);
}

static inline int64_t env_wall(const struct screen_env *env)
{
	return env->clock->wall_ns(env->clock->arg);
}

#endif
