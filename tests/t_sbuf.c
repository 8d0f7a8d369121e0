/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/sbuf: numbers against hand-written rows and against printf, and the invariants.
 */
#include "base/sbuf.h"

#include <inttypes.h>

#include "rows.h"

struct u64_row {
	const char *name;
	uint64_t input;
	const char *want_decimal;
	const char *want_hex;
};

static const struct u64_row u64_rows[] = {
	{ "zero has one digit", 0, "0", "0" },
	{ "the last one-digit number", 9, "9", "9" },
	{ "the first two-digit number", 10, "10", "a" },
	{ "hexadecimal grows at 16", 16, "16", "10" },
	{ "a pair with a leading zero", 100, "100", "64" },
	{ "an odd number of digits", 12305, "12305", "3011" },
	{ "the end of 32 bits", UINT32_MAX, "4294967295", "ffffffff" },
	{ "an address of 47 bits", 0x7ffd8a3c1000, "140726922645504", "7ffd8a3c1000" },
	{ "the last of 19 digits", 9999999999999999999U, "9999999999999999999",
	  "8ac7230489e7ffff" },
	{ "the first of 20 digits", 10000000000000000000U, "10000000000000000000",
	  "8ac7230489e80000" },
	{ "the end of 64 bits", UINT64_MAX, "18446744073709551615", "ffffffffffffffff" },
};

static void test_u64(void **state)
{
	const struct u64_row *row = *state;
	auto_sbuf sb = SBUF_INIT;

	sbuf_add_u64(&sb, row->input);
	assert_string_equal(sbuf_str(&sb), row->want_decimal);
	sbuf_reset(&sb);
	sbuf_add_hex(&sb, row->input);
	assert_string_equal(sbuf_str(&sb), row->want_hex);
}

struct i64_row {
	const char *name;
	int64_t input;
	const char *want;
};

static const struct i64_row i64_rows[] = {
	{ "zero has no sign", 0, "0" },
	{ "a positive number has no sign", 4096, "4096" },
	{ "minus one", -1, "-1" },
	{ "the largest", INT64_MAX, "9223372036854775807" },
	{ "the smallest has no positive twin", INT64_MIN, "-9223372036854775808" },
};

static void test_i64(void **state)
{
	const struct i64_row *row = *state;
	auto_sbuf sb = SBUF_INIT;

	sbuf_add_i64(&sb, row->input);
	assert_string_equal(sbuf_str(&sb), row->want);
}

static void check_like_printf(uint64_t v)
{
	auto_sbuf sb = SBUF_INIT;
	char want[64];

	(void)snprintf(want, sizeof(want), "%" PRIu64 " %" PRIx64, v, v);
	sbuf_add_u64(&sb, v);
	sbuf_addch(&sb, ' ');
	sbuf_add_hex(&sb, v);
	assert_string_equal(sbuf_str(&sb), want);
	assert_int_equal(sb.len, strlen(want));
}

static void test_numbers_like_printf(attr_unused void **state)
{
	for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
		check_like_printf(power - 1);
		check_like_printf(power);
		check_like_printf(power * 10 - 1);
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		check_like_printf(UINT64_C(1) << bit);
		check_like_printf((UINT64_C(1) << bit) - 1);
	}
}

static void test_empty(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;
	auto_free char *stolen = NULL;

	assert_string_equal(sbuf_str(&sb), "");
	sbuf_reset(&sb);
	sbuf_add(&sb, NULL, 0);
	sbuf_adds(&sb, "");
	assert_null(sb.data);
	stolen = sbuf_steal(&sb);
	assert_string_equal(stolen, "");
	assert_null(sb.data);
	sbuf_release(NULL);
}

static void test_terminated(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;

	for (size_t i = 1; i <= 1000; i++) {
		sbuf_addch(&sb, 'x');
		assert_int_equal(sb.len, i);
		assert_true(sb.len < sb.cap);
		assert_int_equal(strlen(sb.data), i);
	}
}

static void test_nul_bytes(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;

	sbuf_add(&sb, "a\0b", 3);
	sbuf_addch(&sb, '\0');
	assert_int_equal(sb.len, 4);
	assert_memory_equal(sb.data, "a\0b\0", 5);
}

static void test_reserve(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;
	const char *before;

	sbuf_reserve(&sb, 10000);
	assert_true(sb.cap > 10000);
	assert_string_equal(sb.data, "");
	before = sb.data;
	for (int i = 0; i < 10000; i++)
		sbuf_addch(&sb, 'x');
	assert_ptr_equal(sb.data, before);
}

static void test_reset_keeps_memory(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;
	const char *before;

	sbuf_adds(&sb, "text");
	before = sb.data;
	sbuf_reset(&sb);
	assert_ptr_equal(sb.data, before);
	assert_string_equal(sbuf_str(&sb), "");
	assert_int_equal(sb.len, 0);
}

static void test_addf(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;

	/* Around the initial capacity, where the text has to be formatted a second time. */
	for (int width = 0; width < 300; width++) {
		sbuf_reset(&sb);
		sbuf_adds(&sb, "<");
		sbuf_addf(&sb, "%*s%d", width, "", 7);
		assert_int_equal(sb.len, (size_t)width + 2);
		assert_int_equal(strlen(sb.data), sb.len);
		assert_int_equal(sb.data[sb.len - 1], '7');
		sbuf_release(&sb);
	}
}

static void test_steal(attr_unused void **state)
{
	auto_sbuf sb = SBUF_INIT;
	auto_free char *stolen = NULL;

	sbuf_adds(&sb, "mine");
	stolen = sbuf_steal(&sb);
	assert_string_equal(stolen, "mine");
	assert_null(sb.data);
	assert_int_equal(sb.len + sb.cap, 0);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "sbuf_add_u64 and _hex", u64_rows, test_u64);
	ROWS_ADD(&tests, "sbuf_add_i64", i64_rows, test_i64);
	rows_add_one(&tests, "sbuf: numbers equal printf's at every power of 2 and 10",
		     test_numbers_like_printf);
	rows_add_one(&tests, "sbuf: an empty string needs no memory", test_empty);
	rows_add_one(&tests, "sbuf: text is terminated at every length", test_terminated);
	rows_add_one(&tests, "sbuf: NUL bytes count", test_nul_bytes);
	rows_add_one(&tests, "sbuf_reserve: reserved room is not moved", test_reserve);
	rows_add_one(&tests, "sbuf_reset: memory is kept", test_reset_keeps_memory);
	rows_add_one(&tests, "sbuf_addf: any length fits", test_addf);
	rows_add_one(&tests, "sbuf_steal: leaves an empty string behind", test_steal);
	return rows_run("sbuf", &tests);
}
