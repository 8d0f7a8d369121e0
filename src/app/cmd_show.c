/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/cmd.h"

#include <errno.h>

#include "app/inspect.h"
#include "app/output.h"
#include "app/select.h"
#include "base/alloc.h"
#include "base/workers.h"

enum { DEADLINE_S = 10, THREADS = 2 };

/*
 * Reads all processes on a few threads. If a process does not answer in time, its thread keeps the
 * inspection, and a new inspection with the error takes its place.
 */
static int read_all(const struct inspect_opts *opts, const pid_t *pids, size_t n,
		    struct inspection **ret, struct err *err)
{
	auto_free struct workers_job *jobs = xcalloc(n, sizeof(*jobs));
	int64_t deadline_ns = n > 1 ? DEADLINE_S * NS_PER_S : 0;
	int error;

	for (size_t i = 0; i < n; i++) {
		ret[i] = inspection_new(opts, pids[i]);
		jobs[i] = (struct workers_job){ .run = inspection_run, .arg = ret[i] };
	}
	/* Processes that wait for one another must not be frozen at the same time. */
	error = workers_run(jobs, n, opts->freeze ? 1 : THREADS, deadline_ns);
	if (error < 0)
		return err_set_errno(err, -error, "threads");
	for (size_t i = 0; i < n; i++) {
		if (!jobs[i].abandoned)
			continue;
		ret[i] = inspection_new(opts, pids[i]);
		ret[i]->result = err_set(&ret[i]->err, ETIMEDOUT,
					 "process %d: no answer within %d s", pids[i], DEADLINE_S);
	}
	return 0;
}

static enum status ceilings_status(const struct inspection *in, const struct options *o)
{
	enum status status = STATUS_OK;

	for (int i = CEILING_NONE + 1; i < CEILING_COUNT; i++) {
		struct amount is = ceiling_value((enum ceiling)i, &in->accounting.totals,
						 in->accounting.unexplained_permille, NULL);

		if (!(o->ceilings.set >> i & 1))
			continue;
		if (!amount_ok(is))
			status = status_worse(status, STATUS_DENIED);
		else if (is.value > o->ceilings.max[i])
			status = status_worse(status, STATUS_LIMIT);
	}
	return status;
}

/* Returns the exit status for a process. If a filter found it, only limits count. */
static enum status exit_status(const struct inspection *in, const struct options *o, bool named)
{
	enum status status = STATUS_OK;

	if (in->result < 0) {
		if (named || in->result == -ETIMEDOUT)
			complain(&in->err);
		return named ? status_of_error(in->result) : STATUS_OK;
	}
	if (o->has_would_fit)
		status = in->would_fit.fits == FIT_NO        ? STATUS_LIMIT
			 : in->would_fit.fits == FIT_UNKNOWN ? STATUS_DENIED
							     : STATUS_OK;
	status = status_worse(status, ceilings_status(in, o));
	if (!named)
		return status;
	status = status_worse(status, status_of_walk(in));
	return status_worse(status, status_of_regions(&in->snapshot));
}

/*
 * Returns whether two processes have one address space: it looks the same, and the kernel says so.
 */
static bool same_space(const struct procfs *fs, const struct snapshot *a, const struct snapshot *b)
{
	return a->n_regions && a->n_regions == b->n_regions &&
	       a->regions[0].start == b->regions[0].start && procfs_same_mm(fs, a->pid, b->pid);
}

/*
 * Returns the exit status if no process can be shown. Errors of named processes were printed
 * before.
 */
static enum status none_left(struct inspection *const *inspections, size_t n, size_t n_named)
{
	if (n_named == 0)
		complain(&inspections[n - 1]->err);
	return n_named ? STATUS_OK : STATUS_NONE;
}

static enum status report_on(const struct context *ctx, struct inspection **inspections, size_t n,
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
		if (inspections[i]->result < 0)
			continue;
		views[k] = process_inputs_of(inspections[i]);
		members[k].snapshot = &inspections[i]->snapshot;
		for (size_t j = 0; j < k && !members[k].shares_mm; j++)
			members[k].shares_mm = same_space(ctx->fs, members[j].snapshot,
							  members[k].snapshot);
		members[k++].accounting = &inspections[i]->accounting;
	}
	if (k == 0)
		return none_left(inspections, n, n_named);
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
	auto_free struct inspection **inspections = NULL;
	struct inspect_opts opts = context_inspect_opts(ctx);
	struct err err = ERR_INIT;
	size_t n, n_named;
	enum status status = STATUS_OK;
	int ret;

	ret = select_pids(ctx->fs, o, &pids, &n, &n_named, &err);
	if (ret < 0) {
		complain(&err);
		return status_of_error(ret);
	}
	if (o->deep)
		inspect_catch_interrupt(&opts);
	inspections = xcalloc(n, sizeof(struct inspection *));
	if (read_all(&opts, pids, n, inspections, &err) < 0) {
		complain(&err);
		return STATUS_IO;
	}
	for (size_t i = 0; i < n; i++) {
		status = status_worse(status, exit_status(inspections[i], o, i < n_named));
	}
	status = status_worse(status, report_on(ctx, inspections, n, n_named));
	for (size_t i = 0; i < n; i++)
		inspection_free(inspections[i]);
	return status;
}
