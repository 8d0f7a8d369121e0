/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/build/process_columns.h"

/* What the getters need; the text is of the row that was asked for last. */
struct files_arg {
	const struct snapshot *snapshot;
	char device[CELL_DEVICE_MAX];
};

static struct files_arg *files_arg(struct report *r, const struct process_inputs *v)
{
	struct files_arg *arg = arena_alloc(&r->arena, sizeof(*arg));

	arg->snapshot = v->snapshot;
	return arg;
}

static const struct file *file_of(const struct ask *ask)
{
	const struct files_arg *a = ask->arg;

	return &a->snapshot->files[((const struct file_line *)ask->row)->file];
}

static struct cell get_path(const struct ask *ask)
{
	return cell_text(file_of(ask)->path);
}

static struct cell get_category(const struct ask *ask)
{
	return cell_text(category_descs[file_of(ask)->category].id);
}

static struct cell get_package(const struct ask *ask)
{
	const struct files_arg *a = ask->arg;
	uint32_t package = file_of(ask)->package;

	return package ? cell_text(a->snapshot->packages[package].name) : cell_none();
}

static struct cell get_runtime(const struct ask *ask)
{
	const struct files_arg *a = ask->arg;
	uint32_t package = file_of(ask)->package;

	return package ? cell_text(a->snapshot->packages[package].runtime) : cell_none();
}

static struct cell get_deleted(const struct ask *ask)
{
	return cell_bool(file_of(ask)->deleted);
}

static struct cell get_program(const struct ask *ask)
{
	return cell_bool(file_of(ask)->is_program);
}

static struct cell get_tmpfs(const struct ask *ask)
{
	return cell_bool(file_of(ask)->on_tmpfs);
}

static struct cell get_device(const struct ask *ask)
{
	struct files_arg *a = ask->arg;
	const struct file *f = file_of(ask);

	return cell_device(a->device, f->major, f->minor);
}

static struct cell get_inode(const struct ask *ask)
{
	return cell_u64(file_of(ask)->inode);
}

static const struct column file_columns[] = {
	COLUMN("path", "Largest files", CELL_TEXT, "of its first mapping", .flags = COL_TRUNC,
	       .get = get_path),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_DATA,
	       .get = get_category),
	COLUMN("package", "PACKAGE", CELL_TEXT, "the extension package it belongs to",
	       .flags = COL_DATA, .get = get_package),
	COLUMN("runtime", "RUNTIME", CELL_ID, "whose extension that is", .flags = COL_DATA,
	       .get = get_runtime),
	COLUMN("deleted", "DELETED", CELL_BOOL, "no longer there under this name",
	       .flags = COL_DATA, .get = get_deleted),
	COLUMN("program", "PROGRAM", CELL_BOOL, "what the process executes", .flags = COL_DATA,
	       .get = get_program),
	COLUMN("tmpfs", "TMPFS", CELL_BOOL, "in memory: its pages are shared memory",
	       .flags = COL_DATA, .get = get_tmpfs),
	COLUMN("device", "DEVICE", CELL_TEXT, "major:minor", .flags = COL_DATA, .get = get_device),
	COLUMN("inode", "INODE", CELL_HEX, "on it", .flags = COL_DATA, .get = get_inode),
	LINE_RSS(file_line),
	LINE_PSS(file_line),
	LINE_PRIVATE(file_line),
	LINE_MAPPINGS(file_line),
};

enum { FILES_SHOWN = 6, PACKAGES_SHOWN = 8 };

const struct table *build_files(struct report *r, const struct process_inputs *v)
{
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_rows(r, file_columns, ARRAY_SIZE(file_columns), v->accounting->files,
			sizeof(*v->accounting->files), v->accounting->n_files);
	t->layout = LAYOUT_TABLE;
	t->is_long = true;
	t->arg = files_arg(r, v);
	t->text_rows = FILES_SHOWN;
	return t;
}

static const struct package *package_of(const struct ask *ask)
{
	const struct files_arg *a = ask->arg;

	return &a->snapshot->packages[((const struct package_line *)ask->row)->package];
}

static struct cell get_package_name(const struct ask *ask)
{
	return cell_text(package_of(ask)->name);
}

static struct cell get_package_runtime(const struct ask *ask)
{
	return cell_text(package_of(ask)->runtime);
}

static const struct column package_columns[] = {
	COLUMN("name", "Extension packages", CELL_TEXT, "mapped images; not what they allocate",
	       .flags = COL_TRUNC, .get = get_package_name),
	COLUMN("runtime", "RUNTIME", CELL_ID, "whose extension it is", .flags = COL_LEFT,
	       .get = get_package_runtime),
	LINE_RSS(package_line),
	LINE_PSS(package_line),
	LINE_PRIVATE(package_line),
	COLUMN("files", "FILES", CELL_COUNT, "shared objects", FIELD(struct package_line, files)),
};

const struct table *build_packages(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_rows(r, package_columns, ARRAY_SIZE(package_columns), a->packages,
			sizeof(*a->packages), a->n_packages);
	t->layout = LAYOUT_TABLE;
	t->text_rows = PACKAGES_SHOWN;
	t->arg = files_arg(r, v);
	return t;
}
