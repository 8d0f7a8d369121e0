/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/cycles.h"

#include <math.h>

#include "analysis/regress.h"
#include "base/alloc.h"

#define SHARE_OF_RANGE 0.35 /* a turn is at least so much of what all points but a few span */
#define SIGMAS_OF_NOISE 10.0
#define LEAST_TURN 16384.0 /* bytes: a few pages come and go in anything */
#define PRIOR_DEGREES 4.0

/* What a turn must be to count. */
static double threshold(const struct point *points, size_t n, double slope)
{
	auto_free double *flat = xcalloc(n, sizeof(*flat));
	double noise = trend_noise(points, n), range;

	for (size_t i = 0; i < n; i++)
		flat[i] = points[i].y - slope * points[i].t;
	range = trend_quantile(flat, n, 0.95);
	range -= trend_quantile(flat, n, 0.05);
	return MAX(MAX(SHARE_OF_RANGE * range, SIGMAS_OF_NOISE * noise), LEAST_TURN);
}

/* The troughs, in the order of time. ret_floors has room for n. */
static size_t find_floors(const struct point *points, size_t n, double slope,
			  struct point *ret_floors, double *ret_swing)
{
	double turn = threshold(points, n, slope), swing = 0;
	size_t lowest = 0, highest = 0, count = 0;
	bool falling = false, fell = false;

	*ret_swing = 0;
	if (turn <= 0)
		return 0;
	for (size_t i = 1; i < n; i++) {
		double y = points[i].y - slope * points[i].t;
		double low = points[lowest].y - slope * points[lowest].t;
		double high = points[highest].y - slope * points[highest].t;

		if (falling && y < low) {
			lowest = i;
		} else if (falling && y - low > turn) {
			falling = false;
			ret_floors[count++] = points[lowest];
			swing += high - low;
			highest = i;
		} else if (!falling && y > high) {
			highest = i;
		} else if (!falling && high - y > turn &&
			   points[highest].y - points[i].y > turn / 2) {
			falling = fell = true;
			lowest = i;
		}
	}
	if (fell && count > 0)
		*ret_swing = swing / (double)count;
	return count;
}

/* The line through two floors or more. */
static struct slope fit_floors(const struct point *floors, size_t n, double prior, double first_t)
{
	double mean_t = 0, mean_y = 0, along = 0, squares_t = 0, left = 0;
	struct slope s = { .degrees = PRIOR_DEGREES + (double)n - 2 };
	double half;

	for (size_t i = 0; i < n; i++) {
		mean_t += floors[i].t / (double)n;
		mean_y += floors[i].y / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		squares_t += (floors[i].t - mean_t) * (floors[i].t - mean_t);
		along += (floors[i].t - mean_t) * (floors[i].y - mean_y);
	}
	s.rate = along / squares_t;
	s.start = mean_y - s.rate * (mean_t - first_t);
	for (size_t i = 0; i < n; i++) {
		double d = floors[i].y - s.start - s.rate * (floors[i].t - first_t);

		left += d * d;
	}
	s.deviation = sqrt((PRIOR_DEGREES * prior * prior + left) / s.degrees / squares_t);
	half = regress_t95(s.degrees) * s.deviation;
	s.low = s.rate - half;
	s.high = s.rate + half;
	return s;
}

bool cycles_find(const struct point *points, size_t n, double slope, struct cycles *ret)
{
	auto_free struct point *floors = xcalloc(n, sizeof(*floors));
	struct point thin[TREND_MAX];
	struct cycles c = { 0 };
	double missed, prior;

	c.count = find_floors(points, n, slope, floors, &c.swing);
	if (c.count < 2)
		return false;
	missed = c.swing * (double)c.count / (double)n;
	prior = hypot(trend_noise(points, n), missed / sqrt(12));
	c.floor = fit_floors(thin, trend_thin(floors, c.count, thin), prior, points[0].t);
	*ret = c;
	return true;
}
