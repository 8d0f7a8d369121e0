/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that hold our files and in which other users may have put files: each entry is
 * checked before it is used.
 */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include <sys/stat.h>

#include "base/util.h"

/* Calls `each` for every name but "." and "..", in no particular order. Returns 0 or -errno. */
int dir_each(int dirfd, void (*each)(const char *name, void *arg), void *arg);

/*
 * Opens a regular file that we own for reading, without following a link and without blocking.
 * Returns a descriptor that the caller closes, or -errno: -EPERM if the file is not regular or not
 * ours.
 */
int dir_open_own(int dirfd, const char *name, struct stat *ret_stat);

#endif
