/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the screen writes numbers: short, always with a unit, and a small number never as 0.
 */
#ifndef SCREEN_DATA_NUMBER_FORMAT_H
#define SCREEN_DATA_NUMBER_FORMAT_H

#include "base/amount.h"
#include "base/fmt.h"

/* The format, which the user can change while the program runs. */
struct number_format {
	enum fmt_unit unit; /* its powers are those of `unit_power` */
	unsigned int power; /* 0: by size; else always KiB (1), MiB (2) or GiB (3) */
	bool ascii;         /* draws marks and bars with ASCII only */
};

enum { NUMBER_FORMAT_POWERS = 4 };

/* Returns the columns that number_format_bytes needs, except for the largest numbers. */
size_t number_format_width(const struct number_format *format);

/* Writes three digits and the unit to buf, and returns it: "827 MiB"; fixed: "0.004 GiB". */
const char *number_format_bytes(char buf[FMT_MAX], const struct number_format *format,
				uint64_t bytes);
/* Writes bytes with a sign to buf, and returns it; "0" if they round to 0. */
const char *number_format_delta(char buf[FMT_MAX], const struct number_format *format,
				double bytes);
/* Writes an amount to buf, and returns it: "n/a" if not known, "-" if absent by design. */
const char *number_format_amount(char buf[FMT_MAX], const struct number_format *format,
				 struct amount amount);
/* Writes how long ago something was to buf, and returns it: "4 s", "12 m", "3 h", "2 d". */
const char *number_format_age(char buf[FMT_MAX], double seconds);

#endif
