/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/core/huge.
 */
#include "walk/core/huge.h"

#include "fakemem.h"
#include "snap.h"

#define START UINT64_C(0x7f0000100000) /* a huge page begins one megabyte later */
#define FIRST UINT64_C(0x7f0000200000)

enum { HUGE = HUGE_BYTES, SMALL = FAKE_PAGE };

/* Six megabytes with two huge pages in the middle; all pages of the first have contents. */
static void make(struct snapshot *s, struct fakemem *f, uint64_t huge_kib)
{
	const struct snap_region region = {
		.start = START,
		.size_kib = 6 << 10,
		.perms = SNAP_RW,
		.kib = { [MC_RSS] = 6 << 10, [MC_ANON_HUGE] = huge_kib },
	};

	*f = (struct fakemem){ 0 };
	snap_init(s);
	(void)snap_add(s, &region);
	fake_map(f, START, START + 3 * HUGE, NULL);
	fake_state(f, START, START + 3 * HUGE, PAGE_PRESENT);
	for (uint64_t at = FIRST; at < FIRST + HUGE; at += SMALL)
		fake_u64(f, at + SMALL - 8, 1);
}

struct huge_row {
	const char *name;
	uint64_t huge_kib;        /* of the mapping */
	uint64_t written, absent; /* small pages of the second, from its start; one of them is 0 */
	struct {
		uint64_t at, len;
	} v[2]; /* free blocks, from the first page on */
	struct huge_waste want;
};

static const struct huge_row rows[] = {
	{ "none", 0, 512, 0, { { 0, HUGE } }, { 0, 0, 0, 0 } },
	{ "none of them free", 4096, 512, 0, { { 0, 0 } }, { 0, 2, 0, 0 } },
	{ "half of one free", 4096, 512, 0, { { 0, HUGE / 2 } }, { 0, 2, 0, 0 } },
	{ "more than half of one free",
	  4096,
	  512,
	  0,
	  { { 0, HUGE / 2 }, { HUGE / 2 + 100, 16 } },
	  { 1, 2, HUGE / 2 + 16, 0 } },
	{ "a free block over both",
	  4096,
	  512,
	  0,
	  { { 100, 2 * HUGE - 200 } },
	  { 2, 2, 2 * HUGE - 200, 0 } },
	{ "a free block beyond both", 4096, 512, 0, { { 2 * HUGE, HUGE } }, { 0, 2, 0, 0 } },
	{ "zero", 4096, 200, 0, { { 0, 0 } }, { 1, 2, 312 * SMALL, 312 * SMALL } },
	{ "zero and free",
	  4096,
	  300,
	  0,
	  { { HUGE, 100 * SMALL } },
	  { 1, 2, 312 * SMALL, 212 * SMALL } },
	{ "zero is not counted as free again",
	  4096,
	  300,
	  0,
	  { { HUGE + 250 * SMALL, 250 * SMALL } },
	  { 1, 2, 262 * SMALL, 212 * SMALL } },
	{ "one that is not whole", 2048, 512, 100, { { HUGE, HUGE } }, { 0, 1, 0, 0 } },
	{ "no more than there are", 2048, 512, 0, { { 0, 2 * HUGE } }, { 1, 1, HUGE, 0 } },
};

static void test_waste(void **state)
{
	const struct huge_row *row = *state;
	auto_snapshot s;
	auto_fake f;
	struct huge_map h;
	struct huge_free a = { 0 }, sum = { 0 };
	struct huge_waste got;

	make(&s, &f, row->huge_kib);
	for (uint64_t i = 0; i < row->written; i++)
		fake_u64(&f, FIRST + HUGE + i * SMALL, 1);
	if (row->absent)
		fake_state(&f, FIRST + HUGE + row->absent * SMALL,
			   FIRST + HUGE + (row->absent + 1) * SMALL, PAGE_ABSENT);
	huge_map_init(&h, &s, fake_open(&f, NULL));
	a.map = sum.map = &h;
	for (size_t i = 0; i < ARRAY_SIZE(row->v); i++) {
		if (row->v[i].len)
			huge_free_add(&a, FIRST + row->v[i].at, row->v[i].len);
	}
	huge_free_merge(&sum, &a);
	got = huge_free_judge(&sum);
	assert_int_equal(got.pages, row->want.pages);
	assert_int_equal(got.of_pages, row->want.of_pages);
	assert_int_equal(got.idle_bytes, row->want.idle_bytes);
	assert_int_equal(got.zero_bytes, row->want.zero_bytes);
	huge_free_release(&a);
	huge_free_release(&sum);
	huge_map_release(&h);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "huge pages", rows, test_waste);
	return rows_run("huge", &list);
}
