/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files of a process are in memory: those on tmpfs, ramfs, devtmpfs and hugetlbfs, on a mount
 * that the process sees or on an internal mount of the kernel, as for memfd.
 */
#ifndef PROC_MEMFS_H
#define PROC_MEMFS_H

#include <stdint.h>

#include "proc/mounts.h"

enum { MEMFS_REMEMBERED = 16 };

struct memfs {
	struct mount *mounts; /* mounts that the process sees; ascending by id */
	size_t n_mounts;
	bool has_network; /* one of them is of a network file system */
	struct memfs_device {
		uint64_t dev;
		bool memory;
	} judged[MEMFS_REMEMBERED]; /* the oldest entry is replaced */
	size_t n_judged;
};

/* Reads the process's mounts. If they cannot be read, each device is judged by its file system. */
void memfs_init(struct memfs *m, int dirfd);
void memfs_release(struct memfs *m);

/* Returns true if the process sees the mount with this id and the mount has no files in memory. */
bool memfs_rules_out(const struct memfs *m, uint64_t mount_id);

/*
 * Returns whether the files of a device (st_dev) are in memory. fdfd/name is a link to one of them;
 * it is not opened, but its file system is asked if the mounts do not answer.
 */
bool memfs_has_device(struct memfs *m, int fdfd, const char *name, uint64_t dev);

#endif
