/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/grid.h"

const struct cell *grid_cells(struct grid *g, size_t row)
{
	const struct table *t = g->table;

	if (!t->fill)
		return table_row(t, row);
	memset(g->cells, 0, t->n_columns * sizeof(*g->cells));
	t->fill(t->arg, row, g->cells);
	return g->cells;
}
