/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/grid.h"

const struct cell *grid_cells(struct grid *g, size_t row)
{
	struct row at = row_at(g->table, row);

	for (size_t i = 0; i < g->table->n_columns; i++)
		g->cells[i] = row_cell(&at, i);
	return g->cells;
}
