/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the walkers of allocators on recorded memory of `target_blocks mixed 2 400` with each of
 * them, and on the same memory cut short and changed at random.
 */
#include "recorded.h"

/* What the allocator reported, and the program's own list. */
struct recorded_row {
	const char *name;
	const char *allocator, *version;
	uint64_t allocated;      /* blocks in caches of threads count as allocated */
	uint64_t tcache;         /* 0: not reported */
	uint64_t idle, retained; /* 0: not reported */
	uint64_t list_blocks;
};

static const struct recorded_row rows[] = {
	{ "jemalloc-5.3.0", "jemalloc", "5.3", 1540672, 1080552, 0, 2412544, 1134 },
	{ "jemalloc-5.3.0-quantum8", "jemalloc", "5.3", 1490944, 1105368, 0, 2367488, 1134 },
	{ "jemalloc-5.2.1", "jemalloc", "5.1 to 5.2", 1458840, 0, 0, 2498560, 1134 },
	/* Without pages in which all words are equal: a cache of sizes. */
	{ "tcmalloc-2.10", "tcmalloc", "gperftools 2.10 to 2.18", 493992, 103064, 286720, 0, 1134 },
	/* The list, and memory that the first thread used to start the second. */
	{ "mimalloc-2.0.9", "mimalloc", "2.0.9", 320424 + 432, 0, 0, 0, 1134 },
	{ "mimalloc-2.1.2", "mimalloc", "2.1.0 to 2.1.2", 320424 + 432, 0, 0, 0, 1134 },
	{ "mimalloc-2.2.4", "mimalloc", "2.1.8 to 2.4", 320424 + 432, 0, 0, 0, 1134 },
	{ "musl-1.2.3", "musl malloc", "1.2.1 and later", 334016 + 64, 0, 0, 0, 1134 },
};

enum { OWN_BLOCKS_MAX = 24 }; /* of starting threads and of the allocator itself */

static const struct walk_allocator *find(const struct walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->n_allocators; i++) {
		if (streq(walk->allocators[i].name, name))
			return &walk->allocators[i];
	}
	fail_msg("%s was not found", name);
	return NULL;
}

static void test_recorded(void **state)
{
	const struct recorded_row *row = *state;
	const struct walk_allocator *a;
	struct memfile f;
	struct walk walk;

	memfile_load(row->name, &f);
	walk = recorded_walk(&f);
	recorded_check_sums(&walk);
	a = find(&walk, row->allocator);
	assert_int_equal(a->unread, REASON_NONE);
	assert_string_equal(a->version, row->version);
	assert_true(a->complete);
	assert_int_equal(a->retries, 0);
	assert_int_equal(a->total.live_bytes + a->total.tcache_bytes, row->allocated);
	assert_true(!row->tcache || a->total.tcache_bytes == row->tcache);
	assert_true(!row->idle || a->total.idle_bytes == row->idle);
	assert_true(!row->retained || a->total.retained_bytes == row->retained);
	assert_in_range(a->total.live_blocks, row->list_blocks, row->list_blocks + OWN_BLOCKS_MAX);
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

	ROWS_ADD(&list, "recorded memory is what the allocator says", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("allocators, recorded", &list);
}
