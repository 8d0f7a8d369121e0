/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory control group of a process and each of its ancestors, version 1 or 2.
 * Source: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst.
 */
#ifndef PROC_CGROUP_H
#define PROC_CGROUP_H

#include "base/amount.h"
#include "base/sbuf.h"
#include "proc/procfs.h"

/* Rows of memory.stat, with the meaning that they have in both versions. */
enum cgroup_stat {
	CS_ANON,
	CS_FILE,
	CS_SHMEM,
	CS_FILE_MAPPED,
	CS_INACTIVE_FILE,
	CS_SLAB,
	CS_KERNEL_STACK,
	CS_PAGE_TABLES,
	CS_SOCK,
	CS_KERNEL,
	CS_PERCPU,
	CS_VMALLOC,
	CS_ZSWAP,
	CS_COUNT
};

extern const char *const cgroup_stat_ids[]; /* "anon", "file", ... */

struct cgroup_level {
	char *path;              /* "/system.slice/api.service", "/" at the top; owned */
	struct amount max, high; /* UINT64_MAX: no limit */
	struct amount current;
	struct amount swap_max, swap_current;   /* version 2 */
	struct amount memsw_max, memsw_current; /* version 1: memory and swap together */
	struct amount oom_kills, max_events;    /* events: oom_kill, max (v1: failcnt) */
	struct amount stat[CS_COUNT];
	bool has_stat;
};

struct cgroup {
	int version;                 /* 1, 2, or 0 if no memory controller could be read */
	enum reason why;             /* why version is 0 */
	struct cgroup_level *levels; /* the process's own group first, the topmost last */
	size_t n;
};

/*
 * Reads the process's cgroup file and the levels above its group. A level whose directory is not
 * visible here (another cgroup namespace, not mounted) has absent amounts. Never fails as a whole.
 * Reads memory.stat only with with_stat, and only for the process's own group.
 */
void cgroup_read(const struct procfs *fs, int dirfd, bool with_stat, struct cgroup *ret_cg);
void cgroup_release(struct cgroup *cg);

/* Writes the path of the process's memory control group to out. Returns 0 or -errno. */
int cgroup_path_read(int dirfd, struct sbuf *out);
/*
 * Opens the directory of the process's group in version 2, whichever controllers it has. Returns an
 * O_PATH descriptor that the caller closes, or -errno; -ENOENT also if the directory is not visible
 * here.
 */
int cgroup_v2_open(const struct procfs *fs, int dirfd);

#endif
