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

static struct column source_column(const struct source *s, cell_get_fn *get, size_t i)
{
	return (struct column)COLUMN(s->id, "", cell_type_of(s), s->help, .get = get, .at = i);
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

static struct cell get_level_id(const struct ask *ask)
{
	(void)snprintf(ask->arg, FMT_MAX, "%zu", ask->index);
	return cell_text(ask->arg);
}

static struct cell get_level(const struct ask *ask)
{
	return source_cell(&level_sources[ask->at], ask->row);
}

/* A level has its number as an id, which `unavailable` needs: its path may hold any bytes. */
static const struct column level_head[] = {
	COLUMN("id", "", CELL_ID, "its number", .get = get_level_id),
	COLUMN("path", "", CELL_TEXT, "of the control group", FIELD(struct cgroup_level, path)),
};

static const struct table *levels_table(struct report *r, const struct cgroup *cg)
{
	enum { HEAD = ARRAY_SIZE(level_head) };
	struct column *columns = arena_array(&r->arena, HEAD + N_LEVEL_SOURCES, struct column);
	struct table *t = report_rows(r, columns, HEAD + N_LEVEL_SOURCES, cg->levels,
				      sizeof(*cg->levels), cg->n);

	memcpy(columns, level_head, sizeof(level_head));
	for (size_t i = 0; i < N_LEVEL_SOURCES; i++)
		columns[HEAD + i] = source_column(&level_sources[i], get_level, i);
	t->arg = arena_alloc(&r->arena, FMT_MAX);
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
	struct table *t = TABLE_OF(r, held_columns, fds->files, fds->n_files);

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
	struct table *t = TABLE_OF(r, heap_stat_columns, h->v, h->n);

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

struct heap_stats_row {
	struct cell kinds, partial;
	const struct table *rows;
};

static const struct column heap_stats_columns[] = {
	COLUMN("kinds", "", CELL_LIST, "of rows that were looked for",
	       FIELD(struct heap_stats_row, kinds)),
	COLUMN("partial", "", CELL_TEXT, "why the walk was not finished",
	       FIELD(struct heap_stats_row, partial)),
	COLUMN("rows", "", CELL_TABLE, "what was found", FIELD(struct heap_stats_row, rows)),
};

/* Returns NULL unless memory was walked. */
static const struct table *heap_stats_table(struct report *r, const struct heap_stats *h)
{
	struct heap_stats_row *row = arena_alloc(&r->arena, sizeof(*row));

	if (!h->read)
		return NULL;
	*row = (struct heap_stats_row){ kinds_cell(r, h), cell_reason(h->partial),
					heap_stat_rows(r, h) };
	return report_object(r, heap_stats_columns, ARRAY_SIZE(heap_stats_columns), row);
}

/* The tables of a snapshot. */
struct lists {
	const struct table *cgroups, *heap_stats, *held;
};

static struct cell get_list(const struct ask *ask)
{
	return field_table(&(struct ask){ .row = ask->arg, .at = ask->at });
}

static struct cell get_cgroup_version(const struct ask *ask)
{
	const struct cgroup *cg = &((const struct snapshot *)ask->row)->cgroup;

	return cg->version ? cell_u64((uint64_t)cg->version) : cell_absent(cg->why);
}

static struct cell get_source(const struct ask *ask)
{
	return source_cell(&snapshot_sources[ask->at], ask->row);
}

static const struct column tail_columns[] = {
	COLUMN("cgroup_version", "", CELL_COUNT, "of the control groups",
	       .get = get_cgroup_version),
	COLUMN("cgroups", "", CELL_TABLE, "its own first", .get = get_list,
	       .at = offsetof(struct lists, cgroups)),
	COLUMN("holdings", "", CELL_TABLE, "what its memory was found to hold", .get = get_list,
	       .at = offsetof(struct lists, heap_stats)),
	COLUMN("held_files", "", CELL_TABLE, "files in memory that it has open", .get = get_list,
	       .at = offsetof(struct lists, held)),
};

const struct table *build_sources(struct report *r, const struct snapshot *s)
{
	const size_t n_columns = N_SNAPSHOT_SOURCES + ARRAY_SIZE(tail_columns);
	struct column *columns = arena_array(&r->arena, n_columns, struct column);
	struct table *t = report_object(r, columns, n_columns, s);
	struct lists *lists = arena_alloc(&r->arena, sizeof(*lists));

	*lists = (struct lists){ levels_table(r, &s->cgroup), heap_stats_table(r, &s->heap_stats),
				 held_table(r, &s->fds) };
	t->arg = lists;
	for (size_t i = 0; i < N_SNAPSHOT_SOURCES; i++)
		columns[i] = source_column(&snapshot_sources[i], get_source, i);
	memcpy(columns + N_SNAPSHOT_SOURCES, tail_columns, sizeof(tail_columns));
	return t;
}
