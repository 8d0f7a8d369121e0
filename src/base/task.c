/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/task.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

/* The second of caller and thread to finish with the task releases it. */
enum { RUNNING, ENDED, LEFT };

struct task {
	pthread_t thread;
	int fd;
	atomic_int state;
	void (*run)(void *arg);
	void *arg;
};

static void task_free(struct task *t)
{
	(void)close(t->fd);
	free(t);
}

static void *task_main(void *arg)
{
	struct task *t = arg;

	t->run(t->arg);
	(void)eventfd_write(t->fd, 1);
	if (atomic_exchange(&t->state, ENDED) == LEFT)
		task_free(t);
	return NULL;
}

int task_start(void (*run)(void *arg), void *arg, struct task **ret)
{
	auto_free struct task *t = xmalloc(sizeof(*t));
	sigset_t all, old;
	int error;

	*t = (struct task){ .fd = eventfd(0, EFD_CLOEXEC), .run = run, .arg = arg };
	if (t->fd < 0)
		return -errno;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&t->thread, NULL, task_main, t);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error) {
		(void)close(t->fd);
		return -error;
	}
	*ret = steal_ptr(t);
	return 0;
}

int task_fd(const struct task *t)
{
	return t->fd;
}

bool task_end(struct task *t, int64_t wait_ns)
{
	struct pollfd fd = { .fd = t->fd, .events = POLLIN };
	struct timespec wait = { .tv_sec = wait_ns / NS_PER_S, .tv_nsec = wait_ns % NS_PER_S };
	pthread_t thread = t->thread;

	while (ppoll(&fd, 1, &wait, NULL) < 0 && errno == EINTR)
		;
	if (!fd.revents && atomic_exchange(&t->state, LEFT) == RUNNING) {
		(void)pthread_detach(thread);
		return false;
	}
	(void)pthread_join(thread, NULL);
	task_free(t);
	return true;
}
