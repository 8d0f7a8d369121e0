/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be behind a rise besides a steady one. Each shape is fitted by least squares, and the one
 * with the least of Schwarz's criterion is taken (G. Schwarz, "Estimating the dimension of a model",
 * Annals of Statistics 6 (1978)), corrected for few points as C. M. Hurvich and C.-L. Tsai do with
 * Akaike's ("Regression and time series model selection in small samples", Biometrika 76 (1989)).
 */
#ifndef ANALYSIS_TREND_SHAPE_H
#define ANALYSIS_TREND_SHAPE_H

#include "analysis/trend/trend.h"

enum { SHAPE_EVENTS = 2 }; /* so many steps are events, more are a habit */

enum shape_kind {
	SHAPE_LINE,
	SHAPE_STEP,   /* a line that jumps once */
	SHAPE_BEND,   /* a line that goes on with another slope */
	SHAPE_CURVE,  /* a line, and what dies away exponentially */
	SHAPE_STAIRS, /* levels; those of a habit all go one way, but for little */
	SHAPE_COUNT
};

struct shape {
	enum shape_kind kind;
	double cost;        /* the criterion: that of a line is next to nothing */
	struct slope slope; /* of the line as it is at the end; of stairs, within the levels */
	double jump;  /* bytes upwards: the step, what dies away, or the slope lost by the span */
	double sd;    /* of what is left: bytes */
	size_t rises; /* of stairs: levels that lie above the one before */
	size_t falls;
};

/* Fits every shape to n points, TREND_LEAST + 2 to TREND_MAX of them. Returns the one to believe. */
struct shape shape_find(const struct point *points, size_t n);

#endif
