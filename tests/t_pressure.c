/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/pressure on small recorded files.
 */
#include "proc/pressure.h"

#include "amounts.h"
#include "tree.h"

#define BAD REASON_BAD_FORMAT

static const char both[] = "some avg10=1.25 avg60=0.10 avg300=0.01 total=12345\n"
			   "full avg10=0.07 avg60=0.00 avg300=0.00 total=2345\n";

struct pressure_row {
	const char *name;
	const char *text; /* NULL: no file */
	uint64_t some;
	enum reason some_why;
	uint64_t full;
	enum reason full_why;
};

static const struct pressure_row pressure_rows[] = {
	{ "both lines", both, 125, REASON_NONE, 7, REASON_NONE },
	{ "all of the time", "some avg10=100.00 avg60=0.00\n", 10000, REASON_NONE, 0, BAD },
	{ "a kernel without it", NULL, 0, REASON_NOT_REPORTED, 0, REASON_NOT_REPORTED },
	{ "an empty file", "", 0, BAD, 0, BAD },
	{ "no hundredths", "some avg10=1 avg60=0.10\n", 0, BAD, 0, BAD },
	{ "too many hundredths", "some avg10=1.100 avg60=0.10\n", 0, BAD, 0, BAD },
	{ "another key", "some avg60=1.10 total=1\n", 0, BAD, 0, BAD },
};

static struct pressure read_text(const char *text)
{
	auto_tree t = tree_make();
	auto_free char *root = xasprintf("%s/proc", t.path);
	struct procfs fs = PROCFS_INIT;
	struct pressure p;

	tree_put(&t, "proc/version", "");
	if (text)
		tree_put(&t, "proc/pressure/memory", text);
	assert_int_equal(procfs_open(root, &fs, NULL), 0);
	pressure_read(&fs, &p);
	procfs_close(&fs);
	return p;
}

static void test_pressure(void **state)
{
	const struct pressure_row *row = *state;
	struct pressure p = read_text(row->text);

	assert_same_amount(p.some, row->some, row->some_why);
	assert_same_amount(p.full, row->full, row->full_why);
}

/* A number that is cut is never read as a smaller one. */
static void test_truncated(void **state attr_unused)
{
	for (size_t n = 0; n < sizeof(both) - 1; n++) {
		auto_free char *text = xstrndup(both, n);
		struct pressure p = read_text(text);

		if (!p.some.why)
			assert_int_equal(p.some.value, 125);
		assert_int_not_equal(p.full.why, REASON_NONE);
	}
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "pressure_read", pressure_rows, test_pressure);
	rows_add_one(&tests, "pressure_read: cut at every byte", test_truncated);
	return rows_run("proc/pressure", &tests);
}
