/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a watch waits for: the next tick, a signal, the end of a process or of a task.
 */
#ifndef APP_WATCH_TICKER_H
#define APP_WATCH_TICKER_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/task.h"
#include "base/util.h"

enum occasion {
	OCCASION_TICK,
	OCCASION_EXIT,     /* a process ended: see pid */
	OCCASION_STOP,     /* SIGINT, SIGTERM or SIGHUP */
	OCCASION_TASK,     /* the task has ended */
	OCCASION_SNAPSHOT, /* SIGUSR1 */
};

struct ticker {
	int timerfd; /* CLOCK_BOOTTIME: time spent in suspend counts */
	int signalfd;
	bool wants_snapshot; /* was asked for, and is yet to be told */
	struct pollfd *fds;  /* the two above, that of the task, then pidfds */
	pid_t *pids;         /* as fds; 0 for those that are no process */
	size_t n, cap_fds, cap_pids;
};

struct event {
	enum occasion occasion;
	pid_t pid;
	uint64_t ticks; /* that have passed; more than 1: some were missed */
};

/*
 * The first tick comes after one interval. 0 or -errno with err set; the caller releases *ret. The
 * signals stay blocked for good: who asks twice to stop must not kill us with our work done.
 */
int ticker_init(struct ticker *ret, int64_t interval_ns, struct err *err);
void ticker_release(struct ticker *t);
/* Also waits for the end of this process. 0 or -errno: then it is not noticed before the next tick. */
int ticker_add_process(struct ticker *t, pid_t pid);

/* Also waits for the end of this task, which stays the caller's; NULL: for none any more. */
void ticker_set_task(struct ticker *t, const struct task *task);

/* Waits for the next event. 0 or -errno. */
int ticker_wait(struct ticker *t, struct event *ret);

#endif
