/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "present/render/table_order.h"
#include "walk/runtime/cpython/cpython.h"

enum { TYPES_SHOWN = 15, LARGE_SHOWN = 10 };

static const struct column type_columns[] = {
	COLUMN("type", "TYPE", CELL_TEXT, "with its module", .flags = COL_TRUNC),
	COLUMN("count", "OBJECTS", CELL_COUNT, "live"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as sys.getsizeof"),
	COLUMN("block_bytes", "BLOCKS", CELL_BYTES, "without the buffers that they own"),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of an object"),
};

static const struct table *types_table(struct report *r, const struct cpython *c)
{
	struct table *t = report_table(r, type_columns, ARRAY_SIZE(type_columns), c->n_types);

	t->layout = LAYOUT_TABLE;
	t->text_rows = TYPES_SHOWN;
	for (size_t i = 0; i < c->n_types; i++) {
		const struct cpython_type *type = &c->types[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(type->name);
		cells[1] = cell_u64(type->count);
		cells[2] = cell_u64(type->bytes);
		cells[3] = cell_u64(type->block_bytes);
		cells[4] = type->count ? cell_u64(type->bytes / type->count) : cell_none();
	}
	return t;
}

static const struct column large_columns[] = {
	COLUMN("type", "LARGE OBJECTS", CELL_TEXT, "its type"),
	COLUMN("address", "ADDRESS", CELL_HEX, "of the object", .flags = COL_DATA),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as sys.getsizeof; of a view, what it shows"),
	COLUMN("resident_bytes", "RSS", CELL_BYTES, "of the object and its buffers"),
	COLUMN("length", "LENGTH", CELL_COUNT, "items, characters or bytes"),
	COLUMN("view", "VIEW", CELL_BOOL, "the memory is not its own", .flags = COL_DATA),
	COLUMN("preview", "PREVIEW", CELL_TEXT, "with --preview", .flags = COL_TRUNC),
};

static const struct table *large_table(struct report *r, const struct cpython *c, bool preview)
{
	struct table *t = report_table(r, large_columns, ARRAY_SIZE(large_columns), c->n_large);
	struct err never;

	t->layout = LAYOUT_TABLE;
	t->text_rows = LARGE_SHOWN;
	for (size_t i = 0; i < c->n_large; i++) {
		const struct cpython_large *l = &c->large[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(l->type);
		cells[1] = cell_u64(l->address);
		cells[2] = cell_u64(l->bytes);
		cells[3] = cell_u64(l->resident_bytes);
		cells[4] = l->has_length ? cell_u64(l->length) : cell_none();
		cells[5] = cell_bool(l->is_view);
		cells[6] = cell_text(l->preview);
	}
	if (!preview)
		(void)table_pick(r, t, "type,bytes,resident,length", &never);
	return t;
}

void build_python_row(struct report *r, const struct table *t, size_t row, const struct cpython *c,
		      bool preview)
{
	row_set(t, row, "name", cell_text(c->name));
	row_set(t, row, "version", *c->version ? cell_text(c->version) : cell_none());
	row_set(t, row, "module", cell_text(c->module));
	row_set(t, row, "unread", cell_text(c->unread));
	row_set(t, row, "objects", c->unread ? cell_absent(c->unread) : cell_u64(c->objects));
	row_set(t, row, "bytes", c->unread ? cell_absent(c->unread) : cell_u64(c->bytes));
	row_set(t, row, "buffers_bytes",
		c->unread ? cell_absent(c->unread) : cell_u64(c->buffers_bytes));
	row_set(t, row, "types", cell_table(types_table(r, c)));
	row_set(t, row, "large", cell_table(large_table(r, c, preview)));
}

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

	for (size_t i = 0; i < d->n_cpythons; i++)
		add_pymalloc(&sum, &d->cpythons[i].pymalloc);
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
