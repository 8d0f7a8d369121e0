/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/alloc/glibc on heaps made by hand, one for each release. */
#include "walk/alloc/glibc/glibc.h"

#include "fakeheap.h"
#include "walk_test.h"

/* The expected sums of a heap; system is their sum. */
struct sums {
	uint64_t live, live_blocks, freed, fast, tcache, top, overhead, unwalked;
};

static void check_heap(const struct walk_heap *got, const struct sums *want)
{
	assert_int_equal(got->live_bytes, want->live);
	assert_int_equal(got->live_blocks, want->live_blocks);
	assert_int_equal(got->free_bytes, want->freed);
	assert_int_equal(got->fast_bytes, want->fast);
	assert_int_equal(got->tcache_bytes, want->tcache);
	assert_int_equal(got->top_bytes, want->top);
	assert_int_equal(got->overhead_bytes, want->overhead);
	assert_int_equal(got->unwalked_bytes, want->unwalked);
	assert_int_equal(got->system_bytes, want->live + want->freed + want->tcache + want->top +
						    want->overhead + want->unwalked);
}

static const struct walk_allocator *only_allocator(const struct walk *walk)
{
	assert_int_equal(walk->n_allocators, 1);
	assert_string_equal(walk->allocators[0].name, "glibc malloc");
	assert_int_equal(walk->allocators[0].unread, REASON_NONE);
	return &walk->allocators[0];
}

static void finish_main(struct fakeheap *h, uint64_t system)
{
	uint64_t top = heap_top(h, HEAP_END);

	heap_arena(h, ARENA, ARENA, top, system);
	heap_par(h, HEAP, 0, 0);
}

/* Live and free chunks, three in a tcache and two in a fastbin. */
static void test_release(void **state)
{
	const struct release *r = *state;
	auto_fakeheap h;
	auto_walk walk;
	uint64_t tcache, a, b, c, f, g;

	heap_init(&h, r);
	tcache = heap_tcache(&h);
	a = heap_chunk(&h, 0x30, true);
	(void)heap_chunk(&h, 0x100, true);
	(void)heap_chunk(&h, 0x500, false);
	b = heap_chunk(&h, 0x30, true);
	c = heap_chunk(&h, 0x30, true);
	f = heap_chunk(&h, 0x40, true);
	g = heap_chunk(&h, 0x40, true);
	(void)heap_chunk(&h, 0x20010, true);
	heap_link(&h, c, b, 16);
	heap_link(&h, b, a, 16);
	heap_link(&h, a, 0, 16);
	heap_cache(&h, tcache, 0x30, c, 3);
	heap_link(&h, g, f, 0);
	heap_link(&h, f, 0, 0);
	finish_main(&h, HEAP_END - HEAP);
	if (r->fast)
		fake_u64(&h.mem, ARENA + r->fast + 8 * 2, g);
	heap_read(&h, &walk);

	check_heap(&only_allocator(&walk)->total,
		   &(struct sums){
			   .live = r->tcache + 0x100 + 0x20010 + (r->fast ? 0 : 0x80),
			   .live_blocks = r->fast ? 3 : 5,
			   .freed = 0x500 + (r->fast ? 0x80 : 0),
			   .fast = r->fast ? 0x80 : 0,
			   .tcache = 0x90,
			   .top = HEAP_END - HEAP -
				  (r->tcache + 0x90 + 0x100 + 0x500 + 0x80 + 0x20010),
		   });
	assert_true(walk.allocators[0].complete);
	assert_int_equal(walk.allocators[0].n_arenas, 1);
	assert_int_equal(walk.allocators[0].largest[0].bytes, 0x20010);
	assert_string_equal(walk.allocators[0].module, "/lib/libc.so.6");
}

/* A second arena with one heap; its free chunks lack a flag that its live chunks have. */
static void test_thread_arena(void **state)
{
	const struct release *r = *state;
	uint64_t arena = THREAD_HEAP + r->heap_info, first, top;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, r);
	(void)heap_chunk(&h, 0x1000, true);
	top = heap_top(&h, HEAP_END);
	heap_arena(&h, ARENA, arena, top, HEAP_END - HEAP);
	heap_par(&h, HEAP, 0, 0);
	fake_u64(&h.mem, THREAD_HEAP, arena);
	fake_u64(&h.mem, THREAD_HEAP + 0x10, 0x21000);
	fake_u64(&h.mem, THREAD_HEAP + 0x18, 0x21000);
	first = (arena + r->bins + 0x828 + 15) & ~UINT64_C(15);
	heap_goto(&h, first, false);
	(void)heap_chunk(&h, 0x400, true);
	(void)heap_chunk(&h, 0x600, false);
	(void)heap_chunk(&h, 0x400, true);
	top = heap_top(&h, THREAD_HEAP + 0x21000);
	heap_arena(&h, arena, ARENA, top, 0x21000);
	heap_read(&h, &walk);

	assert_int_equal(only_allocator(&walk)->n_arenas, 2);
	check_heap(&walk.allocators[0].arenas[1].sums,
		   &(struct sums){ .live = 0x800,
				   .live_blocks = 2,
				   .freed = 0x600,
				   .top = 0x21000 - (first - THREAD_HEAP) - 0xe00,
				   .overhead = first - THREAD_HEAP });
	assert_true(walk.allocators[0].complete);
}

/*
 * Chunks with a mapping each, one of them split behind its header by madvise, with a foreign page
 * in between.
 */
static void test_mapped(void **state)
{
	const struct release *r = *state;
	const uint64_t head = r->bins == 0x18 ? 16 : 0; /* which the size does not include */
	const uint64_t a = MAPPED + 0x3000, b = a + 0x30000, c = MAPPED + 0x380000;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, r);
	(void)heap_chunk(&h, 0x1000, true);
	finish_main(&h, HEAP_END - HEAP);
	h.mem.maps[2].end = a + 0x1000;
	h.mem.n_maps--;
	fake_map(&h.mem, a + 0x1000, MAPPED + 0x400000, NULL);
	heap_map(&h, LIBC, 0x2000, MEM_FILE, "/lib/libc.so.6");
	fake_u64(&h.mem, MAPPED, 17);
	fake_u64(&h.mem, a + 8, (0x30000 - head) | IS_MMAPPED);
	fake_u64(&h.mem, b + 8, (0x21000 - head) | IS_MMAPPED);
	fake_u64(&h.mem, c + 8, (0x80000 - head) | IS_MMAPPED);
	fake_u64(&h.mem, c + 0x1000, 5000); /* a value that no header has before its size */
	fake_u64(&h.mem, c + 0x1008, 0x1002);
	heap_par(&h, HEAP, 3, 0x30000 + 0x21000 + 0x80000);
	heap_read(&h, &walk);

	assert_int_equal(only_allocator(&walk)->mmapped_blocks, 3);
	assert_int_equal(walk.allocators[0].mmapped_bytes, 0x30000 + 0x21000 + 0x80000);
	assert_int_equal(walk.allocators[0].mmapped_unfound_bytes, 0);
	assert_int_equal(walk.allocators[0].largest[0].address, c + 16);
	assert_int_equal(walk.allocators[0].native_blocks, 4);
	assert_int_equal(walk.allocators[0].sizes[0].bytes, 0x80000);
	assert_int_equal(walk.allocators[0].sizes[0].blocks, 1);
	assert_true(walk.allocators[0].complete);
}

static const struct release *const current = &releases[4];

/* Other code took memory from brk in between and left bytes there that are not a chunk. */
static void test_foreign(void **state attr_unused)
{
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	(void)heap_chunk(&h, 0x1000, true);
	heap_fence(&h);
	for (uint64_t a = h.at; a < h.at + 12352; a += 8)
		fake_u64(&h.mem, a, a % 0x100 ? UINT64_MAX : 0x101);
	heap_goto(&h, h.at + 12352, true);
	for (int i = 0; i < 40; i++)
		(void)heap_chunk(&h, 0x50, true);
	finish_main(&h, HEAP_END - HEAP);
	heap_read(&h, &walk);

	check_heap(&only_allocator(&walk)->total,
		   &(struct sums){ .live = 0x1000 + 40 * 0x50,
				   .live_blocks = 41,
				   .top = HEAP_END - HEAP - 0x1000 - 0x20 - 12352 - 40 * 0x50,
				   .overhead = 0x20 + 12352 });
	assert_int_equal(walk.allocators[0].total.foreign_bytes, 12352);
}

/*
 * brk failed, so malloc continued in a mapping; there is one more fencepost, as after a small
 * remainder.
 */
static void test_noncontiguous(void **state attr_unused)
{
	uint64_t top;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	(void)heap_chunk(&h, HEAP_END - HEAP - 0x30, true);
	(void)heap_chunk(&h, 16, true);
	heap_fence(&h);
	heap_goto(&h, MAPPED + 0x5000, true);
	for (int i = 0; i < 40; i++)
		(void)heap_chunk(&h, 0x90, i % 2);
	top = heap_top(&h, MAPPED + 0x400000);
	heap_arena(&h, ARENA, ARENA, top, HEAP_END - HEAP + 0x3fb000);
	fake_u32(&h.mem, ARENA + 4, 2);
	heap_par(&h, HEAP, 0, 0);
	heap_read(&h, &walk);

	check_heap(&only_allocator(&walk)->total,
		   &(struct sums){ .live = HEAP_END - HEAP - 0x30 + 20 * 0x90,
				   .live_blocks = 21,
				   .freed = 20 * 0x90,
				   .top = 0x3fb000 - 40 * 0x90,
				   .overhead = 0x30 });
	assert_int_equal(walk.allocators[0].arenas[0].heaps, 2);
}

/* A size that overflows, followed by garbage: chunks behind it are found again. */
static void test_broken(void **state attr_unused)
{
	static const uint64_t bad_sizes[] = { UINT64_MAX - 14, 0x8000000000000001, 0x21 + 8,
					      0x100003, 0x41 | 2 };
	uint64_t bad;

	for (size_t i = 0; i < ARRAY_SIZE(bad_sizes); i++) {
		auto_fakeheap h;
		auto_walk walk;

		heap_init(&h, current);
		for (int k = 0; k < 300; k++)
			(void)heap_chunk(&h, 0x60, true);
		bad = heap_chunk(&h, 0x200, true);
		for (int k = 0; k < 300; k++)
			(void)heap_chunk(&h, 0x60, true);
		finish_main(&h, HEAP_END - HEAP);
		fake_u64(&h.mem, bad + 8, bad_sizes[i]);
		heap_read(&h, &walk);
		check_heap(&only_allocator(&walk)->total,
			   &(struct sums){ .live = 600 * 0x60,
					   .live_blocks = 600,
					   .top = HEAP_END - HEAP - 600 * 0x60 - 0x200,
					   .unwalked = 0x200 });
		assert_false(walk.allocators[0].complete);
		assert_int_equal(walk.allocators[0].retries, 1);
	}
}

enum { TOP_AT = 0x80000, TOP_STEP = 0x1000 }; /* in other blocks than the start of the heap */

/* The chunk behind the last one is taken from top, and a part of it becomes free. */
static void move_top_up(struct fakemem *f)
{
	uint64_t top = HEAP + TOP_AT;

	fake_u64(f, top + 8, TOP_STEP | INUSE);
	fake_u64(f, top + TOP_STEP + 8, (HEAP_END - top - TOP_STEP) | INUSE);
	fake_u64(f, ARENA + 0x60, top + TOP_STEP);
}

/* The last chunk is freed and merges with top. */
static void move_top_down(struct fakemem *f)
{
	uint64_t top = HEAP + TOP_AT - TOP_STEP;

	fake_u64(f, top + 8, (HEAP_END - top) | INUSE);
	fake_u64(f, ARENA + 0x60, top);
}

struct move_row {
	const char *name;
	void (*change)(struct fakemem *f);
	uint64_t when, live;
};

static const struct move_row move_rows[] = {
	{ "taken from", move_top_up, HEAP, TOP_AT + TOP_STEP },
	{ "given back to before it is read", move_top_down, HEAP, TOP_AT - TOP_STEP },
	{ "given back to when it was read", move_top_down, HEAP + TOP_AT, TOP_AT },
};

/* Top moves while the heap is walked: the first attempt still finds everything. */
static void test_moving_top(void **state)
{
	const struct move_row *row = *state;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	for (uint64_t i = 0; i < TOP_AT / TOP_STEP; i++)
		(void)heap_chunk(&h, TOP_STEP, true);
	finish_main(&h, HEAP_END - HEAP);
	h.mem.changes_at = row->when;
	h.mem.change = row->change;
	heap_read(&h, &walk);
	check_heap(&only_allocator(&walk)->total,
		   &(struct sums){ .live = row->live,
				   .live_blocks = row->live / TOP_STEP,
				   .top = HEAP_END - HEAP - row->live });
	assert_true(walk.allocators[0].complete);
	assert_int_equal(walk.allocators[0].retries, 0);
	assert_null(h.mem.change);
}

static void map_chunk(struct fakemem *f)
{
	fake_u64(f, MAPPED + 8, 0x30000 | IS_MMAPPED);
	fake_u32(f, PAR + current->n_mmaps, 1);
	fake_u64(f, PAR + current->mmapped_mem, 0x30000);
}

/* A chunk that gets its mapping while the heap is walked is not counted as unknown. */
static void test_mapped_meanwhile(void **state attr_unused)
{
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	(void)heap_chunk(&h, 0x100, true);
	finish_main(&h, HEAP_END - HEAP);
	h.mem.changes_at = HEAP;
	h.mem.change = map_chunk;
	heap_read(&h, &walk);
	assert_int_equal(only_allocator(&walk)->mmapped_bytes, 0x30000);
	assert_int_equal(walk.allocators[0].mmapped_unfound_bytes, 0);
}

/* Pages in swap are not read; the walk continues behind them. */
static void test_swapped(void **state attr_unused)
{
	const uint64_t hole = HEAP + 0x4000, chunks = (HEAP_END - HEAP) / 2 / 0x80;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	for (uint64_t i = 0; i < chunks; i++)
		(void)heap_chunk(&h, 0x80, true);
	finish_main(&h, HEAP_END - HEAP);
	fake_state(&h.mem, hole, hole + 0x2000, PAGE_SWAPPED);
	heap_read(&h, &walk);

	/* The last chunk before the hole cannot be told live from free: its follower is in it. */
	assert_int_equal(only_allocator(&walk)->total.unwalked_bytes, 0x2000 + 0x80);
	assert_int_equal(walk.allocators[0].total.live_blocks, chunks - 0x2000 / 0x80 - 1);
	assert_int_equal(walk.swapped_unread_bytes, 0x2000);
}

/* Lists with a loop, or that lead nowhere, end. */
static void test_lists_that_loop(void **state)
{
	const struct release *r = *state;
	auto_fakeheap h;
	auto_walk walk;
	uint64_t tcache, a, b, c;

	heap_init(&h, r);
	tcache = heap_tcache(&h);
	a = heap_chunk(&h, 0x30, true);
	b = heap_chunk(&h, 0x30, true);
	c = heap_chunk(&h, 0x40, true);
	heap_link(&h, a, b, 16);
	heap_link(&h, b, a, 16);
	heap_cache(&h, tcache, 0x30, a, 7);
	heap_link(&h, c, c, 0);
	finish_main(&h, HEAP_END - HEAP);
	if (r->fast) {
		fake_u64(&h.mem, ARENA + r->fast + 8 * 2, c);
		fake_u64(&h.mem, ARENA + r->fast + 8 * 3, HEAP_END + 0x1000000);
	}
	heap_read(&h, &walk);
	assert_int_equal(only_allocator(&walk)->total.tcache_bytes, 0x60);
	assert_int_equal(walk.allocators[0].total.fast_bytes, r->fast ? 0x40 : 0);
}

/* An array of pointers to blocks, in a chunk of the size of a tcache table. */
static void test_no_tcache(void **state)
{
	const struct release *r = *state;
	auto_fakeheap h;
	auto_walk walk;
	uint64_t array, block;

	heap_init(&h, r);
	(void)heap_chunk(&h, 0x100, true);
	block = heap_chunk(&h, 0x440, true);
	for (uint64_t bytes = 0x250; bytes <= 0x310; bytes += 16) {
		array = heap_chunk(&h, bytes, true);
		for (uint64_t at = 16; at < bytes; at += 8)
			fake_u64(&h.mem, array + at, block + 16);
	}
	array = heap_chunk(&h, 0x300, true);
	for (uint64_t at = 16 + 2 * 76; at < 0x300; at += 8)
		fake_u64(&h.mem, array + at, block + 16);
	finish_main(&h, HEAP_END - HEAP);
	heap_read(&h, &walk);
	assert_int_equal(only_allocator(&walk)->total.tcache_bytes, 0);
	assert_int_equal(walk.allocators[0].total.live_blocks, 2 + 13 + 1);
}

/* Whether a runtime needs the blocks, and whether the index has room for all of them. */
struct index_row {
	const char *name;
	bool asked;
	uint64_t index_bytes;
};

static const struct index_row index_rows[] = {
	{ "no runtime registered", false, 0 },
	{ "in the index", true, 0 },
	{ "too many for an index", true, 1 },
};

static void visit_block(void *arg, uint64_t addr, uint64_t size)
{
	uint64_t *seen = arg;

	assert_true(addr % 16 == 0);
	seen[0]++;
	seen[1] += size;
}

/* Begins a walk, and registers for the blocks if the row says so. */
static void heap_ask(struct fakeheap *h, const struct index_row *row, struct walk *ret,
		     uint64_t seen[static 2])
{
	*ret = (struct walk){ .snap = &h->snap,
			      .mem = fake_open(&h->mem, NULL),
			      .opts = { .want = WANT_ALL,
					.clock = &clock_system,
					.index_bytes = row->index_bytes } };
	h->mem.mem = NULL;
	attributions_init(&ret->attributions, &h->snap);
	if (row->asked)
		assert_int_equal(glibc_live_blocks(ret, visit_block, seen), 0);
}

/* Blocks of objects belong to them, but not if they are in a tcache. */
static void test_owned(void **state)
{
	uint64_t tcache, a, b, bytes[LINE_COUNT] = { 0 }, seen[2] = { 0 };
	auto_fakeheap h;
	auto_walk walk = { 0 };
	uint16_t owner;

	heap_init(&h, current);
	tcache = heap_tcache(&h);
	a = heap_chunk(&h, 0x50, true);
	b = heap_chunk(&h, 0x50, true);
	(void)heap_chunk(&h, 0x70, true);
	heap_link(&h, b, 0, 16);
	heap_cache(&h, tcache, 0x50, b, 1);
	finish_main(&h, HEAP_END - HEAP);

	heap_ask(&h, *state, &walk, seen);
	owner = walk_owner(&walk, OWNER_RUNTIME, "python");
	walk_own(&walk, owner, LINE_OBJECTS, a + 0x20);
	walk_own(&walk, owner, LINE_BUFFERS, b + 0x10);
	assert_int_equal(glibc_walk(&walk), 0);
	assert_int_equal(attributions_clamp(&walk.attributions), 0);
	for (size_t i = 0; i < walk.attributions.n; i++)
		bytes[walk.attributions.v[i].line] += walk.attributions.v[i].bytes;
	assert_int_equal(bytes[LINE_OBJECTS], 0x48);
	assert_int_equal(bytes[LINE_BUFFERS], 0);
	assert_int_equal(bytes[LINE_NATIVE], 0x288 + 0x68);
	assert_int_equal(bytes[LINE_OVERHEAD], 3 * 8);
	/* The chunk in the tcache, top's part of the first page, and the last page. */
	assert_int_equal(bytes[LINE_MALLOC_FREE], 0x50 + 0x1000 - 0x3a0 + 0x1000);
	assert_int_equal(only_allocator(&walk)->native_blocks, 2);
	assert_int_equal(walk.allocators[0].native_bytes, 0x290 + 0x70);
	assert_int_equal(walk.allocators[0].n_sizes, 2);
	assert_int_equal(walk.allocators[0].sizes[0].bytes, 0x290);
	assert_int_equal(walk.allocators[0].sizes[1].bytes, 0x70);
}

/* A runtime that registers gets all live blocks. It owns one, which is accounted separately. */
static void test_visit(void **state)
{
	const struct index_row *row = *state;
	uint64_t tcache, a, seen[2] = { 0 };
	auto_fakeheap h;
	auto_walk walk = { 0 };

	heap_init(&h, current);
	tcache = heap_tcache(&h);
	a = heap_chunk(&h, 0x50, true);
	(void)heap_chunk(&h, 0x70, true);
	(void)heap_chunk(&h, 0x800, false);
	(void)heap_chunk(&h, 0x20, true);
	heap_link(&h, a, 0, 16);
	heap_cache(&h, tcache, 0x50, a, 1);
	finish_main(&h, HEAP_END - HEAP);
	fake_u64(&h.mem, MAPPED + 8, 0x30000 | IS_MMAPPED);
	heap_par(&h, HEAP, 1, 0x30000);
	heap_ask(&h, row, &walk, seen);
	walk_own(&walk, walk_owner(&walk, OWNER_RUNTIME, "python"), LINE_OBJECTS, HEAP + 0x310);
	assert_int_equal(glibc_walk(&walk), 0);
	assert_null(walk.glibc);
	assert_int_equal(only_allocator(&walk)->total.live_blocks, 3);
	assert_int_equal(walk.allocators[0].mmapped_blocks, 1);
	assert_int_equal(walk.allocators[0].total.tcache_bytes, 0x50);
	assert_int_equal(walk.allocators[0].native_blocks, 3);
	assert_int_equal(walk.allocators[0].native_bytes, 0x290 + 0x20 + 0x30000);
	assert_int_equal(seen[0], row->asked ? 4 : 0);
	assert_int_equal(seen[1], row->asked ? 0x288 + 0x68 + 0x18 + 0x30000 - 16 : 0);
}

/* Blocks in a tcache are not among the largest live ones, and do not displace others. */
static void test_largest(void **state)
{
	uint64_t tcache, cached[7], seen[2] = { 0 };
	auto_fakeheap h;
	auto_walk walk = { 0 };

	heap_init(&h, current);
	tcache = heap_tcache(&h);
	for (size_t i = 0; i < ARRAY_SIZE(cached); i++) {
		cached[i] = heap_chunk(&h, 0x400, true);
		heap_link(&h, cached[i], i ? cached[i - 1] : 0, 16);
	}
	heap_cache(&h, tcache, 0x400, cached[6], ARRAY_SIZE(cached));
	for (size_t i = 0; i < 2 * WALK_LARGEST; i++)
		(void)heap_chunk(&h, 0x40 + 16 * (i % 2), true);
	finish_main(&h, HEAP_END - HEAP);
	heap_ask(&h, *state, &walk, seen);
	assert_int_equal(glibc_walk(&walk), 0);
	assert_int_equal(only_allocator(&walk)->total.tcache_bytes, 7 * 0x400);
	assert_int_equal(walk.allocators[0].native_bytes, 0x290 + WALK_LARGEST * (0x40 + 0x50));
	assert_int_equal(walk.allocators[0].n_largest, WALK_LARGEST);
	assert_int_equal(walk.allocators[0].largest[0].bytes, 0x290);
	for (size_t i = 1; i < WALK_LARGEST; i++)
		assert_int_equal(walk.allocators[0].largest[i].bytes, 0x50);
}

/* malloc was never called, because another allocator replaces it: it is not reported. */
static void test_idle(void **state attr_unused)
{
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	fake_u64(&h.mem, ARENA + 0x870, ARENA);
	fake_u64(&h.mem, ARENA + 0x880, 1);
	heap_read(&h, &walk);
	assert_int_equal(walk.n_allocators, 0);
}

/* An unknown C library is reported as unknown. */
static void test_unknown(void **state attr_unused)
{
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	fake_u64(&h.mem, ARENA, 1);
	heap_read(&h, &walk);
	assert_int_equal(walk.n_allocators, 1);
	assert_int_equal(walk.allocators[0].unread, REASON_GLIBC_NOT_FOUND);
}

static void break_ring(struct fakeheap *h)
{
	fake_u64(&h->mem, ARENA + 0x870, THREAD_HEAP + 0x30);
}

static void break_bin(struct fakeheap *h)
{
	fake_u64(&h->mem, ARENA + 0x70 + 16 * 50, 0x1234);
}

static void break_top(struct fakeheap *h)
{
	fake_u64(&h->mem, ARENA + 0x60, LIBC);
}

static void break_system(struct fakeheap *h)
{
	fake_u64(&h->mem, ARENA + 0x888, UINT64_MAX);
}

struct break_row {
	const char *name;
	void (*spoil)(struct fakeheap *h);
};

static const struct break_row break_rows[] = {
	{ "whose ring does not close", break_ring },
	{ "with a bin that leads nowhere", break_bin },
	{ "whose top is in a file", break_top },
	{ "with more memory than there is", break_system },
};

static void test_no_arena(void **state)
{
	const struct break_row *row = *state;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	(void)heap_chunk(&h, 0x1000, true);
	finish_main(&h, HEAP_END - HEAP);
	row->spoil(&h);
	heap_read(&h, &walk);
	assert_int_equal(walk.n_allocators, 1);
	assert_int_not_equal(walk.allocators[0].unread, REASON_NONE);
	assert_int_equal(walk.attributions.n, 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "glibc, main arena", releases, test_release);
	ROWS_ADD(&list, "glibc, thread arena", releases, test_thread_arena);
	ROWS_ADD(&list, "glibc, mapped chunks", releases, test_mapped);
	ROWS_ADD(&list, "glibc, lists that loop", releases, test_lists_that_loop);
	ROWS_ADD(&list, "glibc, pointers that are no tcache", releases, test_no_tcache);
	rows_add_one(&list, "glibc: continues behind foreign memory", test_foreign);
	rows_add_one(&list, "glibc: continues in another mapping", test_noncontiguous);
	rows_add_one(&list, "glibc: continues behind garbage", test_broken);
	rows_add_one(&list, "glibc: continues behind swapped pages", test_swapped);
	rows_add_one(&list, "glibc: a chunk mapped meanwhile", test_mapped_meanwhile);
	ROWS_ADD(&list, "glibc, top meanwhile", move_rows, test_moving_top);
	ROWS_ADD(&list, "glibc, what objects own is not native memory", index_rows, test_owned);
	ROWS_ADD(&list, "glibc, hands out live blocks, and those only", index_rows, test_visit);
	ROWS_ADD(&list, "glibc, the largest blocks are live ones", index_rows, test_largest);
	rows_add_one(&list, "glibc: a malloc that was never called is not reported", test_idle);
	rows_add_one(&list, "glibc: one that is not understood is named", test_unknown);
	ROWS_ADD(&list, "glibc: not taken for an arena is one", break_rows, test_no_arena);
	return rows_run("glibc", &list);
}
