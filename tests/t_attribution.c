/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/core/attribution.
 */
#include "walk/core/attribution.h"

#include "attribute.h"
#include "fakemem.h"
#include "snap.h"

#define A UINT64_C(0x10000)
#define B UINT64_C(0x20000)
#define C UINT64_C(0x40000)

/* A and B are adjacent, B is half resident; nothing is known about C. */
static void make(struct snapshot *s, struct attributions *c)
{
	snap_init(s);
	snap_add_anonymous(s, A, 64, 64);
	snap_add_anonymous(s, B, 64, 32);
	snap_add_anonymous(s, C, 64, 64);
	attributions_init(c, s);
}

static void test_region(void **state attr_unused)
{
	auto_snapshot s;
	struct attributions c;

	make(&s, &c);
	assert_int_equal(attributions_region(&c, A - 1), ATTRIBUTION_SKEW);
	assert_int_equal(attributions_region(&c, A), 0);
	assert_int_equal(attributions_region(&c, B - 1), 0);
	assert_int_equal(attributions_region(&c, B), 1);
	assert_int_equal(attributions_region(&c, A), 0);
	assert_int_equal(attributions_region(&c, B + KIB(64)), ATTRIBUTION_SKEW);
	assert_int_equal(attributions_region(&c, C + KIB(64) - 1), 2);
	assert_int_equal(attributions_region(&c, C + KIB(64)), ATTRIBUTION_SKEW);
	attributions_release(&c);
}

static void test_sums(void **state attr_unused)
{
	auto_snapshot s;
	struct attributions c, more;

	make(&s, &c);
	attributions_init(&more, &s);
	attribute(&c, 1, 0, LINE_NATIVE, 100);
	attribute(&c, 0, 1, LINE_OBJECTS, 10);
	attribute(&c, 0, 0, LINE_NATIVE, 5);
	attribute(&c, 1, 0, LINE_NATIVE, 1);
	attribute(&c, 0, 0, LINE_BUFFERS, 0); /* adds nothing */
	attribute(&more, 1, 0, LINE_NATIVE, 1000);
	attribute(&more, 2, 0, LINE_OVERHEAD, 7);
	attributions_merge(&c, &more);
	assert_int_equal(attributions_clamp(&c), 0);
	assert_int_equal(c.n, 4);
	assert_int_equal(c.v[0].bytes, 5);
	assert_int_equal(c.v[1].owner, 1);
	assert_int_equal(c.v[1].bytes, 10);
	assert_int_equal(c.v[2].region, 1);
	assert_int_equal(c.v[2].bytes, 1101);
	assert_int_equal(c.v[3].line, LINE_OVERHEAD);
	attributions_release(&c);
	attributions_release(&more);
}

/* Bytes beyond Rss are cut in proportion; bytes on no region are all skew. */
static void test_settle(void **state attr_unused)
{
	auto_snapshot s;
	struct attributions c;

	make(&s, &c);
	attribute(&c, 1, 0, LINE_NATIVE, KIB(48));
	attribute(&c, 1, 0, LINE_MALLOC_FREE, KIB(16));
	attribute(&c, ATTRIBUTION_SKEW, 0, LINE_NATIVE, 9);
	attribute(&c, 2, 0, LINE_NATIVE, KIB(64));
	assert_int_equal(attributions_clamp(&c), KIB(32) + 9);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.v[0].bytes, KIB(24));
	assert_int_equal(c.v[1].bytes, KIB(8));
	assert_int_equal(c.v[2].bytes, KIB(64));
	attributions_release(&c);
}

static void test_range(void **state attr_unused)
{
	auto_snapshot s;
	auto_fake f = { 0 };
	struct attributions c;
	uint64_t swapped = 1;

	make(&s, &c);
	fake_map(&f, A, B + KIB(64), NULL);
	fake_state(&f, A, A + KIB(8), PAGE_PRESENT);
	fake_state(&f, A + KIB(8), A + KIB(12), PAGE_ZERO);
	fake_state(&f, A + KIB(12), A + KIB(16), PAGE_SWAPPED);
	fake_state(&f, B, B + KIB(4), PAGE_PRESENT);
	(void)fake_open(&f, NULL);
	assert_int_equal(
		attributions_add_range(&c, f.mem, 0, LINE_NATIVE, A + 100, KIB(64), &swapped),
		KIB(8) - 100 + 100);
	assert_int_equal(swapped, 1 + KIB(4));
	assert_int_equal(attributions_clamp(&c), 0);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.v[0].bytes, KIB(8) - 100);
	assert_int_equal(c.v[1].bytes, 100);
	attributions_release(&c);
}

/* A page is private, two are shared by four, one is not resident, and one shared by unknown many. */
static void test_shares(void **state attr_unused)
{
	static struct share_run runs[] = {
		{ A, A + KIB(4), PAGE_USERS_ONE },
		{ A + KIB(4), A + KIB(12), 4 },
		{ A + KIB(16), A + KIB(20), PAGE_USERS_MANY },
	};
	struct region_shares rs = { .runs = runs, .n = ARRAY_SIZE(runs), .shared_rate = 0.5 };
	uint32_t of_region[] = { 1, UINT32_MAX, UINT32_MAX };
	auto_snapshot s;
	struct shares shares = { .snap = &s, .of_region = of_region, .v = &rs, .n = 1 };
	struct attribution_place at;
	struct attributions c;
	uint64_t start, end;

	make(&s, &c);
	c.shares = &shares;
	at = attributions_place(&c, A + KIB(2), A + KIB(8));
	assert_true(at.rate.private_bytes * 3 == 1 && at.rate.shared_bytes * 6 == 1);
	attributions_add(&c, &at, 0, LINE_NATIVE, KIB(6));
	at = attributions_place(&c, A + KIB(12), A + KIB(20)); /* half of it is not resident */
	attributions_add(&c, &at, 0, LINE_NATIVE, KIB(4));
	at = attributions_place(&c, B, B + KIB(4));
	attributions_add(&c, &at, 0, LINE_NATIVE, KIB(4));
	at = attributions_even_place(&c, A + KIB(5), &start, &end);
	assert_int_equal(at.region, 0);
	assert_int_equal(start, A + KIB(4));
	assert_int_equal(end, A + KIB(12));
	assert_true(at.rate.private_bytes == 0 && at.rate.shared_bytes == 0.25);
	(void)attributions_even_place(&c, A + KIB(13), &start, &end);
	assert_int_equal(start, A + KIB(12));
	assert_int_equal(end, A + KIB(16));
	(void)attributions_even_place(&c, A + KIB(30), &start, &end);
	assert_int_equal(start, A + KIB(20));
	assert_int_equal(end, A + KIB(64));
	(void)attributions_even_place(&c, B, &start, &end);
	assert_int_equal(end, B + KIB(64));
	assert_int_equal(attributions_clamp(&c), 0);
	assert_int_equal(c.n, 2);
	assert_true(c.v[0].pages.private_bytes == KIB(2));
	assert_true(c.v[0].pages.shared_bytes == KIB(1) + KIB(2));
	assert_true(c.v[1].pages.shared_bytes == 0);
	attributions_release(&c);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "the region of an address", test_region);
	rows_add_one(&list, "sums by region, owner and line", test_sums);
	rows_add_one(&list, "cut to the Rss of each region", test_settle);
	rows_add_one(&list, "ranges count by resident pages", test_range);
	rows_add_one(&list, "what bytes count by the mappings of their pages", test_shares);
	return rows_run("attribution", &list);
}
