/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include <sys/sysmacros.h>

#include "model/snapshot/sources.h"
#include "present/build/cells.h"

static enum cell_type cell_type_of(const struct source *s)
{
	switch (s->type) {
	case SOURCE_BYTES:
	case SOURCE_BYTES_LIMIT:
		return CELL_BYTES;
	case SOURCE_COUNT:
	case SOURCE_COUNT_LIMIT:
	case SOURCE_NUMBER:
		return CELL_COUNT;
	case SOURCE_ADDRESS:
		return CELL_HEX;
	case SOURCE_FLAG:
		return CELL_BOOL;
	}
	return CELL_COUNT;
}

static struct column source_column(const struct source *s)
{
	return (struct column){
		.id = s->id, .title = "", .type = cell_type_of(s), .help = s->help
	};
}

static uint64_t number_at(const void *p, size_t size)
{
	uint32_t narrow;
	uint64_t wide;

	if (size == sizeof(wide)) {
		memcpy(&wide, p, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, p, sizeof(narrow));
	return narrow;
}

static struct cell source_cell(const struct source *s, const void *of)
{
	const void *p = (const char *)of + s->at;
	const struct amount *a = p;

	if (source_is_limit(s) && amount_ok(*a) && a->value == UINT64_MAX)
		return cell_none();
	if (source_is_amount(s))
		return cell_amount(*a);
	if (s->type == SOURCE_FLAG)
		return cell_bool(*(const bool *)p);
	return cell_u64(number_at(p, s->size));
}

/* A level is called by its number: its path is the target's, and `unavailable` needs an id. */
enum { LEVEL_ID, LEVEL_PATH, LEVEL_HEAD };

static const struct table *levels_table(struct report *r, const struct cgroup *cg)
{
	const size_t n_columns = LEVEL_HEAD + N_LEVEL_SOURCES;
	struct column *columns = arena_array(&r->arena, n_columns, struct column);
	struct table *t = report_table(r, columns, n_columns, cg->n);

	columns[LEVEL_ID] = (struct column){ .id = "id", .title = "", .type = CELL_ID };
	columns[LEVEL_PATH] = (struct column){ .id = "path", .title = "", .type = CELL_TEXT };
	for (size_t i = 0; i < N_LEVEL_SOURCES; i++)
		columns[LEVEL_HEAD + i] = source_column(&level_sources[i]);
	for (size_t level = 0; level < cg->n; level++) {
		struct cell *cells = table_row(t, level);

		cells[LEVEL_ID] = cell_text(arena_printf(&r->arena, "%zu", level));
		cells[LEVEL_PATH] = cell_text(cg->levels[level].path);
		for (size_t i = 0; i < N_LEVEL_SOURCES; i++)
			cells[LEVEL_HEAD + i] = source_cell(&level_sources[i], &cg->levels[level]);
	}
	return t;
}

static struct cell get_device(const struct ask *ask)
{
	const struct fd_file *f = ask->row;

	return cell_device(ask->arg, major(f->dev), minor(f->dev));
}

static const struct column held_columns[] = {
	COLUMN("device", "", CELL_TEXT, "major:minor", .get = get_device),
	COLUMN("inode", "", CELL_HEX, "on it", FIELD(struct fd_file, inode)),
	COLUMN("bytes", "", CELL_BYTES, "in memory", FIELD(struct fd_file, bytes)),
	COLUMN("unlinked", "", CELL_BOOL, "without a name", FIELD(struct fd_file, unlinked)),
};

static const struct table *held_table(struct report *r, const struct fdscan *fds)
{
	struct table *t = report_rows(r, held_columns, ARRAY_SIZE(held_columns), fds->files,
				      sizeof(*fds->files), fds->n_files);

	t->is_long = true;
	t->arg = arena_alloc(&r->arena, CELL_DEVICE_MAX);
	return t;
}

static struct cell get_kind(const struct ask *ask)
{
	return cell_text(heap_stat_kind_descs[((const struct heap_stat *)ask->row)->kind].id);
}

static struct cell get_count(const struct ask *ask)
{
	const struct heap_stat *h = ask->row;

	return amount_ok(h->count) ? cell_amount(h->count) : cell_none();
}

static const struct column heap_stat_columns[] = {
	COLUMN("kind", "", CELL_ID, "line, allocator, type or class", .get = get_kind),
	COLUMN("owner", "", CELL_TEXT, "the runtime or allocator", FIELD(struct heap_stat, owner)),
	COLUMN("name", "", CELL_TEXT, "of the line, sum, type or class",
	       FIELD(struct heap_stat, name)),
	COLUMN("count", "", CELL_COUNT, "objects or blocks; null: they are not counted",
	       .get = get_count),
	COLUMN("bytes", "", CELL_BYTES, "of them", FIELD(struct heap_stat, bytes)),
};

static const struct table *heap_stat_rows(struct report *r, const struct heap_stats *h)
{
	struct table *t = report_rows(r, heap_stat_columns, ARRAY_SIZE(heap_stat_columns), h->v,
				      sizeof(*h->v), h->n);

	t->is_long = true;
	return t;
}

static struct cell kinds_cell(struct report *r, const struct heap_stats *h)
{
	auto_sbuf ids = SBUF_INIT;

	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++) {
		const char *id = heap_stat_kind_descs[i].id;

		if (heap_stats_have(h, (enum heap_stat_kind)i))
			sbuf_add(&ids, id, strlen(id) + 1);
	}
	return cell_bytes(arena_strndup(&r->arena, sbuf_str(&ids), ids.len), ids.len);
}

static const struct column heap_stats_columns[] = {
	COLUMN("kinds", "", CELL_LIST, "of rows that were looked for"),
	COLUMN("partial", "", CELL_TEXT, "why the walk was not finished"),
	COLUMN("rows", "", CELL_TABLE, "what was found"),
};

/* NULL unless memory was walked. */
static const struct table *heap_stats_table(struct report *r, const struct heap_stats *h)
{
	struct table *t;

	if (!h->read)
		return NULL;
	t = report_table(r, heap_stats_columns, ARRAY_SIZE(heap_stats_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	table_row(t, 0)[0] = kinds_cell(r, h);
	table_row(t, 0)[1] = cell_reason(h->partial);
	table_row(t, 0)[2] = cell_table(heap_stat_rows(r, h));
	return t;
}

static const struct column tail_columns[] = {
	COLUMN("cgroup_version", "", CELL_COUNT, "of the control groups"),
	COLUMN("cgroups", "", CELL_TABLE, "its own first"),
	COLUMN("holdings", "", CELL_TABLE, "what its memory was found to hold"),
	COLUMN("held_files", "", CELL_TABLE, "files in memory that it has open"),
};

const struct table *build_sources(struct report *r, const struct snapshot *s)
{
	const size_t n_columns = N_SNAPSHOT_SOURCES + ARRAY_SIZE(tail_columns);
	struct column *columns = arena_array(&r->arena, n_columns, struct column);
	struct table *t = report_table(r, columns, n_columns, 1);
	struct cell *cells = table_row(t, 0);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < N_SNAPSHOT_SOURCES; i++) {
		columns[i] = source_column(&snapshot_sources[i]);
		cells[i] = source_cell(&snapshot_sources[i], s);
	}
	memcpy(columns + N_SNAPSHOT_SOURCES, tail_columns, sizeof(tail_columns));
	cells += N_SNAPSHOT_SOURCES;
	cells[0] = s->cgroup.version ? cell_u64((uint64_t)s->cgroup.version)
				     : cell_absent(s->cgroup.why);
	cells[1] = cell_table(levels_table(r, &s->cgroup));
	cells[2] = cell_table(heap_stats_table(r, &s->heap_stats));
	cells[3] = cell_table(held_table(r, &s->fds));
	return t;
}
