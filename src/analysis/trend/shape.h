/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the shape of a rise, which need not be a line. Each shape is fitted by least squares, and
 * the one with the lowest Schwarz criterion is taken (G. Schwarz, "Estimating the dimension of a
 * model", Annals of Statistics 6 (1978)), corrected for few points as C. M. Hurvich and C.-L. Tsai
 * do with Akaike's ("Regression and time series model selection in small samples", Biometrika 76
 * (1989)).
 */
#ifndef ANALYSIS_TREND_SHAPE_H
#define ANALYSIS_TREND_SHAPE_H

#include "analysis/trend/trend.h"

enum { SHAPE_EVENTS = 2 }; /* up to this many steps are single events, more are growth in steps */

enum shape_kind {
	SHAPE_LINE,
	SHAPE_STEP,   /* a line that jumps once */
	SHAPE_BEND,   /* a line whose slope changes once */
	SHAPE_CURVE,  /* a line plus an exponential decay */
	SHAPE_STAIRS, /* levels; more than SHAPE_EVENTS of them nearly all go one way */
	SHAPE_COUNT
};

struct shape {
	enum shape_kind kind;
	double cost;        /* value of the criterion: the lowest is the best */
	struct slope slope; /* of the line at its end; of steps, within the levels */
	double jump;        /* bytes upwards: the step, the decay, or change of slope times span */
	double sd;          /* standard deviation of the residuals, bytes */
	size_t rises;       /* of steps: levels above the one before */
	size_t falls;       /* of steps: levels below the one before */
};

/* Fits every shape to n points, TREND_LEAST + 2 to TREND_MAX. Returns the one that fits best. */
struct shape shape_find(const struct point *points, size_t n);

#endif
