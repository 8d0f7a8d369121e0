/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/detail.h"

#include "base/alloc.h"
#include "present/render/text_layout.h"

struct detail_view {
	struct view view;
	struct report report;
	const struct table *facts;
	struct text_layout layout;
	size_t width; /* of the text layout */
	size_t scroll, page;
};

static struct detail_view *detail_of(struct view *v)
{
	return (struct detail_view *)v; /* first member */
}

static void detail_draw(struct view *view, struct canvas *c, size_t rows)
{
	struct detail_view *v = detail_of(view);
	struct render_opts opts = { .unit = view->screen->format.unit,
				    .width = (unsigned int)c->width,
				    .ascii = view->screen->format.ascii,
				    .headings = true };

	text_layout_release(&v->layout); /* the unit may have changed; it is one screen of text */
	(void)text_layout_make(&v->layout, v->facts, &opts);
	v->page = rows;
	v->scroll = MIN(v->scroll, v->layout.n > rows ? v->layout.n - rows : 0);
	text_layout_draw(&v->layout, v->scroll, c, 0, rows);
}

static bool detail_act(struct view *view, enum action action)
{
	struct detail_view *v = detail_of(view);

	switch (action) {
	case ACT_UP:
		v->scroll -= v->scroll > 0;
		break;
	case ACT_DOWN:
		v->scroll++;
		break;
	case ACT_PAGE_UP:
		v->scroll -= MIN(v->scroll, v->page);
		break;
	case ACT_PAGE_DOWN:
		v->scroll += v->page;
		break;
	case ACT_HOME:
		v->scroll = 0;
		break;
	case ACT_END:
		v->scroll = SIZE_MAX / 2;
		break;
	case ACT_OPEN:
		screen_pop(view->screen);
		break;
	default:
		return false;
	}
	return true;
}

static const struct table *detail_report(struct view *view, struct report *r attr_unused)
{
	return detail_of(view)->facts;
}

static unsigned int detail_context(const struct view *v attr_unused)
{
	return CTX_DETAIL;
}

static void detail_free(struct view *view)
{
	struct detail_view *v = detail_of(view);

	text_layout_release(&v->layout);
	report_release(&v->report);
	free(v);
}

/* Copies a cell and the text that it points to. */
static struct cell copy_cell(struct report *r, const struct column *column, const struct cell *cell)
{
	struct cell copy = *cell;

	if (cell->why)
		return copy;
	if (column->type == CELL_TEXT || column->type == CELL_LIST)
		copy.s = arena_strndup(&r->arena, cell->s, cell->n);
	else if (column->type == CELL_ID)
		copy.s = arena_strdup(&r->arena, cell->s);
	return copy;
}

/*
 * Returns the text of an object whose cells are texts, "library libc.so.6"; false for other
 * objects.
 */
static bool object_text(struct report *r, const struct table *t, struct cell *ret)
{
	auto_sbuf text = SBUF_INIT;

	if (t->shape != SHAPE_OBJECT)
		return false;
	for (size_t i = 0; i < t->n_columns; i++) {
		enum cell_type type = t->columns[i].type;
		struct cell cell = table_cell(t, 0, i);

		if (cell.why || (type != CELL_TEXT && type != CELL_ID))
			continue;
		sbuf_adds(&text, text.len ? " " : "");
		sbuf_add(&text, cell.s, type == CELL_ID ? strlen(cell.s) : cell.n);
	}
	if (text.len == 0)
		return false;
	*ret = cell_bytes(arena_strndup(&r->arena, sbuf_str(&text), text.len), text.len);
	return true;
}

static const struct table *facts_of(struct report *r, const struct table *table,
				    const struct cell *cells)
{
	struct column *columns = arena_array(&r->arena, table->n_columns, struct column);
	struct cell *facts = arena_array(&r->arena, table->n_columns, struct cell);
	struct table *t;
	size_t n = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		struct cell cell = copy_cell(r, &table->columns[i], &cells[i]);

		if (cell.why == REASON_BY_DESIGN)
			continue; /* absent by design */
		columns[n] = table->columns[i];
		columns[n].get = field_cell;
		columns[n].at = n * sizeof(*facts);
		if (columns[n].type == CELL_TABLE && !cell.why) {
			if (!object_text(r, cells[i].t, &cell))
				continue;
			columns[n].type = CELL_TEXT;
		}
		columns[n].flags &= ~(unsigned int)COL_DATA;
		facts[n++] = cell;
	}
	t = report_object(r, columns, n, facts);
	t->layout = LAYOUT_FACTS;
	return t;
}

void detail_open(struct screen *s, const struct table *table, const struct cell *cells)
{
	static const struct view_ops ops = {
		.title = "One mapping",
		.context = detail_context,
		.draw = detail_draw,
		.act = detail_act,
		.report = detail_report,
		.free = detail_free,
	};
	struct detail_view *v = xcalloc(1, sizeof(*v));

	v->view.ops = &ops;
	v->report = (struct report)REPORT_INIT;
	v->facts = facts_of(&v->report, table, cells);
	screen_push(s, &v->view);
}
