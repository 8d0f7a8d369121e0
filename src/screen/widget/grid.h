/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of a report as something to walk about in: a cursor, an order, a filter and a search, and
 * as many of its columns as there is room for. Rows are those of the builder, cell by cell.
 */
#ifndef SCREEN_WIDGET_GRID_H
#define SCREEN_WIDGET_GRID_H

#include "present/report.h"
#include "screen/screen.h"

struct grid {
	const struct table *table; /* not owned; NULL: there is none */
	struct cell *cells;        /* owned; of the row that was looked at last */
	size_t n_before; /* columns of the table before, and the id of its first: whether */
	const char *first_before; /* it is the same one anew */
	/* What the user has set. */
	const char *sort; /* id of a column; "": the order of the table */
	bool ascending;
	char *filter, *search; /* owned; NULL: none */
	/* What is shown. */
	size_t *rows; /* owned; of the table, in their order */
	size_t n;
	size_t cursor;   /* index into rows */
	char *key;       /* owned; text of the row that the cursor is on */
	size_t *columns; /* owned; that can be shown, in their order: indexes in the table */
	size_t n_columns;
	size_t *widths; /* owned, by index in the table: the widest text that was seen */
	size_t search_from;
	size_t scroll, page, top, width; /* as it was drawn last */
};

/* Sorted by [-]id, which must outlive the grid; NULL: in the order of the table. */
void grid_init(struct grid *g, const char *sort);
void grid_release(struct grid *g);

/* Another table, or the same one anew: cursor, order and filter stay. It lives until the next one. */
void grid_set(struct grid *g, const struct table *table);
/* Shows only rows in whose text this is found: a regular expression, NULL for all. */
void grid_filter(struct grid *g, const char *filter);

/* In grid_draw.c: draws headings into row y and lines below, `rows` in all. */
void grid_draw(struct grid *g, const struct screen *s, struct canvas *c, size_t y, size_t rows);

/* Keys: true if it knew what to do. */
bool grid_act(struct grid *g, struct screen *s, enum action action);
void grid_answer(struct grid *g, struct screen *s, enum action asked, const char *text,
		 bool is_final);
/* True if a row was clicked on, which the cursor is on then. */
bool grid_click(struct grid *g, struct screen *s, size_t x, size_t y);

/* The column whose heading is at x, NULL if none. In grid_draw.c. */
const struct column *grid_column_at(const struct grid *g, size_t x);

/* The row of the table under the cursor, SIZE_MAX if there is none, and its cells. */
size_t grid_row(const struct grid *g);
const struct cell *grid_cells(struct grid *g, size_t row);

/* What is shown as a table of its own, for an export. NULL: nothing is. Valid as long as the grid. */
const struct table *grid_table(struct grid *g, struct report *r);

#endif
