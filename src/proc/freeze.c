/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/amount.h"
#include "base/io.h"
#include "proc/cgroup.h"
#include "proc/procinfo.h"

enum { GROUP_FILE_MAX = 4096, POLL_MS = 1, GUARD_IN_TIME = 0, GUARD_LATE = 1 };

enum { FD_LINE, FD_PROCESS, FD_GROUP, FD_COUNT }; /* the guard's only descriptors */

/* The state of all threads of a process together. */
struct posture {
	bool still;  /* no thread runs: all are stopped or have exited */
	bool held;   /* no thread can run: stopped, exited, or in the kernel with a stop pending */
	bool traced; /* some thread has a debugger */
	bool stopping; /* some thread has stopped; the others will soon, as a stop is for all */
};

static bool is_traced(int dirfd)
{
	auto_sbuf text = SBUF_INIT;

	return io_read_piece_at(dirfd, "status", 64 << 10, &text) == 0 &&
	       strstr(sbuf_str(&text), "\nTracerPid:\t") &&
	       !strstr(sbuf_str(&text), "\nTracerPid:\t0\n");
}

/*
 * Reads the state of all threads. Returns 0 or -errno; threads that end meanwhile count as still.
 */
static int look(int dirfd, struct posture *ret)
{
	auto_free pid_t *tids = NULL;
	struct posture p = { .still = true, .held = true };
	size_t n = 0;
	int r = proc_tasks_list(dirfd, &tids, &n);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		auto_close int fd = -1;
		struct proc_stat stat;
		char name[32];

		(void)snprintf(name, sizeof(name), "task/%d", tids[i]);
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || proc_stat_read(fd, &stat) < 0 || strchr("ZX", stat.state))
			continue;
		p.still &= stat.state == 'T' || stat.state == 't';
		p.held &= stat.state == 'T' || stat.state == 't' || stat.state == 'D';
		p.traced |= is_traced(fd);
		p.stopping |= stat.state == 'T';
	}
	*ret = p;
	return 0;
}

static bool says(int dirfd, const char *name, const char *line)
{
	auto_sbuf text = SBUF_INIT;
	const char *found;

	if (io_read_piece_at(dirfd, name, GROUP_FILE_MAX, &text) < 0)
		return false;
	found = strstr(sbuf_str(&text), line);
	return found && (found == sbuf_str(&text) || found[-1] == '\n');
}

/*
 * Returns cgroup.freeze of a group that has no other process, if it can be frozen and is not; else
 * -1.
 */
static int open_group(const struct procfs *fs, int dirfd, int *ret_dir)
{
	auto_close int dir = cgroup_v2_open(fs, dirfd);
	struct proc_stat stat;
	char alone[32];
	auto_sbuf text = SBUF_INIT;

	*ret_dir = -1;
	if (dir < 0 || proc_stat_read(dirfd, &stat) < 0 ||
	    io_read_at(dir, "cgroup.procs", GROUP_FILE_MAX, &text) < 0)
		return -1;
	(void)snprintf(alone, sizeof(alone), "%d\n", stat.pid);
	if (!streq(sbuf_str(&text), alone) || !says(dir, "cgroup.stat", "nr_descendants 0\n") ||
	    !says(dir, "cgroup.freeze", "0\n"))
		return -1;
	*ret_dir = steal_fd(&dir);
	return openat(*ret_dir, "cgroup.freeze", O_WRONLY | O_CLOEXEC);
}

static bool hold(int dirfd, int group, bool still)
{
	if (group >= 0)
		return write(group, still ? "1" : "0", 1) == 1;
	/* The directory identifies the process, even if its number is used again. */
	return syscall(SYS_pidfd_send_signal, dirfd, still ? SIGSTOP : SIGCONT, NULL, 0) == 0;
}

/*
 * Runs the guard, which may do only what a signal handler may. It closes all descriptors but its
 * own, so that neither a reader of our output nor another guard waits for it, and a signal from a
 * terminal does not reach it.
 */
static attr_noreturn void guard(const struct freeze *f, int line)
{
	const int from[FD_COUNT] = { line, f->dirfd, f->group };
	struct pollfd wait = { .fd = FD_LINE, .events = POLLIN };
	int high[FD_COUNT], n;

	(void)setsid();
	(void)prctl(PR_SET_NAME, "memspect-guard");
	for (int i = 0; i < FD_COUNT; i++)
		high[i] = from[i] < 0 ? -1 : fcntl(from[i], F_DUPFD, FD_COUNT);
	for (int i = 0; i < FD_COUNT; i++) {
		if (high[i] < 0)
			(void)close(i);
		else
			(void)dup2(high[i], i);
	}
	(void)syscall(SYS_close_range, FD_COUNT, ~0U, 0);
	do
		n = poll(&wait, 1, FREEZE_MAX_S * 1000);
	while (n < 0 && errno == EINTR);
	(void)hold(FD_PROCESS, f->group < 0 ? -1 : FD_GROUP, false);
	_exit(n == 0 ? GUARD_LATE : GUARD_IN_TIME);
}

static int start_guard(struct freeze *f)
{
	sigset_t all, before;
	int line[2];

	if (pipe2(line, O_CLOEXEC) < 0)
		return -errno;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	f->guard = fork();
	if (f->guard == 0)
		guard(f, line[0]);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)close(line[0]);
	if (f->guard > 0) {
		f->line = line[1];
		return 0;
	}
	f->guard = 0;
	(void)close(line[1]);
	return -EAGAIN;
}

/*
 * Waits until no thread runs. A thread in the kernel (state D) stops only when it returns, which
 * may take long: at the end of the waiting time it is enough that it is in the kernel.
 */
static int wait_still(const struct freeze *f, int group_dir)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * NS_PER_MS };
	int64_t end = f->started_ns + FREEZE_WAIT_MS * NS_PER_MS;
	struct posture p = { 0 };
	int r;

	for (;;) {
		if (group_dir >= 0 && says(group_dir, "cgroup.events", "frozen 1\n"))
			return 0;
		r = group_dir >= 0 ? 0 : look(f->dirfd, &p);
		if (r < 0 || p.still)
			return r;
		if (f->clock->boot_ns(f->clock->arg) >= end)
			return p.held ? 0 : -ETIMEDOUT;
		(void)nanosleep(&pause, NULL);
	}
}

static void release(struct freeze *f)
{
	util_cleanup_close(&f->line);
	util_cleanup_close(&f->group);
}

int freeze_start(const struct procfs *fs, int dirfd, const struct clock *clock, struct freeze *ret)
{
	struct freeze f = { .dirfd = dirfd, .group = -1, .line = -1, .clock = clock };
	auto_close int group_dir = -1;
	struct posture before;
	int64_t held_ns;
	int r = look(dirfd, &before);

	if (r < 0)
		return r;
	f.started_ns = clock->boot_ns(clock->arg);
	/*
	 * A stop that another process caused is not ours to end; it reaches all threads after a
	 * moment.
	 */
	if (!before.still && before.stopping && !before.traced) {
		r = wait_still(&f, group_dir);
		if (r < 0)
			return r;
	} else if (!before.still) {
		f.group = open_group(fs, dirfd, &group_dir);
		r = f.group < 0 && before.traced ? -EBUSY : start_guard(&f);
		if (r < 0) {
			release(&f);
			return r;
		}
		errno = 0;
		r = hold(dirfd, f.group, true) ? wait_still(&f, group_dir) : -MAX(errno, 1);
		if (r < 0) {
			(void)freeze_end(&f, &held_ns);
			return r;
		}
	}
	*ret = f;
	return 0;
}

int freeze_end(struct freeze *f, int64_t *ret_ns)
{
	int status = 0;

	*ret_ns = 0;
	if (!f->guard)
		return 0;
	util_cleanup_close(&f->line);
	f->line = -1;
	while (waitpid(f->guard, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status)) /* another process killed the guard */
		(void)hold(f->dirfd, f->group, false);
	*ret_ns = f->clock->boot_ns(f->clock->arg) - f->started_ns;
	release(f);
	return WIFEXITED(status) && WEXITSTATUS(status) == GUARD_LATE ? -ETIMEDOUT : 0;
}

enum reason freeze_why(int error)
{
	switch (error) {
	case -EBUSY:
		return REASON_TRACED;
	case -ETIMEDOUT:
		return REASON_NOT_STOPPED;
	case -EACCES:
	case -EPERM:
		return REASON_STOP_DENIED;
	default:
		return reason_of_errno(error);
	}
}
