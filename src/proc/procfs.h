/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the kernel's files are: in /proc of the running system, or in a recorded tree of the same
 * shape.
 */
#ifndef PROC_PROCFS_H
#define PROC_PROCFS_H

#include <sys/types.h>

#include "base/err.h"
#include "base/util.h"

struct procfs {
	int rootfd; /* /proc or the recorded one */
	int sysfd;  /* sys/fs/cgroup beside it, -1 if it does not exist */
	bool live;  /* the running system: identity checks, libproc2 and sockets are used */
};

#define PROCFS_INIT                                                                                \
	{                                                                                          \
		-1, -1, false                                                                      \
	}

/* Opens the live /proc (root NULL) or a recorded tree. Returns 0, or -errno with err set. */
int procfs_open(const char *root, struct procfs *ret_fs, struct err *err);
void procfs_close(struct procfs *fs);

/*
 * Opens /proc/PID. The descriptor always refers to this process: once it has exited, every read
 * fails with ESRCH, even if the number is used again. Returns the descriptor or -errno.
 */
int procfs_open_pid(const struct procfs *fs, pid_t pid);

/*
 * Lists the processes (thread group leaders) in ascending order, without our own process if live.
 * The caller frees the array. Returns 0 or -errno.
 */
int procfs_list(const struct procfs *fs, pid_t **ret_pids, size_t *ret_n, struct err *err);

/*
 * Lists the names in the directory dirfd/name that are numbers above 0 (processes, threads), in
 * ascending order. The caller frees the array, NULL if it is empty. Returns 0 or -errno.
 */
int procfs_list_numbers(int dirfd, const char *name, pid_t **ret_numbers, size_t *ret_n);

/*
 * Returns whether two live processes share one address space (vfork, CLONE_VM), by kcmp(2). Returns
 * false if the kernel does not say.
 */
bool procfs_same_mm(const struct procfs *fs, pid_t a, pid_t b);

/*
 * Returns whether a live process is in our namespace of this kind ("net", "ipc"): 1, 0, or -errno.
 */
int procfs_same_namespace(const struct procfs *fs, int dirfd, const char *kind);

#endif
