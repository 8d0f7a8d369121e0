/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The byte string that text is built in. Numbers are written without stdio, two decimal digits at a
 * time: the tables of a large process hold a million of them.
 */
#include "base/sbuf.h"

#include <stdarg.h>

#include "base/alloc.h"

enum {
	SBUF_MIN = 64,
	DIGITS_U64 = 20, /* UINT64_MAX in decimal */
	DIGITS_HEX = 16,
};

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

void sbuf_reserve(struct sbuf *sb, size_t extra)
{
	size_t wanted, grown;

	/* The last byte of the capacity is for the terminator. */
	if (extra < sb->cap - sb->len)
		return;
	if (__builtin_add_overflow(sb->len, extra, &wanted) ||
	    __builtin_add_overflow(wanted, 1, &wanted) ||
	    __builtin_add_overflow(sb->cap, sb->cap / 2, &grown))
		alloc_die();
	sb->cap = MAX(MAX(wanted, grown), SBUF_MIN);
	sb->data = xreallocarray(sb->data, sb->cap, 1);
	sb->data[sb->len] = '\0';
}

/* Counts n bytes, which the caller has written behind the string, as part of it. */
static void grow_len(struct sbuf *sb, size_t n)
{
	sb->len += n;
	sb->data[sb->len] = '\0';
}

void sbuf_add(struct sbuf *sb, const void *bytes, size_t n)
{
	if (n == 0)
		return;
	sbuf_reserve(sb, n);
	memcpy(sb->data + sb->len, bytes, n);
	grow_len(sb, n);
}

void sbuf_adds(struct sbuf *sb, const char *s)
{
	sbuf_add(sb, s, strlen(s));
}

void sbuf_addch(struct sbuf *sb, char c)
{
	sbuf_reserve(sb, 1);
	sb->data[sb->len] = c;
	grow_len(sb, 1);
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
	grow_len(sb, (size_t)n);
}

static size_t decimal_digits(uint64_t v)
{
	static const uint64_t power[DIGITS_U64] = {
		0, /* not 1: the number 0 has one digit */
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000U,
	};
	/* 1233/4096 is log10(2), close enough for 64 bits: the guess is right or one too low. */
	size_t guess = (size_t)(64 - __builtin_clzll(v | 1)) * 1233 >> 12;

	return guess + (v >= power[guess]);
}

void sbuf_add_u64(struct sbuf *sb, uint64_t v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	size_t n = decimal_digits(v);
	char *p;

	sbuf_reserve(sb, DIGITS_U64);
	p = sb->data + sb->len + n;
	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10)
		memcpy(p - 2, pairs + v * 2, 2);
	else
		p[-1] = (char)('0' + v);
	grow_len(sb, n);
}

void sbuf_add_i64(struct sbuf *sb, int64_t v)
{
	if (v < 0)
		sbuf_addch(sb, '-');
	sbuf_add_u64(sb, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void sbuf_add_hex(struct sbuf *sb, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = (size_t)(67 - __builtin_clzll(v | 1)) / 4;
	char *p;

	sbuf_reserve(sb, DIGITS_HEX);
	p = sb->data + sb->len;
	for (size_t i = n; i-- > 0; v >>= 4)
		p[i] = digits[v & 15];
	grow_len(sb, n);
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
