/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/memfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static bool is_memory(enum mount_kind kind)
{
	return kind == MOUNT_TMPFS || kind == MOUNT_HUGETLBFS;
}

void memfs_init(struct memfs *m, int dirfd)
{
	*m = (struct memfs){ .mounts = NULL };
	(void)mounts_read(dirfd, &m->mounts, &m->n_mounts);
	for (size_t i = 0; i < m->n_mounts; i++)
		m->has_network |= m->mounts[i].kind == MOUNT_NETWORK;
}

void memfs_release(struct memfs *m)
{
	free(m->mounts);
	*m = (struct memfs){ .mounts = NULL };
}

bool memfs_rules_out(const struct memfs *m, uint64_t mount_id)
{
	const struct mount *mount = mounts_find(m->mounts, m->n_mounts, mount_id);

	return mount && !is_memory(mount->kind);
}

static bool judge(const struct memfs *m, int fdfd, const char *name, uint64_t dev)
{
	auto_close int fd = -1;
	struct statfs fs;

	if (major(dev) != 0) /* a block device */
		return false;
	/*
	 * The mounts are checked first: if a FUSE server does not answer, statfs would block too.
	 */
	for (size_t i = 0; i < m->n_mounts; i++) {
		if (m->mounts[i].major == 0 && m->mounts[i].minor == minor(dev))
			return is_memory(m->mounts[i].kind);
	}
	fd = openat(fdfd, name, O_PATH | O_CLOEXEC);
	return fd >= 0 && fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC ||
		fs.f_type == HUGETLBFS_MAGIC);
}

bool memfs_has_device(struct memfs *m, int fdfd, const char *name, uint64_t dev)
{
	struct memfs_device *device = m->judged;
	size_t n = MIN(m->n_judged, ARRAY_SIZE(m->judged));

	for (; device < m->judged + n; device++) {
		if (device->dev == dev)
			return device->memory;
	}
	device = &m->judged[m->n_judged++ % ARRAY_SIZE(m->judged)];
	*device = (struct memfs_device){ dev, judge(m, fdfd, name, dev) };
	return device->memory;
}
