/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table-driven cmocka tests: each row of a table becomes a test of its own, named by the row, so
 * that its TAP line says what is true.
 */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/util.h"

struct row_tests {
	struct CMUnitTest *tests;
	size_t n;
	size_t cap;
};

/*
 * Adds `func` once for each row; it gets the row as *state. The first member of a row must be its
 * name, a const char *. `subject` is put before the name: "num_parse_size: no digits".
 */
#define ROWS_ADD(list, subject, rows, func)                                                        \
	rows_add(list, subject, rows, ARRAY_SIZE(rows), sizeof((rows)[0]), func)

static inline void rows_add(struct row_tests *list, const char *subject, const void *rows, size_t n,
			    size_t size, CMUnitTestFunction func)
{
	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)rows + i * size;
		const char *name;

		memcpy(&name, row, sizeof(name));
		list->tests = xgrow(list->tests, list->n, &list->cap, sizeof(*list->tests));
		list->tests[list->n++] = (struct CMUnitTest){
			.name = xasprintf("%s: %s", subject, name),
			.test_func = func,
			.initial_state = (void *)(uintptr_t)row,
		};
	}
}

/* Adds one test without a row. */
static inline void rows_add_one(struct row_tests *list, const char *name, CMUnitTestFunction func)
{
	list->tests = xgrow(list->tests, list->n, &list->cap, sizeof(*list->tests));
	list->tests[list->n++] = (struct CMUnitTest){ .name = xstrdup(name), .test_func = func };
}

/* Runs and releases them. Returns the exit status of the test program. */
static inline int rows_run(const char *group, struct row_tests *list)
{
	int failed = _cmocka_run_group_tests(group, list->tests, list->n, NULL, NULL);

	for (size_t i = 0; i < list->n; i++)
		free((void *)(uintptr_t)list->tests[i].name);
	free(list->tests);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
