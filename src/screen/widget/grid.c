/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/grid.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "present/render/table_layout.h"
#include "screen/data/order.h"

/* The key that rows are sorted by. */
struct grid_key {
	size_t row;
	bool absent, ascending;
	double number;
	const char *text; /* NULL: the key is a number */
};

void grid_init(struct grid *g, const char *sort)
{
	*g = (struct grid){ .sort = sort ? sort + (*sort == '-') : "",
			    .ascending = !sort || *sort != '-' };
}

void grid_release(struct grid *g)
{
	free(g->cells);
	free(g->filter);
	free(g->search);
	free(g->rows);
	free(g->key);
	free(g->columns);
	free(g->widths);
}

size_t grid_row(const struct grid *g)
{
	return g->table && g->cursor < g->n ? g->rows[g->cursor] : SIZE_MAX;
}

static bool is_text(const struct column *column)
{
	return column->type == CELL_TEXT || column->type == CELL_ID;
}

/* Returns whether a text of the row, or its address, contains the text that is searched. */
static bool row_matches(struct grid *g, size_t row, const struct matcher *m)
{
	const struct cell *cells = grid_cells(g, row);
	char hex[24];

	for (size_t i = 0; i < g->table->n_columns; i++) {
		const struct column *column = &g->table->columns[i];
		auto_free char *text = NULL;

		if (cells[i].why)
			continue;
		if (column->type == CELL_HEX) {
			(void)snprintf(hex, sizeof(hex), "%llx", (unsigned long long)cells[i].u);
			if (matcher_has_text(m, hex))
				return true;
		} else if (column->type == CELL_ID) {
			if (matcher_has_text(m, cells[i].s))
				return true;
		} else if (column->type == CELL_TEXT) {
			text = xstrndup(cells[i].s, cells[i].n);
			if (matcher_has_text(m, text))
				return true;
		}
	}
	return false;
}

static double number_of(const struct column *column, const struct cell *cell)
{
	switch (column->type) {
	case CELL_DELTA:
	case CELL_RATE:
	case CELL_TIME:
		return (double)cell->i;
	case CELL_PERCENT:
	case CELL_RATIO:
	case CELL_SECONDS:
	case CELL_MS:
		return cell->d;
	case CELL_BOOL:
		return cell->b;
	default:
		return (double)cell->u;
	}
}

static struct grid_key key_of(const struct grid *g, size_t row, int column, struct arena *arena)
{
	struct grid_key key = { .row = row, .ascending = g->ascending };
	const struct column *d;
	struct cell cell;

	if (column < 0)
		return key;
	d = &g->table->columns[column];
	cell = table_cell(g->table, row, (size_t)column);
	key.absent = cell.why != REASON_NONE;
	if (key.absent)
		return key;
	if (d->type == CELL_ID)
		key.text = cell.s;
	else if (d->type == CELL_TEXT)
		key.text = arena_strndup(arena, cell.s, cell.n);
	else
		key.number = number_of(d, &cell);
	return key;
}

/* Absent values come last; equal ones keep the order of the table. */
static int compare_keys(const void *pa, const void *pb)
{
	const struct grid_key *a = pa, *b = pb;
	int order = 0;

	if (a->absent != b->absent)
		return a->absent ? 1 : -1;
	if (a->text && b->text)
		order = strcmp(a->text, b->text);
	else if (!a->absent)
		order = (a->number > b->number) - (a->number < b->number);
	if (order != 0)
		return a->ascending ? order : -order;
	return (a->row > b->row) - (a->row < b->row);
}

/* Returns a text that identifies a row: all of its texts and its address. */
static char *row_key(struct grid *g, size_t row)
{
	const struct cell *cells = grid_cells(g, row);
	auto_sbuf key = SBUF_INIT;

	for (size_t k = 0; k < g->n_columns; k++) {
		const struct column *column = &g->table->columns[g->columns[k]];
		const struct cell *cell = &cells[g->columns[k]];

		if (cell->why)
			continue;
		if (column->type == CELL_HEX)
			sbuf_add_hex(&key, cell->u);
		else if (is_text(column))
			sbuf_add(&key, cell->s,
				 column->type == CELL_ID ? strlen(cell->s) : cell->n);
		sbuf_addch(&key, '\t');
	}
	return sbuf_steal(&key);
}

static void move_to(struct grid *g, size_t line)
{
	g->cursor = g->n ? MIN(line, g->n - 1) : 0;
	free(g->key);
	/* On the first line the cursor stays there, whichever row moves there. */
	g->key = g->n && g->cursor > 0 ? row_key(g, g->rows[g->cursor]) : NULL;
}

static void follow(struct grid *g)
{
	for (size_t i = 0; g->key && i < g->n; i++) {
		auto_free char *key = row_key(g, g->rows[i]);

		if (streq(key, g->key)) {
			g->cursor = i;
			return;
		}
	}
	move_to(g, g->key ? g->cursor : 0);
}

/* Filters and sorts the rows again. */
static void arrange(struct grid *g)
{
	size_t n_rows = g->table ? g->table->n_rows : 0;
	auto_free struct grid_key *keys = xcalloc(n_rows + 1, sizeof(*keys));
	struct arena arena = ARENA_INIT;
	bool filters = g->filter && *g->filter;
	int column = n_rows ? table_column(g->table, g->sort) : -1;
	struct matcher matcher;

	if (filters)
		matcher_init(&matcher, g->filter);
	g->n = 0;
	for (size_t row = 0; row < n_rows; row++) {
		if (!filters || row_matches(g, row, &matcher))
			keys[g->n++] = key_of(g, row, column, &arena);
	}
	if (filters)
		matcher_release(&matcher);
	qsort(keys, g->n, sizeof(*keys), compare_keys);
	g->rows = xreallocarray(g->rows, g->n + 1, sizeof(*g->rows));
	for (size_t i = 0; i < g->n; i++)
		g->rows[i] = keys[i].row;
	arena_release(&arena);
	follow(g);
}

static void choose_columns(struct grid *g, bool is_same)
{
	const struct table *t = g->table;
	size_t n;

	g->cells = xreallocarray(g->cells, t->n_columns + 1, sizeof(*g->cells));
	g->columns = xreallocarray(g->columns, t->n_columns + t->n_pick + 1, sizeof(*g->columns));
	g->widths = xreallocarray(g->widths, t->n_columns + 1, sizeof(*g->widths));
	if (!is_same)
		memset(g->widths, 0, t->n_columns * sizeof(*g->widths));
	n = table_shown(t, g->columns);
	g->n_columns = 0;
	for (size_t i = 0; i < n; i++) {
		enum cell_type type = t->columns[g->columns[i]].type;

		if (type != CELL_TABLE && type != CELL_LIST)
			g->columns[g->n_columns++] = g->columns[i];
	}
}

void grid_set(struct grid *g, const struct table *table)
{
	bool is_same = table && g->n_before == table->n_columns &&
		       streq(g->first_before, table->columns[0].id);

	g->table = table;
	g->n_columns = g->n = 0;
	if (!table)
		return; /* the cursor keeps its key for the next table */
	choose_columns(g, is_same);
	g->n_before = table->n_columns;
	g->first_before = table->columns[0].id;
	arrange(g);
}

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = value && *value ? xstrdup(value) : NULL;
}

void grid_filter(struct grid *g, const char *filter)
{
	set_text(&g->filter, filter);
	if (g->table)
		arrange(g);
}

/* Moves to the next line with the text, in a direction, from the one at `from` on. */
static bool search_from(struct grid *g, size_t from, bool back)
{
	struct matcher m;
	bool found = false;

	if (!g->search || !g->n)
		return false;
	matcher_init(&m, g->search);
	for (size_t i = 0; i < g->n && !found; i++) {
		size_t at = (from + (back ? g->n - i : i)) % g->n;

		found = row_matches(g, g->rows[at], &m);
		if (found)
			move_to(g, at);
	}
	matcher_release(&m);
	return found;
}

static void search_again(struct grid *g, struct screen *s, bool back)
{
	if (!g->search)
		screen_say(s, TONE_WARN, "no text to search for: press /");
	else if (!search_from(g, g->cursor + (back ? g->n - 1 : 1), back))
		screen_say(s, TONE_WARN, "not found: %s", g->search);
}

static void sort_by(struct grid *g, struct screen *s, const struct column *column)
{
	g->sort = column->id;
	g->ascending = is_text(column) || column->type == CELL_HEX;
	move_to(g, 0);
	arrange(g);
	screen_say(s, TONE_DIM, "sorted by %s: %s", column->title, column->help);
}

/* Sorts by the next column that can be shown, in a direction. */
static void sort_by_neighbour(struct grid *g, struct screen *s, bool back)
{
	size_t n = g->n_columns, at = 0;

	while (at < n && !streq(g->table->columns[g->columns[at]].id, g->sort))
		at++;
	if (n > 0)
		sort_by(g, s,
			&g->table->columns[g->columns[(at < n ? at + (back ? n - 1 : 1) : 0) % n]]);
}

static void sort_by_id(struct grid *g, struct screen *s, const char *id)
{
	int column = table_column(g->table, id);

	if (column >= 0)
		sort_by(g, s, &g->table->columns[column]);
}

static bool move(struct grid *g, enum action action)
{
	switch (action) {
	case ACT_UP:
		move_to(g, g->cursor ? g->cursor - 1 : 0);
		break;
	case ACT_DOWN:
		move_to(g, g->cursor + 1);
		break;
	case ACT_PAGE_UP:
		move_to(g, g->cursor > g->page ? g->cursor - g->page : 0);
		break;
	case ACT_PAGE_DOWN:
		move_to(g, g->cursor + MAX(g->page, (size_t)1));
		break;
	case ACT_HOME:
		move_to(g, 0);
		break;
	case ACT_END:
		move_to(g, SIZE_MAX);
		break;
	default:
		return false;
	}
	return true;
}

bool grid_act(struct grid *g, struct screen *s, enum action action)
{
	if (!g->table)
		return false;
	if (move(g, action))
		return true;
	switch (action) {
	case ACT_SEARCH:
		g->search_from = g->cursor;
		screen_ask(s, action, "Search: ", NULL);
		break;
	case ACT_SEARCH_NEXT:
	case ACT_SEARCH_BACK:
		search_again(g, s, action == ACT_SEARCH_BACK);
		break;
	case ACT_FILTER:
		screen_ask(s, action, "Filter: ", g->filter);
		break;
	case ACT_SORT_NEXT:
	case ACT_SORT_PREVIOUS:
		sort_by_neighbour(g, s, action == ACT_SORT_PREVIOUS);
		break;
	case ACT_SORT_RSS:
		sort_by_id(g, s, "rss_bytes");
		break;
	case ACT_SORT_PSS:
		sort_by_id(g, s, "pss_bytes");
		break;
	case ACT_INVERT:
		g->ascending = !g->ascending;
		arrange(g);
		break;
	case ACT_BACK:
		if (!g->filter)
			return false;
		grid_filter(g, NULL);
		break;
	default:
		return false;
	}
	return true;
}

void grid_answer(struct grid *g, struct screen *s, enum action asked, const char *text,
		 bool is_final)
{
	if (asked == ACT_FILTER) {
		grid_filter(g, text);
		return;
	}
	if (text && *text) {
		set_text(&g->search, text);
		if (search_from(g, g->search_from, false))
			return;
	}
	move_to(g, g->search_from);
	if (text && *text && is_final)
		screen_say(s, TONE_WARN, "not found: %s", text);
}

bool grid_click(struct grid *g, struct screen *s, size_t x, size_t y)
{
	const struct column *column = y + 1 == g->top ? grid_column_at(g, x) : NULL;

	if (column && streq(column->id, g->sort))
		(void)grid_act(g, s, ACT_INVERT);
	else if (column)
		sort_by(g, s, column);
	if (!g->table || y < g->top || y - g->top >= g->page || g->scroll + y - g->top >= g->n)
		return false;
	move_to(g, g->scroll + y - g->top);
	return true;
}

const struct table *grid_table(struct grid *g, struct report *r)
{
	size_t *order;
	struct table *t;

	if (!g->table)
		return NULL;
	order = arena_array(&r->arena, g->n, size_t);
	for (size_t i = 0; i < g->n; i++)
		order[i] = g->table->order ? g->table->order[g->rows[i]] : g->rows[i];
	t = arena_alloc(&r->arena, sizeof(*t));
	*t = *g->table;
	t->n_rows = g->n;
	t->order = order;
	t->is_long = true;
	t->text_rows = 0;
	t->text_hide = NULL;
	t->title = NULL;
	return t;
}
