/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/table_order.h"

#include <errno.h>

/* "rss" is enough for rss_bytes: what a heading shows has no unit either. */
static bool has_id(const struct column *c, const char *id, size_t len)
{
	return strncmp(c->id, id, len) == 0 && (!c->id[len] || streq(c->id + len, "_bytes"));
}

int columns_find(const struct column *columns, size_t n, const char *id, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (has_id(&columns[i], id, len) && columns[i].type != CELL_TABLE)
			return (int)i;
	}
	return -1;
}

int table_pick(struct report *r, struct table *t, const char *columns, struct err *err)
{
	size_t *pick, n = 0, max = 1;

	if (!columns)
		return 0;
	for (const char *p = columns; *p; p++)
		max += *p == ',';
	pick = arena_array(&r->arena, max, size_t);
	for (const char *p = columns;; p++) {
		size_t len = strcspn(p, ",");
		int column = columns_find(t->columns, t->n_columns, p, len);

		if (column < 0)
			return err_set(err, EINVAL,
				       "column '%.*s': no such column; -O help lists them",
				       (int)MIN(len, (size_t)60), p);
		pick[n++] = (size_t)column;
		p += len;
		if (!*p)
			break;
	}
	t->pick = pick;
	t->n_pick = n;
	return 0;
}

/* What a row is sorted by. */
struct key {
	uint32_t row;
	bool absent;
	enum cell_type type;
	union {
		uint64_t u;
		int64_t i;
		double d;
		const char *s;
	};
};

/* Of two keys that are there, by value. */
static int compare_values(const struct key *a, const struct key *b)
{
	switch (a->type) {
	case CELL_ID:
	case CELL_TEXT:
		return strcmp(a->s, b->s);
	case CELL_DELTA:
	case CELL_RATE:
	case CELL_TIME:
		return (a->i > b->i) - (a->i < b->i);
	case CELL_PERCENT:
	case CELL_RATIO:
	case CELL_SECONDS:
	case CELL_MS:
		return (a->d > b->d) - (a->d < b->d);
	case CELL_BYTES:
	case CELL_COUNT:
	case CELL_HEX:
		return (a->u > b->u) - (a->u < b->u);
	case CELL_BOOL:
	case CELL_LIST:
	case CELL_TABLE:
		break;
	}
	return 0;
}

/* Equal ones keep their order, and absent ones come last, whatever the direction. */
static int compare_keys(const struct key *a, const struct key *b, int direction)
{
	int order = 0;

	if (a->absent != b->absent)
		return a->absent ? 1 : -1;
	if (!a->absent)
		order = direction * compare_values(a, b);
	return order ? order : (a->row > b->row) - (a->row < b->row);
}

static int compare_ascending(const void *a, const void *b)
{
	return compare_keys(a, b, 1);
}

static int compare_descending(const void *a, const void *b)
{
	return compare_keys(a, b, -1);
}

static struct key make_key(struct report *r, const struct table *t, size_t row, size_t column)
{
	struct key k = { .row = (uint32_t)row, .type = t->columns[column].type };
	struct cell c = table_cell(t, row, column);

	k.absent = c.why != REASON_NONE;
	k.u = c.u;
	/* The text is only valid until the next row. */
	if (!k.absent && (k.type == CELL_TEXT || k.type == CELL_ID))
		k.s = arena_strndup(&r->arena, c.s, c.n);
	return k;
}

static void reorder(struct report *r, struct table *t, const struct key *keys)
{
	size_t *order = arena_array(&r->arena, t->n_rows, size_t);
	bool *hide = arena_array(&r->arena, t->n_rows, bool);

	for (size_t i = 0; i < t->n_rows; i++) {
		order[i] = t->order ? t->order[keys[i].row] : keys[i].row;
		hide[i] = t->text_hide && t->text_hide[keys[i].row];
	}
	t->order = order;
	t->text_hide = hide;
}

int table_sort(struct report *r, struct table *t, const char *sort, struct err *err)
{
	bool descending;
	struct key *keys;
	int column;

	if (!sort)
		return 0;
	descending = *sort == '-';
	sort += descending;
	column = columns_find(t->columns, t->n_columns, sort, strlen(sort));
	if (column < 0)
		return err_set(err, EINVAL, "column '%.60s': no such column; -O help lists them",
			       sort);
	keys = arena_array(&r->arena, t->n_rows, struct key);
	for (size_t i = 0; i < t->n_rows; i++)
		keys[i] = make_key(r, t, i, (size_t)column);
	qsort(keys, t->n_rows, sizeof(*keys), descending ? compare_descending : compare_ascending);
	reorder(r, t, keys);
	return 0;
}
