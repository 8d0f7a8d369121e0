/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/pagemap on a recorded file.
 */
#include "proc/pagemap.h"

#include <errno.h>

#include "tree.h"

#define PRESENT (UINT64_C(1) << 63)
#define SWAPPED (UINT64_C(1) << 62)
#define GUARD (UINT64_C(1) << 58)
#define EXCLUSIVE (UINT64_C(1) << 56)
#define SOFT_DIRTY (UINT64_C(1) << 55)

enum { PAGES = 10000 }; /* more than a block of reading */

/* Pages 0, 3, 6, ... are present; the others are absent in several ways. */
static struct tree make_pagemap(void)
{
	struct tree t = tree_make();
	uint64_t entries[PAGES];

	for (size_t i = 0; i < PAGES; i++)
		entries[i] = i % 3 == 0 ? PRESENT | i : i % 3 == 1 ? SWAPPED | 0x1234 : SOFT_DIRTY;
	tree_put_bytes(&t, "pagemap", entries, sizeof(entries));
	return t;
}

struct range_row {
	const char *name;
	uint64_t start, end; /* pages */
	int want_return;
	uint64_t want; /* pages */
};

static const struct range_row rows[] = {
	{ "nothing", 7, 7, 0, 0 },
	{ "a page that is present", 3, 4, 0, 1 },
	{ "a page in swap", 4, 5, 0, 0 },
	{ "a page that does not exist", 5, 6, 0, 0 },
	{ "some of each", 1, 7, 0, 2 },
	{ "two blocks and a half", 0, PAGES, 0, 3334 },
	{ "exactly a block", 0, 4096, 0, 1366 },
	{ "beyond the end", PAGES - 1, PAGES + 1, -ENODATA, 0 },
	{ "backwards", 7, 1, 0, 0 },
};

static void test_range(void **state)
{
	const struct range_row *row = *state;
	auto_tree t = make_pagemap();
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), bytes = 4711;

	assert_int_equal(pagemap_present(t.fd, row->start * page, row->end * page, &bytes),
			 row->want_return);
	assert_int_equal(bytes, row->want_return ? 4711 : row->want * page);
}

/* A recorded file has no ioctl: the entries are read. */
static void test_states(void **state attr_unused)
{
	static const uint64_t entries[] = { PRESENT, 0, SWAPPED, SWAPPED | GUARD, SOFT_DIRTY };
	static const uint8_t want[] = { PAGE_PRESENT, PAGE_ABSENT, PAGE_SWAPPED, PAGE_GUARD,
					PAGE_ABSENT };
	uint8_t got[ARRAY_SIZE(want) + 1];
	auto_tree t = tree_make();
	auto_close int fd = -1;
	struct pagemap pm;

	tree_put_bytes(&t, "pagemap", entries, sizeof(entries));
	fd = openat(t.fd, "pagemap", O_RDONLY | O_CLOEXEC);
	pagemap_init(&pm, fd);
	assert_int_equal(pagemap_states(&pm, 0, ARRAY_SIZE(want), got), 0);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(pagemap_states(&pm, 2 * pm.page_bytes, 1, got), 0);
	assert_int_equal(got[0], PAGE_SWAPPED);
	assert_int_equal(pagemap_states(&pm, 0, ARRAY_SIZE(want) + 1, got), -ENODATA);
}

struct users_row {
	const char *name;
	uint64_t entries[4];
	uint32_t with_counts[4], without[4]; /* kpagecount can be read, and cannot */
};

/* Frame i has i mappings, up to the eighth. */
static const struct users_row users_rows[] = {
	{ "private",
	  { PRESENT | EXCLUSIVE | 1, PRESENT | EXCLUSIVE | 5, PRESENT | EXCLUSIVE },
	  { 1, 1, 1, 0 },
	  { 1, 1, 1, 0 } },
	{ "shared, in frames that are adjacent",
	  { PRESENT | 3, PRESENT | 4, PRESENT | 5, PRESENT | 2 },
	  { 3, 4, 5, 2 },
	  { PAGE_USERS_MANY, PAGE_USERS_MANY, PAGE_USERS_MANY, PAGE_USERS_MANY } },
	{ "frames are not told",
	  { PRESENT, PRESENT | EXCLUSIVE, PRESENT, 0 },
	  { PAGE_USERS_MANY, 1, PAGE_USERS_MANY, 0 },
	  { PAGE_USERS_MANY, 1, PAGE_USERS_MANY, 0 } },
	{ "a frame beyond the table",
	  { PRESENT | 7, PRESENT | 8, PRESENT | 7, 0 },
	  { PAGE_USERS_MANY, PAGE_USERS_MANY, 7, 0 },
	  { PAGE_USERS_MANY, PAGE_USERS_MANY, PAGE_USERS_MANY, 0 } },
	{ "not resident",
	  { 0, SWAPPED | 0x1234, SWAPPED | GUARD, SOFT_DIRTY },
	  { 0, 0, 0, 0 },
	  { 0, 0, 0, 0 } },
};

static void test_users(void **state)
{
	static const uint64_t counts[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	const struct users_row *row = *state;
	auto_tree t = tree_make();
	uint32_t got[4];
	struct page_users u;

	tree_put_bytes(&t, "pagemap", row->entries, sizeof(row->entries));
	assert_int_equal(page_users_open(t.fd, t.fd, &u), 0);
	assert_int_equal(page_users_read(&u, 0, 4, got), 0);
	assert_memory_equal(got, row->without, sizeof(got));
	page_users_release(&u);
	tree_put_bytes(&t, "kpagecount", counts, sizeof(counts));
	assert_int_equal(page_users_open(t.fd, t.fd, &u), 0);
	assert_int_equal(page_users_read(&u, 0, 4, got), 0);
	assert_memory_equal(got, row->with_counts, sizeof(got));
	assert_int_equal(page_users_read(&u, u.pagemap.page_bytes, 4, got), -ENODATA);
	page_users_release(&u);
}

static void test_missing(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct page_users u;
	uint64_t bytes;

	assert_int_equal(pagemap_present(t.fd, 0, 4096, &bytes), -ENOENT);
	assert_int_equal(page_users_open(t.fd, t.fd, &u), -ENOENT);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "range", rows, test_range);
	rows_add_one(&list, "states of pages", test_states);
	ROWS_ADD(&list, "mappings of pages", users_rows, test_users);
	rows_add_one(&list, "no pagemap", test_missing);
	return rows_run("pagemap", &list);
}
