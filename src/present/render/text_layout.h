/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a report, laid out once for a width and then drawn a few lines at a time, so that the
 * screen shows the same text as a report that is printed.
 */
#ifndef PRESENT_RENDER_TEXT_LAYOUT_H
#define PRESENT_RENDER_TEXT_LAYOUT_H

#include "present/draw/canvas.h"
#include "present/render/render.h"

struct text_layout {
	char *text;    /* owned: lines, with the terminal sequences of writer.h */
	size_t *lines; /* owned: where each begins */
	size_t n, cap;
};

/*
 * Lays out a table as the root of a report, in colour. Returns 0, or -errno if there is not enough
 * memory. The caller releases *ret.
 */
int text_layout_make(struct text_layout *ret, const struct table *root,
		     const struct render_opts *opts);
void text_layout_release(struct text_layout *p);

/* Draws the lines from `first` on into rows y to y + rows - 1 of the canvas. */
void text_layout_draw(const struct text_layout *p, size_t first, struct canvas *c, size_t y,
		      size_t rows);

#endif
