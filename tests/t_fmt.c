/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/fmt: units, rounding at unit borders, and the ends of the ranges. */
#include "base/fmt.h"

#include <inttypes.h>
#include <math.h>

#include "rows.h"

struct bytes_row {
	const char *name;
	uint64_t input;
	enum fmt_unit unit;
	const char *want;
};

static const struct bytes_row bytes_rows[] = {
	{ "nothing", 0, FMT_IEC, "0 B" },
	{ "bytes have no decimal", 512, FMT_IEC, "512 B" },
	{ "the last count of bytes", 1023, FMT_IEC, "1023 B" },
	{ "one KiB", 1024, FMT_IEC, "1.0 KiB" },
	{ "a page", 4096, FMT_IEC, "4.0 KiB" },
	{ "half a unit", 1536, FMT_IEC, "1.5 KiB" },
	{ "below the half of a tenth rounds down", 1075, FMT_IEC, "1.0 KiB" },
	{ "above the half of a tenth rounds up", 1076, FMT_IEC, "1.1 KiB" },
	{ "1023.9 KiB stay", 1048524, FMT_IEC, "1023.9 KiB" },
	{ "1024.0 KiB are 1.0 MiB", 1048525, FMT_IEC, "1.0 MiB" },
	{ "one byte less than a MiB", 1048575, FMT_IEC, "1.0 MiB" },
	{ "one byte less than a GiB", 1073741823, FMT_IEC, "1.0 GiB" },
	{ "a common size", 867172352, FMT_IEC, "827.0 MiB" },
	{ "GiB", 1610612736, FMT_IEC, "1.5 GiB" },
	{ "TiB", UINT64_C(1) << 40, FMT_IEC, "1.0 TiB" },
	{ "PiB", UINT64_C(1) << 50, FMT_IEC, "1.0 PiB" },
	{ "one byte less than an EiB", (UINT64_C(1) << 60) - 1, FMT_IEC, "1.0 EiB" },
	{ "the end of 64 bits", UINT64_MAX, FMT_IEC, "16.0 EiB" },
	{ "SI: bytes", 999, FMT_SI, "999 B" },
	{ "SI: kB", 1000, FMT_SI, "1.0 kB" },
	{ "SI: 999.9 kB stay", 999949, FMT_SI, "999.9 kB" },
	{ "SI: 1000.0 kB are 1.0 MB", 999950, FMT_SI, "1.0 MB" },
	{ "SI: GB", 1610612736, FMT_SI, "1.6 GB" },
	{ "SI: the end of 64 bits", UINT64_MAX, FMT_SI, "18.4 EB" },
	{ "exact: zero", 0, FMT_EXACT, "0" },
	{ "exact: no unit", 1610612736, FMT_EXACT, "1610612736" },
	{ "exact: the end of 64 bits", UINT64_MAX, FMT_EXACT, "18446744073709551615" },
};

static void test_bytes(void **state)
{
	const struct bytes_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(fmt_bytes(buf, row->input, row->unit), row->want);
	assert_ptr_equal(fmt_put_bytes(buf, row->input, row->unit), buf + strlen(row->want));
}

/* Around each power of two, at which lengths and units change. */
static void test_put(void **state attr_unused)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		for (int by = -70; by <= 70; by++) {
			uint64_t v = (UINT64_C(1) << bit) + (uint64_t)(int64_t)by;
			char buf[FMT_MAX], want[FMT_MAX];

			*fmt_put_u64(buf, v) = '\0';
			(void)snprintf(want, sizeof(want), "%" PRIu64, v);
			assert_string_equal(buf, want);
			*fmt_put_hex(buf, v) = '\0';
			(void)snprintf(want, sizeof(want), "%" PRIx64, v);
			assert_string_equal(buf, want);
			assert_int_equal(fmt_hex_digits(v), strlen(want));
			for (int unit = FMT_IEC; unit <= FMT_EXACT; unit++)
				assert_true(strlen(fmt_bytes(buf, v, (enum fmt_unit)unit)) <=
					    fmt_most_bytes(v, (enum fmt_unit)unit));
		}
	}
}

struct delta_row {
	const char *name;
	int64_t input;
	enum fmt_unit unit;
	const char *want;
};

static const struct delta_row delta_rows[] = {
	{ "no difference has no sign", 0, FMT_IEC, "0 B" },
	{ "more", 40265318, FMT_IEC, "+38.4 MiB" },
	{ "less", -4096, FMT_IEC, "-4.0 KiB" },
	{ "SI", -1500, FMT_SI, "-1.5 kB" },
	{ "exact more", 4096, FMT_EXACT, "+4096" },
	{ "exact less", -1, FMT_EXACT, "-1" },
	{ "the largest", INT64_MAX, FMT_IEC, "+8.0 EiB" },
	{ "the smallest", INT64_MIN, FMT_IEC, "-8.0 EiB" },
	{ "the smallest exact", INT64_MIN, FMT_EXACT, "-9223372036854775808" },
};

static void test_delta(void **state)
{
	const struct delta_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(fmt_delta(buf, row->input, row->unit), row->want);
}

struct in_row {
	const char *name;
	double input;
	enum fmt_unit unit;
	unsigned int power, decimals;
	const char *want;
};

static const struct in_row in_rows[] = {
	{ "no decimals", 800 * 1048576.0, FMT_IEC, 2, 0, "800 MiB" },
	{ "rounded to the unit", 1.6 * 1048576, FMT_IEC, 2, 0, "2 MiB" },
	{ "less than the unit", 51.2 * 1024, FMT_IEC, 2, 2, "0.05 MiB" },
	{ "more than the next", 2048 * 1048576.0, FMT_IEC, 2, 1, "2048.0 MiB" },
	{ "three decimals", 1.025 * 1073741824, FMT_IEC, 3, 3, "1.025 GiB" },
	{ "SI", 1.5e9, FMT_SI, 3, 1, "1.5 GB" },
	{ "exact", 4096, FMT_EXACT, 0, 0, "4096" },
	{ "bytes", 512, FMT_IEC, 0, 0, "512 B" },
	{ "nothing", 0, FMT_IEC, 3, 1, "0.0 GiB" },
	{ "a negative time is 0", -1, FMT_IEC, 0, 0, "0 B" },
	{ "far beyond", 1e300, FMT_SI, 6, 3, "1000000000000000.000 EB" },
};

static void test_in(void **state)
{
	const struct in_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(fmt_bytes_in(buf, row->input, row->unit, row->power, row->decimals),
			    row->want);
}

struct power_row {
	const char *name;
	double input;
	enum fmt_unit unit;
	unsigned int want;
	double want_one;
};

static const struct power_row power_rows[] = {
	{ "nothing", 0, FMT_IEC, 0, 1 },
	{ "below the first unit", 1023, FMT_IEC, 0, 1 },
	{ "the first unit", 1024, FMT_IEC, 1, 1024 },
	{ "SI", 1024, FMT_SI, 1, 1000 },
	{ "a common size", 867172352, FMT_IEC, 2, 1048576 },
	{ "beyond the last unit", 1e30, FMT_SI, 6, 1e18 },
	{ "exact has no unit", 1e12, FMT_EXACT, 0, 1 },
};

static void test_power(void **state)
{
	const struct power_row *row = *state;
	double one;

	assert_int_equal(fmt_power(row->input, row->unit, &one), row->want);
	assert_true(one == row->want_one);
}

struct double_row {
	const char *name;
	double input;
	const char *want;
};

static const struct double_row duration_rows[] = {
	{ "nothing", 0, "0.0 s" },
	{ "tenths", 0.4, "0.4 s" },
	{ "the last with tenths", 9.94, "9.9 s" },
	{ "10.0 s has no decimals", 9.96, "10 s" },
	{ "seconds", 42, "42 s" },
	{ "the last second", 59.4, "59 s" },
	{ "60 s are a minute", 59.6, "1 min" },
	{ "minutes", 12 * 60, "12 min" },
	{ "minutes are rounded", 12 * 60 + 30, "13 min" },
	{ "60 min are an hour", 3599, "1 h 00 min" },
	{ "hours", 3 * 3600 + 4 * 60, "3 h 04 min" },
	{ "the last minute of a day", 86369, "23 h 59 min" },
	{ "24 h are a day", 86370, "1 d 00 h" },
	{ "days", 3 * 86400 + 4 * 3600, "3 d 04 h" },
	{ "years stay days", 400 * 86400.0, "400 d 00 h" },
	{ "a negative time is 0", -5, "0.0 s" },
	{ "NaN is 0", NAN, "0.0 s" },
	{ "without end", INFINITY, "11574074074 d 02 h" },
};

static void test_duration(void **state)
{
	const struct double_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(fmt_duration(buf, row->input), row->want);
}

static const struct double_row percent_rows[] = {
	{ "nothing", 0, "0.0 %" },
	{ "almost nothing", 1e-9, "<0.1 %" },
	{ "just below 0.05", 0.049, "<0.1 %" },
	{ "0.05 rounds up", 0.0501, "0.1 %" },
	{ "a share", 97.3, "97.3 %" },
	{ "rounding to the whole", 99.96, "100.0 %" },
	{ "all", 100, "100.0 %" },
	{ "more than all", 1234.56, "1234.6 %" },
	{ "negative", -2, "-2.0 %" },
	{ "a negative zero has no sign", -0.01, "0.0 %" },
	{ "0/0 is n/a", NAN, "n/a" },
	{ "without end", INFINITY, "1000000000000000.0 %" },
};

static void test_percent(void **state)
{
	const struct double_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(fmt_percent(buf, row->input), row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "fmt_bytes", bytes_rows, test_bytes);
	rows_add_one(&tests, "fmt_put and fmt_most: around each power of two", test_put);
	ROWS_ADD(&tests, "fmt_delta", delta_rows, test_delta);
	ROWS_ADD(&tests, "fmt_bytes_in", in_rows, test_in);
	ROWS_ADD(&tests, "fmt_power", power_rows, test_power);
	ROWS_ADD(&tests, "fmt_duration", duration_rows, test_duration);
	ROWS_ADD(&tests, "fmt_percent", percent_rows, test_percent);
	return rows_run("fmt", &tests);
}
