/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/trend/cycles: troughs of sawteeth made by hand. */
#include "analysis/trend/cycles.h"

#include <math.h>

#include "rows.h"

#define MB 1048576.0

enum { MOST = 120 };

struct cycles_row {
	const char *name;
	size_t n;
	size_t period;   /* points of a ramp that rises by 1 MB a point */
	double leak_mb;  /* a point */
	double noise_mb; /* every second point is higher by this */
	size_t torn;     /* this point is read as 0; 0: no point */
	size_t want_count;
	double want_swing_mb; /* less than the ramp: a floor is the second lowest point */
	double want_rate_mb;
};

static const struct cycles_row cycles_rows[] = {
	{ "a flat floor", 64, 8, 0, 0, 0, 7, 6, 0 },
	{ "a rising floor", 64, 8, 0.25, 0, 0, 7, 5.5, 0.25 },
	{ "a falling floor", 64, 8, -0.125, 0, 0, 7, 6.25, -0.125 },
	{ "a torn read at a foot", 64, 8, 0.25, 0, 32, 7, 5.5, 0.25 },
	{ "one cycle is not enough", 16, 8, 0, 0, 0, 0, 0, 0 },
	{ "a line", 64, 64, 0, 0, 0, 0, 0, 0 },
	{ "a leak too steep to fall", 64, 8, 20, 0, 0, 0, 0, 0 },
	{ "drowned in noise", 64, 8, 0, 8, 0, 0, 0, 0 },
};

static void test_find(void **state)
{
	const struct cycles_row *row = *state;
	struct cycles c = { 0 };
	struct point points[MOST];

	for (size_t i = 0; i < row->n; i++) {
		double y = 100 + (double)(i % row->period) + row->leak_mb * (double)i;

		if (i == row->torn && i > 0)
			y = 0;
		points[i] = (struct point){ (double)i, (y + row->noise_mb * (double)(i % 2)) * MB };
	}
	assert_true(cycles_find(points, row->n, row->leak_mb * MB, &c) == (row->want_count > 0));
	assert_int_equal(c.count, row->want_count);
	/* With a torn read one swing of seven may be wrong. */
	assert_float_equal(c.swing / MB, row->want_swing_mb, row->torn ? 0.2 : 1e-9);
	assert_float_equal(c.floor.rate / MB, row->want_rate_mb, 0.01);
	assert_true(c.floor.low / MB <= row->want_rate_mb);
	assert_true(c.floor.high / MB >= row->want_rate_mb);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "cycles_find", cycles_rows, test_find);
	return rows_run("cycles", &tests);
}
