/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"

enum {
	OWNERS_SHOWN = 5,
	FILES_SHOWN = 6,
	PACKAGES_SHOWN = 8,
	PER_MILLE_SHOWN = 5, /* what changed less is no line of text below another */
};

/* A list of rows, which are made one at a time because there may be as many as mappings. */
struct list_arg {
	struct changes changes;
	const struct diff_list *list;
	size_t n_head;
	void (*fill_head)(const struct diff_row *row, struct cell *cells);
};

static void fill_row(void *arg, size_t i, struct cell *cells)
{
	const struct list_arg *a = arg;
	const struct diff_row *row = &a->list->rows[i];

	a->fill_head(row, cells);
	change_fill(&a->changes, row->status, &row->old_line, &row->new_line, cells + a->n_head);
}

/* A kind of list: how its rows are named, and how many of them text has. */
struct list_desc {
	const struct column *head;
	size_t n_head;
	void (*fill_head)(const struct diff_row *row, struct cell *cells);
	size_t text_rows;
};

static struct table *list_table(struct report *r, const struct diff *d,
				const struct diff_list *list, uint64_t grown_bytes, uint64_t least,
				const struct list_desc *desc)
{
	auto_free int64_t *deltas = xcalloc(list->n, sizeof(*deltas));
	struct list_arg *arg = arena_alloc(&r->arena, sizeof(*arg));
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	for (size_t i = 0; i < list->n; i++)
		deltas[i] = delta_of(list->rows[i].old_line.rss, list->rows[i].new_line.rss).bytes;
	*arg = (struct list_arg){
		.changes = { d, grown_bytes },
		.list = list,
		.n_head = desc->n_head,
		.fill_head = desc->fill_head,
	};
	*t = (struct table){
		.columns = change_columns_make(r, desc->head, desc->n_head, NULL, 0),
		.n_columns = desc->n_head + CHANGE_COLUMNS,
		.layout = LAYOUT_TABLE,
		.text_hide = change_hide_small(r, deltas, list->n, desc->text_rows, least),
		.n_rows = list->n,
		.is_long = true,
		.cells = arena_array(&r->arena, desc->n_head + CHANGE_COLUMNS, struct cell),
		.fill = fill_row,
		.arg = arg,
	};
	return t;
}

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is", .flags = COL_DATA),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is", .flags = COL_DATA),
	COLUMN("label", "NAME", CELL_TEXT, "whose it is", .flags = COL_TEXT | COL_TRUNC | COL_LAST),
};

static void fill_owner(const struct diff_row *row, struct cell *cells)
{
	const struct owner o = { .kind = (enum owner_kind)row->kind, .name = row->name };

	cells[0] = cell_owner_kind(&o);
	cells[1] = o.kind == OWNER_NONE ? cell_none() : cell_text(o.name);
	cells[2] = o.kind == OWNER_NONE ? cell_text("unnamed") : cell_text(o.name);
}

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .flags = COL_DATA),
	COLUMN("label", "Where RSS changed", CELL_TEXT, "category", .flags = COL_TEXT | COL_TRUNC),
};

static const struct column category_tail[] = {
	COLUMN("owners", "OWNERS", CELL_TABLE, "whose it is", .flags = COL_TREE),
};

/* An owner is worth a line of text if it made a notable part of what changed. */
static uint64_t least_owner(const struct diff *d)
{
	uint64_t shrunk = 0;

	for (size_t i = 0; i < d->categories.n; i++) {
		const struct diff_row *row = &d->categories.rows[i];
		int64_t bytes = delta_of(row->old_line.rss, row->new_line.rss).bytes;

		shrunk += bytes < 0 ? (uint64_t)-bytes : 0;
	}
	return (d->categories.grown_bytes + shrunk) / 1000 * PER_MILLE_SHOWN;
}

/* One that is all of a category is worth a line only if its name says more. */
static bool tells_more(const struct diff_list *owners)
{
	enum owner_kind kind = owners->n ? (enum owner_kind)owners->rows[0].kind : OWNER_NONE;

	return owners->n > 1 || kind == OWNER_FILE || kind == OWNER_LIBRARY ||
	       kind == OWNER_PACKAGE || kind == OWNER_RUNTIME;
}

static const struct table *owners_table(struct report *r, const struct diff *d,
					enum category category)
{
	const struct diff_list *owners = &d->owners[category];
	const struct list_desc desc = {
		owner_columns,
		ARRAY_SIZE(owner_columns),
		fill_owner,
		tells_more(owners) ? OWNERS_SHOWN : 0,
	};

	return list_table(r, d, owners, d->owners_grown_bytes, least_owner(d), &desc);
}

const struct table *build_diff_categories(struct report *r, const struct diff *d)
{
	const struct changes changes = { d, d->categories.grown_bytes };
	enum { HEAD = ARRAY_SIZE(category_columns), N = HEAD + CHANGE_COLUMNS + 1 };
	struct table *t;

	if (d->lists_why)
		return NULL;
	t = report_table(r,
			 change_columns_make(r, category_columns, HEAD, category_tail,
					     ARRAY_SIZE(category_tail)),
			 N, d->categories.n);
	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < d->categories.n; i++) {
		const struct diff_row *row = &d->categories.rows[i];
		const struct category_desc *desc = &category_descs[row->category];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(desc->id);
		cells[1] = cell_text(desc->title);
		change_fill(&changes, row->status, &row->old_line, &row->new_line, cells + HEAD);
		cells[N - 1] = cell_table(owners_table(r, d, (enum category)row->category));
	}
	return t;
}

static const struct column permission_columns[] = {
	COLUMN("perms", "By permission", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT),
};

static void fill_permission(const struct diff_row *row, struct cell *cells)
{
	cells[0] = cell_perms(row->perms);
}

const struct table *build_diff_permissions(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		permission_columns,
		ARRAY_SIZE(permission_columns),
		fill_permission,
		N_PERMS,
	};

	return d->lists_why ? NULL : list_table(r, d, &d->perms, d->perms.grown_bytes, 0, &desc);
}

static const struct column file_columns[] = {
	COLUMN("path", "Files that changed most", CELL_TEXT, "of its first mapping",
	       .flags = COL_TRUNC),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_DATA),
	COLUMN("deleted", "DELETED", CELL_BOOL, "no longer there under this name",
	       .flags = COL_DATA),
};

static void fill_file(const struct diff_row *row, struct cell *cells)
{
	cells[0] = cell_text(row->name);
	cells[1] = cell_text(category_descs[row->category].id);
	cells[2] = cell_bool(row->deleted);
}

const struct table *build_diff_files(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		file_columns,
		ARRAY_SIZE(file_columns),
		fill_file,
		FILES_SHOWN,
	};

	return d->lists_why ? NULL : list_table(r, d, &d->files, d->files.grown_bytes, 0, &desc);
}

static const struct column package_columns[] = {
	COLUMN("name", "Extension packages", CELL_TEXT, "mapped images; not what they allocate",
	       .flags = COL_TRUNC),
	COLUMN("runtime", "RUNTIME", CELL_TEXT, "whose extension it is"),
};

static void fill_package(const struct diff_row *row, struct cell *cells)
{
	cells[0] = cell_text(row->name);
	cells[1] = cell_text(row->runtime);
}

const struct table *build_diff_packages(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		package_columns,
		ARRAY_SIZE(package_columns),
		fill_package,
		PACKAGES_SHOWN,
	};

	return d->lists_why ? NULL
			    : list_table(r, d, &d->packages, d->packages.grown_bytes, 0, &desc);
}
