/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build_deep.h"

#include "base/alloc.h"
#include "depth/cpython.h"
#include "present/cells.h"

static const struct column heap_columns[] = {
	{ "address", "ARENA", CELL_HEX, 0, "of its state", NULL },
	{ "main", "MAIN", CELL_BOOL, COL_DATA, "of the first thread", NULL },
	{ "heaps", "HEAPS", CELL_COUNT, 0, "contiguous pieces", NULL },
	{ "system_bytes", "SYSTEM", CELL_BYTES, 0, "taken from the kernel", NULL },
	{ "live_bytes", "LIVE", CELL_BYTES, 0, "in use by the program", NULL },
	{ "live_blocks", "BLOCKS", CELL_COUNT, 0, "in use", NULL },
	{ "free_bytes", "FREE", CELL_BYTES, 0, "in bins", NULL },
	{ "top_bytes", "TOP", CELL_BYTES, 0, "at the end, not handed out yet", NULL },
	{ "tcache_bytes", "TCACHE", CELL_BYTES, 0, "in caches of threads", NULL },
	{ "overhead_bytes", "OVERHEAD", CELL_BYTES, COL_DATA, "tables and fenceposts", NULL },
	{ "unwalked_bytes", "UNWALKED", CELL_BYTES, COL_DATA, "not understood", NULL },
	{ "free_resident_bytes", "RESIDENT", CELL_BYTES, COL_DATA, "RAM behind free and top",
	  NULL },
	{ "trimmable_bytes", "TRIMMABLE", CELL_BYTES, COL_DATA,
	  "whole pages of that, which malloc_trim would return", NULL },
};

enum { ARENA_COLUMNS = 3 };

static void fill_heap(const struct table *t, size_t row, const struct depth_heap *h)
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

static const struct table *arenas_table(struct report *r, const struct depth_allocator *a)
{
	struct table *t = report_table(r, heap_columns, ARRAY_SIZE(heap_columns), a->n_arenas);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_arenas; i++) {
		row_set(t, i, "address", cell_u64(a->arenas[i].address));
		row_set(t, i, "main", cell_bool(a->arenas[i].is_main));
		row_set(t, i, "heaps", cell_u64(a->arenas[i].heaps));
		fill_heap(t, i, &a->arenas[i].sums);
	}
	return t;
}

static const struct column class_columns[] = {
	{ "max_bytes", "UP TO", CELL_BYTES, 0, "size of a block", NULL },
	{ "blocks", "BLOCKS", CELL_COUNT, 0, "in use", NULL },
	{ "bytes", "BYTES", CELL_BYTES, 0, "in use", NULL },
};

static const struct table *classes_table(struct report *r, const struct depth_allocator *a)
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
	{ "address", "ADDRESS", CELL_HEX, 0, "that malloc returned", NULL },
	{ "bytes", "BYTES", CELL_BYTES, 0, "with the header", NULL },
};

static const struct table *blocks_table(struct report *r, const struct depth_allocator *a)
{
	struct table *t = report_table(r, block_columns, ARRAY_SIZE(block_columns), a->n_largest);

	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < a->n_largest; i++) {
		table_row(t, i)[0] = cell_u64(a->largest[i].address);
		table_row(t, i)[1] = cell_u64(a->largest[i].bytes);
	}
	return t;
}

enum { OBJECTS_SHOWN = 10 };

static const struct column object_columns[] = {
	{ "class", "C++ CLASS", CELL_TEXT, COL_TRUNC, "whose objects begin live blocks", NULL },
	{ "module", "MODULE", CELL_TEXT, COL_DATA, "the file with its virtual table", NULL },
	{ "blocks", "OBJECTS", CELL_COUNT, 0, "live", NULL },
	{ "bytes", "BYTES", CELL_BYTES, 0, "of their blocks", NULL },
	{ "average_bytes", "AVERAGE", CELL_BYTES, COL_TEXT, "of a block", NULL },
};

static struct table *objects_table(struct report *r, const struct depth_class *classes, size_t n)
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
	const struct depth_class *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* For text: the largest of all allocators. */
static const struct table *all_objects_table(struct report *r, const struct depth *d)
{
	auto_free struct depth_class *all = NULL;
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
	{ "name", "ALLOCATOR", CELL_TEXT, 0, "its name", NULL },
	{ "module", "MODULE", CELL_TEXT, COL_DATA, "the file it is in", NULL },
	{ "version", "VERSION", CELL_TEXT, COL_DATA, "of its data structures", NULL },
	{ "unread", "UNREAD", CELL_TEXT, COL_DATA, "why it was not read", NULL },
	{ "complete", "COMPLETE", CELL_BOOL, COL_DATA, "everything was walked", NULL },
	{ "system_bytes", "SYSTEM", CELL_BYTES, 0, "taken from the kernel", NULL },
	{ "live_bytes", "LIVE", CELL_BYTES, 0, "in use by the program", NULL },
	{ "live_blocks", "BLOCKS", CELL_COUNT, 0, "in use", NULL },
	{ "free_bytes", "FREE", CELL_BYTES, 0, "in bins", NULL },
	{ "top_bytes", "TOP", CELL_BYTES, 0, "at the end, not handed out yet", NULL },
	{ "tcache_bytes", "TCACHE", CELL_BYTES, 0, "in caches of threads", NULL },
	{ "overhead_bytes", "OVERHEAD", CELL_BYTES, COL_DATA, "tables and fenceposts", NULL },
	{ "unwalked_bytes", "UNWALKED", CELL_BYTES, 0, "not understood", NULL },
	{ "mmapped_bytes", "MAPPED", CELL_BYTES, 0, "blocks with a mapping each", NULL },
	{ "mmapped_chunks", "", CELL_COUNT, COL_DATA, "so many", NULL },
	{ "free_resident_bytes", "", CELL_BYTES, COL_DATA, "RAM behind free and top", NULL },
	{ "trimmable_bytes", "TRIMMABLE", CELL_BYTES, 0, "malloc_trim would return it", NULL },
	{ "n_arenas", "ARENAS", CELL_COUNT, COL_TEXT, "", NULL },
	{ "arenas", "", CELL_TABLE, COL_DATA, "each of its arenas", NULL },
	{ "size_classes", "", CELL_TABLE, COL_DATA, "of live blocks", NULL },
	{ "largest", "", CELL_TABLE, COL_DATA, "live blocks", NULL },
	{ "object_blocks", "", CELL_COUNT, COL_DATA, "that C++ objects begin", NULL },
	{ "object_bytes", "", CELL_BYTES, COL_DATA, "of these", NULL },
	{ "classes", "", CELL_TABLE, COL_DATA, "of C++, by their live objects", NULL },
};

static void fill_allocator(struct report *r, const struct table *t, size_t row,
			   const struct depth_allocator *a)
{
	row_set(t, row, "name", cell_text(a->name));
	row_set(t, row, "module", cell_text(a->module));
	row_set(t, row, "version", cell_text(a->version));
	row_set(t, row, "unread", cell_text(a->unread));
	row_set(t, row, "arenas", cell_table(arenas_table(r, a)));
	row_set(t, row, "size_classes", cell_table(classes_table(r, a)));
	row_set(t, row, "largest", cell_table(blocks_table(r, a)));
	row_set(t, row, "classes", cell_table(objects_table(r, a->objects, a->n_objects)));
	if (a->unread) {
		for (size_t i = 0; i < t->n_columns; i++) {
			if (t->columns[i].type != CELL_TABLE && t->columns[i].type != CELL_TEXT)
				table_row(t, row)[i] = cell_absent(a->unread);
		}
		return;
	}
	row_set(t, row, "complete", cell_bool(a->complete));
	fill_heap(t, row, &a->total);
	row_set(t, row, "mmapped_bytes", cell_u64(a->mmapped_bytes));
	row_set(t, row, "mmapped_chunks", cell_u64(a->mmapped_blocks));
	row_set(t, row, "n_arenas", cell_u64(a->n_arenas));
	row_set(t, row, "object_blocks", cell_u64(a->object_blocks));
	row_set(t, row, "object_bytes", cell_u64(a->object_bytes));
}

static const struct table *allocators_table(struct report *r, const struct depth *d)
{
	struct table *t = report_table(r, allocator_columns, ARRAY_SIZE(allocator_columns),
				       d->n_allocators);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < d->n_allocators; i++)
		fill_allocator(r, t, i, &d->allocators[i]);
	return t;
}

static const struct column cause_columns[] = {
	{ "cause", "", CELL_ID, COL_DATA, "what it is", NULL },
	{ "title", "BEYOND OBJECTS", CELL_TEXT, COL_TEXT, "what it is", NULL },
	{ "bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "share", "SHARE", CELL_PERCENT, COL_TEXT, "of RSS", NULL },
	{ "advice", "WHAT TO DO", CELL_TEXT, COL_TRUNC, "about it", NULL },
};

static const struct table *causes_table(struct report *r, const struct process_view *v)
{
	const struct beyond *b = v->beyond;
	size_t n = amount_ok(b->beyond_bytes) ? b->n_rows : 0;
	struct table *t = report_table(r, cause_columns, ARRAY_SIZE(cause_columns), n);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < n; i++) {
		const struct cause_desc *desc = &cause_descs[b->rows[i].cause];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(desc->id);
		cells[1] = cell_text(desc->title);
		cells[2] = cell_u64(b->rows[i].bytes);
		cells[3] = cell_share(amount_of(b->rows[i].bytes), v->accounting->totals.rss);
		cells[4] = cell_text(desc->advice);
	}
	return t;
}

static const struct column rejected_columns[] = {
	{ "objects", "", CELL_COUNT, 0, "that could not be of their type", NULL },
	{ "keys", "", CELL_COUNT, 0, "tables of keys that were none", NULL },
	{ "buffers", "", CELL_COUNT, 0, "that did not lie in memory", NULL },
	{ "pools", "", CELL_COUNT, 0, "that did not hold together", NULL },
	{ "breaks", "", CELL_COUNT, 0, "places where a heap did not hold together", NULL },
};

static const struct table *rejected_table(struct report *r, const struct depth *d)
{
	struct table *t = report_table(r, rejected_columns, ARRAY_SIZE(rejected_columns), 1);
	uint64_t sums[ARRAY_SIZE(rejected_columns)] = { 0 };

	for (size_t i = 0; i < d->n_cpythons; i++) {
		sums[0] += d->cpythons[i].rejected.misfits;
		sums[1] += d->cpythons[i].rejected.keys;
		sums[2] += d->cpythons[i].rejected.buffers;
		sums[3] += d->cpythons[i].rejected.pools;
	}
	for (size_t i = 0; i < d->n_allocators; i++)
		sums[4] += d->allocators[i].breaks;
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
		table_row(t, 0)[i] = cell_u64(sums[i]);
	return t;
}

static const struct column deep_columns[] = {
	{ "partial", "", CELL_TEXT, 0, "why it is incomplete", "incomplete: %" },
	{ "scan_ms", "", CELL_MS, COL_DATA, "what reading it took", NULL },
	{ "frozen_ms", "", CELL_MS, 0, "that --freeze held the process still", "frozen for %" },
	{ "swapped_unread_bytes", "", CELL_BYTES, COL_DATA, "of what was walked, in swap", NULL },
	{ "objects_bytes", "", CELL_BYTES, 0, "live objects and their buffers, resident",
	  "% of live objects" },
	{ "native_live_bytes", "", CELL_BYTES, 0, "live blocks that no object owns, resident",
	  "% of native memory" },
	{ "beyond_objects_bytes", "", CELL_BYTES, 0, "RSS less objects", "% beyond the objects" },
	{ "beyond_objects_percent", "", CELL_PERCENT, COL_DATA, "of RSS", NULL },
	{ "beyond_objects", "", CELL_TABLE, 0, "by cause", NULL },
	{ "runtimes", "", CELL_TABLE, 0, "what language runtimes hold", NULL },
	{ "pymalloc", "", CELL_TABLE, 0, "the allocator of CPython", NULL },
	{ "allocators", "", CELL_TABLE, 0, "what allocators hold", NULL },
	{ "objects", "", CELL_TABLE, COL_TEXT, "of C++ classes", NULL },
	{ "rejected", "", CELL_TABLE, COL_DATA, "what did not hold together", NULL },
};

const struct table *build_deep(struct report *r, const struct process_view *v)
{
	const struct depth *d = v->depth;
	struct table *t;
	bool has_objects;

	if (!d)
		return NULL;
	has_objects = amount_ok(v->beyond->beyond_bytes);
	t = report_table(r, deep_columns, ARRAY_SIZE(deep_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	t->title = "What memory holds";
	row_set(t, 0, "partial", cell_text(d->partial));
	row_set(t, 0, "scan_ms", cell_real((double)d->scan_ns / 1e6));
	row_set(t, 0, "frozen_ms",
		amount_ok(d->frozen_ns) ? cell_real((double)d->frozen_ns.value / 1e6)
					: cell_none());
	row_set(t, 0, "swapped_unread_bytes", cell_u64(d->swapped_unread_bytes));
	row_set(t, 0, "objects_bytes",
		has_objects ? cell_u64(v->beyond->objects_bytes) : cell_none());
	row_set(t, 0, "native_live_bytes", cell_u64(v->beyond->native_bytes));
	row_set(t, 0, "beyond_objects_bytes",
		has_objects ? cell_amount(v->beyond->beyond_bytes) : cell_none());
	row_set(t, 0, "beyond_objects_percent",
		has_objects && amount_ok(v->beyond->beyond_permille)
			? cell_real((double)v->beyond->beyond_permille.value / 10)
			: cell_none());
	row_set(t, 0, "beyond_objects", cell_table(causes_table(r, v)));
	row_set(t, 0, "runtimes", cell_table(build_runtimes(r, d)));
	row_set(t, 0, "pymalloc", cell_table(build_pymalloc(r, d)));
	row_set(t, 0, "allocators", cell_table(allocators_table(r, d)));
	row_set(t, 0, "objects", cell_table(all_objects_table(r, d)));
	row_set(t, 0, "rejected", cell_table(rejected_table(r, d)));
	return t;
}
