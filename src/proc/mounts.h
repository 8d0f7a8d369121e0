/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/mountinfo: which mounts and devices keep their files in memory.
 */
#ifndef PROC_MOUNTS_H
#define PROC_MOUNTS_H

#include <stdint.h>

#include "base/util.h"

enum mount_kind {
	MOUNT_OTHER,
	MOUNT_TMPFS, /* and ramfs, devtmpfs: files are shared memory */
	MOUNT_HUGETLBFS,
	MOUNT_NETWORK, /* a server may have to be asked about any of its files */
};

struct mount {
	uint64_t id; /* as mnt_id of fdinfo */
	uint32_t major, minor;
	enum mount_kind kind;
};

/*
 * The mounts that the process sees, ascending by id; the caller frees the array, NULL if there are
 * none. 0 or -errno.
 */
int mounts_read(int dirfd, struct mount **ret_mounts, size_t *ret_n);
/* The mount of this id, NULL if it is not among them. */
const struct mount *mounts_find(const struct mount *mounts, size_t n, uint64_t id);

struct mount_dev {
	uint32_t major, minor;
};

/* The devices of the tmpfs mounts among them; the caller frees the array. 0 or -errno. */
int mounts_memory_devices(int dirfd, struct mount_dev **ret_devs, size_t *ret_n);

#endif
