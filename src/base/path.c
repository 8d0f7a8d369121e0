/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *path_find_last(const char *path, const char *text)
{
	const char *last = NULL;

	for (const char *p = strstr(path, text); p; p = strstr(p + 1, text))
		last = p;
	return last;
}

bool path_is_below(const char *path, const char *dir)
{
	return starts_with(path, dir) && path[strlen(dir)] == '/';
}
