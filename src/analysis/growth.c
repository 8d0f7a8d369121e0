/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/growth.h"

#include <math.h>

#include "analysis/cycles.h"
#include "analysis/regress.h"
#include "analysis/shape.h"
#include "base/alloc.h"

#define SECONDS_PER_HOUR 3600.0
#define DAYS_30 (30 * 24 * SECONDS_PER_HOUR)
#define PAGE 4096.0

#define SURE_DEVIATIONS 2.8     /* a slope that is not one is called so once in 400 series */
#define AMPLITUDE TREND_Z95     /* of noise, in standard deviations */
#define COUNTING_AMPLITUDES 4.0 /* growth of so many counts; less may hide */
#define LATE_SHARE 0.05         /* a warm-up that goes on with so little of its rise is over */

enum {
	LEAST_SAMPLES = 5,
	FULL_SAMPLES = 12,
	LEAST_RISES = 3,  /* fewer steps are events, not a habit */
	LEAST_CYCLES = 3, /* and so for troughs */
	HALF_SURE_SAMPLES = 3,
};

const struct verdict_desc verdict_descs[VERDICT_COUNT] = {
	[VERDICT_INSUFFICIENT] = { "insufficient", "insufficient",
				   "too few samples, or too noisy for their number" },
	[VERDICT_STABLE] = { "stable", "stable", "no trend beyond the noise" },
	[VERDICT_WARMING_UP] = { "warming_up", "warming up",
				 "it rose early and levels off: a cache that fills" },
	[VERDICT_GROWING] = { "growing", "growing", "it rises steadily", true },
	[VERDICT_GROWING_IN_STEPS] = { "growing_in_steps", "growing in steps",
				       "it rises in steps and does not come down", true },
	[VERDICT_SAWTOOTH] = { "sawtooth", "sawtooth",
			       "it rises and is collected, down to the same floor" },
	[VERDICT_SAWTOOTH_GROWING] = { "sawtooth_growing", "sawtooth, growing",
				       "it is collected, but the floor rises", true },
	[VERDICT_SHRINKING] = { "shrinking", "shrinking", "it falls" },
};

/* Is the slope beyond doubt, and the change over the span more than the noise? */
static bool is_sure(const struct slope *s, double span, double sd)
{
	double doubt = SURE_DEVIATIONS * regress_t95(s->degrees) / TREND_Z95 * s->deviation;

	return fabs(s->rate) > doubt && fabs(s->rate) * span > MAX(2 * PAGE, AMPLITUDE * sd);
}

/* Could growth that counts hide in the interval? */
static bool may_hide(const struct slope *s, double span, double sd)
{
	double counts = COUNTING_AMPLITUDES * (AMPLITUDE * sd + PAGE);

	return s->high * span > counts || s->low * span < -counts;
}

static double normal_below(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

/* How far the verdict is to be trusted: by the slope, and by the number of samples. */
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

static void judge_cycles(const struct cycles *c, double span, struct growth *g)
{
	const struct slope *s = &c->floor;
	double sd = s->deviation;

	g->swing = c->swing;
	if (is_sure(s, span, 0))
		g->verdict = s->rate > 0 ? VERDICT_SAWTOOTH_GROWING : VERDICT_SHRINKING;
	else if (c->count >= LEAST_CYCLES)
		g->verdict = VERDICT_SAWTOOTH;
	set_line(g, s, span);
	g->confidence = confidence_in(g, s, span, sd);
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

/* Does the slope come from the line at the end alone? */
static bool is_late(const struct shape *shape)
{
	size_t changes = shape->rises + shape->falls;

	return shape->kind == SHAPE_STAIRS ? changes > 0 && changes < LEAST_RISES
					   : shape->kind != SHAPE_LINE;
}

static enum verdict verdict_on_shape(const struct shape *shape, const struct slope *s, double span,
				     size_t samples)
{
	bool sure = is_sure(s, span, shape->sd);
	bool early = (shape->kind == SHAPE_CURVE || shape->kind == SHAPE_BEND) && shape->jump > 0;
	bool over = early && s->rate * span < LATE_SHARE * shape->jump;

	if (shape->kind == SHAPE_STAIRS && sure && s->rate > 0 && shape->rises >= LEAST_RISES &&
	    shape->falls == 0)
		return VERDICT_GROWING_IN_STEPS;
	if (shape->kind == SHAPE_STAIRS && shape->falls < LEAST_RISES)
		sure = false;
	if (sure && s->rate < 0)
		return VERDICT_SHRINKING;
	if (sure && shape->kind != SHAPE_STAIRS && !over)
		return VERDICT_GROWING;
	if (samples < FULL_SAMPLES && shape->sd > 0)
		return VERDICT_INSUFFICIENT;
	if (early)
		return VERDICT_WARMING_UP;
	return may_hide(s, span, shape->sd) ? VERDICT_INSUFFICIENT : VERDICT_STABLE;
}

static void judge_shape(const struct point *points, size_t n, const struct trend *fit,
			struct growth *g)
{
	double span = points[n - 1].t - points[0].t;
	struct shape shape = shape_find(points, n);
	struct slope s = is_late(&shape) ? shape.slope : slope_of_trend(fit, n);

	if (shape.kind == SHAPE_STAIRS && !is_late(&shape)) {
		/* Where in a tread the span begins and ends is chance. */
		double tread = fabs(s.rate) / (double)MAX(shape.rises + shape.falls, 1);

		s.low -= tread;
		s.high += tread;
	}
	g->verdict = verdict_on_shape(&shape, &s, span, g->samples);
	set_line(g, &s, span);
	g->confidence = confidence_in(g, &s, span, shape.sd);
}

/* Those whose time moves on. ret_kept has room for n. */
static size_t keep_order(const struct sample *samples, size_t n, struct sample *ret_kept)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || samples[i].t_ns > ret_kept[kept - 1].t_ns)
			ret_kept[kept++] = samples[i];
	}
	return kept;
}

void growth_judge(const struct sample *samples, size_t n, struct growth *ret)
{
	auto_free struct sample *kept = xcalloc(MAX(n, 1), sizeof(*kept));
	auto_free struct point *all = xcalloc(MAX(n, 1), sizeof(*all));
	struct point thin[TREND_MAX];
	struct growth g = { .samples = keep_order(samples, n, kept) };
	struct cycles cycles;
	struct trend fit;
	size_t few;

	*ret = g;
	if (g.samples == 0)
		return;
	trend_points(kept, g.samples, all);
	g.span_seconds = all[g.samples - 1].t * SECONDS_PER_HOUR;
	*ret = g;
	if (g.samples < LEAST_SAMPLES)
		return;
	few = trend_thin(all, g.samples, thin);
	trend_fit(thin, few, &fit);
	if (cycles_find(all, g.samples, fit.slope, &cycles) ||
	    (few < g.samples && cycles_find(thin, few, fit.slope, &cycles)))
		judge_cycles(&cycles, g.span_seconds / SECONDS_PER_HOUR, &g);
	else
		judge_shape(thin, few, &fit, &g);
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
