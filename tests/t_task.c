/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/task: a task ends or is abandoned, and the caller is notified of its end. */
#include "base/task.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "rows.h"

static void set_one(void *arg)
{
	*(int *)arg = 1;
}

static void test_ends(void **state attr_unused)
{
	struct task *t;
	int done = 0;

	assert_int_equal(task_start(set_one, &done, &t), 0);
	assert_true(task_end(t, 60 * NS_PER_S));
	assert_int_equal(done, 1);
}

static void test_is_heard(void **state attr_unused)
{
	struct pollfd fd = { .events = POLLIN };
	struct task *t;
	int done = 0;

	assert_int_equal(task_start(set_one, &done, &t), 0);
	fd.fd = task_fd(t);
	assert_int_equal(poll(&fd, 1, 60000), 1);
	assert_true(task_end(t, 0));
	assert_int_equal(done, 1);
}

static void wait_for_byte(void *arg)
{
	int *pipe_fds = arg;
	char c;

	if (read(pipe_fds[0], &c, 1) == 1)
		(void)write(pipe_fds[1], &c, 1);
}

/* An abandoned task runs as long as it likes, with its own argument. */
static void test_is_left(void **state attr_unused)
{
	int in[2], out[2];
	static int fds[2];
	struct task *t;
	char c = 'x';

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	fds[0] = in[0];
	fds[1] = out[1];
	assert_int_equal(task_start(wait_for_byte, fds, &t), 0);
	assert_false(task_end(t, NS_PER_MS));
	assert_int_equal(write(in[1], "y", 1), 1);
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_int_equal(c, 'y');
}

static void get_mask(void *arg)
{
	(void)pthread_sigmask(SIG_SETMASK, NULL, arg);
}

static void test_signals(void **state attr_unused)
{
	struct task *t;
	sigset_t mask, own;

	(void)sigemptyset(&mask);
	assert_int_equal(task_start(get_mask, &mask, &t), 0);
	assert_true(task_end(t, 60 * NS_PER_S));
	assert_int_equal(sigismember(&mask, SIGINT), 1);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &own), 0);
	assert_int_equal(sigismember(&own, SIGINT), 0);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "ends", test_ends);
	rows_add_one(&list, "its end is heard", test_is_heard);
	rows_add_one(&list, "is left behind", test_is_left);
	rows_add_one(&list, "signals are not for it, and are still for the caller", test_signals);
	return rows_run("task", &list);
}
