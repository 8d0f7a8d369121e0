/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Robust statistics of a noisy line.
 *
 * Slope and interval: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau",
 * JASA 63 (1968). Test: H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945),
 * with the variance corrected for autocorrelation by K. H. Hamed and A. R. Rao, "A modified
 * Mann-Kendall trend test for autocorrelated data", J. Hydrology 204 (1998). Long series are judged
 * by the medians of batches (B. Schmeiser, "Batch size effects in the analysis of simulation
 * output", Operations Research 30 (1982)), which bounds the number of pairs and removes the
 * correlation of neighbours.
 */
#ifndef ANALYSIS_TREND_TREND_H
#define ANALYSIS_TREND_TREND_H

#include "analysis/series/series.h"

enum {
	TREND_MAX = 48,  /* points that a fit takes; more are thinned first */
	TREND_LEAST = 3, /* points that an interval needs at least */
};

#define TREND_Z95 1.959964 /* two-sided 95 % of the normal distribution */

struct point {
	double t; /* hours since the first sample */
	double y; /* bytes */
};

/* The slope of a line, found by any method. */
struct slope {
	double rate;      /* bytes an hour */
	double deviation; /* standard error of the rate */
	double degrees;   /* of freedom of the deviation */
	double low;       /* 95 % interval of the rate */
	double high;
	double start; /* the line at t = 0, bytes */
};

struct trend {
	double slope; /* bytes an hour */
	double low;   /* 95 % interval of the slope */
	double high;
	double at_zero;   /* the line at t = 0, bytes */
	double sd;        /* standard deviation of the residuals, estimated robustly */
	double z;         /* of the corrected Mann-Kendall test; its sign is that of the trend */
	double inflation; /* by how much correlation widened the variance, at least 1 */
};

/* Returns the q-th quantile (0 to 1) of n values, which are reordered; n > 0. */
double trend_quantile(double *values, size_t n, double q);

/*
 * Writes the n points of n samples, without spikes of one or two samples: such a spike is a read
 * during which the process changed, not memory in use. Where spikes are common they belong to the
 * series and are kept.
 */
void trend_points(const struct sample *samples, size_t n, struct point *ret_points);
/*
 * Returns the standard deviation of the noise, from second and fourth differences of neighbours, on
 * which slope, steps and the drops of a sawtooth have no influence.
 */
double trend_noise(const struct point *points, size_t n);
/* Writes the medians of at most TREND_MAX batches of equal size. Returns their number. */
size_t trend_thin(const struct point *points, size_t n, struct point ret_points[TREND_MAX]);
/* Fits a line to TREND_LEAST to TREND_MAX points in order of time, not all at the same time. */
void trend_fit(const struct point *points, size_t n, struct trend *ret_trend);

#endif
