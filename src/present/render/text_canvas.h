/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a canvas as lines of text.
 */
#ifndef PRESENT_RENDER_TEXT_CANVAS_H
#define PRESENT_RENDER_TEXT_CANVAS_H

#include "present/draw/canvas.h"
#include "present/render/writer.h"

/* Adds the rows of a canvas as lines, in its colours, without the blank ones at the end. */
void writer_canvas(struct writer *p, const struct canvas *c);

#endif
