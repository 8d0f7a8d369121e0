/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the cycles of garbage-collected memory, which rises and falls again: whether it grows shows
 * in its floor, not in its height. Turning points are found in one pass, with a threshold:
 * S. D. Downing and D. F. Socie, "Simple rainflow counting algorithms", Int. J. Fatigue 4 (1982),
 * call it a racetrack filter.
 */
#ifndef ANALYSIS_TREND_CYCLES_H
#define ANALYSIS_TREND_CYCLES_H

#include "analysis/trend/trend.h"

struct cycles {
	size_t count;                   /* troughs between a fall and a rise */
	double swing;                   /* mean height of the rises, bytes */
	struct slope floor;             /* slope of the line through the floors */
	struct point floors[TREND_MAX]; /* lowest points of the troughs; thinned, no outliers */
	size_t n;
};

/*
 * Finds the troughs of n points that stand out from the noise and from the range that is left
 * without `slope`, and the line through their floors. The lowest point of a trough is uncertain by
 * the noise and by what falls between two samples, and more so where troughs are irregular; this
 * prior keeps a line from being trusted because a few floors happen to lie on it. Returns false,
 * with ret untouched, if there are fewer than two troughs.
 */
bool cycles_find(const struct point *points, size_t n, double slope, struct cycles *ret);

#endif
