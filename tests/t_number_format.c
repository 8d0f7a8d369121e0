/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of screen/data/number_format: numbers are short, have a unit, and fit their columns. */
#include "screen/data/number_format.h"

#include "rows.h"

#define MIB (UINT64_C(1) << 20)

struct bytes_row {
	const char *name;
	enum fmt_unit unit;
	unsigned int power;
	uint64_t bytes;
	const char *want;
};

static const struct bytes_row bytes_rows[] = {
	{ "nothing", FMT_IEC, 0, 0, "0 B" },
	{ "bytes", FMT_IEC, 0, 1023, "1023 B" },
	{ "KiB have no fraction", FMT_IEC, 0, 716 * 1024 + 512, "717 KiB" },
	{ "three digits", FMT_IEC, 0, MIB + MIB / 4, "1.25 MiB" },
	{ "with ten", FMT_IEC, 0, 12 * MIB + MIB / 2, "12.5 MiB" },
	{ "with a hundred", FMT_IEC, 0, 827 * MIB, "827 MiB" },
	{ "four at most", FMT_IEC, 0, 1023 * MIB, "1023 MiB" },
	{ "not 10.00", FMT_IEC, 0, 10 * MIB - 1024, "10.0 MiB" },
	{ "not 100.0", FMT_IEC, 0, 100 * MIB - 1024, "100 MiB" },
	{ "the most there is", FMT_IEC, 0, UINT64_MAX, "16.0 EiB" },
	{ "powers of 1000", FMT_SI, 0, 1500000, "1.50 MB" },
	{ "exact", FMT_EXACT, 0, 12345678, "12345678" },
	{ "always KiB", FMT_IEC, 1, 827 * MIB, "846848 KiB" },
	{ "always MiB", FMT_IEC, 2, 12345 * MIB, "12345 MiB" },
	{ "always MiB of little", FMT_IEC, 2, 4096, "0.004 MiB" },
	{ "always GiB", FMT_IEC, 3, 827 * MIB, "0.81 GiB" },
	{ "always GiB of little", FMT_IEC, 3, 12 * MIB, "0.012 GiB" },
	{ "always GiB, 0 bytes", FMT_IEC, 3, 0, "0 GiB" },
};

static void test_bytes(void **state)
{
	const struct bytes_row *row = *state;
	const struct number_format format = { .unit = row->unit, .power = row->power };
	char buf[FMT_MAX];

	assert_string_equal(number_format_bytes(buf, &format, row->bytes), row->want);
	assert_true(strlen(row->want) <= number_format_width(&format));
}

struct delta_row {
	const char *name;
	double bytes;
	const char *want;
};

static const struct delta_row delta_rows[] = {
	{ "nothing", 0, "0" },
	{ "next to nothing", -0.3, "0" },
	{ "growth", 38.4 * (double)MIB, "+38.4 MiB" },
	{ "shrinking", -6 * (double)MIB, "-6.00 MiB" },
	{ "beyond all measure", 1e30, "+888 PiB" },
};

static void test_delta(void **state)
{
	const struct delta_row *row = *state;
	const struct number_format format = { .unit = FMT_IEC };
	char buf[FMT_MAX];

	assert_string_equal(number_format_delta(buf, &format, row->bytes), row->want);
}

struct age_row {
	const char *name;
	double seconds;
	const char *want;
};

static const struct age_row age_rows[] = {
	{ "now", 0, "0 s" },          { "the clock ran back", -3, "0 s" },
	{ "seconds", 99.4, "99 s" },  { "minutes", 150, "2 m" },
	{ "hours", 3 * 3600, "3 h" }, { "days", 50 * 86400.0, "50 d" },
};

static void test_age(void **state)
{
	const struct age_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(number_format_age(buf, row->seconds), row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "look_bytes", bytes_rows, test_bytes);
	ROWS_ADD(&tests, "look_delta", delta_rows, test_delta);
	ROWS_ADD(&tests, "look_age", age_rows, test_age);
	return rows_run("screen/look", &tests);
}
