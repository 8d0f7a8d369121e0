/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/shape.h"

#include <math.h>

#include "analysis/regress.h"

#define PAGE_SQUARES (4096.0 * 4096.0 / 12) /* what counting in pages leaves of any fit */

/* Of the span, the time in which what dies away falls to 1/e: from, to, and steps in between. */
#define DECAY_LEAST (1. / 60)
#define DECAY_MOST (1. / 4)

enum {
	STAIRS_MOST = 12,
	DECAYS = 24,
	EDGE = 2, /* points before the first and behind the last place of a step */
};

_Static_assert((int)DECAYS <= (int)TREND_MAX, "gains have room");

/* Time as a share of the span, and what is fitted: the numbers stay near 1. */
struct table {
	size_t n;
	double span;
	double one[TREND_MAX], time[TREND_MAX], y[TREND_MAX];
	double extra[TREND_MAX];    /* the column of a shape */
	double off_line[TREND_MAX]; /* what a line leaves of y */
};

static double criterion(double squares, size_t n, double parameters)
{
	double size = (double)n;

	return size * log(squares / size + PAGE_SQUARES) + parameters * log(size);
}

static void set_deviation(struct shape *s, double deviation)
{
	double half = regress_t95(s->slope.degrees) * deviation;

	s->slope.deviation = deviation;
	s->slope.low = s->slope.rate - half;
	s->slope.high = s->slope.rate + half;
}

static struct shape of_regression(enum shape_kind kind, const struct table *t,
				  const struct regression *r, size_t columns, double parameters)
{
	double degrees = (double)(t->n - columns);
	struct shape s = {
		.kind = kind,
		.cost = criterion(r->squares, t->n, parameters),
		.slope = { .rate = r->value[1] / t->span,
			   .degrees = degrees,
			   .start = r->value[0] },
		.sd = sqrt(r->squares / degrees),
	};

	set_deviation(&s, r->deviation[1] / t->span);
	return s;
}

static bool try_line(struct table *t, struct shape *ret)
{
	const double *const columns[] = { t->one, t->time };
	struct regression r;

	if (!regress(columns, 2, t->y, t->n, &r))
		return false;
	*ret = of_regression(SHAPE_LINE, t, &r, 2, 2);
	return true;
}

/* By how much the column `extra` lessens the squares that a line leaves. */
static double gain_of(const struct table *t)
{
	double mean = 0, mean_t = 0, along = 0, squares_t = 0, squares = 0, common = 0;

	for (size_t i = 0; i < t->n; i++) {
		mean += t->extra[i] / (double)t->n;
		mean_t += t->time[i] / (double)t->n;
	}
	for (size_t i = 0; i < t->n; i++) {
		along += t->extra[i] * (t->time[i] - mean_t);
		squares_t += (t->time[i] - mean_t) * (t->time[i] - mean_t);
	}
	along /= squares_t;
	for (size_t i = 0; i < t->n; i++) {
		double rest = t->extra[i] - mean - along * (t->time[i] - mean_t);

		squares += rest * rest;
		common += rest * t->off_line[i];
	}
	return squares > 1e-9 * (double)t->n ? common * common / squares : -INFINITY;
}

typedef void (*fill_fn)(struct table *t, double at);

/* Before the step the column is -1: then the line is that of the end. */
static void fill_step(struct table *t, double at)
{
	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = (double)i < at ? -1 : 0;
}

static void fill_bend(struct table *t, double at)
{
	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = MIN(t->time[i] - t->time[(size_t)at], 0);
}

static void fill_curve(struct table *t, double at)
{
	double decay = DECAY_LEAST * pow(DECAY_MOST / DECAY_LEAST, at / (DECAYS - 1));

	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = -exp(-t->time[i] / decay);
}

/* A line and one column more, the best of those for from <= at < to. */
static bool try_extra(enum shape_kind kind, struct table *t, fill_fn fill, size_t from, size_t to,
		      double parameters, struct shape *ret)
{
	const double *const columns[] = { t->one, t->time, t->extra };
	double gains[TREND_MAX], limit, half;
	struct regression r, best;
	size_t at = from;

	for (size_t i = from; i < to; i++) {
		fill(t, (double)i);
		gains[i] = gain_of(t);
		if (gains[i] > gains[at])
			at = i;
	}
	if (from >= to || t->n < 5)
		return false;
	fill(t, (double)at);
	if (!regress(columns, 3, t->y, t->n, &best))
		return false;
	*ret = of_regression(kind, t, &best, 3, parameters);
	ret->jump = best.value[2];
	/* Where it is best is not known but to a range: the slope is that of all of it. */
	limit = best.squares * 4 * best.clump / (double)(t->n - 4) + (double)t->n * PAGE_SQUARES;
	half = best.deviation[1];
	for (size_t i = from; i < to; i++) {
		if (gains[i] < gains[at] - limit)
			continue;
		fill(t, (double)i);
		if (regress(columns, 3, t->y, t->n, &r))
			half = MAX(half, fabs(r.value[1] - best.value[1]) / 2 + r.deviation[1]);
	}
	set_deviation(ret, half / t->span);
	return true;
}

static bool try_step(struct table *t, struct shape *ret)
{
	return try_extra(SHAPE_STEP, t, fill_step, EDGE, t->n - EDGE + 1, 5, ret);
}

static bool try_bend(struct table *t, struct shape *ret)
{
	return try_extra(SHAPE_BEND, t, fill_bend, 1, t->n - t->n / 3, 5, ret);
}

static bool try_curve(struct table *t, struct shape *ret)
{
	return try_extra(SHAPE_CURVE, t, fill_curve, 0, DECAYS, 4, ret);
}

/* The best stairs of each number of levels: where the last level begins, and what is left. */
struct stairs {
	double level[TREND_MAX][TREND_MAX + 1]; /* squares about the mean of rows i to k - 1 */
	double least[STAIRS_MOST][TREND_MAX + 1];
	unsigned char from[STAIRS_MOST][TREND_MAX + 1];
};

static void climb(const struct table *t, size_t most, struct stairs *ret)
{
	for (size_t i = 0; i < t->n; i++) {
		double mean = 0, squares = 0;

		for (size_t k = i; k < t->n; k++) {
			double d = t->y[k] - mean;

			mean += d / (double)(k - i + 1);
			squares += d * (t->y[k] - mean);
			ret->level[i][k + 1] = squares;
		}
	}
	memcpy(ret->least[0], ret->level[0], sizeof(ret->least[0]));
	for (size_t l = 1; l < most; l++) {
		for (size_t to = l + 1; to <= t->n; to++) {
			ret->least[l][to] = INFINITY;
			for (size_t at = l; at < to; at++) {
				double whole = ret->least[l - 1][at] + ret->level[at][to];

				if (whole < ret->least[l][to]) {
					ret->least[l][to] = whole;
					ret->from[l][to] = (unsigned char)at;
				}
			}
		}
	}
}

static double mean_of(const double *values, size_t from, size_t to)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += values[i];
	return sum / (double)(to - from);
}

/* Counts the ways up and down, and leaves in y and in extra what lies off the mean of each level. */
static void walk(struct table *t, const struct stairs *stairs, size_t levels, struct shape *ret)
{
	size_t to = t->n;
	double next = 0;

	for (size_t l = levels; l-- > 0;) {
		size_t from = l > 0 ? stairs->from[l][to] : 0;
		double y = mean_of(t->y, from, to), time = mean_of(t->time, from, to);

		ret->rises += l + 1 < levels && next > y;
		ret->falls += l + 1 < levels && next < y;
		for (size_t i = from; i < to; i++) {
			t->y[i] -= y;
			t->extra[i] = t->time[i] - time;
		}
		if (l + 1 == levels)
			ret->slope.start = y;
		next = y;
		to = from;
	}
}

static bool try_stairs(struct table *t, struct shape *ret)
{
	const double *const columns[] = { t->extra };
	size_t most = MIN((size_t)STAIRS_MOST, t->n / 2), levels = 1;
	struct shape s = { .kind = SHAPE_STAIRS, .cost = INFINITY };
	struct regression r;
	struct stairs stairs;

	climb(t, most, &stairs);
	for (size_t l = 0; l < most; l++) {
		double cost = criterion(stairs.least[l][t->n], t->n, 1 + 3 * (double)l);

		if (cost < s.cost) {
			s.cost = cost;
			levels = l + 1;
		}
	}
	walk(t, &stairs, levels, &s);
	s.slope.degrees = (double)MAX(t->n - levels, 2) - 1;
	s.sd = sqrt(stairs.least[levels - 1][t->n] / s.slope.degrees);
	if (!regress(columns, 1, t->y, t->n, &r))
		return false;
	s.slope.rate = r.value[0] / t->span;
	set_deviation(&s, r.deviation[0] / t->span);
	*ret = s;
	return true;
}

static bool (*const tries[SHAPE_COUNT])(struct table *, struct shape *) = {
	[SHAPE_LINE] = try_line,   [SHAPE_STEP] = try_step,     [SHAPE_BEND] = try_bend,
	[SHAPE_CURVE] = try_curve, [SHAPE_STAIRS] = try_stairs,
};

struct shape shape_find(const struct point *points, size_t n)
{
	struct table t = { .n = n, .span = points[n - 1].t - points[0].t };
	struct shape best = { .cost = INFINITY }, s;

	for (size_t i = 0; i < n; i++) {
		t.one[i] = 1;
		t.time[i] = (points[i].t - points[0].t) / t.span;
		t.y[i] = points[i].y - points[0].y;
	}
	if (try_line(&t, &s)) {
		for (size_t i = 0; i < n; i++)
			t.off_line[i] = t.y[i] - s.slope.start - s.slope.rate * t.span * t.time[i];
	}
	for (size_t k = 0; k < SHAPE_COUNT; k++) {
		if (tries[k](&t, &s) && s.cost < best.cost)
			best = s;
	}
	best.slope.start += points[0].y;
	return best;
}
