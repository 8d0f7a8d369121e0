/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/alloc/size_account and allocator_walk: one mapping of 64 KiB, of which the pages from ABSENT on have no memory.
 */
#include "walk/alloc/allocator_walk.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "fakemem.h"
#include "snap.h"

#define BASE UINT64_C(0x7f0000000000)
#define ABSENT (BASE + KIB(48))
#define END (BASE + KIB(64))

struct bench {
	struct snapshot snap;
	struct fakemem mem;
	struct walk walk;
};

#define auto_bench __attribute__((cleanup(bench_release))) struct bench

static void bench_init(struct bench *b)
{
	*b = (struct bench){ 0 };
	snap_init(&b->snap);
	snap_add_anonymous(&b->snap, BASE, 64, 48);
	fake_map(&b->mem, BASE, END, NULL);
	fake_state(&b->mem, BASE, ABSENT, PAGE_PRESENT);
	b->walk = (struct walk){ .snap = &b->snap,
				 .mem = fake_open(&b->mem, NULL),
				 .arena = ARENA_INIT };
	b->mem.mem = NULL; /* the walk has it */
	attributions_init(&b->walk.attributions, &b->snap);
}

static void bench_release(struct bench *b)
{
	walk_release(&b->walk);
	fake_release(&b->mem);
	snapshot_release(&b->snap);
}

static uint32_t no_library(const struct walk *walk attr_unused)
{
	return 0;
}

/* Returns the bytes of a line, of all owners. */
static uint64_t attributed(const struct walk *walk, enum walk_line line)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < walk->attributions.n; i++)
		sum += walk->attributions.v[i].line == line ? walk->attributions.v[i].bytes : 0;
	return sum;
}

static const struct walk_allocator *walk(struct bench *b, int (*walk_fn)(struct size_account *l))
{
	const struct allocator_walker account = {
		.walk = walk_fn,
		.not_found = REASON_TCMALLOC_NOT_FOUND,
		.not_known = REASON_TCMALLOC_NOT_KNOWN,
	};
	const struct walker row = { .name = "some malloc",
				    .module = no_library,
				    .allocator = &account };

	(void)allocator_walk(&b->walk, &row);
	(void)attributions_clamp(&b->walk.attributions);
	return b->walk.n_allocators ? &b->walk.allocators[0] : NULL;
}

static void add_run(struct size_account *l, uint64_t start, uint64_t end, uint64_t bytes,
		    uint32_t n, const uint8_t *states)
{
	size_account_add_run(l, &size_account_arena(l, BASE)->sums,
			     &(struct size_account_run){ .start = start,
							 .end = end,
							 .first = start,
							 .block_bytes = bytes,
							 .n = n,
							 .states = states });
}

static int walk_states(struct size_account *l)
{
	static const uint8_t states[] = { BLOCK_LIVE, BLOCK_FREE, BLOCK_CACHED, BLOCK_LIVE };

	add_run(l, BASE, BASE + KIB(4), 1000, 4, states);
	return 0;
}

static void test_states(void **state attr_unused)
{
	auto_bench b;
	const struct walk_allocator *a;

	bench_init(&b);
	a = walk(&b, walk_states);
	assert_non_null(a);
	assert_int_equal(a->total.live_bytes, 2000);
	assert_int_equal(a->total.live_blocks, 2);
	assert_int_equal(a->total.free_bytes, 1000);
	assert_int_equal(a->total.free_resident_bytes, 1000);
	assert_int_equal(a->total.tcache_bytes, 1000);
	assert_int_equal(a->total.tcache_blocks, 1);
	assert_int_equal(a->total.overhead_bytes, 96);
	assert_int_equal(a->total.system_bytes, 4096);
	assert_true(a->complete);
	assert_int_equal(a->n_classes, 1);
	assert_int_equal(a->classes[0].max_bytes, 1000);
	assert_int_equal(a->classes[0].blocks, 2);
	assert_int_equal(a->n_largest, 2);
	assert_int_equal(a->largest[1].address, BASE + 3000);
	assert_int_equal(attributed(&b.walk, LINE_NATIVE), 2000);
	assert_int_equal(attributed(&b.walk, LINE_MALLOC_FREE), 2000);
	assert_int_equal(attributed(&b.walk, LINE_OVERHEAD), 96);
	assert_int_equal(a->native_blocks, 2);
	assert_int_equal(a->native_bytes, 2000);
	assert_int_equal(a->n_sizes, 1);
	assert_int_equal(a->sizes[0].bytes, 1000);
	assert_int_equal(a->sizes[0].blocks, 2);
}

/* Of four live blocks of two sizes, an object owns one. */
static int walk_owned_sizes(struct size_account *l)
{
	static const uint8_t states[] = { BLOCK_LIVE, BLOCK_LIVE, BLOCK_FREE };

	walk_own(l->walk, walk_owner(l->walk, OWNER_RUNTIME, "some runtime"), LINE_OBJECTS,
		 BASE + 1500);
	add_run(l, BASE, BASE + KIB(4), 1000, 3, states);
	add_run(l, BASE + KIB(4), BASE + KIB(8), KIB(2), 2, NULL);
	return 0;
}

static void test_owned_sizes(void **state attr_unused)
{
	auto_bench b;
	const struct walk_allocator *a;

	bench_init(&b);
	a = walk(&b, walk_owned_sizes);
	assert_int_equal(attributed(&b.walk, LINE_OBJECTS), 1000);
	assert_int_equal(attributed(&b.walk, LINE_NATIVE), 1000 + KIB(4));
	assert_int_equal(a->native_blocks, 3);
	assert_int_equal(a->native_bytes, 1000 + KIB(4));
	assert_int_equal(a->n_sizes, 2);
	assert_int_equal(a->sizes[0].bytes, KIB(2));
	assert_int_equal(a->sizes[0].blocks, 2);
	assert_int_equal(a->sizes[1].blocks, 1);
}

/* The last page of the first run is absent, and all pages of the second. */
static int walk_absent(struct size_account *l)
{
	static const uint8_t states[] = { BLOCK_LIVE, BLOCK_FREE, BLOCK_FREE, BLOCK_LIVE };

	add_run(l, ABSENT - KIB(12), ABSENT + KIB(4), KIB(4), 4, states);
	add_run(l, ABSENT + KIB(4), ABSENT + KIB(8), KIB(4), 1, NULL);
	return 0;
}

static void test_absent(void **state attr_unused)
{
	auto_bench b;
	const struct walk_allocator *a;

	bench_init(&b);
	a = walk(&b, walk_absent);
	assert_int_equal(a->total.live_bytes, KIB(12));
	assert_int_equal(a->total.free_bytes, KIB(8));
	assert_int_equal(a->total.free_resident_bytes, KIB(8));
	assert_int_equal(attributed(&b.walk, LINE_NATIVE), KIB(4));
	assert_int_equal(attributed(&b.walk, LINE_MALLOC_FREE), KIB(8));
}

static int walk_pages(struct size_account *l)
{
	struct walk_heap *sums = &size_account_arena(l, BASE)->sums;

	size_account_add_idle(l, sums, ABSENT - KIB(8), ABSENT + KIB(4));
	size_account_add_retained(l, sums, ABSENT - KIB(12), ABSENT - KIB(8));
	size_account_add_retained(l, sums, ABSENT + KIB(4), ABSENT + KIB(8));
	size_account_add_top(l, sums, BASE, BASE + KIB(4));
	size_account_add_overhead(l, sums, BASE + KIB(4), BASE + KIB(8));
	return 0;
}

static void test_pages(void **state attr_unused)
{
	auto_bench b;
	const struct walk_heap *h;

	bench_init(&b);
	h = &walk(&b, walk_pages)->total;
	assert_int_equal(h->idle_bytes, KIB(12 + 4));
	assert_int_equal(h->free_bytes, KIB(12 + 4));
	assert_int_equal(h->free_absent_bytes, KIB(4));
	assert_int_equal(h->trimmable_bytes, KIB(8 + 4));
	assert_int_equal(h->retained_bytes, KIB(4));
	assert_int_equal(h->top_bytes, KIB(4));
	assert_int_equal(h->overhead_bytes, KIB(4));
	assert_int_equal(h->system_bytes, KIB(24));
	assert_true(walk_is_reserved(&b.walk, ABSENT - KIB(12)));
	assert_true(walk_is_reserved(&b.walk, BASE + KIB(4)));
	assert_false(walk_is_reserved(&b.walk, BASE + KIB(8)));
	assert_int_equal(attributed(&b.walk, LINE_MALLOC_FREE), KIB(8 + 4 + 4));
	assert_int_equal(attributed(&b.walk, LINE_OVERHEAD), KIB(4));
}

/* The second of four blocks holds a run of its own, which is some bytes shorter. */
static int walk_nested(struct size_account *l)
{
	static const uint8_t outer[] = { BLOCK_LIVE, BLOCK_OTHER, BLOCK_FREE, BLOCK_LIVE };

	add_run(l, BASE, BASE + KIB(4), KIB(1), 4, outer);
	add_run(l, BASE + KIB(1), BASE + KIB(2), 100, 10, NULL);
	return 0;
}

static void test_nested(void **state attr_unused)
{
	auto_bench b;
	const struct walk_allocator *a;

	bench_init(&b);
	a = walk(&b, walk_nested);
	assert_int_equal(a->total.live_bytes, KIB(2) + 1000);
	assert_int_equal(a->total.free_bytes, KIB(1));
	assert_int_equal(a->total.overhead_bytes, 24);
	assert_int_equal(a->total.system_bytes, KIB(4));
	assert_int_equal(attributed(&b.walk, LINE_NATIVE), KIB(2) + 1000);
	assert_int_equal(attributed(&b.walk, LINE_MALLOC_FREE), KIB(1));
	assert_int_equal(attributed(&b.walk, LINE_OVERHEAD), 24);
}

/* A block that an object owns is its own, unless it is free. */
static void test_owned(void **state attr_unused)
{
	auto_bench b;
	uint16_t owner;

	bench_init(&b);
	owner = walk_owner(&b.walk, OWNER_RUNTIME, "some runtime");
	walk_own(&b.walk, owner, LINE_BUFFERS, BASE + 3000);
	walk_own(&b.walk, owner, LINE_OBJECTS, BASE + 1008);
	(void)walk(&b, walk_states);
	assert_int_equal(attributed(&b.walk, LINE_BUFFERS), 1000);
	assert_int_equal(attributed(&b.walk, LINE_OBJECTS), 0);
	assert_int_equal(attributed(&b.walk, LINE_NATIVE), 1000);
	assert_int_equal(attributed(&b.walk, LINE_MALLOC_FREE), 2000);
}

/* More sizes than there are classes: all are counted. */
static int walk_sizes(struct size_account *l)
{
	for (uint64_t i = WALK_CLASSES + 40; i-- > 0;)
		add_run(l, BASE, BASE + 8 * (i + 1), 8 * (i + 1), 1, NULL);
	add_run(l, BASE, BASE + KIB(40), KIB(40), 1, NULL);
	return 0;
}

static void test_sizes(void **state attr_unused)
{
	const struct walk_allocator *a;
	uint64_t blocks = 0, bytes = 0, before = 0;
	auto_bench b;

	bench_init(&b);
	a = walk(&b, walk_sizes);
	assert_int_equal(a->n_classes, WALK_CLASSES);
	for (size_t i = 0; i < a->n_classes; i++) {
		assert_true(a->classes[i].max_bytes > before);
		before = a->classes[i].max_bytes;
		blocks += a->classes[i].blocks;
		bytes += a->classes[i].bytes;
	}
	assert_int_equal(blocks, a->total.live_blocks);
	assert_int_equal(bytes, a->total.live_bytes);
	assert_true(before >= KIB(40));
	assert_int_equal(a->n_largest, WALK_LARGEST);
	assert_int_equal(a->largest[0].bytes, KIB(40));
	assert_int_equal(a->native_blocks, a->total.live_blocks);
	assert_int_equal(a->n_sizes, WALK_SIZES);
	assert_int_equal(a->sizes[0].bytes, KIB(40));
}

/* Sizes that are and that are not multiples of a word; of one of them an object owns a block. */
static int walk_doubling(struct size_account *l)
{
	l->doubling_classes = true;
	walk_own(l->walk, walk_owner(l->walk, OWNER_RUNTIME, "some runtime"), LINE_OBJECTS, BASE);
	add_run(l, BASE, BASE + 300, 100, 3, NULL);
	add_run(l, BASE + KIB(4), BASE + KIB(4) + 24, 24, 1, NULL);
	add_run(l, BASE + KIB(8), BASE + KIB(8 + 33), KIB(33), 1, NULL);
	return 0;
}

static void test_doubling(void **state attr_unused)
{
	static const struct walk_size_class want[] = {
		{ 32, 1, 24 },  { 64, 0, 0 },    { 128, 3, 300 }, { 256, 0, 0 },
		{ 512, 0, 0 },  { 1024, 0, 0 },  { 2048, 0, 0 },  { 4096, 0, 0 },
		{ 8192, 0, 0 }, { 16384, 0, 0 }, { 32768, 0, 0 }, { 65536, 1, KIB(33) },
	};
	const struct walk_allocator *a;
	auto_bench b;

	bench_init(&b);
	a = walk(&b, walk_doubling);
	assert_int_equal(a->n_classes, ARRAY_SIZE(want));
	assert_memory_equal(a->classes, want, sizeof(want));
	assert_int_equal(a->native_blocks, 4);
	assert_int_equal(a->native_bytes, 200 + 24 + KIB(33));
	assert_int_equal(a->n_sizes, 3);
	assert_int_equal(a->sizes[1].bytes, 100);
	assert_int_equal(a->sizes[1].blocks, 2);
}

/* More sizes than are told apart: the others are in a class nevertheless. */
static void test_too_many_sizes(void **state attr_unused)
{
	enum { SIZES = 70000 };
	struct live_sizes *sizes = xcalloc(1, sizeof(*sizes));
	struct walk_allocator *out = xcalloc(1, sizeof(*out));
	uint64_t blocks = 0, bytes = 0, want = 0;

	for (uint64_t i = 0; i < SIZES; i++) {
		live_sizes_count(sizes, KIB(64) + 1 + i, 1, 2);
		want += KIB(64) + 1 + i;
	}
	live_sizes_report(sizes, true, out);
	for (size_t i = 0; i < out->n_classes; i++) {
		blocks += out->classes[i].blocks;
		bytes += out->classes[i].bytes;
	}
	assert_int_equal(blocks, 3 * SIZES);
	assert_int_equal(bytes, 3 * want);
	assert_int_equal(out->native_blocks, 2 * SIZES);
	assert_int_equal(out->native_bytes, 2 * want);
	live_sizes_release(sizes);
	free(sizes);
	free(out);
}

static unsigned int attempts;

/* What each attempt fails to walk. */
static int walk_worse(struct size_account *l)
{
	static const uint64_t unwalked[] = { KIB(4), KIB(8) };

	size_account_add_unwalked(l, &size_account_arena(l, BASE)->sums, BASE,
				  BASE + unwalked[attempts++]);
	return 0;
}

static int walk_better(struct size_account *l)
{
	if (attempts++ == 0)
		size_account_add_unwalked(l, &size_account_arena(l, BASE)->sums, BASE,
					  BASE + KIB(4));
	else
		(void)walk_states(l);
	return 0;
}

/* The better of two attempts counts, and only that one. */
static void test_attempts(void **state attr_unused)
{
	const struct walk_allocator *a;
	auto_bench worse, better;

	bench_init(&worse);
	bench_init(&better);
	attempts = 0;
	a = walk(&worse, walk_worse);
	assert_int_equal(attempts, 2);
	assert_int_equal(a->total.unwalked_bytes, KIB(4));
	assert_int_equal(a->total.system_bytes, KIB(4));
	assert_false(a->complete);
	assert_int_equal(worse.walk.n_allocators, 1);
	attempts = 0;
	a = walk(&better, walk_better);
	assert_int_equal(a->total.unwalked_bytes, 0);
	assert_int_equal(a->total.live_bytes, 2000);
	assert_int_equal(a->retries, 1);
	assert_true(a->complete);
	assert_int_equal(attributed(&better.walk, LINE_NATIVE), 2000);
}

static int walk_unknown(struct size_account *l attr_unused)
{
	attempts++;
	return -ENOTSUP;
}

static int walk_nothing(struct size_account *l attr_unused)
{
	attempts++;
	return -ENOENT;
}

/*
 * Memory of an unknown kind is reported as not read; memory that was only looked for is not
 * reported.
 */
static void test_refused(void **state attr_unused)
{
	const struct walk_allocator *a;
	auto_bench unknown, nothing;

	bench_init(&unknown);
	bench_init(&nothing);
	attempts = 0;
	a = walk(&unknown, walk_unknown);
	assert_non_null(a);
	assert_int_equal(a->unread, REASON_TCMALLOC_NOT_KNOWN);
	assert_int_equal(attempts, 2);
	attempts = 0;
	assert_null(walk(&nothing, walk_nothing));
	assert_int_equal(attempts, 1);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "blocks by their state", test_states);
	rows_add_one(&list, "memory that is not there", test_absent);
	rows_add_one(&list, "pages without a block", test_pages);
	rows_add_one(&list, "blocks inside of a block", test_nested);
	rows_add_one(&list, "blocks that objects own", test_owned);
	rows_add_one(&list, "sizes of blocks that no object owns", test_owned_sizes);
	rows_add_one(&list, "more sizes than classes", test_sizes);
	rows_add_one(&list, "classes that double", test_doubling);
	rows_add_one(&list, "more sizes than are told apart", test_too_many_sizes);
	rows_add_one(&list, "the better of two attempts", test_attempts);
	rows_add_one(&list, "reasons for not reading", test_refused);
	return rows_run("size_account", &list);
}
