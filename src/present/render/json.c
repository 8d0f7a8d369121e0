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

enum {
	ON_ONE_LINE = -1, /* as an indentation */
	PIECE_SHORT = 48, /* bytes; few keys with a number are longer */
};

/* What stands before the value of a column: comma, line, key. */
struct json_key {
	char *text; /* behind it the last number of the column, which the next row often has too */
	size_t key_len, len; /* without and with the number; the same: there is none yet */
	uint64_t number;
	bool is_number; /* the column has plain numbers */
	size_t column;
	struct json_frame *nested; /* of the last table in this column; NULL: none yet */
};

/* What stands around the values of a row. The same for all tables with these columns. */
struct json_frame {
	struct json_frame *next; /* of all that were made */
	const struct column *columns;
	size_t n_columns;
	int indent;
	struct json_key *keys; /* of the columns that are data */
	size_t n_keys;
	size_t longest_key; /* bytes, without a number */
	struct sbuf tail;
};

struct json_out {
	struct sink sink;
	struct sbuf escaped;       /* scratch */
	struct json_frame *frames; /* all, to be released */
};

static void write_table(struct json_out *o, const struct table *t, int indent,
			struct json_frame **kept);

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

static void add_quoted(struct sbuf *sb, const char *s, size_t n)
{
	char *p;

	sbuf_reserve(sb, n + 2);
	p = sb->data + sb->len;
	*p++ = '"';
	p = mempcpy(p, s, n);
	*p = '"';
	sbuf_extend(sb, n + 2);
}

static void add_hex(struct sbuf *sb, uint64_t v)
{
	char digits[FMT_MAX];

	add_quoted(sb, digits, (size_t)(fmt_put_hex(digits, v) - digits));
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

	if (n == 0) {
		sbuf_add(sb, "\"\"", 2);
		return;
	}
	if (text_is_clean(s, n) && !memchr(s, '"', n)) {
		add_quoted(sb, s, n);
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

static void write_value(struct json_out *o, enum cell_type type, const struct cell *c, int indent,
			struct json_frame **nested)
{
	struct sbuf *sb = &o->sink.buf;

	if (c->why) {
		sbuf_add(sb, "null", 4);
		return;
	}
	switch (type) {
	case CELL_BYTES:
	case CELL_COUNT:
		sbuf_add_u64(sb, c->u);
		break;
	case CELL_ID:
		add_quoted(sb, c->s, strlen(c->s));
		break;
	case CELL_TEXT:
		add_string(o, c->s, c->n);
		break;
	case CELL_LIST:
		add_list(o, c->s, c->n);
		break;
	case CELL_TABLE:
		write_table(o, c->t, indent, nested);
		break;
	case CELL_HEX:
		add_hex(sb, c->u);
		break;
	case CELL_TIME:
		sbuf_addch(sb, '"');
		data_cell_add(sb, type, c);
		sbuf_addch(sb, '"');
		break;
	default:
		data_cell_add(sb, type, c);
		break;
	}
}

static struct json_key key_new(const struct column *column, size_t index, bool first, int indent)
{
	bool is_number = column->type == CELL_BYTES || column->type == CELL_COUNT;
	struct sbuf text = SBUF_INIT;

	sbuf_addch(&text, first ? '{' : ',');
	add_line(&text, deeper(indent));
	add_quoted(&text, column->id, strlen(column->id));
	sbuf_adds(&text, indent == ON_ONE_LINE ? ":" : ": ");
	sbuf_reserve(&text, PIECE_SHORT + FMT_MAX);
	return (struct json_key){ .text = text.data,
				  .key_len = text.len,
				  .len = text.len,
				  .is_number = is_number,
				  .column = index };
}

static struct json_frame *frame_new(const struct table *t, int indent)
{
	struct json_frame *f = xcalloc(1, sizeof(*f));

	*f = (struct json_frame){ .columns = t->columns,
				  .n_columns = t->n_columns,
				  .indent = indent,
				  .keys = xcalloc(t->n_columns, sizeof(*f->keys)) };
	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].flags & COL_TEXT)
			continue;
		f->keys[f->n_keys] = key_new(&t->columns[i], i, f->n_keys == 0, indent);
		f->longest_key = MAX(f->longest_key, f->keys[f->n_keys].len);
		f->n_keys++;
	}
	add_line(&f->tail, indent);
	sbuf_addch(&f->tail, '}');
	return f;
}

/*
 * Returns the frame of a table. *kept is the one that the last table in the same place had, which
 * fits nearly always: each row of a long table may hold a table.
 */
static struct json_frame *frame_of(struct json_out *o, const struct table *t, int indent,
				   struct json_frame **kept)
{
	struct json_frame *f = *kept;

	if (f && f->columns == t->columns && f->n_columns == t->n_columns && f->indent == indent)
		return f;
	f = o->frames;
	while (f &&
	       (f->columns != t->columns || f->n_columns != t->n_columns || f->indent != indent))
		f = f->next;
	if (!f) {
		f = frame_new(t, indent);
		f->next = o->frames;
		o->frames = f;
	}
	*kept = f;
	return f;
}

static void frames_release(struct json_frame *f)
{
	while (f) {
		struct json_frame *next = f->next;

		for (size_t i = 0; i < f->n_keys; i++)
			free(f->keys[i].text);
		sbuf_release(&f->tail);
		free(f->keys);
		free(f);
		f = next;
	}
}

/*
 * Writes the first `len` bytes of a key, and returns their end. There must be room for PIECE_SHORT:
 * most keys are short, and a copy of constant length, which may have more behind it, is faster.
 */
static inline char *put_piece(char *p, const struct json_key *key, size_t len)
{
	if (len <= PIECE_SHORT)
		memcpy(p, key->text, PIECE_SHORT);
	else
		memcpy(p, key->text, len);
	return p + len;
}

static void add_piece(struct sbuf *sb, const struct json_key *key, size_t len)
{
	sbuf_reserve(sb, MAX(len, PIECE_SHORT));
	(void)put_piece(sb->data + sb->len, key, len);
	sbuf_extend(sb, len);
}

/* Makes a number the last one of a column: its text is behind the key. */
static inline void key_set_number(struct json_key *key, uint64_t number)
{
	if (key->len > key->key_len && key->number == number)
		return;
	key->number = number;
	key->len = (size_t)(fmt_put_u64(key->text + key->key_len, number) - key->text);
}

/* The cell stays where its getter put it: a copy of what was just stored makes the processor wait. */
static void write_cell(struct json_out *o, const struct json_frame *f, struct json_key *key,
		       struct row *row)
{
	struct cell cell = row_cell(row, key->column);

	if (cell.why) {
		add_piece(&o->sink.buf, key, key->key_len);
		sbuf_add(&o->sink.buf, "null", 4);
		return;
	}
	if (!key->is_number) {
		add_piece(&o->sink.buf, key, key->key_len);
		write_value(o, row->table->columns[key->column].type, &cell, deeper(f->indent),
			    &key->nested);
		return;
	}
	key_set_number(key, cell.u);
	add_piece(&o->sink.buf, key, key->len);
}

/* Writes the columns of a row that can be asked for at once, of which `keys` is the first. */
static void write_numbers(struct json_out *o, const struct json_frame *f, struct json_key *keys,
			  const struct row *row)
{
	size_t n = row->table->n_numbers;
	struct sbuf *sb = &o->sink.buf;
	uint32_t present;
	const uint64_t *numbers = row->table->numbers(&row->ask, &present);
	char *p;

	sbuf_reserve(sb, n * (f->longest_key + PIECE_SHORT));
	p = sb->data + sb->len;
	for (size_t i = 0; i < n; i++) {
		struct json_key *key = &keys[i];

		if (present >> i & 1) {
			key_set_number(key, numbers[i]);
			p = put_piece(p, key, key->len);
		} else {
			p = mempcpy(put_piece(p, key, key->key_len), "null", 4);
		}
	}
	sbuf_extend(sb, (size_t)(p - (sb->data + sb->len)));
}

static void write_object(struct json_out *o, struct json_frame *f, const struct table *t, size_t i)
{
	struct row row = row_at(t, i);

	for (size_t k = 0; k < f->n_keys; k++) {
		if (t->numbers && f->keys[k].column == t->first_number) {
			write_numbers(o, f, &f->keys[k], &row);
			k += t->n_numbers - 1;
		} else {
			write_cell(o, f, &f->keys[k], &row);
		}
	}
	sbuf_add(&o->sink.buf, f->tail.data, f->tail.len);
}

static bool rows_are_flat(const struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].type == CELL_TABLE && !(t->columns[i].flags & COL_TEXT))
			return false;
	}
	return true;
}

static void write_rows(struct json_out *o, const struct table *t, int indent,
		       struct json_frame **kept)
{
	int row_indent = t->is_long || rows_are_flat(t) ? ON_ONE_LINE : deeper(indent);
	struct sbuf *sb = &o->sink.buf;
	struct json_frame *frame = frame_of(o, t, row_indent, kept);

	for (size_t i = 0; i < t->n_rows && sink_goes_on(&o->sink); i++) {
		sbuf_addch(sb, i == 0 ? '[' : ',');
		add_line(sb, deeper(indent));
		write_object(o, frame, t, i);
	}
	add_line(sb, indent);
	sbuf_addch(sb, ']');
}

static void write_map(struct json_out *o, const struct table *t, int indent,
		      struct json_frame **kept)
{
	struct sbuf *sb = &o->sink.buf;

	for (size_t i = 0; i < t->n_rows && sink_goes_on(&o->sink); i++) {
		struct cell key = table_cell(t, i, 0), value = table_cell(t, i, 1);

		sbuf_addch(sb, i == 0 ? '{' : ',');
		add_line(sb, deeper(indent));
		write_value(o, t->columns[0].type, &key, ON_ONE_LINE, kept);
		sbuf_adds(sb, indent == ON_ONE_LINE ? ":" : ": ");
		write_value(o, t->columns[1].type, &value, deeper(indent), kept);
	}
	add_line(sb, indent);
	sbuf_addch(sb, '}');
}

static void write_table(struct json_out *o, const struct table *t, int indent,
			struct json_frame **kept)
{
	if (!t)
		sbuf_adds(&o->sink.buf, "null");
	else if (t->shape == SHAPE_OBJECT)
		write_object(o, frame_of(o, t, indent, kept), t, 0);
	else if (t->n_rows == 0)
		sbuf_adds(&o->sink.buf, t->shape == SHAPE_MAP ? "{}" : "[]");
	else if (t->shape == SHAPE_MAP)
		write_map(o, t, indent, kept);
	else
		write_rows(o, t, indent, kept);
}

int render_json(const struct report *report, const struct render_opts *opts, FILE *out)
{
	struct json_out o = { .sink.file = out };
	struct json_frame *frame = NULL;
	int r;

	write_table(&o, report->root, opts->record ? ON_ONE_LINE : 0, &frame);
	sbuf_addch(&o.sink.buf, '\n');
	r = sink_finish(&o.sink);
	sink_release(&o.sink);
	sbuf_release(&o.escaped);
	frames_release(o.frames);
	return r;
}
