/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/trend/regress against fits worked out by hand. */
#include "analysis/trend/regress.h"

#include <math.h>

#include "rows.h"

static const double ones[] = { 1, 1, 1, 1, 1, 1, 1, 1 };
static const double times[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

/*
 * Means 1.5 and 2.5; slope 4 / 5 = 0.8. Residuals -0.3, 0.9, -0.9, 0.3: sum of squares 1.8, 0.9 for
 * each degree of freedom; sqrt(0.9 / 5) and sqrt(0.9 * (1 / 4 + 1.5 * 1.5 / 5)).
 */
static void test_line(attr_unused void **state)
{
	static const double y[] = { 1, 3, 2, 4 };
	const double *const columns[] = { ones, times };
	struct regression r;

	assert_true(regress(columns, 2, y, 4, &r));
	assert_float_equal(r.value[0], 1.3, 1e-9);
	assert_float_equal(r.value[1], 0.8, 1e-9);
	assert_float_equal(r.squares, 1.8, 1e-9);
	assert_float_equal(r.inflation, 1, 0);
	assert_float_equal(r.deviation[0], sqrt(0.63), 1e-9);
	assert_float_equal(r.deviation[1], sqrt(0.18), 1e-9);
}

static void test_exact(attr_unused void **state)
{
	static const double bent[] = { 0, 0, 0, 0, 1, 2, 3, 4 };
	static const double stepped[] = { 0, 0, 1, 1, 1, 1, 1, 1 };
	const double *const columns[] = { ones, times, bent, stepped };
	struct regression r;
	double y[8];

	for (size_t i = 0; i < 8; i++)
		y[i] = 1e9 + 3 * times[i] - 2 * bent[i] + 5 * stepped[i];
	assert_true(regress(columns, 4, y, 8, &r));
	assert_float_equal(r.value[0], 1e9, 1e-3);
	assert_float_equal(r.value[1], 3, 1e-6);
	assert_float_equal(r.value[2], -2, 1e-6);
	assert_float_equal(r.value[3], 5, 1e-6);
}

/*
 * The products of neighbours are one of eight squares; 0.5 and 3 of it are the bias: see regress.c.
 */
static void test_clump(attr_unused void **state)
{
	static const double y[] = { 1, 1, -1, -1, 1, 1, -1, -1 };
	const double *const columns[] = { ones };
	double r = 1. / 8 + (0.5 + 3 * 1. / 8) / 8;
	struct regression got;

	assert_true(regress(columns, 1, y, 8, &got));
	assert_float_equal(got.inflation, (1 + r) / (1 - r), 1e-9);
	assert_float_equal(got.deviation[0], sqrt(8. / 7 / 8 * got.inflation), 1e-9);
}

static void test_impossible(attr_unused void **state)
{
	const double *const same[] = { ones, times, ones };
	const double *const columns[] = { ones, times };
	struct regression r = { .squares = 7 };

	assert_false(regress(same, 3, times, 8, &r));
	assert_false(regress(columns, 2, times, 2, &r));
	assert_float_equal(r.squares, 7, 0);
}

struct t95_row {
	const char *name;
	double degrees, want, tolerance;
};

/* From printed tables. */
static const struct t95_row t95_rows[] = {
	{ "2", 2, 4.303, 0.15 },    { "3", 3, 3.182, 0.03 },    { "5", 5, 2.571, 0.01 },
	{ "10", 10, 2.228, 0.002 }, { "30", 30, 2.042, 0.001 }, { "many", 1e9, 1.960, 0.001 },
};

static void test_t95(void **state)
{
	const struct t95_row *row = *state;

	assert_float_equal(regress_t95(row->degrees), row->want, row->tolerance);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "regress: a line by hand", test_line);
	rows_add_one(&tests, "regress: four columns", test_exact);
	rows_add_one(&tests, "regress: correlation widens", test_clump);
	rows_add_one(&tests, "regress: columns that follow, rows too few", test_impossible);
	ROWS_ADD(&tests, "regress_t95", t95_rows, test_t95);
	return rows_run("regress", &tests);
}
