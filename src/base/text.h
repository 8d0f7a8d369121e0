/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes untrusted bytes safe to print. A name in a process may hold any bytes but NUL.
 *
 * There is one escaping rule, used for every output: bytes that are not valid UTF-8, C0 and C1
 * controls, DEL, and the bidirectional controls (U+061C, U+200E, U+200F, U+202A-202E, U+2066-2069),
 * U+2028 and U+2029 become \xHH, a backslash, an x and two lower-case hexadecimal digits for each
 * byte; a backslash becomes \\. So the rule loses nothing, and its result is valid, printable
 * UTF-8.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdint.h>

#include "base/sbuf.h"
#include "base/util.h"

/* Appends the escaped form of n bytes. */
void text_escape(struct sbuf *out, const char *bytes, size_t n);
/*
 * Appends the n bytes without their escapes. Returns 0, or -EINVAL if text_escape cannot have
 * written them.
 */
int text_unescape(struct sbuf *out, const char *text, size_t n);
/* Returns whether text_escape would change nothing. */
bool text_is_clean(const char *bytes, size_t n);

/* Replaces the NULs between arguments by blanks; the last of the n bytes is not changed. */
void text_join_arguments(char *args, size_t n);

/*
 * Decodes one UTF-8 sequence at s (n > 0 bytes left): returns its length and sets *ret_rune, or
 * returns 0 if the bytes are not valid UTF-8 (overlong forms and surrogates are not).
 */
size_t text_decode(const char *s, size_t n, uint32_t *ret_rune);

/*
 * Returns the columns that a clean UTF-8 string takes on a terminal (wide characters 2, combining
 * 0), by the LC_CTYPE of the program as in libsmartcols and curses; an unknown character counts 1.
 */
size_t text_width(const char *s);

/*
 * Returns whether a shell pattern matches the whole string: * is any text, ? one byte, [a-z] a set,
 * [!a-z] all but a set. There is no escape character; [*] is a star. A [ that is not closed stands
 * for itself. Takes time proportional to the product of both lengths at most.
 */
bool text_glob(const char *pattern, const char *s);

#endif
