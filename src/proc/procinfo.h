/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the small files of /proc/PID: stat, status, statm, comm, cmdline, exe, limits, task. Every
 * function takes the descriptor of the process directory (procfs_open_pid).
 */
#ifndef PROC_PROCINFO_H
#define PROC_PROCINFO_H

#include <stdint.h>
#include <sys/types.h>

#include "base/amount.h"
#include "base/sbuf.h"
#include "base/util.h"

enum { PROC_COMM_MAX = 64 }; /* TASK_COMM_LEN is 16; kernel threads may have longer names */

/* The fields of stat, split at the last ')' because comm may hold any bytes. */
struct proc_stat {
	pid_t pid, ppid;
	char comm[PROC_COMM_MAX]; /* raw bytes */
	char state;               /* R S D T t Z X I ... */
	uint64_t threads;
	uint64_t start_ticks; /* since boot, in clock ticks */
	uint64_t start_code;  /* changes with exec, unless it is fixed; 0 or 1 if denied */
	uint64_t start_stack; /* changes with exec, as start_code */
	bool kthread;         /* PF_KTHREAD in flags */
};

/* Reads stat. Returns 0, -EBADMSG if the text is cut or not a stat, or -errno. */
int proc_stat_read(int dirfd, struct proc_stat *ret_stat);

/* The numbers of status that are used. Each is a row in a table of keys. Bytes or counts. */
enum proc_status_field {
	PS_TGID,
	PS_UID,
	PS_KTHREAD,
	PS_VM_PEAK,
	PS_VM_SIZE,
	PS_VM_LCK,
	PS_VM_PIN,
	PS_VM_HWM,
	PS_VM_RSS,
	PS_RSS_ANON,
	PS_RSS_FILE,
	PS_RSS_SHMEM,
	PS_VM_DATA,
	PS_VM_STK,
	PS_VM_EXE,
	PS_VM_LIB,
	PS_VM_PTE,
	PS_VM_PMD,
	PS_VM_SWAP,
	PS_HUGETLB,
	PS_THREADS,
	PS_COUNT
};

struct proc_status {
	/*
	 * PS_UID is the effective uid. A missing line is REASON_NOT_REPORTED, or REASON_NO_MM if
	 * the process has no memory.
	 */
	struct amount v[PS_COUNT];
	char state;               /* as in proc_stat, 0 if missing */
	char comm[PROC_COMM_MAX]; /* Name, with the kernel's escapes \n and \\ undone */
};

/* Reads status. Returns 0, -EBADMSG if the text has no known key, or -errno. */
int proc_status_read(int dirfd, struct proc_status *ret_status);
/* Reads a status file that was kept open. `text` is a buffer that can be reused. */
int proc_status_reread(int fd, struct sbuf *text, struct proc_status *ret_status);

/*
 * Reads the effective uid and the number of threads of a live process, which is cheaper than
 * reading status (PIDFD_GET_INFO, Linux 6.13; the links of task). `pid` must be the process of
 * dirfd; that is certain if a read through dirfd succeeds afterwards. Returns 0 or -errno: then
 * status has them.
 */
int proc_owner_read(int dirfd, pid_t pid, uint64_t *ret_uid, uint64_t *ret_threads);

/*
 * Reads statm: total and resident bytes; converts them from pages of this machine. Returns 0,
 * -EBADMSG or -errno.
 */
int proc_statm_read(int dirfd, uint64_t *ret_size_bytes, uint64_t *ret_rss_bytes);

enum { PROC_CMDLINE_MAX = 2 << 20 };

/*
 * Reads the arguments with their NULs, at most `max` bytes. Returns 0 or -errno; an empty cmdline
 * is 0 bytes.
 */
int proc_cmdline_read(int dirfd, size_t max, struct sbuf *out);
/*
 * Reads the link text of exe, including a trailing " (deleted)", and the device and inode of the
 * file; both are 0 if they cannot be read, as in a recorded tree, whose link leads to a file of
 * this machine. Returns 0 or -errno (-ENOENT: a kernel thread).
 */
int proc_exe_read(int dirfd, struct sbuf *out, dev_t *ret_dev, ino_t *ret_ino);

/* Soft limits in bytes (PL_NOFILE: a count); UINT64_MAX is unlimited. */
enum proc_limit { PL_AS, PL_DATA, PL_STACK, PL_MEMLOCK, PL_NOFILE, PL_COUNT };

struct proc_limits {
	struct amount soft[PL_COUNT];
};

/* Reads limits. Returns 0, -EBADMSG if the text has no known key, or -errno. */
int proc_limits_read(int dirfd, struct proc_limits *ret_limits);

/* Lists the thread ids in ascending order. The caller frees the array. Returns 0 or -errno. */
int proc_tasks_list(int dirfd, pid_t **ret_tids, size_t *ret_n);
/*
 * Opens the directory of a thread that has not exited; of the first thread if possible. If the
 * first thread has exited, the files of the process itself are empty. Returns a new descriptor,
 * -ESRCH if there is no such thread, or -errno.
 */
int proc_live_task_open(int dirfd);
/*
 * Reads the stack pointer of a thread from task/TID/syscall. Returns 0, -EAGAIN if the thread is
 * running, or -errno.
 */
int proc_task_sp(int dirfd, pid_t tid, uint64_t *ret_sp);
/*
 * Reads the bits of personality(2), as READ_IMPLIES_EXEC of linux/personality.h. Returns 0,
 * -EBADMSG or -errno.
 */
int proc_personality_read(int dirfd, uint64_t *ret_bits);

#endif
