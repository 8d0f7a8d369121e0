/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/mountinfo: which devices are tmpfs, so that files on them are shared memory.
 */
#ifndef PROC_MOUNTS_H
#define PROC_MOUNTS_H

#include <stdint.h>

#include "base/util.h"

struct mount_dev {
	uint32_t major, minor;
};

/*
 * The devices of tmpfs, ramfs and devtmpfs mounts that the process sees; the caller frees the array.
 * 0 or -errno.
 */
int mounts_memory_devices(int dirfd, struct mount_dev **ret_devs, size_t *ret_n);

#endif
