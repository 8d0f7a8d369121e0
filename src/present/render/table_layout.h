/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a table as text: the columns and rows that are shown, their widths, and each line
 * in turn. Rows of a long table exist one at a time, so a table is visited twice: to measure and to
 * write.
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
 * A line of the table: a row, or a row of its COL_TREE table. The arrays have n_columns of the view
 * and are valid until the next line; a column is NULL where the line has no such cell.
 */
struct view_line {
	const struct column **columns;
	size_t *indexes; /* of the columns in the row's table */
	struct row row;
	const struct cell *cells; /* NULL: the row is asked for them */
	/* What the row's table gives at once; NULL: nothing. */
	const uint64_t *numbers;
	uint32_t present;
	const char *prefix; /* of the first cell: indentation and branch */
};

/* Returns the cell of a line in column i, which must not be NULL. */
static inline struct cell view_cell(struct view_line *line, size_t i)
{
	size_t number = line->indexes[i] - line->row.table->first_number;

	if (line->cells)
		return line->cells[i];
	if (line->numbers && number < line->row.table->n_numbers && line->present >> number & 1)
		return cell_u64(line->numbers[number]);
	return row_cell(&line->row, line->indexes[i]);
}

typedef void view_visit_fn(void *arg, struct view_line *line);

struct table_view {
	const struct writer *writer;
	const struct table *table;
	struct view_column *columns;
	size_t n_columns;
	bool is_indented;    /* rows stand under a title */
	const char *heading; /* replaces the title of the first column; NULL: does not */
	struct sbuf hidden;  /* titles of the columns for which there is no room */

	struct view_line line;  /* of a row */
	struct view_line child; /* of a row of its COL_TREE table */
	struct cell *rest;      /* of the line that says how many children were left out */
	bool has_trees;         /* a column is COL_TREE */
	struct sbuf rest_text;  /* how many children were left out */
};

/* Writes the indexes of the columns that text shows, in order. Returns their number. */
size_t table_shown(const struct table *t, size_t *ret_columns);

void table_view_init(struct table_view *v, const struct writer *writer, const struct table *table);
void table_view_release(struct table_view *v);

/* Calls `visit` for each line that is shown. */
void table_view_each(struct table_view *v, view_visit_fn *visit, void *arg);
/* Measures the table and fits it to the width of the text. */
void table_view_fit(struct table_view *v);

/*
 * Write the text of a cell, or of a heading, cut to its column, to `out`, which is reset first. The
 * cell is not read where the line has none.
 */
void table_view_text(const struct table_view *v, const struct view_line *line, size_t i,
		     const struct cell *cell, struct sbuf *out);
void table_view_heading(const struct table_view *v, size_t i, struct sbuf *out);
/* Writes "  + 12 more, 3.4 MiB" for the rows beyond the limit to `out`, or nothing. */
void table_view_rest(struct table_view *v, struct sbuf *out);

#endif
