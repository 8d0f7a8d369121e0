/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files as the target sees them: below its root directory, whatever its symbolic links contain. */
#ifndef PROC_ROOTFILE_H
#define PROC_ROOTFILE_H

#include "base/sbuf.h"
#include "base/util.h"
#include "proc/procfs.h"

/*
 * Opens the regular file `path` of the process whose directory is dirfd. Symbolic links cannot lead
 * out of its root. A file that is not regular is not opened (-EINVAL). Returns a descriptor that
 * the caller closes, or -errno; -ENOSYS before Linux 5.6.
 */
int rootfile_open(const struct procfs *fs, int dirfd, const char *path);

/*
 * Reads at most `max` bytes from the start of such a file into `out` (reset first). Returns 0 or
 * -errno.
 */
int rootfile_read(const struct procfs *fs, int dirfd, const char *path, size_t max,
		  struct sbuf *out);

#endif
