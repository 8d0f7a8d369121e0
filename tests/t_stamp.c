/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/stamp: which texts are times, and which ones. The seconds are those of date(1). */
#include "base/stamp.h"

#include <errno.h>

#include "rows.h"

struct stamp_row {
	const char *name;
	const char *input;
	int want_return;
	int64_t want_ns;
};

#define S(seconds) 0, (seconds)*INT64_C(1000000000)

static const struct stamp_row stamp_rows[] = {
	{ "the beginning", "1970-01-01T00:00:00Z", S(0) },
	{ "a day in May", "2024-05-01T08:00:00Z", S(1714550400) },
	{ "a leap day", "2024-02-29T23:59:59Z", S(1709251199) },
	{ "the day behind it", "2024-03-01T00:00:00Z", S(1709251200) },
	{ "a century with a leap day", "2000-02-29T00:00:00Z", S(951782400) },
	{ "the end", "2261-12-31T23:59:59Z", S(9214646399) },
	{ "east of it", "2024-05-01T10:00:00+02:00", S(1714550400) },
	{ "west of it", "2024-05-01T02:30:00-05:30", S(1714550400) },
	{ "an unknown zone", "2024-05-01T08:00:00-00:00", S(1714550400) },
	{ "a blank for the T, small letters", "2024-05-01 08:00:00z", S(1714550400) },
	{ "a leap second", "2016-12-31T23:59:60Z", S(1483228800) },
	{ "milliseconds", "2024-05-01T08:00:00.250Z", 0, 1714550400250000000 },
	{ "more digits than ns", "1970-01-01T00:00:00.1234567899Z", 0, 123456789 },
	{ "nothing", "", -EINVAL, 0 },
	{ "no zone", "2024-05-01T08:00:00", -EINVAL, 0 },
	{ "a date", "2024-05-01", -EINVAL, 0 },
	{ "no seconds", "2024-05-01T08:00Z", -EINVAL, 0 },
	{ "a point without digits", "2024-05-01T08:00:00.Z", -EINVAL, 0 },
	{ "more behind it", "2024-05-01T08:00:00Z ", -EINVAL, 0 },
	{ "a year of two digits", "24-05-01T08:00:00Z", -EINVAL, 0 },
	{ "signs are no digits", "2024-05-+1T08:00:00Z", -EINVAL, 0 },
	{ "no such month", "2024-13-01T08:00:00Z", -EINVAL, 0 },
	{ "month 0", "2024-00-01T08:00:00Z", -EINVAL, 0 },
	{ "day 0", "2024-05-00T08:00:00Z", -EINVAL, 0 },
	{ "no such day", "2023-02-29T08:00:00Z", -EINVAL, 0 },
	{ "a century without a leap day", "2100-02-29T08:00:00Z", -EINVAL, 0 },
	{ "24 o'clock", "2024-05-01T24:00:00Z", -EINVAL, 0 },
	{ "minute 60", "2024-05-01T08:60:00Z", -EINVAL, 0 },
	{ "second 61", "2024-05-01T08:00:61Z", -EINVAL, 0 },
	{ "a zone too far", "2024-05-01T08:00:00+24:00", -EINVAL, 0 },
	{ "half a zone", "2024-05-01T08:00:00+02", -EINVAL, 0 },
	{ "before 1970", "1969-12-31T23:59:59Z", -ERANGE, 0 },
	{ "before 1970 by its zone", "1970-01-01T00:00:00+01:00", -ERANGE, 0 },
	{ "too late for 64 bits", "2262-01-01T00:00:00Z", -ERANGE, 0 },
};

static void test_parse(void **state)
{
	const struct stamp_row *row = *state;
	size_t n = strlen(row->input);
	auto_free char *exact = xmemdup(row->input, n); /* for the sanitizer: no NUL behind it */
	int64_t got = -1;

	assert_int_equal(stamp_parse(exact, n, &got), row->want_return);
	assert_int_equal(got, row->want_return ? -1 : row->want_ns);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "stamp_parse", stamp_rows, test_parse);
	return rows_run("stamp", &tests);
}
