/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "walk/runtime/cpython/cpython.h"

static struct cell get_block_bytes(const struct ask *ask)
{
	return cell_u64((ask->index + 1) * PYMALLOC_ALIGN);
}

static const struct column pool_class_columns[] = {
	COLUMN("block_bytes", "", CELL_BYTES, "size of a block", .get = get_block_bytes),
	COLUMN("pools", "", CELL_COUNT, "in use", FIELD(struct pymalloc_class, pools)),
	COLUMN("live_blocks", "", CELL_COUNT, "in use", FIELD(struct pymalloc_class, live_blocks)),
	COLUMN("free_blocks", "", CELL_COUNT, "free in these pools",
	       FIELD(struct pymalloc_class, free_blocks)),
};

/* Sums over all interpreters. */
struct pymalloc_row {
	struct pymalloc_stats sum;
	const struct table *classes;
};

/* Returns the free bytes in pools that are in use. */
static struct cell get_free_among(const struct ask *ask)
{
	const struct pymalloc_row *row = ask->row;

	return cell_u64(row->sum.total.free_bytes - row->sum.total.idle_bytes);
}

static const struct column pymalloc_columns[] = {
	COLUMN("arenas", "", CELL_COUNT, "mappings", .line = "pymalloc: % arena|pymalloc: % arenas",
	       FIELD(struct pymalloc_row, sum.arenas)),
	COLUMN("arena_bytes", "", CELL_BYTES, "of them", .line = "%",
	       FIELD(struct pymalloc_row, sum.total.system_bytes)),
	COLUMN("live_bytes", "", CELL_BYTES, "blocks in use", .line = "% live",
	       FIELD(struct pymalloc_row, sum.total.live_bytes)),
	COLUMN("free_bytes", "", CELL_BYTES, "free in pools that are in use",
	       .line = "% free among them", .get = get_free_among),
	COLUMN("free_pool_bytes", "", CELL_BYTES, "pools that are empty",
	       .line = "% in empty pools", FIELD(struct pymalloc_row, sum.total.idle_bytes)),
	COLUMN("untouched_bytes", "", CELL_BYTES, "never used", .line = "% never used",
	       FIELD(struct pymalloc_row, sum.total.top_bytes)),
	COLUMN("overhead_bytes", "", CELL_BYTES, "headers and what is left over", .flags = COL_DATA,
	       FIELD(struct pymalloc_row, sum.total.overhead_bytes)),
	COLUMN("packed_bytes", "", CELL_BYTES, "that would do if blocks were side by side",
	       .line = "would fit into %", FIELD(struct pymalloc_row, sum.packed_bytes)),
	COLUMN("size_classes", "", CELL_TABLE, "by size of a block", .flags = COL_DATA,
	       FIELD(struct pymalloc_row, classes)),
};

static void add_pymalloc(struct pymalloc_stats *sum, const struct pymalloc_stats *m)
{
	sum->arenas += m->arenas;
	walk_heap_add(&sum->total, &m->total);
	sum->packed_bytes += m->packed_bytes;
	for (int i = 0; i < PYMALLOC_CLASSES; i++) {
		sum->classes[i].pools += m->classes[i].pools;
		sum->classes[i].live_blocks += m->classes[i].live_blocks;
		sum->classes[i].free_blocks += m->classes[i].free_blocks;
	}
}

const struct table *build_pymalloc(struct report *r, const struct walk *walk)
{
	struct pymalloc_row *row = arena_alloc(&r->arena, sizeof(*row));
	struct table *t;

	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (walk->runtimes[i].cpython)
			add_pymalloc(&row->sum, &walk->runtimes[i].cpython->pymalloc);
	}
	if (row->sum.arenas == 0)
		return NULL;
	row->classes = TABLE_OF(r, pool_class_columns, row->sum.classes, PYMALLOC_CLASSES);
	t = report_object(r, pymalloc_columns, ARRAY_SIZE(pymalloc_columns), row);
	t->layout = LAYOUT_LINE;
	return t;
}
