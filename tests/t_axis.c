/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of present/axis: the ticks between two bounds, by their labels.
 */
#include "present/draw/axis.h"

#include "base/clock.h"
#include "base/sbuf.h"
#include "rows.h"

#define KIB 1024.0
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

struct bytes_row {
	const char *name;
	double min, max;
	size_t rows;
	enum fmt_unit unit;
	const char *want; /* labels from the bottom */
	size_t want_rows;
};

static const struct bytes_row bytes_rows[] = {
	{ "room for three intervals", 610 * MIB, 890 * MIB, 10, FMT_IEC,
	  "600 MiB,700 MiB,800 MiB,900 MiB", 3 },
	{ "the row that is left over is not used", 610 * MIB, 890 * MIB, 11, FMT_IEC,
	  "600 MiB,700 MiB,800 MiB,900 MiB", 3 },
	{ "small values begin at 0", 100 * MIB, 780 * MIB, 10, FMT_IEC,
	  "0 MiB,200 MiB,400 MiB,600 MiB,800 MiB", 2 },
	{ "decimals where the steps need them", 1.02 * GIB, 1.19 * GIB, 9, FMT_IEC,
	  "1.00 GiB,1.05 GiB,1.10 GiB,1.15 GiB,1.20 GiB", 2 },
	{ "powers of 1000", 610e6, 890e6, 10, FMT_SI, "600 MB,700 MB,800 MB,900 MB", 3 },
	{ "exact bytes", 610e6, 890e6, 10, FMT_EXACT, "600000000,700000000,800000000,900000000",
	  3 },
	{ "a flat line stays flat", 500 * MIB, 500 * MIB, 9, FMT_IEC,
	  "490 MiB,495 MiB,500 MiB,505 MiB,510 MiB", 2 },
	{ "bounds on ticks", 0, 4 * GIB, 9, FMT_IEC, "0 GiB,1 GiB,2 GiB,3 GiB,4 GiB", 2 },
	{ "bytes have no decimals", 0, 4, 9, FMT_IEC, "0 B,1 B,2 B,3 B,4 B", 2 },
	{ "empty", 0, 0, 9, FMT_IEC, "0 B,1 B,2 B,3 B,4 B", 2 },
	{ "two rows", 610 * MIB, 890 * MIB, 2, FMT_IEC, "500 MiB,1000 MiB", 1 },
};

static void test_bytes(void **state)
{
	const struct bytes_row *row = *state;
	auto_sbuf got = SBUF_INIT;
	struct bytes_axis a;
	char buf[FMT_MAX];

	bytes_axis_fit(row->min, row->max, row->rows, row->unit, &a);
	for (size_t i = 0; i <= a.intervals; i++)
		sbuf_addf(&got, "%s%s", i ? "," : "", bytes_axis_label(buf, &a, i));
	assert_string_equal(sbuf_str(&got), row->want);
	assert_int_equal(a.rows, row->want_rows);
}

/* For all bounds: they are within the axis, and the ticks are within the rows. */
static void test_bytes_hold(void **state attr_unused)
{
	for (double min = 0; min < 2e19; min = min * 7 + 3) {
		for (double range = 0; min + range < 2e19; range = range * 5 + 1) {
			for (size_t rows = 2; rows < 40; rows += 5) {
				struct bytes_axis a;

				bytes_axis_fit(min, min + range, rows, (enum fmt_unit)(rows % 3),
					       &a);
				assert_true(a.low >= 0 && a.low <= min);
				assert_true(a.low + a.step * (double)a.intervals >=
					    (min + range) * (1 - 1e-9));
				assert_true(a.rows >= 1 && a.intervals * a.rows + 1 <= rows);
			}
		}
	}
}

struct time_row {
	const char *name;
	int64_t start, end; /* seconds */
	bool is_wall;
	size_t columns;
	const char *want;
};

static const struct time_row time_rows[] = {
	{ "quarters of an hour", 28800, 32400, true, 40, "08:00,08:15,08:30,08:45,09:00" },
	{ "from an odd time on", 28801, 32399, true, 40, "08:15,08:30,08:45" },
	{ "wider, finer", 28800, 32400, true, 60, "08:00,08:10,08:20,08:30,08:40,08:50,09:00" },
	{ "midnight says the day", 79200, 93600, true, 40, "22:00,23:00,01-02,01:00,02:00" },
	{ "days", 0, 5 * 86400, true, 60, "01-01,01-02,01-03,01-04,01-05,01-06" },
	{ "many days", 0, 200 * 86400, true, 40, "01-01,02-20,04-11,05-31,07-20" },
	{ "seconds", 10, 20, true, 40, "00:00:10,00:00:15,00:00:20" },
	{ "parts of a second", 10, 11, true, 40, "00:00:10.000,00:00:10.500,00:00:11.000" },
	{ "since the start", 0, 4 * 3600, false, 40, "0 h,1 h,2 h,3 h,4 h" },
	{ "since the start, finer", 0, 4 * 3600, false, 80,
	  "0 min,30 min,60 min,90 min,120 min,150 min,180 min,210 min,240 min" },
	{ "seconds since the start", 0, 60, false, 40, "0 s,15 s,30 s,45 s,60 s" },
	{ "no time span", 28800, 28800, true, 40, "08:00:00.000" },
	{ "the end of time", 0, INT64_MAX / NS_PER_S, false, 40, "0 d,50000 d,100000 d" },
	{ "hardly a column", 0, INT64_MAX / NS_PER_S, false, 1, "0 d,100000 d" },
};

static void test_time(void **state)
{
	const struct time_row *row = *state;
	auto_sbuf got = SBUF_INIT;
	struct time_axis a;
	char buf[FMT_MAX];

	time_axis_fit(row->start * NS_PER_S, row->end * NS_PER_S, row->is_wall, row->columns, &a);
	for (size_t i = 0; i < a.n; i++)
		sbuf_addf(&got, "%s%s", i ? "," : "", time_axis_label(buf, &a, i));
	assert_string_equal(sbuf_str(&got), row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "bytes_axis_fit", bytes_rows, test_bytes);
	rows_add_one(&tests, "bytes_axis_fit: for all bounds", test_bytes_hold);
	ROWS_ADD(&tests, "time_axis_fit", time_rows, test_time);
	return rows_run("axis", &tests);
}
