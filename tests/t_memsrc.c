/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proc/memsrc on memory made by hand. */
#include "proc/memsrc.h"

#include "fakemem.h"

#define BASE UINT64_C(0x7f0000000000) /* the start of a block */

enum { BLOCK = MEMSRC_BLOCK };

/* Two blocks of pages in which every word is its address; the third page is missing. */
static void make_plain(struct fakemem *f)
{
	fake_map(f, BASE, BASE + 2 * BLOCK, NULL);
	for (uint64_t a = BASE; a < BASE + 2 * BLOCK; a += 8)
		fake_u64(f, a, a);
	fake_page(f, BASE + 2 * FAKE_PAGE)->state = PAGE_ABSENT;
}

struct at_row {
	const char *name;
	uint64_t addr;
	size_t len;
	enum mem_why want;
};

static const struct at_row at_rows[] = {
	{ "the first byte", BASE, 1, MEM_READ },
	{ "a word", BASE + 8, 8, MEM_READ },
	{ "over the edge of a page", BASE + FAKE_PAGE - 8, 16, MEM_READ },
	{ "over the edge of a block", BASE + BLOCK - 8, 16, MEM_READ },
	{ "as much as may be, over the edge", BASE + BLOCK - 4096, MEMSRC_SPAN_MAX, MEM_READ },
	{ "more than may be", BASE + BLOCK, MEMSRC_SPAN_MAX + 1, MEM_UNMAPPED },
	{ "nothing", BASE, 0, MEM_UNMAPPED },
	{ "the last word", BASE + 2 * BLOCK - 8, 8, MEM_READ },
	{ "beyond the end", BASE + 2 * BLOCK - 4, 8, MEM_UNMAPPED },
	{ "before the beginning", BASE - 4, 8, MEM_UNMAPPED },
	{ "in the hole", BASE + 2 * FAKE_PAGE + 8, 8, MEM_NOT_PRESENT },
	{ "into the hole", BASE + 2 * FAKE_PAGE - 4, 8, MEM_NOT_PRESENT },
	{ "out of the hole", BASE + 3 * FAKE_PAGE - 4, 8, MEM_NOT_PRESENT },
	{ "over the hole", BASE + FAKE_PAGE, 3 * FAKE_PAGE, MEM_NOT_PRESENT },
	{ "at address 0", 0, 8, MEM_UNMAPPED },
	{ "at the last address", UINT64_MAX - 3, 4, MEM_UNMAPPED },
	{ "over the last address", UINT64_MAX - 3, 8, MEM_UNMAPPED },
};

static void check_bytes(uint64_t addr, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint64_t word = (addr + i) & ~UINT64_C(7);

		assert_int_equal(bytes[i], (uint8_t)(word >> 8 * ((addr + i) % 8)));
	}
}

static void test_at(void **state)
{
	const struct at_row *row = *state;
	auto_fake f = { 0 };
	const uint8_t *got;

	make_plain(&f);
	got = memsrc_at(fake_open(&f, NULL), row->addr, row->len);
	assert_int_equal(got != NULL, row->want == MEM_READ);
	if (got)
		check_bytes(row->addr, got, row->len);
	else
		assert_int_equal(f.mem->why, row->want);
	assert_int_equal(f.mem->refused[row->want], got ? 0 : 1);
}

/* memsrc_copy and memsrc_peek agree, whichever window is open, and a peek leaves it open. */
static void test_copy_and_peek(void **state)
{
	const struct at_row *row = *state;
	uint8_t buf[MEMSRC_SPAN_MAX + 1];
	bool want = row->want == MEM_READ;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	if (row->len && row->len <= MEMSRC_SPAN_MAX) {
		assert_int_equal(memsrc_copy(m, row->addr, buf, row->len), want);
		if (want)
			check_bytes(row->addr, buf, row->len);
	}
	memsrc_forget(m, 0, UINT64_MAX);
	if (row->len <= FAKE_PAGE) {
		assert_int_equal(memsrc_peek(m, row->addr, buf, row->len), want);
		if (want)
			check_bytes(row->addr, buf, row->len);
		assert_int_equal(m->window_len, 0);
		assert_non_null(memsrc_at(m, BASE, 8));
		assert_int_equal(memsrc_peek(m, row->addr, buf, row->len), want);
	}
}

struct why_row {
	const char *name;
	enum mem_why want;
	uint8_t perms, kind;
	uint8_t state;
	bool fails;
};

static const struct why_row why_rows[] = {
	{ "a page", MEM_READ, VMA_READ, MEM_ANON, PAGE_PRESENT, false },
	{ "the page of zeroes", MEM_READ, VMA_READ, MEM_ANON, PAGE_ZERO, false },
	{ "a page of a file", MEM_READ, VMA_READ, MEM_FILE, PAGE_PRESENT, false },
	{ "no page", MEM_NOT_PRESENT, VMA_READ, MEM_ANON, PAGE_ABSENT, false },
	{ "swap", MEM_SWAPPED, VMA_READ, MEM_ANON, PAGE_SWAPPED, false },
	{ "a guard page", MEM_GUARD, VMA_READ, MEM_ANON, PAGE_GUARD, false },
	{ "no access", MEM_NO_ACCESS, 0, MEM_ANON, PAGE_PRESENT, false },
	{ "only to be written", MEM_NO_ACCESS, VMA_WRITE, MEM_ANON, PAGE_PRESENT, false },
	{ "the kernel's", MEM_DEVICE, VMA_READ, MEM_SPECIAL, PAGE_PRESENT, false },
	{ "a page that went", MEM_FAILED, VMA_READ, MEM_ANON, PAGE_PRESENT, true },
};

static void test_why(void **state)
{
	const struct why_row *row = *state;
	const struct mem_map like = { .perms = row->perms, .kind = row->kind };
	auto_fake f = { 0 };
	struct memsrc *m;
	uint64_t at = BASE, word;
	struct mem_run run;

	fake_map(&f, BASE, BASE + 3 * FAKE_PAGE, &like);
	fake_state(&f, BASE, BASE + 3 * FAKE_PAGE, PAGE_PRESENT);
	fake_page(&f, BASE + FAKE_PAGE)->state = row->state;
	fake_page(&f, BASE + FAKE_PAGE)->fails = row->fails;
	m = fake_open(&f, NULL);
	assert_int_equal(memsrc_u64(m, BASE + FAKE_PAGE, &word), row->want == MEM_READ);
	if (row->want != MEM_READ)
		assert_int_equal(m->why, row->want);
	assert_int_equal(memsrc_peek(m, BASE + FAKE_PAGE, &word, 8), row->want == MEM_READ);
	/* The adjacent pages have other states, unless the mapping itself cannot be read. */
	if (row->want == MEM_NO_ACCESS || row->want == MEM_DEVICE) {
		assert_false(memsrc_next(m, &at, BASE + 3 * FAKE_PAGE, &run));
		return;
	}
	assert_true(memsrc_next(m, &at, BASE + 3 * FAKE_PAGE, &run));
	assert_int_equal(run.addr, BASE);
	assert_int_equal(run.len, row->want == MEM_READ ? 3 * FAKE_PAGE : FAKE_PAGE);
	if (row->want == MEM_READ)
		return;
	assert_true(memsrc_next(m, &at, BASE + 3 * FAKE_PAGE, &run));
	assert_int_equal(run.addr, BASE + 2 * FAKE_PAGE);
	assert_false(memsrc_next(m, &at, BASE + 3 * FAKE_PAGE, &run));
}

static void test_avoid(void **state attr_unused)
{
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	assert_non_null(memsrc_at(m, BASE, 8));
	memsrc_avoid(m, BASE, BASE + FAKE_PAGE, MEM_UFFD);
	assert_null(memsrc_at(m, BASE, 8));
	assert_int_equal(m->why, MEM_UFFD);
	assert_non_null(memsrc_at(m, BASE + FAKE_PAGE, 8));
	assert_int_equal(memsrc_refresh(m), 0);
	assert_null(memsrc_at(m, BASE, 8));
}

static void test_gone(void **state attr_unused)
{
	struct mem_presence p;
	struct mem_run run;
	uint64_t at = BASE;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	f.gone = true;
	assert_null(memsrc_at(m, BASE, 8));
	assert_int_equal(m->why, MEM_GONE);
	assert_true(memsrc_is_over(m));
	f.gone = false; /* another process may have the number now */
	assert_null(memsrc_at(m, BASE + BLOCK, 8));
	assert_int_equal(m->why, MEM_GONE);
	assert_false(memsrc_presence(m, BASE, BASE + BLOCK, &p));
	assert_false(memsrc_next(m, &at, BASE + BLOCK, &run));
}

static void test_cancel(void **state attr_unused)
{
	volatile sig_atomic_t cancel = 0;
	struct mem_run run;
	uint64_t at = BASE;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, &cancel);
	assert_non_null(memsrc_at(m, BASE, 8));
	cancel = 1;
	assert_null(memsrc_at(m, BASE + BLOCK, 8));
	assert_int_equal(m->why, MEM_CANCELLED);
	assert_false(memsrc_next(m, &at, BASE + BLOCK, &run));
	assert_true(memsrc_is_over(m));
}

static void test_states_fail(void **state attr_unused)
{
	struct mem_presence p;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	f.states_error = -EIO;
	assert_null(memsrc_at(m, BASE, 8));
	assert_int_equal(m->why, MEM_FAILED);
	assert_false(memsrc_presence(m, BASE, BASE + BLOCK, &p));
	assert_false(memsrc_is_over(m));
	assert_int_equal(f.pages_read, 0);
}

static void test_next(void **state attr_unused)
{
	const struct {
		uint64_t addr;
		size_t len;
	} want[] = {
		{ BASE + 100, 2 * FAKE_PAGE - 100 },
		{ BASE + 3 * FAKE_PAGE, BLOCK - 3 * FAKE_PAGE },
		{ BASE + BLOCK, 50 },
	};
	uint64_t at = BASE + 100;
	struct mem_run run;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_true(memsrc_next(m, &at, BASE + BLOCK + 50, &run));
		assert_int_equal(run.addr, want[i].addr);
		assert_int_equal(run.len, want[i].len);
		check_bytes(run.addr, run.data, run.len);
		assert_int_equal(at, run.addr + run.len);
	}
	assert_false(memsrc_next(m, &at, BASE + BLOCK + 50, &run));
}

/* A terabyte in which only the last page exists: only that one is read. */
static void test_sparse(void **state attr_unused)
{
	const uint64_t end = BASE + (UINT64_C(1) << 36);
	uint64_t at = BASE;
	struct mem_run run;
	auto_fake f = { 0 };
	struct memsrc *m;

	fake_map(&f, BASE, end, NULL);
	fake_page(&f, end - FAKE_PAGE);
	m = fake_open(&f, NULL);
	assert_true(memsrc_next(m, &at, end, &run));
	assert_int_equal(run.addr, end - FAKE_PAGE);
	assert_false(memsrc_next(m, &at, end, &run));
	assert_int_equal(f.pages_read, 1);
}

static void test_presence(void **state attr_unused)
{
	struct mem_presence p;
	auto_fake f = { 0 };
	struct memsrc *m;

	fake_map(&f, BASE, BASE + 32 * BLOCK, NULL);
	fake_state(&f, BASE, BASE + FAKE_PAGE, PAGE_PRESENT);
	fake_state(&f, BASE + FAKE_PAGE, BASE + 3 * FAKE_PAGE, PAGE_SWAPPED);
	fake_state(&f, BASE + 3 * FAKE_PAGE, BASE + 4 * FAKE_PAGE, PAGE_ZERO);
	fake_state(&f, BASE + 4 * FAKE_PAGE, BASE + 5 * FAKE_PAGE, PAGE_GUARD);
	fake_state(&f, BASE + 31 * BLOCK, BASE + 32 * BLOCK, PAGE_PRESENT);
	m = fake_open(&f, NULL);
	assert_true(memsrc_presence(m, BASE + 96, BASE + 32 * BLOCK - 10, &p));
	assert_int_equal(p.resident_bytes, FAKE_PAGE - 96 + BLOCK - 10);
	assert_int_equal(p.swapped_bytes, 2 * FAKE_PAGE);
	assert_int_equal(p.zero_bytes, FAKE_PAGE);
	assert_true(memsrc_presence(m, BASE + 10, BASE + 20, &p));
	assert_int_equal(p.resident_bytes, 10);
	assert_true(memsrc_presence(m, BASE, BASE, &p));
	assert_int_equal(p.resident_bytes, 0);
	assert_int_equal(f.pages_read, 0);
}

static void test_forget(void **state attr_unused)
{
	uint64_t word;
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	assert_true(memsrc_u64(m, BASE, &word));
	fake_u64(&f, BASE, 1);
	assert_true(memsrc_u64(m, BASE, &word));
	assert_int_equal(word, BASE); /* the value that was read before */
	memsrc_forget(m, BASE + BLOCK, 8);
	assert_true(memsrc_u64(m, BASE, &word));
	assert_int_equal(word, BASE);
	memsrc_forget(m, BASE + 8, 8);
	assert_true(memsrc_u64(m, BASE, &word));
	assert_int_equal(word, 1);
}

static void test_refresh(void **state attr_unused)
{
	auto_fake f = { 0 };
	struct memsrc *m;

	make_plain(&f);
	m = fake_open(&f, NULL);
	assert_null(memsrc_map(m, BASE + 2 * BLOCK));
	f.maps[0].end += BLOCK;
	assert_int_equal(memsrc_refresh(m), 0);
	assert_non_null(memsrc_map(m, BASE + 2 * BLOCK));
	f.gone = true;
	assert_false(memsrc_is_over(m));
	assert_int_equal(memsrc_refresh(m), -ESRCH);
	assert_true(memsrc_is_over(m));
}

/* Mappings as maps may show them while the process changes them. */
static void test_maps(void **state attr_unused)
{
	auto_fake f = { 0 };
	struct memsrc *m;

	fake_map(&f, 0x1000, 0x3000, NULL);
	fake_map(&f, 0x2000, 0x5000, NULL);
	fake_map(&f, 0x4000, 0x5000, NULL);
	fake_map(&f, 0x9000, 0x8000, NULL);
	fake_map(&f, 0x6000, 0x7000, NULL);
	m = fake_open(&f, NULL);
	assert_int_equal(m->n_maps, 3);
	assert_int_equal(m->maps[1].start, 0x3000);
	assert_int_equal(m->maps[1].offset, 0x1000);
	assert_null(memsrc_map(m, 0xfff));
	assert_ptr_equal(memsrc_map(m, 0x1000), &m->maps[0]);
	assert_ptr_equal(memsrc_map(m, 0x2fff), &m->maps[0]);
	assert_ptr_equal(memsrc_map(m, 0x3000), &m->maps[1]);
	assert_null(memsrc_map(m, 0x5000));
	assert_ptr_equal(memsrc_map_from(m, 0x5000), &m->maps[2]);
	assert_ptr_equal(memsrc_map_from(m, 0), &m->maps[0]);
	assert_null(memsrc_map_from(m, 0x7000));
}

/* A scan of much more memory than the cache holds leaves blocks that are visited again in it. */
static void test_scan_spares_the_cache(void **state attr_unused)
{
	enum { BLOCKS = 4 * MEMSRC_SETS * MEMSRC_WAYS };
	uint64_t at = BASE;
	struct mem_run run;
	auto_fake f = { 0 };
	struct memsrc *m;
	size_t before;

	fake_map(&f, BASE, BASE + (uint64_t)BLOCKS * BLOCK, NULL);
	for (uint64_t i = 0; i < BLOCKS; i++)
		fake_page(&f, BASE + i * BLOCK);
	m = fake_open(&f, NULL);
	for (size_t i = 0; i < 8; i++) {
		assert_non_null(memsrc_at(m, BASE + i % 2 * BLOCK, 8));
	}
	while (memsrc_next(m, &at, BASE + (uint64_t)BLOCKS * BLOCK, &run))
		continue;
	before = f.pages_read;
	assert_int_equal(before, BLOCKS);
	assert_non_null(memsrc_at(m, BASE, 8));
	assert_non_null(memsrc_at(m, BASE + BLOCK, 8));
	assert_int_equal(f.pages_read, before);
	assert_true(m->n_pool < 8);
}

/* Blocks in any order, more than fit: each has its own bytes. */
static void test_random_order(void **state attr_unused)
{
	enum { BLOCKS = 3 * MEMSRC_SETS * MEMSRC_WAYS };
	uint64_t word, k = 1;
	auto_fake f = { 0 };
	struct memsrc *m;

	fake_map(&f, BASE, BASE + (uint64_t)BLOCKS * BLOCK, NULL);
	for (uint64_t i = 0; i < BLOCKS; i++)
		fake_u64(&f, BASE + i * BLOCK + 8 * i, i);
	m = fake_open(&f, NULL);
	for (size_t i = 0; i < 20000; i++) {
		k = (k * 5 + 3) % BLOCKS;
		if (i % 7 == 0)
			assert_true(memsrc_peek(m, BASE + k * BLOCK + 8 * k, &word, 8));
		else
			assert_true(memsrc_u64(m, BASE + k * BLOCK + 8 * k, &word));
		assert_int_equal(word, k);
	}
	assert_true(m->n_pool <= MEMSRC_SETS * MEMSRC_WAYS);
}

/* A mapping of a terabyte with pages at both ends and one in between. */
static void test_terabyte(void **state attr_unused)
{
	const uint64_t end = BASE + (UINT64_C(1) << 40), between = BASE + (UINT64_C(1) << 39) + 8;
	struct mem_presence presence;
	uint64_t at = BASE, found = 0;
	struct mem_run run;
	auto_fake f = { 0 };
	struct memsrc *m;

	fake_map(&f, BASE, end, NULL);
	fake_u64(&f, BASE, 1);
	fake_u64(&f, between, 2);
	fake_u64(&f, end - 8, 3);
	m = fake_open(&f, NULL);
	while (memsrc_next(m, &at, end, &run))
		found += run.len;
	assert_int_equal(found, 3 * FAKE_PAGE);
	assert_true(memsrc_presence(m, BASE, end, &presence));
	assert_int_equal(presence.resident_bytes, 3 * FAKE_PAGE);
	assert_true(f.states_read <= (size_t)2 * 4 * MEMSRC_STATES);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "memsrc_at", at_rows, test_at);
	ROWS_ADD(&list, "memsrc_copy, memsrc_peek", at_rows, test_copy_and_peek);
	ROWS_ADD(&list, "why there is nothing to read", why_rows, test_why);
	rows_add_one(&list, "a range to avoid is not read, for good", test_avoid);
	rows_add_one(&list, "a process that is gone does not come back", test_gone);
	rows_add_one(&list, "nothing is read once it was cancelled", test_cancel);
	rows_add_one(&list, "nothing is read without knowing that it is there", test_states_fail);
	rows_add_one(&list, "memsrc_next: runs of a block each, cut to the range", test_next);
	rows_add_one(&list, "memsrc_next: absent pages are not read", test_sparse);
	rows_add_one(&list,
		     "memsrc_next, memsrc_presence: a terabyte of absent pages costs nothing",
		     test_terabyte);
	rows_add_one(&list, "memsrc_presence: bytes by state, nothing read", test_presence);
	rows_add_one(&list, "memsrc_forget: reads again", test_forget);
	rows_add_one(&list, "memsrc_refresh: takes the mappings there are now", test_refresh);
	rows_add_one(&list, "mappings that overlap are cut", test_maps);
	rows_add_one(&list, "a scan spares the cache", test_scan_spares_the_cache);
	rows_add_one(&list, "blocks in any order", test_random_order);
	return rows_run("memsrc", &list);
}
