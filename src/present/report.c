/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/report.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/sbuf.h"

void report_release(struct report *r)
{
	if (!r)
		return;
	arena_release(&r->arena);
	r->root = NULL;
}

struct table *report_table(struct report *r, const struct column *columns, size_t n_columns,
			   size_t n_rows)
{
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	*t = (struct table){ .columns = columns, .n_columns = n_columns, .n_rows = n_rows };
	if (n_rows > 0)
		t->cells = arena_array(&r->arena, n_rows * n_columns, struct cell);
	return t;
}

struct cell *table_row(const struct table *t, size_t row)
{
	assert(t->cells && row < t->n_rows);
	return t->cells + row * t->n_columns;
}

int table_column(const struct table *t, const char *id)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		if (streq(t->columns[i].id, id))
			return (int)i;
	}
	return -1;
}

struct table *report_pick(struct report *r, const struct table *t, const char *ids)
{
	size_t *pick = arena_array(&r->arena, t->n_columns, size_t);
	struct table *copy = arena_alloc(&r->arena, sizeof(*copy));

	*copy = *t;
	copy->pick = pick;
	copy->n_pick = 0;
	for (size_t len; *ids && copy->n_pick < t->n_columns; ids += len + (ids[len] == ',')) {
		len = strcspn(ids, ",");
		for (size_t i = 0; i < t->n_columns; i++) {
			if (strlen(t->columns[i].id) == len &&
			    strncmp(t->columns[i].id, ids, len) == 0)
				pick[copy->n_pick++] = i;
		}
	}
	return copy;
}

const char *cell_time_text(char buf[FMT_MAX], int64_t wall_ns)
{
	int64_t ns = wall_ns % NS_PER_S;
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;
	size_t n;

	if (ns < 0) { /* before 1970 */
		ns += NS_PER_S;
		seconds--;
	}
	(void)gmtime_r(&seconds, &tm);
	n = strftime(buf, FMT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(buf + n, FMT_MAX - n, ".%03dZ", (int)(ns / NS_PER_MS));
	return buf;
}

/* A row of the list to be. */
struct absence {
	struct cell field;
	struct cell why;
};

struct absences {
	struct arena *arena;
	struct absence *found;
	size_t n;
	size_t cap;
	struct sbuf path; /* "totals." */
};

static void absences_add(struct absences *a, const char *id, const char *why)
{
	size_t len = a->path.len;
	bool known = false;

	sbuf_adds(&a->path, id);
	/* Several control groups are rows of one id, but a field is listed once. */
	for (size_t i = 0; i < a->n && !known; i++)
		known = streq(a->found[i].field.s, sbuf_str(&a->path));
	if (!known) {
		a->found = xgrow(a->found, a->n, &a->cap, sizeof(*a->found));
		a->found[a->n++] = (struct absence){
			.field = cell_text(arena_strdup(a->arena, sbuf_str(&a->path))),
			.why = cell_text(why),
		};
	}
	a->path.len = len;
}

static void absences_in_table(struct absences *a, const struct table *t, const char *id);

static void absences_in_row(struct absences *a, const struct table *t, size_t row)
{
	const struct cell *cells = table_row(t, row);

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *column = &t->columns[i];

		if (column->flags & COL_TEXT)
			continue;
		if (cells[i].why && *cells[i].why)
			absences_add(a, column->id, cells[i].why);
		else if (!cells[i].why && column->type == CELL_TABLE && cells[i].t)
			absences_in_table(a, cells[i].t, column->id);
	}
}

static void path_enter(struct absences *a, const char *id)
{
	sbuf_adds(&a->path, id);
	sbuf_addch(&a->path, '.');
}

static void absences_in_table(struct absences *a, const struct table *t, const char *id)
{
	bool object = t->shape == SHAPE_OBJECT;
	bool named = t->shape == SHAPE_ROWS && t->columns[0].type == CELL_ID &&
		     streq(t->columns[0].id, "id");
	size_t len = a->path.len, row_len;

	if (t->fill || (!object && !named))
		return;
	path_enter(a, id);
	row_len = a->path.len;
	for (size_t i = 0; i < t->n_rows; i++) {
		if (named)
			path_enter(a, table_row(t, i)[0].s);
		absences_in_row(a, t, i);
		a->path.len = row_len;
	}
	a->path.len = len;
}

const struct table *report_unavailable(struct report *r, const struct table *t, size_t row)
{
	static const struct column columns[] = {
		{ .id = "field", .title = "Field", .type = CELL_ID, .help = "what is null" },
		{ .id = "reason", .title = "Reason", .type = CELL_TEXT, .help = "and why" },
	};
	struct absences a = { .arena = &r->arena, .path = SBUF_INIT };
	struct table *list;

	absences_in_row(&a, t, row);
	list = report_table(r, columns, ARRAY_SIZE(columns), a.n);
	list->shape = SHAPE_MAP;
	for (size_t i = 0; i < a.n; i++) {
		table_row(list, i)[0] = a.found[i].field;
		table_row(list, i)[1] = a.found[i].why;
	}
	sbuf_release(&a.path);
	free(a.found);
	return list;
}
