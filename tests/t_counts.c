/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/counts: the table of counters, and sums in which an absent counter never becomes 0.
 */
#include "proc/counts.h"

#include <ctype.h>

#include "rows.h"

static bool is_summable(int i)
{
	return i != MC_KERNEL_PAGE_SIZE && i != MC_MMU_PAGE_SIZE;
}

static void test_table(void **state attr_unused)
{
	for (int i = 0; i < MC_COUNT; i++) {
		const struct mem_count_desc *d = &mem_count_descs[i];

		assert_true(ends_with(d->key, ":"));
		assert_true(ends_with(d->id, "_bytes"));
		for (const char *p = d->id; *p; p++)
			assert_true(islower(*p) || *p == '_');
		assert_true(strlen(d->title) > 0 && strlen(d->help) > 0);
		assert_int_equal(i < MC_SUMMABLE, is_summable(i));
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(d->key, mem_count_descs[k].key);
			assert_string_not_equal(d->id, mem_count_descs[k].id);
			assert_string_not_equal(d->title, mem_count_descs[k].title);
		}
	}
}

struct find_row {
	const char *name;
	const char *text;
	size_t len;
	int want;
};

static const struct find_row find_rows[] = {
	{ "the first", "Size:", 5, MC_SIZE },
	{ "the last", "Locked:", 7, MC_LOCKED },
	{ "in front of a value", "Rss:    4 kB", 4, MC_RSS },
	{ "of two with one beginning the shorter", "Swap:", 5, MC_SWAP },
	{ "and the longer", "SwapPss:", 8, MC_SWAP_PSS },
	{ "without the colon", "Rss", 3, -1 },
	{ "the colon alone", ":", 1, -1 },
	{ "nothing", "", 0, -1 },
	{ "in lower case", "rss:", 4, -1 },
	{ "with a blank", "Rss :", 5, -1 },
	{ "unknown", "Rxx:", 4, -1 },
};

static void test_find(void **state)
{
	const struct find_row *row = *state;

	assert_int_equal(mem_count_find(row->text, row->len), row->want);
}

static void test_find_all(void **state attr_unused)
{
	for (int i = 0; i < MC_COUNT; i++)
		assert_int_equal(
			mem_count_find(mem_count_descs[i].key, strlen(mem_count_descs[i].key)), i);
}

static void set(struct mem_counts *c, enum mem_count which, uint64_t value)
{
	c->v[which] = value;
	c->present |= UINT32_C(1) << which;
}

static void test_add(void **state attr_unused)
{
	struct mem_counts sum = { 0 }, a = { 0 }, b = { 0 };

	set(&a, MC_RSS, 4096);
	set(&a, MC_PSS, 0);
	set(&a, MC_KERNEL_PAGE_SIZE, 4096);
	set(&b, MC_RSS, 8192);
	set(&b, MC_SWAP, 1);
	set(&b, MC_KERNEL_PAGE_SIZE, 4096);
	mem_counts_add(&sum, &a);
	mem_counts_add(&sum, &b);
	assert_true(sum.v[MC_RSS] == 12288);
	assert_true(mem_counts_has(&sum, MC_PSS) && sum.v[MC_PSS] == 0);
	assert_true(sum.v[MC_SWAP] == 1);
	assert_false(mem_counts_has(&sum, MC_LOCKED));
	/* A sum of page sizes has no meaning. */
	assert_false(mem_counts_has(&sum, MC_KERNEL_PAGE_SIZE));
	assert_true(sum.v[MC_KERNEL_PAGE_SIZE] == 0);
}

static void test_get(void **state attr_unused)
{
	struct mem_counts c = { 0 };

	set(&c, MC_LOCKED, 0);
	set(&c, MC_SIZE, UINT64_MAX);
	assert_true(amount_ok(mem_counts_get(&c, MC_LOCKED)));
	assert_true(mem_counts_get(&c, MC_LOCKED).value == 0);
	assert_true(mem_counts_get(&c, MC_SIZE).value == UINT64_MAX);
	assert_int_equal(mem_counts_get(&c, MC_RSS).why, REASON_NOT_REPORTED);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "table: keys, ids and titles are well formed, each once", test_table);
	ROWS_ADD(&list, "find", find_rows, test_find);
	rows_add_one(&list, "find: every key of the table", test_find_all);
	rows_add_one(&list, "add: a counter that all lack stays absent", test_add);
	rows_add_one(&list, "get: a value or the reason", test_get);
	return rows_run("counts", &list);
}
