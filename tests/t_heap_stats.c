/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/snapshot/heap_stats, and of how walk/apply fills them.
 */
#include "model/snapshot/heap_stats.h"

#include "attribute.h"
#include "snap.h"
#include "walk/apply.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

#define auto_heap_stats __attribute__((cleanup(heap_stats_release))) struct heap_stats
#define auto_arena __attribute__((cleanup(arena_release))) struct arena

static void add(struct heap_stats *h, struct arena *arena, enum heap_stat_kind kind,
		const char *owner, const char *name, uint64_t count, uint64_t bytes)
{
	heap_stats_add(h, arena, &(struct heap_stat){ kind, owner, name, amount_of(count), bytes });
}

static const struct heap_stat *want(const struct heap_stats *h, enum heap_stat_kind kind,
				    const char *owner, const char *name, uint64_t bytes)
{
	const struct heap_stat *row = heap_stats_find(h, kind, owner, name);

	assert_non_null(row);
	assert_int_equal(row->bytes, bytes);
	return row;
}

static void test_same(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_heap_stats h = { 0 };

	add(&h, &arena, HEAP_STAT_TYPE, "cpython 3.11", "dict", 2, 500);
	add(&h, &arena, HEAP_STAT_TYPE, "cpython 3.12", "dict", 1, 7);
	add(&h, &arena, HEAP_STAT_CLASS, "cpython 3.11", "dict", 1, 9);
	add(&h, &arena, HEAP_STAT_TYPE, "cpython 3.11", "dict", 3, 20);
	assert_int_equal(h.n, 3);
	assert_amount(want(&h, HEAP_STAT_TYPE, "cpython 3.11", "dict", 520)->count, 5);
	assert_amount(want(&h, HEAP_STAT_TYPE, "cpython 3.12", "dict", 7)->count, 1);
	assert_amount(want(&h, HEAP_STAT_CLASS, "cpython 3.11", "dict", 9)->count, 1);
	assert_null(heap_stats_find(&h, HEAP_STAT_LINE, "cpython 3.11", "dict"));
}

static void test_absent_count(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_heap_stats h = { 0 };
	struct heap_stat row = { HEAP_STAT_LINE, "malloc", "native",
				 amount_absent(REASON_NOT_OF_LINE), 5 };

	heap_stats_add(&h, &arena, &row);
	row.count = amount_of(1);
	heap_stats_add(&h, &arena, &row);
	assert_absent(want(&h, HEAP_STAT_LINE, "malloc", "native", 10)->count, REASON_NOT_OF_LINE);
}

static void test_huge(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_heap_stats h = { 0 };

	add(&h, &arena, HEAP_STAT_TYPE, "a", "b", 1, UINT64_MAX - 1);
	add(&h, &arena, HEAP_STAT_TYPE, "a", "b", 1, 5);
	(void)want(&h, HEAP_STAT_TYPE, "a", "b", UINT64_MAX);
}

/* The first rows are kept, whatever follows. */
static void test_bound(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_heap_stats h = { 0 };
	char name[16];

	for (int i = 0; i < 2 * HEAP_STATS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "t%d", i);
		add(&h, &arena, HEAP_STAT_TYPE, i % 2 ? "odd" : "even", name, 1, 10);
	}
	add(&h, &arena, HEAP_STAT_TYPE, "even", "t0", 1, 1);
	add(&h, &arena, HEAP_STAT_CLASS, "even", "t0", 1, 3);
	assert_int_equal(h.n, HEAP_STATS_MAX + 2);
	(void)want(&h, HEAP_STAT_TYPE, "even", "t0", 11);
	(void)want(&h, HEAP_STAT_TYPE, "odd", "t4095", 10);
	assert_null(heap_stats_find(&h, HEAP_STAT_TYPE, "even", "t4096"));
	assert_amount(want(&h, HEAP_STAT_TYPE, "", "(other types)", 10 * HEAP_STATS_MAX)->count,
		      HEAP_STATS_MAX);
	(void)want(&h, HEAP_STAT_CLASS, "even", "t0", 3);
}

static const struct id_row {
	const char *id;
	enum heap_stat_kind kind;
	const char *owner, *name;
} id_rows[] = {
	{ "type:cpython 3.11/dict", HEAP_STAT_TYPE, "cpython 3.11", "dict" },
	{ "line:glibc malloc/native", HEAP_STAT_LINE, "glibc malloc", "native" },
	{ "allocator:glibc malloc/free", HEAP_STAT_ALLOCATOR, "glibc malloc", "free" },
	{ "class:glibc malloc/a::b<c:d>/e", HEAP_STAT_CLASS, "glibc malloc", "a::b<c:d>/e" },
	{ "type:/(other types)", HEAP_STAT_TYPE, "", "(other types)" },
};

static void test_id(void **state)
{
	const struct id_row *row = *state;
	const struct heap_stat h = { .kind = row->kind, .owner = row->owner, .name = row->name };
	struct heap_stat parsed;
	auto_free char *buf = NULL;
	auto_sbuf id = SBUF_INIT;

	heap_stat_add_id(&id, &h);
	assert_string_equal(sbuf_str(&id), row->id);
	assert_true(heap_stat_parse_id(row->id, &parsed, &buf));
	assert_int_equal(parsed.kind, row->kind);
	assert_string_equal(parsed.owner, row->owner);
	assert_string_equal(parsed.name, row->name);
}

static const char *const no_ids[] = {
	"",          "rss",  "type",     "type:",           "type:a",        "typ:a/b",
	"types:a/b", ":a/b", "a/type:b", "category:heap/a", "region:x/y@10", "TYPE:a/b",
};

static void test_no_id(void **state)
{
	struct heap_stat h;
	char *buf = NULL;

	assert_false(heap_stat_parse_id(*(const char *const *)*state, &h, &buf));
	assert_null(buf);
}

/* A walk that found two lines of malloc in two regions, its sums, a runtime and its types. */
static void test_apply(void **state attr_unused)
{
	auto_snapshot s;
	struct walk_owner owners[] = { { OWNER_ALLOCATOR, "glibc malloc" } };
	struct walk_class class = { .name = "node::Buffer", .blocks = 3, .bytes = 300 };
	struct walk_kind types[] = { { "dict", 2, 400, 96 }, { "list", 1, 60, 56 } };
	struct walk_allocator allocators[] = {
		{ .name = "glibc malloc",
		  .total = { .live_bytes = 1000, .live_blocks = 10, .top_bytes = 64 },
		  .mmapped_bytes = 5000,
		  .mmapped_blocks = 1,
		  .objects = &class,
		  .n_objects = 1,
		  .object_blocks = 4,
		  .object_bytes = 350 },
		{ .name = "jemalloc", .unread = REASON_NOT_READ_YET, .total = { .live_bytes = 9 } },
	};
	struct cpython python = {
		.pymalloc.total = { .live_bytes = 900,
				    .free_bytes = 30,
				    .idle_bytes = 20,
				    .top_bytes = 30 },
	};
	struct walk_kind kinds[] = { { "String", 7, 700, 0 } };
	const struct walk_space nothing = walk_space_of("heap");
	struct walk_runtime runtimes[] = {
		{ .name = "cpython",
		  .label = "cpython 3.11",
		  .total = nothing,
		  .kinds = types,
		  .n_kinds = ARRAY_SIZE(types),
		  .cpython = &python },
		{ .name = "jvm",
		  .label = "jvm 17",
		  .total = { .live = amount_of(5000),
			     .objects = amount_of(40),
			     .free_bytes = amount_absent(REASON_NOT_COUNTED) },
		  .kinds = kinds,
		  .n_kinds = 1 },
		{ .name = "go", .unread = REASON_NOT_READ_YET },
	};
	struct walk walk = {
		.snap = &s,
		.owners = owners,
		.n_owners = 1,
		.allocators = allocators,
		.n_allocators = ARRAY_SIZE(allocators),
		.runtimes = runtimes,
		.n_runtimes = ARRAY_SIZE(runtimes),
		.partial = REASON_INTERRUPTED,
	};
	const struct heap_stats *h = &s.heap_stats;

	snap_init(&s);
	snap_add_anonymous(&s, 0x10000, 64, 64);
	snap_add_anonymous(&s, 0x50000, 64, 64);
	assert_int_equal(h->read, 0);
	attributions_init(&walk.attributions, &s);
	attribute(&walk.attributions, 0, 0, LINE_NATIVE, 4096);
	attribute(&walk.attributions, 1, 0, LINE_NATIVE, 8192);
	attribute(&walk.attributions, 1, 0, LINE_MALLOC_FREE, 100);
	walk_apply(&walk, &s);
	attributions_release(&walk.attributions);

	assert_int_equal(h->partial, REASON_INTERRUPTED);
	for (int kind = 0; kind < HEAP_STAT_KIND_COUNT; kind++)
		assert_true(heap_stats_have(h, (enum heap_stat_kind)kind));
	(void)want(h, HEAP_STAT_LINE, "glibc malloc", "native", 12288);
	(void)want(h, HEAP_STAT_LINE, "glibc malloc", "free", 100);
	assert_amount(want(h, HEAP_STAT_ALLOCATOR, "glibc malloc", "live", 6000)->count, 11);
	(void)want(h, HEAP_STAT_ALLOCATOR, "glibc malloc", "top", 64);
	(void)want(h, HEAP_STAT_ALLOCATOR, "cpython 3.11", "free", 60);
	assert_null(heap_stats_find(h, HEAP_STAT_ALLOCATOR, "jemalloc", "live"));
	assert_amount(want(h, HEAP_STAT_CLASS, "glibc malloc", "node::Buffer", 300)->count, 3);
	assert_amount(want(h, HEAP_STAT_CLASS, "glibc malloc", "(other classes)", 50)->count, 1);
	assert_amount(want(h, HEAP_STAT_TYPE, "cpython 3.11", "dict", 400)->count, 2);
	(void)want(h, HEAP_STAT_TYPE, "cpython 3.11", "list", 60);
	assert_amount(want(h, HEAP_STAT_ALLOCATOR, "jvm 17", "live", 5000)->count, 40);
	assert_null(heap_stats_find(h, HEAP_STAT_ALLOCATOR, "jvm 17", "free"));
	assert_amount(want(h, HEAP_STAT_TYPE, "jvm 17", "String", 700)->count, 7);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "rows of the same kind, owner and name are one", test_same);
	rows_add_one(&list, "an unknown count stays absent", test_absent_count);
	rows_add_one(&list, "bytes do not wrap", test_huge);
	rows_add_one(&list, "rows beyond the limit become one row", test_bound);
	ROWS_ADD(&list, "id", id_rows, test_id);
	ROWS_ADD(&list, "no id", no_ids, test_no_id);
	rows_add_one(&list, "a walk fills them", test_apply);
	return rows_run("heap_stats", &list);
}
