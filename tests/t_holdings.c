/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/holdings, and of how depth/apply fills them.
 */
#include "model/snapshot/heap_stats.h"

#include "snap.h"
#include "walk/apply.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

#define auto_holdings __attribute__((cleanup(holdings_release))) struct holdings
#define auto_arena __attribute__((cleanup(arena_release))) struct arena

static void add(struct holdings *h, struct arena *arena, enum holding_kind kind, const char *owner,
		const char *name, uint64_t count, uint64_t bytes)
{
	holdings_add(h, arena, &(struct holding){ kind, owner, name, amount_of(count), bytes });
}

static const struct holding *want(const struct holdings *h, enum holding_kind kind,
				  const char *owner, const char *name, uint64_t bytes)
{
	const struct holding *row = holdings_find(h, kind, owner, name);

	assert_non_null(row);
	assert_int_equal(row->bytes, bytes);
	return row;
}

static void test_same(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_holdings h = { 0 };

	add(&h, &arena, HOLDING_TYPE, "cpython 3.11", "dict", 2, 500);
	add(&h, &arena, HOLDING_TYPE, "cpython 3.12", "dict", 1, 7);
	add(&h, &arena, HOLDING_CLASS, "cpython 3.11", "dict", 1, 9);
	add(&h, &arena, HOLDING_TYPE, "cpython 3.11", "dict", 3, 20);
	assert_int_equal(h.n, 3);
	assert_amount(want(&h, HOLDING_TYPE, "cpython 3.11", "dict", 520)->count, 5);
	assert_amount(want(&h, HOLDING_TYPE, "cpython 3.12", "dict", 7)->count, 1);
	assert_amount(want(&h, HOLDING_CLASS, "cpython 3.11", "dict", 9)->count, 1);
	assert_null(holdings_find(&h, HOLDING_LINE, "cpython 3.11", "dict"));
}

static void test_absent_count(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_holdings h = { 0 };
	struct holding row = { HOLDING_LINE, "malloc", "native", amount_absent("none"), 5 };

	holdings_add(&h, &arena, &row);
	row.count = amount_of(1);
	holdings_add(&h, &arena, &row);
	assert_absent(want(&h, HOLDING_LINE, "malloc", "native", 10)->count, "none");
}

static void test_huge(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_holdings h = { 0 };

	add(&h, &arena, HOLDING_TYPE, "a", "b", 1, UINT64_MAX - 1);
	add(&h, &arena, HOLDING_TYPE, "a", "b", 1, 5);
	(void)want(&h, HOLDING_TYPE, "a", "b", UINT64_MAX);
}

/* The first ones have a row each, whatever comes behind them. */
static void test_bound(void **state attr_unused)
{
	auto_arena arena = ARENA_INIT;
	auto_holdings h = { 0 };
	char name[16];

	for (int i = 0; i < 2 * HOLDINGS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "t%d", i);
		add(&h, &arena, HOLDING_TYPE, i % 2 ? "odd" : "even", name, 1, 10);
	}
	add(&h, &arena, HOLDING_TYPE, "even", "t0", 1, 1);
	add(&h, &arena, HOLDING_CLASS, "even", "t0", 1, 3);
	assert_int_equal(h.n, HOLDINGS_MAX + 2);
	(void)want(&h, HOLDING_TYPE, "even", "t0", 11);
	(void)want(&h, HOLDING_TYPE, "odd", "t4095", 10);
	assert_null(holdings_find(&h, HOLDING_TYPE, "even", "t4096"));
	assert_amount(want(&h, HOLDING_TYPE, "", "(other types)", 10 * HOLDINGS_MAX)->count,
		      HOLDINGS_MAX);
	(void)want(&h, HOLDING_CLASS, "even", "t0", 3);
}

static const struct id_row {
	const char *id;
	enum holding_kind kind;
	const char *owner, *name;
} id_rows[] = {
	{ "type:cpython 3.11/dict", HOLDING_TYPE, "cpython 3.11", "dict" },
	{ "line:glibc malloc/native", HOLDING_LINE, "glibc malloc", "native" },
	{ "allocator:glibc malloc/free", HOLDING_ALLOCATOR, "glibc malloc", "free" },
	{ "class:glibc malloc/a::b<c:d>/e", HOLDING_CLASS, "glibc malloc", "a::b<c:d>/e" },
	{ "type:/(other types)", HOLDING_TYPE, "", "(other types)" },
};

static void test_id(void **state)
{
	const struct id_row *row = *state;
	const struct holding h = { .kind = row->kind, .owner = row->owner, .name = row->name };
	struct holding parsed;
	auto_free char *buf = NULL;
	auto_sbuf id = SBUF_INIT;

	holding_add_id(&id, &h);
	assert_string_equal(sbuf_str(&id), row->id);
	assert_true(holding_parse_id(row->id, &parsed, &buf));
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
	struct holding h;
	char *buf = NULL;

	assert_false(holding_parse_id(*(const char *const *)*state, &h, &buf));
	assert_null(buf);
}

/* A walk that found two lines of malloc in two regions, its sums, a runtime and its types. */
static void test_apply(void **state attr_unused)
{
	auto_snapshot s;
	struct depth_owner owners[] = { { OWNER_ALLOCATOR, "glibc malloc" } };
	struct depth_class class = { .name = "node::Buffer", .blocks = 3, .bytes = 300 };
	struct cpython_type types[] = { { "dict", 2, 400, 96 }, { "list", 1, 60, 56 } };
	struct depth_allocator allocators[] = {
		{ .name = "glibc malloc",
		  .total = { .live_bytes = 1000, .live_blocks = 10, .top_bytes = 64 },
		  .mmapped_bytes = 5000,
		  .mmapped_blocks = 1,
		  .objects = &class,
		  .n_objects = 1,
		  .object_blocks = 4,
		  .object_bytes = 350 },
		{ .name = "jemalloc", .unread = "not read yet", .total = { .live_bytes = 9 } },
	};
	struct cpython cpythons[] = {
		{ .name = "cpython 3.11",
		  .types = types,
		  .n_types = ARRAY_SIZE(types),
		  .pymalloc = { .live_bytes = 900,
				.free_bytes = 10,
				.free_pool_bytes = 20,
				.untouched_bytes = 30 } },
	};
	struct depth_kind kinds[] = { { "String", 7, 700 } };
	struct depth_runtime runtimes[] = {
		{ .name = "jvm",
		  .label = "jvm 17",
		  .total = { .live = amount_of(5000),
			     .objects = amount_of(40),
			     .free_bytes = amount_absent("not told") },
		  .kinds = kinds,
		  .n_kinds = 1 },
		{ .name = "go", .unread = "not read yet" },
	};
	struct depth d = {
		.snap = &s,
		.owners = owners,
		.n_owners = 1,
		.allocators = allocators,
		.n_allocators = ARRAY_SIZE(allocators),
		.cpythons = cpythons,
		.n_cpythons = 1,
		.runtimes = runtimes,
		.n_runtimes = ARRAY_SIZE(runtimes),
		.partial = "cancelled",
	};
	const struct holdings *h = &s.holdings;

	snap_init(&s);
	snap_add_anonymous(&s, 0x10000, 64, 64);
	snap_add_anonymous(&s, 0x50000, 64, 64);
	assert_int_equal(h->read, 0);
	claims_init(&d.claims, &s);
	claims_add(&d.claims, 0, 0, LINE_NATIVE, 4096);
	claims_add(&d.claims, 1, 0, LINE_NATIVE, 8192);
	claims_add(&d.claims, 1, 0, LINE_MALLOC_FREE, 100);
	depth_apply(&d, &s);
	claims_release(&d.claims);

	assert_string_equal(h->partial, "cancelled");
	for (int kind = 0; kind < HOLDING_KIND_COUNT; kind++)
		assert_true(holdings_have(h, (enum holding_kind)kind));
	(void)want(h, HOLDING_LINE, "glibc malloc", "native", 12288);
	(void)want(h, HOLDING_LINE, "glibc malloc", "free", 100);
	assert_amount(want(h, HOLDING_ALLOCATOR, "glibc malloc", "live", 6000)->count, 11);
	(void)want(h, HOLDING_ALLOCATOR, "glibc malloc", "top", 64);
	(void)want(h, HOLDING_ALLOCATOR, "cpython 3.11", "free", 60);
	assert_null(holdings_find(h, HOLDING_ALLOCATOR, "jemalloc", "live"));
	assert_amount(want(h, HOLDING_CLASS, "glibc malloc", "node::Buffer", 300)->count, 3);
	assert_amount(want(h, HOLDING_CLASS, "glibc malloc", "(other classes)", 50)->count, 1);
	assert_amount(want(h, HOLDING_TYPE, "cpython 3.11", "dict", 400)->count, 2);
	(void)want(h, HOLDING_TYPE, "cpython 3.11", "list", 60);
	assert_amount(want(h, HOLDING_ALLOCATOR, "jvm 17", "live", 5000)->count, 40);
	assert_null(holdings_find(h, HOLDING_ALLOCATOR, "jvm 17", "free"));
	assert_amount(want(h, HOLDING_TYPE, "jvm 17", "String", 700)->count, 7);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "rows of the same kind, owner and name are one", test_same);
	rows_add_one(&list, "a count that is not told stays absent", test_absent_count);
	rows_add_one(&list, "bytes do not wrap", test_huge);
	rows_add_one(&list, "what is beyond the bound is one row", test_bound);
	ROWS_ADD(&list, "id", id_rows, test_id);
	ROWS_ADD(&list, "no id", no_ids, test_no_id);
	rows_add_one(&list, "a walk fills them", test_apply);
	return rows_run("holdings", &list);
}
