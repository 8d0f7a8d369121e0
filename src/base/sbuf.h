/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing byte string. Invariant: data is NUL-terminated at data[len] once anything was added;
 * SBUF_INIT is a valid empty string without an allocation. May hold NUL bytes.
 */
#ifndef BASE_SBUF_H
#define BASE_SBUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

struct sbuf {
	char *data; /* owned; NULL while nothing was ever added */
	size_t len; /* bytes in use, without the terminator */
	size_t cap; /* bytes allocated */
};

#define SBUF_INIT                                                                                  \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}
#define auto_sbuf __attribute__((cleanup(sbuf_release))) struct sbuf

void sbuf_release(struct sbuf *sb);
/* Empties the string and keeps its memory. */
void sbuf_reset(struct sbuf *sb);
/* Moves the string to where there is room for `extra` more bytes and the terminator. */
void sbuf_grow(struct sbuf *sb, size_t extra);

/* Makes room for `extra` more bytes and the terminator. */
static inline void sbuf_reserve(struct sbuf *sb, size_t extra)
{
	/* The last byte of the capacity is for the terminator. */
	if (extra >= sb->cap - sb->len)
		sbuf_grow(sb, extra);
}

/* Counts n bytes, which the caller has written behind the string, as part of it. */
static inline void sbuf_extend(struct sbuf *sb, size_t n)
{
	sb->len += n;
	sb->data[sb->len] = '\0';
}

static inline void sbuf_add(struct sbuf *sb, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	sbuf_reserve(sb, n);
	memcpy(sb->data + sb->len, bytes, n);
	sbuf_extend(sb, n);
}

static inline void sbuf_addch(struct sbuf *sb, char c)
{
	sbuf_reserve(sb, 1);
	sb->data[sb->len] = c;
	sbuf_extend(sb, 1);
}

void sbuf_adds(struct sbuf *sb, const char *s);
void sbuf_addf(struct sbuf *sb, const char *fmt, ...) attr_printf(2, 3);
/* Add a number without stdio or locale, because long tables hold many of them. */
void sbuf_add_u64(struct sbuf *sb, uint64_t v);
void sbuf_add_i64(struct sbuf *sb, int64_t v);
void sbuf_add_hex(struct sbuf *sb, uint64_t v);

/* Returns the text as a C string, "" when empty; owned by the buffer, valid until it changes. */
const char *sbuf_str(const struct sbuf *sb);
/* Hands the string over to the caller, who frees it; the buffer is empty afterwards. */
attr_alloc char *sbuf_steal(struct sbuf *sb);

#endif
