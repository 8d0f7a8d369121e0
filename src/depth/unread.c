/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "depth/unread.h"

#include "base/path.h"

/* The first mapped file whose name begins so. */
static uint32_t find_library(const struct depth *d, const char *prefix)
{
	for (uint32_t i = 1; i < d->snap->n_files; i++) {
		if (starts_with(path_base(d->snap->files[i].path), prefix))
			return i;
	}
	return 0;
}

uint32_t unread_jemalloc(const struct depth *d)
{
	return find_library(d, "libjemalloc.so");
}

uint32_t unread_tcmalloc(const struct depth *d)
{
	return find_library(d, "libtcmalloc");
}

uint32_t unread_mimalloc(const struct depth *d)
{
	return find_library(d, "libmimalloc");
}

uint32_t unread_musl(const struct depth *d)
{
	uint32_t linker = find_library(d, "ld-musl-");

	/* The linker is a link to the library, and where that is shows whose it is. */
	for (uint32_t i = 1; !linker && i < d->snap->n_files; i++) {
		const char *path = d->snap->files[i].path;

		if (streq(path_base(path), "libc.so") && strstr(path, "musl"))
			linker = i;
	}
	return linker;
}
