/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What else than a line may be behind a rise. Each shape is fitted by least squares, and the one with
 * the least of Schwarz's criterion is taken (G. Schwarz, "Estimating the dimension of a model",
 * Annals of Statistics 6 (1978)). Change points of the stairs are found by dynamic programming
 * (R. Bellman, "On the approximation of curves by line segments using dynamic programming",
 * CACM 4 (1961); I. E. Auger and C. E. Lawrence, Bull. Math. Biology 51 (1989)).
 */
#ifndef ANALYSIS_SHAPE_H
#define ANALYSIS_SHAPE_H

#include "analysis/trend.h"

enum shape_kind {
	SHAPE_LINE,
	SHAPE_STEP,   /* a line that jumps once */
	SHAPE_BEND,   /* a line that goes on with another slope */
	SHAPE_CURVE,  /* a line and what dies away exponentially */
	SHAPE_STAIRS, /* levels */
	SHAPE_COUNT
};

struct shape {
	enum shape_kind kind;
	double cost;        /* Schwarz's criterion */
	struct slope slope; /* of the line as it is at the end; of stairs, on the levels */
	double jump;        /* of step, bend or curve: bytes, upwards */
	double sd;          /* of what is left: bytes */
	size_t rises;       /* of the stairs: levels that lie above the one before */
	size_t falls;
};

/* Fits every shape to n points, TREND_LEAST + 2 to TREND_MAX. Returns the one to believe. */
struct shape shape_find(const struct point *points, size_t n);

#endif
