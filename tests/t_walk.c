/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/core/walk: data that walkers share. */
#include "walk/core/walk.h"

#include "rows.h"
#include "walk_test.h"

static void test_owned(void **state attr_unused)
{
	auto_walk walk = { .arena = ARENA_INIT };
	const struct walk_owned *owned;
	uint16_t python = walk_owner(&walk, OWNER_RUNTIME, "cpython 3.11");
	uint16_t other = walk_owner(&walk, OWNER_RUNTIME, "another");

	assert_int_equal(walk_owner(&walk, OWNER_RUNTIME, "cpython 3.11"), python);
	assert_int_not_equal(walk_owner(&walk, OWNER_ALLOCATOR, "cpython 3.11"), python);
	walk_own(&walk, python, LINE_OBJECTS, 0x10010);
	walk_own(&walk, other, LINE_BUFFERS, 0x20010);
	assert_true(walk_owner_of(&walk, 0x10000, 0x10100, &owned));
	assert_int_equal(owned->owner, python);
	assert_int_equal(owned->line, LINE_OBJECTS);
	assert_true(walk_owner_of(&walk, 0x20010, 0x20020, &owned));
	assert_int_equal(owned->owner, other);
	assert_false(walk_owner_of(&walk, 0x10100, 0x20010, &owned));
}

struct kept_row {
	const char *name;
	uint64_t addr;
	bool is_kept;
};

/* Kept are 0x3000 to 0x5000, 0x7800 to 0xa100 and 0x1000 to 0x1800. */
static const struct kept_row kept_rows[] = {
	{ "before all", 0x0, false },
	{ "less than a page", 0x1000, false },
	{ "the first byte", 0x3000, true },
	{ "the last byte", 0x4fff, true },
	{ "behind one", 0x5000, false },
	{ "of a page in part, at the start", 0x7fff, false },
	{ "the first page that is whole", 0x8000, true },
	{ "of a page in part, at the end", 0xa000, false },
	{ "the last there is", UINT64_MAX, false },
};

static void test_kept(void **state)
{
	const struct kept_row *row = *state;
	auto_walk walk = { .arena = ARENA_INIT };

	assert_false(walk_is_reserved(&walk, row->addr));
	walk_reserve(&walk, 0x3000, 0x5000);
	walk_reserve(&walk, 0x7800, 0xa100);
	walk_reserve(&walk, 0x1000, 0x1800);
	assert_int_equal(walk_is_reserved(&walk, row->addr), row->is_kept);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "owners of blocks", test_owned);
	ROWS_ADD(&list, "memory that is kept", kept_rows, test_kept);
	return rows_run("walk", &list);
}
