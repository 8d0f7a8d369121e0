/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds a process still while it is read: the one thing in this program that touches a process. By
 * the freezer of its control group (version 2) if it is alone in one that we may write to, which
 * nobody notices, and else by SIGSTOP and SIGCONT, which its parent does.
 *
 * A guard, a process of its own, lets it go again: when it is told to, when we end in any way, and
 * after FREEZE_MAX_S in any case. What was stopped before is left as it is.
 */
#ifndef PROC_FREEZE_H
#define PROC_FREEZE_H

#include <sys/types.h>

#include "base/clock.h"
#include "base/util.h"
#include "proc/procfs.h"

enum {
	FREEZE_MAX_S = 30,     /* then it goes on, read or not */
	FREEZE_WAIT_MS = 1000, /* for all of its threads to stop */
};

struct freeze {
	int dirfd;   /* of the process; not owned */
	int group;   /* cgroup.freeze; -1: by signals */
	int line;    /* to the guard, which acts when it is closed */
	pid_t guard; /* 0: it was still already, so there is nothing to undo */
	const struct clock *clock;
	int64_t started_ns;
};

/*
 * Freezes the live process whose directory is dirfd (not that of a thread), which must stay open.
 * 0, with *ret for freeze_end; -EBUSY: a debugger traces it, so that stopping it is the debugger's
 * business; -ETIMEDOUT: it did not stop, and goes on; or -errno.
 */
int freeze_start(const struct procfs *fs, int dirfd, const struct clock *clock, struct freeze *ret);
/*
 * Lets it go, unless it was still before, and tells how long it was held. 0, or -ETIMEDOUT if it
 * went on by itself before.
 */
int freeze_end(struct freeze *f, int64_t *ret_ns);

/* Why freeze_start failed, in words. */
enum reason freeze_why(int error);

#endif
