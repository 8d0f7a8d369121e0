/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stops a process while it is read: the only thing in this program that affects a process. If the
 * process is alone in a control group (version 2) that we may write to, the freezer of the group is
 * used, which no process notices; otherwise SIGSTOP and SIGCONT, which its parent notices.
 *
 * A guard, a process of its own, lets the process continue: when it is told to, when we end for
 * whatever reason, and after FREEZE_MAX_S in any case. A process that was stopped before stays
 * stopped.
 */
#ifndef PROC_FREEZE_H
#define PROC_FREEZE_H

#include <sys/types.h>

#include "base/clock.h"
#include "base/util.h"
#include "proc/procfs.h"

enum {
	FREEZE_MAX_S = 30,     /* then the process continues, whether or not it was read */
	FREEZE_WAIT_MS = 1000, /* the longest wait for all threads to stop */
};

struct freeze {
	int dirfd;   /* of the process; not owned */
	int group;   /* cgroup.freeze; -1: by signals */
	int line;    /* to the guard, which acts when this is closed */
	pid_t guard; /* 0: the process was stopped already, so nothing has to be undone */
	const struct clock *clock;
	int64_t started_ns;
};

/*
 * Freezes the live process whose directory is dirfd (not a thread's), which must stay open. Returns
 * 0 and sets *ret for freeze_end; -EBUSY if a debugger traces the process, which then decides about
 * stopping it; -ETIMEDOUT if it did not stop (it continues); or -errno.
 */
int freeze_start(const struct procfs *fs, int dirfd, const struct clock *clock, struct freeze *ret);
/*
 * Lets the process continue, unless it was stopped before, and sets how long it was stopped.
 * Returns 0, or -ETIMEDOUT if it had already continued because FREEZE_MAX_S was over.
 */
int freeze_end(struct freeze *f, int64_t *ret_ns);

/* Returns the reason for an error of freeze_start. */
enum reason freeze_why(int error);

#endif
