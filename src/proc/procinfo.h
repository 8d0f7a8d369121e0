/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the small files of /proc/PID say: stat, status, statm, comm, cmdline, exe, limits, task.
 * Every function takes the descriptor of the process directory (procfs_open_pid).
 */
#ifndef PROC_PROCINFO_H
#define PROC_PROCINFO_H

#include <stdint.h>
#include <sys/types.h>

#include "base/amount.h"
#include "base/sbuf.h"
#include "base/util.h"

enum { PROC_COMM_MAX = 64 }; /* TASK_COMM_LEN is 16; kernel threads may have longer names */

/* stat, split at the last ')' because comm holds any bytes. */
struct proc_stat {
	pid_t pid, ppid;
	char comm[PROC_COMM_MAX]; /* raw bytes */
	char state;               /* R S D T t Z X I ... */
	uint64_t threads;
	uint64_t start_ticks; /* since boot, in clock ticks */
	uint64_t start_code;  /* changes with exec, unless it is fixed; 0 or 1 when denied */
	uint64_t start_stack; /* the same */
	bool kthread;         /* PF_KTHREAD in flags */
};

/* 0, -EBADMSG if the text is cut or not a stat, or -errno. */
int proc_stat_read(int dirfd, struct proc_stat *ret_stat);

/* The numbers of status that matter here, one row each in a table of keys. Bytes or counts. */
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
	struct amount
		v[PS_COUNT];      /* PS_UID is the effective uid; absent lines: REASON_NOT_REPORTED,
				      or REASON_NO_MM where a process without memory has none */
	char state;               /* as in proc_stat, 0 if not stated */
	char comm[PROC_COMM_MAX]; /* Name with the kernel's escapes \n and \\ undone */
};

/* 0, -EBADMSG if nothing in the text is known, or -errno. */
int proc_status_read(int dirfd, struct proc_status *ret_status);
/* The same from a status file kept open, through a buffer that may be used again. */
int proc_status_reread(int fd, struct sbuf *text, struct proc_status *ret_status);

/*
 * The effective uid and the number of threads of a live process, cheaper than status tells them
 * (PIDFD_GET_INFO, Linux 6.13; the links of task). `pid` must be the process of dirfd, which is sure
 * if a read through dirfd succeeds afterwards. 0 or -errno: then status has them.
 */
int proc_owner_read(int dirfd, pid_t pid, uint64_t *ret_uid, uint64_t *ret_threads);

/* statm: total and resident, bytes, in pages of this machine. 0, -EBADMSG or -errno. */
int proc_statm_read(int dirfd, uint64_t *ret_size_bytes, uint64_t *ret_rss_bytes);

enum { PROC_CMDLINE_MAX = 2 << 20 };

/* Arguments with their NULs. 0 or -errno; an empty cmdline is 0 bytes. At most `max` bytes. */
int proc_cmdline_read(int dirfd, size_t max, struct sbuf *out);
/*
 * The link text of exe, a trailing " (deleted)" kept, and device and inode of the file behind it; 0
 * and 0 if that cannot be had, as from a recorded tree, whose link leads to a file of this machine.
 * 0 or -errno (-ENOENT: a kernel thread).
 */
int proc_exe_read(int dirfd, struct sbuf *out, dev_t *ret_dev, ino_t *ret_ino);

/* Soft limits in bytes (PL_NOFILE: a count); UINT64_MAX is unlimited. */
enum proc_limit { PL_AS, PL_DATA, PL_STACK, PL_MEMLOCK, PL_NOFILE, PL_COUNT };

struct proc_limits {
	struct amount soft[PL_COUNT];
};

/* 0, -EBADMSG if nothing in the text is known, or -errno. */
int proc_limits_read(int dirfd, struct proc_limits *ret_limits);

/* Thread ids in ascending order; the caller frees. */
int proc_tasks_list(int dirfd, pid_t **ret_tids, size_t *ret_n);
/*
 * The directory of a thread that has not exited, the first one if it has not: where it has, the
 * files of the process itself are empty. A new descriptor, -ESRCH if there is none, or -errno.
 */
int proc_live_task_open(int dirfd);
/* Stack pointer of a thread from task/TID/syscall: 0, -EAGAIN while it runs, or -errno. */
int proc_task_sp(int dirfd, pid_t tid, uint64_t *ret_sp);

#endif
