/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/parts: the shares of parts add up to those of their mapping, are exact where its
 * pages are known, and absent where nothing tells.
 */
#include "snap.h"

enum { PARTS = 3, ABSENT = -1 };

struct divide_row {
	const char *name;
	uint64_t rss, pss, uss; /* of the mapping, KiB */
	uint64_t parts[PARTS];  /* their Rss; 0 behind the last */
	bool has_pages;
	struct part_pages pages[PARTS]; /* KiB */
	double want_pss[PARTS], want_uss[PARTS];
};

static const struct divide_row divide_rows[] = {
	{ "all private", 40, 40, 40, { 10, 30 }, false, { { 0, 0 } }, { 10, 30 }, { 10, 30 } },
	{ "all private, whatever the pages were a moment later",
	  40,
	  40,
	  40,
	  { 10, 30 },
	  true,
	  { { 1, 9 }, { 0, 30 } },
	  { 10, 30 },
	  { 10, 30 } },
	{ "all shared alike", 40, 8, 0, { 10, 30 }, false, { { 0, 0 } }, { 2, 6 }, { 0, 0 } },
	{ "one part has everything", 40, 20, 10, { 40 }, false, { { 0, 0 } }, { 20 }, { 10 } },
	{ "private and shared, and pages are not known",
	  40,
	  20,
	  10,
	  { 10, 30 },
	  false,
	  { { 0, 0 } },
	  { ABSENT, ABSENT },
	  { ABSENT, ABSENT } },
	{ "private pages are in one part",
	  40,
	  16,
	  10,
	  { 10, 30 },
	  true,
	  { { 10, 0 }, { 0, 6 } },
	  { 10, 6 },
	  { 10, 0 } },
	{ "pages with more mappings than others",
	  40,
	  18,
	  4,
	  { 8, 32 },
	  true,
	  { { 0, 4 }, { 4, 10 } },
	  { 4, 14 },
	  { 0, 4 } },
	{ "more private pages were seen than smaps counted",
	  40,
	  20,
	  10,
	  { 20, 20 },
	  true,
	  { { 15, 5 }, { 5, 5 } },
	  { 12.5, 7.5 },
	  { 7.5, 2.5 } },
	{ "no part counts more than its Rss",
	  40,
	  36,
	  30,
	  { 10, 30 },
	  true,
	  { { 30, 1 }, { 10, 1 } },
	  { 10, 26 },
	  { 10, 20 } },
	{ "shared pages that no longer are",
	  40,
	  25,
	  10,
	  { 20, 20 },
	  true,
	  { { 20, 0 }, { 20, 0 } },
	  { 12.5, 12.5 },
	  { 5, 5 } },
	{ "a kernel that does not tell which pages are private",
	  40,
	  20,
	  10,
	  { 10, 30 },
	  true,
	  { { 0, 10 }, { 0, 10 } },
	  { ABSENT, ABSENT },
	  { ABSENT, ABSENT } },
	{ "an odd number of bytes", 1, 1, 1, { 1 }, false, { { 0, 0 } }, { 1 }, { 1 } },
};

static struct mem_counts counts_of(const struct divide_row *row)
{
	struct mem_counts c = { .present = UINT32_MAX >> (32 - MC_COUNT) };

	c.v[MC_RSS] = KIB(row->rss);
	c.v[MC_PSS] = KIB(row->pss);
	c.v[MC_PRIVATE_DIRTY] = KIB(row->uss);
	c.v[MC_SHARED_DIRTY] = KIB(row->rss - row->uss);
	return c;
}

static void assert_share(struct amount share, double want_kib)
{
	if (want_kib < 0)
		assert_absent(share, REASON_PART_OF_MAPPING);
	else
		assert_amount(share, (uint64_t)(want_kib * 1024));
}

static void test_divide(void **state)
{
	const struct divide_row *row = *state;
	struct mem_counts c = counts_of(row);
	struct part parts[PARTS] = { 0 };
	size_t n = 0;

	for (; n < PARTS && row->parts[n]; n++)
		parts[n].rss_bytes = KIB(row->parts[n]);
	parts_divide(parts, n, &c, row->has_pages ? row->pages : NULL);
	for (size_t i = 0; i < n; i++) {
		assert_share(parts[i].pss, row->want_pss[i]);
		assert_share(parts[i].uss, row->want_uss[i]);
	}
}

/* Whatever the proportions, the shares add up to the byte. */
static void test_sums(void **state attr_unused)
{
	static const struct divide_row row = { .rss = 97, .pss = 41, .uss = 13 };
	struct mem_counts c = counts_of(&row);

	for (uint64_t i = 0; i < 1000; i++) {
		struct part parts[PARTS] = {
			{ .rss_bytes = i * 31 },
			{ .rss_bytes = 1 + i * i % 50000 },
		};
		struct part_pages pages[PARTS];
		uint64_t pss = 0, uss = 0;

		parts[2].rss_bytes = KIB(97) - parts[0].rss_bytes - parts[1].rss_bytes;
		for (size_t k = 0; k < PARTS; k++)
			pages[k] = (struct part_pages){ (double)(i * (k + 3) % 17 + 1),
							(double)(i * (k + 7) % 13) / 3 };
		parts_divide(parts, PARTS, &c, pages);
		for (size_t k = 0; k < PARTS; k++) {
			assert_true(parts[k].uss.value <= parts[k].pss.value);
			assert_true(parts[k].pss.value <= parts[k].rss_bytes);
			pss += parts[k].pss.value;
			uss += parts[k].uss.value;
		}
		assert_int_equal(pss, KIB(41));
		assert_int_equal(uss, KIB(13));
	}
}

/* What smaps does not state cannot be divided. */
static void test_not_stated(void **state attr_unused)
{
	static const struct divide_row row = { .rss = 40, .pss = 40, .uss = 40 };
	struct mem_counts c = counts_of(&row);
	struct part parts[2] = { { .rss_bytes = KIB(10) }, { .rss_bytes = KIB(30) } };

	c.present &= ~(1U << MC_PSS);
	parts_divide(parts, 2, &c, NULL);
	assert_absent(parts[1].pss, REASON_NOT_REPORTED);
	assert_kib(parts[1].uss, 30);
	c.present = 1U << MC_RSS | 1U << MC_PSS;
	c.v[MC_PRIVATE_DIRTY] = c.v[MC_SHARED_DIRTY] = 0;
	parts_divide(parts, 2, &c, NULL);
	assert_kib(parts[1].pss, 30);
	assert_absent(parts[1].uss, REASON_NOT_REPORTED);
}

static void test_page(void **state attr_unused)
{
	struct part_pages sum = { 0, 0 };

	parts_add_page(&sum, PAGE_USERS_NONE, 4096, 0.5);
	assert_true(sum.private_bytes == 0 && sum.shared_bytes == 0);
	parts_add_page(&sum, PAGE_USERS_ONE, 4096, 0.5);
	parts_add_page(&sum, 4, 4096, 0.5);
	parts_add_page(&sum, PAGE_USERS_MANY, 4096, 0.5);
	assert_true(sum.private_bytes == 4096);
	assert_true(sum.shared_bytes == 1024 + 2048);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "divided", divide_rows, test_divide);
	rows_add_one(&list, "shares add up", test_sums);
	rows_add_one(&list, "fields that smaps does not have", test_not_stated);
	rows_add_one(&list, "what a page counts", test_page);
	return rows_run("parts", &list);
}
