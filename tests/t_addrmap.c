/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/core/addrmap. */
#include "walk/core/addrmap.h"

#include "rows.h"

#define GIB(n) ((uint64_t)(n) << 30)
#define USER_END (UINT64_C(1) << 47)

static void test_pages(void **state attr_unused)
{
	struct addrmap *m = addrmap_new();

	addrmap_mark(m, 0x1000, 0x3000, ADDR_RW);
	addrmap_mark(m, 0x2fff, 0x3001, ADDR_DATA);
	assert_int_equal(addrmap_kind(m, 0xfff), ADDR_NONE);
	assert_int_equal(addrmap_kind(m, 0x1000), ADDR_RW);
	assert_int_equal(addrmap_kind(m, 0x1fff), ADDR_RW);
	assert_int_equal(addrmap_kind(m, 0x2000), ADDR_DATA);
	assert_int_equal(addrmap_kind(m, 0x3fff), ADDR_DATA);
	assert_int_equal(addrmap_kind(m, 0x4000), ADDR_NONE);
	addrmap_free(m);
}

/* A kind that covers 4 GiB takes no memory until a part of it gets another kind. */
static void test_large(void **state attr_unused)
{
	struct addrmap *m = addrmap_new();

	addrmap_mark(m, GIB(3), GIB(30) + 0x1000, ADDR_RW);
	assert_int_equal(m->n_leaves, 2);
	assert_int_equal(addrmap_kind(m, GIB(3) - 1), ADDR_NONE);
	assert_int_equal(addrmap_kind(m, GIB(3)), ADDR_RW);
	assert_int_equal(addrmap_kind(m, GIB(17)), ADDR_RW);
	assert_int_equal(addrmap_kind(m, GIB(30) + 0xfff), ADDR_RW);
	assert_int_equal(addrmap_kind(m, GIB(30) + 0x1000), ADDR_NONE);
	addrmap_mark(m, GIB(17), GIB(17) + 1, ADDR_RW);
	assert_int_equal(m->n_leaves, 2);
	addrmap_mark(m, GIB(17), GIB(17) + 1, ADDR_POOLS);
	assert_int_equal(m->n_leaves, 3);
	assert_int_equal(addrmap_kind(m, GIB(17)), ADDR_POOLS);
	assert_int_equal(addrmap_kind(m, GIB(17) - 1), ADDR_RW);
	assert_int_equal(addrmap_kind(m, GIB(17) + 0x1000), ADDR_RW);
	addrmap_free(m);
}

static void test_ends(void **state attr_unused)
{
	struct addrmap *m = addrmap_new();

	addrmap_mark(m, 0, UINT64_MAX, ADDR_RW);
	assert_int_equal(addrmap_kind(m, 0), ADDR_RW);
	assert_int_equal(addrmap_kind(m, USER_END - 1), ADDR_RW);
	assert_int_equal(addrmap_kind(m, USER_END), ADDR_NONE);
	assert_int_equal(addrmap_kind(m, UINT64_MAX), ADDR_NONE);
	addrmap_mark(m, USER_END, UINT64_MAX, ADDR_DATA);
	addrmap_mark(m, 0x5000, 0x5000, ADDR_DATA);
	assert_int_equal(addrmap_kind(m, 0x5000), ADDR_RW);
	assert_int_equal(m->n_leaves, 0);
	addrmap_free(m);
}

/* Mappings that are too far apart are left out, and that is reported. */
static void test_scattered(void **state attr_unused)
{
	struct addrmap *m = addrmap_new();

	for (uint64_t i = 0; i <= ADDRMAP_LEAVES_MAX; i++) {
		assert_false(m->full);
		addrmap_mark(m, GIB(4 * i), GIB(4 * i) + 0x1000, ADDR_RW);
	}
	assert_true(m->full);
	assert_int_equal(addrmap_kind(m, GIB(4 * (ADDRMAP_LEAVES_MAX - 1))), ADDR_RW);
	assert_int_equal(addrmap_kind(m, GIB(4 * ADDRMAP_LEAVES_MAX)), ADDR_NONE);
	addrmap_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_scattered),
	};

	return cmocka_run_group_tests_name("addrmap", tests, NULL, NULL);
}
