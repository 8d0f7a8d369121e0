/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the walkers of node, PHP and Ruby on recorded memory of tests/targets/target_*, case
 * `few`, and on the same memory cut short and changed at random. What walkers make no use of was
 * taken out of the recordings; that of Ruby has no more than the first six pages of slots.
 */
#include "recorded.h"
#include "walk/core/runtime_heap.h"

/*
 * What the runtime reported: node before and after the recording, because reporting takes memory.
 */
struct recorded_row {
	const char *name, *runtime;
	uint64_t committed, live_low, live_high;
	uint64_t peak_live, peak_committed; /* 0: not reported */
	const char *kind;                   /* NULL: the runtime has no kinds */
	uint64_t kind_count;
};

static const struct recorded_row rows[] = {
	{ "node-20", "node", 6594560, 4420744, 4434136, 0, 0, NULL, 0 },
	{ "node-24", "node", 8228864, 5505416, 5515224, 0, 0, NULL, 0 },
	{ "php-8.2", "php", 5099520, 4245728, 4245728, 4245768, 5099520, "huge blocks", 1 },
	{ "ruby-3.1", "ruby", UINT64_C(6) << 14, 2452 * 40, 2452 * 40, 0, 0, "T_STRING", 1111 },
};

static uint64_t count_of(const struct walk_runtime *r, const char *kind)
{
	for (size_t i = 0; i < r->n_kinds; i++) {
		if (streq(r->kinds[i].name, kind))
			return r->kinds[i].count;
	}
	return 0;
}

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
	assert_int_equal(r->retries, 0);
	assert_amount(r->total.committed, row->committed);
	assert_true(amount_ok(r->total.live));
	assert_in_range(r->total.live.value, row->live_low, row->live_high);
	if (row->peak_live) {
		assert_amount(r->peak_live, row->peak_live);
		assert_amount(r->peak_committed, row->peak_committed);
	}
	if (row->kind)
		assert_int_equal(count_of(r, row->kind), row->kind_count);
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

	ROWS_ADD(&list, "recorded memory is what the runtime says", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("heaps, recorded", &list);
}
