/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths as text, in the form in which the kernel prints them. Nothing here accesses a file system.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/util.h"

/*
 * Returns the part behind the last '/', or the whole path if it has no '/'. Points into the path.
 */
const char *path_base(const char *path);
/* Returns where a text occurs last in the path, or NULL. Points into the path. */
const char *path_find_last(const char *path, const char *text);
/* Returns whether the path is below the directory, which must not end with '/'. */
bool path_is_below(const char *path, const char *dir);

#endif
