/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/fdscan and proc/sockdiag on processes that hold known memory.
 */
#include "proc/fdscan.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "amounts.h"
#include "proc/procinfo.h"
#include "proc/sockdiag.h"

enum { SENT = 50000, TIMEOUT_MS = 10000, READY = 3 };

struct target {
	pid_t pid;
	int dirfd;
};

static void die_unless(bool good)
{
	if (!good)
		_exit(EXIT_FAILURE);
}

static void die_with_parent(void)
{
	die_unless(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
}

/* The target reports whether it holds what it should, or that this is not possible here. */
static void say(bool made)
{
	die_unless(write(READY, made ? "y" : "n", 1) == 1 && close(READY) == 0);
}

/* Runs in the target, which has no other descriptors than three of /dev/null and READY. */
typedef bool make_fn(void);

static void attr_noreturn run_target(make_fn *make, int ready)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	die_with_parent();
	die_unless(null >= 0);
	for (int fd = 0; fd < 3; fd++)
		die_unless(dup2(null, fd) == fd);
	die_unless(dup2(ready, READY) == READY && syscall(SYS_close_range, READY + 1, ~0U, 0) == 0);
	say(make());
	for (;;)
		(void)pause();
}

/* Returns false if the target cannot hold this here. */
static bool start(const struct procfs *fs, make_fn *make, struct target *ret_target)
{
	int ready[2];
	char answer = 0, end;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	ret_target->pid = fork();
	assert_true(ret_target->pid >= 0);
	if (ret_target->pid == 0)
		run_target(make, ready[1]);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &answer, 1), 1);
	assert_int_equal(read(ready[0], &end, 1), 0); /* it has closed READY */
	(void)close(ready[0]);
	ret_target->dirfd = procfs_open_pid(fs, ret_target->pid);
	assert_true(ret_target->dirfd >= 0);
	return answer == 'y';
}

static void stop(const struct target *t)
{
	(void)close(t->dirfd);
	(void)kill(t->pid, SIGKILL);
	(void)waitpid(t->pid, NULL, 0);
}

static bool make_nothing(void)
{
	return true;
}

static bool make_memfd(void)
{
	static const char bytes[1 << 20];
	int fd = memfd_create("live_fdscan", 0);

	die_unless(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	return dup(fd) >= 0;
}

static bool make_tmpfs(void)
{
	static const char bytes[8192];
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);

	return fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes);
}

static bool make_disk_file(void)
{
	return open("/proc/self/exe", O_RDONLY) >= 0 && open("/proc/self/stat", O_RDONLY) >= 0;
}

static bool make_pipe(void)
{
	int fds[2];

	die_unless(pipe(fds) == 0);
	die_unless(write(fds[1], "0123456789", 10) == 10);
	return dup(fds[0]) >= 0;
}

static void send_all(int fd)
{
	static const char bytes[SENT];

	die_unless(send(fd, bytes, sizeof(bytes), 0) == sizeof(bytes));
}

static void wait_for_all(int fd)
{
	int queued = 0;

	for (int i = 0; i < TIMEOUT_MS && queued < SENT; i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		(void)poll(&p, 1, TIMEOUT_MS);
		die_unless(ioctl(fd, FIONREAD, &queued) == 0);
	}
	die_unless(queued == SENT);
}

static bool make_both_ends(void)
{
	int fds[2];

	die_unless(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	send_all(fds[0]);
	return true;
}

/* Another process holds the other end, and has sent bytes. */
static bool make_receiver(void)
{
	int fds[2];
	pid_t pid;

	die_unless(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	pid = fork();
	die_unless(pid >= 0);
	if (pid == 0) {
		die_with_parent();
		die_unless(close(READY) == 0);
		send_all(fds[1]);
		for (;;)
			(void)pause();
	}
	die_unless(close(fds[1]) == 0);
	wait_for_all(fds[0]);
	return true;
}

static bool make_orphan(void)
{
	int fds[2];

	die_unless(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	send_all(fds[1]);
	return close(fds[1]) == 0;
}

static bool make_datagrams(void)
{
	int fds[2];

	die_unless(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
	send_all(fds[0]);
	return true;
}

/*
 * Returns a socket of this type at an address that the kernel chooses, listening if it is a stream.
 */
static int listen_inet(int family, int type, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(*ret_address);
	int fd = socket(family, type, 0);

	if (fd < 0 || bind(fd, family == AF_INET ? (void *)&v4 : (void *)&v6,
			   family == AF_INET ? sizeof(v4) : sizeof(v6)) < 0)
		return -1;
	die_unless(getsockname(fd, (void *)ret_address, &len) == 0);
	die_unless(type == SOCK_DGRAM || listen(fd, 1) == 0);
	return fd;
}

static bool make_inet(int family, int type)
{
	struct sockaddr_storage address;
	int receiver = listen_inet(family, type, &address), sender = socket(family, type, 0);

	if (receiver < 0 || sender < 0 ||
	    connect(sender, (void *)&address,
		    family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)))
		return false;
	if (type == SOCK_STREAM)
		receiver = accept(receiver, NULL, NULL);
	send_all(sender);
	wait_for_all(receiver);
	return true;
}

static bool make_tcp(void)
{
	return make_inet(AF_INET, SOCK_STREAM);
}

static bool make_tcp6(void)
{
	return make_inet(AF_INET6, SOCK_STREAM);
}

static bool make_udp(void)
{
	return make_inet(AF_INET, SOCK_DGRAM);
}

static bool make_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0;
}

struct held_row {
	const char *name;
	make_fn *make;
	uint64_t descriptors; /* beside three of /dev/null */
	uint64_t file_bytes, pipe_bytes, n_pipes;
	uint64_t unix_least, unix_most;
	uint64_t inet_least, inet_most;
};

/* A message counts with the memory that the kernel needs for it, but not twice. */
#define ONCE SENT, 2 * SENT - 1

static const struct held_row held_rows[] = {
	{ "nothing", make_nothing, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "a memfd twice", make_memfd, 2, 1 << 20, 0, 0, 0, 0, 0, 0 },
	{ "an unlinked tmpfs file", make_tmpfs, 1, 8192, 0, 0, 0, 0, 0, 0 },
	{ "files that are not in memory", make_disk_file, 2, 0, 0, 0, 0, 0, 0, 0 },
	{ "a pipe", make_pipe, 3, 0, 10, 1, 0, 0, 0, 0 },
	{ "both ends of a unix socket", make_both_ends, 2, 0, 0, 0, ONCE, 0, 0 },
	{ "the receiving end of a unix socket", make_receiver, 1, 0, 0, 0, ONCE, 0, 0 },
	{ "a unix socket whose peer is gone", make_orphan, 1, 0, 0, 0, SENT, SENT, 0, 0 },
	{ "unix datagrams", make_datagrams, 2, 0, 0, 0, ONCE, 0, 0 },
	{ "tcp", make_tcp, 3, 0, 0, 0, 0, 0, ONCE },
	{ "tcp of IPv6", make_tcp6, 3, 0, 0, 0, 0, 0, ONCE },
	{ "udp", make_udp, 2, 0, 0, 0, 0, 0, ONCE },
	{ "a socket of another kind", make_netlink, 1, 0, 0, 0, 0, 0, 0, 0 },
};

static void assert_within(struct amount got, uint64_t least, uint64_t most)
{
	assert_same_amount(got, got.value, REASON_NONE);
	assert_in_range(got.value, least, most);
}

static void check_held(const struct held_row *row, const struct fdscan *scan,
		       const struct sockdiag *diag)
{
	assert_same_amount(scan->descriptors, 3 + row->descriptors, REASON_NONE);
	assert_same_amount(scan->file_bytes, row->file_bytes, REASON_NONE);
	assert_int_equal(scan->n_files, row->file_bytes != 0);
	if (row->file_bytes)
		assert_true(scan->files[0].unlinked);
	assert_int_equal(scan->n_pipes, row->n_pipes);
	assert_same_amount(scan->pipe_bytes, row->pipe_bytes, REASON_NONE);
	assert_true(amount_ok(scan->pipe_capacity));
	assert_int_equal(scan->pipe_capacity.value != 0, row->n_pipes != 0);
	assert_within(diag->unix_bytes, row->unix_least, row->unix_most);
	assert_within(diag->inet_bytes, row->inet_least, row->inet_most);
	assert_same_amount(scan->drm_bytes, 0, REASON_NONE);
	assert_same_amount(scan->dmabuf_bytes, 0, REASON_NONE);
	assert_same_amount(scan->bpf_bytes, 0, REASON_NONE);
}

static void test_held(void **state)
{
	const struct held_row *row = *state;
	struct procfs fs = PROCFS_INIT;
	struct target t;
	struct fdscan scan;
	struct sockdiag diag;
	bool made;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	made = start(&fs, row->make, &t);
	fdscan_read(&fs, t.dirfd, t.pid, &scan);
	sockdiag_read(&fs, t.dirfd, &scan, &diag);
	stop(&t);
	procfs_close(&fs);
	if (made)
		check_held(row, &scan, &diag);
	fdscan_release(&scan);
	if (!made)
		skip();
}

/* Makes what cannot be read: another network namespace, a process that has ended. */
static bool make_other_network(void)
{
	return unshare(CLONE_NEWNET) == 0 && make_both_ends();
}

static void test_other_network(void **state attr_unused)
{
	struct procfs fs = PROCFS_INIT;
	struct target t;
	struct fdscan scan;
	struct sockdiag diag;
	bool made;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	made = start(&fs, make_other_network, &t);
	fdscan_read(&fs, t.dirfd, t.pid, &scan);
	sockdiag_read(&fs, t.dirfd, &scan, &diag);
	stop(&t);
	procfs_close(&fs);
	if (made)
		assert_int_equal(scan.n_sockets, 2);
	fdscan_release(&scan);
	if (!made)
		skip();
	assert_same_amount(diag.unix_bytes, 0, REASON_NETWORK_NAMESPACE);
	assert_same_amount(diag.inet_bytes, 0, REASON_NETWORK_NAMESPACE);
}

static void test_ended(void **state attr_unused)
{
	struct procfs fs = PROCFS_INIT;
	siginfo_t info;
	struct target t;
	struct fdscan scan;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	assert_true(start(&fs, make_memfd, &t));
	assert_int_equal(kill(t.pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)t.pid, &info, WEXITED | WNOWAIT), 0);
	fdscan_read(&fs, t.dirfd, t.pid, &scan);
	assert_false(amount_ok(scan.descriptors)); /* a zombie */
	assert_false(amount_ok(scan.file_bytes));
	assert_int_equal(waitpid(t.pid, NULL, 0), t.pid);
	fdscan_read(&fs, t.dirfd, t.pid, &scan);
	assert_false(amount_ok(scan.descriptors));
	stop(&t);
	procfs_close(&fs);
}

static void *wait_for_ever(void *arg attr_unused)
{
	for (;;)
		(void)pause();
	return NULL;
}

/* Returns another thread than the first, once that is dead. */
static pid_t live_task(const struct target *t)
{
	auto_free pid_t *tids = NULL;
	struct proc_stat stat = { .state = 'R' };
	pid_t tid = 0;
	size_t n = 0;

	for (int i = 0; i < TIMEOUT_MS && stat.state != 'Z'; i++) {
		assert_int_equal(proc_stat_read(t->dirfd, &stat), 0);
		(void)usleep(1000);
	}
	assert_int_equal(stat.state, 'Z');
	assert_int_equal(procfs_list_numbers(t->dirfd, "task", &tids, &n), 0);
	for (size_t i = 0; i < n; i++)
		tid = tids[i] != t->pid ? tids[i] : tid;
	return tid;
}

static bool make_dead_leader(void)
{
	pthread_t thread;

	(void)make_pipe();
	die_unless(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
	say(true);
	(void)syscall(SYS_exit, 0);
	return false;
}

/* Reads through another thread, whose pidfd needs Linux 6.9. */
static void test_dead_leader(void **state attr_unused)
{
	struct procfs fs = PROCFS_INIT;
	struct target t;
	struct fdscan scan;
	struct amount bytes;
	auto_free char *name = NULL;
	auto_close int taskfd = -1;

	assert_int_equal(procfs_open(NULL, &fs, NULL), 0);
	assert_true(start(&fs, make_dead_leader, &t));
	name = xasprintf("task/%d", live_task(&t));
	taskfd = openat(t.dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fdscan_read(&fs, taskfd, t.pid, &scan);
	bytes = scan.pipe_bytes;
	stop(&t);
	procfs_close(&fs);
	assert_same_amount(scan.descriptors, 3 + 3, REASON_NONE);
	assert_int_equal(scan.n_pipes, 1);
	fdscan_release(&scan);
	if (bytes.why == REASON_NOT_REPORTED)
		skip();
	assert_same_amount(bytes, 10, REASON_NONE);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "a process holds", held_rows, test_held);
	rows_add_one(&list, "sockets in another network are not asked for", test_other_network);
	rows_add_one(&list, "a process that ended has no amounts", test_ended);
	rows_add_one(&list, "the first thread has exited", test_dead_leader);
	return rows_run("fdscan, live", &list);
}
