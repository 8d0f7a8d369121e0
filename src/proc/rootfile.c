/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc/rootfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/io.h"

/* The kernel's link must be followed; a recorded link would lead to our own root. */
static int open_root(const struct procfs *fs, int dirfd)
{
	int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (fs->live ? 0 : O_NOFOLLOW);
	int fd = openat(dirfd, "root", flags);

	return fd < 0 ? -errno : fd;
}

/* Opens the file behind an O_PATH descriptor without using a path again. */
static int reopen(int fd)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int rootfile_open(const struct procfs *fs, int dirfd, const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	auto_close int root = open_root(fs, dirfd);
	auto_close int fd = -1;
	struct stat st;

	if (root < 0)
		return root;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	/* Opening a pipe may block, and opening a device could change its state. */
	return S_ISREG(st.st_mode) ? reopen(fd) : -EINVAL;
}

int rootfile_read(const struct procfs *fs, int dirfd, const char *path, size_t max,
		  struct sbuf *out)
{
	auto_close int fd = rootfile_open(fs, dirfd, path);
	struct stat st;
	size_t n;
	int r;

	sbuf_reset(out);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	n = MIN((size_t)st.st_size, max);
	sbuf_reserve(out, n);
	r = io_pread_full(fd, out->data, n, 0);
	if (r < 0)
		return r;
	out->len = n;
	out->data[n] = '\0';
	return 0;
}
