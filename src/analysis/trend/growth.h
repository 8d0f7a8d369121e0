/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict on a series: whether it grows, how fast, and when it reaches a limit. Pure functions
 * over samples; trend.h, cycles.h and shape.h cite the literature.
 *
 * Garbage-collected memory is judged by its floor, everything else by the simplest shape that
 * explains it: a line, a line with one jump, a line after a warm-up, or steps. Memory grows if the
 * slope of that shape is significant, given its standard error.
 */
#ifndef ANALYSIS_TREND_GROWTH_H
#define ANALYSIS_TREND_GROWTH_H

#include "analysis/series/series.h"

enum verdict {
	VERDICT_INSUFFICIENT,
	VERDICT_STABLE,
	VERDICT_WARMING_UP,
	VERDICT_GROWING,
	VERDICT_GROWING_IN_STEPS,
	VERDICT_SAWTOOTH,
	VERDICT_SAWTOOTH_GROWING,
	VERDICT_SHRINKING,
	VERDICT_COUNT
};

struct verdict_desc {
	const char *id;    /* "growing_in_steps" */
	const char *title; /* "growing in steps" */
	const char *help;  /* a sentence without its full stop */
	bool grows;        /* memory is lost as time goes by: what an alarm is for */
};

extern const struct verdict_desc verdict_descs[];

struct growth {
	enum verdict verdict;
	double confidence;   /* 0 to 1; 0 for VERDICT_INSUFFICIENT */
	size_t samples;      /* that were judged: each is later than the one before */
	double span_seconds; /* from the first of these samples to the last */
	bool has_rate;       /* if false, all members below are 0 */
	double rate;         /* bytes an hour; of a sawtooth, that of its floor */
	double low;          /* 95 % interval of the rate */
	double high;
	double line_start; /* the fit (of a sawtooth, that of its floor) at the first sample, bytes */
	double line_end;   /* the fit at the last sample; neither has the jumps and the warm-up */
	double swing;      /* of a sawtooth: height in bytes above its floor; else 0 */
};

/*
 * Judges n samples; n may be 0. A sample that is not later than all before it is left out. Fewer
 * than 5 samples are never enough; fewer than 12 are enough only if they are constant or the trend
 * is obvious.
 */
void growth_judge(const struct sample *samples, size_t n, struct growth *ret);

enum reach_status {
	REACH_NONE,           /* it does not grow */
	REACH_BEYOND_30_DAYS, /* not within 30 days */
	REACH_RANGE
};

struct reach {
	enum reach_status status;
	double seconds_low;  /* from the newest sample on; set for REACH_RANGE */
	double seconds_high; /* may be beyond 30 days; INFINITY if the interval includes 0 growth */
};

/*
 * Returns when memory of now_bytes that grows like this reaches limit_bytes: 0 to 0 seconds if it
 * already has. A sawtooth reaches a limit with its peaks, `swing` above the floor.
 */
struct reach growth_reach(const struct growth *g, uint64_t now_bytes, uint64_t limit_bytes);

#endif
