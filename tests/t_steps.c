/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/trend/steps against obvious levels. */
#include "analysis/trend/steps.h"

#include "rows.h"

/* Two levels: 0 0 and the others about 6.6 is better than splitting off the two 9, 19.2 to 30. */
static void test_levels(attr_unused void **state)
{
	static const double y[] = { 0, 0, 5, 5, 5, 9, 9 };
	struct steps s[STEPS_MOST];

	assert_int_equal(steps_find(y, 7, s), 3);
	assert_int_equal(s[0].levels, 1);
	assert_float_equal(s[0].squares, 237 - 33. * 33 / 7, 1e-9);
	assert_int_equal(s[1].levels, 2);
	assert_int_equal(s[1].begin[1], 2);
	assert_float_equal(s[1].squares, 19.2, 1e-9);
	assert_int_equal(s[2].levels, 3);
	assert_int_equal(s[2].begin[0], 0);
	assert_int_equal(s[2].begin[1], 2);
	assert_int_equal(s[2].begin[2], 5);
	assert_int_equal(s[2].begin[3], 7);
	assert_float_equal(s[2].squares, 0, 1e-9);
}

static void test_bounds(attr_unused void **state)
{
	struct steps s[STEPS_MOST];
	double y[STEPS_ROWS];

	for (size_t i = 0; i < STEPS_ROWS; i++)
		y[i] = 1e15 + (double)(i / 4);
	assert_int_equal(steps_find(y, STEPS_ROWS, s), STEPS_MOST);
	for (size_t l = 0; l < STEPS_MOST; l++)
		assert_int_equal(s[STEPS_MOST - 1].begin[l], 4 * l);
	assert_float_equal(s[STEPS_MOST - 1].squares, 0, 1e-3);
	assert_int_equal(steps_find(y, 2, s), 1);
	assert_int_equal(s[0].begin[1], 2);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "stairs_find: the least squares of each number", test_levels);
	rows_add_one(&tests, "stairs_find: most rows, fewest rows", test_bounds);
	return rows_run("stairs", &tests);
}
