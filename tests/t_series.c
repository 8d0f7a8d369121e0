/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/series/series: after any number of samples, the series fits, spans the whole
 * time, and has evenly spaced real samples.
 */
#include "analysis/series/series.h"

#include "rows.h"

struct push_row {
	const char *name;
	size_t cap;
	size_t pushes; /* at 1, 2, 3, ... ns with 10 times as many bytes */
	size_t want_n;
	uint64_t want_stride;
};

static const struct push_row push_rows[] = {
	{ "empty", 4, 0, 0, 1 },
	{ "one", 4, 1, 1, 1 },
	{ "just full", 4, 4, 4, 1 },
	{ "one more halves it", 4, 5, 3, 2 },
	{ "the newest yields to a newer one", 4, 6, 4, 2 },
	{ "and stays if it is of the stride", 4, 7, 4, 2 },
	{ "twice", 4, 9, 3, 4 },
	{ "a day of seconds", 512, 86400, 339, 256 },
};

static void test_push(void **state)
{
	const struct push_row *row = *state;
	struct series s;

	series_init(&s, row->cap);
	for (size_t i = 0; i < row->pushes; i++)
		series_push(&s, (struct sample){ .t_ns = (int64_t)i + 1, .bytes = 10 * (i + 1) });
	assert_int_equal(s.n, row->want_n);
	assert_int_equal(s.stride, row->want_stride);
	assert_int_equal(s.pushed, row->pushes);
	for (size_t i = 0; i < s.n; i++) {
		bool newest = i + 1 == s.n;
		int64_t want = newest ? (int64_t)row->pushes : (int64_t)(i * s.stride) + 1;

		assert_int_equal(s.samples[i].t_ns, want);
		assert_int_equal(s.samples[i].bytes, 10 * want);
	}
	series_release(&s);
}

static void test_back(attr_unused void **state)
{
	struct series s;

	series_init(&s, 4);
	series_push(&s, (struct sample){ 5, 100 });
	series_push(&s, (struct sample){ 5, 200 });
	series_push(&s, (struct sample){ 4, 300 });
	assert_int_equal(s.n, 1);
	assert_int_equal(s.samples[0].t_ns, 5);
	assert_int_equal(s.samples[0].bytes, 300);
	series_release(&s);
	series_release(&s);
	series_release(NULL);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "series_push", push_rows, test_push);
	rows_add_one(&tests, "series_push: time does not run back", test_back);
	return rows_run("series", &tests);
}
