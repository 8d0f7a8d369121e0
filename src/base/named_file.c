/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/named_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static bool is_stdout(const char *path)
{
	struct stat a, b;

	return stat(path, &a) == 0 && fstat(STDOUT_FILENO, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

FILE *named_file_open(const char *path)
{
	int how = is_stdout(path) ? O_APPEND : O_TRUNC;
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | how, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out)
		(void)steal_fd(&fd);
	return out;
}

static int write_in_place(const char *path, atomic_fill_fn *fill, void *arg)
{
	FILE *out = named_file_open(path);
	int ret;

	if (!out)
		return -errno;
	ret = fill(out, arg);
	if (fclose(out) != 0 && ret == 0)
		ret = -errno;
	return ret;
}

int named_file_write(const char *path, atomic_fill_fn *fill, void *arg)
{
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_in_place(path, fill, arg);
	return atomic_file_replace(AT_FDCWD, path, fill, arg);
}
