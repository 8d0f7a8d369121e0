/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/draw/axis.h"

#include <math.h>

#include "base/clock.h"

enum {
	LABEL_GAP = 3, /* columns between two labels of time, at least */
	MAX_DECIMALS = 3,
	GOOD_INTERVALS = 4,
};

#define LEAST_RANGE 0.04 /* of the largest value: what is less than that is no change to speak of */
#define ZERO_BASE 0.3    /* of the largest value: smaller ones are shown above 0 */

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

/* How large the data are drawn, in rows; somewhat less if there are few ticks or many. */
static double axis_score(const struct bytes_axis *a, double range)
{
	double drawn = range / (a->step * (double)a->intervals) *
		       (double)(a->intervals * a->rows + 1);
	double odd = fabs((double)a->intervals - GOOD_INTERVALS);

	return drawn * (1 - 0.1 * odd);
}

/* Sets the rest of an axis by its step. False if its ticks would not fit. */
static bool axis_set_step(struct bytes_axis *a, double min, double max, size_t rows)
{
	double intervals;

	a->low = floor(min / a->step) * a->step;
	intervals = MAX(ceil((max - a->low) / a->step - 1e-9), 1);
	if (intervals > (double)(rows - 1))
		return false;
	a->intervals = (size_t)intervals;
	a->rows = (rows - 1) / a->intervals;
	return a->rows > 1 || a->intervals == 1;
}

void bytes_axis_fit(double min, double max, size_t rows, enum fmt_unit unit, struct bytes_axis *ret)
{
	static const double mantissas[] = { 1, 2, 5 };
	double least = MAX(max * LEAST_RANGE, 4), one, best = 0;
	struct bytes_axis a = { .unit = unit };

	min = MAX(max - min >= least ? min : (min + max - least) / 2, 0);
	if (min < max * ZERO_BASE)
		min = 0;
	max = MAX(max, min + least);
	a.power = fmt_power(max, unit, &one);
	*ret = (struct bytes_axis){ 0, max, 1, rows - 1, unit, a.power, 0 };
	for (int e = -MAX_DECIMALS; pow(10, e) * one <= max; e++) {
		if (a.power == 0 && e < 0)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(mantissas); i++) {
			a.step = mantissas[i] * pow(10, e) * one;
			a.decimals = e < 0 ? (unsigned int)-e : 0;
			if (!axis_set_step(&a, min, max, rows) || axis_score(&a, max - min) <= best)
				continue;
			best = axis_score(&a, max - min);
			*ret = a;
		}
	}
}

const char *bytes_axis_label(char buf[FMT_MAX], const struct bytes_axis *a, size_t tick)
{
	return fmt_bytes_in(buf, a->low + (double)tick * a->step, a->unit, a->power, a->decimals);
}

/* Steps from one second to half a day; below and above, decimal ones of a second and of a day. */
static int64_t next_step(int64_t step)
{
	static const int64_t steps[] = {
		1 * NS_PER_S,   2 * NS_PER_S,   5 * NS_PER_S,  10 * NS_PER_S, 15 * NS_PER_S,
		30 * NS_PER_S,  1 * MINUTE_NS,  2 * MINUTE_NS, 5 * MINUTE_NS, 10 * MINUTE_NS,
		15 * MINUTE_NS, 30 * MINUTE_NS, 1 * HOUR_NS,   2 * HOUR_NS,   3 * HOUR_NS,
		6 * HOUR_NS,    12 * HOUR_NS,   1 * DAY_NS,
	};
	int64_t unit = step < DAY_NS ? NS_PER_MS : DAY_NS, leading = step / unit;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (step >= steps[0] && steps[i] > step)
			return steps[i];
	}
	while (leading >= 10)
		leading /= 10;
	return leading == 2 ? step / 2 * 5 : step * 2;
}

/* Sets the ticks: the multiples of the step from start to end. */
static void set_ticks(struct time_axis *a, int64_t start, int64_t end)
{
	int64_t before = start - start % a->step;
	size_t n = (size_t)((end - before) / a->step);

	a->first = before == start ? start : n > 0 ? before + a->step : start;
	a->n = before == start ? n + 1 : n;
}

/* Columns that a label takes, with the gap to the next one. */
static size_t label_room(const struct time_axis *a)
{
	char buf[FMT_MAX];
	size_t first = strlen(time_axis_label(buf, a, 0));

	return MAX(first, strlen(time_axis_label(buf, a, a->n - 1))) + LABEL_GAP;
}

void time_axis_fit(int64_t start, int64_t end, bool is_wall, size_t columns, struct time_axis *ret)
{
	struct time_axis a = { .step = NS_PER_MS, .is_wall = is_wall };

	for (;; a.step = next_step(a.step)) {
		double intervals = (double)(end - start) / (double)a.step;

		set_ticks(&a, start, end);
		if (intervals < 2 || intervals * (double)label_room(&a) <= (double)columns)
			break;
	}
	*ret = a;
}

static const char *wall_label(char buf[FMT_MAX], int64_t step, int64_t t)
{
	time_t seconds = (time_t)(t / NS_PER_S);
	bool is_midnight = t % DAY_NS == 0;
	struct tm tm;
	size_t n;

	(void)gmtime_r(&seconds, &tm);
	if (step >= DAY_NS || (is_midnight && step >= MINUTE_NS)) {
		(void)strftime(buf, FMT_MAX, "%m-%d", &tm);
		return buf;
	}
	n = strftime(buf, FMT_MAX, step >= MINUTE_NS ? "%H:%M" : "%H:%M:%S", &tm);
	if (step < NS_PER_S)
		(void)snprintf(buf + n, FMT_MAX - n, ".%03d", (int)(t % NS_PER_S / NS_PER_MS));
	return buf;
}

static const char *elapsed_label(char buf[FMT_MAX], int64_t step, int64_t t)
{
	static const struct {
		int64_t ns;
		const char *name;
	} units[] = {
		{ DAY_NS, "d" },   { HOUR_NS, "h" },    { MINUTE_NS, "min" },
		{ NS_PER_S, "s" }, { NS_PER_MS, "ms" },
	};
	size_t i = 0;

	/* The largest unit that the step is a multiple of, so that no label is a fraction. */
	while (step % units[i].ns != 0)
		i++;
	(void)snprintf(buf, FMT_MAX, "%lld %s", (long long)(t / units[i].ns), units[i].name);
	return buf;
}

const char *time_axis_label(char buf[FMT_MAX], const struct time_axis *a, size_t tick)
{
	int64_t t = a->first + (int64_t)tick * a->step;

	return a->is_wall ? wall_label(buf, a->step, t) : elapsed_label(buf, a->step, t);
}
