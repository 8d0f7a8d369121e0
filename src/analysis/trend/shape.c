/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/shape.h"

#include <assert.h>
#include <math.h>

#include "analysis/trend/regress.h"
#include "analysis/trend/steps.h"

#define PAGE_SQUARES (4096.0 * 4096.0 / 12) /* variance of rounding to pages */
#define SINGULAR 1e-9                       /* mean square that a column must add to a line */
#define FINEST 0.002                        /* of the distance between two places */
#define CLUMP_MOST 3.0 /* a larger variance inflation means the wrong shape, not correlation */

/* The time, as a share of the span, in which the decay falls to 1/e. */
#define DECAY_LEAST (1. / 60)
#define DECAY_MOST (1. / 4)

enum {
	DECAYS = 24,     /* places in that range */
	EXTRA_LEAST = 5, /* points that a third column needs */
	TAIL_LEAST = 4,  /* points behind a bend, at least this many or this share: */
	TAIL_SHARE = 8,
	BACK_SHARE = 5, /* of the way up: levels that go down more than 1/5 of it are not steps */
};

_Static_assert((int)TREND_MAX <= (int)REGRESS_ROWS, "every point is a row");
_Static_assert((int)TREND_MAX <= (int)STEPS_ROWS, "every point is a row");
_Static_assert((int)DECAYS <= (int)TREND_MAX, "gains have room for every place");

/*
 * The points, with time as a share of the span, and the line that other shapes are compared with.
 */
struct table {
	size_t n;
	double span;
	double one[TREND_MAX];
	double time[TREND_MAX];
	double y[TREND_MAX];
	double line_slope;
	double line_squares;        /* sum of squares of off_line */
	double off_line[TREND_MAX]; /* residuals of the line */
	double centred[TREND_MAX];  /* time less its mean */
	double time_squares;        /* sum of squares of centred */
	double extra[TREND_MAX];    /* the column of the current shape */
};

static double mean_of(const double *values, size_t from, size_t to)
{
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += values[i];
	return sum / (double)(to - from);
}

static void init_table(struct table *t, const struct point *points, size_t n)
{
	double mean, mean_t, along = 0;

	*t = (struct table){ .n = n, .span = points[n - 1].t - points[0].t };
	for (size_t i = 0; i < n; i++) {
		t->one[i] = 1;
		t->time[i] = (points[i].t - points[0].t) / t->span;
		t->y[i] = points[i].y - points[0].y;
	}
	mean = mean_of(t->y, 0, n);
	mean_t = mean_of(t->time, 0, n);
	for (size_t i = 0; i < n; i++) {
		t->centred[i] = t->time[i] - mean_t;
		t->time_squares += t->centred[i] * t->centred[i];
		along += t->centred[i] * t->y[i];
	}
	t->line_slope = along / t->time_squares;
	for (size_t i = 0; i < n; i++) {
		t->off_line[i] = t->y[i] - mean - t->line_slope * t->centred[i];
		t->line_squares += t->off_line[i] * t->off_line[i];
	}
}

/* Returns the criterion. Correlated points count less; differences below a page do not count. */
static double criterion(const struct table *t, double squares, double inflation, double parameters)
{
	double size = (double)t->n, spare = MAX(size - parameters - 1, 0.5);
	double rounding = size * PAGE_SQUARES;

	inflation = (MIN(inflation, CLUMP_MOST) * squares + rounding) / (squares + rounding);
	return size / inflation * log((squares + rounding) / (t->line_squares + rounding)) +
	       parameters * log(size) * size / spare;
}

/* Sets a slope from values per span. */
static void set_slope(struct slope *s, const struct table *t, double rate, double deviation)
{
	s->rate = rate / t->span;
	s->deviation = deviation / t->span;
	s->low = s->rate - regress_t95(s->degrees) * s->deviation;
	s->high = s->rate + regress_t95(s->degrees) * s->deviation;
}

static struct shape of_regression(enum shape_kind kind, const struct table *t,
				  const struct regression *r, size_t columns, double parameters)
{
	double degrees = (double)(t->n - columns);
	struct shape s = {
		.kind = kind,
		.cost = criterion(t, r->squares, r->inflation, parameters),
		.slope = { .degrees = degrees, .start = r->value[0] },
		.sd = sqrt(r->squares / degrees),
	};

	set_slope(&s.slope, t, r->value[1], r->deviation[1]);
	return s;
}

static bool try_line(struct table *t, struct shape *ret)
{
	const double *const columns[] = { t->one, t->time };
	struct regression r;

	if (!regress(columns, ARRAY_SIZE(columns), t->y, t->n, &r))
		return false;
	*ret = of_regression(SHAPE_LINE, t, &r, 2, 2);
	return true;
}

/* The effect of the column t->extra on the line: how much better it fits, and its slope. */
struct gain {
	double squares; /* decrease of the sum of squares */
	double slope;
	double spread; /* deviation of the slope for residuals of deviation 1 */
};

/* Computes what regress() would, in a fraction of the time: there are many places to try. */
static struct gain gain_of(const struct table *t)
{
	double mean = mean_of(t->extra, 0, t->n), along = 0, squares = 0, common = 0, height;

	for (size_t i = 0; i < t->n; i++)
		along += t->extra[i] * t->centred[i];
	along /= t->time_squares;
	for (size_t i = 0; i < t->n; i++) {
		double rest = t->extra[i] - mean - along * t->centred[i];

		squares += rest * rest;
		common += rest * t->off_line[i];
	}
	if (squares < SINGULAR * (double)t->n)
		return (struct gain){ .squares = -INFINITY };
	height = common / squares;
	return (struct gain){ .squares = common * height,
			      .slope = t->line_slope - along * height,
			      .spread = sqrt(1 / t->time_squares + along * along / squares) };
}

/* A line and one more column, which depends on a place. */
struct extra {
	enum shape_kind kind;
	double parameters;
	void (*fill)(struct table *t, double place); /* fills t->extra */
	bool continuous;                             /* a place may lie between whole numbers */
	size_t from, to;                             /* from <= place <= to - 1 */
};

/*
 * Before the step the column is -1, so the line is the one behind the step; the other shapes do the
 * same.
 */
static void fill_step(struct table *t, double place)
{
	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = (double)i < place ? -1 : 0;
}

static void fill_bend(struct table *t, double place)
{
	size_t k = (size_t)place;
	double bend = t->time[k] + (place - (double)k) * (t->time[k + 1] - t->time[k]);

	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = MIN(t->time[i] - bend, 0);
}

static void fill_curve(struct table *t, double place)
{
	double decay = DECAY_LEAST * pow(DECAY_MOST / DECAY_LEAST, place / (DECAYS - 1));

	for (size_t i = 0; i < t->n; i++)
		t->extra[i] = -exp(-t->time[i] / decay);
}

/* Searches between whole places, from the best one and its gain. Returns the best place. */
static double refine(struct table *t, const struct extra *e, double place, double squares)
{
	for (double step = 0.5; e->continuous && step > FINEST; step /= 2) {
		double from = place;

		for (int side = -1; side <= 1; side += 2) {
			double near = from + side * step, gain;

			if (near < (double)e->from || near > (double)e->to - 1)
				continue;
			e->fill(t, near);
			gain = gain_of(t).squares;
			if (gain > squares) {
				squares = gain;
				place = near;
			}
		}
	}
	return place;
}

/*
 * Returns the deviation of the slope if the place is known to a fraction, by the derivative there.
 */
static double deviation_near(struct table *t, const struct extra *e, double place)
{
	double low = MAX(place - FINEST, (double)e->from), turn[TREND_MAX];
	double high = MIN(place + FINEST, (double)e->to - 1);
	const double *const columns[] = { t->one, t->time, t->extra, turn };
	struct regression r;

	e->fill(t, low);
	memcpy(turn, t->extra, sizeof(turn));
	e->fill(t, high);
	for (size_t i = 0; i < t->n; i++)
		turn[i] = (t->extra[i] - turn[i]) / (high - low);
	e->fill(t, place);
	return regress(columns, ARRAY_SIZE(columns), t->y, t->n, &r) ? r.deviation[1] : 0;
}

/*
 * Returns the deviation of the slope if the place is only known to a range, that of a likelihood
 * ratio of 95 %: it covers the slopes of all places in the range.
 */
static double deviation_far(const struct table *t, const struct extra *e, const struct gain *gains,
			    const struct regression *best, size_t *ret_places)
{
	double far = best->deviation[1], size = (double)t->n;
	double limit = best->squares * (1 + 4 * best->inflation / (size - 4)) + size * PAGE_SQUARES;
	double sd = sqrt(best->squares / (size - 3) * best->inflation);

	*ret_places = 0;
	for (size_t i = e->from; i < e->to; i++) {
		if (t->line_squares - gains[i].squares > limit)
			continue;
		++*ret_places;
		far = MAX(far, fabs(gains[i].slope - best->value[1]) / 2 + sd * gains[i].spread);
	}
	return far;
}

/* Fits at the best place. The interval allows for other places, the deviation does not. */
static bool try_extra(const struct extra *e, struct table *t, struct shape *ret, double *ret_place)
{
	const double *const columns[] = { t->one, t->time, t->extra };
	struct gain gains[TREND_MAX];
	struct regression best;
	double place, deviation;
	size_t at = e->from, places;

	if (e->from >= e->to || t->n < EXTRA_LEAST)
		return false;
	for (size_t i = e->from; i < e->to; i++) {
		e->fill(t, (double)i);
		gains[i] = gain_of(t);
		if (gains[i].squares > gains[at].squares)
			at = i;
	}
	place = refine(t, e, (double)at, gains[at].squares);
	e->fill(t, place);
	if (!regress(columns, ARRAY_SIZE(columns), t->y, t->n, &best))
		return false;
	*ret = of_regression(e->kind, t, &best, 3, e->parameters);
	ret->jump = best.value[2];
	*ret_place = place;
	deviation = deviation_far(t, e, gains, &best, &places);
	if (e->continuous && places <= 1)
		deviation = MAX(deviation, deviation_near(t, e, place));
	set_slope(&ret->slope, t, best.value[1], deviation);
	ret->slope.deviation = best.deviation[1] / t->span;
	return true;
}

static bool try_step(struct table *t, struct shape *ret)
{
	const struct extra e = { SHAPE_STEP, 5, fill_step, false, 1, t->n };
	double place;

	if (!try_extra(&e, t, ret, &place))
		return false;
	/* A single point at either end is not a level. */
	if (place < 2 || place > (double)t->n - 2)
		ret->jump = 0;
	return true;
}

static bool try_bend(struct table *t, struct shape *ret)
{
	size_t tail = MAX(t->n / TAIL_SHARE, (size_t)TAIL_LEAST);
	const struct extra e = { SHAPE_BEND, 5, fill_bend, true, 1, t->n - tail };
	double place;

	return try_extra(&e, t, ret, &place);
}

static bool try_curve(struct table *t, struct shape *ret)
{
	const struct extra e = { SHAPE_CURVE, 4, fill_curve, true, 0, DECAYS };
	double place;

	return try_extra(&e, t, ret, &place);
}

/*
 * Returns whether a level is a single point between two levels: a batch in which the step happened.
 */
static bool is_half_way(const struct steps *s, const double *means, size_t level)
{
	return level > 0 && level + 1 < s->levels && s->begin[level + 1] - s->begin[level] == 1 &&
	       (means[level + 1] > means[level]) == (means[level] > means[level - 1]);
}

/* Counts the steps up and down. Returns false if there are many and they do not go one way. */
static bool count_ways(const struct steps *s, const double *means, struct shape *ret)
{
	double up = 0, down = 0;

	for (size_t l = 0; l + 1 < s->levels; l++) {
		double way = means[l + 1] - means[l];

		if (is_half_way(s, means, l))
			continue;
		ret->rises += way > 0;
		ret->falls += way < 0;
		up += MAX(way, 0);
		down += MAX(-way, 0);
	}
	return s->levels <= SHAPE_EVENTS + 1 || MIN(up, down) * BACK_SHARE < MAX(up, down);
}

static double steps_cost(const struct table *t, const struct steps *s, double inflation)
{
	return criterion(t, s->squares, inflation, 3 * (double)s->levels - 2);
}

static bool try_steps(struct table *t, struct shape *ret)
{
	const double *const columns[] = { t->extra };
	struct steps all[STEPS_MOST], *best = all;
	struct shape s = { .kind = SHAPE_STAIRS };
	double means[STEPS_MOST], off[TREND_MAX];
	size_t count = steps_find(t->y, t->n, all);
	struct regression r;

	for (size_t i = 1; i < count; i++) {
		if (steps_cost(t, &all[i], 1) < steps_cost(t, best, 1))
			best = &all[i];
	}
	for (size_t l = 0; l < best->levels; l++) {
		size_t from = best->begin[l], to = best->begin[l + 1];
		double time = mean_of(t->time, from, to);

		means[l] = mean_of(t->y, from, to);
		for (size_t i = from; i < to; i++) {
			off[i] = t->y[i] - means[l];
			t->extra[i] = t->time[i] - time;
		}
	}
	if (!count_ways(best, means, &s) || !regress(columns, 1, off, t->n, &r))
		return false;
	s.cost = steps_cost(t, best, r.inflation);
	s.slope.degrees = (double)MAX(t->n - best->levels, 2) - 1;
	s.slope.start = means[best->levels - 1];
	s.sd = sqrt(best->squares / s.slope.degrees);
	set_slope(&s.slope, t, r.value[0], r.deviation[0]);
	*ret = s;
	return true;
}

static bool (*const tries[SHAPE_COUNT])(struct table *, struct shape *) = {
	[SHAPE_LINE] = try_line,   [SHAPE_STEP] = try_step,    [SHAPE_BEND] = try_bend,
	[SHAPE_CURVE] = try_curve, [SHAPE_STAIRS] = try_steps,
};

struct shape shape_find(const struct point *points, size_t n)
{
	struct shape best = { .cost = INFINITY }, s;
	struct table t;

	assert(n >= TREND_LEAST + 2 && n <= TREND_MAX);
	init_table(&t, points, n);
	for (size_t k = 0; k < SHAPE_COUNT; k++) {
		if (tries[k](&t, &s) && s.cost < best.cost)
			best = s;
	}
	best.slope.start += points[0].y - best.slope.rate * points[0].t;
	return best;
}
