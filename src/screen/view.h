/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is shown on the whole screen at a time: a list of processes, one process, the help. A view
 * draws into a canvas from what it knows and from the screen (screen.h), and knows no terminal and
 * no thread, so it can be tested as text. Views lie on a stack; the one on top is shown.
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

/* What a view can do; NULL: nothing of the kind. */
struct view_ops {
	const char *title; /* of its help: "Processes" */
	/* Lines of its help behind the keys: what marks and columns mean; NULL at the end. */
	const char *const *legend;
	/* Where it stands, one bit of enum key_context: which keys it has. */
	unsigned int (*context)(const struct view *v);
	/* Draws into the first `rows` rows, which are blank; the last row of the canvas is not its. */
	void (*draw)(struct view *v, struct canvas *c, size_t rows);
	/* Obeys a key. False if it has nothing to do with it: then the shell does what is usual. */
	bool (*act)(struct view *v, enum action action);
	/* The cell was clicked on; twice: within a moment. */
	void (*click)(struct view *v, size_t x, size_t y, bool twice);
	/*
	 * What was typed at the prompt that the view opened for this action (screen_ask). Called for
	 * each change, then once with is_final; with text NULL if it was called off.
	 */
	void (*answer)(struct view *v, enum action asked, const char *text, bool is_final);
	/*
	 * Time has passed, or a job has ended: takes what its own jobs have read. True if there is
	 * something new to be drawn.
	 */
	bool (*update)(struct view *v);
	/* The table or chart that it shows now, for an export: of r; NULL: there is nothing to export. */
	const struct table *(*report)(struct view *v, struct report *r);
	void (*free)(struct view *v);
};

struct view {
	const struct view_ops *ops;
	struct screen *screen;
	struct view *below; /* NULL: the first one */
};

#endif
