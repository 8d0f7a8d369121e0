/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the screen is started with. It does not change and outlives all jobs.
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
	const pid_t *pids; /* processes to show; all if n_pids is 0 */
	size_t n_pids;
	size_t max_fds;             /* descriptors that may be kept open */
	char *snapshot_dir;         /* NULL: no snapshots can be written */
	struct store_policy policy; /* of the snapshot directory */
	char *state_dir;            /* where ACT_SAVE writes STATE_NAME; NULL: nowhere */
};

/* Return the boot time and the wall clock, ns. */
static inline int64_t env_now(const struct screen_env *env)
{
	return env->inspect.clock->boot_ns(env->inspect.clock->arg);
}

static inline int64_t env_wall(const struct screen_env *env)
{
	return env->inspect.clock->wall_ns(env->inspect.clock->arg);
}

/* Returns what the builders need to know about this run to report on an inspection. */
struct build_opts env_build_opts(const struct screen_env *env, const struct inspection *in);

#endif
