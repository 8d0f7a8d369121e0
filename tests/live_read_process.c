/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/read_process on a child: it is walked as the process that was captured, or not at
 * all.
 */
#include "walk/read_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "model/snapshot/capture.h"
#include "rows.h"

/* A child that executes sleep(1) on request, and its earlier capture. */
struct child {
	struct procfs fs;
	pid_t pid;
	int go, done; /* to be written to; ends when it has executed it */
	struct snapshot snapshot;
};

static void attr_noreturn run_child(int go)
{
	char byte;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && read(go, &byte, 1) == 1)
		(void)execl("/bin/sleep", "sleep", "60", NULL);
	_exit(EXIT_FAILURE);
}

static void child_start(struct child *c)
{
	const struct capture_opts opts = { .rules = &rules_std, .clock = &clock_system };
	int go[2], done[2];

	*c = (struct child){ .fs = PROCFS_INIT };
	assert_int_equal(procfs_open(NULL, &c->fs, NULL), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(done, O_CLOEXEC), 0);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid == 0) {
		(void)close(done[0]);
		run_child(go[0]);
	}
	(void)close(go[0]);
	(void)close(done[1]);
	c->go = go[1];
	c->done = done[0];
	assert_int_equal(snapshot_capture(&c->fs, c->pid, &opts, &c->snapshot, NULL), 0);
}

static int child_read(struct child *c, struct walk *ret, enum reason *ret_why)
{
	const struct walk_opts opts = { .want = WANT_ALL, .clock = &clock_system, .fs = &c->fs };

	return walk_read_process(&c->snapshot, &opts, ret, ret_why);
}

static void child_end(struct child *c)
{
	assert_int_equal(kill(c->pid, SIGKILL), 0);
	assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
	(void)close(c->go);
	(void)close(c->done);
	snapshot_release(&c->snapshot);
	procfs_close(&c->fs);
}

static void test_itself(void **state attr_unused)
{
	struct child c;
	struct walk walk;
	enum reason why = REASON_BY_DESIGN;

	child_start(&c);
	assert_int_equal(child_read(&c, &walk, &why), 0);
	assert_int_equal(why, REASON_NONE);
	assert_int_equal(walk.n_allocators, 1);
	assert_true(walk.attributions.n > 0);
	assert_int_equal(c.snapshot.heap_stats.why, REASON_NONE);
	walk_release(&walk);
	child_end(&c);
}

static void test_another(void **state attr_unused)
{
	struct child c;
	struct walk walk;
	enum reason why = REASON_NONE;

	child_start(&c);
	c.snapshot.stat.start_ticks--;
	assert_int_equal(child_read(&c, &walk, &why), -ESRCH);
	assert_int_equal(why, REASON_GONE);
	child_end(&c);
}

static void test_exec(void **state attr_unused)
{
	struct child c;
	struct walk walk;
	enum reason why = REASON_NONE;
	char byte = 0;

	child_start(&c);
	assert_int_equal(write(c.go, &byte, 1), 1);
	assert_int_equal(read(c.done, &byte, 1), 0);
	assert_int_equal(child_read(&c, &walk, &why), -ESRCH);
	assert_int_equal(why, REASON_OTHER_PROGRAM);
	child_end(&c);
}

static void test_ended(void **state attr_unused)
{
	struct child c;
	struct walk walk;
	enum reason why = REASON_NONE;
	siginfo_t info;

	child_start(&c);
	assert_int_equal(kill(c.pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(child_read(&c, &walk, &why), -ESRCH);
	assert_int_equal(why, REASON_GONE);
	child_end(&c);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "the process that was captured", test_itself);
	rows_add_one(&list, "another one of that PID", test_another);
	rows_add_one(&list, "one that has executed another program", test_exec);
	rows_add_one(&list, "one that has ended", test_ended);
	return rows_run("read_process, live", &list);
}
