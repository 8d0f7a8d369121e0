/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step segmentation: finds levels and where they change, by dynamic programming: R. Bellman, "On
 * the approximation of curves by line segments using dynamic programming", CACM 4 (1961); for
 * change points I. E. Auger and C. E. Lawrence, "Algorithms for the optimal identification of
 * segment neighborhoods", Bull. Math. Biology 51 (1989).
 */
#ifndef ANALYSIS_TREND_STEPS_H
#define ANALYSIS_TREND_STEPS_H

#include "base/util.h"

enum { STEPS_MOST = 12, STEPS_ROWS = 48 };

struct steps {
	size_t levels;
	size_t begin[STEPS_MOST + 1]; /* first row of each level, then the number of rows */
	double squares;               /* sum of squared deviations from the mean of each level */
};

/*
 * Finds the best segmentation of n rows (2 to STEPS_ROWS) into 1, 2, ... levels: at most
 * STEPS_MOST, and at most one for two rows. Returns the number of segmentations written.
 */
size_t steps_find(const double *y, size_t n, struct steps ret_steps[STEPS_MOST]);

#endif
