/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shows one process in tabs, each a part of the report on it, as text or as a grid.
 */
#ifndef SCREEN_VIEW_INSPECT_H
#define SCREEN_VIEW_INSPECT_H

#include "analysis/diff/diff.h"
#include "present/render/text_layout.h"
#include "screen/data/process_model.h"
#include "screen/widget/grid.h"

enum tab { TAB_SUMMARY, TAB_REGIONS, TAB_FILES, TAB_GROWTH, TAB_LIMITS, TAB_DEPTH, TAB_COUNT };

/* What the rows of the mappings are folded into. */
enum fold {
	FOLD_NONE,
	FOLD_FILE,
	FOLD_OWNER,
	FOLD_PACKAGE,
	FOLD_PERMISSION,
	FOLD_MAPPINGS, /* the folds above are for mappings, those below for contents of memory */
	FOLD_TYPE = FOLD_MAPPINGS,
	FOLD_COUNT
};

/* What is on a tab, made from one reading for one width. */
struct content {
	bool is_made;
	enum tab tab;
	enum fold fold;
	unsigned int readings;
	const struct inspection *base;
	size_t width;
	enum fmt_unit unit;

	struct report report;
	const struct table *part; /* what an export writes, or NULL */
	struct text_layout layout;
	struct diff diff; /* if has_diff */
	bool has_diff;
};

struct inspect_view {
	struct view view;
	struct process_model model;
	enum tab tab;
	enum fold fold;
	struct content content;
	struct grid
		grids[TAB_COUNT];  /* of the tabs that have one, and of what they are folded into */
	size_t scrolls[TAB_COUNT]; /* of those that are text */
	size_t page;               /* number of lines of text drawn last */
	char *series;              /* owned: id of the series in the chart; NULL: RSS */
};

/* Opens the view of a process; pid and start_ticks as in struct process_model. */
void inspect_open(struct screen *s, pid_t pid, uint64_t start_ticks);

/* Makes the content of the tab, unless it is up to date (inspect_content.c). */
void content_make(struct inspect_view *v, size_t width);
void content_release(struct content *c);
/* Returns the grid of the current tab, or NULL if it is text. */
struct grid *inspect_grid(struct inspect_view *v);
/* Draws the tab of growth from row y on (inspect_growth_draw.c). */
void inspect_draw_growth(struct inspect_view *v, struct canvas *c, size_t y, size_t rows);
/* Returns the inputs of the builder of growth, owned by the report. */
const struct growth_inputs *inspect_growth(struct inspect_view *v, struct report *r);

#endif
