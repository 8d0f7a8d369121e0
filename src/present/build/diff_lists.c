/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"

enum {
	OWNERS_SHOWN = 5,
	FILES_SHOWN = 6,
	PACKAGES_SHOWN = 8,
	PER_MILLE_SHOWN = 5, /* smaller changes get no line of text of their own */
};

/* A kind of list: how its rows are named, and how many of them text shows. */
struct list_desc {
	const struct column *head;
	size_t n_head;
	size_t text_rows;
};

static struct table *list_table(struct report *r, const struct diff *d,
				const struct diff_list *list, uint64_t grown_bytes, uint64_t least,
				const struct list_desc *desc)
{
	auto_free int64_t *deltas = xcalloc(list->n, sizeof(*deltas));
	struct changes *changes = arena_alloc(&r->arena, sizeof(*changes));
	struct table *t = report_rows(r, change_columns_make(r, desc->head, desc->n_head, NULL, 0),
				      desc->n_head + CHANGE_COLUMNS, list->rows,
				      sizeof(*list->rows), list->n);

	for (size_t i = 0; i < list->n; i++)
		deltas[i] = delta_of(list->rows[i].old_line.rss, list->rows[i].new_line.rss).bytes;
	*changes = (struct changes){ d, grown_bytes };
	t->arg = changes;
	t->layout = LAYOUT_TABLE;
	t->text_hide = change_hide_small(r, deltas, list->n, desc->text_rows, least);
	t->is_long = true;
	return t;
}

static struct cell get_owner_kind(const struct ask *ask)
{
	const struct diff_row *row = ask->row;

	return cell_text(owner_kind_ids[row->kind]);
}

static struct cell get_owner_name(const struct ask *ask)
{
	const struct diff_row *row = ask->row;

	return row->kind == OWNER_NONE ? cell_none() : cell_text(row->name);
}

static struct cell get_owner_label(const struct ask *ask)
{
	const struct diff_row *row = ask->row;

	return cell_text(row->kind == OWNER_NONE ? "unnamed" : row->name);
}

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is", .flags = COL_DATA,
	       .get = get_owner_kind),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is", .flags = COL_DATA, .get = get_owner_name),
	COLUMN("label", "NAME", CELL_TEXT, "whose it is", .flags = COL_TEXT | COL_TRUNC | COL_LAST,
	       .get = get_owner_label),
};

/* What the rows of categories need. */
struct categories_arg {
	struct changes changes;
	const struct table **owners; /* by row */
};

static struct cell get_id(const struct ask *ask)
{
	return cell_text(category_descs[((const struct diff_row *)ask->row)->category].id);
}

static struct cell get_title(const struct ask *ask)
{
	return cell_text(category_descs[((const struct diff_row *)ask->row)->category].title);
}

static struct cell get_owners(const struct ask *ask)
{
	const struct categories_arg *a = ask->arg;

	return cell_table(a->owners[ask->index]);
}

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .flags = COL_DATA,
	       .get = get_id),
	COLUMN("label", "Where RSS changed", CELL_TEXT, "category", .flags = COL_TEXT | COL_TRUNC,
	       .get = get_title),
};

static const struct column category_tail[] = {
	COLUMN("owners", "OWNERS", CELL_TABLE, "whose it is", .flags = COL_TREE, .get = get_owners),
};

/* Returns the change from which on an owner gets a line of text. */
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

/* Returns whether a sole owner gets a line of text: only if its name says more. */
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
		tells_more(owners) ? OWNERS_SHOWN : 0,
	};

	return list_table(r, d, owners, d->owners_grown_bytes, least_owner(d), &desc);
}

const struct table *build_diff_categories(struct report *r, const struct diff *d)
{
	enum { HEAD = ARRAY_SIZE(category_columns), TAIL = ARRAY_SIZE(category_tail) };
	const struct diff_list *list = &d->categories;
	struct categories_arg *a;
	struct table *t;

	if (d->lists_why)
		return NULL;
	a = arena_alloc(&r->arena, sizeof(*a));
	a->changes = (struct changes){ d, list->grown_bytes };
	a->owners = arena_array(&r->arena, list->n, const struct table *);
	for (size_t i = 0; i < list->n; i++)
		a->owners[i] = owners_table(r, d, (enum category)list->rows[i].category);
	t = report_rows(r, change_columns_make(r, category_columns, HEAD, category_tail, TAIL),
			HEAD + CHANGE_COLUMNS + TAIL, list->rows, sizeof(*list->rows), list->n);
	t->layout = LAYOUT_TABLE;
	t->arg = a;
	return t;
}

static struct cell get_perms(const struct ask *ask)
{
	return cell_perms(((const struct diff_row *)ask->row)->perms);
}

static const struct column permission_columns[] = {
	COLUMN("perms", "By permission", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT, .get = get_perms),
};

const struct table *build_diff_permissions(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		permission_columns,
		ARRAY_SIZE(permission_columns),
		N_PERMS,
	};

	return d->lists_why ? NULL : list_table(r, d, &d->perms, d->perms.grown_bytes, 0, &desc);
}

static const struct column file_columns[] = {
	COLUMN("path", "Files that changed most", CELL_TEXT, "of its first mapping",
	       .flags = COL_TRUNC, FIELD(struct diff_row, name)),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_DATA, .get = get_id),
	COLUMN("deleted", "DELETED", CELL_BOOL, "no longer there under this name",
	       .flags = COL_DATA, FIELD(struct diff_row, deleted)),
};

const struct table *build_diff_files(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		file_columns,
		ARRAY_SIZE(file_columns),
		FILES_SHOWN,
	};

	return d->lists_why ? NULL : list_table(r, d, &d->files, d->files.grown_bytes, 0, &desc);
}

static const struct column package_columns[] = {
	COLUMN("name", "Extension packages", CELL_TEXT, "mapped images; not what they allocate",
	       .flags = COL_TRUNC, FIELD(struct diff_row, name)),
	COLUMN("runtime", "RUNTIME", CELL_TEXT, "whose extension it is",
	       FIELD(struct diff_row, runtime)),
};

const struct table *build_diff_packages(struct report *r, const struct diff *d)
{
	static const struct list_desc desc = {
		package_columns,
		ARRAY_SIZE(package_columns),
		PACKAGES_SHOWN,
	};

	return d->lists_why ? NULL
			    : list_table(r, d, &d->packages, d->packages.grown_bytes, 0, &desc);
}
