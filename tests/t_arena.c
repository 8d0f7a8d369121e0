/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/arena: pieces are zeroed, aligned, do not overlap, and never move. */
#include "base/arena.h"

#include "rows.h"

struct size_row {
	const char *name;
	size_t size;
	int n;
};

static const struct size_row size_rows[] = {
	{ "nothing", 0, 10 },
	{ "single bytes", 1, 10000 },
	{ "odd sizes", 37, 5000 },
	{ "as much as a block holds", 16 << 10, 20 },
	{ "more than a block", (16 << 10) + 1, 20 },
	{ "much more", 3 << 20, 3 },
};

static void test_sizes(void **state)
{
	const struct size_row *row = *state;
	auto_free unsigned char **pieces = xcalloc((size_t)row->n, sizeof(*pieces));
	struct arena a = ARENA_INIT;

	for (int i = 0; i < row->n; i++) {
		pieces[i] = arena_alloc(&a, row->size);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < row->size; k++)
			assert_true(pieces[i][k] == 0);
		memset(pieces[i], i % 255 + 1, row->size);
	}
	for (int i = 0; i < row->n; i++) {
		for (size_t k = 0; k < row->size; k++)
			assert_true(pieces[i][k] == i % 255 + 1);
	}
	arena_release(&a);
}

/* A large piece between small ones loses none of them. */
static void test_mixed(void **state attr_unused)
{
	struct arena a = ARENA_INIT;
	char *before = arena_strdup(&a, "before");
	char *large = arena_alloc(&a, 1 << 20);
	char *behind = arena_strdup(&a, "behind");

	memset(large, 'x', 1 << 20);
	assert_string_equal(before, "before");
	assert_string_equal(behind, "behind");
	arena_release(&a);
}

static void test_strings(void **state attr_unused)
{
	struct arena a = ARENA_INIT;
	auto_free char *wide = xmalloc(100001);
	char *s;

	memset(wide, 'w', 100000);
	wide[100000] = '\0';
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_strdup(&a, wide), wide);
	s = arena_strndup(&a, "abc", 2);
	assert_string_equal(s, "ab");
	s = arena_strndup(&a, "a\0c", 3);
	assert_memory_equal(s, "a\0c", 4);
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_printf(&a, "%s", wide), wide);
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	arena_release(&a);
}

static void test_array(void **state attr_unused)
{
	struct arena a = ARENA_INIT;
	uint64_t *numbers = arena_array(&a, 1000, uint64_t);

	for (size_t i = 0; i < 1000; i++)
		numbers[i] = i;
	assert_true(numbers[999] == 999);
	arena_release(&a);
}

static void test_release(void **state attr_unused)
{
	struct arena a = ARENA_INIT;

	arena_release(&a);
	assert_non_null(arena_alloc(&a, 100));
	arena_release(&a);
	assert_null(a.head);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_release(&a);
	arena_release(&a);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "pieces", size_rows, test_sizes);
	rows_add_one(&list, "pieces: small ones around a large one", test_mixed);
	rows_add_one(&list, "strings: of any length", test_strings);
	rows_add_one(&list, "array: of a type", test_array);
	rows_add_one(&list, "release: twice, and used again", test_release);
	return rows_run("arena", &list);
}
