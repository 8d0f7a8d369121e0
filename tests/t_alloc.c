/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/alloc: how arrays grow, and how the program ends when memory runs out. */
#include "base/alloc.h"

#include <sys/wait.h>

#include "rows.h"

struct grow_row {
	const char *name;
	size_t used;
	size_t cap;
	size_t want_cap;
};

static const struct grow_row grow_rows[] = {
	{ "the first element makes room for 16", 0, 0, 16 },
	{ "a small array goes to 16", 3, 3, 16 },
	{ "a full array grows by half", 16, 16, 24 },
	{ "an odd number rounds down", 25, 25, 37 },
	{ "a free place is enough", 15, 16, 16 },
};

static void test_grow(void **state)
{
	const struct grow_row *row = *state;
	size_t cap = row->cap;
	auto_free uint32_t *array = cap > 0 ? xcalloc(cap, sizeof(*array)) : NULL;

	for (uint32_t i = 0; i < row->used; i++)
		array[i] = i;
	array = xgrow(array, row->used, &cap, sizeof(*array));
	assert_int_equal(cap, row->want_cap);
	for (uint32_t i = 0; i < row->used; i++)
		assert_int_equal(array[i], i);
	array[row->used] = 0; /* a sanitizer finds a wrong place */
}

static void test_nothing(attr_unused void **state)
{
	auto_free char *none = xmalloc(0);
	auto_free char *no_elements = xcalloc(0, 8);
	auto_free char *emptied = xreallocarray(xmalloc(8), 0, 8);

	assert_non_null(none);
	assert_non_null(no_elements);
	assert_non_null(emptied);
}

static void test_strings(attr_unused void **state)
{
	auto_free char *whole = xstrdup("text");
	auto_free char *part = xstrndup("text", 2);
	auto_free char *printed = xasprintf("%s-%d", "text", 7);

	assert_string_equal(whole, "text");
	assert_string_equal(part, "te");
	assert_string_equal(printed, "text-7");
}

static void grow_beyond_all(void)
{
	size_t cap = SIZE_MAX;

	free(xgrow(NULL, cap, &cap, 1));
}

static void test_die(attr_unused void **state)
{
	char text[100] = "";
	int ends[2], status;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		grow_beyond_all();
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)got;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(text, "memspect: out of memory\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 5);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "xgrow", grow_rows, test_grow);
	rows_add_one(&tests, "alloc: 0 bytes are an allocation, too", test_nothing);
	rows_add_one(&tests, "alloc: strings are copied", test_strings);
	rows_add_one(&tests, "alloc: out of memory is one line and status 5", test_die);
	return rows_run("alloc", &tests);
}
