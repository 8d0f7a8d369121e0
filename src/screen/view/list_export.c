/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of processes as a table, for an export.
 */
#include "screen/view/list.h"

struct export
{
	const struct list_view *view;
	struct column_context ctx;
	size_t n;
	enum proc_column list[PC_COUNT];
};

static void fill_row(void *arg, size_t row, struct cell *cells)
{
	const struct export *e = arg;

	for (size_t i = 0; i < e->n; i++)
		cells[i] = proc_columns[e->list[i]].cell(e->view->order.lines[row].proc, &e->ctx);
}

/* What is shown, with all of its columns; of pictures the numbers alone. */
const struct table *list_report(struct view *view, struct report *r)
{
	const struct list_view *v = (const struct list_view *)view;
	struct export *e = arena_alloc(&r->arena, sizeof(*e));
	struct column *columns = arena_array(&r->arena, PC_COUNT, struct column);
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	struct column_set set = list_column_set(v);

	*e = (struct export){ .view = v, .ctx = list_context(v) };
	for (size_t i = 0; i < set.n; i++) {
		if (set.list[i] == PC_TREND)
			continue;
		e->list[e->n] = set.list[i];
		columns[e->n++] = proc_columns[set.list[i]].column;
	}
	*t = (struct table){ .columns = columns,
			     .n_columns = e->n,
			     .layout = LAYOUT_TABLE,
			     .empty = "no process",
			     .n_rows = v->order.n,
			     .fill = fill_row,
			     .arg = e };
	return t;
}
