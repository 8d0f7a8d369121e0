/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/err: the first error is kept, and a long message is cut, not lost. */
#include "base/err.h"

#include <errno.h>

#include "rows.h"

static void test_set(attr_unused void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(err_set(&err, EINVAL, "%s: %d", "line", 7), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.text, "line: 7");
}

static void test_set_errno(attr_unused void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(err_set_errno(&err, ENOENT, "/proc/%d", 7), -ENOENT);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "/proc/7: No such file or directory");
}

static void test_first_wins(attr_unused void **state)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, EINVAL, "first");
	assert_int_equal(err_set(&err, ENOENT, "second"), -ENOENT);
	assert_int_equal(err_set_errno(&err, EIO, "third"), -EIO);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.text, "first");
}

static void test_null(attr_unused void **state)
{
	assert_int_equal(err_set(NULL, EINVAL, "nobody asks"), -EINVAL);
	assert_int_equal(err_set_errno(NULL, EIO, "nobody asks"), -EIO);
}

static void test_long(attr_unused void **state)
{
	struct err err = ERR_INIT;

	(void)err_set_errno(&err, EIO, "%1000d", 1);
	assert_int_equal(err.code, EIO);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "err_set: code and text", test_set);
	rows_add_one(&tests, "err_set_errno: text and reason", test_set_errno);
	rows_add_one(&tests, "err: the first one wins", test_first_wins);
	rows_add_one(&tests, "err: NULL is allowed", test_null);
	rows_add_one(&tests, "err: a long text is cut", test_long);
	return rows_run("err", &tests);
}
