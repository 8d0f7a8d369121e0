/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static void cleanup_closedir(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

#define auto_closedir __attribute__((cleanup(cleanup_closedir)))

int dir_each(int dirfd, void (*each)(const char *name, void *arg), void *arg)
{
	auto_close int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return -errno;
	(void)steal_fd(&fd);
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
			each(entry->d_name, arg);
	}
}

static bool is_own_regular(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid();
}

int dir_open_own(int dirfd, const char *name, struct stat *ret_stat)
{
	auto_close int fd = -1;
	struct stat st;

	/* Merely opening a device can change its state, so the type is checked first. */
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	if (!is_own_regular(&st))
		return -EPERM;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return -errno;
	if (!is_own_regular(&st)) /* replaced in between */
		return -EPERM;
	*ret_stat = st;
	return steal_fd(&fd);
}
