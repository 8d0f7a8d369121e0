/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the walkers of runtimes on recorded memory, and on the same memory cut short and changed
 * at random. The recordings are of the JVMs and programs of fakejvm.h and fakego.h.
 */
#include "recorded.h"
#include "walk/core/runtime_heap.h"

struct recorded_row {
	const char *name;
	const char *runtime, *collector;
	uint64_t committed, live;
};

static const struct recorded_row rows[] = {
	{ "hotspot-8-serial", "jvm", "Serial", MIB(12), MIB(3) + KIB(512) },
	{ "hotspot-17-g1", "jvm", "G1", MIB(6), KIB(1024 + 100 + 10 + 512 + 1024) },
	{ "hotspot-17-zgc", "jvm", "ZGC", MIB(8), MIB(6) },
	{ "hotspot-25-zgc", "jvm", "ZGC", MIB(8), MIB(6) },
	{ "go-1.18", "go", NULL, 13 * 8192, 6400 + 4 * 8192 },
	{ "go-1.19", "go", NULL, 13 * 8192, 6400 + 4 * 8192 },
};

static void test_recorded(void **state)
{
	const struct recorded_row *row = *state;
	const struct walk_runtime *r;
	struct memfile f;
	struct walk walk;

	memfile_load(row->name, &f);
	walk = recorded_walk(&f);
	recorded_check_sums(&walk);
	assert_int_equal(walk.n_runtimes, 1);
	r = &walk.runtimes[0];
	assert_string_equal(r->name, row->runtime);
	assert_int_equal(r->unread, REASON_NONE);
	assert_true(r->complete);
	if (row->collector)
		assert_string_equal(r->collector, row->collector);
	assert_int_equal(r->total.committed.value, row->committed);
	assert_int_equal(r->total.live.value, row->live);
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

	ROWS_ADD(&list, "recorded memory is what it was made of", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("runtimes, recorded", &list);
}
