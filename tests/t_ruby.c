/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/ruby on heaps made by hand, one for each release. */
#include "fakeruby.h"
#include "walk_test.h"

enum {
	T_OBJECT = 1,
	T_STRING = 5,
	T_ARRAY = 7,
	T_HASH = 8,
	T_IMEMO = 0x1a,
	FL_USER1 = 1 << 13,
	FL_USER3 = 1 << 15,
	FL_USER13 = 1 << 25,
};

/* In two pages. */
#define SLOTS(r) (2 * (uint64_t)(((r)->page_bytes - 24) / 40))

#define BLOCK(i) (RUBY_BRK + 0x200000 + 0x1000 * (uint64_t)(i))

static uint64_t count_of(const struct walk_runtime *r, const char *type)
{
	for (size_t i = 0; i < r->n_kinds; i++) {
		if (streq(r->kinds[i].name, type))
			return r->kinds[i].count;
	}
	return 0;
}

/* Returns whether an address is marked as a buffer of Ruby. */
static bool is_owned(struct walk *walk, uint64_t addr)
{
	const struct walk_owned *owned;

	return walk_owner_of(walk, addr, addr + 16, &owned) && owned->line == LINE_BUFFERS;
}

/*
 * Two pages with slots of 40 bytes: an embedded string and one with a block, an array and an object
 * of each kind, a hash with a table, and slots of the collector. The others are free.
 */
static void make_heap(struct fakeruby *f, const struct ruby_release *r, bool in_heap)
{
	ruby_init(f, r, in_heap);
	ruby_page(f, 40);
	ruby_page(f, 40);
	ruby_table(f);
	ruby_object(f, ruby_slot(f, 0, 0, 40), T_STRING, 3, BLOCK(0));
	ruby_object(f, ruby_slot(f, 0, 50, 40), T_STRING | FL_USER1, 3, BLOCK(1));
	ruby_object(f, ruby_slot(f, 0, 99, 40), T_ARRAY | FL_USER1, 4, BLOCK(2));
	ruby_object(f, ruby_slot(f, 1, 0, 40), T_ARRAY, 4, BLOCK(3));
	ruby_object(f, ruby_slot(f, 1, 1, 40), T_OBJECT | FL_USER1, r->object, BLOCK(4));
	ruby_object(f, ruby_slot(f, 1, 2, 40), T_OBJECT, r->object, BLOCK(5));
	ruby_object(f, ruby_slot(f, 1, 3, 40), T_HASH | FL_USER3, 2, BLOCK(6));
	fake_u64(&f->mem, BLOCK(6) + 24, BLOCK(7));
	fake_u64(&f->mem, BLOCK(6) + 48, BLOCK(8));
	ruby_object(f, ruby_slot(f, 1, 99, 40), T_IMEMO, 0, 0);
}

static void test_heap(void **state)
{
	const struct ruby_release *release = *state;
	auto_fakeruby f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, release, false);
	r = ruby_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_true(r->complete);
	assert_int_equal(r->retries, 0);
	assert_int_equal(r->n_spaces, 1);
	assert_string_equal(r->spaces[0].name, "slots of 40 bytes");
	assert_amount(r->total.committed, 2 * (uint64_t)release->page_bytes);
	assert_amount(r->total.objects, 8);
	assert_amount(r->total.live, 8 * 40);
	assert_amount(r->total.free_bytes, (SLOTS(release) - 8) * 40);
	assert_amount(r->total.free_resident, (SLOTS(release) - 8) * 40);
	assert_int_equal(count_of(r, "T_STRING"), 2);
	assert_int_equal(count_of(r, "T_ARRAY"), 2);
	assert_int_equal(count_of(r, "T_OBJECT"), 2);
	assert_int_equal(count_of(r, "T_HASH"), 1);
	assert_int_equal(count_of(r, "T_IMEMO"), 1);
	assert_int_equal(line_sum(&walk, LINE_OBJECTS), 8 * 40);
	assert_int_equal(line_sum(&walk, LINE_RUNTIME_FREE), (SLOTS(release) - 8) * 40);
	assert_int_equal(line_sum(&walk, LINE_OVERHEAD),
			 2 * (uint64_t)release->page_bytes - SLOTS(release) * 40);
	assert_false(is_owned(&walk, BLOCK(0)));
	assert_true(is_owned(&walk, BLOCK(1)));
	assert_false(is_owned(&walk, BLOCK(2)));
	assert_true(is_owned(&walk, BLOCK(3)));
	assert_false(is_owned(&walk, BLOCK(4)));
	assert_true(is_owned(&walk, BLOCK(5)));
	for (int i = 6; i <= 8; i++)
		assert_int_equal(is_owned(&walk, BLOCK(i)), release->page_bytes == 16 << 10);
}

/* Pages that are blocks of malloc are attributed by the allocator, and marked for it. */
static void test_in_malloc(void **state attr_unused)
{
	const struct walk_owned *owned;
	auto_fakeruby f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, &ruby_releases_made[0], true);
	r = ruby_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_amount(r->total.objects, 8);
	assert_int_equal(walk.attributions.n, 0);
	assert_true(walk_owner_of(&walk, f.pages, f.pages + 100, &owned));
	assert_int_equal(owned->line, LINE_OBJECTS);
}

/* Slots of several sizes. */
static void test_sizes(void **state attr_unused)
{
	auto_fakeruby f;
	auto_walk walk;
	const struct walk_runtime *r;

	ruby_init(&f, &ruby_releases_made[2], false);
	ruby_page(&f, 40);
	ruby_page(&f, 640);
	ruby_table(&f);
	ruby_object(&f, ruby_slot(&f, 0, 3, 40), T_STRING, 0, 0);
	ruby_object(&f, ruby_slot(&f, 1, 7, 640), T_STRING, 0, 0);
	r = ruby_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_int_equal(r->n_spaces, 2);
	assert_string_equal(r->spaces[1].name, "slots of 640 bytes");
	assert_amount(r->spaces[1].live, 640);
	assert_amount(r->spaces[1].free_bytes, (uint64_t)((65536 - 24) / 640 - 1) * 640);
	assert_amount(r->total.live, 680);
	assert_int_equal(r->n_kinds, 1);
	assert_int_equal(r->kinds[0].bytes, 680);
}

/* Slots that cannot be read are neither live nor free. */
static void test_swapped(void **state attr_unused)
{
	auto_fakeruby f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, &ruby_releases_made[1], false);
	fake_state(&f.mem, f.pages + 0x6000, f.pages + 0x7000, PAGE_SWAPPED);
	r = ruby_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_false(r->complete);
	assert_int_equal(walk.swapped_unread_bytes, 4096);
	assert_amount(r->total.objects, 8);
	/* 102 slots are present as a whole, and two in part. */
	assert_amount(r->total.free_bytes, (818 - 8 - 103) * 40);
}

#define TRANSIENT UINT64_C(0x7f7000000000)

static void make_transient(struct fakeruby *f)
{
	make_heap(f, &ruby_releases_made[1], false);
	snap_add_anonymous(&f->snap, TRANSIENT, 32 << 10, 32 << 10);
	fake_map(&f->mem, TRANSIENT, TRANSIENT + MIB(32), NULL);
	for (uint64_t i = 0; i < 1024; i++) {
		fake_u64(&f->mem, TRANSIENT + KIB(32) * i, UINT64_C(0xffff0000));
		fake_u64(&f->mem, TRANSIENT + KIB(32) * i + 8,
			 i ? TRANSIENT + KIB(32) * (i - 1) : 0);
	}
	fake_u64(&f->mem, TRANSIENT + KIB(32) * 1023, UINT64_C(0x3ffff0100));
	ruby_object(f, ruby_slot(f, 1, 50, 40), T_ARRAY | FL_USER13, 4,
		    TRANSIENT + KIB(32) * 1023 + 24);
}

static void test_transient(void **state attr_unused)
{
	auto_fakeruby f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_transient(&f);
	r = ruby_show(&f, &walk);
	assert_int_equal(r->n_spaces, 2);
	assert_string_equal(r->spaces[1].name, "transient heap");
	assert_amount(r->spaces[1].resident, 1024 * FAKE_PAGE);
	assert_amount(r->spaces[1].free_resident, 1023 * FAKE_PAGE);
	assert_int_equal(line_sum(&walk, LINE_BUFFERS), FAKE_PAGE);
	assert_amount(r->total.objects, 9);
}

/* A mapping of that size and place without such blocks. */
static void test_not_transient(void **state attr_unused)
{
	auto_fakeruby f;
	auto_walk walk;

	make_transient(&f);
	fake_u64(&f.mem, TRANSIENT + KIB(32) * 7, 0x34567890);
	assert_int_equal(ruby_show(&f, &walk)->n_spaces, 1);
}

static void array_out_of_order(struct fakeruby *f)
{
	fake_u64(&f->mem, RUBY_ARRAY + 8, ruby_info(0));
}

static void page_of_another(struct fakeruby *f)
{
	fake_u64(&f->mem, f->pages + f->r->page_bytes, ruby_info(0));
}

static void no_table(struct fakeruby *f)
{
	fake_u64(&f->mem, RUBY_TABLE, RUBY_ARRAY + 1);
}

static void too_many_slots(struct fakeruby *f)
{
	uint16_t slots = 420;

	fake_put(&f->mem, ruby_info(0) + 2, &slots, sizeof(slots));
}

static void range_elsewhere(struct fakeruby *f)
{
	fake_u64(&f->mem, RUBY_TABLE + 32, RUBY_BRK);
}

struct break_row {
	const char *name;
	void (*spoil)(struct fakeruby *f);
};

static const struct break_row break_rows[] = {
	{ "an array that is not ascending", array_out_of_order },
	{ "a page that does not lead back", page_of_another },
	{ "not an array", no_table },
	{ "more slots than a page has", too_many_slots },
	{ "a range without its first page", range_elsewhere },
};

static void test_unread(void **state)
{
	const struct break_row *row = *state;
	auto_fakeruby f;
	auto_walk walk;

	make_heap(&f, &ruby_releases_made[1], false);
	row->spoil(&f);
	assert_int_not_equal(ruby_show(&f, &walk)->unread, REASON_NONE);
	assert_int_equal(walk.runtimes[0].retries, 1);
	assert_int_equal(walk.attributions.n, 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "ruby", ruby_releases_made, test_heap);
	rows_add_one(&list, "ruby: pages in blocks of malloc", test_in_malloc);
	rows_add_one(&list, "ruby: slots of several sizes", test_sizes);
	rows_add_one(&list, "ruby: slots in swap", test_swapped);
	rows_add_one(&list, "ruby: the transient heap", test_transient);
	rows_add_one(&list, "ruby: a mapping that is not the transient heap", test_not_transient);
	ROWS_ADD(&list, "ruby: not read is", break_rows, test_unread);
	return rows_run("ruby", &list);
}
