/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/num: what is a number, what is not, and what is too large. */
#include "base/num.h"

#include <errno.h>

#include "rows.h"

#define UNTOUCHED UINT64_C(0xdeadbeef) /* in outputs that an error must leave alone */
#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)
#define PIB (UINT64_C(1) << 50)

struct parse_row {
	const char *name;
	const char *input;
	int want_return;
	uint64_t want; /* if want_return is 0 */
};

static const struct parse_row u64_rows[] = {
	{ "zero", "0", 0, 0 },
	{ "leading zeros beyond 20 digits", "000000000000000000000000042", 0, 42 },
	{ "the end of 64 bits", "18446744073709551615", 0, UINT64_MAX },
	{ "one more does not fit", "18446744073709551616", -ERANGE, 0 },
	{ "a product that wraps does not fit", "99999999999999999999", -ERANGE, 0 },
	{ "40 digits do not fit", "1234567890123456789012345678901234567890", -ERANGE, 0 },
	{ "an empty text is not a number", "", -EINVAL, 0 },
	{ "a sign is not a digit", "-1", -EINVAL, 0 },
	{ "not even a plus", "+1", -EINVAL, 0 },
	{ "leading space", " 1", -EINVAL, 0 },
	{ "trailing space", "1 ", -EINVAL, 0 },
	{ "trailing newline", "1\n", -EINVAL, 0 },
	{ "hexadecimal", "0x10", -EINVAL, 0 },
	{ "too large and not a number is not a number", "99999999999999999999x", -EINVAL, 0 },
	{ "bytes above ASCII", "\xb2", -EINVAL, 0 },
};

static void test_parse_u64(void **state)
{
	const struct parse_row *row = *state;
	uint64_t v = UNTOUCHED;

	assert_int_equal(num_parse_u64(row->input, &v), row->want_return);
	assert_int_equal(v, row->want_return ? UNTOUCHED : row->want);
}

static const struct parse_row size_rows[] = {
	{ "no unit is bytes", "4096", 0, 4096 },
	{ "B is bytes", "4096B", 0, 4096 },
	{ "K", "64K", 0, 64 * KIB },
	{ "M", "64M", 0, 64 * MIB },
	{ "G with a fraction", "1.5G", 0, 3 * GIB / 2 },
	{ "T", "2T", 0, 2 * TIB },
	{ "P", "3P", 0, 3 * PIB },
	{ "KiB", "4KiB", 0, 4 * KIB },
	{ "MiB", "512MiB", 0, 512 * MIB },
	{ "GiB", "1GiB", 0, GIB },
	{ "TiB", "1TiB", 0, TIB },
	{ "PiB", "1PiB", 0, PIB },
	{ "KB is 1000", "1KB", 0, 1000 },
	{ "MB", "100MB", 0, 100000000 },
	{ "GB", "1.6GB", 0, 1600000000 },
	{ "TB", "1TB", 0, 1000000000000 },
	{ "PB", "1PB", 0, 1000000000000000 },
	{ "lower case", "64mib", 0, 64 * MIB },
	{ "kB as it is printed", "1.5kB", 0, 1500 },
	{ "zero with a unit", "0.0G", 0, 0 },
	{ "part of a byte is dropped", "0.3K", 0, 307 },
	{ "one byte less than a unit", "0.9999999999999999999999P", 0, PIB - 1 },
	{ "50 digits are exact: 2^-50 P is a byte",
	  "0.00000000000000088817841970012523233890533447265625P", 0, 1 },
	{ "and a little less is refused", "0.00000000000000088817841970012523233890533447265624P",
	  0, 0 },
	{ "the end of 64 bits", "18446744073709551615", 0, UINT64_MAX },
	{ "the last multiple of 1 KiB", "18014398509481983K", 0, UINT64_MAX - KIB + 1 },
	{ "its fraction", "18014398509481983.9999K", 0, UINT64_MAX },
	{ "the next one does not fit", "18014398509481984K", -ERANGE, 0 },
	{ "16384P does not fit", "16384P", -ERANGE, 0 },
	{ "21 digits do not fit", "100000000000000000000", -ERANGE, 0 },
	{ "empty", "", -EINVAL, 0 },
	{ "a unit alone", "G", -EINVAL, 0 },
	{ "negative", "-1G", -EINVAL, 0 },
	{ "no digit in front of the point", ".5G", -EINVAL, 0 },
	{ "no digit behind the point", "1.G", -EINVAL, 0 },
	{ "two points", "1.2.3G", -EINVAL, 0 },
	{ "a comma", "1,5G", -EINVAL, 0 },
	{ "part of a byte alone", "1.5", -EINVAL, 0 },
	{ "an unknown unit", "1E", -EINVAL, 0 },
	{ "half a unit", "1Gi", -EINVAL, 0 },
	{ "a unit and more", "1GiBx", -EINVAL, 0 },
	{ "a space", "1 G", -EINVAL, 0 },
	{ "an exponent", "1e3", -EINVAL, 0 },
	{ "not a number", "nan", -EINVAL, 0 },
};

static void test_parse_size(void **state)
{
	const struct parse_row *row = *state;
	uint64_t v = UNTOUCHED;

	assert_int_equal(num_parse_size(row->input, &v), row->want_return);
	assert_int_equal(v, row->want_return ? UNTOUCHED : row->want);
}

struct scan_row {
	const char *name;
	bool (*scan)(const char **p, const char *end, uint64_t *ret_value);
	const char *input;
	bool want_found;
	size_t want_moved;
	uint64_t want;
};

static const struct scan_row scan_rows[] = {
	{ "decimal stops at a space", num_scan_u64, "1204 kB", true, 4, 1204 },
	{ "decimal stops at a letter", num_scan_u64, "12ab", true, 2, 12 },
	{ "decimal needs a digit", num_scan_u64, " 12", false, 0, 0 },
	{ "decimal of an empty text", num_scan_u64, "", false, 0, 0 },
	{ "20 digits fit", num_scan_u64, "18446744073709551615-", true, 20, UINT64_MAX },
	{ "overflow moves nothing", num_scan_u64, "18446744073709551616", false, 0, 0 },
	{ "hexadecimal stops at a dash", num_scan_hex, "55d0c8a0e000-55d0", true, 12,
	  0x55d0c8a0e000 },
	{ "hexadecimal reads no prefix", num_scan_hex, "0xff", true, 1, 0 },
	{ "hexadecimal needs a digit", num_scan_hex, "-1", false, 0, 0 },
	{ "the vsyscall page", num_scan_hex, "ffffffffff601000 ", true, 16, 0xffffffffff601000 },
	{ "16 digits in upper case", num_scan_hex, "FEDCBA9876543210", true, 16,
	  0xfedcba9876543210 },
	{ "zeros in front beyond 16 digits", num_scan_hex, "0000000000000000001f", true, 20, 0x1f },
	{ "hexadecimal overflow moves nothing", num_scan_hex, "1ffffffffffffffff", false, 0, 0 },
};

static void test_scan(void **state)
{
	const struct scan_row *row = *state;
	const char *p = row->input;
	uint64_t v = UNTOUCHED;

	assert_int_equal(row->scan(&p, p + strlen(p), &v), row->want_found);
	assert_int_equal(p - row->input, row->want_moved);
	assert_int_equal(v, row->want_found ? row->want : UNTOUCHED);
}

/*
 * The text is cut at each byte and ends with its memory: a sanitizer finds a read beyond the end.
 */
static void test_scan_truncated(attr_unused void **state)
{
	static const char text[] = "00000000001844674407370955161";
	uint64_t want = 0;

	for (size_t n = 1; n < sizeof(text); n++) {
		auto_free char *copy = xmalloc(n);
		const char *p = copy;
		uint64_t v;

		memcpy(copy, text, n);
		want = want * 10 + (uint64_t)(text[n - 1] - '0');
		assert_true(num_scan_u64(&p, copy + n, &v));
		assert_int_equal(v, want);
		p = copy;
		assert_int_equal(num_scan_hex(&p, copy + n, &v), n <= 26);
		p = copy;
		assert_false(num_scan_u64(&p, copy, &v));
		assert_false(num_scan_hex(&p, copy, &v));
	}
}

/* Each byte in each place among digits: eight of them may be read at once. */
static void test_scan_every_byte(attr_unused void **state)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (size_t at = 0; at < 10; at++) {
		for (int byte = 1; byte < 256; byte++) {
			char text[] = "9a0f19bc2d ";
			const char *p = text, *found = strchr(digits, byte);
			uint64_t v;

			text[at] = (char)byte;
			assert_int_equal(num_scan_hex(&p, text + 10, &v), found || at > 0);
			assert_int_equal(p - text, found ? 10 : at);
			if (found || at > 0)
				assert_int_equal(v, strtoull(text, NULL, 16));
		}
	}
}

struct padded_row {
	const char *name;
	const char *input;
	bool want_found;
	uint64_t want;
};

static const struct padded_row padded_rows[] = {
	{ "one digit", "       4", true, 4 },
	{ "eight digits", "98765432", true, 98765432 },
	{ "zeros in front", "  000120", true, 120 },
	{ "no digit", "        ", false, 0 },
	{ "a blank behind", "     12 ", false, 0 },
	{ "a blank inside", "   1 204", false, 0 },
	{ "a letter", "    12a4", false, 0 },
	{ "a byte that differs from a digit in one bit", "     1p0", false, 0 },
	{ "a byte that differs from a blank in one bit", "  `  120", false, 0 },
};

static void test_padded(void **state)
{
	const struct padded_row *row = *state;
	uint64_t v = UNTOUCHED;

	assert_int_equal(num_parse_padded(row->input, &v), row->want_found);
	assert_int_equal(v, row->want_found ? row->want : UNTOUCHED);
}

struct sat_row {
	const char *name;
	uint64_t a, b;
	uint64_t want_sum, want_product;
};

static const struct sat_row sat_rows[] = {
	{ "small numbers", 6, 7, 13, 42 },
	{ "with 0", UINT64_MAX, 0, UINT64_MAX, 0 },
	{ "just below the end", UINT64_MAX - 1, 1, UINT64_MAX, UINT64_MAX - 1 },
	{ "held at the end", UINT64_MAX, 2, UINT64_MAX, UINT64_MAX },
	{ "a product that wraps to 0", UINT64_C(1) << 32, UINT64_C(1) << 32, UINT64_C(1) << 33,
	  UINT64_MAX },
};

static void test_sat(void **state)
{
	const struct sat_row *row = *state;

	assert_int_equal(num_add_sat(row->a, row->b), row->want_sum);
	assert_int_equal(num_add_sat(row->b, row->a), row->want_sum);
	assert_int_equal(num_mul_sat(row->a, row->b), row->want_product);
	assert_int_equal(num_mul_sat(row->b, row->a), row->want_product);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "num_parse_u64", u64_rows, test_parse_u64);
	ROWS_ADD(&tests, "num_parse_size", size_rows, test_parse_size);
	ROWS_ADD(&tests, "num_scan", scan_rows, test_scan);
	rows_add_one(&tests, "num_scan: never reads behind the end", test_scan_truncated);
	rows_add_one(&tests, "num_scan_hex: each byte in each place", test_scan_every_byte);
	ROWS_ADD(&tests, "num_parse_padded", padded_rows, test_padded);
	ROWS_ADD(&tests, "num_add_sat and _mul_sat", sat_rows, test_sat);
	return rows_run("num", &tests);
}
