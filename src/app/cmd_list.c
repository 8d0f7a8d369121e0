/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/modes.h"

#include <errno.h>

#include "app/select.h"
#include "model/proclist.h"

enum { DEADLINE_MS = 2000, THREADS = 2 };

enum status cmd_list(const struct context *ctx)
{
	const struct options *o = ctx->options;
	struct proclist_opts opts = {
		.with_cmdline = !o->no_cmdline,
		.full = o->columns || o->sort || !streq(o->renderer->name, "text"),
		.deadline_ns = (int64_t)DEADLINE_MS * 1000000,
		.threads = MAX((unsigned int)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L),
			       (unsigned int)THREADS),
	};
	auto_free pid_t *pids = NULL;
	struct report report = REPORT_INIT;
	struct proclist list;
	struct err err = ERR_INIT;
	struct build_opts build;
	size_t n, n_named;
	int ret = select_pids(ctx->fs, o, &pids, &n, &n_named, &err);
	enum status status = STATUS_USAGE;

	if (ret == 0)
		ret = proclist_read(ctx->fs, pids, n, &opts, &list, &err);
	if (ret < 0) {
		complain(&err);
		return ret == -ESRCH ? STATUS_NONE : ret == -EINVAL ? STATUS_USAGE : STATUS_IO;
	}
	build = context_build_opts(ctx, list.boot_id);
	if (build_list(&report, &list, &build, &err) < 0)
		complain(&err);
	else
		status = output_report(ctx, &report, true);
	report_release(&report);
	proclist_release(&list);
	return status;
}
