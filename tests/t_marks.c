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

static void test_next(void **state attr_unused)
{
	struct marks s = { 0 };

	assert_int_equal(marks_next(&s, BASE, BASE + 0x200000), BASE + 0x200000);
	marks_set(&s, BASE + 0x100);
	marks_set(&s, BASE + 0x3fff0);
	marks_set(&s, BASE + 0x100008);
	assert_int_equal(marks_next(&s, BASE, BASE + 0x200000), BASE + 0x100);
	assert_int_equal(marks_next(&s, BASE + 0x100, BASE + 0x200000), BASE + 0x100);
	assert_int_equal(marks_next(&s, BASE + 0x110, BASE + 0x200000), BASE + 0x3fff0);
	assert_int_equal(marks_next(&s, BASE + 0x110, BASE + 0x3fff0), BASE + 0x3fff0);
	assert_int_equal(marks_next(&s, BASE + 0x110, BASE + 0x200), BASE + 0x200);
	assert_int_equal(marks_next(&s, BASE + 0x40000, BASE + 0x200000), BASE + 0x100000);
	assert_int_equal(marks_next(&s, BASE + 0x100010, BASE + 0x200000), BASE + 0x200000);
	marks_release(&s);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "marks_any", rows, test_any);
	rows_add_one(&list, "marks_next: the first from there on", test_next);
	return rows_run("marks", &list);
}
