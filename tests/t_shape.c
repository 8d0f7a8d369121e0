/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/trend/shape: a drawn shape is found, and its slope at the end. */
#include "analysis/trend/shape.h"

#include <math.h>

#include "rows.h"

#define MB 1048576.0

enum { POINTS = 40 };

/* Returns the megabytes at a point. */
typedef double (*level_fn)(double t);

static double flat(attr_unused double t)
{
	return 100;
}

static double line(double t)
{
	return 100 + 2 * t;
}

static double step(double t)
{
	return line(t) + (t > 12.5 ? 30 : 0);
}

static double bend(double t)
{
	return 100 + (t < 20 ? 5 * t : 100 + 2 * (t - 20));
}

static double curve(double t)
{
	return line(t) + 50 * (1 - exp(-t / 3));
}

static double steps(double t)
{
	return 100 + 8 * floor(t / 5);
}

static double two_steps(double t)
{
	return 100 + (t > 9.5 ? 20 : 0) + (t > 30.5 ? 40 : 0);
}

struct shape_row {
	const char *name;
	level_fn level;
	enum shape_kind kind;
	double slope, jump; /* MB */
	size_t rises;
};

static const struct shape_row shape_rows[] = {
	{ "flat", flat, SHAPE_STAIRS, 0, 0, 0 },
	{ "a line", line, SHAPE_LINE, 2, 0, 0 },
	{ "a step on a line", step, SHAPE_STEP, 2, 30, 0 },
	{ "a bend loses 3 MB a point", bend, SHAPE_BEND, 2, -3 * (POINTS - 1), 0 },
	{ "a curve on a line", curve, SHAPE_CURVE, 2, 50, 0 },
	{ "stairs", steps, SHAPE_STAIRS, 0, 0, 7 },
	{ "two steps", two_steps, SHAPE_STAIRS, 0, 0, 2 },
};

static void test_find(void **state)
{
	const struct shape_row *row = *state;
	struct point points[POINTS];
	struct shape s;

	/* A little noise of pages, the same on all machines. */
	for (size_t i = 0; i < POINTS; i++) {
		double pages = (double)(i * UINT64_C(2654435761) % 97 % 5) - 2;

		points[i] = (struct point){ 3 + (double)i,
					    row->level((double)i) * MB + pages * 4096 };
	}
	s = shape_find(points, POINTS);
	assert_int_equal(s.kind, row->kind);
	assert_float_equal(s.slope.rate / MB, row->slope, 0.02);
	assert_true(s.slope.low / MB <= row->slope && s.slope.high / MB >= row->slope);
	assert_float_equal(fabs(s.jump / MB), fabs(row->jump), 0.5);
	assert_int_equal(s.rises, row->rises);
	assert_int_equal(s.falls, 0);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "shape_find", shape_rows, test_find);
	return rows_run("shape", &tests);
}
