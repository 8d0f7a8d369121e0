/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All files are text of the kernel that contains bytes of the target: proc(5), fs/proc/array.c. */
#include "proc/procinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/io.h"
#include "base/num.h"
#include "proc/keyfile.h"
#include "proc/procfs.h"

enum {
	SMALL_MAX = 16 << 10, /* the files read here have one page at most */
	PATH_NAME_MAX = 48,   /* long enough for task/TID/syscall */
};

/* Fields of stat by their numbers in proc(5). */
enum stat_field {
	STAT_PID = 1,
	STAT_STATE = 3,
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_THREADS = 20,
	STAT_START_TICKS = 22,
	STAT_START_CODE = 26,
	STAT_START_STACK = 28,
	STAT_FIELDS
};

#define PF_KTHREAD UINT64_C(0x00200000) /* include/linux/sched.h */

/*
 * Reads the numbers behind the state; field[STAT_PPID] is the first. Negative ones (tty, priority)
 * are stored without their sign, as none of them is used. Returns the number of the last field
 * read.
 */
static int stat_numbers(const char *p, const char *end, uint64_t field[STAT_FIELDS])
{
	int n = STAT_STATE;

	while (n + 1 < STAT_FIELDS && p < end && *p == ' ') {
		uint64_t v;

		p++;
		if (p < end && *p == '-')
			p++;
		/* A number at the end of the text may have been cut. */
		if (!num_scan_u64(&p, end, &v) || p == end)
			break;
		field[++n] = v;
	}
	return n;
}

static void copy_comm(char comm[PROC_COMM_MAX], const char *p, size_t n)
{
	n = MIN(n, (size_t)PROC_COMM_MAX - 1);
	memcpy(comm, p, n);
	comm[n] = '\0';
}

static int stat_parse(const struct sbuf *text, struct proc_stat *ret_stat)
{
	const char *p = sbuf_str(text), *end = p + text->len;
	/*
	 * comm may hold any bytes, including newlines and parentheses; the text behind it has
	 * neither.
	 */
	const char *open = memchr(p, '(', text->len), *close = memrchr(p, ')', text->len);
	uint64_t field[STAT_FIELDS] = { 0 };

	if (!num_scan_u64(&p, end, &field[STAT_PID]) || !open || !close || p + 1 != open ||
	    close < open || end - close < 4 || close[1] != ' ')
		return -EBADMSG;
	if (stat_numbers(close + 3, end, field) < STAT_START_TICKS || field[STAT_PID] > INT_MAX ||
	    field[STAT_PPID] > INT_MAX)
		return -EBADMSG;
	*ret_stat = (struct proc_stat){
		.pid = (pid_t)field[STAT_PID],
		.ppid = (pid_t)field[STAT_PPID],
		.state = close[2],
		.threads = field[STAT_THREADS],
		.start_ticks = field[STAT_START_TICKS],
		.start_code = field[STAT_START_CODE],
		.start_stack = field[STAT_START_STACK],
		.kthread = field[STAT_FLAGS] & PF_KTHREAD,
	};
	copy_comm(ret_stat->comm, open + 1, (size_t)(close - open - 1));
	return 0;
}

int proc_stat_read(int dirfd, struct proc_stat *ret_stat)
{
	auto_sbuf text = SBUF_INIT;
	int r;

	r = io_read_piece_at(dirfd, "stat", SMALL_MAX, &text);
	return r < 0 ? r : stat_parse(&text, ret_stat);
}

int proc_statm_read(int dirfd, uint64_t *ret_size_bytes, uint64_t *ret_rss_bytes)
{
	auto_sbuf text = SBUF_INIT;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const char *p, *end;
	uint64_t size, rss;
	int r;

	r = io_read_piece_at(dirfd, "statm", SMALL_MAX, &text);
	if (r < 0)
		return r;
	p = sbuf_str(&text);
	end = p + text.len;
	if (!num_scan_u64(&p, end, &size) || p == end || *p++ != ' ' ||
	    !num_scan_u64(&p, end, &rss) || p == end || *p != ' ')
		return -EBADMSG;
	*ret_size_bytes = num_mul_sat(size, page);
	*ret_rss_bytes = num_mul_sat(rss, page);
	return 0;
}

int proc_cmdline_read(int dirfd, size_t max, struct sbuf *out)
{
	int r;

	r = io_read_piece_at(dirfd, "cmdline", max, out);
	return r == -EFBIG ? 0 : r;
}

static bool is_procfs(int dirfd)
{
	struct statfs fs;

	return fstatfs(dirfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

int proc_exe_read(int dirfd, struct sbuf *out, dev_t *ret_dev, ino_t *ret_ino)
{
	struct stat st;
	bool known;
	int r;

	r = io_readlink_at(dirfd, "exe", out);
	if (r < 0)
		return r;
	known = is_procfs(dirfd) && fstatat(dirfd, "exe", &st, 0) == 0;
	*ret_dev = known ? st.st_dev : 0;
	*ret_ino = known ? st.st_ino : 0;
	return 0;
}

int proc_limits_read(int dirfd, struct proc_limits *ret_limits)
{
	static const struct keyfile_row rows[] = {
		[PL_AS] = { .key = "Max address space " },
		[PL_DATA] = { .key = "Max data size " },
		[PL_STACK] = { .key = "Max stack size " },
		[PL_MEMLOCK] = { .key = "Max locked memory " },
		[PL_NOFILE] = { .key = "Max open files " },
	};
	_Static_assert(ARRAY_SIZE(rows) == PL_COUNT, "one row for each limit");
	auto_sbuf text = SBUF_INIT;
	struct proc_limits limits;
	int r;

	r = io_read_piece_at(dirfd, "limits", SMALL_MAX, &text);
	if (r < 0)
		return r;
	for (size_t i = 0; i < PL_COUNT; i++)
		limits.soft[i] = amount_absent(REASON_NOT_REPORTED);
	if (keyfile_parse(&text, rows, PL_COUNT, limits.soft) == 0)
		return -EBADMSG;
	*ret_limits = limits;
	return 0;
}

int proc_tasks_list(int dirfd, pid_t **ret_tids, size_t *ret_n)
{
	return procfs_list_numbers(dirfd, "task", ret_tids, ret_n);
}

/* Opens the directory of a thread that has not exited. Returns -1 if it has. */
static int open_live_task(int dirfd, pid_t tid)
{
	struct proc_stat stat;
	char name[32];
	auto_close int fd = -1;

	(void)snprintf(name, sizeof(name), "task/%d", tid);
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && proc_stat_read(fd, &stat) == 0 && stat.state != 'Z' && stat.state != 'X')
		return steal_fd(&fd);
	return -1;
}

int proc_live_task_open(int dirfd)
{
	auto_free pid_t *tids = NULL;
	struct proc_stat first;
	size_t n = 0;
	int r, fd = -1;

	/* The leader is tried first: other threads may end at any time, and there may be many. */
	if (proc_stat_read(dirfd, &first) == 0)
		fd = open_live_task(dirfd, first.pid);
	if (fd >= 0)
		return fd;
	r = proc_tasks_list(dirfd, &tids, &n);
	for (size_t i = 0; r == 0 && i < n && fd < 0; i++)
		fd = open_live_task(dirfd, tids[i]);
	return r < 0 ? r : fd >= 0 ? fd : -ESRCH;
}

/*
 * Parses "NR ARG... SP PC" in a system call and "-1 SP PC" otherwise, all but the first
 * hexadecimal. The last number but one is the stack pointer (fs/proc/base.c).
 */
static int syscall_parse_sp(const struct sbuf *text, uint64_t *ret_sp)
{
	const char *p = sbuf_str(text), *end = memchr(p, '\n', text->len);
	uint64_t before = 0, last = 0;
	size_t n = 0;

	if (end && starts_with(p, "running\n"))
		return -EAGAIN;
	while (end && (p = memchr(p, ' ', (size_t)(end - p)))) {
		p++;
		before = last;
		if (end - p < 2 || p[0] != '0' || p[1] != 'x')
			return -EBADMSG;
		p += 2;
		if (!num_scan_hex(&p, end, &last))
			return -EBADMSG;
		n++;
	}
	if (n < 2)
		return -EBADMSG;
	*ret_sp = before;
	return 0;
}

int proc_task_sp(int dirfd, pid_t tid, uint64_t *ret_sp)
{
	auto_sbuf text = SBUF_INIT;
	char name[PATH_NAME_MAX];
	int r;

	(void)snprintf(name, sizeof(name), "task/%d/syscall", tid);
	r = io_read_piece_at(dirfd, name, SMALL_MAX, &text);
	return r < 0 ? r : syscall_parse_sp(&text, ret_sp);
}

int proc_personality_read(int dirfd, uint64_t *ret_bits)
{
	auto_sbuf text = SBUF_INIT;
	const char *p;
	int r = io_read_piece_at(dirfd, "personality", SMALL_MAX, &text);

	p = sbuf_str(&text);
	if (r < 0)
		return r;
	return num_scan_hex(&p, p + text.len, ret_bits) ? 0 : -EBADMSG;
}

/* linux/pidfd.h of Linux 6.13; the headers of older systems lack it. */
struct pidfd_info_creds {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};

#define PIDFD_GET_INFO_CREDS _IOWR(0xff, 11, struct pidfd_info_creds)
#define PIDFD_INFO_HAS_CREDS (UINT64_C(1) << 1)

int proc_owner_read(int dirfd, pid_t pid, uint64_t *ret_uid, uint64_t *ret_threads)
{
	struct pidfd_info_creds info = { .mask = PIDFD_INFO_HAS_CREDS };
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct stat st;

	if (pidfd < 0 || ioctl(pidfd, PIDFD_GET_INFO_CREDS, &info) != 0 ||
	    fstatat(dirfd, "task", &st, 0) != 0)
		return -errno;
	if (!(info.mask & PIDFD_INFO_HAS_CREDS) || st.st_nlink < 3)
		return -ENODATA;
	*ret_uid = info.euid;
	*ret_threads = st.st_nlink - 2; /* a directory has "." and its own name as well */
	return 0;
}
