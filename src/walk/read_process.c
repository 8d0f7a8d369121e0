/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/read_process.h"

#include <errno.h>

#include "proc/freeze.h"
#include "proc/procinfo.h"
#include "walk/apply.h"
#include "walk/walkers.h"

/* Stops the process and reads its memory. */
static int read_frozen(const struct snapshot *s, int taskfd, const struct walk_opts *opts,
		       struct walk *ret, enum reason *ret_why)
{
	struct freeze freeze;
	int64_t frozen_ns;
	int status, late;

	status = freeze_start(opts->fs, opts->dirfd, opts->clock, &freeze);
	if (status < 0) {
		*ret_why = freeze_why(status);
		return status == -ESRCH ? status : -EPERM;
	}
	status = walk_read(s, taskfd, opts, ret);
	late = freeze_end(&freeze, &frozen_ns);
	if (status < 0)
		return status;
	ret->frozen_ns = amount_of((uint64_t)frozen_ns);
	if (late < 0 && !ret->partial)
		ret->partial = REASON_LET_GO;
	return 0;
}

/*
 * Checks that it is still the same process and program: the PID may have been reused, and exec
 * replaces all memory.
 */
static int check_same(const struct snapshot *s, int dirfd, enum reason *ret_why)
{
	struct proc_stat now;
	int status = proc_stat_read(dirfd, &now);

	if (status < 0)
		return status;
	if (now.start_ticks != s->stat.start_ticks)
		return -ESRCH;
	/* Where reading it is denied, or the first thread has exited, this is not an address. */
	if (now.start_stack > 1 && s->stat.start_stack > 1 &&
	    now.start_stack != s->stat.start_stack) {
		*ret_why = REASON_OTHER_PROGRAM;
		return -ESRCH;
	}
	return 0;
}

int walk_read_process(struct snapshot *s, const struct walk_opts *opts, struct walk *ret,
		      enum reason *ret_why)
{
	auto_close int dirfd = procfs_open_pid(opts->fs, s->pid);
	/* Opens the memory through any of its threads, as the first may have exited. */
	auto_close int taskfd = dirfd >= 0 ? proc_live_task_open(dirfd) : dirfd;
	struct walk_opts own = *opts;
	int status;

	own.dirfd = dirfd;
	*ret_why = REASON_NONE;
	status = taskfd < 0 ? taskfd : check_same(s, dirfd, ret_why);
	if (status == 0)
		status = own.freeze ? read_frozen(s, taskfd, &own, ret, ret_why)
				    : walk_read(s, taskfd, &own, ret);
	if (status < 0) {
		*ret_why = *ret_why ? *ret_why : reason_of_errno(status);
		return status;
	}
	walk_apply(ret, s);
	return 0;
}
