/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for people, into the caller's buffer; independent of the locale.
 */
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

/* Bytes with a unit and at most one decimal: "0 B", "512 B", "4.0 KiB", "827.0 MiB". */
const char *fmt_bytes(char buf[FMT_MAX], uint64_t bytes, enum fmt_unit unit);
/* The same with a sign, for differences: "+38.4 MiB", "-4.0 KiB", "0 B". */
const char *fmt_delta(char buf[FMT_MAX], int64_t bytes, enum fmt_unit unit);
/*
 * Bytes in a given power of the unit's base (0 to 6; of FMT_EXACT 0) with so many decimals (0 to 3),
 * for numbers that stand in a row: "1.05 GiB", "1.10 GiB".
 */
const char *fmt_bytes_in(char buf[FMT_MAX], double bytes, enum fmt_unit unit, unsigned int power,
			 unsigned int decimals);
/* That power: the largest whose unit is not more than `bytes`. Sets its bytes. */
unsigned int fmt_power(double bytes, enum fmt_unit unit, double *ret_one);
/*
 * Elapsed time for a person, rounded: "0.4 s", "42 s", "12 min", "3 h 04 min", "3 d 04 h". What is
 * negative or not a number counts as 0.
 */
const char *fmt_duration(char buf[FMT_MAX], double seconds);
/*
 * One decimal and " %": "97.3 %", "-2.0 %"; "<0.1 %" for what is above 0 and would print as 0.0;
 * "n/a" for what is not a number.
 */
const char *fmt_percent(char buf[FMT_MAX], double percent);

#endif
