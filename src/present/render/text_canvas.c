/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/text_canvas.h"

static const struct style plain = { 0 };

static bool style_is(struct style a, struct style b)
{
	return a.tone == b.tone && a.bold == b.bold && a.reverse == b.reverse;
}

static void print_row(const struct canvas *c, size_t y, struct writer *p)
{
	struct sbuf *out = &p->sink.buf;
	struct style now = { 0 };

	for (size_t x = 0, width = canvas_row_width(c, y); x < width; x++) {
		const struct canvas_cell *cell = canvas_at(c, x, y);

		if (!style_is(cell->style, now)) {
			sbuf_adds(out, style_is(now, plain) ? "" : writer_reset(p));
			now = cell->style;
			sbuf_adds(out, writer_tone(p, now.tone));
			sbuf_adds(out, now.bold ? writer_bold(p) : "");
			sbuf_adds(out, now.reverse ? writer_reverse(p) : "");
		}
		sbuf_adds(out, cell->text);
	}
	sbuf_adds(out, style_is(now, plain) ? "" : writer_reset(p));
	sbuf_addch(out, '\n');
}

void writer_canvas(struct writer *p, const struct canvas *c)
{
	size_t height = c->height;

	while (height > 0 && canvas_row_width(c, height - 1) == 0)
		height--;
	for (size_t y = 0; y < height; y++)
		print_row(c, y, p);
}
