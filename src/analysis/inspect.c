/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/inspect.h"

#include <errno.h>

#include "base/alloc.h"
#include "walk/read_process.h"

struct inspection *inspection_new(const struct inspect_opts *opts, pid_t pid)
{
	struct inspection *in = xcalloc(1, sizeof(*in));

	*in = (struct inspection){ .opts = *opts, .pid = pid, .dirfd = -1, .result = -EAGAIN };
	return in;
}

static int capture(struct inspection *in)
{
	const struct inspect_opts *o = &in->opts;
	const struct capture_opts opts = {
		.rules = o->rules,
		.clock = o->clock,
		.with_cmdline = o->with_cmdline,
		.before = in->before,
	};
	int ret = in->dirfd < 0 ? snapshot_capture(o->fs, in->pid, &opts, &in->snapshot, &in->err)
				: snapshot_capture_at(o->fs, in->dirfd, in->pid, &opts,
						      &in->snapshot, &in->err);

	if (ret < 0 || !in->start_ticks || in->snapshot.stat.start_ticks == in->start_ticks)
		return ret;
	snapshot_release(&in->snapshot);
	return err_set(&in->err, ESRCH, "process %d has ended", in->pid);
}

static void walk_memory(struct inspection *in)
{
	const struct inspect_opts *o = &in->opts;
	const struct walk_opts opts = {
		.want = o->deep,
		.clock = o->clock,
		.cancel = o->cancel ? o->cancel : &in->cancel,
		.progress = &in->bytes_read,
		.large_bytes = o->large_bytes,
		.fs = o->fs,
		.preview = o->preview,
		.freeze = o->freeze,
	};
	enum reason *why = &in->snapshot.heap_stats.why;

	if (!o->fs->live) {
		*why = REASON_NOT_RECORDED;
		return;
	}
	if (in->snapshot.regions_why)
		return;
	in->walk_error = walk_read_process(&in->snapshot, &opts, &in->walk, why);
	in->has_walk = in->walk_error == 0;
	if (in->has_walk)
		walk_close(&in->walk);
}

void inspection_read(void *inspection)
{
	struct inspection *in = inspection;
	const struct clock *clock = in->opts.clock;
	int64_t start_ns = clock->boot_ns(clock->arg);

	in->wall_ns = clock->wall_ns(clock->arg);
	in->result = capture(in);
	if (in->result == 0 && in->opts.deep)
		walk_memory(in);
	if (in->result == 0)
		accounting_init(&in->accounting, &in->snapshot);
	in->read_ns = clock->boot_ns(clock->arg);
	in->cost_ns = in->read_ns - start_ns;
}

static void collect_findings(struct inspection *in, const struct growth *growth,
			     const struct amount *reached)
{
	const struct inspect_opts *o = &in->opts;
	const struct findings_input input = {
		.snapshot = &in->snapshot,
		.accounting = &in->accounting,
		.off_rss = &in->off_rss,
		.limits = &in->limits,
		.ceilings = o->ceilings,
		.growth = growth,
		.reached = reached,
		.walk = in->has_walk ? &in->walk : NULL,
		.non_object = in->has_walk ? &in->non_object : NULL,
		.beyond_percent = o->beyond_percent,
		.growth_bytes_per_hour = o->growth_bytes_per_hour,
		.unexplained_percent = o->unexplained_percent,
		.cpus = in->snapshot.live ? (uint64_t)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L) : 0,
	};

	in->findings = findings_collect(&input, &in->arena, &in->n_findings);
}

void inspection_judge(struct inspection *in, const struct growth *growth,
		      const struct amount *reached)
{
	limits_release(&in->limits);
	arena_release(&in->arena);
	off_rss_init(&in->off_rss, &in->snapshot, &in->accounting);
	limits_init(&in->limits, &in->snapshot, &in->accounting);
	if (in->has_walk)
		non_object_init(&in->non_object, &in->walk, &in->accounting, &in->arena);
	if (in->opts.has_would_fit)
		in->would_fit = limits_would_fit(&in->limits, in->opts.would_fit_bytes);
	collect_findings(in, growth, reached);
}

void inspection_run(void *inspection)
{
	struct inspection *in = inspection;

	inspection_read(in);
	if (in->result == 0)
		inspection_judge(in, NULL, NULL);
}

void inspection_free(void *inspection)
{
	struct inspection *in = inspection;

	if (!in)
		return;
	limits_release(&in->limits);
	arena_release(&in->arena);
	if (in->has_walk)
		walk_release(&in->walk);
	if (in->result == 0) {
		accounting_release(&in->accounting);
		snapshot_release(&in->snapshot);
	}
	free(in);
}
