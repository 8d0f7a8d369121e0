/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the screen was started with. It stays as it is, and outlives all jobs.
 */
#ifndef SCREEN_ENV_H
#define SCREEN_ENV_H

#include "model/store/store.h"
#include "present/build/process_inputs.h"
#include "screen/data/jobs.h"

#define STATE_NAME "top.yaml"

struct screen_env {
	struct inspect_opts inspect; /* without a walk, which views ask for */
	struct jobs *jobs;           /* NULL: nothing is read and written, as in tests */
	const char *host;            /* "" in a recorded tree */
	const char *version;
	const pid_t *pids; /* to be shown; all if n_pids is 0 */
	size_t n_pids;
	size_t max_fds;             /* that may be kept open */
	char *snapshot_dir;         /* NULL: there is no place for them */
	struct store_policy policy; /* of snapshots that are kept */
	char *state_dir;            /* where ACT_SAVE writes STATE_NAME; NULL: nowhere */
};

/* Boot time and wall clock, ns. */
static inline int64_t env_now(const struct screen_env *env)
{
	return env->inspect.clock->boot_ns(env->inspect.clock->arg);
}

static inline int64_t env_wall(const struct screen_env *env)
{
	return env->inspect.clock->wall_ns(env->inspect.clock->arg);
}

/* Returns what builders are to know of this run, to report on an inspection. */
struct build_opts env_build_opts(const struct screen_env *env, const struct inspection *in);

#endif
