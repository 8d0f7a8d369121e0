/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/path.
 */
#include "base/path.h"

#include "rows.h"

struct path_row {
	const char *name;
	const char *path;
	const char *other; /* the text that is searched, or the directory */
	int want;          /* offset of the result, -1: not found */
};

static void assert_offset(const struct path_row *row, const char *got)
{
	assert_int_equal(got ? got - row->path : -1, row->want);
}

static const struct path_row base_rows[] = {
	{ "behind the last slash", "/usr/bin/cat", NULL, 9 },
	{ "of a bare name", "cat", NULL, 0 },
	{ "of a directory with a slash", "/usr/", NULL, 5 },
	{ "of an empty path", "", NULL, 0 },
};

static void test_base(void **state)
{
	const struct path_row *row = *state;

	assert_offset(row, path_base(row->path));
}

static const struct path_row find_rows[] = {
	{ "once", "/a/lib/b", "/lib/", 2 },
	{ "the last of two", "/lib/a/lib/b", "/lib/", 6 },
	{ "two that overlap", "/lib/lib/b", "/lib/", 4 },
	{ "none", "/library/b", "/lib/", -1 },
	{ "longer than the path", "/l", "/lib/", -1 },
};

static void test_find_last(void **state)
{
	const struct path_row *row = *state;

	assert_offset(row, path_find_last(row->path, row->other));
}

static const struct path_row below_rows[] = {
	{ "inside", "/opt/jdk/lib", "/opt/jdk", 1 },
	{ "a longer name", "/opt/jdk17/lib", "/opt/jdk", 0 },
	{ "itself", "/opt/jdk", "/opt/jdk", 0 },
	{ "shorter", "/opt", "/opt/jdk", 0 },
};

static void test_is_below(void **state)
{
	const struct path_row *row = *state;

	assert_int_equal(path_is_below(row->path, row->other), row->want);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "path_base", base_rows, test_base);
	ROWS_ADD(&list, "path_find_last", find_rows, test_find_last);
	ROWS_ADD(&list, "path_is_below", below_rows, test_is_below);
	return rows_run("path", &list);
}
