/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, written as it is made. Frame, keys and numbers are put together here, since the rows of a
 * long table are too many to be built as a tree first; strings that need care are jansson's.
 */
#include "present/render/render.h"

#include <jansson.h>

#include "base/alloc.h"
#include "base/text.h"
#include "present/render/data_cell.h"
#include "present/render/sink.h"

enum { ON_ONE_LINE = -1 }; /* as an indentation */

struct json_out {
	struct sink sink;
	struct sbuf escaped; /* scratch */
};

/* What stands before each value of a row: comma, line, key. The same for all rows of a table. */
struct json_frame {
	struct sbuf text;
	size_t *end; /* of the piece of each column; empty for one that is not data */
	struct sbuf tail;
};

static void write_table(struct json_out *o, const struct table *t, int indent);

static void add_line(struct sbuf *sb, int indent)
{
	if (indent == ON_ONE_LINE)
		return;
	sbuf_addch(sb, '\n');
	for (int i = 0; i < indent; i++)
		sbuf_add(sb, "  ", 2);
}

static int deeper(int indent)
{
	return indent == ON_ONE_LINE ? ON_ONE_LINE : indent + 1;
}

static int add_encoded(const char *bytes, size_t n, void *sb)
{
	sbuf_add(sb, bytes, n);
	return 0;
}

static void add_string(struct json_out *o, const char *s, size_t n)
{
	struct sbuf *sb = &o->sink.buf;
	json_t *string;

	if (n == 0 || (text_is_clean(s, n) && !memchr(s, '"', n))) {
		sbuf_addch(sb, '"');
		sbuf_add(sb, s, n);
		sbuf_addch(sb, '"');
		return;
	}
	sbuf_reset(&o->escaped);
	text_escape(&o->escaped, s, n);
	string = json_stringn(o->escaped.data, o->escaped.len);
	/* The text is valid UTF-8, so only memory can be lacking. */
	if (!string || json_dump_callback(string, add_encoded, sb, JSON_ENCODE_ANY) != 0)
		alloc_die();
	json_decref(string);
}

static void add_list(struct json_out *o, const char *s, size_t n)
{
	struct sbuf *sb = &o->sink.buf;

	sbuf_addch(sb, '[');
	for (size_t i = 0, len; i < n; i += len + 1) {
		len = strnlen(s + i, n - i);
		if (i > 0)
			sbuf_adds(sb, ", ");
		add_string(o, s + i, len);
	}
	sbuf_addch(sb, ']');
}

static void add_quoted(struct sbuf *sb, const char *s)
{
	sbuf_addch(sb, '"');
	sbuf_adds(sb, s);
	sbuf_addch(sb, '"');
}

static void write_value(struct json_out *o, enum cell_type type, const struct cell *c, int indent)
{
	struct sbuf *sb = &o->sink.buf;

	if (c->why) {
		sbuf_add(sb, "null", 4);
	} else if (type == CELL_TEXT) {
		add_string(o, c->s, c->n);
	} else if (type == CELL_LIST) {
		add_list(o, c->s, c->n);
	} else if (type == CELL_TABLE) {
		write_table(o, c->t, indent);
	} else if (data_cell_is_string(type)) {
		sbuf_addch(sb, '"');
		data_cell_add(sb, type, c);
		sbuf_addch(sb, '"');
	} else {
		data_cell_add(sb, type, c);
	}
}

static void frame_init(struct json_frame *f, const struct table *t, int indent)
{
	bool first = true;

	*f = (struct json_frame){ .end = xcalloc(t->n_columns, sizeof(*f->end)) };
	for (size_t i = 0; i < t->n_columns; i++) {
		if (!(t->columns[i].flags & COL_TEXT)) {
			sbuf_addch(&f->text, first ? '{' : ',');
			add_line(&f->text, deeper(indent));
			add_quoted(&f->text, t->columns[i].id);
			sbuf_adds(&f->text, indent == ON_ONE_LINE ? ":" : ": ");
			first = false;
		}
		f->end[i] = f->text.len;
	}
	add_line(&f->tail, indent);
	sbuf_addch(&f->tail, '}');
}

static void frame_release(struct json_frame *f)
{
	sbuf_release(&f->text);
	sbuf_release(&f->tail);
	free(f->end);
}

static void write_object(struct json_out *o, const struct json_frame *f, struct row row, int indent)
{
	const struct table *t = row.table;
	struct sbuf *sb = &o->sink.buf;
	size_t at = 0;

	for (size_t i = 0; i < t->n_columns; at = f->end[i++]) {
		struct cell cell;

		if (f->end[i] == at)
			continue;
		sbuf_add(sb, f->text.data + at, f->end[i] - at);
		cell = row_cell(&row, i);
		write_value(o, t->columns[i].type, &cell, deeper(indent));
	}
	sbuf_add(sb, f->tail.data, f->tail.len);
}

static bool rows_are_flat(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].type == CELL_TABLE && !(t->columns[i].flags & COL_TEXT))
			return false;
	}
	return true;
}

static void write_rows(struct json_out *o, const struct table *t, int indent)
{
	int row_indent = t->is_long || rows_are_flat(t) ? ON_ONE_LINE : deeper(indent);
	struct sbuf *sb = &o->sink.buf;
	struct json_frame frame;

	frame_init(&frame, t, row_indent);
	for (size_t i = 0; i < t->n_rows && sink_goes_on(&o->sink); i++) {
		sbuf_addch(sb, i == 0 ? '[' : ',');
		add_line(sb, deeper(indent));
		write_object(o, &frame, row_at(t, i), row_indent);
	}
	add_line(sb, indent);
	sbuf_addch(sb, ']');
	frame_release(&frame);
}

static void write_map(struct json_out *o, const struct table *t, int indent)
{
	struct sbuf *sb = &o->sink.buf;

	for (size_t i = 0; i < t->n_rows && sink_goes_on(&o->sink); i++) {
		struct cell key = table_cell(t, i, 0), value = table_cell(t, i, 1);

		sbuf_addch(sb, i == 0 ? '{' : ',');
		add_line(sb, deeper(indent));
		write_value(o, t->columns[0].type, &key, ON_ONE_LINE);
		sbuf_adds(sb, indent == ON_ONE_LINE ? ":" : ": ");
		write_value(o, t->columns[1].type, &value, deeper(indent));
	}
	add_line(sb, indent);
	sbuf_addch(sb, '}');
}

static void write_single(struct json_out *o, const struct table *t, int indent)
{
	struct json_frame frame;

	frame_init(&frame, t, indent);
	write_object(o, &frame, row_at(t, 0), indent);
	frame_release(&frame);
}

static void write_table(struct json_out *o, const struct table *t, int indent)
{
	if (!t)
		sbuf_adds(&o->sink.buf, "null");
	else if (t->shape == SHAPE_OBJECT)
		write_single(o, t, indent);
	else if (t->n_rows == 0)
		sbuf_adds(&o->sink.buf, t->shape == SHAPE_MAP ? "{}" : "[]");
	else if (t->shape == SHAPE_MAP)
		write_map(o, t, indent);
	else
		write_rows(o, t, indent);
}

int render_json(const struct report *report, const struct render_opts *opts, FILE *out)
{
	struct json_out o = { .sink.file = out };
	int r;

	write_table(&o, report->root, opts->record ? ON_ONE_LINE : 0);
	sbuf_addch(&o.sink.buf, '\n');
	r = sink_finish(&o.sink);
	sink_release(&o.sink);
	sbuf_release(&o.escaped);
	return r;
}
