/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of short phrases, added one after the other. Those that do not fit are left out, so the
 * most important ones are to be added first.
 */
#ifndef SCREEN_WIDGET_STATUS_LINE_H
#define SCREEN_WIDGET_STATUS_LINE_H

#include "screen/screen.h"

struct status_line {
	const struct screen *screen;
	struct canvas *canvas;
	size_t x, y;
};

void status_line_init(struct status_line *p, const struct screen *s, struct canvas *c, size_t y);
/* Adds a phrase, escaped. Returns false if it did not fit. */
bool status_line_add(struct status_line *p, struct style style, const char *fmt, ...)
	attr_printf(3, 4);
/* Adds the time of day of a wall clock, UTC: "12:04:31". Returns false if it did not fit. */
bool status_line_add_time(struct status_line *p, int64_t wall_ns);

#endif
