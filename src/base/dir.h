/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that hold our files and where others may have put theirs: what is in them is looked
 * at before it is touched.
 */
#ifndef BASE_DIR_H
#define BASE_DIR_H

#include <sys/stat.h>

#include "base/util.h"

/* Calls `each` for every name but "." and ".." in no order. 0 or -errno. */
int dir_each(int dirfd, void (*each)(const char *name, void *arg), void *arg);

/*
 * Opens a regular file of ours for reading, without following a link and without waiting. Returns a
 * descriptor the caller closes, or -errno: -EPERM for what is not regular or not ours.
 */
int dir_open_own(int dirfd, const char *name, struct stat *ret_stat);

#endif
