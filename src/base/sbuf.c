/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sbuf.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/fmt.h"

enum { SBUF_MIN = 64 };

void sbuf_release(struct sbuf *sb)
{
	if (!sb)
		return;
	free(sb->data);
	*sb = (struct sbuf)SBUF_INIT;
}

void sbuf_reset(struct sbuf *sb)
{
	sb->len = 0;
	if (sb->data)
		sb->data[0] = '\0';
}

void sbuf_grow(struct sbuf *sb, size_t extra)
{
	size_t wanted, grown;

	if (__builtin_add_overflow(sb->len, extra, &wanted) ||
	    __builtin_add_overflow(wanted, 1, &wanted) ||
	    __builtin_add_overflow(sb->cap, sb->cap / 2, &grown))
		alloc_die();
	sb->cap = MAX(MAX(wanted, grown), SBUF_MIN);
	sb->data = xreallocarray(sb->data, sb->cap, 1);
	sb->data[sb->len] = '\0';
}

void sbuf_adds(struct sbuf *sb, const char *s)
{
	sbuf_add(sb, s, strlen(s));
}

void sbuf_addf(struct sbuf *sb, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	sbuf_reserve(sb, SBUF_MIN - 1);
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(sb->data + sb->len, sb->cap - sb->len, fmt, ap);
	if (n >= 0 && (size_t)n >= sb->cap - sb->len) {
		sbuf_reserve(sb, (size_t)n);
		n = vsnprintf(sb->data + sb->len, sb->cap - sb->len, fmt, again);
	}
	va_end(again);
	va_end(ap);
	if (n < 0)
		alloc_die();
	sbuf_extend(sb, (size_t)n);
}

void sbuf_add_u64(struct sbuf *sb, uint64_t v)
{
	sbuf_reserve(sb, FMT_MAX);
	sbuf_extend(sb, (size_t)(fmt_put_u64(sb->data + sb->len, v) - (sb->data + sb->len)));
}

void sbuf_add_i64(struct sbuf *sb, int64_t v)
{
	if (v < 0)
		sbuf_addch(sb, '-');
	sbuf_add_u64(sb, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void sbuf_add_hex(struct sbuf *sb, uint64_t v)
{
	sbuf_reserve(sb, FMT_MAX);
	sbuf_extend(sb, (size_t)(fmt_put_hex(sb->data + sb->len, v) - (sb->data + sb->len)));
}

const char *sbuf_str(const struct sbuf *sb)
{
	return sb->data ? sb->data : "";
}

char *sbuf_steal(struct sbuf *sb)
{
	char *s;

	sbuf_reserve(sb, 0);
	s = steal_ptr(sb->data);
	sbuf_release(sb);
	return s;
}
