/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/inspection.h"

#include <errno.h>

#include "base/alloc.h"
#include "walk/read_process.h"

struct inspection *inspection_new(const struct screen_env *env, pid_t pid, uint64_t start_ticks)
{
	struct inspection *in = xcalloc(1, sizeof(*in));

	*in = (struct inspection){
		.env = env, .pid = pid, .start_ticks = start_ticks, .result = -EAGAIN
	};
	return in;
}

static void read_walk(struct inspection *in)
{
	const struct walk_opts opts = {
		.want = in->deep,
		.clock = in->env->clock,
		.cancel = &in->cancel,
		.progress = &in->bytes_read,
		.fs = in->env->fs,
	};

	in->has_walk = walk_read_process(&in->snapshot, &opts, &in->walk, &in->walk_why) == 0;
}

static void judge(struct inspection *in)
{
	struct findings_input input = {
		.snapshot = &in->snapshot,
		.accounting = &in->accounting,
		.off_rss = &in->off_rss,
		.limits = &in->limits,
		.ceilings = &in->env->no_ceilings,
		.walk = in->has_walk ? &in->walk : NULL,
		.non_object = in->has_walk ? &in->non_object : NULL,
		.beyond_percent = (double)in->env->beyond_percent,
		.unexplained_percent = (double)in->env->unexplained_percent,
		.cpus = in->snapshot.live ? (unsigned int)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L)
					  : 0,
	};

	accounting_init(&in->accounting, &in->snapshot);
	off_rss_init(&in->off_rss, &in->snapshot, &in->accounting);
	limits_init(&in->limits, &in->snapshot, &in->accounting);
	if (in->has_walk)
		non_object_init(&in->non_object, &in->walk, &in->accounting, &in->arena);
	in->view = (struct process_inputs){
		.snapshot = &in->snapshot,
		.accounting = &in->accounting,
		.off_rss = &in->off_rss,
		.limits = &in->limits,
		.walk = input.walk,
		.walk_why = in->walk_why,
		.non_object = input.non_object,
	};
	in->view.findings = findings_collect(&input, &in->arena, &in->view.n_findings);
}

void inspection_run(void *inspection)
{
	struct inspection *in = inspection;
	const struct screen_env *env = in->env;
	struct capture_opts opts = { .rules = env->rules,
				     .clock = env->clock,
				     .with_cmdline = !env->no_cmdline };
	int64_t start_ns = env_now(env);

	in->result = snapshot_capture(env->fs, in->pid, &opts, &in->snapshot, &in->err);
	if (in->result == 0 && in->start_ticks &&
	    in->snapshot.stat.start_ticks != in->start_ticks) {
		snapshot_release(&in->snapshot);
		in->result = err_set(&in->err, ESRCH, "process %d has ended", in->pid);
	}
	if (in->result == 0 && in->deep && !in->snapshot.regions_why)
		read_walk(in);
	if (in->result == 0)
		judge(in);
	in->read_ns = env_now(env);
	in->wall_ns = env_wall(env);
	in->took_ns = in->read_ns - start_ns;
}

void inspection_free(void *inspection)
{
	struct inspection *in = inspection;

	if (!in)
		return;
	if (in->result == 0) {
		if (in->has_walk)
			walk_release(&in->walk);
		limits_release(&in->limits);
		accounting_release(&in->accounting);
		snapshot_release(&in->snapshot);
	}
	arena_release(&in->arena);
	free(in);
}

struct build_opts inspection_build_opts(const struct inspection *in)
{
	const struct screen_env *env = in->env;

	return (struct build_opts){
		.version = env->version,
		.host = *env->host ? env->host : NULL,
		.boot_id = in->snapshot.sys.boot_id,
		.generated_wall_ns = env_wall(env),
		.elapsed_ms = (double)in->took_ns / NS_PER_MS,
		.tool_rss = AMOUNT_UNREAD,
		.rules = env->rules,
		.regions = true,
		.sources = true,
	};
}
