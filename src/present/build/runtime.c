/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/cells.h"
#include "present/build/deep.h"
#include "present/render/table_order.h"
#include "walk/core/runtime_heap.h"

enum { KINDS_SHOWN = 15, LARGE_SHOWN = 10 };

static const struct column space_columns[] = {
	COLUMN("space", "SPACE", CELL_TEXT, "a generation, a kind of region, a cache",
	       FIELD(struct walk_space, name)),
	COLUMN("reserved_bytes", "RESERVED", CELL_BYTES, "of address space", .flags = COL_DATA,
	       FIELD(struct walk_space, reserved)),
	COLUMN("committed_bytes", "COMMITTED", CELL_BYTES, "that the runtime may use now",
	       FIELD(struct walk_space, committed)),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use", FIELD(struct walk_space, live)),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "committed and not in use",
	       FIELD(struct walk_space, free_bytes)),
	COLUMN("resident_bytes", "RESIDENT", CELL_BYTES, "in RAM",
	       FIELD(struct walk_space, resident)),
	COLUMN("free_resident_bytes", "FREE RESIDENT", CELL_BYTES, "in RAM and not in use",
	       FIELD(struct walk_space, free_resident)),
	COLUMN("objects", "OBJECTS", CELL_COUNT, "in use", .flags = COL_DATA,
	       FIELD(struct walk_space, objects)),
};

#define WITH_RESERVED                                                                              \
	"space,reserved_bytes,committed_bytes,live_bytes,free_bytes,resident_bytes,"               \
	"free_resident_bytes"

/* Text says what is reserved where that is all that there is: it was released, or is a limit. */
static const struct table *spaces_table(struct report *r, const struct walk_runtime *rt)
{
	struct table *t = TABLE_OF(r, space_columns, rt->spaces, rt->n_spaces);
	bool reserved = false;

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < rt->n_spaces; i++)
		reserved |= amount_ok(rt->spaces[i].reserved) &&
			    !amount_ok(rt->spaces[i].committed);
	return reserved ? report_pick(r, t, WITH_RESERVED) : t;
}

static struct cell get_average(const struct ask *ask)
{
	const struct walk_kind *k = ask->row;

	return k->count ? cell_u64(k->bytes / k->count) : cell_none();
}

static struct cell get_none(const struct ask *ask attr_unused)
{
	return cell_none();
}

static const struct column kind_columns[] = {
	COLUMN("type", "TYPE", CELL_TEXT, "of objects, or a class of sizes", .flags = COL_TRUNC,
	       FIELD(struct walk_kind, name)),
	COLUMN("count", "OBJECTS", CELL_COUNT, "live", FIELD(struct walk_kind, count)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of them", FIELD(struct walk_kind, bytes)),
	COLUMN("block_bytes", "", CELL_BYTES, "not told apart", .flags = COL_DATA, .get = get_none),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of an object", .get = get_average),
};

/* The same columns for objects that have buffers of their own. */
static const struct column cpython_kind_columns[ARRAY_SIZE(kind_columns)] = {
	COLUMN("type", "TYPE", CELL_TEXT, "with its module", .flags = COL_TRUNC,
	       FIELD(struct walk_kind, name)),
	COLUMN("count", "OBJECTS", CELL_COUNT, "live", FIELD(struct walk_kind, count)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as sys.getsizeof", FIELD(struct walk_kind, bytes)),
	COLUMN("block_bytes", "BLOCKS", CELL_BYTES, "without the buffers that they own",
	       FIELD(struct walk_kind, block_bytes)),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of an object", .get = get_average),
};

static const struct table *kinds_table(struct report *r, const struct walk_runtime *rt)
{
	struct table *t = TABLE_OF(r, kind_columns, rt->kinds, rt->n_kinds);

	if (rt->cpython)
		t->columns = cpython_kind_columns;
	t->layout = LAYOUT_TABLE;
	t->text_rows = KINDS_SHOWN;
	return t;
}

static const struct column large_columns[] = {
	COLUMN("type", "LARGE OBJECTS", CELL_TEXT, "its type", FIELD(struct walk_large, type)),
	COLUMN("address", "ADDRESS", CELL_HEX, "of the object", .flags = COL_DATA,
	       FIELD(struct walk_large, address)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as sys.getsizeof; of a view, what it shows",
	       FIELD(struct walk_large, bytes)),
	COLUMN("resident_bytes", "RSS", CELL_BYTES, "of the object and its buffers",
	       FIELD(struct walk_large, resident_bytes)),
	COLUMN("length", "LENGTH", CELL_COUNT, "items, characters or bytes",
	       FIELD(struct walk_large, length)),
	COLUMN("view", "VIEW", CELL_BOOL, "the memory is not its own", .flags = COL_DATA,
	       FIELD(struct walk_large, is_view)),
	COLUMN("preview", "PREVIEW", CELL_TEXT, "with --preview", .flags = COL_TRUNC,
	       FIELD(struct walk_large, preview)),
};

static const struct table *large_table(struct report *r, const struct walk_runtime *rt,
				       bool preview)
{
	struct table *t = TABLE_OF(r, large_columns, rt->large, rt->n_large);
	struct err never;

	t->layout = LAYOUT_TABLE;
	t->text_rows = LARGE_SHOWN;
	if (!preview)
		(void)table_pick(r, t, "type,bytes,resident,length", &never);
	return t;
}

/* The tables of a runtime. */
struct lists {
	const struct table *spaces, *kinds, *large;
};

static struct cell get_list(const struct ask *ask)
{
	const struct lists *lists = ask->arg;

	return field_table(&(struct ask){ .row = &lists[ask->index], .at = ask->at });
}

static struct cell get_name(const struct ask *ask)
{
	const struct walk_runtime *rt = ask->row;

	return cell_text(rt->label ? rt->label : rt->name);
}

static const char *unread_text(const struct walk_runtime *rt)
{
	return walk_unread_text(rt->unread, rt->unread_other);
}

static struct cell get_unread(const struct ask *ask)
{
	return cell_text(unread_text(ask->row));
}

/* Returns whether a runtime was understood whole; an empty cell for CPython: it has no own heap. */
static struct cell get_complete(const struct ask *ask)
{
	const struct walk_runtime *rt = ask->row;

	if (rt->cpython)
		return cell_none();
	return rt->unread ? cell_absent_text(unread_text(rt)) : cell_bool(rt->complete);
}

static const struct column runtime_columns[] = {
	COLUMN("name", "", CELL_TEXT, "jvm 17: cpython, jvm, go, node, php, ruby, or others",
	       .line = "%", .get = get_name),
	COLUMN("version", "", CELL_TEXT, "of the interpreter", .flags = COL_DATA,
	       FIELD(struct walk_runtime, version)),
	COLUMN("module", "", CELL_TEXT, "the file it is in", .flags = COL_DATA,
	       FIELD(struct walk_runtime, module)),
	COLUMN("unread", "", CELL_TEXT, "why it was not read", .line = "not read: %",
	       .get = get_unread),
	COLUMN("collector", "", CELL_TEXT, "of garbage", .line = "collector %",
	       FIELD(struct walk_runtime, collector)),
	COLUMN("complete", "", CELL_BOOL, "all of it was understood", .flags = COL_DATA,
	       .get = get_complete),
	COLUMN("objects", "", CELL_COUNT, "live", .line = "% object|% objects",
	       FIELD(struct walk_runtime, total.objects)),
	COLUMN("bytes", "", CELL_BYTES, "as sys.getsizeof", .line = "% as sys.getsizeof counts",
	       FIELD(struct walk_runtime, bytes)),
	COLUMN("buffers_bytes", "", CELL_BYTES, "of these, outside of the objects themselves",
	       .line = "% of it in buffers", FIELD(struct walk_runtime, buffers_bytes)),
	COLUMN("reserved_bytes", "", CELL_BYTES, "of address space for the heap", .flags = COL_DATA,
	       FIELD(struct walk_runtime, total.reserved)),
	COLUMN("committed_bytes", "", CELL_BYTES, "of the heap", .line = "heap of %",
	       FIELD(struct walk_runtime, total.committed)),
	COLUMN("live_bytes", "", CELL_BYTES, "of the heap, in use", .line = "% live",
	       FIELD(struct walk_runtime, total.live)),
	COLUMN("free_bytes", "", CELL_BYTES, "committed and not in use", .flags = COL_DATA,
	       FIELD(struct walk_runtime, total.free_bytes)),
	COLUMN("resident_bytes", "", CELL_BYTES, "of the heap, in RAM", .flags = COL_DATA,
	       FIELD(struct walk_runtime, total.resident)),
	COLUMN("free_resident_bytes", "", CELL_BYTES, "of these, not in use",
	       .line = "% free and still in RAM", FIELD(struct walk_runtime, total.free_resident)),
	COLUMN("peak_live_bytes", "", CELL_BYTES, "the most that was live", .line = "% at its peak",
	       FIELD(struct walk_runtime, peak_live)),
	COLUMN("peak_committed_bytes", "", CELL_BYTES, "the most that was committed",
	       .flags = COL_DATA, FIELD(struct walk_runtime, peak_committed)),
	COLUMN("recounted_bytes", "", CELL_BYTES, "that RSS counts once more, or more often",
	       .line = "RSS counts % of it again", FIELD(struct walk_runtime, recounted)),
	COLUMN("tasks", "", CELL_COUNT, "that it schedules itself: goroutines",
	       .line = "% goroutine|% goroutines", FIELD(struct walk_runtime, tasks.live)),
	COLUMN("tasks_waiting", "", CELL_COUNT, "of these, not ready to run", .line = "% waiting",
	       FIELD(struct walk_runtime, tasks.waiting)),
	COLUMN("tasks_ended", "", CELL_COUNT, "kept for those to come", .flags = COL_DATA,
	       FIELD(struct walk_runtime, tasks.ended)),
	COLUMN("spaces", "", CELL_TABLE, "generations, regions, caches", .get = get_list,
	       .at = offsetof(struct lists, spaces)),
	COLUMN("types", "", CELL_TABLE, "by type", .get = get_list,
	       .at = offsetof(struct lists, kinds)),
	COLUMN("large", "", CELL_TABLE, "one by one", .get = get_list,
	       .at = offsetof(struct lists, large)),
};

const struct table *build_runtimes(struct report *r, const struct walk *walk)
{
	struct lists *lists = arena_array(&r->arena, walk->n_runtimes, struct lists);
	struct table *t = TABLE_OF(r, runtime_columns, walk->runtimes, walk->n_runtimes);

	t->layout = LAYOUT_SECTIONS;
	t->arg = lists;
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		const struct walk_runtime *rt = &walk->runtimes[i];

		lists[i] = (struct lists){
			.spaces = spaces_table(r, rt),
			.kinds = kinds_table(r, rt),
			.large = large_table(r, rt, walk->opts.preview),
		};
	}
	return t;
}
