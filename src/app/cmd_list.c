/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/cmd.h"

#include <errno.h>

#include "app/output.h"
#include "app/select.h"
#include "model/snapshot/proclist.h"

enum { DEADLINE_MS = 2000, THREADS = 2 };

static const struct proclist_row *find_row(const struct proclist *list, pid_t pid)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->rows[i].pid == pid)
			return &list->rows[i];
	}
	return NULL;
}

/* Returns the exit status, which only the processes that the user named can change. */
static enum status named_status(const struct proclist *list, const pid_t *named, size_t n)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < n; i++) {
		const struct proclist_row *row = find_row(list, named[i]);
		enum reason why = row ? row->rollup_why : REASON_GONE;
		struct err err = ERR_INIT;

		if (!why || why == REASON_NO_MM || why == REASON_NOT_RECORDED)
			continue;
		(void)err_set(&err, ESRCH, "process %d: %s%s", named[i],
			      row ? "smaps_rollup: " : "",
			      row ? reason_text(why) : "no such process");
		complain(&err);
		status = status_worse(status, !row                   ? STATUS_NONE
					      : why == REASON_DENIED ? STATUS_DENIED
								     : STATUS_IO);
	}
	return status;
}

static enum status list_report(const struct context *ctx, struct proclist *list)
{
	struct build_opts build = context_build_opts(ctx, list->boot_id);
	struct report report = REPORT_INIT;
	struct err err = ERR_INIT;
	enum status status = STATUS_USAGE;

	if (build_list(&report, list, &build, &err) < 0)
		complain(&err);
	else
		status = output_report(ctx, &report, true);
	report_release(&report);
	return status;
}

enum status cmd_list(const struct context *ctx)
{
	const struct options *o = ctx->options;
	struct proclist_opts opts = {
		.with_cmdline = !o->no_cmdline,
		.named = o->n_pids > 0,
		.full = o->columns || o->sort || !streq(o->renderer->name, "text"),
		.deadline_ns = DEADLINE_MS * NS_PER_MS,
		.threads = MAX((unsigned int)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L),
			       (unsigned int)THREADS),
	};
	auto_free pid_t *pids = NULL;
	struct proclist list;
	struct err err = ERR_INIT;
	size_t n, n_named;
	enum status status;
	int ret = select_pids(ctx->fs, o, &pids, &n, &n_named, &err);

	if (ret == 0)
		ret = proclist_read(ctx->fs, pids, n, &opts, &list, &err);
	if (ret < 0) {
		complain(&err);
		return status_of_error(ret);
	}
	status = named_status(&list, pids, n_named);
	if (list.n > 0 || n_named == 0)
		status = status_worse(status, list_report(ctx, &list));
	proclist_release(&list);
	return status;
}
