/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/draw/canvas.h"

#include "base/alloc.h"
#include "base/text.h"

static const struct canvas_cell blank = { .text = " " };

void canvas_init(struct canvas *c, size_t width, size_t height)
{
	*c = (struct canvas){ .width = width, .height = height };
	c->cells = xreallocarray(NULL, MAX(width, 1), MAX(height, 1) * sizeof(*c->cells));
	for (size_t i = 0; i < width * height; i++)
		c->cells[i] = blank;
}

void canvas_release(struct canvas *c)
{
	if (!c)
		return;
	free(c->cells);
	*c = (struct canvas){ 0 };
}

struct canvas_cell *canvas_at(const struct canvas *c, size_t x, size_t y)
{
	return x < c->width && y < c->height ? &c->cells[y * c->width + x] : NULL;
}

static bool is_right_half(const struct canvas_cell *cell)
{
	return cell && !*cell->text;
}

/* Replaces a cell; the other half of a wide character that was there becomes a blank. */
static void set_cell(struct canvas *c, size_t x, size_t y, struct style style, const char *text)
{
	struct canvas_cell *cell = canvas_at(c, x, y), *next = canvas_at(c, x + 1, y);

	if (!cell)
		return;
	if (is_right_half(cell))
		(void)snprintf(cell[-1].text, sizeof(cell->text), " ");
	if (is_right_half(next))
		(void)snprintf(next->text, sizeof(next->text), " ");
	(void)snprintf(cell->text, sizeof(cell->text), "%s", text);
	cell->style = style;
}

/* Adds a character that takes no column to the one before it. The first such is enough for names. */
static void combine(struct canvas *c, size_t x, size_t y, const char *mark)
{
	struct canvas_cell *cell = x > 0 ? canvas_at(c, x - 1, y) : NULL;
	uint32_t rune;
	size_t len;

	if (is_right_half(cell))
		cell--;
	len = cell ? strlen(cell->text) : 0;
	if (len > 0 && text_decode(cell->text, len, &rune) == len &&
	    len + strlen(mark) < sizeof(cell->text))
		memcpy(cell->text + len, mark, strlen(mark) + 1);
}

/* The next character of a text as a string of its own. Returns its bytes in the text. */
static size_t next_character(const char *s, char ret_text[5])
{
	uint32_t rune;
	size_t len = text_decode(s, strnlen(s, 4), &rune);

	if (len == 0 || (*s != '\\' && !text_is_clean(s, len))) {
		(void)snprintf(ret_text, 5, "?");
		return MAX(len, 1);
	}
	memcpy(ret_text, s, len);
	ret_text[len] = '\0';
	return len;
}

size_t canvas_put(struct canvas *c, size_t x, size_t y, struct style style, const char *text)
{
	while (*text) {
		char character[5];
		size_t columns;

		text += next_character(text, character);
		columns = text_width(character);
		if (columns == 0) {
			combine(c, x, y, character);
			continue;
		}
		/* Half a wide character cannot be shown. */
		set_cell(c, x, y, style, columns > 1 && x + 1 >= c->width ? " " : character);
		if (columns > 1)
			set_cell(c, x + 1, y, style, "");
		x += columns;
	}
	return x;
}

static bool is_blank(const struct canvas_cell *cell)
{
	return streq(cell->text, " ") && !cell->style.reverse;
}

size_t canvas_row_width(const struct canvas *c, size_t y)
{
	size_t width = c->width;

	while (width > 0 && is_blank(canvas_at(c, width - 1, y)))
		width--;
	return width;
}

void canvas_row(const struct canvas *c, size_t y, struct sbuf *out)
{
	for (size_t x = 0, width = canvas_row_width(c, y); x < width; x++)
		sbuf_adds(out, canvas_at(c, x, y)->text);
}
