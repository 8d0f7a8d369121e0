/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of short phrases, one after the other, of which those are left out that do not fit: so the
 * most important ones are to come first.
 */
#ifndef SCREEN_WIDGET_STATUS_LINE_H
#define SCREEN_WIDGET_STATUS_LINE_H

#include "screen/screen.h"

struct phrases {
	const struct screen *screen;
	struct canvas *canvas;
	size_t x, y;
};

void phrases_init(struct phrases *p, const struct screen *s, struct canvas *c, size_t y);
/* Adds a phrase, escaped. False if it did not fit. */
bool phrases_add(struct phrases *p, struct style style, const char *fmt, ...) attr_printf(3, 4);
/* The time of day of a wall clock, UTC: "12:04:31". */
bool phrases_add_time(struct phrases *p, int64_t wall_ns);

#endif
