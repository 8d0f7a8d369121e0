/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/poll on processes to which something happens between two reads.
 */
#include "proc/poll.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "amounts.h"

enum { TIMEOUT_MS = 10000, NOBODY = 65534, MUCH = 128 << 20, KILLS = 5 };

#define AS_TARGET "--as-target"
#define OTHER_PROGRAM "/bin/sleep"
#define OTHER_COMM "sleep"
#define RENAMED "renamed"

static char own_path[4096];

static void die_unless(bool good)
{
	if (!good)
		_exit(EXIT_FAILURE);
}

static void attr_noreturn pause_for_ever(void)
{
	for (;;)
		(void)pause();
}

/* Runs in the target when the test asks for it. */
typedef void act_fn(void);

struct target {
	pid_t pid;
	int go;   /* to be written to */
	int done; /* ends when it has acted, or executed another program */
};

static void attr_noreturn run_target(act_fn *act, int go, int done)
{
	char byte;

	die_unless(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	die_unless(read(go, &byte, 1) == 1);
	act();
	die_unless(close(done) == 0);
	pause_for_ever();
}

static struct target start(act_fn *act)
{
	struct target t;
	int go[2], done[2];

	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(done, O_CLOEXEC), 0);
	t.pid = fork();
	assert_true(t.pid >= 0);
	if (t.pid == 0) {
		die_unless(close(done[0]) == 0);
		run_target(act, go[0], done[1]);
	}
	(void)close(go[0]);
	(void)close(done[1]);
	t.go = go[1];
	t.done = done[0];
	return t;
}

static void let_act(const struct target *t)
{
	char byte;

	assert_int_equal(write(t->go, "g", 1), 1);
	assert_int_equal(read(t->done, &byte, 1), 0);
}

static void stop(const struct target *t)
{
	(void)close(t->go);
	(void)close(t->done);
	(void)kill(t->pid, SIGKILL);
	(void)waitpid(t->pid, NULL, 0);
}

static void do_nothing(void)
{
}

static void execute_other(void)
{
	(void)execl(OTHER_PROGRAM, OTHER_COMM, "1000", NULL);
	die_unless(false);
}

static void execute_same(void)
{
	(void)execl(own_path, own_path, AS_TARGET, NULL);
	die_unless(false);
}

static void rename_itself(void)
{
	die_unless(prctl(PR_SET_NAME, RENAMED) == 0);
}

static void *live_on(void *done attr_unused)
{
	pause_for_ever();
}

static void leave_thread_behind(void)
{
	pthread_t thread;

	die_unless(pthread_create(&thread, NULL, live_on, NULL) == 0);
}

static void leave_by_leader(void)
{
	leave_thread_behind();
	(void)syscall(SYS_close_range, 3, ~0U, 0);
	(void)syscall(SYS_exit, 0);
}

static void exit_thread(int signal attr_unused)
{
	(void)syscall(SYS_exit, 0);
}

/* Two threads end, each by its own signal. */
static void leave_two_by_leader(void)
{
	die_unless(signal(SIGUSR1, exit_thread) != SIG_ERR);
	leave_thread_behind();
	leave_by_leader();
}

/* An event that the test causes. */
typedef void event_fn(const struct target *t);

static void kill_and_reap(const struct target *t)
{
	assert_int_equal(kill(t->pid, SIGKILL), 0);
	assert_int_equal(waitpid(t->pid, NULL, 0), t->pid);
}

static void kill_it(const struct target *t)
{
	siginfo_t info;

	assert_int_equal(kill(t->pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)t->pid, &info, WEXITED | WNOWAIT), 0);
}

static void stop_it(const struct target *t)
{
	siginfo_t info;

	assert_int_equal(kill(t->pid, SIGSTOP), 0);
	assert_int_equal(waitid(P_PID, (id_t)t->pid, &info, WSTOPPED | WNOWAIT), 0);
}

static void wait_for_dead_leader(const struct target *t)
{
	struct procfs fs = PROCFS_INIT;
	struct proc_stat stat = { .state = 'R' };
	auto_close int dirfd = -1;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	dirfd = procfs_open_pid(&fs, t->pid);
	for (int i = 0; i < TIMEOUT_MS && stat.state != 'Z'; i++) {
		assert_int_equal(proc_stat_read(dirfd, &stat), 0);
		(void)usleep(1000);
	}
	procfs_close(&fs);
	assert_int_equal(stat.state, 'Z');
	assert_true(stat.threads >= 2);
}

static void wait_and_kill(const struct target *t)
{
	wait_for_dead_leader(t);
	kill_and_reap(t);
}

/* Another process takes the PID; if that is denied, the test is skipped. */
static void replace(const struct target *t)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&t->pid,
		.set_tid_size = 1,
	};
	long pid;

	kill_and_reap(t);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		pause_for_ever();
	if (pid < 0)
		skip();
	assert_int_equal(pid, t->pid);
}

struct proc_poll_row {
	const char *name;
	act_fn *act;
	event_fn *event;  /* NULL: nothing */
	int want;         /* of the read after that */
	const char *comm; /* then, if it lives; NULL: as before */
	bool denied;      /* the pagemap is denied: only the name can show exec */
};

static const struct proc_poll_row proc_poll_rows[] = {
	{ "nothing: the same program", do_nothing, NULL, 0, NULL, false },
	{ "stopped: the same program", do_nothing, stop_it, 0, NULL, false },
	{ "a new name: the same program", rename_itself, NULL, 0, RENAMED, false },
	{ "another program: told", execute_other, NULL, 1, OTHER_COMM, false },
	{ "the same program executed again: told", execute_same, NULL, 1, NULL, false },
	{ "a thread more: the same program", leave_thread_behind, NULL, 0, NULL, false },
	{ "the first thread exits: the same program", leave_by_leader, wait_for_dead_leader, 0,
	  NULL, false },
	{ "the first thread exits, then all: ended", leave_by_leader, wait_and_kill, -ESRCH, NULL,
	  false },
	{ "killed: ended", do_nothing, kill_and_reap, -ESRCH, NULL, false },
	{ "a zombie: ended", do_nothing, kill_it, -ESRCH, NULL, false },
	{ "killed after another program: ended", execute_other, kill_and_reap, -ESRCH, NULL,
	  false },
	{ "another process with its PID: ended", do_nothing, replace, -ESRCH, NULL, false },
	{ "denied, nothing: the same program", do_nothing, NULL, 0, NULL, true },
	{ "denied, another program: told", execute_other, NULL, 1, OTHER_COMM, true },
	{ "denied, the first thread exits: the same program", leave_by_leader, wait_for_dead_leader,
	  0, NULL, true },
	{ "denied, a zombie: ended", do_nothing, kill_it, -ESRCH, NULL, true },
	{ "denied, another process with its PID: ended", do_nothing, replace, -ESRCH, NULL, true },
};

static void open_poll(pid_t pid, struct proc_poll *ret_poll)
{
	struct procfs fs = PROCFS_INIT;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	assert_int_equal(proc_poll_open(&fs, pid, ret_poll), 0);
	procfs_close(&fs);
}

static void check_read(struct proc_poll *poll, int want, const char *comm)
{
	auto_sbuf text = SBUF_INIT;
	struct proc_status status = { .state = 0 };

	assert_int_equal(proc_poll_read(poll, &text, &status), want);
	if (want < 0) {
		assert_int_equal(status.state, 0); /* untouched */
		return;
	}
	assert_true(amount_ok(status.v[PS_VM_RSS]) && status.v[PS_VM_RSS].value > 0);
	assert_string_equal(status.comm, comm);
	if (want == 1)
		assert_string_equal(poll->stat.comm, comm);
}

/* Reads with the rights of the row; the test itself may do anything to the target. */
static void read_as(const struct proc_poll_row *row)
{
	assert_int_equal(seteuid(row->denied ? NOBODY : geteuid()), 0);
}

static void test_poll(void **state)
{
	const struct proc_poll_row *row = *state;
	uid_t uid = geteuid();
	char before[PROC_COMM_MAX];
	const char *after = row->comm ? row->comm : before;
	struct target t;
	struct proc_poll poll;

	if (row->denied && uid != 0)
		skip();
	t = start(row->act);
	read_as(row);
	open_poll(t.pid, &poll);
	assert_true(poll.statusfd >= 0 && (poll.pagemapfd < 0) == row->denied);
	memcpy(before, poll.stat.comm, sizeof(before));
	check_read(&poll, 0, before);
	assert_int_equal(seteuid(uid), 0);
	let_act(&t);
	if (row->event)
		row->event(&t);
	read_as(row);
	check_read(&poll, row->want, after);
	check_read(&poll, MIN(row->want, 0), after); /* it is reported once */
	assert_int_equal(seteuid(uid), 0);
	proc_poll_close(&poll);
	stop(&t);
}

/* A process whose first thread was already dead when it was opened. */
static void test_dead_leader(void **state attr_unused)
{
	struct target t = start(leave_by_leader);
	struct proc_poll poll;

	let_act(&t);
	wait_for_dead_leader(&t);
	open_poll(t.pid, &poll);
	check_read(&poll, 0, poll.stat.comm);
	check_read(&poll, 0, poll.stat.comm);
	kill_and_reap(&t);
	check_read(&poll, -ESRCH, NULL);
	proc_poll_close(&poll);
	stop(&t);
}

/* Ends the thread that a reader finds first, and waits for its end. */
static void end_first_thread(const struct proc_poll *poll)
{
	auto_free pid_t *tids = NULL;
	size_t n;
	char task[32];

	assert_int_equal(proc_tasks_list(poll->dirfd, &tids, &n), 0);
	assert_true(n == 3 && tids[0] == poll->pid);
	assert_int_equal(syscall(SYS_tgkill, poll->pid, tids[1], SIGUSR1), 0);
	(void)snprintf(task, sizeof(task), "task/%d", tids[1]);
	for (int i = 0; i < TIMEOUT_MS && faccessat(poll->dirfd, task, F_OK, 0) == 0; i++)
		(void)usleep(1000);
}

static void test_successor_exits(void **state attr_unused)
{
	struct target t = start(leave_two_by_leader);
	struct proc_poll poll;

	let_act(&t);
	wait_for_dead_leader(&t);
	open_poll(t.pid, &poll);
	check_read(&poll, 0, poll.stat.comm);
	end_first_thread(&poll);
	check_read(&poll, 0, poll.stat.comm);
	kill_and_reap(&t);
	check_read(&poll, -ESRCH, NULL);
	proc_poll_close(&poll);
	stop(&t);
}

/*
 * Much memory takes long to give up, and what was opened for it is lost meanwhile, as after exec.
 */
static void fill_memory(void)
{
	void *memory = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	die_unless(memory != MAP_FAILED);
	(void)madvise(memory, MUCH, MADV_NOHUGEPAGE);
	memset(memory, 1, MUCH);
}

static void test_killed_while_read(void **state attr_unused)
{
	for (int i = 0; i < KILLS; i++) {
		struct target t = start(fill_memory);
		struct proc_status status;
		struct proc_poll poll;
		auto_sbuf text = SBUF_INIT;
		int ret = 0;

		let_act(&t);
		open_poll(t.pid, &poll);
		assert_int_equal(kill(t.pid, SIGKILL), 0);
		while (ret == 0)
			ret = proc_poll_read(&poll, &text, &status);
		assert_int_equal(ret, -ESRCH);
		proc_poll_close(&poll);
		stop(&t);
	}
}

static void test_open_ended(void **state attr_unused)
{
	struct target t = start(do_nothing);
	struct procfs fs = PROCFS_INIT;
	struct proc_poll poll;

	kill_and_reap(&t);
	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	assert_int_equal(proc_poll_open(&fs, t.pid, &poll), -ESRCH);
	procfs_close(&fs);
	stop(&t);
}

int main(int argc, char **argv)
{
	struct row_tests list = { NULL, 0, 0 };
	ssize_t len = readlink("/proc/self/exe", own_path, sizeof(own_path) - 1);

	if (argc == 2 && streq(argv[1], AS_TARGET)) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause_for_ever();
	}
	if (len < 0)
		return EXIT_FAILURE;
	ROWS_ADD(&list, "poll", proc_poll_rows, test_poll);
	rows_add_one(&list, "poll: opened when the first thread had exited", test_dead_leader);
	rows_add_one(&list, "poll: the thread read in place of the first exits",
		     test_successor_exits);
	rows_add_one(&list, "poll: killed while it is read: ended", test_killed_while_read);
	rows_add_one(&list, "poll: a process that has ended cannot be opened", test_open_ended);
	return rows_run("poll, live", &list);
}
