/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first view: all processes.
 */
#ifndef SCREEN_VIEW_LIST_H
#define SCREEN_VIEW_LIST_H

#include "screen/data/order.h"
#include "screen/screen.h"

struct list_view {
	struct view view;
	/* What the user has set. */
	struct column_set columns;
	struct order_wish wish;       /* its texts are those below */
	char *filter, *user, *search; /* owned, or NULL */
	/* What is shown. */
	struct order order;
	uint64_t changes; /* procs.changes when the processes were sorted */
	size_t cursor;    /* line */
	pid_t cursor_pid; /* process under the cursor; 0: any, the cursor stays on the first line */
	uint64_t cursor_start;
	size_t search_from; /* the line that the cursor was on when the search began */
	size_t scroll;      /* line at the top */
	size_t page;        /* lines that were drawn last */
	size_t top;         /* the row of the canvas where they began */
	size_t width;       /* of that canvas */
};

/* Makes the list and pushes it onto the stack of views; called once for a screen. */
struct list_view *list_open(struct screen *s);
/* Sorts by [-]ID. Returns 0, or -EINVAL with err set. */
int list_sort(struct list_view *v, const char *sort, struct err *err);
/* Shows only processes that match the filter and belong to the user; NULL: all. */
void list_filter(struct list_view *v, const char *filter, const char *user);

/* In list_state.c. */

/* Orders the processes again, after they or the order have changed. */
void list_refresh(struct list_view *v);
/* Moves the cursor to a line, or to the last one if there are fewer. */
void list_move_to(struct list_view *v, size_t line);
/* Returns the process under the cursor, NULL if the list is empty. */
struct proc *list_selected(const struct list_view *v);
/* Returns the chosen columns, with the change since the base behind RSS if there is a base. */
struct column_set list_column_set(const struct list_view *v);
/* Returns what the cells of columns need to know besides the process. */
struct column_context list_context(const struct list_view *v);

/* In list_draw.c. */
void list_draw(struct view *view, struct canvas *c, size_t rows);
/* Returns what is shown as a table of the report (list_export.c). */
const struct table *list_report(struct view *view, struct report *r);
/* Returns the column whose heading is at x, or PC_COUNT. */
enum proc_column list_column_at(const struct list_view *v, size_t x);

#endif
