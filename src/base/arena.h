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

/* Zeroed memory, aligned for any type; owned by the arena, valid until its release. */
void *arena_alloc(struct arena *a, size_t size);
/* A copy of n bytes with a NUL behind them. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) attr_printf(2, 3);
void arena_release(struct arena *a);

#define arena_array(a, n, type) ((type *)arena_alloc((a), (n) * sizeof(type)))

#endif
