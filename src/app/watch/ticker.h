/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waits for the events of a watch: the next tick, a signal, the end of a process or of a task.
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
	bool wants_snapshot; /* SIGUSR1 was read but not returned as an event yet */
	struct pollfd *fds;  /* timerfd, signalfd, that of the task, then pidfds */
	pid_t *pids;         /* the process of each of fds; 0 if it is not a pidfd */
	size_t n, cap_fds, cap_pids;
};

struct event {
	enum occasion occasion;
	pid_t pid;
	uint64_t ticks; /* since the last event of this kind; if more than 1, some were missed */
};

/*
 * Starts ticks, the first after one interval, and blocks the signals. They stay blocked after
 * ticker_release, so that a second SIGINT does not kill the program while it finishes. Returns 0,
 * or -errno with err set. The caller releases *ret.
 */
int ticker_init(struct ticker *ret, int64_t interval_ns, struct err *err);
void ticker_release(struct ticker *t);
/*
 * Also waits for the end of this process. Returns 0, or -errno: then the caller notices its end
 * only at the next tick.
 */
int ticker_add_process(struct ticker *t, pid_t pid);

/* Also waits for the end of this task, which the caller owns. NULL: waits for no task. */
void ticker_set_task(struct ticker *t, const struct task *task);

/* Waits for the next event. Returns 0 or -errno. */
int ticker_wait(struct ticker *t, struct event *ret);

#endif
