/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/table_layout.h"

#include "base/alloc.h"
#include "base/num.h"
#include "base/text.h"

enum {
	BAR_COLUMNS = 20,
	BAR_SHORT = 10,       /* where a longer one would cut names */
	PERCENT_COLUMNS = 7,  /* "100.0 %" */
	LEAST_COLUMNS = 16,   /* what a column that gives way keeps at least */
	LEAST_NAME = 24,      /* and the first column, which names the line */
	HEADING_COLUMNS = 32, /* a longer title goes above the table */
};

enum branch { BRANCH_NONE, BRANCH_MIDDLE, BRANCH_LAST };

static const char indentation[] = "  "; /* what every prefix begins with */

static const char *line_prefix(const struct table_view *v, enum branch branch)
{
	static const char *const prefixes[][2] = {
		[BRANCH_NONE] = { "  ", "  " },
		[BRANCH_MIDDLE] = { "  ├─ ", "  |- " },
		[BRANCH_LAST] = { "  └─ ", "  `- " },
	};

	return prefixes[branch][v->writer->opts->ascii] +
	       (v->is_indented ? 0 : sizeof(indentation) - 1);
}

size_t table_shown(const struct table *t, size_t *ret_columns)
{
	size_t n_candidates = t->pick ? t->n_pick : t->n_columns;
	size_t n = 0;

	for (size_t i = 0; i < n_candidates; i++) {
		size_t index = t->pick ? t->pick[i] : i;
		const struct column *column = &t->columns[index];

		if (t->pick || !(column->flags & COL_DATA))
			ret_columns[n++] = index;
	}
	return n;
}

static struct view_column view_column(const struct table *t, size_t index)
{
	const struct column *column = &t->columns[index];
	bool bar = column->type == CELL_PERCENT && column->flags & COL_BAR;

	return (struct view_column){
		.column = column,
		.index = index,
		.width = SIZE_MAX,
		.is_right = writer_is_right(column) && !bar,
		.bar = bar ? BAR_COLUMNS : 0,
	};
}

void table_view_init(struct table_view *v, const struct writer *writer, const struct table *table)
{
	auto_free size_t *shown = xcalloc(MAX(table->n_columns, table->n_pick), sizeof(*shown));
	size_t n = table_shown(table, shown);

	*v = (struct table_view){
		.writer = writer,
		.table = table,
		.columns = xcalloc(n, sizeof(*v->columns)),
		.is_indented = table->title && writer->opts->headings,
		.line.columns = xcalloc(n, sizeof(*v->line.columns)),
		.line.indexes = xcalloc(n, sizeof(*v->line.indexes)),
		.child.columns = xcalloc(n, sizeof(*v->child.columns)),
		.child.indexes = xcalloc(n, sizeof(*v->child.indexes)),
		.rest = xcalloc(n, sizeof(*v->rest)),
	};
	for (size_t i = 0; i < table->n_columns; i++)
		v->has_trees |= (table->columns[i].flags & COL_TREE) != 0;
	for (size_t i = 0; i < n; i++) {
		if (table->columns[shown[i]].type != CELL_TABLE)
			v->columns[v->n_columns++] = view_column(table, shown[i]);
	}
}

void table_view_release(struct table_view *v)
{
	free(v->columns);
	free(v->line.columns);
	free(v->line.indexes);
	free(v->child.columns);
	free(v->child.indexes);
	free(v->rest);
	sbuf_release(&v->hidden);
	sbuf_release(&v->rest_text);
}

static bool row_is_shown(const struct table *t, size_t row)
{
	return !t->text_hide || !t->text_hide[row];
}

/* The rows that are shown, and how many more there would be without the limit. */
static size_t count_shown(const struct table *t, size_t *ret_left)
{
	size_t n = t->n_rows;

	if (t->text_hide) {
		n = 0;
		for (size_t i = 0; i < t->n_rows; i++)
			n += row_is_shown(t, i);
	}
	*ret_left = t->text_rows && n > t->text_rows ? n - t->text_rows : 0;
	return n - *ret_left;
}

/* The first column of the view that holds bytes, or n_columns. */
static size_t bytes_column(const struct table_view *v)
{
	size_t i = 0;

	while (i < v->n_columns && v->columns[i].column->type != CELL_BYTES)
		i++;
	return i;
}

/* What the last n_left rows of a table, or of the children of a row, hold together. */
static struct cell sum_left(const struct table_view *v, const struct table *t, size_t n_left)
{
	size_t bytes = bytes_column(v);
	int index = bytes < v->n_columns ? table_column(t, v->columns[bytes].column->id) : -1;
	struct cell sum = cell_none();

	for (size_t row = t->n_rows; index >= 0 && n_left > 0 && row-- > 0;) {
		struct cell c;

		if (!row_is_shown(t, row))
			continue;
		n_left--;
		c = table_cell(t, row, (size_t)index);
		if (!c.why && !c.plain)
			sum = cell_u64(num_add_sat(sum.why ? 0 : sum.u, c.u));
	}
	return sum;
}

/* The column of a child's table that goes below column i. */
static int child_column(const struct table_view *v, const struct table *t, size_t i)
{
	int index = table_column(t, v->columns[i].column->id);

	/* The first column names the line, and names of unlike things have unlike ids. */
	for (size_t k = 0; i == 0 && index < 0 && k < t->n_columns; k++) {
		if (!(t->columns[k].flags & COL_DATA) && t->columns[k].type != CELL_TABLE)
			index = (int)k;
	}
	return index;
}

static void set_child_line(struct table_view *v, const struct table *t, size_t row, bool last)
{
	v->child.prefix = line_prefix(v, last ? BRANCH_LAST : BRANCH_MIDDLE);
	v->child.row = row_at(t, row);
	v->child.cells = NULL;
	for (size_t i = 0; i < v->n_columns; i++) {
		int index = child_column(v, t, i);

		v->child.columns[i] = index < 0 ? NULL : &t->columns[index];
		v->child.indexes[i] = (size_t)index;
	}
}

static void set_rest_line(struct table_view *v, const struct table *t, size_t n_left)
{
	static const struct column text = { .type = CELL_TEXT };
	size_t bytes = bytes_column(v);

	sbuf_reset(&v->rest_text);
	sbuf_addf(&v->rest_text, "+ %zu more", n_left);
	v->child.prefix = line_prefix(v, BRANCH_LAST);
	v->child.cells = v->rest;
	for (size_t i = 0; i < v->n_columns; i++)
		v->child.columns[i] = i == 0 ? &text : i == bytes ? v->columns[i].column : NULL;
	v->rest[0] = cell_bytes(v->rest_text.data, v->rest_text.len);
	if (bytes > 0 && bytes < v->n_columns)
		v->rest[bytes] = sum_left(v, t, n_left);
}

static void each_child(struct table_view *v, const struct table *t, view_visit_fn *visit, void *arg)
{
	size_t n_left, n = count_shown(t, &n_left);

	for (size_t row = 0, seen = 0; seen < n; row++) {
		if (!row_is_shown(t, row))
			continue;
		seen++;
		set_child_line(v, t, row, seen == n && n_left == 0);
		visit(arg, &v->child);
	}
	if (n_left > 0) {
		set_rest_line(v, t, n_left);
		visit(arg, &v->child);
	}
}

void table_view_each(struct table_view *v, view_visit_fn *visit, void *arg)
{
	const struct table *t = v->table;
	size_t n_left, n = count_shown(t, &n_left);

	v->line.prefix = line_prefix(v, BRANCH_NONE);
	for (size_t i = 0; i < v->n_columns; i++) {
		v->line.columns[i] = v->columns[i].column;
		v->line.indexes[i] = v->columns[i].index;
	}
	for (size_t row = 0, seen = 0; seen < n; row++) {
		if (!row_is_shown(t, row))
			continue;
		seen++;
		v->line.row = row_at(t, row);
		if (t->numbers)
			v->line.numbers = t->numbers(&v->line.row.ask, &v->line.present);
		visit(arg, &v->line);
		for (size_t i = 0; v->has_trees && i < t->n_columns; i++) {
			struct cell cell = cell_none();

			if (t->columns[i].flags & COL_TREE)
				cell = row_cell(&v->line.row, i);
			if (!cell.why && cell.t)
				each_child(v, cell.t, visit, arg);
		}
	}
}

/* Puts what `out` holds from `from` on flush right within so many columns. */
static void flush_right(struct sbuf *out, size_t from, size_t columns)
{
	size_t len = out->len - from, pad = len < columns ? columns - len : 0;

	sbuf_reserve(out, pad);
	memmove(out->data + from + pad, out->data + from, len + 1);
	memset(out->data + from, ' ', pad);
	out->len += pad;
}

void table_view_text(const struct table_view *v, const struct view_line *line, size_t i,
		     const struct cell *cell, struct sbuf *out)
{
	const struct view_column *column = &v->columns[i];
	size_t from;

	sbuf_reset(out);
	if (i == 0)
		sbuf_adds(out, line->prefix);
	if (!line->columns[i])
		return;
	from = out->len;
	writer_words(v->writer, out, line->columns[i], cell);
	if (column->bar) {
		flush_right(out, from, PERCENT_COLUMNS);
		if (!cell->why && line->columns[i]->flags & COL_BAR) {
			sbuf_adds(out, "  ");
			writer_bar(v->writer, out, cell->d, column->bar);
		}
	}
	if (column->width < out->len && line->columns[i]->flags & COL_LAST)
		writer_cut_inside(v->writer, out, column->width);
	else if (column->width < out->len)
		writer_cut(v->writer, out, column->width);
}

void table_view_heading(const struct table_view *v, size_t i, struct sbuf *out)
{
	const struct view_column *column = &v->columns[i];
	size_t from;

	sbuf_reset(out);
	if (i == 0 && v->heading) {
		sbuf_adds(out, v->heading);
	} else {
		if (i == 0)
			sbuf_adds(out, line_prefix(v, BRANCH_NONE));
		from = out->len;
		sbuf_adds(out, column->column->title);
		if (column->bar)
			flush_right(out, from, PERCENT_COLUMNS);
	}
	writer_cut(v->writer, out, column->width);
}

void table_view_rest(struct table_view *v, struct sbuf *out)
{
	char buf[FMT_MAX];
	struct cell sum;
	size_t n_left;

	sbuf_reset(out);
	(void)count_shown(v->table, &n_left);
	if (n_left == 0)
		return;
	sum = sum_left(v, v->table, n_left);
	sbuf_addf(out, "%s+ %zu more", indentation, n_left);
	if (!sum.why)
		sbuf_addf(out, ", %s", fmt_bytes(buf, sum.u, v->writer->opts->unit));
	writer_cut(v->writer, out, writer_width(v->writer));
}

struct measure {
	const struct table_view *view;
	size_t *widths;
	bool *says; /* columns that have something to say, in whatever row */
	struct sbuf text;
};

/* What cannot be wider than the widest cell of the column so far is not made a text. */
static void measure_line(void *arg, struct view_line *line)
{
	struct measure *m = arg;
	size_t prefix = strlen(line->prefix);

	for (size_t i = 0; i < m->view->n_columns; i++, prefix = 0) {
		struct cell cell = line->columns[i] ? view_cell(line, i) : cell_none();

		m->says[i] |= cell.why != REASON_BY_DESIGN;
		if (prefix + writer_most(m->view->writer, line->columns[i], &cell) <= m->widths[i])
			continue;
		table_view_text(m->view, line, i, &cell, &m->text);
		if (m->text.len > m->widths[i]) /* no text is wider than long */
			m->widths[i] = MAX(m->widths[i], writer_columns(&m->text));
	}
}

static void remove_column(struct table_view *v, size_t i)
{
	v->n_columns--;
	memmove(v->columns + i, v->columns + i + 1, (v->n_columns - i) * sizeof(*v->columns));
}

/*
 * Leaves out the columns that say nothing, unless they were asked for, or the place of a column has
 * to tell what it is.
 */
static void measure(struct table_view *v)
{
	auto_free size_t *widths = xcalloc(v->n_columns, sizeof(*widths));
	auto_free bool *says = xcalloc(v->n_columns, sizeof(*says));
	struct measure m = { .view = v, .widths = widths, .says = says };

	for (size_t i = 0; v->writer->opts->headings && i < v->n_columns; i++) {
		table_view_heading(v, i, &m.text);
		widths[i] = writer_columns(&m.text);
	}
	table_view_each(v, measure_line, &m);
	for (size_t i = 0; i < v->n_columns; i++)
		v->columns[i].width = widths[i];
	for (size_t i = v->n_columns; i-- > 1;) {
		if (!says[i] && !v->table->pick && v->writer->opts->headings)
			remove_column(v, i);
	}
	sbuf_release(&m.text);
}

/* What a column shrinks to, if need be, before another is left out. */
static size_t least_width(const struct table_view *v, size_t i)
{
	const struct view_column *c = &v->columns[i];

	if (c->column->flags & COL_TRUNC)
		return MIN(c->width, (size_t)LEAST_COLUMNS);
	return i == 0 && !c->is_right ? MIN(c->width, (size_t)LEAST_NAME) : c->width;
}

/* The width of the table; at the least when all that gives way has done so. */
static size_t total_width(const struct table_view *v, bool at_least)
{
	size_t total = (v->n_columns - 1) * VIEW_GAP;

	for (size_t i = 0; i < v->n_columns; i++)
		total += at_least ? least_width(v, i) : v->columns[i].width;
	return total;
}

static void drop_bar(struct view_column *c)
{
	c->bar = 0;
	c->is_right = true;
	c->width = MAX((size_t)PERCENT_COLUMNS, text_width(c->column->title));
}

static void drop_column(struct table_view *v, size_t i)
{
	auto_free char *behind = sbuf_steal(&v->hidden);

	sbuf_addf(&v->hidden, "%s%s%s", v->columns[i].column->title, *behind ? ", " : "", behind);
	remove_column(v, i);
}

/* Drops the last of the columns first to n - 1 that gives way, or that does not. */
static bool drop_last(struct table_view *v, size_t first, bool gives_way)
{
	for (size_t i = v->n_columns; i-- > first;) {
		if (!(v->columns[i].column->flags & COL_TRUNC) == !gives_way) {
			drop_column(v, i);
			return true;
		}
	}
	return false;
}

/* Returns false if no bar is longer than the short ones. */
static bool shorten_bar(struct table_view *v)
{
	for (size_t i = 0; i < v->n_columns; i++) {
		struct view_column *c = &v->columns[i];

		if (c->bar > BAR_SHORT) {
			c->width -= c->bar - BAR_SHORT;
			c->bar = BAR_SHORT;
			return true;
		}
	}
	return false;
}

/* Bars go first, then columns from the right: what names a line and its first amount go last. */
static bool drop_something(struct table_view *v)
{
	for (size_t i = 0; i < v->n_columns; i++) {
		if (v->columns[i].bar) {
			drop_bar(&v->columns[i]);
			return true;
		}
	}
	return drop_last(v, 2, false) || drop_last(v, 1, true) || drop_last(v, 1, false);
}

/* The column to shrink by one: the widest that gives way, then the first, then the widest of all. */
static struct view_column *column_to_shrink(struct table_view *v)
{
	struct view_column *widest = &v->columns[0], *found = NULL;

	for (size_t i = 0; i < v->n_columns; i++) {
		struct view_column *c = &v->columns[i];

		if (c->column->flags & COL_TRUNC && c->width > least_width(v, i) &&
		    (!found || c->width > found->width))
			found = c;
		if (c->width > widest->width)
			widest = c;
	}
	if (!found && v->columns[0].width > least_width(v, 0))
		found = &v->columns[0];
	return found ? found : widest;
}

/* A title that is no wider than its column may be takes the place of the heading there. */
static void place_title(struct table_view *v)
{
	struct view_column *first = &v->columns[0];
	size_t width;

	if (!v->is_indented || first->is_right)
		return;
	width = text_width(v->table->title);
	if (width > MAX(first->width, (size_t)HEADING_COLUMNS))
		return;
	v->heading = v->table->title;
	first->width = MAX(first->width, width);
}

void table_view_fit(struct table_view *v)
{
	size_t width = writer_width(v->writer);

	if (v->n_columns == 0)
		return;
	measure(v);
	place_title(v);
	while (total_width(v, false) > width && shorten_bar(v))
		;
	while (total_width(v, true) > width && drop_something(v))
		;
	for (size_t total = total_width(v, false); total > width; total--) {
		struct view_column *c = column_to_shrink(v);

		if (c->width <= 1)
			break;
		c->width--;
	}
}
