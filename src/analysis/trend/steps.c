/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/steps.h"

#include <assert.h>
#include <math.h>

struct climb {
	double level[STEPS_ROWS][STEPS_ROWS + 1]; /* sum of squares of one level, rows i to k - 1 */
	double least[STEPS_MOST][STEPS_ROWS + 1]; /* the same of l + 1 levels, rows 0 to k - 1 */
	unsigned char last[STEPS_MOST][STEPS_ROWS + 1]; /* where the last of these levels begins */
};

/* B. P. Welford, "Note on a method for calculating corrected sums", Technometrics 4 (1962). */
static void fill_levels(const double *y, size_t n, struct climb *c)
{
	for (size_t i = 0; i < n; i++) {
		double mean = 0, squares = 0;

		for (size_t k = i; k < n; k++) {
			double off = y[k] - mean;

			mean += off / (double)(k - i + 1);
			squares += off * (y[k] - mean);
			c->level[i][k + 1] = squares;
		}
	}
}

/* Adds one level behind the best `l` levels. */
static void add_level(struct climb *c, size_t l, size_t n)
{
	for (size_t to = l + 1; to <= n; to++) {
		c->least[l][to] = INFINITY;
		for (size_t at = l; at < to; at++) {
			double squares = c->least[l - 1][at] + c->level[at][to];

			if (squares < c->least[l][to]) {
				c->least[l][to] = squares;
				c->last[l][to] = (unsigned char)at;
			}
		}
	}
}

size_t steps_find(const double *y, size_t n, struct steps ret_steps[STEPS_MOST])
{
	size_t most = MIN((size_t)STEPS_MOST, n / 2);
	struct climb c;

	assert(n >= 2 && n <= STEPS_ROWS);
	fill_levels(y, n, &c);
	memcpy(c.least[0], c.level[0], sizeof(c.least[0]));
	for (size_t l = 1; l < most; l++)
		add_level(&c, l, n);
	for (size_t l = 0; l < most; l++) {
		struct steps s = { .levels = l + 1, .squares = c.least[l][n] };

		s.begin[l + 1] = n;
		for (size_t k = l; k > 0; k--)
			s.begin[k] = c.last[k][s.begin[k + 1]];
		ret_steps[l] = s;
	}
	return most;
}
