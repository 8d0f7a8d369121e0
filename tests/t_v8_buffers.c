/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/runtime/v8/buffers: records of ArrayBuffers among the blocks of a heap made by hand.
 */
#include "walk/runtime/v8/v8.h"

#include "walk/alloc/glibc/glibc.h"

#include "fakeheap.h"
#include "walk_test.h"

static const struct release *const current = &releases[4];

/* Writes a record: the address of the bytes, their length, the maximum, the capacity. */
static void record(struct fakeheap *h, uint64_t chunk, uint64_t block, uint64_t length,
		   uint64_t most, uint64_t room)
{
	fake_u64(&h->mem, chunk + 16, block);
	fake_u64(&h->mem, chunk + 24, length);
	fake_u64(&h->mem, chunk + 32, most);
	fake_u64(&h->mem, chunk + 40, room);
	fake_u64(&h->mem, chunk + 48, 0);
}

/* Finds the buffers. The caller releases *d. */
static bool find(struct fakeheap *h, struct walk *walk, struct v8_buffers *ret)
{
	static const struct walk_opts opts = { .want = WANT_NODE, .clock = &clock_system };
	uint64_t top = heap_top(h, HEAP_END);
	bool found;

	heap_arena(h, ARENA, ARENA, top, HEAP_END - HEAP);
	heap_par(h, HEAP, 0, 0);
	*walk = (struct walk){ .snap = &h->snap, .mem = fake_open(&h->mem, NULL), .opts = opts };
	h->mem.mem = NULL;
	attributions_init(&walk->attributions, &h->snap);
	found = v8_find_buffers(walk, walk_owner(walk, OWNER_RUNTIME, "node"), ret);
	glibc_close(walk);
	return found;
}

static bool is_owned(struct walk *walk, uint64_t chunk)
{
	const struct walk_owned *owned;

	return walk_owner_of(walk, chunk + 16, chunk + 32, &owned) && owned->line == LINE_BUFFERS;
}

static void test_buffers(void **state attr_unused)
{
	struct v8_buffers found;
	uint64_t a, b, other;
	auto_fakeheap h;
	auto_walk walk;

	heap_init(&h, current);
	a = heap_chunk(&h, 0x2010, true);
	b = heap_chunk(&h, 0x400, true);
	other = heap_chunk(&h, 0x500, true);
	record(&h, heap_chunk(&h, 0x50, true), a + 16, 0x2000, 0x2000, 0x2000);
	record(&h, heap_chunk(&h, 0x50, true), b + 16, 1000, 1000, 1000);
	assert_true(find(&h, &walk, &found));
	assert_int_equal(found.count, 2);
	assert_int_equal(found.bytes, 0x2000 + 1000);
	assert_true(is_owned(&walk, a) && is_owned(&walk, b));
	assert_false(is_owned(&walk, other));
}

struct no_row {
	const char *name;
	uint64_t into, length, most, room;
	uint64_t chunk; /* of the record */
	bool freed;
};

static const struct no_row no_rows[] = {
	{ "empty", 16, 0, 0, 0, 0x50, false },
	{ "longer than its block", 16, 0x2010, 0x2010, 0x2010, 0x50, false },
	{ "much shorter than its block", 16, 0x1f00, 0x1f00, 0x1f00, 0x50, false },
	{ "of several lengths", 16, 0x2000, 0x2000, 0x2008, 0x50, false },
	{ "inside of a block", 32, 0x2000, 0x2000, 0x2000, 0x50, false },
	{ "in a block that is too large for it", 16, 0x2000, 0x2000, 0x2000, 0x110, false },
	{ "in a block that is free", 16, 0x2000, 0x2000, 0x2000, 0x50, true },
};

static void test_none(void **state)
{
	const struct no_row *row = *state;
	struct v8_buffers found;
	auto_fakeheap h;
	auto_walk walk;
	uint64_t a, chunk;

	heap_init(&h, current);
	a = heap_chunk(&h, 0x2010, true);
	chunk = heap_chunk(&h, row->chunk, !row->freed);
	record(&h, chunk, a + row->into, row->length, row->most, row->room);
	(void)heap_chunk(&h, 0x40, true);
	assert_true(find(&h, &walk, &found));
	assert_int_equal(found.count, 0);
	assert_false(is_owned(&walk, a));
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "v8: records of buffers and their bytes", test_buffers);
	ROWS_ADD(&list, "v8: no record of a buffer is one", no_rows, test_none);
	return rows_run("v8 buffers", &list);
}
