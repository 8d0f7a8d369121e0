/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An allocator for many small pieces that are all released at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/util.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block first */
	size_t used;              /* bytes used in the newest block */
	size_t cap;               /* size of the newest block */
};

#define ARENA_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/*
 * Returns zeroed memory, aligned for any type. The arena owns it; it is valid until arena_release.
 */
attr_alloc attr_size(2) void *arena_alloc(struct arena *a, size_t size);
/* Returns a copy of n bytes, followed by a NUL. The arena owns it. */
attr_alloc char *arena_strndup(struct arena *a, const char *s, size_t n);
attr_alloc char *arena_strdup(struct arena *a, const char *s);
attr_alloc char *arena_printf(struct arena *a, const char *fmt, ...) attr_printf(2, 3);
void arena_release(struct arena *a);

#define arena_array(a, n, type) ((type *)arena_alloc((a), (n) * sizeof(type)))

#endif
