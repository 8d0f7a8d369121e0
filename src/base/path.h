/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths as text, in the form the kernel prints them; nothing here touches a file system.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/util.h"

/* What is behind the last '/', the whole path if it has none. Points into the path. */
const char *path_base(const char *path);
/* Where a text occurs last in the path, NULL if it does not. Points into the path. */
const char *path_find_last(const char *path, const char *text);
/* True if the path leads to something inside the directory, which has no '/' at its end. */
bool path_is_below(const char *path, const char *dir);

#endif
