/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trend/growth.h"

#include <math.h>

#include "analysis/trend/cycles.h"
#include "analysis/trend/regress.h"
#include "analysis/trend/shape.h"
#include "base/alloc.h"

#define SECONDS_PER_HOUR 3600.0
#define DAYS_30 (30 * 24 * SECONDS_PER_HOUR)
#define PAGE 4096.0

#define SURE_DEVIATIONS 3.0     /* wrong for one in 700 series without a slope */
#define AMPLITUDE TREND_Z95     /* of noise, in standard deviations */
#define COUNTING_AMPLITUDES 4.0 /* of growth that matters; less may be missed */
#define LATE_SHARE 0.1          /* of the early rise or the swing: least later growth */
#define BACK_SHARE 0.3          /* of the change: a jump against the slope that makes it doubtful */
#define END_SHARE 0.4           /* of the span: what still grows moves in it, */
#define END_MOVES 0.25          /* by at least this share of what its rate predicts, */
#define END_TAIL 0.08           /* without this share of its samples at either side */

enum {
	LEAST_SAMPLES = 5,
	FULL_SAMPLES = 12,
	HALF_SURE_SAMPLES = 3,
	LEAST_CYCLES = 3,
	END_SAMPLES = 10, /* fewer may lie between two steps */
	PARTS = 5,        /* of the span: the start, and the parts that move, */
	PARTS_MOVING = 3, /* of which there are at least this many; */
	PART_SAMPLES = 3, /* a part with fewer samples counts as moving */
	FLOORS_FOR_SHAPE = 6,
};

const struct verdict_desc verdict_descs[] = {
	[VERDICT_INSUFFICIENT] = { .id = "insufficient",
				   .title = "insufficient",
				   .help = "too few samples, or too noisy for their number" },
	[VERDICT_STABLE] = { .id = "stable",
			     .title = "stable",
			     .help = "no trend beyond the noise" },
	[VERDICT_WARMING_UP] = { .id = "warming_up",
				 .title = "warming up",
				 .help = "it rose early and levels off, as a cache that fills" },
	[VERDICT_GROWING] = { .id = "growing",
			      .title = "growing",
			      .help = "it rises steadily",
			      .grows = true },
	[VERDICT_GROWING_IN_STEPS] = { .id = "growing_in_steps",
				       .title = "growing in steps",
				       .help = "it rises in steps and does not come down",
				       .grows = true },
	[VERDICT_SAWTOOTH] = { .id = "sawtooth",
			       .title = "sawtooth",
			       .help = "it rises and is collected, down to the same floor" },
	[VERDICT_SAWTOOTH_GROWING] = { .id = "sawtooth_growing",
				       .title = "sawtooth, growing",
				       .help = "it is collected, but the floor rises",
				       .grows = true },
	[VERDICT_SHRINKING] = { .id = "shrinking", .title = "shrinking", .help = "it falls" },
};
_Static_assert(ARRAY_SIZE(verdict_descs) == VERDICT_COUNT, "a row for each");

/* Returns whether the slope is certain, and the change over the span larger than the noise. */
static bool is_sure(const struct slope *s, double span, double sd)
{
	double doubt = SURE_DEVIATIONS * regress_t95(s->degrees) / TREND_Z95 * s->deviation;

	return fabs(s->rate) > doubt && fabs(s->rate) * span > MAX(2 * PAGE, AMPLITUDE * sd);
}

/* Returns whether the interval includes growth that matters. */
static bool may_hide(const struct slope *s, double span, double sd)
{
	double counts = COUNTING_AMPLITUDES * (AMPLITUDE * sd + PAGE);

	return s->high * span > counts || s->low * span < -counts;
}

static double normal_below(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

/* Returns how far the verdict can be trusted, by the slope and the number of samples. */
static double confidence_in(const struct growth *g, const struct slope *s, double span, double sd)
{
	double share = (double)g->samples / (double)(g->samples + HALF_SURE_SAMPLES);
	double deviation = s->deviation * regress_t95(s->degrees) / TREND_Z95 + PAGE / span / 2;
	double counts = COUNTING_AMPLITUDES * (AMPLITUDE * sd + PAGE) / span;

	if (g->verdict == VERDICT_INSUFFICIENT)
		return 0;
	if (verdict_descs[g->verdict].grows || g->verdict == VERDICT_SHRINKING)
		return share * (2 * normal_below(fabs(s->rate) / deviation) - 1);
	return share * normal_below((counts - s->rate) / deviation);
}

static void set_line(struct growth *g, const struct slope *s, double span)
{
	double rounding = PAGE / span;

	g->has_rate = true;
	g->rate = s->rate;
	g->low = s->low - rounding;
	g->high = s->high + rounding;
	g->line_start = s->start;
	g->line_end = s->start + s->rate * span;
}

/* Returns whether the rise came early and is not in the slope at the end. */
static bool is_early(const struct shape *shape)
{
	return (shape->kind == SHAPE_CURVE || shape->kind == SHAPE_BEND) && shape->jump > 0;
}

static void judge_cycles(const struct cycles *c, double span, struct growth *g)
{
	double least = LATE_SHARE * c->swing;
	struct slope s = c->floor;

	/* A collected heap also warms up: at first its floors rise. */
	if (c->n >= FLOORS_FOR_SHAPE) {
		struct shape shape = shape_find(c->floors, c->n);

		if (is_early(&shape)) {
			s = shape.slope;
			s.deviation = MAX(s.deviation, c->floor.deviation);
			least = MAX(least, LATE_SHARE * shape.jump);
		}
	}
	g->swing = c->swing;
	if (is_sure(&s, span, 0) && fabs(s.rate) * span > least)
		g->verdict = s.rate > 0 ? VERDICT_SAWTOOTH_GROWING : VERDICT_SHRINKING;
	else if (c->count >= LEAST_CYCLES)
		g->verdict = VERDICT_SAWTOOTH;
	set_line(g, &s, span);
	g->confidence = confidence_in(g, &s, span, s.deviation * span);
}

/* Returns whether the shape makes even a certain slope doubtful. */
static bool is_doubtful(const struct shape *shape, const struct slope *s, double span,
			const struct trend *fit)
{
	double change = s->rate * span;

	switch (shape->kind) {
	case SHAPE_LINE:
		return fabs(fit->z) < TREND_Z95;
	case SHAPE_STAIRS:
		return shape->rises + shape->falls <= SHAPE_EVENTS;
	case SHAPE_STEP:
		/* A jump against the slope may happen again. */
		return shape->jump * change < 0 && fabs(shape->jump) > BACK_SHARE * fabs(change);
	default:
		return is_early(shape) && fabs(change) < LATE_SHARE * shape->jump;
	}
}

static struct slope slope_of_trend(const struct trend *fit, size_t n)
{
	return (struct slope){ .rate = fit->slope,
			       .deviation = (fit->high - fit->low) / 2 / TREND_Z95,
			       .degrees = (double)n,
			       .low = fit->low,
			       .high = fit->high,
			       .start = fit->at_zero };
}

/* Returns the slope for the shape: the robust one, unless only the end of the series counts. */
static struct slope slope_of(const struct shape *shape, const struct trend *fit, size_t n)
{
	size_t steps = shape->rises + shape->falls;
	struct slope s = slope_of_trend(fit, n);

	if (shape->kind == SHAPE_LINE) {
		s.deviation = MAX(s.deviation, shape->slope.deviation);
	} else if (shape->kind != SHAPE_STAIRS || (steps > 0 && steps <= SHAPE_EVENTS)) {
		s = shape->slope;
	} else if (steps > 0) {
		/* The span begins and ends at a random position between two steps. */
		s.low -= fabs(s.rate) / (double)steps;
		s.high += fabs(s.rate) / (double)steps;
	}
	return s;
}

/*
 * A step that makes a slope doubtful may belong to it: the interval then includes the net change.
 */
static void widen(struct slope *s, const struct shape *shape, double span)
{
	double net = s->rate + shape->jump / span;

	if (shape->kind != SHAPE_STEP)
		return;
	s->low = MIN(s->low, net);
	s->high = MAX(s->high, net);
}

static void judge_shape(const struct shape *shape, const struct trend *fit, size_t n, double noise,
			struct growth *g)
{
	double span = g->span_seconds / SECONDS_PER_HOUR, sd = MAX(shape->sd, noise);
	struct slope s = slope_of(shape, fit, n);

	bool is_doubted = is_doubtful(shape, &s, span, fit);

	if (is_doubted)
		widen(&s, shape, span);
	if (is_sure(&s, span, sd) && !is_doubted)
		g->verdict = s.rate < 0                    ? VERDICT_SHRINKING
			     : shape->kind == SHAPE_STAIRS ? VERDICT_GROWING_IN_STEPS
							   : VERDICT_GROWING;
	else if (g->samples < FULL_SAMPLES && shape->sd > 0)
		g->verdict = VERDICT_INSUFFICIENT;
	else if (is_early(shape))
		g->verdict = VERDICT_WARMING_UP;
	else if (!may_hide(&s, span, sd))
		g->verdict = VERDICT_STABLE;
	set_line(g, &s, span);
	g->confidence = confidence_in(g, &s, span, sd);
}

/* Keeps the samples that are later than all before them. ret_kept has room for n. */
static size_t keep_order(const struct sample *samples, size_t n, struct sample *ret_kept)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || samples[i].t_ns > ret_kept[kept - 1].t_ns)
			ret_kept[kept++] = samples[i];
	}
	return kept;
}

static bool is_constant(const struct point *points, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (points[i].y != points[0].y)
			return false;
	}
	return true;
}

/* Judges a constant series without statistics; most mappings never change. */
static void judge_constant(double y, struct growth *g)
{
	const struct slope level = { .degrees = (double)g->samples, .start = y };
	double span = g->span_seconds / SECONDS_PER_HOUR;

	g->verdict = VERDICT_STABLE;
	set_line(g, &level, span);
	g->confidence = confidence_in(g, &level, span, 0);
}

/* Judges a series that has enough points. */
static void judge_points(const struct point *points, size_t n, struct growth *g)
{
	struct point thin[TREND_MAX];
	struct cycles cycles;
	struct shape shape;
	struct trend fit;
	size_t few;

	if (is_constant(points, n)) {
		judge_constant(points[0].y, g);
		return;
	}
	few = trend_thin(points, n, thin);
	trend_fit(thin, few, &fit);
	if (cycles_find(points, n, fit.slope, &cycles) ||
	    (few < n && cycles_find(thin, few, fit.slope, &cycles))) {
		judge_cycles(&cycles, g->span_seconds / SECONDS_PER_HOUR, g);
		return;
	}
	shape = shape_find(thin, few);
	judge_shape(&shape, &fit, few, trend_noise(points, n), g);
}

/* Returns the number of points in this share of the span, at its end. */
static size_t end_of(const struct point *points, size_t n, double share)
{
	double last = points[n - 1].t, since = last - share * (last - points[0].t);
	size_t count = 1;

	while (count < n && points[n - count - 1].t >= since)
		count++;
	return count;
}

/* Returns whether nearly all points stand still, although they would have moved at this rate. */
static bool stand_still(const struct point *points, size_t n, double rate)
{
	auto_free double *y = xcalloc(n, sizeof(*y));
	double moves;

	for (size_t i = 0; i < n; i++)
		y[i] = points[i].y;
	moves = trend_quantile(y, n, 1 - END_TAIL) - trend_quantile(y, n, END_TAIL);
	return moves < END_MOVES * rate * (points[n - 1].t - points[0].t);
}

/*
 * Returns whether a part of the span moves as expected at this rate, or has too few points to say.
 */
static bool moves(const struct point *points, size_t n, double from, double to, double rate)
{
	double low = INFINITY, high = -INFINITY;
	size_t i = 0, count = 0;

	/* Includes the point before the part: a step may lie between two parts. */
	while (i + 1 < n && points[i + 1].t < from)
		i++;
	for (; i < n && points[i].t <= to; i++) {
		low = MIN(low, points[i].y);
		high = MAX(high, points[i].y);
		count++;
	}
	return count <= PART_SAMPLES || high - low >= END_MOVES * rate * (to - from);
}

/*
 * Returns whether most parts of the span move, without the first, which is the start of the
 * program: a leak grows all the time, while data that is loaded moves one or two parts.
 */
static bool keeps_moving(const struct point *points, size_t n, double rate)
{
	double start = points[0].t, part = (points[n - 1].t - start) / PARTS;
	size_t count = 0;

	for (size_t i = 1; i < PARTS; i++)
		count += moves(points, n, start + (double)i * part,
			       i + 1 < PARTS ? start + (double)(i + 1) * part : points[n - 1].t,
			       rate);
	return count >= PARTS_MOVING;
}

/* Fits the line to the end of the series. */
static void set_end(const struct point *end, size_t n, struct growth *g)
{
	struct point thin[TREND_MAX];
	size_t few = trend_thin(end, n, thin);
	struct trend fit;
	struct slope s;

	trend_fit(thin, few, &fit);
	s = slope_of_trend(&fit, few);
	g->swing = 0;
	set_line(g, &s, g->span_seconds / SECONDS_PER_HOUR);
	g->confidence = confidence_in(g, &s, end[n - 1].t - end[0].t, trend_noise(end, n));
}

/* A series that rose and then stands still has levelled off, whatever the shape of the rise. */
static void judge_end(const struct point *points, size_t n, struct growth *g)
{
	size_t count = end_of(points, n, END_SHARE);
	bool still = stand_still(points + n - count, count, g->rate);

	if (count < END_SAMPLES || (!still && keeps_moving(points, n, g->rate)))
		return;
	if (!still)
		count = end_of(points, n, 1 - 1. / PARTS);
	g->verdict = VERDICT_WARMING_UP;
	set_end(points + n - count, count, g);
	/* The movement may be over. */
	if (!still)
		g->low = MIN(g->low, 0);
}

void growth_judge(const struct sample *samples, size_t n, struct growth *ret)
{
	auto_free struct sample *kept = xcalloc(MAX(n, 1), sizeof(*kept));
	auto_free struct point *points = xcalloc(MAX(n, 1), sizeof(*points));
	struct growth g = { .samples = keep_order(samples, n, kept) };

	if (g.samples > 0) {
		trend_points(kept, g.samples, points);
		g.span_seconds = points[g.samples - 1].t * SECONDS_PER_HOUR;
	}
	if (g.samples >= LEAST_SAMPLES)
		judge_points(points, g.samples, &g);
	if (g.samples >= END_SAMPLES &&
	    (verdict_descs[g.verdict].grows || g.verdict == VERDICT_INSUFFICIENT))
		judge_end(points, g.samples, &g);
	*ret = g;
}

struct reach growth_reach(const struct growth *g, uint64_t now_bytes, uint64_t limit_bytes)
{
	double peak = MAX((double)now_bytes, g->swing > 0 ? g->line_end + g->swing : 0);
	double room = MAX((double)limit_bytes - peak, 0), low, high;

	if (now_bytes >= limit_bytes)
		return (struct reach){ .status = REACH_RANGE };
	if (!g->has_rate || !verdict_descs[g->verdict].grows)
		return (struct reach){ .status = REACH_NONE };
	low = room / g->high * SECONDS_PER_HOUR;
	high = g->low > 0 ? room / g->low * SECONDS_PER_HOUR : INFINITY;
	if (low > DAYS_30)
		return (struct reach){ .status = REACH_BEYOND_30_DAYS };
	return (struct reach){ REACH_RANGE, low, high };
}
