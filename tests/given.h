/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table whose cells a test writes: each of its rows is an array of cells, one for each column.
 */
#ifndef TESTS_GIVEN_H
#define TESTS_GIVEN_H

#include "present/report.h"

/* Returns a table of n_rows rows of zeroed cells, in the report's arena. */
static inline struct table *given_table(struct report *r, const struct column *columns,
					size_t n_columns, size_t n_rows)
{
	struct column *given = arena_array(&r->arena, n_columns, struct column);

	memcpy(given, columns, n_columns * sizeof(*given));
	for (size_t i = 0; i < n_columns; i++) {
		given[i].get = field_cell;
		given[i].at = i * sizeof(struct cell);
	}
	return report_rows(r, given, n_columns,
			   arena_array(&r->arena, n_rows * n_columns + 1, struct cell),
			   n_columns * sizeof(struct cell), n_rows);
}

/* Returns the cells of a row of such a table, to be written. */
static inline struct cell *given_row(const struct table *t, size_t row)
{
	return (struct cell *)(uintptr_t)t->rows + row * t->n_columns;
}

#endif
