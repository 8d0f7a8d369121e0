/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/regress.h"

#include <assert.h>
#include <math.h>

#define SINGULAR 1e-6 /* of a column that the columns before it must leave */
#define CLUMP_MOST 12.0

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/*
 * Returns the factor by which correlation of neighbours widens variances, corrected for the bias of
 * a fit.
 */
static double variance_inflation(const double *left, size_t n, size_t n_columns, double squares)
{
	double r, size = (double)n;

	if (squares <= 0)
		return 1;
	r = dot(left, left + 1, n - 1) / squares;
	r += ((double)n_columns / 2 + 3 * r) / size;
	r = MIN(r, 0.99);
	return r > 0 ? MIN((1 + r) / (1 - r), CLUMP_MOST) : 1;
}

/*
 * Computes the deviations of the coefficients for residuals of deviation 1: the norms of the rows
 * of the inverse.
 */
static void row_norms(double r[REGRESS_COLUMNS][REGRESS_COLUMNS], size_t n, double *ret_norms)
{
	double inverse[REGRESS_COLUMNS][REGRESS_COLUMNS] = { { 0 } };

	for (size_t k = 0; k < n; k++) {
		inverse[k][k] = 1 / r[k][k];
		for (size_t i = k; i-- > 0;) {
			double sum = 0;

			for (size_t j = i + 1; j <= k; j++)
				sum += r[i][j] * inverse[j][k];
			inverse[i][k] = -sum / r[i][i];
		}
	}
	for (size_t i = 0; i < n; i++)
		ret_norms[i] = sqrt(dot(inverse[i], inverse[i], n));
}

bool regress(const double *const *columns, size_t n_columns, const double *y, size_t n,
	     struct regression *ret)
{
	double q[REGRESS_COLUMNS][REGRESS_ROWS], r[REGRESS_COLUMNS][REGRESS_COLUMNS] = { { 0 } };
	double left[REGRESS_ROWS], along[REGRESS_COLUMNS], norms[REGRESS_COLUMNS];
	struct regression fit = { 0 };

	assert(n <= REGRESS_ROWS && n_columns <= REGRESS_COLUMNS);
	if (n <= n_columns)
		return false;
	memcpy(left, y, n * sizeof(*left));
	for (size_t c = 0; c < n_columns; c++) {
		double whole = sqrt(dot(columns[c], columns[c], n));

		memcpy(q[c], columns[c], n * sizeof(q[c][0]));
		for (size_t p = 0; p < c; p++) {
			r[p][c] = dot(q[p], q[c], n);
			for (size_t i = 0; i < n; i++)
				q[c][i] -= r[p][c] * q[p][i];
		}
		r[c][c] = sqrt(dot(q[c], q[c], n));
		if (!(r[c][c] > SINGULAR * whole))
			return false;
		for (size_t i = 0; i < n; i++)
			q[c][i] /= r[c][c];
		along[c] = dot(q[c], left, n);
		for (size_t i = 0; i < n; i++)
			left[i] -= along[c] * q[c][i];
	}
	fit.squares = dot(left, left, n);
	fit.inflation = variance_inflation(left, n, n_columns, fit.squares);
	row_norms(r, n_columns, norms);
	for (size_t c = n_columns; c-- > 0;) {
		fit.value[c] = along[c];
		for (size_t p = c + 1; p < n_columns; p++)
			fit.value[c] -= r[c][p] * fit.value[p];
		fit.value[c] /= r[c][c];
		fit.deviation[c] = norms[c] *
				   sqrt(fit.squares / (double)(n - n_columns) * fit.inflation);
	}
	*ret = fit;
	return true;
}

double regress_t95(double degrees)
{
	const double z = 1.959964, d = MAX(degrees, 1);

	/* Cornish and Fisher's expansion (1937). */
	return z + (z * z * z + z) / (4 * d) +
	       (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * d * d) +
	       (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * d * d * d);
}
