/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/text_log.h"

#include "base/alloc.h"
#include "base/text.h"

enum { COLUMN_GAP = 1, LEAST_TEXT = 4 };

/* The columns that are shown, and how wide each is. */
struct log_columns {
	const struct table *table;
	size_t *at; /* owned */
	size_t *width;
	size_t n;
};

static size_t type_width(const struct writer *p, enum cell_type type)
{
	switch (type) {
	case CELL_BYTES:
		return p->opts->unit == FMT_EXACT ? 14 : 10;
	case CELL_DELTA:
		return p->opts->unit == FMT_EXACT ? 15 : 11;
	case CELL_TIME:
		return 24;
	default:
		return 8;
	}
}

static size_t line_width(const struct log_columns *c)
{
	size_t width = c->n ? (c->n - 1) * COLUMN_GAP : 0;

	for (size_t i = 0; i < c->n; i++)
		width += c->width[i];
	return width;
}

static void remove_column(struct log_columns *c, size_t i)
{
	c->n--;
	memmove(&c->at[i], &c->at[i + 1], (c->n - i) * sizeof(*c->at));
	memmove(&c->width[i], &c->width[i + 1], (c->n - i) * sizeof(*c->width));
}

static bool gives_way(const struct log_columns *c, size_t i)
{
	return c->table->columns[c->at[i]].flags & COL_TRUNC;
}

/* What a line takes when its text is cut as far as it can be. */
static size_t least_width(const struct log_columns *c)
{
	size_t width = line_width(c);

	for (size_t i = 0; i < c->n; i++) {
		if (gives_way(c, i))
			width -= c->width[i] - LEAST_TEXT;
	}
	return width;
}

/* Leaves out what can be spared, as far as cutting the text that gives way is not enough. */
static void fit(const struct writer *p, struct log_columns *c)
{
	size_t width = writer_width(p);

	for (size_t i = c->n; i-- > 0 && least_width(c) > width;) {
		if (c->table->columns[c->at[i]].flags & COL_SPARE)
			remove_column(c, i);
	}
	for (size_t i = c->n; i-- > 0 && line_width(c) > width;) {
		if (gives_way(c, i))
			c->width[i] -= MIN(line_width(c) - width, c->width[i] - LEAST_TEXT);
	}
}

static struct log_columns columns_of(const struct writer *p, const struct table *t)
{
	struct log_columns c = { .table = t };

	c.at = xcalloc(t->n_columns, sizeof(*c.at));
	c.width = xcalloc(t->n_columns, sizeof(*c.width));
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *column = &t->columns[i];

		if (column->flags & COL_DATA || column->type == CELL_TABLE)
			continue;
		c.at[c.n] = i;
		c.width[c.n++] = t->widths && t->widths[i] ? t->widths[i]
							   : type_width(p, column->type);
	}
	fit(p, &c);
	return c;
}

/* Adds one field; the last one of a line is not filled up. */
static void add_field(struct writer *p, const struct log_columns *c, size_t i, enum tone tone,
		      struct sbuf *text)
{
	const struct column *column = &c->table->columns[c->at[i]];
	size_t columns, pad;

	writer_cut(p, text, c->width[i]);
	columns = writer_columns(text);
	pad = c->width[i] > columns ? c->width[i] - columns : 0;
	if (writer_is_right(column))
		writer_spaces(p, pad);
	writer_add(p, tone, sbuf_str(text));
	if (!writer_is_right(column) && i + 1 < c->n)
		writer_spaces(p, pad);
	if (i + 1 < c->n)
		writer_spaces(p, COLUMN_GAP);
}

static void add_headings(struct writer *p, const struct log_columns *c)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&p->sink.buf, writer_bold(p));
	for (size_t i = 0; i < c->n; i++) {
		sbuf_reset(&text);
		sbuf_adds(&text, c->table->columns[c->at[i]].title);
		add_field(p, c, i, TONE_PLAIN, &text);
	}
	sbuf_adds(&p->sink.buf, writer_reset(p));
	sbuf_addch(&p->sink.buf, '\n');
}

void writer_log(struct writer *p, const struct table *t)
{
	struct log_columns c = columns_of(p, t);
	auto_sbuf text = SBUF_INIT;

	writer_begin(p, WRITER_LINES);
	if (t->headings && p->opts->headings)
		add_headings(p, &c);
	for (size_t row = 0; row < t->n_rows; row++) {
		struct row at = row_at(t, row);

		for (size_t i = 0; i < c.n; i++) {
			struct cell cell = row_cell(&at, c.at[i]);

			sbuf_reset(&text);
			writer_words(p, &text, &t->columns[c.at[i]], &cell);
			add_field(p, &c, i, cell.tone, &text);
		}
		sbuf_addch(&p->sink.buf, '\n');
	}
	free(c.at);
	free(c.width);
}
