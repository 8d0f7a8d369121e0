/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

enum { KINDS_SHOWN = 15 };

static const struct column space_columns[] = {
	{ "space", "SPACE", CELL_TEXT, 0, "a generation, a kind of region, a cache", NULL },
	{ "reserved_bytes", "RESERVED", CELL_BYTES, COL_DATA, "of address space", NULL },
	{ "committed_bytes", "COMMITTED", CELL_BYTES, 0, "that the runtime may use now", NULL },
	{ "live_bytes", "LIVE", CELL_BYTES, 0, "in use", NULL },
	{ "free_bytes", "FREE", CELL_BYTES, 0, "committed and not in use", NULL },
	{ "resident_bytes", "RESIDENT", CELL_BYTES, 0, "in RAM", NULL },
	{ "free_resident_bytes", "FREE RESIDENT", CELL_BYTES, 0, "in RAM and not in use", NULL },
	{ "objects", "OBJECTS", CELL_COUNT, COL_DATA, "in use", NULL },
};

static const struct table *spaces_table(struct report *r, const struct walk_runtime *rt)
{
	struct table *t = report_table(r, space_columns, ARRAY_SIZE(space_columns), rt->n_spaces);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < rt->n_spaces; i++) {
		const struct walk_space *s = &rt->spaces[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(s->name);
		cells[1] = cell_amount(s->reserved);
		cells[2] = cell_amount(s->committed);
		cells[3] = cell_amount(s->live);
		cells[4] = cell_amount(s->free_bytes);
		cells[5] = cell_amount(s->resident);
		cells[6] = cell_amount(s->free_resident);
		cells[7] = cell_amount(s->objects);
	}
	return t;
}

/* With the keys of CPython's types. */
static const struct column kind_columns[] = {
	{ "type", "TYPE", CELL_TEXT, COL_TRUNC, "of objects, or a class of sizes", NULL },
	{ "count", "OBJECTS", CELL_COUNT, 0, "live", NULL },
	{ "bytes", "BYTES", CELL_BYTES, 0, "of them", NULL },
	{ "block_bytes", "", CELL_BYTES, COL_DATA, "not told apart", NULL },
	{ "average_bytes", "AVERAGE", CELL_BYTES, 0, "of an object", NULL },
};

static const struct table *kinds_table(struct report *r, const struct walk_runtime *rt)
{
	struct table *t = report_table(r, kind_columns, ARRAY_SIZE(kind_columns), rt->n_kinds);

	t->layout = LAYOUT_TABLE;
	t->text_rows = KINDS_SHOWN;
	for (size_t i = 0; i < rt->n_kinds; i++) {
		const struct walk_kind *k = &rt->kinds[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(k->name);
		cells[1] = cell_u64(k->count);
		cells[2] = cell_u64(k->bytes);
		cells[3] = cell_none();
		cells[4] = k->count ? cell_u64(k->bytes / k->count) : cell_none();
	}
	return t;
}

static const struct column runtime_columns[] = {
	{ "name", "", CELL_TEXT, 0, "jvm 17: cpython, jvm, go, node, php, ruby, or others", "%" },
	{ "version", "", CELL_TEXT, COL_DATA, "of the interpreter", NULL },
	{ "module", "", CELL_TEXT, COL_DATA, "the file it is in", NULL },
	{ "unread", "", CELL_TEXT, 0, "why it was not read", "not read: %" },
	{ "collector", "", CELL_TEXT, 0, "of garbage", "collector %" },
	{ "complete", "", CELL_BOOL, COL_DATA, "all of it was understood", NULL },
	{ "objects", "", CELL_COUNT, 0, "live", "% object|% objects" },
	{ "bytes", "", CELL_BYTES, 0, "as sys.getsizeof", "% as sys.getsizeof counts" },
	{ "buffers_bytes", "", CELL_BYTES, 0, "of these, outside of the objects themselves",
	  "% of it in buffers" },
	{ "reserved_bytes", "", CELL_BYTES, COL_DATA, "of address space for the heap", NULL },
	{ "committed_bytes", "", CELL_BYTES, 0, "of the heap", "heap of %" },
	{ "live_bytes", "", CELL_BYTES, 0, "of the heap, in use", "% live" },
	{ "free_bytes", "", CELL_BYTES, COL_DATA, "committed and not in use", NULL },
	{ "resident_bytes", "", CELL_BYTES, COL_DATA, "of the heap, in RAM", NULL },
	{ "free_resident_bytes", "", CELL_BYTES, 0, "of these, not in use",
	  "% free and still in RAM" },
	{ "peak_live_bytes", "", CELL_BYTES, 0, "the most that was live", "% at its peak" },
	{ "peak_committed_bytes", "", CELL_BYTES, COL_DATA, "the most that was committed", NULL },
	{ "recounted_bytes", "", CELL_BYTES, 0, "that RSS counts once more, or more often",
	  "RSS counts % of it again" },
	{ "spaces", "", CELL_TABLE, 0, "generations, regions, caches", NULL },
	{ "types", "", CELL_TABLE, 0, "by type", NULL },
	{ "large", "", CELL_TABLE, 0, "one by one", NULL },
};

static void fill_runtime(struct report *r, const struct table *t, size_t row,
			 const struct walk_runtime *rt)
{
	const struct walk_space *heap = &rt->total;

	row_set(t, row, "name", cell_text(rt->label ? rt->label : rt->name));
	row_set(t, row, "version", cell_text(rt->version));
	row_set(t, row, "module", cell_text(rt->module));
	row_set(t, row, "unread", cell_text(rt->unread));
	row_set(t, row, "collector", cell_text(rt->collector));
	row_set(t, row, "complete", rt->unread ? cell_absent(rt->unread) : cell_bool(rt->complete));
	row_set(t, row, "objects", cell_amount(heap->objects));
	row_set(t, row, "bytes", cell_none());
	row_set(t, row, "buffers_bytes", cell_none());
	row_set(t, row, "reserved_bytes", cell_amount(heap->reserved));
	row_set(t, row, "committed_bytes", cell_amount(heap->committed));
	row_set(t, row, "live_bytes", cell_amount(heap->live));
	row_set(t, row, "free_bytes", cell_amount(heap->free_bytes));
	row_set(t, row, "resident_bytes", cell_amount(heap->resident));
	row_set(t, row, "free_resident_bytes", cell_amount(heap->free_resident));
	row_set(t, row, "peak_live_bytes", cell_amount(rt->peak_live));
	row_set(t, row, "peak_committed_bytes", cell_amount(rt->peak_committed));
	row_set(t, row, "recounted_bytes", cell_amount(rt->recounted));
	row_set(t, row, "spaces", cell_table(spaces_table(r, rt)));
	row_set(t, row, "types", cell_table(kinds_table(r, rt)));
	row_set(t, row, "large", cell_table(report_table(r, kind_columns, 0, 0)));
}

/* What other runtimes have and CPython has not; build_python_row sets the rest. */
static void fill_cpython(struct report *r, const struct table *t, size_t row,
			 const struct cpython *c, bool preview)
{
	static const struct walk_runtime no_spaces;

	for (size_t i = 0; i < t->n_columns; i++)
		table_row(t, row)[i] = cell_none();
	row_set(t, row, "spaces", cell_table(spaces_table(r, &no_spaces)));
	build_python_row(r, t, row, c, preview);
}

const struct table *build_runtimes(struct report *r, const struct walk *d)
{
	struct table *t = report_table(r, runtime_columns, ARRAY_SIZE(runtime_columns),
				       d->n_cpythons + d->n_runtimes);

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < d->n_cpythons; i++)
		fill_cpython(r, t, i, &d->cpythons[i], d->opts.preview);
	for (size_t i = 0; i < d->n_runtimes; i++)
		fill_runtime(r, t, d->n_cpythons + i, &d->runtimes[i]);
	return t;
}
