/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/runtime/cpython/tables.
 */
#include "walk/runtime/cpython/tables.h"

#include "rows.h"

#define BASE UINT64_C(0x7f0000000000)

#define auto_tables __attribute__((cleanup(py_tables_release))) struct py_tables

static void keep(struct py_tables *t, uint64_t addr)
{
	uint8_t header[PY_KEYS_HEADER] = { 0 };

	memcpy(header, &addr, sizeof(addr));
	py_tables_keep(t, addr, header);
}

static bool finds(const struct py_tables *t, uint64_t addr)
{
	const uint8_t *header = py_tables_find(t, addr);

	if (header)
		assert_memory_equal(header, &addr, sizeof(addr));
	return header;
}

static void test_found(void **state attr_unused)
{
	auto_tables t;

	py_tables_init(&t);
	assert_false(finds(&t, BASE));
	assert_false(finds(&t, 0));
	for (uint64_t addr = BASE + 48; addr < BASE + (1 << 20); addr += 208)
		keep(&t, addr);
	for (uint64_t addr = BASE + 48; addr < BASE + (1 << 20); addr += 208) {
		assert_true(finds(&t, addr));
		assert_false(finds(&t, addr - 16));
		assert_false(finds(&t, addr + 8));
	}
	assert_false(finds(&t, BASE + (1 << 20)));
	/* This piece has the same place as one that was stored. */
	assert_false(finds(&t, BASE + 48 + (uint64_t)PY_TABLES_PIECE * PY_TABLES_PIECES));
}

/* The oldest entries are replaced by new ones, and a piece by another with the same place. */
static void test_give_way(void **state attr_unused)
{
	const uint64_t other = BASE + (uint64_t)PY_TABLES_PIECE * PY_TABLES_PIECES;
	auto_tables t;

	py_tables_init(&t);
	for (uint64_t i = 0; i < PY_TABLES_MAX + 10; i++)
		keep(&t, BASE + i * 128);
	for (uint64_t i = 0; i < PY_TABLES_MAX + 10; i++)
		assert_int_equal(finds(&t, BASE + i * 128), i >= 10);
	keep(&t, other + PY_TABLES_PIECE);
	assert_true(finds(&t, other + PY_TABLES_PIECE));
	assert_false(finds(&t, BASE + PY_TABLES_PIECE));
	assert_true(finds(&t, BASE + 2 * PY_TABLES_PIECE));
}

/* Addresses in another order are found, too. */
static void test_again(void **state attr_unused)
{
	auto_tables t;

	py_tables_init(&t);
	keep(&t, BASE + 128);
	keep(&t, BASE + 256);
	keep(&t, BASE + 128);
	assert_true(finds(&t, BASE + 128));
	assert_false(finds(&t, BASE + 256));
	keep(&t, BASE + PY_TABLES_PIECE);
	keep(&t, BASE + 512);
	assert_true(finds(&t, BASE + 512));
	assert_true(finds(&t, BASE + PY_TABLES_PIECE));
	assert_false(finds(&t, BASE + 128));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_give_way),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests_name("cpython tables", tests, NULL, NULL);
}
