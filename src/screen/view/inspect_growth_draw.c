/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draws the tab of growth: the verdict, the chart of the chosen series, and the list of all series.
 */
#include "base/alloc.h"
#include "present/draw/chart.h"
#include "screen/view/inspect.h"

enum { SERIES_ROWS = 7 }; /* the least height of the list of series; the chart takes the rest */

/* Returns a table in a cell of the `growth` object; NULL if it is missing. */
static const struct table *part_of(const struct table *growth, const char *id)
{
	struct cell cell = table_cell(growth, 0, (size_t)table_column(growth, id));

	return cell.why ? NULL : cell.t;
}

/* The series under the cursor is the one in the chart. */
static void choose_series(struct inspect_view *v, const struct grid *g)
{
	size_t row = grid_row(g);
	struct cell cell;

	if (row == SIZE_MAX)
		return;
	cell = table_cell(g->table, row, (size_t)table_column(g->table, "id"));
	if (v->series && strlen(v->series) == cell.n && memcmp(v->series, cell.s, cell.n) == 0)
		return;
	free(v->series);
	v->series = xstrndup(cell.s, cell.n);
	v->content.is_made = false;
}

void inspect_draw_growth(struct inspect_view *v, struct canvas *c, size_t y, size_t rows)
{
	const struct screen *s = v->view.screen;
	struct grid *g = &v->grids[TAB_GROWTH];
	const struct table *growth, *t;
	size_t words, left, list;

	if (!v->content.part)
		return;
	growth = part_of(v->content.part, "growth");
	grid_set(g, part_of(growth, "series"));
	choose_series(v, g);
	if (!v->content.is_made) {
		content_make(v, v->content.width);
		growth = part_of(v->content.part, "growth");
		grid_set(g, part_of(growth, "series"));
	}
	words = MIN(v->content.layout.n, rows);
	text_layout_draw(&v->content.layout, 0, c, y, words);
	left = rows - words;
	list = g->table ? MIN(left, MIN(g->n + 1, MAX((size_t)SERIES_ROWS, left / 3))) : 0;
	t = part_of(growth, "chart");
	if (t && left - list >= CHART_LEAST_HEIGHT && c->width >= CHART_LEAST_WIDTH) {
		struct chart_place place = { 0, y + words, c->width, left - list };

		chart_draw(t->chart, c, place, s->format.unit, s->format.ascii);
	}
	grid_draw(g, s, c, y + rows - list, list);
}
