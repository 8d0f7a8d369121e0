/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What text shows of a table: which columns and rows, how wide, and each line of it in turn. Rows of
 * a long table exist one at a time, so a table is gone through twice: to measure and to write.
 */
#ifndef PRESENT_RENDER_TABLE_LAYOUT_H
#define PRESENT_RENDER_TABLE_LAYOUT_H

#include "present/render/writer.h"

enum { VIEW_GAP = 2 }; /* columns of the terminal between two of the table */

struct view_column {
	const struct column *column;
	size_t index;     /* in the table */
	size_t width;     /* columns of the terminal; SIZE_MAX until table_view_fit */
	bool is_right;    /* flush right */
	unsigned int bar; /* columns of the bar; 0: none */
};

/*
 * A line of the table: a row, or a row of its COL_TREE table. Both arrays have n_columns of the view
 * and are valid until the next line; a column is NULL where the line has no such cell.
 */
struct view_line {
	const struct column **columns;
	struct cell *cells;
	const char *prefix; /* of the first cell: indentation and branch */
};

struct table_view {
	const struct writer *writer;
	const struct table *table;
	struct view_column *columns;
	size_t n_columns;
	bool is_indented;    /* rows stand under a title */
	const char *heading; /* of the first column, in place of its title; NULL: none */
	struct sbuf hidden;  /* titles of the columns for which there is no room */

	struct view_line line; /* the current one */
	struct sbuf rest_text; /* how many children were left out */
};

/* The columns that text shows, in order: those picked, or all that are not COL_DATA. */
size_t table_shown(const struct table *t, size_t *ret_columns);

void table_view_init(struct table_view *v, const struct writer *writer, const struct table *table);
void table_view_release(struct table_view *v);

/* Hands each line that is shown to `visit`. */
void table_view_each(struct table_view *v, void (*visit)(void *arg, const struct view_line *line),
		     void *arg);
/* Measures the table and fits it to the page. */
void table_view_fit(struct table_view *v);

/* The text of a cell, cut to its column, into `out` (reset first); and that of a heading. */
void table_view_text(const struct table_view *v, const struct view_line *line, size_t i,
		     struct sbuf *out);
void table_view_heading(const struct table_view *v, size_t i, struct sbuf *out);
/* "  + 12 more, 3.4 MiB" for the rows beyond the limit, into `out`; empty if there are none. */
void table_view_rest(struct table_view *v, struct sbuf *out);

#endif
