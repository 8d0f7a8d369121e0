/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws a grid: as many columns as fit, headings, and lines. */
#include "screen/widget/grid.h"

#include "base/alloc.h"
#include "present/render/writer.h"

/* Appends the text of a cell: escaped, with bytes in the unit of the screen. */
static void add_text(const struct screen *s, const struct column *column, const struct cell *cell,
		     struct sbuf *out)
{
	struct render_opts opts = { .unit = s->format.unit, .ascii = s->format.ascii };
	struct writer page = { .opts = &opts };
	char buf[FMT_MAX];

	if (cell->why || cell->plain)
		writer_words(&page, out, column, cell);
	else if (column->type == CELL_BYTES)
		sbuf_adds(out, number_format_bytes(buf, &s->format, cell->u));
	else if (column->type == CELL_DELTA)
		sbuf_adds(out, number_format_delta(buf, &s->format, (double)cell->i));
	else if (column->type == CELL_RATE)
		sbuf_addf(out, "%s/h", number_format_delta(buf, &s->format, (double)cell->i));
	else
		writer_words(&page, out, column, cell);
}

/* The columns that fit, and the width of each. */
enum { FITTED_MAX = 32 };

struct fitted {
	size_t columns[FITTED_MAX], widths[FITTED_MAX];
	size_t n;
};

static bool gives_way(const struct column *column)
{
	return column->flags & COL_TRUNC;
}

enum { LEAST_WIDTH = 12 }; /* of a column that can be narrowed */

static size_t total_width(const struct grid *g, const struct fitted *f)
{
	size_t total = 0;

	for (size_t i = 0; i < f->n; i++)
		total += (gives_way(&g->table->columns[f->columns[i]])
				  ? MIN(f->widths[i], (size_t)LEAST_WIDTH)
				  : f->widths[i]) +
			 (i > 0);
	return total;
}

/*
 * Returns the last column that can be dropped: not the first, RSS, or a column that can be
 * narrowed.
 */
static size_t column_to_drop(const struct grid *g, const struct fitted *f)
{
	for (size_t i = f->n; i-- > 1;) {
		const struct column *column = &g->table->columns[f->columns[i]];

		if (!gives_way(column) && !starts_with(column->id, "rss") &&
		    !streq(column->id, g->sort))
			return i;
	}
	return 0;
}

static struct fitted fit(const struct grid *g, size_t width)
{
	struct fitted f = { .n = 0 };
	size_t total, drop;

	for (size_t k = 0; k < g->n_columns && f.n < FITTED_MAX; k++) {
		size_t i = g->columns[k];

		f.columns[f.n] = i;
		f.widths[f.n++] = MAX(g->widths[i], strlen(g->table->columns[i].title) + 1);
	}
	while (total_width(g, &f) > width && (drop = column_to_drop(g, &f)) > 0) {
		f.n--;
		memmove(f.columns + drop, f.columns + drop + 1, (f.n - drop) * sizeof(*f.columns));
		memmove(f.widths + drop, f.widths + drop + 1, (f.n - drop) * sizeof(*f.widths));
	}
	/*
	 * The remaining or missing width is divided among the columns that can be narrowed, the
	 * last one first.
	 */
	total = 0;
	for (size_t i = 0; i < f.n; i++)
		total += f.widths[i] + (i > 0);
	for (size_t i = f.n; i-- > 0;) {
		size_t least = MIN(f.widths[i], (size_t)LEAST_WIDTH);

		if (!gives_way(&g->table->columns[f.columns[i]]) || total <= width)
			continue;
		drop = MIN(total - width, f.widths[i] - least);
		f.widths[i] -= drop;
		total -= drop;
	}
	return f;
}

/* Measures texts when they become visible; scrolling does not make a column narrower. */
static void measure(struct grid *g, const struct screen *s)
{
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < g->page && g->scroll + i < g->n; i++) {
		const struct cell *cells = grid_cells(g, g->rows[g->scroll + i]);

		for (size_t k = 0; k < g->n_columns; k++) {
			size_t at = g->columns[k];

			sbuf_reset(&text);
			add_text(s, &g->table->columns[at], &cells[at], &text);
			g->widths[at] = MAX(g->widths[at], writer_columns(&text));
		}
	}
}

static void draw_headings(const struct grid *g, const struct screen *s, const struct fitted *f,
			  struct canvas *c, size_t y)
{
	const char *mark = s->format.ascii ? (g->ascending ? "^" : "v")
					   : (g->ascending ? "\u25b4" : "\u25be");
	size_t x = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct column *column = &g->table->columns[f->columns[i]];
		bool is_sort = streq(column->id, g->sort);
		struct style style = { .bold = is_sort };
		auto_free char *title = xasprintf("%s%s", column->title, is_sort ? mark : "");

		if (writer_is_right(column))
			(void)screen_put_right(s, c, x, y, f->widths[i], style, title);
		else
			(void)screen_put(s, c, x, y, f->widths[i], style, title);
		x += f->widths[i] + 1;
	}
	screen_highlight(c, y);
}

static void draw_row(struct grid *g, const struct screen *s, const struct fitted *f, size_t row,
		     struct canvas *c, size_t y)
{
	const struct cell *cells = grid_cells(g, row);
	auto_sbuf text = SBUF_INIT;
	size_t x = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct column *column = &g->table->columns[f->columns[i]];
		const struct cell *cell = &cells[f->columns[i]];
		struct style style = { .tone = cell->why ? TONE_DIM : cell->tone };

		sbuf_reset(&text);
		add_text(s, column, cell, &text);
		if (writer_is_right(column))
			(void)screen_put_right(s, c, x, y, f->widths[i], style, sbuf_str(&text));
		else if (*sbuf_str(&text) == '/')
			(void)screen_put_tail(s, c, x, y, f->widths[i], style, sbuf_str(&text));
		else
			(void)screen_put(s, c, x, y, f->widths[i], style, sbuf_str(&text));
		x += f->widths[i] + 1;
	}
}

void grid_draw(struct grid *g, const struct screen *s, struct canvas *c, size_t y, size_t rows)
{
	struct fitted f;

	g->top = y + 1;
	g->page = rows > 1 ? rows - 1 : 0;
	g->width = c->width;
	g->scroll = screen_scroll(g->scroll, g->cursor, g->n, g->page);
	if (!g->table || rows == 0)
		return;
	measure(g, s);
	f = fit(g, c->width);
	draw_headings(g, s, &f, c, y);
	for (size_t i = 0; i < g->page && g->scroll + i < g->n; i++) {
		draw_row(g, s, &f, g->rows[g->scroll + i], c, g->top + i);
		if (g->scroll + i == g->cursor)
			screen_highlight(c, g->top + i);
	}
	if (g->n == 0 && g->page > 0)
		(void)canvas_put(c, 0, g->top, (struct style){ .tone = TONE_DIM },
				 g->table->n_rows ? "nothing matches the filter" : "none");
}

const struct column *grid_column_at(const struct grid *g, size_t x)
{
	struct fitted f;
	size_t at = 0;

	if (!g->table)
		return NULL;
	f = fit(g, g->width);
	for (size_t i = 0; i < f.n; i++) {
		at += f.widths[i] + 1;
		if (x < at)
			return &g->table->columns[f.columns[i]];
	}
	return NULL;
}
