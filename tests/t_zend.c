/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/php on heaps made by hand, one for each release. */
#include "fakezend.h"
#include "walk_test.h"

enum { BIN_56 = 6, BIN_320 = 16 };

static const struct walk_kind *kind(const struct walk_runtime *r, const char *name)
{
	for (size_t i = 0; i < r->n_kinds; i++) {
		if (streq(r->kinds[i].name, name))
			return &r->kinds[i];
	}
	fail_msg("there is no kind '%s'", name);
	return NULL;
}

/*
 * Two chunks and a cached one: a run of 73 blocks of 56 bytes with 3 free, a run of five pages with
 * 64 blocks of 320 bytes of which one is free, a large block of 7 pages, a huge one of 4 MiB.
 */
static void make_heap(struct fakezend *z, const struct zend_release *r)
{
	const uint64_t a = CHUNK(0) + 1 * FAKE_PAGE, b = CHUNK(1) + 9 * FAKE_PAGE;
	uint64_t small = 70 * 56 + 63 * 320;

	zend_init(z, r);
	zend_ring(z, 2);
	zend_pages(z, 0, 1, 1, ZEND_SMALL(BIN_56));
	zend_pages(z, 0, 2, 7, ZEND_LARGE(7U));
	zend_pages(z, 1, 9, 5, ZEND_SMALL(BIN_320));
	zend_word(z, r->lists + (unsigned int)BIN_56, a + 56 * 10);
	fake_u64(&z->mem, a + 56 * 10, a + 56 * 72);
	fake_u64(&z->mem, a + 56 * 72, a);
	fake_u64(&z->mem, a, 0);
	zend_word(z, r->lists + (unsigned int)BIN_320, b + 320 * 40);
	fake_u64(&z->mem, b + 320 * 40, 0);
	zend_word(z, r->huge, a + 56 * 20); /* the list of huge blocks begins there */
	fake_u64(&z->mem, a + 56 * 20, CHUNK(4));
	fake_u64(&z->mem, a + 56 * 20 + 8, MIB(4));
	fake_u64(&z->mem, a + 56 * 20 + 16, 0);
	fake_state(&z->mem, CHUNK(4), CHUNK(4) + MIB(1), PAGE_PRESENT);
	zend_word(z, r->huge + 2U, CHUNK(8));
	zend_word(z, r->huge + 4U, 1);
	fake_u64(&z->mem, CHUNK(8) + 8, 0);
	zend_counts(z, small + 7 * FAKE_PAGE + MIB(4), MIB(7), MIB(10), MIB(12));
}

static void test_heap(void **state)
{
	const uint64_t small = 70 * 56 + 63 * 320, padding = 4096 - 73 * 56;
	auto_fakezend z;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&z, *state);
	r = zend_show(&z, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_true(r->complete);
	assert_int_equal(r->retries, 0);
	assert_amount(r->total.live, small + 7 * FAKE_PAGE + MIB(4));
	assert_amount(r->total.committed, MIB(10));
	assert_amount(r->peak_live, MIB(7));
	assert_amount(r->peak_committed, MIB(12));
	assert_amount(space(r, "small blocks")->live, small);
	assert_amount(space(r, "small blocks")->free_resident, 3 * 56 + 320);
	assert_amount(space(r, "large blocks")->live, 7 * FAKE_PAGE);
	assert_amount(space(r, "huge blocks")->committed, MIB(4));
	assert_amount(space(r, "huge blocks")->resident, MIB(1));
	assert_amount(space(r, "cached chunks")->committed, MIB(2));
	assert_amount(space(r, "cached chunks")->resident, FAKE_PAGE);
	assert_amount(space(r, "free pages")->committed, (1024 - 2 - 1 - 5 - 7) * FAKE_PAGE);
	assert_int_equal(kind(r, "blocks of 56")->count, 70);
	assert_int_equal(kind(r, "blocks of 320")->count, 63);
	assert_int_equal(kind(r, "large blocks")->count, 1);
	assert_string_equal(r->kinds[0].name, "huge blocks");
	assert_int_equal(line_sum(&walk, LINE_OBJECTS), small + 7 * FAKE_PAGE + MIB(1));
	assert_int_equal(line_sum(&walk, LINE_RUNTIME_FREE), 3 * 56 + 320 + FAKE_PAGE);
	assert_int_equal(line_sum(&walk, LINE_OVERHEAD), 2 * FAKE_PAGE + padding);
}

/* The chunk that PHP puts right behind a library is PHP's memory. */
static void test_behind_library(void **state attr_unused)
{
	auto_fakezend z;
	auto_walk walk;

	make_heap(&z, &zend_releases[1]);
	z.snap.regions[1].marks |= MARK_BSS;
	assert_int_equal(zend_show(&z, &walk)->unread, REASON_NONE);
}

static void break_ring(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(1) + 8, CHUNK(1));
}

static void break_back(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(1) + 16, CHUNK(1));
}

static void break_owner(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(1), CHUNK(5) + MAP_AT);
}

static void break_count(struct fakezend *z)
{
	zend_word(z, z->r->huge + 3U, 3);
}

static void break_real(struct fakezend *z)
{
	zend_word(z, z->r->real, MIB(14));
}

static void break_free_pages(struct fakezend *z)
{
	fake_u32(&z->mem, CHUNK(1) + 24, 500);
}

static void break_run(struct fakezend *z)
{
	zend_pages(z, 1, 9, 5, ZEND_LARGE(9U));
}

static void break_huge(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(0) + FAKE_PAGE + 56 * 20 + 16, CHUNK(0) + FAKE_PAGE + 56 * 20);
}

static void break_size(struct fakezend *z)
{
	zend_counts(z, MIB(11), MIB(11), MIB(10), MIB(10));
}

struct break_row {
	const char *name;
	void (*spoil)(struct fakezend *z);
};

static const struct break_row break_rows[] = {
	{ "whose ring closes too early", break_ring },
	{ "whose ring does not lead back", break_back },
	{ "with a chunk of another", break_owner },
	{ "with more chunks than its ring has", break_count },
	{ "with more memory than chunks and huge blocks have", break_real },
	{ "with a chunk that miscounts its free pages", break_free_pages },
	{ "with a block that runs into free pages", break_run },
	{ "with a list of huge blocks that does not end", break_huge },
	{ "with more in use than it has", break_size },
};

static void test_no_heap(void **state)
{
	const struct break_row *row = *state;
	auto_fakezend z;
	auto_walk walk;

	make_heap(&z, &zend_releases[1]);
	row->spoil(&z);
	assert_int_not_equal(zend_show(&z, &walk)->unread, REASON_NONE);
	assert_int_equal(walk.runtimes[0].retries, 1);
	assert_int_equal(walk.attributions.n, 0);
}

static void test_nothing(void **state attr_unused)
{
	auto_fakezend z;
	auto_walk walk;

	zend_init(&z, &zend_releases[1]);
	assert_int_equal(zend_show(&z, &walk)->unread, REASON_PHP_NOT_FOUND);
	assert_int_equal(walk.attributions.n, 0);
}

static void list_loops(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(0) + FAKE_PAGE, CHUNK(0) + FAKE_PAGE + 56 * 10);
}

static void list_leaves(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(0) + FAKE_PAGE, CHUNK(0) + 2 * FAKE_PAGE);
}

static void list_is_askew(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(0) + FAKE_PAGE, CHUNK(0) + FAKE_PAGE + 55);
}

static void list_is_short(struct fakezend *z)
{
	fake_u64(&z->mem, CHUNK(0) + FAKE_PAGE + 56 * 10, 0);
}

static const struct break_row list_rows[] = {
	{ "that loops", list_loops },
	{ "that leads to another kind of page", list_leaves },
	{ "that leads between blocks", list_is_askew },
	{ "with fewer blocks than are free", list_is_short },
};

/* The heap's own count is kept; only the distribution of the free bytes is unknown. */
static void test_list(void **state)
{
	const struct break_row *row = *state;
	const uint64_t small = 70 * 56 + 63 * 320;
	auto_fakezend z;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&z, &zend_releases[1]);
	row->spoil(&z);
	r = zend_show(&z, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_false(r->complete);
	assert_amount(r->total.live, small + 7 * FAKE_PAGE + MIB(4));
	assert_amount(space(r, "small blocks")->live, small);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "zend", zend_releases, test_heap);
	rows_add_one(&list, "zend: a chunk right behind a library", test_behind_library);
	ROWS_ADD(&list, "zend: not read is a heap", break_rows, test_no_heap);
	rows_add_one(&list, "zend: a missing one is reported", test_nothing);
	ROWS_ADD(&list, "zend: a free list", list_rows, test_list);
	return rows_run("zend", &list);
}
