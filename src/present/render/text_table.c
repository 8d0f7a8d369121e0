/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables are laid out by libsmartcols, which holds every cell of them. It takes 5 us a row, and more
 * for each the more there are, so long tables are aligned here as their rows come.
 */
#include "present/render/text_table.h"

#include <libsmartcols.h>

#include "base/alloc.h"
#include "present/render/table_layout.h"

enum {
	LIBRARY_ROWS = 256, /* a longer table is aligned here */
	SPACES_SHORT = 32,
};

/* The number that a column had last: it often has the same again. */
struct last_number {
	uint64_t value;
	bool plain;
	size_t n; /* 0: none yet */
	char digits[FMT_MAX];
};

/* What a visitor of the lines needs. */
struct table_writer {
	struct writer *writer;
	struct table_view *view;
	struct sbuf text;
	struct libscols_table *table; /* NULL in a table that is aligned here */
	struct last_number *numbers;  /* of each column of a table that is aligned here */
};

static void *or_die(void *p)
{
	if (!p)
		alloc_die();
	return p;
}

static void set_cell(struct libscols_cell *cell, const struct sbuf *text, const char *sequence)
{
	if (scols_cell_set_data(cell, sbuf_str(text)) != 0 ||
	    scols_cell_set_color(cell, *sequence ? sequence : NULL) != 0)
		alloc_die();
}

static void library_line(void *arg, struct view_line *line)
{
	struct table_writer *w = arg;
	struct libscols_line *row = or_die(scols_table_new_line(w->table, NULL));

	for (size_t i = 0; i < w->view->n_columns; i++) {
		struct cell cell = line->columns[i] ? view_cell(line, i) : cell_none();

		table_view_text(w->view, line, i, &cell, &w->text);
		set_cell(or_die(scols_line_get_cell(row, i)), &w->text,
			 writer_tone(w->writer, cell.tone));
	}
}

static void library_columns(struct table_writer *w)
{
	for (size_t i = 0; i < w->view->n_columns; i++) {
		const struct view_column *c = &w->view->columns[i];
		struct libscols_column *column;

		column = or_die(scols_table_new_column(w->table, NULL, 0,
						       c->is_right ? SCOLS_FL_RIGHT : 0));
		table_view_heading(w->view, i, &w->text);
		set_cell(scols_column_get_header(column), &w->text, writer_bold(w->writer));
	}
}

/* Adds text without the spaces at the end of its lines. */
static void add_lines(struct writer *p, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, "\n"), len = n;

		while (len > 0 && s[len - 1] == ' ')
			len--;
		sbuf_add(&p->sink.buf, s, len);
		sbuf_addch(&p->sink.buf, '\n');
		s += n + (s[n] == '\n');
	}
}

static void write_by_library(struct table_writer *w)
{
	auto_free char *lines = NULL;

	w->table = or_die(scols_new_table());
	/* Not asked: whether stdout is a terminal, and what it cannot show. All cells are fitted. */
	scols_table_set_termforce(w->table, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_noencoding(w->table, 1);
	scols_table_enable_colors(w->table, w->writer->opts->color);
	scols_table_enable_noheadings(w->table, !w->writer->opts->headings);
	if (scols_table_set_column_separator(w->table, "  ") != 0)
		alloc_die();
	library_columns(w);
	table_view_each(w->view, library_line, w);
	if (scols_print_table_to_string(w->table, &lines) != 0)
		alloc_die();
	add_lines(w->writer, lines);
	scols_unref_table(w->table);
}

/* Adds one cell; *pad is the space due before the next one that is not empty. */
static void add_aligned(struct table_writer *w, size_t i, const char *sequence, size_t *pad)
{
	const struct view_column *c = &w->view->columns[i];
	size_t columns = writer_columns(&w->text);
	size_t rest = c->width > columns ? c->width - columns : 0;

	if (w->text.len > 0) {
		writer_spaces(w->writer, *pad + (c->is_right ? rest : 0));
		*pad = 0;
		sbuf_adds(&w->writer->sink.buf, sequence);
		sbuf_add(&w->writer->sink.buf, w->text.data, w->text.len);
		if (*sequence)
			sbuf_adds(&w->writer->sink.buf, writer_reset(w->writer));
		*pad = c->is_right ? 0 : rest;
	} else {
		*pad += c->width;
	}
	*pad += VIEW_GAP;
}

/* Finds the words of a cell that need no escapes. Returns their length, or 0. */
static size_t plain_words(struct table_writer *w, const struct column *column, size_t i,
			  const struct cell *cell, const char **ret_words)
{
	struct last_number *last = &w->numbers[i];

	*ret_words = cell->s;
	if (column->type == CELL_ID)
		return strlen(cell->s);
	if (column->type == CELL_TEXT)
		return writer_is_plain(cell->s, cell->n) ? cell->n : 0;
	if (last->n == 0 || last->value != cell->u || last->plain != cell->plain) {
		last->n = writer_number(w->writer, last->digits, column, cell);
		last->value = cell->u;
		last->plain = cell->plain;
	}
	*ret_words = last->digits;
	return last->n;
}

/* Writes n spaces, and returns their end. There must be room for SPACES_SHORT. */
static inline char *put_spaces(char *p, size_t n)
{
	/* A copy of constant length is faster, and few gaps are longer. */
	memset(p, ' ', SPACES_SHORT);
	if (n > SPACES_SHORT)
		memset(p, ' ', n);
	return p + n;
}

/*
 * Adds a number, an id or plain text as add_aligned does. Returns false if the cell is none of them,
 * or needs more than that: a branch in front, a tone or to be cut.
 */
static bool add_plain(struct table_writer *w, const struct view_line *line, size_t i,
		      const struct cell *cell, size_t *pad)
{
	const struct view_column *c = &w->view->columns[i];
	struct sbuf *out = &w->writer->sink.buf;
	size_t n, rest, indent = i == 0 ? strlen(line->prefix) : 0;
	const char *words;
	char *p;

	/* The column of another table may have another type, and such a line a branch. */
	if (cell->why || cell->tone || line->columns[i] != c->column || line != &w->view->line)
		return false;
	n = plain_words(w, c->column, i, cell, &words);
	if (n == 0 || indent + n > c->width)
		return false;
	rest = c->width - indent - n;
	*pad += indent + (c->is_right ? rest : 0);
	sbuf_reserve(out, *pad + SPACES_SHORT + n);
	p = put_spaces(out->data + out->len, *pad);
	memcpy(p, words, n);
	sbuf_extend(out, *pad + n);
	*pad = (c->is_right ? 0 : rest) + VIEW_GAP;
	return true;
}

static void aligned_line(void *arg, struct view_line *line)
{
	struct table_writer *w = arg;
	size_t pad = 0;

	if (!sink_goes_on(&w->writer->sink))
		return;
	for (size_t i = 0; i < w->view->n_columns; i++) {
		struct cell cell = line->columns[i] ? view_cell(line, i) : cell_none();

		if (add_plain(w, line, i, &cell, &pad))
			continue;
		table_view_text(w->view, line, i, &cell, &w->text);
		add_aligned(w, i, writer_tone(w->writer, cell.tone), &pad);
	}
	sbuf_addch(&w->writer->sink.buf, '\n');
}

static void write_aligned(struct table_writer *w)
{
	auto_free struct last_number *numbers = xcalloc(w->view->n_columns, sizeof(*numbers));
	size_t pad = 0;

	w->numbers = numbers;
	if (w->writer->opts->headings) {
		for (size_t i = 0; i < w->view->n_columns; i++) {
			table_view_heading(w->view, i, &w->text);
			add_aligned(w, i, writer_bold(w->writer), &pad);
		}
		sbuf_addch(&w->writer->sink.buf, '\n');
	}
	table_view_each(w->view, aligned_line, w);
}

/* Says what is not in the table, below it. */
static void write_omissions(struct table_writer *w)
{
	struct writer *p = w->writer;

	table_view_rest(w->view, &w->text);
	if (w->text.len > 0) {
		writer_add(p, TONE_DIM, w->text.data);
		sbuf_addch(&p->sink.buf, '\n');
	}
	if (w->view->hidden.len > 0 && p->opts->headings) {
		sbuf_reset(&w->text);
		sbuf_addf(&w->text, "no room for: %s", w->view->hidden.data);
		writer_spaces(p, VIEW_GAP);
		writer_wrap(p, VIEW_GAP, VIEW_GAP, TONE_DIM, w->text.data);
	}
}

void writer_table(struct writer *p, const struct table *t)
{
	struct table_view view;
	struct table_writer w = { .writer = p, .view = &view };

	table_view_init(&view, p, t);
	table_view_fit(&view);
	if (view.is_indented && !view.heading)
		writer_title(p, t->title);
	if (t->is_long || t->n_rows > LIBRARY_ROWS)
		write_aligned(&w);
	else if (view.n_columns > 0)
		write_by_library(&w);
	write_omissions(&w);
	sbuf_release(&w.text);
	table_view_release(&view);
}
