/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads small files as a whole, relative to a directory descriptor. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/sbuf.h"
#include "base/util.h"

/*
 * Opens a file for reading, but only if it is regular, as those of /proc are: in a recorded tree it
 * may be a FIFO, and opening that would block. Returns a descriptor that the caller closes, or
 * -errno: -EISDIR, or -EBADMSG for what is neither a regular file nor a directory.
 */
attr_must_check int io_open_at(int dirfd, const char *name);
/* Opens a file that the user named as io_open_at does; -EINVAL if it is not a regular file. */
attr_must_check int io_open_named(const char *path);
/*
 * Reads a whole file, at most `max` bytes (the rest is left unread), into `out` (reset first).
 * Returns 0 or -errno; -EFBIG if the file was longer than max (out then holds the first max).
 * After another error `out` holds what was read before it: a dying process leaves half a file.
 */
int io_read_at(int dirfd, const char *name, size_t max, struct sbuf *out);
/*
 * Reads as io_read_at a file that the kernel returns in one piece (single_open in the kernel:
 * status, stat, meminfo, files of control groups): a read that does not fill the buffer was the
 * last one.
 */
int io_read_piece_at(int dirfd, const char *name, size_t max, struct sbuf *out);
/* Reads such a file from the start of an open descriptor, without moving its offset. */
int io_pread_piece(int fd, size_t max, struct sbuf *out);
/*
 * Reads as io_read_at from an open descriptor, from its offset on. It may be a pipe, which can
 * block.
 */
int io_read_fd(int fd, size_t max, struct sbuf *out);
/*
 * Reads the target of a symbolic link, of any length, into `out` (reset first). Returns 0 or
 * -errno.
 */
int io_readlink_at(int dirfd, const char *name, struct sbuf *out);
/* Reads exactly n bytes at offset. Returns 0 or -errno; -ENODATA if the file is shorter. */
attr_must_check int io_pread_full(int fd, void *buf, size_t n, uint64_t offset);

#endif
