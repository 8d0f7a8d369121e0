/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YAML of the same shape as JSON, through libyaml's emitter, which holds no more than a few events:
 * rows of long tables go through one at a time. Every string is in double quotes, so that no name
 * can be taken for a number, a date or a structure; keys and numbers are bare.
 */
#include "present/render/render.h"

#include <errno.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/text.h"
#include "present/render/data_cell.h"

enum place { ON_LINES, ON_ONE_LINE };

struct yaml_out {
	yaml_emitter_t emitter;
	FILE *file;
	int error;        /* 0, or the first -errno; nothing is written after it */
	struct sbuf text; /* scratch: a value */
};

static void write_table(struct yaml_out *o, const struct table *t, enum place place);

static int write_bytes(void *arg, unsigned char *bytes, size_t n)
{
	struct yaml_out *o = arg;

	errno = 0;
	if (fwrite(bytes, 1, n, o->file) == n)
		return 1;
	o->error = errno ? -errno : -EIO;
	return 0;
}

/* `made` is what initialising the event returned: that, and emitting, can only lack memory. */
static void emit(struct yaml_out *o, yaml_event_t *event, int made)
{
	if (!made)
		alloc_die();
	if (o->error) {
		yaml_event_delete(event);
		return;
	}
	if (!yaml_emitter_emit(&o->emitter, event) && !o->error)
		alloc_die();
}

static void emit_scalar(struct yaml_out *o, const char *s, size_t n, yaml_scalar_style_t style)
{
	yaml_event_t event;

	emit(o, &event,
	     yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)s, (int)n, 1, 1,
					  style));
}

/* What needs no quotes: a key, a number, null. */
static void emit_bare(struct yaml_out *o, const char *s)
{
	emit_scalar(o, s, strlen(s), YAML_PLAIN_SCALAR_STYLE);
}

static void emit_text(struct yaml_out *o, const char *s, size_t n)
{
	sbuf_reset(&o->text);
	text_escape(&o->text, s, n);
	emit_scalar(o, sbuf_str(&o->text), o->text.len, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static void open_list(struct yaml_out *o, enum place place)
{
	yaml_event_t event;

	emit(o, &event,
	     yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						  place == ON_LINES ? YAML_BLOCK_SEQUENCE_STYLE
								    : YAML_FLOW_SEQUENCE_STYLE));
}

static void close_list(struct yaml_out *o)
{
	yaml_event_t event;

	emit(o, &event, yaml_sequence_end_event_initialize(&event));
}

static void open_mapping(struct yaml_out *o, enum place place)
{
	yaml_event_t event;

	emit(o, &event,
	     yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
						 place == ON_LINES ? YAML_BLOCK_MAPPING_STYLE
								   : YAML_FLOW_MAPPING_STYLE));
}

static void close_mapping(struct yaml_out *o)
{
	yaml_event_t event;

	emit(o, &event, yaml_mapping_end_event_initialize(&event));
}

static void write_list(struct yaml_out *o, const char *s, size_t n)
{
	open_list(o, ON_ONE_LINE);
	for (size_t i = 0, len; i < n; i += len + 1) {
		len = strnlen(s + i, n - i);
		emit_text(o, s + i, len);
	}
	close_list(o);
}

static void write_value(struct yaml_out *o, enum cell_type type, const struct cell *c,
			enum place place)
{
	if (c->why) {
		emit_bare(o, "null");
	} else if (type == CELL_TEXT) {
		emit_text(o, c->s, c->n);
	} else if (type == CELL_LIST) {
		write_list(o, c->s, c->n);
	} else if (type == CELL_TABLE) {
		write_table(o, c->t, place);
	} else {
		sbuf_reset(&o->text);
		data_cell_add(&o->text, type, c);
		emit_scalar(o, sbuf_str(&o->text), o->text.len,
			    data_cell_is_string(type) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
						      : YAML_PLAIN_SCALAR_STYLE);
	}
}

/* A counter of 0 is left out: most are, and what was not stated stays null. */
static bool is_left_out(const struct column *column, const struct cell *c)
{
	return (column->flags & COL_SPARSE) && (c->why ? c->why == REASON_BY_DESIGN : c->u == 0);
}

static void write_object(struct yaml_out *o, struct row row, enum place place)
{
	open_mapping(o, place);
	for (size_t i = 0; i < row.table->n_columns; i++) {
		const struct column *column = &row.table->columns[i];
		struct cell cell;

		if (column->flags & COL_TEXT)
			continue;
		cell = row_cell(&row, i);
		if (is_left_out(column, &cell))
			continue;
		emit_bare(o, column->id);
		write_value(o, column->type, &cell, place);
	}
	close_mapping(o);
}

static bool rows_are_flat(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].type == CELL_TABLE && !(t->columns[i].flags & COL_TEXT))
			return false;
	}
	return true;
}

static void write_rows(struct yaml_out *o, const struct table *t, enum place place)
{
	enum place row_place = t->is_long || rows_are_flat(t) ? ON_ONE_LINE : place;

	open_list(o, place);
	for (size_t i = 0; i < t->n_rows && !o->error; i++)
		write_object(o, row_at(t, i), row_place);
	close_list(o);
}

static void write_map(struct yaml_out *o, const struct table *t, enum place place)
{
	open_mapping(o, place);
	for (size_t i = 0; i < t->n_rows; i++) {
		struct cell value = table_cell(t, i, 1);

		emit_bare(o, table_cell(t, i, 0).s);
		write_value(o, t->columns[1].type, &value, place);
	}
	close_mapping(o);
}

static void write_table(struct yaml_out *o, const struct table *t, enum place place)
{
	if (!t)
		emit_bare(o, "null");
	else if (t->shape == SHAPE_OBJECT)
		write_object(o, row_at(t, 0), place);
	else if (t->shape == SHAPE_MAP)
		write_map(o, t, place);
	else
		write_rows(o, t, place);
}

static void write_document(struct yaml_out *o, const struct table *root, bool mark)
{
	yaml_event_t event;

	emit(o, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(o, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, !mark));
	write_table(o, root, ON_LINES);
	emit(o, &event, yaml_document_end_event_initialize(&event, 1));
	emit(o, &event, yaml_stream_end_event_initialize(&event));
}

int render_yaml(const struct report *report, const struct render_opts *opts, FILE *out)
{
	struct yaml_out o = { .file = out };

	if (!yaml_emitter_initialize(&o.emitter))
		alloc_die();
	yaml_emitter_set_output(&o.emitter, write_bytes, &o);
	yaml_emitter_set_unicode(&o.emitter, 1);
	yaml_emitter_set_width(&o.emitter, -1);
	write_document(&o, report->root, opts->record);
	yaml_emitter_delete(&o.emitter);
	sbuf_release(&o.text);
	errno = 0;
	if (!o.error && fflush(out) != 0)
		o.error = errno ? -errno : -EIO;
	return o.error;
}
