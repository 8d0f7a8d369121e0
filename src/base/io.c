/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel says neither how long its files are nor how much a read returns, so files are read
 * until the end.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	READ_ROOM = 4095, /* with the terminator one page, enough for most files of a process */
	LINK_ROOM = 255,
};

int io_open_at(int dirfd, const char *name)
{
	auto_close int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return S_ISREG(st.st_mode) ? steal_fd(&fd) : -EBADMSG;
}

int io_open_named(const char *path)
{
	int fd = io_open_at(AT_FDCWD, path);

	return fd == -EISDIR || fd == -EBADMSG ? -EINVAL : fd;
}

/* How a file is read whole. */
enum read_how {
	READ_AT_START,  /* reads from the start and does not move the file offset, */
	READ_ONE_PIECE, /* the same, and a read that does not fill the buffer was the last one */
	READ_ON,        /* reads from the file offset on */
};

static ssize_t read_retry(int fd, void *buf, size_t n, size_t offset, enum read_how how)
{
	ssize_t got;

	do {
		got = how == READ_ON ? read(fd, buf, n) : pread(fd, buf, n, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int read_all(int fd, size_t max, enum read_how how, struct sbuf *out)
{
	sbuf_reset(out);
	for (;;) {
		size_t left = max - out->len, room, ask;
		ssize_t got;

		sbuf_reserve(out, READ_ROOM);
		room = out->cap - out->len - 1;
		/* Reading one byte more than allowed shows whether the file is longer. */
		ask = left < room ? left + 1 : room;
		got = read_retry(fd, out->data + out->len, ask, out->len, how);
		if (got <= 0)
			return (int)got;
		out->len += MIN((size_t)got, left);
		out->data[out->len] = '\0';
		if ((size_t)got > left)
			return -EFBIG;
		if (how == READ_ONE_PIECE && (size_t)got < ask)
			return 0;
	}
}

static int read_file(int dirfd, const char *name, size_t max, enum read_how how, struct sbuf *out)
{
	auto_close int fd = io_open_at(dirfd, name);

	sbuf_reset(out);
	return fd < 0 ? fd : read_all(fd, max, how, out);
}

int io_read_at(int dirfd, const char *name, size_t max, struct sbuf *out)
{
	return read_file(dirfd, name, max, READ_AT_START, out);
}

int io_read_piece_at(int dirfd, const char *name, size_t max, struct sbuf *out)
{
	return read_file(dirfd, name, max, READ_ONE_PIECE, out);
}

int io_pread_piece(int fd, size_t max, struct sbuf *out)
{
	return read_all(fd, max, READ_ONE_PIECE, out);
}

int io_read_fd(int fd, size_t max, struct sbuf *out)
{
	return read_all(fd, max, READ_ON, out);
}

int io_readlink_at(int dirfd, const char *name, struct sbuf *out)
{
	sbuf_reset(out);
	for (size_t extra = LINK_ROOM;; extra = out->cap) {
		size_t room;
		ssize_t n;

		sbuf_reserve(out, extra);
		room = out->cap - 1;
		n = readlinkat(dirfd, name, out->data, room);
		if (n < 0)
			n = -errno;
		out->len = n < 0 || (size_t)n == room ? 0 : (size_t)n;
		out->data[out->len] = '\0';
		if (n < 0)
			return (int)n;
		if ((size_t)n < room) /* a full buffer may hold only a part of the target */
			return 0;
	}
}

int io_pread_full(int fd, void *buf, size_t n, uint64_t offset)
{
	char *p = buf;

	while (n > 0) {
		ssize_t got = pread(fd, p, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -ENODATA;
		p += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}
