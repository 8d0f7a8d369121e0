/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What allocators hold: each of them, its arenas, sizes and classes of blocks.
 */
#include "present/build/deep.h"

#include "base/alloc.h"
#include "present/build/cells.h"

static const struct column heap_columns[] = {
	COLUMN("address", "ARENA", CELL_HEX, "of its state"),
	COLUMN("main", "MAIN", CELL_BOOL, "of the first thread", .flags = COL_DATA),
	COLUMN("heaps", "HEAPS", CELL_COUNT, "contiguous pieces"),
	COLUMN("system_bytes", "SYSTEM", CELL_BYTES, "taken from the kernel"),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use by the program"),
	COLUMN("live_blocks", "BLOCKS", CELL_COUNT, "in use", .flags = COL_DATA),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "in bins"),
	COLUMN("top_bytes", "TOP", CELL_BYTES, "at the end, not handed out yet"),
	COLUMN("tcache_bytes", "TCACHE", CELL_BYTES, "in caches of threads", .flags = COL_DATA),
	COLUMN("overhead_bytes", "OVERHEAD", CELL_BYTES, "tables and fenceposts",
	       .flags = COL_DATA),
	COLUMN("unwalked_bytes", "UNWALKED", CELL_BYTES, "not understood", .flags = COL_DATA),
	COLUMN("free_resident_bytes", "RESIDENT", CELL_BYTES, "RAM behind free and top",
	       .flags = COL_DATA),
	COLUMN("trimmable_bytes", "TRIMMABLE", CELL_BYTES,
	       "whole pages of that, which malloc_trim would return"),
};

enum { ARENA_COLUMNS = 3 };

static void fill_heap(const struct table *t, size_t row, const struct walk_heap *h)
{
	row_set(t, row, "system_bytes", cell_u64(h->system_bytes));
	row_set(t, row, "live_bytes", cell_u64(h->live_bytes));
	row_set(t, row, "live_blocks", cell_u64(h->live_blocks));
	row_set(t, row, "free_bytes", cell_u64(h->free_bytes));
	row_set(t, row, "top_bytes", cell_u64(h->top_bytes));
	row_set(t, row, "tcache_bytes", cell_u64(h->tcache_bytes));
	row_set(t, row, "overhead_bytes", cell_u64(h->overhead_bytes));
	row_set(t, row, "unwalked_bytes", cell_u64(h->unwalked_bytes));
	row_set(t, row, "free_resident_bytes", cell_u64(h->free_resident_bytes));
	row_set(t, row, "trimmable_bytes", cell_u64(h->trimmable_bytes));
}

static struct table *arenas_table(struct report *r, const struct walk_arena *arenas, size_t n)
{
	struct table *t = report_table(r, heap_columns, ARRAY_SIZE(heap_columns), n);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < n; i++) {
		row_set(t, i, "address", cell_u64(arenas[i].address));
		row_set(t, i, "main", cell_bool(arenas[i].is_main));
		row_set(t, i, "heaps", cell_u64(arenas[i].heaps));
		fill_heap(t, i, &arenas[i].sums);
	}
	return t;
}

static const struct column class_columns[] = {
	COLUMN("max_bytes", "UP TO", CELL_BYTES, "size of a block"),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "in use"),
};

static const struct table *classes_table(struct report *r, const struct walk_allocator *a)
{
	struct table *t = report_table(r, class_columns, ARRAY_SIZE(class_columns), a->n_classes);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_classes; i++) {
		struct cell *cells = table_row(t, i);

		cells[0] = cell_u64(a->classes[i].max_bytes);
		cells[1] = cell_u64(a->classes[i].blocks);
		cells[2] = cell_u64(a->classes[i].bytes);
	}
	return t;
}

static const struct column block_columns[] = {
	COLUMN("address", "ADDRESS", CELL_HEX, "that malloc returned"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "with the header"),
};

static const struct table *blocks_table(struct report *r, const struct walk_allocator *a)
{
	struct table *t = report_table(r, block_columns, ARRAY_SIZE(block_columns), a->n_largest);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_largest; i++) {
		table_row(t, i)[0] = cell_u64(a->largest[i].address);
		table_row(t, i)[1] = cell_u64(a->largest[i].bytes);
	}
	return t;
}

static const struct column size_columns[] = {
	COLUMN("bytes", "BYTES", CELL_BYTES, "of each, with its header"),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use, owned by no object"),
};

static const struct table *sizes_table(struct report *r, const struct walk_allocator *a)
{
	struct table *t = report_table(r, size_columns, ARRAY_SIZE(size_columns), a->n_sizes);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_sizes; i++) {
		table_row(t, i)[0] = cell_u64(a->sizes[i].bytes);
		table_row(t, i)[1] = cell_u64(a->sizes[i].blocks);
	}
	return t;
}

static const struct column module_columns[] = {
	COLUMN("module", "MODULE", CELL_TEXT, "the file that blocks begin with a pointer into"),
	COLUMN("package", "PACKAGE", CELL_TEXT, "that installed it"),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use, owned by no object"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of these"),
};

static const struct table *modules_table(struct report *r, const struct walk_allocator *a)
{
	struct table *t = report_table(r, module_columns, ARRAY_SIZE(module_columns), a->n_modules);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_modules; i++) {
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(a->modules[i].path);
		cells[1] = cell_text(a->modules[i].package);
		cells[2] = cell_u64(a->modules[i].blocks);
		cells[3] = cell_u64(a->modules[i].bytes);
	}
	return t;
}

enum { OBJECTS_SHOWN = 10, ARENAS_SHOWN = 6 };

static const struct column object_columns[] = {
	COLUMN("class", "C++ CLASS", CELL_TEXT, "whose objects begin live blocks",
	       .flags = COL_TRUNC),
	COLUMN("module", "MODULE", CELL_TEXT, "the file with its virtual table", .flags = COL_DATA),
	COLUMN("blocks", "OBJECTS", CELL_COUNT, "live"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of their blocks"),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of a block", .flags = COL_TEXT),
};

static struct table *objects_table(struct report *r, const struct walk_class *classes, size_t n)
{
	struct table *t = report_table(r, object_columns, ARRAY_SIZE(object_columns), n);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < n; i++) {
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(classes[i].name);
		cells[1] = cell_text(classes[i].module);
		cells[2] = cell_u64(classes[i].blocks);
		cells[3] = cell_u64(classes[i].bytes);
		cells[4] = cell_u64(classes[i].bytes / classes[i].blocks);
	}
	return t;
}

static int compare_classes(const void *a, const void *b)
{
	const struct walk_class *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* For text: the largest of all allocators. */
const struct table *build_cxx_objects(struct report *r, const struct walk *d)
{
	auto_free struct walk_class *all = NULL;
	struct table *t;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < d->n_allocators; i++)
		n += d->allocators[i].n_objects;
	if (n == 0)
		return NULL;
	all = xcalloc(n, sizeof(*all));
	for (size_t i = 0; i < d->n_allocators; i++) {
		for (size_t j = 0; j < d->allocators[i].n_objects; j++)
			all[k++] = d->allocators[i].objects[j];
	}
	qsort(all, n, sizeof(*all), compare_classes);
	t = objects_table(r, all, n);
	t->layout = LAYOUT_TABLE;
	t->text_rows = OBJECTS_SHOWN;
	return t;
}

static const struct column allocator_columns[] = {
	COLUMN("name", "ALLOCATOR", CELL_TEXT, "its name"),
	COLUMN("module", "MODULE", CELL_TEXT, "the file it is in", .flags = COL_DATA),
	COLUMN("version", "VERSION", CELL_TEXT, "of its data structures", .flags = COL_DATA),
	COLUMN("unread", "UNREAD", CELL_TEXT, "why it was not read", .flags = COL_DATA),
	COLUMN("complete", "COMPLETE", CELL_BOOL, "everything was walked", .flags = COL_DATA),
	COLUMN("system_bytes", "SYSTEM", CELL_BYTES, "taken from the kernel"),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use by the program"),
	COLUMN("live_blocks", "BLOCKS", CELL_COUNT, "in use"),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "in bins"),
	COLUMN("top_bytes", "TOP", CELL_BYTES, "at the end, not handed out yet"),
	COLUMN("tcache_bytes", "TCACHE", CELL_BYTES, "in caches of threads"),
	COLUMN("overhead_bytes", "OVERHEAD", CELL_BYTES, "tables and fenceposts",
	       .flags = COL_DATA),
	COLUMN("unwalked_bytes", "UNWALKED", CELL_BYTES, "not understood"),
	COLUMN("mmapped_bytes", "MAPPED", CELL_BYTES, "blocks with a mapping each"),
	COLUMN("mmapped_chunks", "", CELL_COUNT, "so many", .flags = COL_DATA),
	COLUMN("mmapped_unfound_bytes", "UNFOUND", CELL_BYTES,
	       "more of those by the allocator's own count", .flags = COL_DATA),
	COLUMN("free_resident_bytes", "", CELL_BYTES, "RAM behind free and top", .flags = COL_DATA),
	COLUMN("trimmable_bytes", "TRIMMABLE", CELL_BYTES, "malloc_trim would return it"),
	COLUMN("n_arenas", "ARENAS", CELL_COUNT, "", .flags = COL_TEXT),
	COLUMN("arenas", "", CELL_TABLE, "each of its arenas", .flags = COL_DATA),
	COLUMN("size_classes", "", CELL_TABLE, "of live blocks", .flags = COL_DATA),
	COLUMN("largest", "", CELL_TABLE, "live blocks", .flags = COL_DATA),
	COLUMN("native_sizes", "", CELL_TABLE, "of live blocks that no object owns",
	       .flags = COL_DATA),
	COLUMN("native_modules", "", CELL_TABLE, "that such blocks point into", .flags = COL_DATA),
	COLUMN("object_blocks", "", CELL_COUNT, "that C++ objects begin", .flags = COL_DATA),
	COLUMN("object_bytes", "", CELL_BYTES, "of these", .flags = COL_DATA),
	COLUMN("classes", "", CELL_TABLE, "of C++, by their live objects", .flags = COL_DATA),
};

static void fill_allocator(struct report *r, const struct table *t, size_t row,
			   const struct walk_allocator *a)
{
	row_set(t, row, "name", cell_text(a->name));
	row_set(t, row, "module", cell_text(a->module));
	row_set(t, row, "version", cell_text(a->version));
	row_set(t, row, "unread", cell_text(a->unread));
	row_set(t, row, "arenas", cell_table(arenas_table(r, a->arenas, a->n_arenas)));
	row_set(t, row, "size_classes", cell_table(classes_table(r, a)));
	row_set(t, row, "largest", cell_table(blocks_table(r, a)));
	row_set(t, row, "native_sizes", cell_table(sizes_table(r, a)));
	row_set(t, row, "native_modules", cell_table(modules_table(r, a)));
	row_set(t, row, "classes", cell_table(objects_table(r, a->objects, a->n_objects)));
	if (a->unread) {
		for (size_t i = 0; i < t->n_columns; i++) {
			if (t->columns[i].type != CELL_TABLE && t->columns[i].type != CELL_TEXT)
				table_row(t, row)[i] = cell_absent_text(a->unread);
		}
		return;
	}
	row_set(t, row, "complete", cell_bool(a->complete));
	fill_heap(t, row, &a->total);
	row_set(t, row, "mmapped_bytes", cell_u64(a->mmapped_bytes));
	row_set(t, row, "mmapped_chunks", cell_u64(a->mmapped_blocks));
	row_set(t, row, "mmapped_unfound_bytes", cell_u64(a->mmapped_unfound_bytes));
	row_set(t, row, "n_arenas", cell_u64(a->n_arenas));
	row_set(t, row, "object_blocks", cell_u64(a->object_blocks));
	row_set(t, row, "object_bytes", cell_u64(a->object_bytes));
}

static bool is_unwalked(const struct walk *d)
{
	for (size_t i = 0; i < d->n_allocators; i++) {
		if (d->allocators[i].total.unwalked_bytes || d->allocators[i].mmapped_unfound_bytes)
			return true;
	}
	return false;
}

/* What matters most, which has room in 80 columns; what was not understood, only if there is some. */
static void pick_columns(struct report *r, struct table *t, bool unwalked)
{
	static const char *const ids[] = {
		"name",       "live_bytes",     "mmapped_bytes",
		"free_bytes", "top_bytes",      "trimmable_bytes",
		"n_arenas",   "unwalked_bytes", "mmapped_unfound_bytes"
	};
	size_t *pick = arena_array(&r->arena, ARRAY_SIZE(ids), size_t);

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		pick[i] = (size_t)table_column(t, ids[i]);
	t->pick = pick;
	t->n_pick = ARRAY_SIZE(ids) - (unwalked ? 0 : 2);
}

const struct table *build_allocators(struct report *r, const struct walk *d)
{
	struct table *t = report_table(r, allocator_columns, ARRAY_SIZE(allocator_columns),
				       d->n_allocators);

	t->layout = LAYOUT_TABLE;
	pick_columns(r, t, is_unwalked(d));
	for (size_t i = 0; i < d->n_allocators; i++)
		fill_allocator(r, t, i, &d->allocators[i]);
	return t;
}

static int compare_arenas(const void *a, const void *b)
{
	const struct walk_arena *x = a, *y = b;

	if (x->sums.system_bytes != y->sums.system_bytes)
		return x->sums.system_bytes < y->sums.system_bytes ? 1 : -1;
	return (x->address > y->address) - (x->address < y->address);
}

const struct table *build_largest_arenas(struct report *r, const struct walk *d)
{
	auto_free struct walk_arena *all = NULL;
	struct table *t;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < d->n_allocators; i++)
		n += d->allocators[i].n_arenas;
	if (n < 2)
		return NULL;
	all = xcalloc(n, sizeof(*all));
	for (size_t i = 0; i < d->n_allocators; i++) {
		for (size_t j = 0; j < d->allocators[i].n_arenas; j++)
			all[k++] = d->allocators[i].arenas[j];
	}
	qsort(all, n, sizeof(*all), compare_arenas);
	t = arenas_table(r, all, n);
	t->layout = LAYOUT_TABLE;
	t->text_rows = ARENAS_SHOWN;
	return t;
}
