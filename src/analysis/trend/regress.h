/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Least squares with few columns, by modified Gram-Schmidt orthogonalisation (A. Bjorck, "Solving
 * linear least squares problems by Gram-Schmidt orthogonalization", BIT 7 (1967)). The standard
 * errors allow for autocorrelated residuals, by the factor of a first-order process (G. V. Bayley
 * and J. M. Hammersley, "The effective number of independent observations in an autocorrelated time
 * series", J. Royal Statistical Society Suppl. 8 (1946)).
 */
#ifndef ANALYSIS_TREND_REGRESS_H
#define ANALYSIS_TREND_REGRESS_H

#include "base/util.h"

enum { REGRESS_ROWS = 64, REGRESS_COLUMNS = 4 };

struct regression {
	double value[REGRESS_COLUMNS];
	double deviation[REGRESS_COLUMNS]; /* standard errors, widened for correlation */
	double squares;                    /* sum of the squared residuals */
	double inflation;                  /* by how much the variances were widened, at least 1 */
};

/*
 * Fits y = sum of value[i] * columns[i] to at most REGRESS_ROWS rows. Returns false, with ret
 * untouched, unless there are more rows than columns and the columns are linearly independent.
 */
bool regress(const double *const *columns, size_t n_columns, const double *y, size_t n,
	     struct regression *ret);

/*
 * Returns the two-sided 95 % quantile of Student's t-distribution, exact to 1 % from 3 degrees of
 * freedom on and to 3 % at 2.
 */
double regress_t95(double degrees);

#endif
