/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/cycles.h"

#include <math.h>

#include "analysis/trend/regress.h"
#include "base/alloc.h"

/*
 * A turn is at least this share of the range of nearly all points, and this multiple of the noise.
 */
#define TURN_OF_RANGE 0.35
#define TURN_OF_NOISE 10.0
#define LEAST_TURN 16384.0 /* bytes: every process gains and loses a few pages */

/*
 * A swing is at most this multiple of the range, else it is an outlier; all swings are at least
 * this share of the total movement.
 */
#define SWING_OF_RANGE 1.5
#define SWINGS_OF_WAY 0.06

#define LAST_OF_SWING 0.9 /* of the mean swing: a last fall this deep needs no rise behind it */
#define OUTLIER_DEVIATIONS 4.0
#define PRIOR_DEGREES 4.0 /* the prior weighs as much as this many floors */

/*
 * Floors differ already because samples miss the lowest point. Besides, collectors of real programs
 * do not always fall to the same floor, especially if they run irregularly.
 */
#define IRREGULAR 0.7          /* deviation of the periods, as a share of the period */
#define IRREGULAR_OF_SWING 0.5 /* deviation of such floors, as a share of the swing */
#define TWO_OF_SWING 0.05      /* the same for two floors, about which nothing else is known */

enum { ROBUST_LEAST = 5 }; /* floors, of which one may be dropped */

/* Returns the range of the points without the slope, between their 5 % and 95 % quantiles. */
static double range_of(const struct point *points, size_t n, double slope)
{
	auto_free double *flat = xcalloc(n, sizeof(*flat));
	double high;

	for (size_t i = 0; i < n; i++)
		flat[i] = points[i].y - slope * points[i].t;
	high = trend_quantile(flat, n, 0.95);
	return high - trend_quantile(flat, n, 0.05);
}

/* A fall and the lowest samples of it. */
struct trough {
	double high;         /* the value before the fall */
	size_t lowest, next; /* indexes of points; next is the second lowest, or the same */
};

/* The state of the search at a point. */
struct walk {
	bool falling;
	size_t highest; /* since the last trough */
	struct trough trough;
};

static void go_down(struct walk *w, const struct point *points, size_t i)
{
	struct trough *t = &w->trough;

	if (points[i].y < points[t->lowest].y) {
		t->next = t->lowest;
		t->lowest = i;
	} else if (t->next == t->lowest || points[i].y < points[t->next].y) {
		t->next = i;
	}
}

/* Adds a point. Returns true if it ends a trough: the series rises again. */
static bool step(struct walk *w, const struct point *points, size_t i, double turn)
{
	double y = points[i].y;

	if (w->falling) {
		go_down(w, points, i);
		w->falling = y - points[w->trough.lowest].y <= turn;
		if (!w->falling)
			w->highest = i;
		return !w->falling;
	}
	if (y > points[w->highest].y)
		w->highest = i;
	w->falling = points[w->highest].y - y > turn;
	if (w->falling)
		w->trough = (struct trough){ points[w->highest].y, i, i };
	return false;
}

/* The floors of all troughs. */
struct floors {
	struct point *points; /* in the order of time */
	size_t n;
	double swing;  /* mean */
	double missed; /* mean difference between the lowest sample and the next one in time */
};

/*
 * Finds troughs in the series without removing the slope: memory that is collected really falls.
 * The lowest point of a trough may be a torn read, so the floor is the second lowest. ret->points
 * has room for n.
 */
static void find_floors(const struct point *points, size_t n, double slope, double noise,
			struct floors *ret)
{
	double range = range_of(points, n, slope), way = 0, swings = 0, missed = 0, last;
	double turn = MAX(MAX(TURN_OF_RANGE * range, TURN_OF_NOISE * noise), LEAST_TURN);
	struct walk w = { 0 };
	const struct trough *t = &w.trough;
	size_t count = 0;

	for (size_t i = 1; i < n; i++) {
		way += fabs(points[i].y - points[i - 1].y);
		if (!step(&w, points, i, turn))
			continue;
		ret->points[count++] = points[t->next];
		swings += t->high - points[t->next].y;
		missed += MIN(points[t->lowest - 1].y, points[t->lowest + 1].y) -
			  points[t->lowest].y;
	}
	if (count == 0 || swings > SWING_OF_RANGE * range * (double)count ||
	    swings < SWINGS_OF_WAY * way)
		return;
	ret->swing = swings / (double)count;
	ret->missed = missed / (double)count;
	last = w.falling && t->lowest + 1 < n ? t->high - points[t->lowest].y : 0;
	if (last > LAST_OF_SWING * ret->swing)
		ret->points[count++] = points[t->next];
	ret->n = count;
}

static bool is_irregular(const struct floors *f)
{
	double period = (f->points[f->n - 1].t - f->points[0].t) / (double)(f->n - 1), squares = 0;

	for (size_t i = 1; i < f->n; i++) {
		double off = f->points[i].t - f->points[i - 1].t - period;

		squares += off * off;
	}
	return sqrt(squares / (double)(f->n - 1)) > IRREGULAR * period;
}

/* Returns the deviation of a floor that is expected before floors are seen. */
static double prior_of(const struct floors *f, double noise)
{
	double prior = hypot(noise, f->missed / sqrt(12));

	if (f->n == 2)
		return MAX(prior, TWO_OF_SWING * f->swing);
	return is_irregular(f) ? MAX(prior, IRREGULAR_OF_SWING * f->swing) : prior;
}

/* Drops floors that are far from the line through the others, at most a quarter of them. */
static size_t drop_outliers(struct point *floors, size_t n, double prior)
{
	struct trend fit;
	size_t kept = 0;

	if (n < ROBUST_LEAST)
		return n;
	trend_fit(floors, n, &fit);
	for (size_t i = 0; i < n; i++) {
		double off = floors[i].y - fit.at_zero - fit.slope * floors[i].t;

		if (fabs(off) <= OUTLIER_DEVIATIONS * MAX(fit.sd, prior) || i - kept >= n / 4)
			floors[kept++] = floors[i];
	}
	return kept;
}

/* Fits a line to two or more floors. */
static struct slope fit_floors(const struct point *floors, size_t n, double prior)
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
	s.start = mean_y - s.rate * mean_t;
	for (size_t i = 0; i < n; i++) {
		double d = floors[i].y - s.start - s.rate * floors[i].t;

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
	auto_free struct point *room = xcalloc(n, sizeof(*room));
	struct floors floors = { .points = room };
	double noise = trend_noise(points, n), prior;
	struct cycles c = { 0 };

	find_floors(points, n, slope, noise, &floors);
	if (floors.n < 2)
		return false;
	prior = prior_of(&floors, noise);
	c.count = floors.n;
	c.swing = floors.swing;
	c.n = drop_outliers(c.floors, trend_thin(floors.points, floors.n, c.floors), prior);
	c.floor = fit_floors(c.floors, c.n, prior);
	*ret = c;
	return true;
}
