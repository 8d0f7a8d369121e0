/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/stamp.h"

#include <errno.h>

#include "base/clock.h"

enum { LAST_YEAR = 2261 }; /* 64 bits of nanoseconds end in 2262 */

struct fields {
	int year, month, day, hour, minute, second;
	int64_t ns;
	int offset_minutes; /* east of UTC */
};

/* Reads exactly `digits` digits at *p and moves *p behind them. */
static bool take_number(const char **p, const char *end, int digits, int *ret_value)
{
	int value = 0;

	if (end - *p < digits)
		return false;
	for (int i = 0; i < digits; i++) {
		char c = (*p)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*p += digits;
	*ret_value = value;
	return true;
}

/* Skips the next character if it is one of `chars`. Returns whether it was. */
static bool take_any(const char **p, const char *end, const char *characters)
{
	if (*p == end || !**p || !strchr(characters, **p))
		return false;
	(*p)++;
	return true;
}

/* Reads the digits behind the decimal point; there must be at least one. */
static bool take_fraction(const char **p, const char *end, int64_t *ret_ns)
{
	const char *first = *p;
	int64_t unit = NS_PER_S / 10;

	for (*ret_ns = 0; *p < end && **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*ret_ns += (**p - '0') * unit;
	return *p > first;
}

static bool take_offset(const char **p, const char *end, int *ret_minutes)
{
	bool east = *p < end && **p == '+';
	int hours, minutes;

	*ret_minutes = 0;
	if (take_any(p, end, "Zz"))
		return true;
	if (!take_any(p, end, "+-") || !take_number(p, end, 2, &hours) || !take_any(p, end, ":") ||
	    !take_number(p, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_minutes = (east ? 1 : -1) * (hours * 60 + minutes);
	return true;
}

static bool take_fields(const char **p, const char *end, struct fields *ret)
{
	return take_number(p, end, 4, &ret->year) && take_any(p, end, "-") &&
	       take_number(p, end, 2, &ret->month) && take_any(p, end, "-") &&
	       take_number(p, end, 2, &ret->day) && take_any(p, end, "Tt ") &&
	       take_number(p, end, 2, &ret->hour) && take_any(p, end, ":") &&
	       take_number(p, end, 2, &ret->minute) && take_any(p, end, ":") &&
	       take_number(p, end, 2, &ret->second) &&
	       (!take_any(p, end, ".") || take_fraction(p, end, &ret->ns)) &&
	       take_offset(p, end, &ret->offset_minutes);
}

static bool is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Returns the days from 1970-01-01 to a date in 1970 or later. */
static int64_t days_since_1970(int year, int month, int day)
{
	int before = year - 1;
	/* Leap days of the years before this one, less those up to 1969. */
	int64_t days = (int64_t)(year - 1970) * 365 + before / 4 - before / 100 + before / 400 -
		       (1969 / 4 - 1969 / 100 + 1969 / 400);

	for (int i = 1; i < month; i++)
		days += days_in_month(year, i);
	return days + day - 1;
}

int stamp_parse(const char *s, size_t n, int64_t *ret_ns)
{
	const char *p = s, *end = s + n;
	struct fields f = { 0 };
	int64_t seconds;

	/*
	 * A second 60 is a leap second; Unix time counts it as the first second of the next minute.
	 */
	if (!take_fields(&p, end, &f) || p != end || f.month < 1 || f.month > 12 || f.day < 1 ||
	    f.day > days_in_month(f.year, f.month) || f.hour > 23 || f.minute > 59 || f.second > 60)
		return -EINVAL;
	if (f.year < 1970 || f.year > LAST_YEAR)
		return -ERANGE;
	seconds = days_since_1970(f.year, f.month, f.day) * 24 * 60 * 60 + f.hour * 60 * 60 +
		  (f.minute - f.offset_minutes) * 60 + f.second;
	if (seconds < 0)
		return -ERANGE;
	*ret_ns = seconds * NS_PER_S + f.ns;
	return 0;
}
