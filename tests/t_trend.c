/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/trend/trend against numbers worked out by hand. */
#include "analysis/trend/trend.h"

#include <math.h>

#include "rows.h"

enum { MOST = 200 };

struct quantile_row {
	const char *name;
	double values[9];
	size_t n;
	double q, want;
};

static const struct quantile_row quantile_rows[] = {
	{ "one value", { 7 }, 1, 0.3, 7 },
	{ "median of an odd number", { 5, 1, 9, 3, 7 }, 5, 0.5, 5 },
	{ "median of an even number", { 4, 1, 3, 2 }, 4, 0.5, 2.5 },
	{ "least", { 4, 1, 3, 2 }, 4, 0, 1 },
	{ "most", { 4, 1, 3, 2 }, 4, 1, 4 },
	{ "in between", { 40, 10, 30, 20, 50 }, 5, 0.3, 22 },
	{ "all equal", { 2, 2, 2, 2, 2, 2, 2, 2, 2 }, 9, 0.25, 2 },
	{ "downwards", { 9, 8, 7, 6, 5, 4, 3, 2, 1 }, 9, 0.25, 3 },
	{ "infinite", { INFINITY, 1, -INFINITY }, 3, 0.5, 1 },
};

static void test_quantile(void **state)
{
	const struct quantile_row *row = *state;
	double values[ARRAY_SIZE(row->values)];

	memcpy(values, row->values, sizeof(values));
	assert_float_equal(trend_quantile(values, row->n, row->q), row->want, 1e-9);
}

/* A sample an hour. */
static void fill(struct point *points, const double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		points[i] = (struct point){ (double)i, y[i] };
}

/*
 * Slopes of the pairs: 1, 1.5, 2/3, 2, 1/2, -1. The sum of their signs is 4, with a variance of 4 *
 * 3 * 13 / 18; half the interval is 1.96 * 2.944 / 6 / 2 = 0.4808 of the slopes at each side.
 */
static void test_fit(attr_unused void **state)
{
	static const double y[] = { 1, 2, 4, 3 };
	struct point points[4];
	struct trend fit;

	fill(points, y, 4);
	trend_fit(points, 4, &fit);
	assert_float_equal(fit.slope, (2. / 3 + 1) / 2, 1e-9);
	assert_float_equal(fit.z, 3 / sqrt(26. / 3), 1e-9);
	assert_float_equal(fit.inflation, 1, 0);
	assert_float_equal(fit.low, -0.856, 0.001);
	assert_float_equal(fit.high, 1.952, 0.001);
	/* Left at t = 0: 1, 1.1667, 2.3333, 0.5. */
	assert_float_equal(fit.at_zero, (1 + 7. / 6) / 2, 1e-9);
}

/* Ties take 2 * 1 * 9 off 4 * 3 * 13. */
static void test_ties(attr_unused void **state)
{
	static const double y[] = { 1, 2, 2, 3 };
	struct point points[4];
	struct trend fit;

	fill(points, y, 4);
	trend_fit(points, 4, &fit);
	assert_float_equal(fit.z, 4 / sqrt((156. - 18) / 18), 1e-9);
}

static void test_outlier(attr_unused void **state)
{
	struct point points[20];
	struct trend fit;

	for (size_t i = 0; i < 20; i++)
		points[i] = (struct point){ (double)i, i == 7 ? 1e9 : 3 * (double)i };
	trend_fit(points, 20, &fit);
	assert_float_equal(fit.slope, 3, 1e-9);
	assert_float_equal(fit.at_zero, 0, 1e-9);
}

/* Values that stay high and low for long have few independent samples. */
static void test_clump(attr_unused void **state)
{
	struct point points[TREND_MAX];
	struct trend fit;

	for (size_t i = 0; i < TREND_MAX; i++) {
		bool up = i < TREND_MAX / 4 || i >= TREND_MAX * 3 / 4;

		points[i] = (struct point){ (double)i, up ? 1 : -1 };
	}
	trend_fit(points, TREND_MAX, &fit);
	assert_true(fit.inflation > 4);
	for (size_t i = 0; i < TREND_MAX; i++)
		points[i].y = i % 2 ? 1 : -1;
	trend_fit(points, TREND_MAX, &fit);
	assert_float_equal(fit.inflation, 1, 0);
}

/* For any slope, a zigzag of height 1 has second differences of 4 and fourth ones of 16. */
static void test_noise(attr_unused void **state)
{
	struct point points[MOST];

	for (size_t i = 0; i < MOST; i++)
		points[i] = (struct point){ (double)i, 1e6 + 50 * (double)i + (i % 2 ? 1 : -1) };
	assert_float_equal(trend_noise(points, MOST), 4 / 0.318639 / sqrt(6), 1e-6);
	for (size_t i = 0; i < MOST; i++)
		points[i].y = 50 * (double)(i % 20);
	assert_float_equal(trend_noise(points, MOST), 0, 1e-6);
	assert_float_equal(trend_noise(points, 2), 0, 0);
}

struct spike_row {
	const char *name;
	uint64_t bytes[12];
	size_t at;   /* the spike */
	double want; /* its value after smoothing */
};

static const struct spike_row spike_rows[] = {
	{ "up", { 10, 10, 10, 10, 99, 10, 10, 10, 10, 10, 10, 10 }, 4, 10 },
	{ "down, on a slope", { 10, 20, 30, 40, 0, 60, 70, 80, 90, 100, 110, 120 }, 4, 50 },
	{ "two at once", { 10, 10, 10, 10, 99, 0, 10, 10, 10, 10, 10, 10 }, 4, 10 },
	{ "a step stays", { 10, 10, 10, 10, 99, 99, 99, 99, 99, 99, 99, 99 }, 4, 99 },
	{ "three at once stay", { 10, 10, 10, 10, 99, 98, 99, 10, 10, 10, 10, 10 }, 4, 99 },
	{ "the foot of a sawtooth stays", { 50, 60, 70, 80, 0, 10, 20, 30, 40, 50, 60, 70 }, 4, 0 },
	{ "many stay", { 0, 9, 0, 0, 9, 0, 0, 9, 0, 0, 9, 0 }, 4, 9 },
};

static void test_spike(void **state)
{
	const struct spike_row *row = *state;
	struct sample samples[12];
	struct point points[12];

	for (size_t i = 0; i < 12; i++)
		samples[i] = (struct sample){ (int64_t)i * 3600 * INT64_C(1000000000),
					      row->bytes[i] };
	trend_points(samples, 12, points);
	for (size_t i = 0; i < 12; i++)
		assert_float_equal(points[i].t, (double)i, 1e-9);
	assert_float_equal(points[row->at].y, row->want, 1e-6);
}

/* 200 points give 40 batches of 5, 100 give 33 of 3 and one point that is left out. */
static void test_thin(attr_unused void **state)
{
	struct point points[MOST], thin[TREND_MAX];

	for (size_t i = 0; i < MOST; i++)
		points[i] = (struct point){ (double)i, i % 5 == 4 ? 1e9 : (double)i };
	assert_int_equal(trend_thin(points, 200, thin), 40);
	assert_float_equal(thin[0].t, 2, 0);
	assert_float_equal(thin[0].y, 2, 0);
	assert_float_equal(thin[39].t, 197, 0);
	assert_float_equal(thin[39].y, 197, 0);
	assert_int_equal(trend_thin(points, 100, thin), 33);
	assert_int_equal(trend_thin(points, TREND_MAX, thin), TREND_MAX);
	assert_int_equal(trend_thin(points, 0, thin), 0);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "trend_quantile", quantile_rows, test_quantile);
	rows_add_one(&tests, "trend_fit: by hand", test_fit);
	rows_add_one(&tests, "trend_fit: ties", test_ties);
	rows_add_one(&tests, "trend_fit: one outlier is nothing", test_outlier);
	rows_add_one(&tests, "trend_fit: correlation widens", test_clump);
	rows_add_one(&tests, "trend_noise: neither slope nor drops", test_noise);
	ROWS_ADD(&tests, "trend_points", spike_rows, test_spike);
	rows_add_one(&tests, "trend_thin: medians of batches", test_thin);
	return rows_run("trend", &tests);
}
