/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which files of a process are in memory: those on tmpfs, ramfs, devtmpfs and hugetlbfs, whether on
 * a mount that it sees or on one of the kernel's own, as memfd.
 */
#ifndef PROC_MEMFS_H
#define PROC_MEMFS_H

#include <stdint.h>

#include "proc/mounts.h"

enum { MEMFS_REMEMBERED = 16 };

struct memfs {
	struct mount *mounts; /* that the process sees; ascending by id */
	size_t n_mounts;
	bool has_network; /* one of them is of a network file system */
	struct memfs_device {
		uint64_t dev;
		bool memory;
	} judged[MEMFS_REMEMBERED]; /* the oldest gives way */
	size_t n_judged;
};

/* Takes the process's mounts; without them every device is judged by its file system. */
void memfs_init(struct memfs *m, int dirfd);
void memfs_release(struct memfs *m);

/* True if the process sees the mount of this id and it holds no files in memory. */
bool memfs_rules_out(const struct memfs *m, uint64_t mount_id);

/*
 * Whether the files of a device (st_dev) are in memory; fdfd/name is a link to one of them, which
 * is asked for its file system (and not opened) if the mounts do not tell.
 */
bool memfs_has_device(struct memfs *m, int fdfd, const char *name, uint64_t dev);

#endif
