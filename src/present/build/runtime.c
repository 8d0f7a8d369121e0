/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "present/render/table_order.h"
#include "walk/core/runtime_heap.h"

enum { KINDS_SHOWN = 15, LARGE_SHOWN = 10 };

static const struct column space_columns[] = {
	COLUMN("space", "SPACE", CELL_TEXT, "a generation, a kind of region, a cache"),
	COLUMN("reserved_bytes", "RESERVED", CELL_BYTES, "of address space", .flags = COL_DATA),
	COLUMN("committed_bytes", "COMMITTED", CELL_BYTES, "that the runtime may use now"),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use"),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "committed and not in use"),
	COLUMN("resident_bytes", "RESIDENT", CELL_BYTES, "in RAM"),
	COLUMN("free_resident_bytes", "FREE RESIDENT", CELL_BYTES, "in RAM and not in use"),
	COLUMN("objects", "OBJECTS", CELL_COUNT, "in use", .flags = COL_DATA),
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

static const struct column kind_columns[] = {
	COLUMN("type", "TYPE", CELL_TEXT, "of objects, or a class of sizes", .flags = COL_TRUNC),
	COLUMN("count", "OBJECTS", CELL_COUNT, "live"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of them"),
	COLUMN("block_bytes", "", CELL_BYTES, "not told apart", .flags = COL_DATA),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of an object"),
};

/* The same where objects have buffers beside them. */
static const struct column cpython_kind_columns[ARRAY_SIZE(kind_columns)] = {
	COLUMN("type", "TYPE", CELL_TEXT, "with its module", .flags = COL_TRUNC),
	COLUMN("count", "OBJECTS", CELL_COUNT, "live"),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as sys.getsizeof"),
	COLUMN("block_bytes", "BLOCKS", CELL_BYTES, "without the buffers that they own"),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of an object"),
};

static const struct table *kinds_table(struct report *r, const struct walk_runtime *rt)
{
	struct table *t = report_table(r, rt->cpython ? cpython_kind_columns : kind_columns,
				       ARRAY_SIZE(kind_columns), rt->n_kinds);

	t->layout = LAYOUT_TABLE;
	t->text_rows = KINDS_SHOWN;
	for (size_t i = 0; i < rt->n_kinds; i++) {
		const struct walk_kind *k = &rt->kinds[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(k->name);
		cells[1] = cell_u64(k->count);
		cells[2] = cell_u64(k->bytes);
		cells[3] = rt->cpython ? cell_u64(k->block_bytes) : cell_none();
		cells[4] = k->count ? cell_u64(k->bytes / k->count) : cell_none();
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

static const struct table *large_table(struct report *r, const struct walk_runtime *rt,
				       bool preview)
{
	struct table *t = report_table(r, large_columns, ARRAY_SIZE(large_columns), rt->n_large);
	struct err never;

	t->layout = LAYOUT_TABLE;
	t->text_rows = LARGE_SHOWN;
	for (size_t i = 0; i < rt->n_large; i++) {
		const struct walk_large *l = &rt->large[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(l->type);
		cells[1] = cell_u64(l->address);
		cells[2] = cell_u64(l->bytes);
		cells[3] = cell_u64(l->resident_bytes);
		cells[4] = cell_amount(l->length);
		cells[5] = cell_bool(l->is_view);
		cells[6] = cell_text(l->preview);
	}
	if (!preview)
		(void)table_pick(r, t, "type,bytes,resident,length", &never);
	return t;
}

static const struct column runtime_columns[] = {
	COLUMN("name", "", CELL_TEXT, "jvm 17: cpython, jvm, go, node, php, ruby, or others",
	       .line = "%"),
	COLUMN("version", "", CELL_TEXT, "of the interpreter", .flags = COL_DATA),
	COLUMN("module", "", CELL_TEXT, "the file it is in", .flags = COL_DATA),
	COLUMN("unread", "", CELL_TEXT, "why it was not read", .line = "not read: %"),
	COLUMN("collector", "", CELL_TEXT, "of garbage", .line = "collector %"),
	COLUMN("complete", "", CELL_BOOL, "all of it was understood", .flags = COL_DATA),
	COLUMN("objects", "", CELL_COUNT, "live", .line = "% object|% objects"),
	COLUMN("bytes", "", CELL_BYTES, "as sys.getsizeof", .line = "% as sys.getsizeof counts"),
	COLUMN("buffers_bytes", "", CELL_BYTES, "of these, outside of the objects themselves",
	       .line = "% of it in buffers"),
	COLUMN("reserved_bytes", "", CELL_BYTES, "of address space for the heap",
	       .flags = COL_DATA),
	COLUMN("committed_bytes", "", CELL_BYTES, "of the heap", .line = "heap of %"),
	COLUMN("live_bytes", "", CELL_BYTES, "of the heap, in use", .line = "% live"),
	COLUMN("free_bytes", "", CELL_BYTES, "committed and not in use", .flags = COL_DATA),
	COLUMN("resident_bytes", "", CELL_BYTES, "of the heap, in RAM", .flags = COL_DATA),
	COLUMN("free_resident_bytes", "", CELL_BYTES, "of these, not in use",
	       .line = "% free and still in RAM"),
	COLUMN("peak_live_bytes", "", CELL_BYTES, "the most that was live",
	       .line = "% at its peak"),
	COLUMN("peak_committed_bytes", "", CELL_BYTES, "the most that was committed",
	       .flags = COL_DATA),
	COLUMN("recounted_bytes", "", CELL_BYTES, "that RSS counts once more, or more often",
	       .line = "RSS counts % of it again"),
	COLUMN("spaces", "", CELL_TABLE, "generations, regions, caches"),
	COLUMN("types", "", CELL_TABLE, "by type"),
	COLUMN("large", "", CELL_TABLE, "one by one"),
};

/* Whether all of a runtime was understood: not told of CPython, which has no heap of its own. */
static struct cell cell_complete(const struct walk_runtime *rt)
{
	if (rt->cpython)
		return cell_none();
	return rt->unread ? cell_absent_text(rt->unread) : cell_bool(rt->complete);
}

static void fill_runtime(struct report *r, const struct table *t, size_t row,
			 const struct walk_runtime *rt, bool preview)
{
	const struct walk_space *heap = &rt->total;

	row_set(t, row, "name", cell_text(rt->label ? rt->label : rt->name));
	row_set(t, row, "version", cell_text(rt->version));
	row_set(t, row, "module", cell_text(rt->module));
	row_set(t, row, "unread", cell_text(rt->unread));
	row_set(t, row, "collector", cell_text(rt->collector));
	row_set(t, row, "complete", cell_complete(rt));
	row_set(t, row, "objects", cell_amount(heap->objects));
	row_set(t, row, "bytes", cell_amount(rt->bytes));
	row_set(t, row, "buffers_bytes", cell_amount(rt->buffers_bytes));
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
	row_set(t, row, "large", cell_table(large_table(r, rt, preview)));
}

const struct table *build_runtimes(struct report *r, const struct walk *d)
{
	struct table *t = report_table(r, runtime_columns, ARRAY_SIZE(runtime_columns),
				       d->n_runtimes);

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < d->n_runtimes; i++)
		fill_runtime(r, t, i, &d->runtimes[i], d->opts.preview);
	return t;
}
