/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draws a series of bytes over time with braille characters of two by four dots, or with ASCII. The
 * axis of bytes need not begin at 0 and shows where it does; gaps between samples stay empty.
 */
#ifndef PRESENT_DRAW_CHART_H
#define PRESENT_DRAW_CHART_H

#include "analysis/series/series.h"
#include "base/fmt.h"
#include "present/draw/canvas.h"

/* Something that happened, shown on the axis of time. */
struct chart_mark {
	int64_t t_ns;
	char letter;
	const char *what; /* one or two words, the same for the same letter; clean text */
};

struct chart {
	const char *title;            /* clean text; may be empty */
	const struct sample *samples; /* in the order of time */
	size_t n;
	bool has_fit;
	double fit_start, fit_end; /* bytes of the fit at the first and the last sample */
	const char *limit_title;   /* clean text; NULL: no limit */
	uint64_t limit_bytes;
	bool has_wall;          /* otherwise time is counted from the first sample */
	int64_t wall_offset_ns; /* wall clock = t_ns + this; labels are UTC */
	const struct chart_mark *marks;
	size_t n_marks;
};

enum { CHART_LEAST_WIDTH = 24, CHART_LEAST_HEIGHT = 7 }; /* less is left empty */

struct chart_place {
	size_t x, y, width, height;
};

/* Draws the chart into this part of the canvas. Needs at least one sample. */
void chart_draw(const struct chart *chart, struct canvas *c, struct chart_place place,
		enum fmt_unit unit, bool ascii);

#endif
