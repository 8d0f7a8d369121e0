/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture made of characters: cells of one terminal column each, in rows. What is drawn outside
 * of it is cut off. Where it ends up, on a page of text or a screen, it does not know.
 */
#ifndef PRESENT_DRAW_CANVAS_H
#define PRESENT_DRAW_CANVAS_H

#include "base/sbuf.h"
#include "present/report.h"

struct style {
	enum tone tone;
	bool bold;
	bool reverse;
};

struct canvas_cell {
	/*
	 * One character of UTF-8, with at most one that combines with it. Empty: the right half of
	 * the wide character before it.
	 */
	char text[8];
	struct style style;
};

struct canvas {
	size_t width;
	size_t height;
	struct canvas_cell *cells; /* owned; row by row, blanks at first */
};

void canvas_init(struct canvas *c, size_t width, size_t height);
void canvas_release(struct canvas *c);
#define auto_canvas __attribute__((cleanup(canvas_release))) struct canvas

/* A cell to look at or to restyle; NULL outside of the canvas. */
struct canvas_cell *canvas_at(const struct canvas *c, size_t x, size_t y);
/*
 * Puts text, which is to be clean (base/text.h), from a cell on to the right: what is no printable
 * UTF-8 becomes a "?". Of a wide character that was half covered a blank remains. Returns the column
 * behind the text, as if nothing had been cut off.
 */
size_t canvas_put(struct canvas *c, size_t x, size_t y, struct style style, const char *text);

/* Returns the columns of a row without the blanks at its end. */
size_t canvas_row_width(const struct canvas *c, size_t y);
/* Appends the text of a row, without the blanks at its end. */
void canvas_row(const struct canvas *c, size_t y, struct sbuf *out);

#endif
