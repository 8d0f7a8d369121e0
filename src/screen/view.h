/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A view fills the whole screen: a list of processes, one process, the help. It draws into a canvas
 * from its own data and that of the screen (screen.h), and uses no terminal and no thread, so it
 * can be tested as text. Views are on a stack; the one on top is shown.
 *
 * A view is a struct that begins with a struct view, made by a function of its own
 * (help_open(screen)) that pushes it.
 */
#ifndef SCREEN_VIEW_H
#define SCREEN_VIEW_H

#include "present/draw/canvas.h"
#include "screen/keys.h"

struct screen;
struct view;
struct report;
struct table;

/* The operations of a view; NULL where a view does not support one. */
struct view_ops {
	const char *title; /* of its help: "Processes" */
	/* Lines of its help below the keys, on marks and columns; ended by NULL. */
	const char *const *legend;
	/* Returns one bit of enum key_context, which decides what keys mean. */
	unsigned int (*context)(const struct view *v);
	/* Draws into the first `rows` rows, which are blank; the last row is for the footer. */
	void (*draw)(struct view *v, struct canvas *c, size_t rows);
	/* Handles an action. Returns false if it does not: then the shell does the default. */
	bool (*act)(struct view *v, enum action action);
	/* Handles a click on a cell, or a double click if `twice`. */
	void (*click)(struct view *v, size_t x, size_t y, bool twice);
	/*
	 * Takes what was typed at the prompt that the view opened for this action (screen_ask).
	 * Called for each change, then once with is_final; text is NULL if the user cancelled.
	 */
	void (*answer)(struct view *v, enum action asked, const char *text, bool is_final);
	/*
	 * Takes what the view's own jobs have read. Called when time has passed or a job has ended.
	 * Returns true if the view has to be drawn again.
	 */
	bool (*update)(struct view *v);
	/* Returns the table or chart that is shown, for an export; owned by r. NULL: nothing. */
	const struct table *(*report)(struct view *v, struct report *r);
	void (*free)(struct view *v);
};

struct view {
	const struct view_ops *ops;
	struct screen *screen;
	struct view *below; /* NULL: the first one */
};

#endif
