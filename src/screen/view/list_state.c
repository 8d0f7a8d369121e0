/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/list.h"

struct column_context list_context(const struct list_view *v)
{
	const struct screen *s = v->view.screen;
	struct amount uptime = s->host.sys.uptime_ms, total = s->host.sys.v[SM_MEM_TOTAL];

	return (struct column_context){
		.format = &s->format,
		.now_ns = s->now_ns,
		.uptime_seconds = amount_ok(uptime) ? (double)uptime.value / 1000 : 0,
		.total_bytes = amount_ok(total) ? total.value : 0,
		.bad_rate = (double)s->env->inspect.growth_bytes_per_hour,
		.has_base = s->procs.base_ns != 0,
	};
}

struct column_set list_column_set(const struct list_view *v)
{
	struct column_set set = { .n = 0 };

	for (size_t i = 0; i < v->columns.n; i++) {
		enum proc_column column = v->columns.list[i];

		if (column != PC_CHANGE)
			set.list[set.n++] = column;
		if (column == PC_RSS && v->view.screen->procs.base_ns)
			set.list[set.n++] = PC_CHANGE;
	}
	return set;
}

struct proc *list_selected(const struct list_view *v)
{
	return v->cursor < v->order.n ? v->order.lines[v->cursor].proc : NULL;
}

void list_move_to(struct list_view *v, size_t line)
{
	const struct proc *p;

	v->cursor = v->order.n ? MIN(line, v->order.n - 1) : 0;
	p = list_selected(v);
	/* On the first line the cursor stays there, whichever process moves there. */
	v->cursor_pid = p && v->cursor > 0 ? p->stat.pid : 0;
	v->cursor_start = p ? p->stat.start_ticks : 0;
}

/* Moves the cursor with its process; if that has exited, the cursor stays on its line. */
static void follow(struct list_view *v)
{
	for (size_t i = 0; v->cursor_pid && i < v->order.n; i++) {
		const struct proc_stat *stat = &v->order.lines[i].proc->stat;

		if (stat->pid == v->cursor_pid && stat->start_ticks == v->cursor_start) {
			v->cursor = i;
			return;
		}
	}
	list_move_to(v, v->cursor_pid ? v->cursor : 0);
}

void list_refresh(struct list_view *v)
{
	struct column_context ctx = list_context(v);

	v->changes = v->view.screen->procs.changes;
	v->wish.filter = v->filter;
	v->wish.user = v->user;
	order_make(&v->order, &v->view.screen->procs, &v->wish, &ctx);
	follow(v);
}
