/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that lives and dies together: many small pieces, one release.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/util.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block first */
	size_t used;              /* bytes used of the newest block */
	size_t cap;               /* and its size */
};

#define ARENA_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/* Allocates zeroed memory, aligned for any type; owned by the arena, valid until its release. */
attr_alloc attr_size(2) void *arena_alloc(struct arena *a, size_t size);
/* Returns a copy of n bytes with a NUL behind them. */
attr_alloc char *arena_strndup(struct arena *a, const char *s, size_t n);
attr_alloc char *arena_strdup(struct arena *a, const char *s);
attr_alloc char *arena_printf(struct arena *a, const char *fmt, ...) attr_printf(2, 3);
void arena_release(struct arena *a);

#define arena_array(a, n, type) ((type *)arena_alloc((a), (n) * sizeof(type)))

#endif
