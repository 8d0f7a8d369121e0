/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict on a series: does it grow, how fast, and when does it reach a limit. Pure functions
 * over samples; the literature is cited where the parts are, in trend.h, cycles.h and shape.h.
 *
 * What is collected is judged by its floor, everything else by the simplest shape that explains it:
 * a line, a line that jumps once, one that comes after a warm-up, or stairs. Memory grows if the
 * slope that is left stands out from what its deviation allows.
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
	size_t samples;      /* that were judged: those whose time moves on */
	double span_seconds; /* from the first of them to the last */
	bool has_rate;       /* else all that follows is 0 */
	double rate;         /* bytes an hour; of the floor for a sawtooth */
	double low;          /* 95 % interval of the rate */
	double high;
	double line_start; /* the fit (of the floor for a sawtooth) at the first sample, bytes */
	double line_end;   /* and at the last; without jumps and warm-up, as they are at the end */
	double swing;      /* a sawtooth rises so many bytes above its floor; else 0 */
};

/*
 * Judges n samples, which may be 0. A sample that is not later than the ones before it is left out.
 * Fewer than 5 are never enough; fewer than 12 are only if they are constant or the trend is plain.
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
	double seconds_high; /* may lie beyond 30 days; INFINITY if the interval holds no growth */
};

/*
 * When what stands at now_bytes reaches limit_bytes: 0 to 0 seconds if it has. Of a sawtooth it is
 * the peak that does: `swing` above the floor.
 */
struct reach growth_reach(const struct growth *g, uint64_t now_bytes, uint64_t limit_bytes);

#endif
