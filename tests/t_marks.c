/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/core/marks.
 */
#include "walk/core/marks.h"

#include "rows.h"

#define BASE UINT64_C(0x7f0000000000)

struct any_row {
	const char *name;
	uint64_t start, end; /* from BASE */
	bool want;
};

/* Marked are 0x100, 0x3fff0 (the last of its block) and 0x100008. */
static const struct any_row rows[] = {
	{ "before the first", 0, 0x100, false },
	{ "the first", 0x100, 0x101, true },
	{ "the first, from before it", 0xff, 0x110, true },
	{ "inside its granule", 0x10f, 0x110, true },
	{ "behind it", 0x110, 0x3fff0, false },
	{ "the last of a block", 0x3fff0, 0x40000, true },
	{ "over the edge of a block", 0x3fe00, 0x50000, true },
	{ "a block without", 0x40000, 0x80000, false },
	{ "blocks without", 0x40000, 0x100000, false },
	{ "over several blocks", 0x40000, 0x100001, true },
	{ "all", 0, 0x200000, true },
	{ "nothing", 0x100, 0x100, false },
	{ "backwards", 0x200, 0x100, false },
};

static void test_any(void **state)
{
	const struct any_row *row = *state;
	struct marks s = { 0 };

	assert_false(marks_any(&s, BASE + row->start, BASE + row->end));
	marks_set(&s, BASE + 0x100);
	marks_set(&s, BASE + 0x3fff0);
	marks_set(&s, BASE + 0x100008);
	marks_set(&s, BASE + 0x100);
	assert_int_equal(marks_any(&s, BASE + row->start, BASE + row->end), row->want);
	assert_int_equal(s.n, 2);
	marks_release(&s);
	assert_int_equal(s.n, 0);
}

struct word_row {
	const char *name;
	uint64_t from, to;
	uint64_t at, bits; /* bits 0: no word */
};

/* Marked are 0x100, 0x3f0, 0x3fff0 and 0x100000. */
static const struct word_row word_rows[] = {
	{ "all marks of a word", 0, 0x200000, 0, UINT64_C(1) << 63 | 1 << 16 },
	{ "from a mark on", 0x100, 0x200000, 0, UINT64_C(1) << 63 | 1 << 16 },
	{ "behind a mark", 0x110, 0x200000, 0, UINT64_C(1) << 63 },
	{ "up to a mark", 0, 0x3f0, 0, 1 << 16 },
	{ "up to the middle of a granule", 0, 0x3f1, 0, UINT64_C(1) << 63 | 1 << 16 },
	{ "the last word of a block", 0x400, 0x200000, 0x3fc00, UINT64_C(1) << 63 },
	{ "over blocks without marks", 0x40000, 0x200000, 0x100000, 1 },
	{ "no mark behind the last", 0x100010, 0x200000, 0, 0 },
	{ "no mark before the first", 0, 0x100, 0, 0 },
	{ "no mark in an empty range", 0x100, 0x100, 0, 0 },
};

static void test_next_word(void **state)
{
	const struct word_row *row = *state;
	uint64_t at = BASE + row->from;
	struct marks s = { 0 };

	assert_int_equal(marks_next_word(&s, &at, BASE + row->to), 0);
	marks_set(&s, BASE + 0x100);
	marks_set(&s, BASE + 0x3f0);
	marks_set(&s, BASE + 0x3fff0);
	marks_set(&s, BASE + 0x100008);
	at = BASE + row->from;
	assert_int_equal(marks_next_word(&s, &at, BASE + row->to), row->bits);
	if (row->bits)
		assert_int_equal(at, BASE + row->at);
	marks_release(&s);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "marks_any", rows, test_any);
	ROWS_ADD(&list, "marks_next_word", word_rows, test_next_word);
	return rows_run("marks", &list);
}
