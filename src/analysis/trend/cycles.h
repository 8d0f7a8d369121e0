/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is collected: what rises and falls again tells little by its height, and all by its
 * floor. Turning points are found in one pass, with a threshold: S. D. Downing and D. F. Socie,
 * "Simple rainflow counting algorithms", Int. J. Fatigue 4 (1982), call it a racetrack filter.
 */
#ifndef ANALYSIS_TREND_CYCLES_H
#define ANALYSIS_TREND_CYCLES_H

#include "analysis/trend/trend.h"

struct cycles {
	size_t count;                   /* troughs between a fall and a rise */
	double swing;                   /* mean height of the rises, bytes */
	struct slope floor;             /* of the line through the floors */
	struct point floors[TREND_MAX]; /* of the troughs; thinned, without outliers */
	size_t n;
};

/*
 * Finds the troughs of n points that stand out from the noise and from what is left of the range
 * without `slope`, and the line through them. The foot of a trough is known to what a sample may
 * miss of it and to the noise, and less well where troughs come irregularly; this prior keeps those
 * that happen to lie on a line from being believed. Returns false, with ret untouched, if there are not two.
 */
bool cycles_find(const struct point *points, size_t n, double slope, struct cycles *ret);

#endif
