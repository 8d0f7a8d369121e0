/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inputs of builders about growth: a judged series, and those of its parts.
 */
#ifndef PRESENT_BUILD_GROWTH_INPUTS_H
#define PRESENT_BUILD_GROWTH_INPUTS_H

#include "analysis/trend/growth.h"
#include "present/draw/chart.h"

/* How long ago something was read. */
struct age {
	double seconds; /* meaningful only while why is REASON_NONE */
	enum reason why;
};

struct growth_series {
	const char *id; /* "rss", "category:heap", "owner:library/libc.so.6", "region:[heap]",
		       "type:cpython 3.11/dict"; any bytes */
	struct growth growth;
	uint64_t first_bytes;
	uint64_t last_bytes;
};

/* What this points to must outlive the report. */
struct growth_inputs {
	const char *title; /* of the judged series, "RSS"; any bytes, or none */
	struct growth growth;
	const char *limit_id; /* plain ASCII; NULL: there is none */
	uint64_t limit_bytes;
	bool limit_asked; /* the user gave it: text says so, too, if it is not approached */
	struct reach reach;
	bool has_ages;
	struct age status_age, rollup_age, smaps_age, deep_age;
	const struct growth_series *series;
	size_t n_series;
	/* The judged series, for the chart. */
	const struct sample *samples;
	size_t n_samples;
	bool has_wall;
	int64_t wall_offset_ns; /* wall clock = t_ns + this */
	const struct chart_mark *marks;
	size_t n_marks;
};

#endif
