/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads /proc/PID/mountinfo: which mounts and devices keep their files in memory. */
#ifndef PROC_MOUNTS_H
#define PROC_MOUNTS_H

#include <stdint.h>

#include "base/util.h"

enum mount_kind {
	MOUNT_OTHER,
	MOUNT_TMPFS, /* also ramfs, devtmpfs: files are shared memory */
	MOUNT_HUGETLBFS,
	MOUNT_NETWORK, /* accessing a file may involve a server */
};

struct mount {
	uint64_t id; /* mnt_id in fdinfo */
	uint32_t major, minor;
	enum mount_kind kind;
};

/*
 * Reads the mounts that the process sees, ascending by id. The caller frees the array, NULL if
 * there are no mounts. Returns 0 or -errno.
 */
int mounts_read(int dirfd, struct mount **ret_mounts, size_t *ret_n);
/* Returns the mount with this id, or NULL. */
const struct mount *mounts_find(const struct mount *mounts, size_t n, uint64_t id);

struct mount_dev {
	uint32_t major, minor;
};

/*
 * Reads the devices of the process's tmpfs mounts. The caller frees the array. Returns 0 or -errno.
 */
int mounts_memory_devices(int dirfd, struct mount_dev **ret_devs, size_t *ret_n);

#endif
