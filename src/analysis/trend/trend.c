/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/trend.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"

#define NS_PER_HOUR 3.6e12
/* Of a normal distribution: lower quartile of the absolute value, distance of the quartiles. */
#define ABS_QUARTILE 0.318639
#define QUARTILES_APART 1.348980

enum {
	SPIKE_SIGMAS = 8,
	SPIKE_LONGEST = 2,
	WAVES_LEAST = 8,   /* points that fourth differences need */
	SPIKES_SHARE = 12, /* spikes beyond one and 1/12 of the samples belong to the series */
};

static void swap_doubles(double *a, double *b)
{
	double kept = *a;

	*a = *b;
	*b = kept;
}

/*
 * Moves the k-th smallest to its place, smaller values before it and larger ones behind it (C. A.
 * R. Hoare, "Algorithm 65: Find", CACM 4 (1961)): a whole sort is too expensive at every tick.
 */
static double select_kth(double *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;

		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				swap_doubles(&v[i++], &v[j]);
				if (j-- == 0)
					break;
			}
		}
		if (j < n && k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			break;
	}
	return v[k];
}

double trend_quantile(double *values, size_t n, double q)
{
	double at = q * (double)(n - 1), low, next;
	size_t k = (size_t)at;

	low = select_kth(values, n, k);
	if (k + 1 >= n)
		return low;
	next = values[k + 1];
	for (size_t i = k + 2; i < n; i++)
		next = MIN(next, values[i]);
	return low + (next - low) * (at - (double)k);
}

/*
 * Returns the noise from the lower quartile of differences whose variance is `variance` times that
 * of the noise.
 */
static double noise_of(double *sizes, size_t n, double variance)
{
	return trend_quantile(sizes, n, 0.25) / ABS_QUARTILE / sqrt(variance);
}

double trend_noise(const struct point *p, size_t n)
{
	auto_free double *sizes = NULL;
	double second, fourth;

	if (n < TREND_LEAST)
		return 0;
	sizes = xcalloc(n - 2, sizeof(*sizes));
	for (size_t i = 0; i + 2 < n; i++)
		sizes[i] = fabs(p[i].y - 2 * p[i + 1].y + p[i + 2].y);
	second = noise_of(sizes, n - 2, 1 + 4 + 1);
	if (n < WAVES_LEAST)
		return second;
	/*
	 * A wave with few samples bends as much as noise does; fourth differences are free of that.
	 */
	for (size_t i = 0; i + 4 < n; i++)
		sizes[i] = fabs(p[i].y - 4 * p[i + 1].y + 6 * p[i + 2].y - 4 * p[i + 3].y +
				p[i + 4].y);
	fourth = noise_of(sizes, n - 4, 1 + 16 + 36 + 16 + 1);
	return MIN(second, fourth);
}

/*
 * Returns how many points from `at` on, at most SPIKE_LONGEST, stand out from a line between the
 * points around them; 0 if none do. Those two points must agree: the foot of a sawtooth has one
 * neighbour far above it and one near it.
 */
static size_t spike_length(const struct point *points, size_t n, size_t at, double limit)
{
	double closest = INFINITY, before = points[at - 1].y;
	size_t best = 0;

	for (size_t len = 1; len <= SPIKE_LONGEST && at + len < n; len++) {
		double behind = points[at + len].y, least = INFINITY;

		for (size_t i = at; i < at + len; i++)
			least = MIN(least, fabs(points[i].y - (before + behind) / 2));
		if (least > limit && fabs(behind - before) < MIN(least / 2, closest)) {
			closest = fabs(behind - before);
			best = len;
		}
	}
	return best;
}

static void smooth_spikes(struct point *points, size_t n)
{
	double limit = SPIKE_SIGMAS * trend_noise(points, n);
	size_t spikes = 0, len;

	for (size_t i = 1; i + 1 < n; i += MAX(len, 1)) {
		len = spike_length(points, n, i, limit);
		spikes += len;
	}
	if (spikes > 1 + n / SPIKES_SHARE)
		return;
	for (size_t i = 1; i + 1 < n; i += MAX(len, 1)) {
		len = spike_length(points, n, i, limit);
		for (size_t k = 0; k < len; k++)
			points[i + k].y = (points[i - 1].y + points[i + len].y) / 2;
	}
}

void trend_points(const struct sample *samples, size_t n, struct point *ret_points)
{
	for (size_t i = 0; i < n; i++) {
		/* Also correct if the difference is too large for int64_t. */
		uint64_t since = (uint64_t)samples[i].t_ns - (uint64_t)samples[0].t_ns;

		ret_points[i] = (struct point){
			.t = (double)since / NS_PER_HOUR,
			.y = (double)samples[i].bytes,
		};
	}
	smooth_spikes(ret_points, n);
}

size_t trend_thin(const struct point *points, size_t n, struct point ret_points[TREND_MAX])
{
	size_t batch = (n + TREND_MAX - 1) / TREND_MAX, count = 0;
	auto_free double *values = xcalloc(MAX(batch, 1), sizeof(*values));

	for (size_t from = 0; from < n; from += batch) {
		size_t len = MIN(batch, n - from);

		/* A remainder that is too small for a median is dropped. */
		if (2 * len < batch)
			break;
		for (size_t i = 0; i < len; i++)
			values[i] = points[from + i].t;
		ret_points[count].t = trend_quantile(values, len, 0.5);
		for (size_t i = 0; i < len; i++)
			values[i] = points[from + i].y;
		ret_points[count++].y = trend_quantile(values, len, 0.5);
	}
	return count;
}

/* Computes ranks of values, 1 to n; equal values get their mean rank. */
static void rank_values(const double *values, size_t n, double *ret_ranks)
{
	for (size_t i = 0; i < n; i++) {
		double below = 0, equal = 0;

		for (size_t k = 0; k < n; k++) {
			below += values[k] < values[i];
			equal += values[k] == values[i];
		}
		ret_ranks[i] = below + (equal + 1) / 2;
	}
}

/*
 * Returns the factor by which correlation of the ranks of the residuals widens the variance of S,
 * after Hamed and Rao. Lags that are not significant are left out, as they recommend; the factor is
 * at least 1.
 */
static double variance_inflation(const double *residuals, size_t n)
{
	double ranks[TREND_MAX], mean = ((double)n + 1) / 2, variance = 0, sum = 0;
	double size = (double)n;

	rank_values(residuals, n, ranks);
	for (size_t i = 0; i < n; i++)
		variance += (ranks[i] - mean) * (ranks[i] - mean);
	if (variance <= 0)
		return 1;
	for (size_t lag = 1; lag < n / 3; lag++) {
		double r = 0, d = (double)lag;

		for (size_t i = 0; i + lag < n; i++)
			r += (ranks[i] - mean) * (ranks[i + lag] - mean);
		r /= variance;
		if (fabs(r) > TREND_Z95 / sqrt(size))
			sum += (size - d) * (size - d - 1) * (size - d - 2) * r;
	}
	return MAX(1, 1 + 2 * sum / (size * (size - 1) * (size - 2)));
}

/* Computes the slopes of all pairs and the sum of their signs. Returns the number of slopes. */
static size_t pair_slopes(const struct point *points, size_t n, double *ret_slopes, double *ret_sum)
{
	size_t count = 0;

	*ret_sum = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i + 1; k < n; k++) {
			double rise = points[k].y - points[i].y, run = points[k].t - points[i].t;

			*ret_sum += (rise > 0) - (rise < 0);
			if (run > 0)
				ret_slopes[count++] = rise / run;
		}
	}
	return count;
}

/* Returns the variance of the sum of signs, corrected for equal values. */
static double sum_variance(const struct point *points, size_t n)
{
	double size = (double)n, variance = size * (size - 1) * (2 * size + 5);

	for (size_t i = 0; i < n; i++) {
		double equal = 0;

		for (size_t k = 0; k < n; k++)
			equal += points[k].y == points[i].y;
		/* Each of `equal` equal values takes off its share. */
		variance -= (equal - 1) * (2 * equal + 5);
	}
	return variance / 18;
}

void trend_fit(const struct point *points, size_t n, struct trend *ret_trend)
{
	double slopes[TREND_MAX * (TREND_MAX - 1) / 2], residuals[TREND_MAX];
	struct trend fit = { 0 };
	double sum, variance, half;
	size_t pairs;

	assert(n >= TREND_LEAST && n <= TREND_MAX);
	pairs = pair_slopes(points, n, slopes, &sum);
	assert(pairs > 0);
	fit.slope = trend_quantile(slopes, pairs, 0.5);
	for (size_t i = 0; i < n; i++)
		residuals[i] = points[i].y - fit.slope * points[i].t;
	fit.inflation = variance_inflation(residuals, n);
	fit.at_zero = trend_quantile(residuals, n, 0.5);
	fit.sd = (trend_quantile(residuals, n, 0.75) - trend_quantile(residuals, n, 0.25)) /
		 QUARTILES_APART;
	variance = sum_variance(points, n) * fit.inflation;
	if (variance > 0 && fabs(sum) >= 1)
		fit.z = (sum > 0 ? sum - 1 : sum + 1) / sqrt(variance);
	/*
	 * Sen: this share of the slopes is outside the interval at each side. Equal values do not
	 * narrow it.
	 */
	half = TREND_Z95 *
	       sqrt((double)n * (double)(n - 1) * (double)(2 * n + 5) / 18 * fit.inflation);
	half = MIN(half / (double)pairs, 1) / 2;
	fit.low = trend_quantile(slopes, pairs, 0.5 - half);
	fit.high = trend_quantile(slopes, pairs, 0.5 + half);
	*ret_trend = fit;
}
