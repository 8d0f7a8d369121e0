/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How numbers are written on the screen: short, always with their unit, and never down to nothing.
 */
#ifndef SCREEN_DATA_NUMBER_FORMAT_H
#define SCREEN_DATA_NUMBER_FORMAT_H

#include "base/amount.h"
#include "base/fmt.h"

/* The user changes it on the way. */
struct number_format {
	enum fmt_unit unit; /* its powers are those of `unit_power` */
	unsigned int power; /* 0: as it fits; else always KiB (1), MiB (2) or GiB (3) */
	bool ascii;         /* no characters beyond ASCII of our own */
};

enum { NUMBER_FORMAT_POWERS = 4 };

/* Columns that look_bytes takes, for all but the hugest numbers. */
size_t number_format_width(const struct number_format *format);

/* "827 MiB", "1.05 GiB", "12 KiB": three digits; of a fixed unit "0.004 GiB". */
const char *number_format_bytes(char buf[FMT_MAX], const struct number_format *format,
				uint64_t bytes);
/* The same with a sign; what rounds to nothing is "0". */
const char *number_format_delta(char buf[FMT_MAX], const struct number_format *format,
				double bytes);
/* The bytes, "n/a" for what could not be had and "-" for what there is not. */
const char *number_format_amount(char buf[FMT_MAX], const struct number_format *format,
				 struct amount amount);
/* "4 s", "12 m", "3 h", "2 d": how long ago something was. */
const char *number_format_age(char buf[FMT_MAX], double seconds);

#endif
