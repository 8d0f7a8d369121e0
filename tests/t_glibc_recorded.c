/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/alloc/glibc on recorded memory of `target_malloc few` under several releases of glibc, and
 * on the same memory cut short and changed at random.
 */
#include "recorded.h"

/* What mallinfo2(3) and the program's own list reported, and what malloc itself needs. */
struct recorded_row {
	const char *name;
	uint64_t arena, fsmblks, fordblks, hblks, hblkhd;
	uint64_t list_blocks, list_bytes;
	uint64_t own_blocks, own_bytes; /* tables of tcaches, and memory used to start threads */
	const char *version;
};

static const struct recorded_row rows[] = {
	{ "glibc-2.31", 1462272, 1584, 981568, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.36", 1462272, 1584, 981536, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.41", 1462272, 1584, 982112, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.43", 1462272, 0, 980672, 1, 217088, 182, 452288, 5, 2880, "2.43" },
};

static void test_recorded(void **state)
{
	const struct recorded_row *row = *state;
	const struct walk_allocator *a;
	struct memfile f;
	struct walk walk;

	memfile_load(row->name, &f);
	walk = recorded_walk(&f);
	recorded_check_sums(&walk);
	assert_int_equal(walk.n_allocators, 1);
	a = &walk.allocators[0];
	assert_string_equal(a->version, row->version);
	assert_true(a->complete);
	assert_int_equal(a->retries, 0);
	assert_int_equal(a->n_arenas, 3);
	assert_int_equal(a->total.system_bytes, row->arena);
	assert_int_equal(a->total.fast_bytes, row->fsmblks);
	assert_int_equal(a->total.free_bytes + a->total.top_bytes, row->fordblks);
	assert_int_equal(a->mmapped_blocks, row->hblks);
	assert_int_equal(a->mmapped_bytes, row->hblkhd);
	assert_int_equal(a->total.live_blocks, row->list_blocks + row->own_blocks);
	assert_int_equal(a->total.live_bytes, row->list_bytes + row->own_bytes);
	assert_int_equal(walk.skew_bytes, 0);
	walk_release(&walk);
	memfile_release(&f);
}

static void test_cut(void **state)
{
	recorded_cut(((const struct recorded_row *)*state)->name);
}

static void test_changed(void **state)
{
	recorded_change(((const struct recorded_row *)*state)->name);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "recorded memory is what the program says", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("glibc, recorded", &list);
}
