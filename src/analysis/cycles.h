/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is collected: what rises and falls again tells little by its height, and all by its
 * floor. Turning points are those of a filter with a threshold, as D. H. Douglas and T. K. Peucker
 * thin a line (1973), here in one pass.
 */
#ifndef ANALYSIS_CYCLES_H
#define ANALYSIS_CYCLES_H

#include "analysis/trend.h"

struct cycles {
	size_t count;       /* troughs between a fall and a rise */
	double swing;       /* mean height of the rises, bytes */
	struct slope floor; /* of the line through the troughs */
};

/*
 * Finds the troughs of n points that stand out from the noise, once `slope` is taken off, and the
 * line through them. A trough is known to what a sample misses of it, swing / samples of a cycle,
 * and to the noise; that prior keeps three troughs that happen to lie on a line from being believed.
 * Returns false, with ret untouched, if there are not two.
 */
bool cycles_find(const struct point *points, size_t n, double slope, struct cycles *ret);

#endif
