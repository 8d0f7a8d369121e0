/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/ticker.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { FD_TIMER, FD_SIGNAL, FD_TASK, FD_FIRST_PROCESS };

static void add_fd(struct ticker *t, int fd, pid_t pid)
{
	t->fds = xgrow(t->fds, t->n, &t->cap_fds, sizeof(*t->fds));
	t->pids = xgrow(t->pids, t->n, &t->cap_pids, sizeof(*t->pids));
	t->fds[t->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	t->pids[t->n++] = pid;
}

static int open_timer(int64_t interval_ns)
{
	struct timespec interval = { .tv_sec = interval_ns / NS_PER_S,
				     .tv_nsec = interval_ns % NS_PER_S };
	struct itimerspec spec = { .it_interval = interval, .it_value = interval };
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &spec, NULL) != 0) {
		int error = -errno;

		(void)close(fd);
		return error;
	}
	return fd;
}

int ticker_init(struct ticker *ret, int64_t interval_ns, struct err *err)
{
	struct ticker t = { .timerfd = -1, .signalfd = -1 };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGINT);
	(void)sigaddset(&mask, SIGTERM);
	(void)sigaddset(&mask, SIGHUP);
	(void)sigaddset(&mask, SIGUSR1);
	t.timerfd = open_timer(interval_ns);
	if (t.timerfd < 0)
		return err_set_errno(err, -t.timerfd, "timer");
	t.signalfd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (t.signalfd < 0) {
		int error = errno;

		(void)close(t.timerfd);
		return err_set_errno(err, error, "signals");
	}
	(void)sigprocmask(SIG_BLOCK, &mask, NULL);
	add_fd(&t, t.timerfd, 0);
	add_fd(&t, t.signalfd, 0);
	add_fd(&t, -1, 0);
	*ret = t;
	return 0;
}

void ticker_release(struct ticker *t)
{
	ticker_set_task(t, NULL);
	for (size_t i = 0; i < t->n; i++)
		if (t->fds[i].fd >= 0)
			(void)close(t->fds[i].fd);
	free(t->fds);
	free(t->pids);
}

int ticker_add_process(struct ticker *t, pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return -errno;
	add_fd(t, fd, pid);
	return 0;
}

/* poll(2) ignores a negative descriptor. */
void ticker_set_task(struct ticker *t, const struct task *task)
{
	if (t->n > FD_TASK)
		t->fds[FD_TASK].fd = task ? task_fd(task) : -1;
}

/*
 * Reads all pending signals, as the kernel returns them by number, not by importance. Returns
 * whether one of them ends the watch.
 */
static bool read_stop(struct ticker *t, struct event *ret)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (read(t->signalfd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			t->wants_snapshot = true;
		else
			stop = true;
	}
	*ret = (struct event){ .occasion = OCCASION_STOP };
	return stop;
}

static bool read_exit(struct ticker *t, struct event *ret)
{
	for (size_t i = FD_FIRST_PROCESS; i < t->n; i++) {
		if (!t->fds[i].revents)
			continue;
		*ret = (struct event){ .occasion = OCCASION_EXIT, .pid = t->pids[i] };
		(void)close(t->fds[i].fd);
		t->n--;
		t->fds[i] = t->fds[t->n];
		t->pids[i] = t->pids[t->n];
		return true;
	}
	return false;
}

static bool read_task(const struct ticker *t, struct event *ret)
{
	*ret = (struct event){ .occasion = OCCASION_TASK };
	return t->fds[FD_TASK].revents != 0;
}

static bool read_tick(struct ticker *t, struct event *ret)
{
	*ret = (struct event){ .occasion = OCCASION_TICK };
	return read(t->timerfd, &ret->ticks, sizeof(ret->ticks)) == sizeof(ret->ticks);
}

static bool take_snapshot(struct ticker *t, struct event *ret)
{
	bool wanted = t->wants_snapshot;

	t->wants_snapshot = false;
	*ret = (struct event){ .occasion = OCCASION_SNAPSHOT };
	return wanted;
}

int ticker_wait(struct ticker *t, struct event *ret)
{
	static const struct timespec at_once = { 0 };

	for (;;) {
		if (ppoll(t->fds, t->n, t->wants_snapshot ? &at_once : NULL, NULL) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		/* Signals that end the watch come first, requests for snapshots last. */
		if ((t->fds[FD_SIGNAL].revents && read_stop(t, ret)) || read_exit(t, ret) ||
		    read_task(t, ret) || (t->fds[FD_TIMER].revents && read_tick(t, ret)) ||
		    take_snapshot(t, ret))
			return 0;
	}
}
