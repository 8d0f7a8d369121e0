/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/cmd.h"

#include <errno.h>
#include <signal.h>

#include "app/output.h"
#include "app/select.h"
#include "base/alloc.h"
#include "base/workers.h"
#include "model/snapshot/capture.h"
#include "walk/read_process.h"

enum { DEADLINE_S = 10, THREADS = 2 };

/* One process: captured on a worker, judged afterwards. */
struct target {
	const struct procfs *fs;
	pid_t pid;
	struct capture_opts opts;
	int result;
	struct err err;
	struct snapshot snapshot;

	struct accounting accounting;
	struct off_rss off_rss;
	struct limits limits;
	struct would_fit would_fit;

	bool wants_walk, has_walk;
	struct walk_opts walk_opts;
	const char *walk_why; /* why its memory could not be read */
	int walk_error;
	struct walk walk;
	struct non_object non_object;
};

/* The user has seen enough of a walk. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal attr_unused)
{
	interrupted = 1;
}

static void read_walk(struct target *t)
{
	t->walk_error = walk_read_process(&t->snapshot, &t->walk_opts, &t->walk, &t->walk_why);
	t->has_walk = t->walk_error == 0;
}

static void capture_target(void *arg)
{
	struct target *t = arg;

	t->result = snapshot_capture(t->fs, t->pid, &t->opts, &t->snapshot, &t->err);
	if (t->result == 0 && t->wants_walk && !t->snapshot.regions_why)
		read_walk(t);
}

/* Captures all; a target that does not answer in time keeps its memory for good. */
static int capture_all(const struct context *ctx, const pid_t *pids, size_t n,
		       struct target **targets, struct err *err)
{
	auto_free struct workers_job *jobs = xcalloc(n, sizeof(*jobs));
	int64_t deadline_ns = n > 1 ? DEADLINE_S * NS_PER_S : 0;
	int ret;

	for (size_t i = 0; i < n; i++) {
		targets[i] = xcalloc(1, sizeof(*targets[i]));
		targets[i]->fs = ctx->fs;
		targets[i]->pid = pids[i];
		targets[i]->opts = (struct capture_opts){
			.rules = &ctx->config->rules,
			.clock = ctx->clock,
			.with_cmdline = !ctx->options->no_cmdline
		};
		targets[i]->walk_why = ctx->options->deep && !ctx->fs->live ? why_not_recorded
									    : NULL;
		targets[i]->wants_walk = ctx->options->deep && ctx->fs->live;
		targets[i]->walk_opts = (struct walk_opts){
			.want = ctx->options->deep,
			.large_bytes = ctx->options->large_bytes,
			.preview = ctx->options->preview,
			.clock = ctx->clock,
			.cancel = &interrupted,
			.fs = ctx->fs,
			.freeze = ctx->options->freeze,
		};
		jobs[i] = (struct workers_job){ .run = capture_target, .arg = targets[i] };
	}
	/* Of processes that may wait for one another no more than one stands still. */
	ret = workers_run(jobs, n, ctx->options->freeze ? 1 : THREADS, deadline_ns);
	if (ret < 0)
		return err_set_errno(err, -ret, "threads");
	for (size_t i = 0; i < n; i++) {
		if (!jobs[i].abandoned)
			continue;
		targets[i] = xcalloc(1, sizeof(*targets[i]));
		targets[i]->pid = pids[i];
		targets[i]->result = err_set(&targets[i]->err, ETIMEDOUT,
					     "process %d: no answer within %d s", pids[i],
					     DEADLINE_S);
	}
	return 0;
}

static void judge(struct target *t, const struct options *o)
{
	accounting_init(&t->accounting, &t->snapshot);
	off_rss_init(&t->off_rss, &t->snapshot, &t->accounting);
	limits_init(&t->limits, &t->snapshot, &t->accounting);
	if (t->has_walk)
		non_object_init(&t->non_object, &t->walk, &t->accounting, &t->walk.arena);
	if (o->has_would_fit)
		t->would_fit = limits_would_fit(&t->limits, o->would_fit_bytes);
}

static void target_free(struct target *t)
{
	if (t->result == 0) {
		limits_release(&t->limits);
		accounting_release(&t->accounting);
		if (t->has_walk)
			walk_release(&t->walk);
		snapshot_release(&t->snapshot);
	}
	free(t);
}

static enum status ceilings_status(const struct target *t, const struct options *o)
{
	enum status status = STATUS_OK;

	for (int i = CEILING_NONE + 1; i < CEILING_COUNT; i++) {
		struct amount is = ceiling_value((enum ceiling)i, &t->accounting.totals,
						 t->accounting.unexplained_permille, NULL);

		if (!(o->ceilings.set >> i & 1))
			continue;
		if (!amount_ok(is))
			status = status_worse(status, STATUS_DENIED);
		else if (is.value > o->ceilings.max[i])
			status = status_worse(status, STATUS_LIMIT);
	}
	return status;
}

/* What a target that was named says about the exit status; enumerated ones only count. */
static enum status target_status(const struct target *t, const struct options *o, bool named)
{
	enum status status = STATUS_OK;

	if (t->result < 0) {
		if (named || t->result == -ETIMEDOUT)
			complain(&t->err);
		return named ? status_of_error(t->result) : STATUS_OK;
	}
	if (o->has_would_fit)
		status = t->would_fit.fits == FIT_NO        ? STATUS_LIMIT
			 : t->would_fit.fits == FIT_UNKNOWN ? STATUS_DENIED
							    : STATUS_OK;
	status = status_worse(status, ceilings_status(t, o));
	if (named && t->walk_error < 0) {
		struct err err = ERR_INIT;

		(void)err_set(&err, -t->walk_error, "process %d: memory: %s", t->pid, t->walk_why);
		complain(&err);
		status = status_worse(status, status_of_error(t->walk_error));
	}
	return named ? status_worse(status, status_of_regions(&t->snapshot)) : status;
}

static struct process_inputs view_of(const struct target *t, const struct context *ctx,
				     struct arena *arena)
{
	struct process_inputs v = {
		.snapshot = &t->snapshot,
		.accounting = &t->accounting,
		.off_rss = &t->off_rss,
		.limits = &t->limits,
		.would_fit = ctx->options->has_would_fit ? &t->would_fit : NULL,
		.walk = t->has_walk ? &t->walk : NULL,
		.walk_why = t->walk_why,
		.non_object = t->has_walk ? &t->non_object : NULL,
	};
	struct findings_input in = {
		.snapshot = v.snapshot,
		.accounting = v.accounting,
		.off_rss = v.off_rss,
		.limits = v.limits,
		.ceilings = &ctx->options->ceilings,
		.walk = v.walk,
		.non_object = v.non_object,
		.beyond_percent = (double)ctx->config->beyond_percent,
		.unexplained_percent = (double)ctx->config->unexplained_percent,
		.cpus = t->fs->live ? (unsigned int)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L) : 0,
	};

	v.findings = findings_collect(&in, arena, &v.n_findings);
	return v;
}

/* Looks like the same address space, and the kernel says it is. */
static bool same_space(const struct procfs *fs, const struct snapshot *a, const struct snapshot *b)
{
	return a->n_regions && a->n_regions == b->n_regions &&
	       a->regions[0].start == b->regions[0].start && procfs_same_mm(fs, a->pid, b->pid);
}

/* No process is left to report on; those that were named have been complained about. */
static enum status none_left(struct target *const *targets, size_t n, size_t n_named)
{
	if (n_named == 0)
		complain(&targets[n - 1]->err);
	return n_named ? STATUS_OK : STATUS_NONE;
}

static enum status report_targets(const struct context *ctx, struct target **targets, size_t n,
				  size_t n_named)
{
	auto_free struct process_inputs *views = xcalloc(n, sizeof(*views));
	auto_free struct group_member *members = xcalloc(n, sizeof(*members));
	struct report report = REPORT_INIT;
	struct build_opts build;
	struct group group;
	struct err err = ERR_INIT;
	enum status status = STATUS_USAGE;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (targets[i]->result < 0)
			continue;
		views[k] = view_of(targets[i], ctx, &report.arena);
		members[k].snapshot = &targets[i]->snapshot;
		for (size_t j = 0; j < k && !members[k].shares_mm; j++)
			members[k].shares_mm = same_space(ctx->fs, members[j].snapshot,
							  members[k].snapshot);
		members[k++].accounting = &targets[i]->accounting;
	}
	if (k == 0)
		return none_left(targets, n, n_named);
	group_init(&group, members, k);
	build = context_build_opts(ctx, views[0].snapshot->sys.boot_id);
	if (build_processes(&report, views, k, k > 1 ? &group : NULL, &build, &err) < 0)
		complain(&err);
	else
		status = output_report(ctx, &report, ctx->options->regions);
	report_release(&report);
	group_release(&group);
	return status;
}

enum status cmd_show(const struct context *ctx)
{
	const struct options *o = ctx->options;
	auto_free pid_t *pids = NULL;
	auto_free struct target **targets = NULL;
	struct err err = ERR_INIT;
	size_t n, n_named;
	enum status status = STATUS_OK;
	int ret;

	if (!o->regions && (o->columns || o->sort)) {
		(void)err_set(&err, EINVAL, "%s: needs -r or a list", o->columns ? "-O" : "--sort");
		complain(&err);
		return STATUS_USAGE;
	}
	ret = select_pids(ctx->fs, o, &pids, &n, &n_named, &err);
	if (ret < 0) {
		complain(&err);
		return status_of_error(ret);
	}
	if (o->deep)
		(void)signal(SIGINT, on_interrupt);
	targets = xcalloc(n, sizeof(struct target *));
	if (capture_all(ctx, pids, n, targets, &err) < 0) {
		complain(&err);
		return STATUS_IO;
	}
	for (size_t i = 0; i < n; i++) {
		if (targets[i]->result == 0)
			judge(targets[i], o);
		status = status_worse(status, target_status(targets[i], o, i < n_named));
	}
	status = status_worse(status, report_targets(ctx, targets, n, n_named));
	for (size_t i = 0; i < n; i++)
		target_free(targets[i]);
	return status;
}
