/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/crc: the published values for this polynomial, in one call and in pieces. */
#include "base/crc.h"

#include "rows.h"

struct crc_row {
	const char *name;
	const char *text;
	uint32_t want;
};

static const struct crc_row crc_rows[] = {
	{ "nothing", "", 0 },
	{ "the check value", "123456789", 0xcbf43926 },
	{ "a letter", "a", 0xe8b7be43 },
	{ "a sentence", "The quick brown fox jumps over the lazy dog", 0x414fa339 },
};

static void test_crc(void **state)
{
	const struct crc_row *row = *state;
	size_t n = strlen(row->text);

	assert_int_equal(crc_add(0, row->text, n), row->want);
	for (size_t cut = 0; cut <= n; cut++)
		assert_int_equal(crc_add(crc_add(0, row->text, cut), row->text + cut, n - cut),
				 row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "crc", crc_rows, test_crc);
	return rows_run("crc", &tests);
}
