/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/chooser.h"

#include "base/alloc.h"

enum { ID_WIDTH = 14, HEADING_ROWS = 2 };

/* The visible columns in their order, then all others. */
struct chooser {
	struct view view;
	struct column_set *set;
	enum proc_column rows[PC_COUNT];
	size_t cursor, scroll, page;
};

static void list_rows(struct chooser *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->set->n; i++)
		v->rows[n++] = v->set->list[i];
	for (int i = 0; i < PC_COUNT; i++) {
		if (!column_set_has(v->set, (enum proc_column)i))
			v->rows[n++] = (enum proc_column)i;
	}
}

static void draw_row(const struct chooser *v, struct canvas *c, size_t i, size_t y)
{
	const struct screen *s = v->view.screen;
	const struct column *d = &proc_columns[v->rows[i]].column;
	bool is_shown = i < v->set->n;
	struct style style = { .tone = is_shown ? TONE_PLAIN : TONE_DIM, .bold = is_shown };
	size_t x = canvas_put(c, 1, y, style, is_shown ? "[x] " : "[ ] ");

	(void)screen_put(s, c, x, y, ID_WIDTH, style, d->id);
	style.bold = false;
	(void)screen_put(s, c, x + ID_WIDTH + 1, y,
			 c->width > x + ID_WIDTH + 1 ? c->width - x - ID_WIDTH - 1 : 0, style,
			 d->help);
	if (i == v->cursor)
		screen_highlight(c, y);
}

static void chooser_draw(struct view *view, struct canvas *c, size_t rows)
{
	struct chooser *v = (struct chooser *)view;

	list_rows(v);
	(void)screen_put(view->screen, c, 0, 0, c->width, (struct style){ .bold = true },
			 "Columns of the list, from left to right");
	v->page = rows > HEADING_ROWS ? rows - HEADING_ROWS : 0;
	v->scroll = screen_scroll(v->scroll, v->cursor, PC_COUNT, v->page);
	for (size_t i = 0; i < v->page && v->scroll + i < PC_COUNT; i++)
		draw_row(v, c, v->scroll + i, HEADING_ROWS + i);
}

/* Shows a column after the visible ones, or hides it. RSS and the command cannot be hidden. */
static void toggle(struct chooser *v)
{
	enum proc_column column = v->rows[v->cursor];

	if (v->cursor >= v->set->n) {
		v->set->list[v->set->n++] = column;
	} else if (proc_columns[column].rank == 0) {
		screen_say(v->view.screen, TONE_WARN, "%s is always shown",
			   proc_columns[column].column.title);
	} else {
		v->set->n--;
		memmove(&v->set->list[v->cursor], &v->set->list[v->cursor + 1],
			(v->set->n - v->cursor) * sizeof(*v->set->list));
	}
}

/* Swaps a column with its neighbour. */
static void move_column(struct chooser *v, size_t to)
{
	enum proc_column column = v->rows[v->cursor];

	if (v->cursor >= v->set->n || to >= v->set->n)
		return;
	v->set->list[v->cursor] = v->set->list[to];
	v->set->list[to] = column;
	v->cursor = to;
}

static bool chooser_act(struct view *view, enum action action)
{
	struct chooser *v = (struct chooser *)view;

	list_rows(v);
	switch (action) {
	case ACT_UP:
		v->cursor -= v->cursor > 0;
		break;
	case ACT_DOWN:
		v->cursor += v->cursor + 1 < PC_COUNT;
		break;
	case ACT_PAGE_UP:
		v->cursor -= MIN(v->cursor, v->page);
		break;
	case ACT_PAGE_DOWN:
		v->cursor = MIN(v->cursor + v->page, (size_t)PC_COUNT - 1);
		break;
	case ACT_HOME:
		v->cursor = 0;
		break;
	case ACT_END:
		v->cursor = PC_COUNT - 1;
		break;
	case ACT_TOGGLE:
		toggle(v);
		break;
	case ACT_EARLIER:
		move_column(v, v->cursor - 1);
		break;
	case ACT_LATER:
		move_column(v, v->cursor + 1);
		break;
	default:
		return false;
	}
	return true;
}

static void chooser_click(struct view *view, size_t x attr_unused, size_t y, bool twice)
{
	struct chooser *v = (struct chooser *)view;

	if (y < HEADING_ROWS || y - HEADING_ROWS >= v->page ||
	    v->scroll + y - HEADING_ROWS >= PC_COUNT)
		return;
	v->cursor = v->scroll + y - HEADING_ROWS;
	if (twice)
		(void)chooser_act(view, ACT_TOGGLE);
}

static unsigned int chooser_context(const struct view *v attr_unused)
{
	return CTX_COLUMNS;
}

static void chooser_free(struct view *view)
{
	free(view);
}

void chooser_open(struct screen *s, struct column_set *set)
{
	static const struct view_ops ops = {
		.title = "Columns",
		.context = chooser_context,
		.draw = chooser_draw,
		.act = chooser_act,
		.click = chooser_click,
		.free = chooser_free,
	};
	struct chooser *v = xcalloc(1, sizeof(*v));

	v->view.ops = &ops;
	v->set = set;
	screen_push(s, &v->view);
}
