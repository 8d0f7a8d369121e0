/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture made of characters: rows of cells of one terminal column each. What is drawn outside is
 * cut off. It does not depend on where it is shown, in a text report or on a screen.
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

/* Returns a cell, which may be changed, or NULL outside of the canvas. */
struct canvas_cell *canvas_at(const struct canvas *c, size_t x, size_t y);
/*
 * Writes text, which must be clean (base/text.h), from a cell to the right. A byte that is not part
 * of printable UTF-8 becomes "?", and a wide character that is half covered becomes a blank.
 * Returns the column behind the text, as if nothing had been cut off.
 */
size_t canvas_put(struct canvas *c, size_t x, size_t y, struct style style, const char *text);

/* Returns the columns of a row without the blanks at its end. */
size_t canvas_row_width(const struct canvas *c, size_t y);
/* Appends the text of a row, without the blanks at its end. */
void canvas_row(const struct canvas *c, size_t y, struct sbuf *out);

#endif
