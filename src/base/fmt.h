/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for people, written into the caller's buffer. They do not depend on the locale. */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stdint.h>

#include "base/util.h"

enum { FMT_MAX = 32 }; /* every function below writes at most this many bytes, NUL included */

enum fmt_unit {
	FMT_IEC,   /* powers of 1024: 1.5 GiB */
	FMT_SI,    /* powers of 1000: 1.6 GB */
	FMT_EXACT, /* 1610612736 */
};

/*
 * Write a number at p, in decimal, in hexadecimal, or as fmt_bytes does. Return the end of the
 * text, which has a NUL behind it only from fmt_put_bytes.
 */
char *fmt_put_u64(char *p, uint64_t v);
char *fmt_put_hex(char *p, uint64_t v);
char *fmt_put_bytes(char *p, uint64_t bytes, enum fmt_unit unit);
/* Returns the length of what fmt_put_hex writes, and one that fmt_put_bytes does not exceed. */
size_t fmt_hex_digits(uint64_t v);
size_t fmt_most_bytes(uint64_t bytes, enum fmt_unit unit);
/*
 * Writes bytes with a unit and at most one decimal: "0 B", "512 B", "4.0 KiB", "827.0 MiB". Returns
 * buf, as all functions here do.
 */
const char *fmt_bytes(char buf[FMT_MAX], uint64_t bytes, enum fmt_unit unit);
/* Writes a difference in bytes as fmt_bytes, with a sign: "+38.4 MiB", "-4.0 KiB", "0 B". */
const char *fmt_delta(char buf[FMT_MAX], int64_t bytes, enum fmt_unit unit);
/*
 * Writes bytes in a given power of the unit's base (0 to 6; for FMT_EXACT 0) with this number of
 * decimals (0 to 3), for numbers in one column: "1.05 GiB", "1.10 GiB".
 */
const char *fmt_bytes_in(char buf[FMT_MAX], double bytes, enum fmt_unit unit, unsigned int power,
			 unsigned int decimals);
/*
 * Returns the largest power whose unit is not more than `bytes`, for fmt_bytes_in. Sets *ret_one to
 * the bytes of that unit.
 */
unsigned int fmt_power(double bytes, enum fmt_unit unit, double *ret_one);
/*
 * Writes elapsed time, rounded: "0.4 s", "42 s", "12 min", "3 h 04 min", "3 d 04 h". A negative
 * number or NaN counts as 0.
 */
const char *fmt_duration(char buf[FMT_MAX], double seconds);
/*
 * Writes a percentage with one decimal: "97.3 %", "-2.0 %"; "<0.1 %" if it is above 0 and would be
 * printed as 0.0; "n/a" if it is not a number.
 */
const char *fmt_percent(char buf[FMT_MAX], double percent);

#endif
