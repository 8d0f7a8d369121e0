/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile bytes made safe. A name from a target is any bytes but NUL.
 *
 * The one escaping rule, used for every output: bytes that are not valid UTF-8, C0 and C1 controls,
 * DEL, and the bidirectional controls (U+061C, U+200E, U+200F, U+202A-202E, U+2066-2069), U+2028
 * and U+2029 become \xHH, a backslash and two lower-case hexadecimal digits for each byte; a
 * backslash becomes \\. So the rule loses nothing, and its result is valid, printable UTF-8.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"

/* Appends the escaped form of n bytes. */
void text_escape(struct sbuf *out, const char *bytes, size_t n);
/* Appends what was escaped to give n bytes. 0, or -EINVAL if the rule cannot give them. */
int text_unescape(struct sbuf *out, const char *text, size_t n);
/* True if text_escape would change nothing. */
bool text_is_clean(const char *bytes, size_t n);

/* Makes blanks of the NULs between arguments; the last of the n bytes stays as it is. */
void text_join_arguments(char *args, size_t n);

/*
 * Decodes one UTF-8 sequence at s (n > 0 bytes left): returns its length and sets *ret_rune, or
 * returns 0 if the bytes are not valid UTF-8 (overlong forms and surrogates are not).
 */
size_t text_decode(const char *s, size_t n, uint32_t *ret_rune);

/*
 * Columns that a clean UTF-8 string takes on a terminal (wide characters 2, combining 0), by the
 * LC_CTYPE of the program as for libsmartcols and curses; a character unknown there counts 1.
 */
size_t text_width(const char *s);

/*
 * Shell-style match of the whole string: * any bytes, ? one byte, [a-z] a set, [!a-z] all but a
 * set. There is no escape character, [*] is a star. An unclosed [ stands for itself. Time at most
 * the product of both lengths.
 */
bool text_glob(const char *pattern, const char *s);

#endif
