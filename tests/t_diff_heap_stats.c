/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/diff: heap statistics of both sides. */
#include "analysis/diff/diff.h"

#include "diff_side.h"

/* Two sides with 1 MiB each. */
struct two {
	struct made olds, news;
	struct diff diff;
};

static void two_init(struct two *two)
{
	struct diff_side old_side, new_side;

	snap_init(&two->olds.snapshot);
	snap_init(&two->news.snapshot);
	snap_add_anonymous(&two->olds.snapshot, 0x5000000, 1024, 1024);
	snap_add_anonymous(&two->news.snapshot, 0x5000000, 1024, 1024);
	old_side = made_side(&two->olds, "h", 0);
	new_side = made_side(&two->news, "h", 0);
	diff_init(&two->diff, &old_side, &new_side);
}

static void two_release(struct two *two)
{
	diff_release(&two->diff);
	made_release(&two->olds);
	made_release(&two->news);
}

struct want_held {
	const char *name;
	enum diff_status status;
	uint64_t old_count, new_count, old_bytes, new_bytes;
};

static void assert_held(const struct diff_heap_stats *list, const struct want_held *want, size_t n)
{
	assert_int_equal(list->why, REASON_NONE);
	assert_int_equal(list->n, n);
	for (size_t i = 0; i < n; i++) {
		const struct diff_heap_stat *row = &list->rows[i];

		assert_string_equal(row->name, want[i].name);
		assert_int_equal(row->status, want[i].status);
		assert_amount(row->old_count, want[i].old_count);
		assert_amount(row->new_count, want[i].new_count);
		assert_amount(row->old_bytes, want[i].old_bytes);
		assert_amount(row->new_bytes, want[i].new_bytes);
	}
}

static void hold_lines(struct snapshot *s, uint64_t objects, uint64_t native, uint64_t free_bytes)
{
	snap_hold(s, HEAP_STAT_LINE, "py", "objects", UINT64_MAX, objects);
	snap_hold(s, HEAP_STAT_LINE, "py", "buffers", UINT64_MAX, 1024);
	snap_hold(s, HEAP_STAT_LINE, "libc", "native", UINT64_MAX, native);
	snap_hold(s, HEAP_STAT_LINE, "libc", "free", UINT64_MAX, free_bytes);
	snap_hold(s, HEAP_STAT_LINE, "py", "free", UINT64_MAX, 512);
	snap_hold(s, HEAP_STAT_LINE, "go", "stack", UINT64_MAX, 256); /* not in any sum */
}

static void two_again(struct two *two)
{
	struct diff_side old_side = two->diff.old_side, new_side = two->diff.new_side;

	diff_release(&two->diff);
	diff_init(&two->diff, &old_side, &new_side);
}

/* Rows are sorted by growth; rows with the same name keep their owners; unchanged rows stay. */
static void test_heap_stats(void **state attr_unused)
{
	static const struct want_held types[] = {
		{ "Thing", DIFF_ADDED, 0, 200000, 0, 9600000 },
		{ "list", DIFF_CHANGED, 4, 4, 100, 200 },
		{ "dict", DIFF_STAYED, 10, 10, 640, 640 },
		{ "dict", DIFF_STAYED, 3, 3, 192, 192 },
		{ "tuple", DIFF_CHANGED, 7, 8, 500, 400 },
		{ "Gone", DIFF_REMOVED, 2, 0, 200, 0 },
	};
	struct two two;
	struct snapshot *olds = &two.olds.snapshot, *news = &two.news.snapshot;

	two_init(&two);
	hold_lines(olds, 10240, 2048, 4096);
	hold_lines(news, 51200, 8192, 1024);
	snap_hold(olds, HEAP_STAT_TYPE, "py", "dict", 10, 640);
	snap_hold(olds, HEAP_STAT_TYPE, "py 2", "dict", 3, 192);
	snap_hold(olds, HEAP_STAT_TYPE, "py", "Gone", 2, 200);
	snap_hold(olds, HEAP_STAT_TYPE, "py", "list", 4, 100);
	snap_hold(olds, HEAP_STAT_TYPE, "py", "tuple", 7, 500);
	snap_hold(news, HEAP_STAT_TYPE, "py", "tuple", 8, 400);
	snap_hold(news, HEAP_STAT_TYPE, "py", "list", 4, 200);
	snap_hold(news, HEAP_STAT_TYPE, "py 2", "dict", 3, 192);
	snap_hold(news, HEAP_STAT_TYPE, "py", "Thing", 200000, 9600000);
	snap_hold(news, HEAP_STAT_TYPE, "py", "dict", 10, 640);
	two_again(&two);
	assert_held(&two.diff.heap_stats[HEAP_STAT_TYPE], types, ARRAY_SIZE(types));
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_TYPE].grown_bytes, 9600000 + 100);
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_LINE].n, 6);
	assert_amount(diff_held(&two.diff.old_side, DIFF_HELD_OBJECTS), 10240 + 1024);
	assert_amount(diff_held(&two.diff.new_side, DIFF_HELD_OBJECTS), 51200 + 1024);
	assert_amount(diff_held(&two.diff.new_side, DIFF_HELD_NATIVE), 8192);
	assert_amount(diff_held(&two.diff.new_side, DIFF_HELD_FREE), 1024 + 512);
	assert_amount(diff_held(&two.diff.new_side, DIFF_HELD_OVERHEAD), 0);
	assert_amount(diff_held(&two.diff.new_side, DIFF_HELD_BEYOND),
		      two.news.accounting.totals.rss.value - 51200 - 1024);
	/* Neither side looked for these, which is not an error. */
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_CLASS].why, REASON_BY_DESIGN);
	assert_int_equal(diff_why_unwalked(&two.diff, false), REASON_NONE);
	assert_int_equal(diff_why_unwalked(&two.diff, true), REASON_NONE);
	two_release(&two);
}

/*
 * A side lists only its largest rows: an unlisted one may be as large as the smallest listed one.
 */
static void test_rest(void **state attr_unused)
{
	struct two two;
	const struct diff_heap_stats *list = &two.diff.heap_stats[HEAP_STAT_CLASS];

	two_init(&two);
	snap_hold(&two.olds.snapshot, HEAP_STAT_CLASS, "libc", "Large", 10, 6400);
	snap_hold(&two.olds.snapshot, HEAP_STAT_CLASS, "libc", "Least", 1, 100);
	snap_hold(&two.olds.snapshot, HEAP_STAT_CLASS, "libc", "(other classes)", 20, 1600);
	snap_hold(&two.news.snapshot, HEAP_STAT_CLASS, "libc", "Large", 10, 6400);
	snap_hold(&two.news.snapshot, HEAP_STAT_CLASS, "libc", "Least", 1, 100);
	snap_hold(&two.news.snapshot, HEAP_STAT_CLASS, "libc", "Leak", 1000, 10000);
	snap_hold(&two.news.snapshot, HEAP_STAT_CLASS, "libc", "Small", 9, 9900);
	two_again(&two);
	assert_int_equal(list->n, 5);
	assert_string_equal(list->rows[0].name, "Leak");
	assert_int_equal(list->rows[0].status, DIFF_ADDED);
	assert_amount(list->rows[0].old_count, 0);
	assert_string_equal(list->rows[1].name, "Small");
	assert_int_equal(list->rows[1].status, DIFF_CHANGED);
	assert_absent(list->rows[1].old_count, REASON_ONLY_LARGEST);
	assert_absent(list->rows[1].old_bytes, REASON_ONLY_LARGEST);
	assert_string_equal(list->rows[4].name, "(other classes)");
	assert_int_equal(list->rows[4].status, DIFF_REMOVED);
	assert_int_equal(list->grown_bytes, 10000);
	two_release(&two);
}

static void test_unwalked(void **state attr_unused)
{
	struct two two;
	enum reason why;

	two_init(&two);
	assert_int_equal(diff_why_unwalked(&two.diff, false), REASON_NONE);
	assert_false(diff_note(&two.diff, DIFF_OLD_UNWALKED, &why));
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_TYPE].why, REASON_BY_DESIGN);

	snap_hold(&two.news.snapshot, HEAP_STAT_LINE, "libc", "native", UINT64_MAX, 1024);
	two_again(&two);
	assert_int_equal(diff_why_unwalked(&two.diff, false), REASON_WITHOUT_DEEP);
	assert_int_equal(diff_why_unwalked(&two.diff, true), REASON_NONE);
	assert_true(diff_note(&two.diff, DIFF_OLD_UNWALKED, &why));
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_LINE].why, REASON_NO_LINE);
	assert_false(two.diff.heap_stats[HEAP_STAT_LINE].new_lacks);
	assert_absent(diff_held(&two.diff.old_side, DIFF_HELD_NATIVE), REASON_NO_LINE);
	assert_absent(diff_held(&two.diff.new_side, DIFF_HELD_BEYOND), REASON_NO_RUNTIME);

	two.olds.snapshot.heap_stats.why = REASON_DENIED;
	two_again(&two);
	assert_true(diff_note(&two.diff, DIFF_OLD_UNWALKED, &why));
	assert_int_equal(why, REASON_DENIED);

	hold_lines(&two.olds.snapshot, 1024, 1024, 1024);
	snap_hold(&two.olds.snapshot, HEAP_STAT_TYPE, "py", "dict", 1, 64);
	two.news.snapshot.heap_stats.partial = REASON_INTERRUPTED;
	two_again(&two);
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_TYPE].why, REASON_NO_RUNTIME);
	assert_true(two.diff.heap_stats[HEAP_STAT_TYPE].new_lacks);
	assert_int_equal(two.diff.heap_stats[HEAP_STAT_TYPE].n, 0);
	assert_false(diff_note(&two.diff, DIFF_OLD_UNWALKED, &why));
	assert_true(diff_note(&two.diff, DIFF_NEW_WALK_PARTIAL, &why));
	assert_int_equal(why, REASON_INTERRUPTED);
	two_release(&two);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "diff: heap statistics, by growth", test_heap_stats);
	rows_add_one(&tests, "diff: heap statistics, of which only the largest are listed",
		     test_rest);
	rows_add_one(&tests, "diff: heap statistics, if memory was not walked", test_unwalked);
	return rows_run("diff_heap_stats", &tests);
}
