/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows a table of a report with a cursor, an order, a filter and a search, and with as many
 * columns as fit. Cells come from the builder of the table.
 */
#ifndef SCREEN_WIDGET_GRID_H
#define SCREEN_WIDGET_GRID_H

#include "present/report.h"
#include "screen/screen.h"

struct grid {
	const struct table *table; /* not owned, or NULL */
	struct cell *cells;        /* owned; cells of the row that was asked for last */
	size_t n_before; /* columns of the table before, and the id of its first: whether */
	const char *first_before; /* it is the same one anew */
	/* What the user has set. */
	const char *sort; /* id of a column; "": the order of the table */
	bool ascending;
	char *filter, *search; /* owned, or NULL */
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

/*
 * Initialises a grid sorted by [-]id, which must outlive it, or in the order of the table if NULL.
 */
void grid_init(struct grid *g, const char *sort);
void grid_release(struct grid *g);

/*
 * Sets a different table, or the same one made again. Keeps cursor, order and filter. The table
 * must live until the next call.
 */
void grid_set(struct grid *g, const struct table *table);
/* Shows only rows whose text matches a regular expression, or all rows for NULL. */
void grid_filter(struct grid *g, const char *filter);

/* In grid_draw.c: draws headings into row y and lines below, `rows` in all. */
void grid_draw(struct grid *g, const struct screen *s, struct canvas *c, size_t y, size_t rows);

/* Handles an action. Returns false if it is not one of a grid. */
bool grid_act(struct grid *g, struct screen *s, enum action action);
void grid_answer(struct grid *g, struct screen *s, enum action asked, const char *text,
		 bool is_final);
/* Handles a click. Returns true if it was on a row, which is then under the cursor. */
bool grid_click(struct grid *g, struct screen *s, size_t x, size_t y);

/* Returns the column whose heading is at x, or NULL. In grid_draw.c. */
const struct column *grid_column_at(const struct grid *g, size_t x);

/* Returns the row of the table under the cursor, or SIZE_MAX if no row is shown. */
size_t grid_row(const struct grid *g);
/* Returns the cells of a row of the table, valid until the next call. */
const struct cell *grid_cells(struct grid *g, size_t row);

/* Returns what is shown as a new table, for an export, or NULL. Valid as long as the grid. */
const struct table *grid_table(struct grid *g, struct report *r);

#endif
