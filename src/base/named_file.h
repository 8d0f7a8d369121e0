/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a file that the user named.
 */
#ifndef BASE_NAMED_FILE_H
#define BASE_NAMED_FILE_H

#include "base/atomic_file.h"

/*
 * Opens a file for writing: what it held is lost, but if it leads to standard output, as
 * /dev/stdout does, it is appended to. Opening a FIFO waits for its reader. Returns NULL with errno
 * set if that fails; the caller closes it.
 */
FILE *named_file_open(const char *path);

/*
 * Writes a file of any kind. A regular file is replaced as a whole, or created, by
 * atomic_file_replace; anything else that has the name, as a device, a pipe or a symbolic link, is
 * never replaced but opened as above and written. Returns 0 or -errno.
 */
int named_file_write(const char *path, atomic_fill_fn *fill, void *arg);

#endif
