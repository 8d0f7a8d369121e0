/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "walk/runtime/cpython/cpython.h"

static const struct column pool_class_columns[] = {
	COLUMN("block_bytes", "", CELL_BYTES, "size of a block"),
	COLUMN("pools", "", CELL_COUNT, "in use"),
	COLUMN("live_blocks", "", CELL_COUNT, "in use"),
	COLUMN("free_blocks", "", CELL_COUNT, "free in these pools"),
};

static const struct column pymalloc_columns[] = {
	COLUMN("arenas", "", CELL_COUNT, "mappings",
	       .line = "pymalloc: % arena|pymalloc: % arenas"),
	COLUMN("arena_bytes", "", CELL_BYTES, "of them", .line = "%"),
	COLUMN("live_bytes", "", CELL_BYTES, "blocks in use", .line = "% live"),
	COLUMN("free_bytes", "", CELL_BYTES, "free in pools that are in use",
	       .line = "% free among them"),
	COLUMN("free_pool_bytes", "", CELL_BYTES, "pools that are empty",
	       .line = "% in empty pools"),
	COLUMN("untouched_bytes", "", CELL_BYTES, "never used", .line = "% never used"),
	COLUMN("overhead_bytes", "", CELL_BYTES, "headers and what is left over",
	       .flags = COL_DATA),
	COLUMN("packed_bytes", "", CELL_BYTES, "that would do if blocks were side by side",
	       .line = "would fit into %"),
	COLUMN("size_classes", "", CELL_TABLE, "by size of a block", .flags = COL_DATA),
};

static void add_pymalloc(struct pymalloc *sum, const struct pymalloc *m)
{
	sum->arenas += m->arenas;
	sum->arena_bytes += m->arena_bytes;
	sum->live_bytes += m->live_bytes;
	sum->free_bytes += m->free_bytes;
	sum->free_pool_bytes += m->free_pool_bytes;
	sum->untouched_bytes += m->untouched_bytes;
	sum->overhead_bytes += m->overhead_bytes;
	sum->packed_bytes += m->packed_bytes;
	for (int i = 0; i < PYMALLOC_CLASSES; i++) {
		sum->classes[i].pools += m->classes[i].pools;
		sum->classes[i].live_blocks += m->classes[i].live_blocks;
		sum->classes[i].free_blocks += m->classes[i].free_blocks;
	}
}

static const struct table *pool_classes(struct report *r, const struct pymalloc *m)
{
	struct table *t = report_table(r, pool_class_columns, ARRAY_SIZE(pool_class_columns),
				       PYMALLOC_CLASSES);

	t->layout = LAYOUT_HIDDEN;
	for (int i = 0; i < PYMALLOC_CLASSES; i++) {
		struct cell *cells = table_row(t, (size_t)i);

		cells[0] = cell_u64((uint64_t)(i + 1) * PYMALLOC_ALIGN);
		cells[1] = cell_u64(m->classes[i].pools);
		cells[2] = cell_u64(m->classes[i].live_blocks);
		cells[3] = cell_u64(m->classes[i].free_blocks);
	}
	return t;
}

const struct table *build_pymalloc(struct report *r, const struct walk *d)
{
	struct pymalloc sum = { 0 };
	struct table *t;

	for (size_t i = 0; i < d->n_runtimes; i++) {
		if (d->runtimes[i].cpython)
			add_pymalloc(&sum, &d->runtimes[i].cpython->pymalloc);
	}
	if (sum.arenas == 0)
		return NULL;
	t = report_table(r, pymalloc_columns, ARRAY_SIZE(pymalloc_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "arenas", cell_u64(sum.arenas));
	row_set(t, 0, "arena_bytes", cell_u64(sum.arena_bytes));
	row_set(t, 0, "live_bytes", cell_u64(sum.live_bytes));
	row_set(t, 0, "free_bytes", cell_u64(sum.free_bytes));
	row_set(t, 0, "free_pool_bytes", cell_u64(sum.free_pool_bytes));
	row_set(t, 0, "untouched_bytes", cell_u64(sum.untouched_bytes));
	row_set(t, 0, "overhead_bytes", cell_u64(sum.overhead_bytes));
	row_set(t, 0, "packed_bytes", cell_u64(sum.packed_bytes));
	row_set(t, 0, "size_classes", cell_table(pool_classes(r, &sum)));
	return t;
}
