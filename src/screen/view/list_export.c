/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of processes as a table, for an export.
 */
#include "screen/view/list.h"

struct export
{
	const struct list_view *view;
	struct column_context ctx;
};

static const void *row_of(void *arg, size_t row)
{
	return ((const struct export *)arg)->view->order.lines[row].proc;
}

static struct cell get_cell(const struct ask *ask)
{
	const struct export *e = ask->arg;

	return proc_cell(ask->row, (enum proc_column)ask->at, &e->ctx);
}

/* Returns what is shown, with all columns; charts become numbers. */
const struct table *list_report(struct view *view, struct report *r)
{
	const struct list_view *v = (const struct list_view *)view;
	struct export *e = arena_alloc(&r->arena, sizeof(*e));
	struct column *columns = arena_array(&r->arena, PC_COUNT, struct column);
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	struct column_set set = list_column_set(v);
	size_t n = 0;

	*e = (struct export){ .view = v, .ctx = list_context(v) };
	for (size_t i = 0; i < set.n; i++) {
		if (set.list[i] == PC_TREND)
			continue;
		columns[n] = proc_columns[set.list[i]].column;
		columns[n].get = get_cell;
		columns[n++].at = set.list[i];
	}
	*t = (struct table){ .columns = columns,
			     .n_columns = n,
			     .layout = LAYOUT_TABLE,
			     .empty = "no process",
			     .n_rows = v->order.n,
			     .is_long = true,
			     .row = row_of,
			     .arg = e };
	return t;
}
