/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for a person: each table of the report in the layout that it asks for, one below the other.
 */
#include "present/render/render.h"

#include "base/alloc.h"
#include "base/text.h"
#include "present/draw/chart.h"
#include "present/render/table_layout.h"
#include "present/render/text_canvas.h"
#include "present/render/text_log.h"
#include "present/render/text_table.h"
#include "present/render/writer.h"

enum {
	INDENT = 2,     /* of what stands under a title, and of advice under its finding */
	GAP = 2,        /* between phrases, and between the columns of facts */
	MAX_VALUE = 24, /* a longer value does not push the help of the others away */
	CHART_WIDTH = 100,
	CHART_HEIGHT = 16,
	LEAST_HELP = 20, /* columns without which help is left out */
};

static void add_part(struct writer *p, const struct table *t);

/* The cells of a row that text shows, and their columns. */
struct shown {
	const struct table *table;
	struct cell *cells; /* owned */
	size_t *columns;    /* owned: of the table, one for each cell */
	size_t n;
};

#define auto_shown __attribute__((cleanup(shown_release))) struct shown

static struct shown shown_row(const struct table *t, size_t row)
{
	struct shown s = { .table = t };
	struct row at = row_at(t, row);

	s.columns = xcalloc(MAX(t->n_columns, t->n_pick), sizeof(*s.columns));
	s.n = table_shown(t, s.columns);
	s.cells = xcalloc(s.n, sizeof(*s.cells));
	for (size_t i = 0; i < s.n; i++)
		s.cells[i] = row_cell(&at, s.columns[i]);
	return s;
}

static void shown_release(struct shown *s)
{
	free(s->cells);
	free(s->columns);
}

static bool row_is_hidden(const struct table *t, size_t row)
{
	return t->text_hide && t->text_hide[row];
}

static void add_title(struct writer *p, const struct table *t)
{
	if (t->title)
		writer_title(p, t->title);
}

/* The phrase of a cell; empty if there is nothing to say. */
static void phrase_of(const struct writer *p, const struct column *column, const struct cell *cell,
		      struct sbuf *out)
{
	const char *line = column->line ? column->line : "%";
	const char *other = strchr(line, '|'), *mark, *end;

	if (other && (cell->why || column->type != CELL_COUNT || cell->u != 1)) {
		line = other + 1;
		other = NULL;
	}
	end = other ? other : line + strlen(line);
	mark = memrchr(line, '%', (size_t)(end - line));
	sbuf_reset(out);
	if (cell->why == REASON_BY_DESIGN)
		return;
	if (!mark) { /* said or not: a phrase without a value */
		if (cell->why || column->type != CELL_BOOL || cell->b)
			sbuf_add(out, line, (size_t)(end - line));
		return;
	}
	sbuf_add(out, line, (size_t)(mark - line));
	writer_words(p, out, column, cell);
	sbuf_add(out, mark + 1, (size_t)(end - mark - 1));
}

static void add_sentence(struct writer *p, const struct table *t)
{
	auto_shown s = shown_row(t, 0);
	auto_sbuf text = SBUF_INIT, phrase = SBUF_INIT;
	enum tone tone = TONE_PLAIN;

	for (size_t i = 0; i < s.n; i++) {
		const struct cell *cell = &s.cells[i];

		phrase_of(p, &t->columns[s.columns[i]], cell, &phrase);
		sbuf_add(&text, phrase.data, phrase.len);
		tone = MAX(tone, cell->tone);
	}
	writer_begin(p, WRITER_LINES);
	writer_wrap(p, 0, INDENT, tone, sbuf_str(&text));
}

/* Adds a phrase to the line that stands at column `at`, or to the next one. Returns where it ends. */
static size_t add_phrase(struct writer *p, size_t at, const struct column *column,
			 const struct cell *cell, struct sbuf *phrase)
{
	size_t width = writer_width(p), columns = writer_columns(phrase);

	if (at > 0 && columns + GAP > width - MIN(at, width)) {
		sbuf_addch(&p->sink.buf, '\n');
		at = 0;
	}
	if (at > 0) {
		writer_spaces(p, GAP);
		at += GAP;
	}
	if (columns > width && !(column->flags & COL_TRUNC)) {
		writer_wrap(p, 0, INDENT, cell->tone, phrase->data);
		return 0;
	}
	writer_cut(p, phrase, width);
	writer_add(p, cell->tone, phrase->data);
	return at + MIN(columns, width);
}

/* Adds the phrases of the cells first to last - 1 of a row as a line, if there are any. */
static void add_phrases(struct writer *p, const struct shown *s, size_t first, size_t last)
{
	auto_sbuf phrase = SBUF_INIT;
	bool begun = false;
	size_t at = 0;

	for (size_t i = first; i < last; i++) {
		const struct column *column = &s->table->columns[s->columns[i]];
		const struct cell *cell = &s->cells[i];

		phrase_of(p, column, cell, &phrase);
		if (phrase.len == 0)
			continue;
		if (!begun)
			writer_begin(p, WRITER_LINES);
		begun = true;
		at = add_phrase(p, at, column, cell, &phrase);
	}
	if (at > 0)
		sbuf_addch(&p->sink.buf, '\n');
}

static void add_line(struct writer *p, const struct table *t)
{
	for (size_t row = 0; row < t->n_rows; row++) {
		auto_shown s = shown_row(t, row);

		if (!row_is_hidden(t, row))
			add_phrases(p, &s, 0, s.n);
	}
}

/* The value of a fact, with the reason for which there is none. */
static void fact_value(const struct writer *p, const struct column *column, const struct cell *cell,
		       struct sbuf *out)
{
	sbuf_reset(out);
	writer_words(p, out, column, cell);
	if (cell_lacks(cell))
		sbuf_addf(out, " (%s)", cell_why(cell));
}

/* Columns of the titles, and of the values that are not too long. */
struct fact_widths {
	size_t title;
	size_t value;
};

static struct fact_widths fact_widths(const struct writer *p, const struct shown *s)
{
	struct fact_widths w = { 0, 0 };
	auto_sbuf text = SBUF_INIT;

	for (size_t i = 0; i < s->n; i++) {
		const struct column *column = &s->table->columns[s->columns[i]];
		size_t columns;

		fact_value(p, column, &s->cells[i], &text);
		columns = writer_columns(&text);
		if (columns <= MAX_VALUE)
			w.value = MAX(w.value, columns);
		w.title = MAX(w.title, text_width(column->title));
	}
	return w;
}

static void add_fact(struct writer *p, const struct fact_widths *w, size_t indent,
		     const struct column *column, const struct cell *cell)
{
	size_t value_at = indent + w->title + GAP, help_at = value_at + w->value + GAP;
	size_t width = writer_width(p), columns, pad;
	auto_sbuf text = SBUF_INIT;

	fact_value(p, column, cell, &text);
	columns = writer_columns(&text);
	pad = w->value > columns ? w->value - columns : 0;
	writer_spaces(p, indent);
	writer_add(p, TONE_PLAIN, column->title);
	writer_spaces(p, w->title - text_width(column->title) + GAP);
	if (!cell->why && writer_is_right(column) && value_at + w->value <= width) {
		writer_spaces(p, pad);
		value_at += pad;
		pad = 0;
	}
	if (!column->help || columns > w->value || width < help_at + LEAST_HELP) {
		writer_wrap(p, value_at, indent + w->title + GAP, cell->tone, sbuf_str(&text));
		return;
	}
	writer_add(p, cell->tone, sbuf_str(&text));
	writer_spaces(p, pad + GAP);
	writer_wrap(p, help_at, help_at, TONE_DIM, column->help);
}

static void add_facts(struct writer *p, const struct table *t)
{
	writer_begin(p, WRITER_BLOCK);
	add_title(p, t);
	for (size_t row = 0; row < t->n_rows; row++) {
		auto_shown s = shown_row(t, row);
		struct fact_widths w = fact_widths(p, &s);

		for (size_t i = 0; i < s.n; i++) {
			const struct column *column = &t->columns[s.columns[i]];

			if (column->type != CELL_TABLE)
				add_fact(p, &w, t->title ? INDENT : 0, column, &s.cells[i]);
		}
	}
}

/* The mark of a row of sentences: that of the gravest of its ids. */
static enum tone item_tone(const struct shown *s)
{
	enum tone tone = TONE_PLAIN;

	for (size_t i = 0; i < s->n; i++) {
		const struct cell *cell = &s->cells[i];

		if (s->table->columns[s->columns[i]].type == CELL_ID && cell->tone > tone)
			tone = cell->tone;
	}
	return tone;
}

static void add_item(struct writer *p, const struct shown *s, size_t indent)
{
	static const char *const marks[] = {
		[TONE_PLAIN] = "-", [TONE_DIM] = "-",  [TONE_GOOD] = "+",
		[TONE_WARN] = "!",  [TONE_BAD] = "!!",
	};
	enum tone tone = item_tone(s);
	size_t text_at = indent + strlen(marks[TONE_BAD]) + 1;
	auto_sbuf text = SBUF_INIT;
	bool first = true;

	writer_spaces(p, indent);
	writer_add(p, tone, marks[tone]);
	writer_spaces(p, text_at - indent - strlen(marks[tone]));
	for (size_t i = 0; i < s->n; i++) {
		const struct column *column = &s->table->columns[s->columns[i]];
		const struct cell *cell = &s->cells[i];

		if (column->type == CELL_ID || column->type == CELL_TABLE || cell->why)
			continue;
		sbuf_reset(&text);
		writer_words(p, &text, column, cell);
		if (!first)
			writer_spaces(p, text_at + INDENT);
		writer_wrap(p, first ? text_at : text_at + INDENT,
			    first ? text_at : text_at + INDENT, cell->tone, sbuf_str(&text));
		first = false;
	}
}

static void add_items(struct writer *p, const struct table *t)
{
	writer_begin(p, WRITER_BLOCK);
	add_title(p, t);
	for (size_t row = 0; row < t->n_rows; row++) {
		auto_shown s = shown_row(t, row);

		if (!row_is_hidden(t, row))
			add_item(p, &s, t->title ? INDENT : 0);
	}
}

static void add_table(struct writer *p, const struct table *t)
{
	writer_begin(p, WRITER_BLOCK);
	writer_table(p, t);
}

static void add_chart(struct writer *p, const struct table *t)
{
	size_t width = MIN(writer_width(p), (size_t)CHART_WIDTH);
	struct chart_place place = { 0, 0, width, CHART_HEIGHT };
	auto_canvas c;

	canvas_init(&c, width, CHART_HEIGHT);
	chart_draw(t->chart, &c, place, p->opts->unit, p->opts->ascii);
	writer_begin(p, WRITER_BLOCK);
	writer_canvas(p, &c);
}

/*
 * The cells of each row in their order: tables by their own layout, and runs of others that have a
 * phrase as a line.
 */
static void add_sections(struct writer *p, const struct table *t)
{
	for (size_t row = 0; row < t->n_rows; row++) {
		auto_shown s = shown_row(t, row);

		if (p->last != WRITER_NOTHING && t->shape == SHAPE_ROWS)
			p->last = WRITER_BLOCK; /* one row does not join another's lines */
		if (t->title) {
			if (p->last != WRITER_NOTHING)
				p->last = WRITER_BLOCK;
			writer_begin(p, WRITER_LINES);
			writer_title(p, t->title);
		}
		for (size_t i = 0, end; i < s.n; i = end) {
			const struct cell *cell = &s.cells[i];

			end = i;
			while (end < s.n && t->columns[s.columns[end]].type != CELL_TABLE &&
			       t->columns[s.columns[end]].line)
				end++;
			add_phrases(p, &s, i, end);
			if (end > i)
				continue;
			end++;
			if (t->columns[s.columns[i]].type == CELL_TABLE && !cell->why && cell->t)
				add_part(p, cell->t);
		}
	}
}

static void add_empty(struct writer *p, const struct table *t)
{
	size_t indent = t->title ? INDENT : 0;

	if (!t->empty)
		return;
	writer_begin(p, WRITER_BLOCK);
	add_title(p, t);
	writer_spaces(p, indent);
	writer_wrap(p, indent, indent, TONE_PLAIN, t->empty);
}

/* True if text leaves out each row that there is. */
static bool is_empty(const struct table *t)
{
	for (size_t row = 0; row < t->n_rows; row++) {
		if (!row_is_hidden(t, row))
			return false;
	}
	return true;
}

static void add_part(struct writer *p, const struct table *t)
{
	static void (*const layouts[])(struct writer * p, const struct table *t) = {
		[LAYOUT_SECTIONS] = add_sections, [LAYOUT_LINE] = add_line,
		[LAYOUT_SENTENCE] = add_sentence, [LAYOUT_FACTS] = add_facts,
		[LAYOUT_TABLE] = add_table,       [LAYOUT_CHART] = add_chart,
		[LAYOUT_ITEMS] = add_items,       [LAYOUT_LOG] = writer_log,
	};

	if (t->layout == LAYOUT_HIDDEN)
		return;
	if (is_empty(t))
		add_empty(p, t);
	else
		layouts[t->layout](p, t);
}

int render_text(const struct report *report, const struct render_opts *opts, FILE *out)
{
	struct render_opts fitted = *opts;
	struct writer p = { .opts = &fitted, .sink.file = out };
	int r;

	/* Boxes and blocks are for locales that can show them. */
	fitted.ascii = opts->ascii || mbstowcs(NULL, "█", 0) == (size_t)-1;
	add_part(&p, report->root);
	r = sink_finish(&p.sink);
	sink_release(&p.sink);
	return r;
}
