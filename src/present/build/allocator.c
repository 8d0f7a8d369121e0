/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What allocators hold: each of them, its arenas, sizes and classes of blocks.
 */
#include "present/build/deep.h"

#include "present/build/cells.h"

static const struct column heap_columns[] = {
	COLUMN("address", "ARENA", CELL_HEX, "of its state", FIELD(struct walk_arena, address)),
	COLUMN("main", "MAIN", CELL_BOOL, "of the first thread", .flags = COL_DATA,
	       FIELD(struct walk_arena, is_main)),
	COLUMN("heaps", "HEAPS", CELL_COUNT, "contiguous pieces", FIELD(struct walk_arena, heaps)),
	COLUMN("system_bytes", "SYSTEM", CELL_BYTES, "taken from the kernel",
	       FIELD(struct walk_arena, sums.system_bytes)),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use by the program",
	       FIELD(struct walk_arena, sums.live_bytes)),
	COLUMN("live_blocks", "BLOCKS", CELL_COUNT, "in use", .flags = COL_DATA,
	       FIELD(struct walk_arena, sums.live_blocks)),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "in bins",
	       FIELD(struct walk_arena, sums.free_bytes)),
	COLUMN("top_bytes", "TOP", CELL_BYTES, "at the end, not handed out yet",
	       FIELD(struct walk_arena, sums.top_bytes)),
	COLUMN("tcache_bytes", "TCACHE", CELL_BYTES, "in caches of threads", .flags = COL_DATA,
	       FIELD(struct walk_arena, sums.tcache_bytes)),
	COLUMN("overhead_bytes", "OVERHEAD", CELL_BYTES, "tables and fenceposts", .flags = COL_DATA,
	       FIELD(struct walk_arena, sums.overhead_bytes)),
	COLUMN("unwalked_bytes", "UNWALKED", CELL_BYTES, "not understood", .flags = COL_DATA,
	       FIELD(struct walk_arena, sums.unwalked_bytes)),
	COLUMN("free_resident_bytes", "RESIDENT", CELL_BYTES, "RAM behind free and top",
	       .flags = COL_DATA, FIELD(struct walk_arena, sums.free_resident_bytes)),
	COLUMN("trimmable_bytes", "TRIMMABLE", CELL_BYTES,
	       "whole pages of that, which malloc_trim would return",
	       FIELD(struct walk_arena, sums.trimmable_bytes)),
};

static const struct column class_columns[] = {
	COLUMN("max_bytes", "UP TO", CELL_BYTES, "size of a block",
	       FIELD(struct walk_size_class, max_bytes)),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use", FIELD(struct walk_size_class, blocks)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "in use", FIELD(struct walk_size_class, bytes)),
};

static const struct column block_columns[] = {
	COLUMN("address", "ADDRESS", CELL_HEX, "that malloc returned",
	       FIELD(struct walk_block, address)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "with the header", FIELD(struct walk_block, bytes)),
};

static const struct column size_columns[] = {
	COLUMN("bytes", "BYTES", CELL_BYTES, "of each, with its header",
	       FIELD(struct walk_size, bytes)),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use, owned by no object",
	       FIELD(struct walk_size, blocks)),
};

static const struct column module_columns[] = {
	COLUMN("module", "MODULE", CELL_TEXT, "the file that blocks begin with a pointer into",
	       FIELD(struct walk_module, path)),
	COLUMN("package", "PACKAGE", CELL_TEXT, "that installed it",
	       FIELD(struct walk_module, package)),
	COLUMN("blocks", "BLOCKS", CELL_COUNT, "in use, owned by no object",
	       FIELD(struct walk_module, blocks)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of these", FIELD(struct walk_module, bytes)),
};

enum { OBJECTS_SHOWN = 10, ARENAS_SHOWN = 6 };

static struct cell get_average(const struct ask *ask)
{
	const struct walk_class *c = ask->row;

	return cell_u64(c->bytes / c->blocks);
}

static const struct column object_columns[] = {
	COLUMN("class", "C++ CLASS", CELL_TEXT, "whose objects begin live blocks",
	       .flags = COL_TRUNC, FIELD(struct walk_class, name)),
	COLUMN("module", "MODULE", CELL_TEXT, "the file with its virtual table", .flags = COL_DATA,
	       FIELD(struct walk_class, module)),
	COLUMN("blocks", "OBJECTS", CELL_COUNT, "live", FIELD(struct walk_class, blocks)),
	COLUMN("bytes", "BYTES", CELL_BYTES, "of their blocks", FIELD(struct walk_class, bytes)),
	COLUMN("average_bytes", "AVERAGE", CELL_BYTES, "of a block", .flags = COL_TEXT,
	       .get = get_average),
};

static int compare_classes(const void *a, const void *b)
{
	const struct walk_class *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

const struct table *build_cxx_objects(struct report *r, const struct walk *walk)
{
	struct walk_class *all;
	struct table *t;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < walk->n_allocators; i++)
		n += walk->allocators[i].n_objects;
	if (n == 0)
		return NULL;
	all = arena_array(&r->arena, n, struct walk_class);
	for (size_t i = 0; i < walk->n_allocators; i++) {
		for (size_t j = 0; j < walk->allocators[i].n_objects; j++)
			all[k++] = walk->allocators[i].objects[j];
	}
	qsort(all, n, sizeof(*all), compare_classes);
	t = TABLE_OF(r, object_columns, all, n);
	t->layout = LAYOUT_TABLE;
	t->text_rows = OBJECTS_SHOWN;
	return t;
}

/* The tables of an allocator. */
struct lists {
	const struct table *arenas, *classes, *largest, *sizes, *modules, *objects;
};

static struct cell get_list(const struct ask *ask)
{
	const struct lists *lists = ask->arg;

	return field_table(&(struct ask){ .row = &lists[ask->index], .at = ask->at });
}

static const char *unread_text(const struct walk_allocator *a)
{
	return walk_unread_text(a->unread, a->unread_other);
}

static struct cell get_unread(const struct ask *ask)
{
	return cell_text(unread_text(ask->row));
}

/* Returns a number, or why the allocator was not read. */
static struct cell get_number(const struct ask *ask)
{
	const struct walk_allocator *a = ask->row;

	return a->unread ? cell_absent_text(unread_text(a)) : field_u64(ask);
}

static struct cell get_complete(const struct ask *ask)
{
	const struct walk_allocator *a = ask->row;

	return a->unread ? cell_absent_text(unread_text(a)) : cell_bool(a->complete);
}

#define NUMBER(member) .get = get_number, .at = offsetof(struct walk_allocator, member)
#define LIST(member) .flags = COL_DATA, .get = get_list, .at = offsetof(struct lists, member)

static const struct column allocator_columns[] = {
	COLUMN("name", "ALLOCATOR", CELL_TEXT, "its name", FIELD(struct walk_allocator, name)),
	COLUMN("module", "MODULE", CELL_TEXT, "the file it is in", .flags = COL_DATA,
	       FIELD(struct walk_allocator, module)),
	COLUMN("version", "VERSION", CELL_TEXT, "of its data structures", .flags = COL_DATA,
	       FIELD(struct walk_allocator, version)),
	COLUMN("unread", "UNREAD", CELL_TEXT, "why it was not read", .flags = COL_DATA,
	       .get = get_unread),
	COLUMN("complete", "COMPLETE", CELL_BOOL, "everything was walked", .flags = COL_DATA,
	       .get = get_complete),
	COLUMN("system_bytes", "SYSTEM", CELL_BYTES, "taken from the kernel",
	       NUMBER(total.system_bytes)),
	COLUMN("live_bytes", "LIVE", CELL_BYTES, "in use by the program", NUMBER(total.live_bytes)),
	COLUMN("live_blocks", "BLOCKS", CELL_COUNT, "in use", NUMBER(total.live_blocks)),
	COLUMN("free_bytes", "FREE", CELL_BYTES, "in bins", NUMBER(total.free_bytes)),
	COLUMN("top_bytes", "TOP", CELL_BYTES, "at the end, not handed out yet",
	       NUMBER(total.top_bytes)),
	COLUMN("tcache_bytes", "TCACHE", CELL_BYTES, "in caches of threads",
	       NUMBER(total.tcache_bytes)),
	COLUMN("overhead_bytes", "OVERHEAD", CELL_BYTES, "tables and fenceposts", .flags = COL_DATA,
	       NUMBER(total.overhead_bytes)),
	COLUMN("unwalked_bytes", "UNWALKED", CELL_BYTES, "not understood",
	       NUMBER(total.unwalked_bytes)),
	COLUMN("mmapped_bytes", "MAPPED", CELL_BYTES, "blocks with a mapping each",
	       NUMBER(mmapped_bytes)),
	COLUMN("mmapped_chunks", "", CELL_COUNT, "their number", .flags = COL_DATA,
	       NUMBER(mmapped_blocks)),
	COLUMN("mmapped_unfound_bytes", "UNFOUND", CELL_BYTES,
	       "more of those by the allocator's own count", .flags = COL_DATA,
	       NUMBER(mmapped_unfound_bytes)),
	COLUMN("free_resident_bytes", "", CELL_BYTES, "RAM behind free and top", .flags = COL_DATA,
	       NUMBER(total.free_resident_bytes)),
	COLUMN("trimmable_bytes", "TRIMMABLE", CELL_BYTES, "malloc_trim would return it",
	       NUMBER(total.trimmable_bytes)),
	COLUMN("n_arenas", "ARENAS", CELL_COUNT, "", .flags = COL_TEXT, NUMBER(n_arenas)),
	COLUMN("arenas", "", CELL_TABLE, "each of its arenas", LIST(arenas)),
	COLUMN("size_classes", "", CELL_TABLE, "of live blocks", LIST(classes)),
	COLUMN("largest", "", CELL_TABLE, "live blocks", LIST(largest)),
	COLUMN("native_sizes", "", CELL_TABLE, "of live blocks that no object owns", LIST(sizes)),
	COLUMN("native_modules", "", CELL_TABLE, "that such blocks point into", LIST(modules)),
	COLUMN("object_blocks", "", CELL_COUNT, "that C++ objects begin", .flags = COL_DATA,
	       NUMBER(object_blocks)),
	COLUMN("object_bytes", "", CELL_BYTES, "of these", .flags = COL_DATA, NUMBER(object_bytes)),
	COLUMN("classes", "", CELL_TABLE, "of C++, by their live objects", LIST(objects)),
};

#undef NUMBER
#undef LIST

static bool is_unwalked(const struct walk *walk)
{
	for (size_t i = 0; i < walk->n_allocators; i++) {
		if (walk->allocators[i].total.unwalked_bytes ||
		    walk->allocators[i].mmapped_unfound_bytes)
			return true;
	}
	return false;
}

#define SHOWN "name,live_bytes,mmapped_bytes,free_bytes,top_bytes,trimmable_bytes,n_arenas"

/* Text has the columns that matter most, and UNWALKED only where something was not understood. */
const struct table *build_allocators(struct report *r, const struct walk *walk)
{
	struct lists *lists = arena_array(&r->arena, walk->n_allocators, struct lists);
	struct table *t = TABLE_OF(r, allocator_columns, walk->allocators, walk->n_allocators);

	t->layout = LAYOUT_TABLE;
	t->arg = lists;
	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		lists[i] = (struct lists){
			.arenas = TABLE_OF(r, heap_columns, a->arenas, a->n_arenas),
			.classes = TABLE_OF(r, class_columns, a->classes, a->n_classes),
			.largest = TABLE_OF(r, block_columns, a->largest, a->n_largest),
			.sizes = TABLE_OF(r, size_columns, a->sizes, a->n_sizes),
			.modules = TABLE_OF(r, module_columns, a->modules, a->n_modules),
			.objects = TABLE_OF(r, object_columns, a->objects, a->n_objects),
		};
	}
	return report_pick(
		r, t, is_unwalked(walk) ? SHOWN ",unwalked_bytes,mmapped_unfound_bytes" : SHOWN);
}

struct unread {
	const char *why;
};

static const struct column unread_columns[] = {
	COLUMN("why", "", CELL_TEXT, "of all allocators that were not read", .line = "not read: %",
	       FIELD(struct unread, why)),
};

const struct table *build_unread_allocators(struct report *r, const struct walk *walk)
{
	struct unread *unread = arena_alloc(&r->arena, sizeof(*unread));
	auto_sbuf text = SBUF_INIT;
	struct table *t;

	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_allocator *a = &walk->allocators[i];

		if (a->unread)
			sbuf_addf(&text, "%s%s (%s)", text.len ? ", " : "", a->name,
				  unread_text(a));
	}
	if (!text.len)
		return NULL;
	unread->why = arena_strdup(&r->arena, sbuf_str(&text));
	t = report_object(r, unread_columns, ARRAY_SIZE(unread_columns), unread);
	t->layout = LAYOUT_LINE;
	return t;
}

static int compare_arenas(const void *a, const void *b)
{
	const struct walk_arena *x = a, *y = b;

	if (x->sums.system_bytes != y->sums.system_bytes)
		return x->sums.system_bytes < y->sums.system_bytes ? 1 : -1;
	return (x->address > y->address) - (x->address < y->address);
}

const struct table *build_largest_arenas(struct report *r, const struct walk *walk)
{
	struct walk_arena *all;
	struct table *t;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < walk->n_allocators; i++)
		n += walk->allocators[i].n_arenas;
	if (n < 2)
		return NULL;
	all = arena_array(&r->arena, n, struct walk_arena);
	for (size_t i = 0; i < walk->n_allocators; i++) {
		for (size_t j = 0; j < walk->allocators[i].n_arenas; j++)
			all[k++] = walk->allocators[i].arenas[j];
	}
	qsort(all, n, sizeof(*all), compare_arenas);
	t = TABLE_OF(r, heap_columns, all, n);
	t->layout = LAYOUT_TABLE;
	t->text_rows = ARENAS_SHOWN;
	return t;
}
