/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/ticker.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { FD_TIMER, FD_SIGNAL, FD_FIRST_PROCESS };

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
	(void)sigprocmask(SIG_BLOCK, &mask, &t.mask_before);
	add_fd(&t, t.timerfd, 0);
	add_fd(&t, t.signalfd, 0);
	*ret = t;
	return 0;
}

void ticker_release(struct ticker *t)
{
	for (size_t i = 0; i < t->n; i++)
		(void)close(t->fds[i].fd);
	(void)sigprocmask(SIG_SETMASK, &t->mask_before, NULL);
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

static bool read_signal(struct ticker *t, struct event *ret)
{
	struct signalfd_siginfo info;

	if (read(t->signalfd, &info, sizeof(info)) != sizeof(info))
		return false;
	ret->occasion = info.ssi_signo == SIGUSR1 ? OCCASION_SNAPSHOT : OCCASION_STOP;
	return true;
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

static bool read_tick(struct ticker *t, struct event *ret)
{
	*ret = (struct event){ .occasion = OCCASION_TICK };
	return read(t->timerfd, &ret->ticks, sizeof(ret->ticks)) == sizeof(ret->ticks);
}

int ticker_wait(struct ticker *t, struct event *ret)
{
	for (;;) {
		*ret = (struct event){ .ticks = 0 };
		if (ppoll(t->fds, t->n, NULL, NULL) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		/* A user who wants to stop is heard first. */
		if ((t->fds[FD_SIGNAL].revents && read_signal(t, ret)) || read_exit(t, ret) ||
		    (t->fds[FD_TIMER].revents && read_tick(t, ret)))
			return 0;
	}
}
