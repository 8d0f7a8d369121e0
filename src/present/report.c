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
	r->main = (struct cell){ 0 };
}

void report_set_root(struct report *r, struct table *root, struct cell main)
{
	root->layout = LAYOUT_SECTIONS;
	r->root = root;
	r->main = main;
}

bool report_has_main(const struct report *r)
{
	return r->main.why ? cell_lacks(&r->main) : r->main.t != NULL;
}

struct table *report_rows(struct report *r, const struct column *columns, size_t n_columns,
			  const void *rows, size_t row_size, size_t n_rows)
{
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	*t = (struct table){ .columns = columns,
			     .n_columns = n_columns,
			     .n_rows = n_rows,
			     .rows = rows,
			     .row_size = row_size };
	return t;
}

struct table *report_object(struct report *r, const struct column *columns, size_t n_columns,
			    const void *row)
{
	struct table *t = report_rows(r, columns, n_columns, row, 0, 1);

	t->shape = SHAPE_OBJECT;
	return t;
}

struct table *report_copy(struct report *r, const struct column *columns, size_t n_columns,
			  const void *row, size_t row_size)
{
	return report_object(r, columns, n_columns,
			     memcpy(arena_alloc(&r->arena, row_size), row, row_size));
}

struct row row_at(const struct table *t, size_t row)
{
	size_t index = t->order ? t->order[row] : row;
	struct row at = { .table = t, .ask = { .index = index, .arg = t->arg } };

	assert(row < t->n_rows);
	if (t->row)
		at.ask.row = t->row(t->arg, index);
	else if (t->rows)
		at.ask.row = (const char *)t->rows + index * t->row_size;
	return at;
}

static const void *member(const struct ask *ask)
{
	return (const char *)ask->row + ask->at;
}

struct cell field_u64(const struct ask *ask)
{
	return cell_u64(*(const uint64_t *)member(ask));
}

struct cell field_u32(const struct ask *ask)
{
	return cell_u64(*(const uint32_t *)member(ask));
}

struct cell field_i64(const struct ask *ask)
{
	return cell_i64(*(const int64_t *)member(ask));
}

struct cell field_real(const struct ask *ask)
{
	return cell_real(*(const double *)member(ask));
}

struct cell field_bool(const struct ask *ask)
{
	return cell_bool(*(const bool *)member(ask));
}

struct cell field_amount(const struct ask *ask)
{
	return cell_amount(*(const struct amount *)member(ask));
}

struct cell field_text(const struct ask *ask)
{
	return cell_text(*(const char *const *)member(ask));
}

struct cell field_cell(const struct ask *ask)
{
	return *(const struct cell *)member(ask);
}

struct cell field_table(const struct ask *ask)
{
	return cell_table(*(const struct table *const *)member(ask));
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

/* A row of the list of what is absent. */
struct absence {
	const char *field;
	struct cell cell;
};

struct absences {
	struct arena *arena;
	struct absence *found;
	size_t n;
	size_t cap;
	struct sbuf path; /* "totals." */
};

static void absences_add(struct absences *a, const char *id, const struct cell *cell)
{
	size_t len = a->path.len;
	bool known = false;

	sbuf_adds(&a->path, id);
	/* Several control groups are rows of one id, but a field is listed once. */
	for (size_t i = 0; i < a->n && !known; i++)
		known = streq(a->found[i].field, sbuf_str(&a->path));
	if (!known) {
		a->found = xgrow(a->found, a->n, &a->cap, sizeof(*a->found));
		a->found[a->n++] = (struct absence){
			.field = arena_strdup(a->arena, sbuf_str(&a->path)),
			.cell = *cell,
		};
	}
	a->path.len = len;
}

static void absences_in_table(struct absences *a, const struct table *t, const char *id);

static void absences_in_row(struct absences *a, const struct table *t, size_t row)
{
	struct row at = row_at(t, row);

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column *column = &t->columns[i];
		struct cell cell = cell_none();

		if (!(column->flags & COL_TEXT))
			cell = row_cell(&at, i);
		if (cell_lacks(&cell))
			absences_add(a, column->id, &cell);
		else if (!cell.why && column->type == CELL_TABLE && cell.t)
			absences_in_table(a, cell.t, column->id);
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

	if (t->is_long || (!object && !named))
		return;
	path_enter(a, id);
	row_len = a->path.len;
	for (size_t i = 0; i < t->n_rows; i++) {
		if (named)
			path_enter(a, table_cell(t, i, 0).s);
		absences_in_row(a, t, i);
		a->path.len = row_len;
	}
	a->path.len = len;
}

static struct cell get_reason(const struct ask *ask)
{
	const struct absence *absence = ask->row;

	return cell_text(cell_why(&absence->cell));
}

const struct table *report_unavailable(struct report *r, const struct table *t, size_t row)
{
	static const struct column columns[] = {
		COLUMN("field", "Field", CELL_ID, "what is null", FIELD(struct absence, field)),
		COLUMN("reason", "Reason", CELL_TEXT, "and why", .get = get_reason),
	};
	struct absences a = { .arena = &r->arena, .path = SBUF_INIT };
	struct absence *found;
	struct table *list;

	absences_in_row(&a, t, row);
	found = arena_array(&r->arena, a.n, struct absence);
	if (a.n > 0)
		memcpy(found, a.found, a.n * sizeof(*found));
	list = report_rows(r, columns, ARRAY_SIZE(columns), found, sizeof(*found), a.n);
	list->shape = SHAPE_MAP;
	sbuf_release(&a.path);
	free(a.found);
	return list;
}
