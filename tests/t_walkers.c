/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/walkers: each row of the table is complete, and the manual, the README and the
 * tests name it. A row without a test does not compile.
 */
#include "walk/walkers.h"

#include <ctype.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/io.h"
#include "fakemem.h"
#include "snap.h"
#include "walk_test.h"

enum { TEXT_MAX = 1 << 20 };

/* The test that walks it or, if it is not read, checks that it is named. */
static const char cpython_test[] = "t_cpython_recorded.c";
static const char node_test[] = "t_heaps_recorded.c";
static const char php_test[] = "t_heaps_recorded.c";
static const char ruby_test[] = "t_heaps_recorded.c";
static const char go_test[] = "t_runtimes_recorded.c";
static const char jvm_test[] = "t_runtimes_recorded.c";
static const char jemalloc_test[] = "t_blocks_recorded.c";
static const char tcmalloc_test[] = "t_blocks_recorded.c";
static const char google_tcmalloc_test[] = "t_walkers.c";
static const char mozjemalloc_test[] = "t_walkers.c";
static const char mimalloc_test[] = "t_blocks_recorded.c";
static const char musl_test[] = "t_blocks_recorded.c";
static const char glibc_test[] = "t_glibc_recorded.c";

struct walker_row {
	const char *name;
	const struct walker *row;
	const char *test;
};

#define ROW(ID, id) { #id, &walkers[WALKER_##ID], id##_test },
static const struct walker_row rows[] = { WALKERS(ROW) };
#undef ROW

static void read_source(const char *name, struct sbuf *text)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *path = xasprintf("%s/%s", srcdir ? srcdir : ".", name);

	assert_int_equal(io_read_at(AT_FDCWD, path, TEXT_MAX, text), 0);
	for (size_t i = 0; i < text->len; i++)
		text->data[i] = isspace((unsigned char)text->data[i]) ? ' ' : text->data[i];
}

static void check_mentioned(const char *file, const char *what)
{
	auto_sbuf text = SBUF_INIT;

	read_source(file, &text);
	if (!strstr(sbuf_str(&text), what))
		fail_msg("%s does not mention '%s'", file, what);
}

static void test_complete(void **state)
{
	const struct walker *row = ((const struct walker_row *)*state)->row;
	int ways = !!row->unread + !!row->allocator + !!row->runtime + !!row->walk;
	unsigned int want = 0;

	assert_true(row->name && *row->name);
	assert_true(row->title && *row->title);
	assert_true(row->word && *row->word);
	assert_int_equal(walk_parse_want(row->word, &want, NULL), 0);
	assert_int_equal(want, row->want);
	if (ways != 1)
		fail_msg("%s is walked in %d ways", row->name, ways);
}

static void test_manual(void **state)
{
	const struct walker *row = ((const struct walker_row *)*state)->row;

	check_mentioned("man/memspect.1", row->title);
	check_mentioned("README.md", row->title);
}

/* A row of the test has the name in its results, or in a recording: "glibc-2.36". */
static void test_tested(void **state)
{
	const struct walker_row *r = *state;
	auto_free char *path = xasprintf("tests/%s", r->test);
	auto_free char *program = xasprintf(" tests/%.*s ", (int)strlen(r->test) - 2, r->test);
	auto_free char *name = xasprintf("\"%s\"", r->row->name);
	auto_free char *recording = xasprintf("\"%s-", r->name);
	auto_sbuf text = SBUF_INIT;

	check_mentioned("tests/local.mk", program);
	read_source(path, &text);
	if (!strstr(sbuf_str(&text), name) && !strstr(sbuf_str(&text), recording))
		fail_msg("%s mentions neither %s nor a recording %s", path, name, recording);
}

/* An allocator that is only recognised is named, with the reason. */
static void check_named(struct snapshot *snap, const char *name)
{
	const struct walk_opts opts = { .want = WANT_MALLOC, .clock = &clock_system };
	struct fakemem mem = { 0 };
	auto_walk walk;

	assert_int_equal(walk_read_from(snap, fake_open(&mem, NULL), &opts, &walk), 0);
	for (size_t i = 0; i < walk.n_allocators; i++) {
		const struct walk_allocator *a = &walk.allocators[i];

		if (!streq(a->name, name))
			continue;
		assert_int_equal(a->unread, REASON_NOT_READ_YET);
		mem.mem = NULL;
		fake_release(&mem);
		return;
	}
	fail_msg("%s was not named", name);
}

static void test_mozjemalloc(void **state attr_unused)
{
	auto_snapshot snap;

	snap_init(&snap);
	(void)snap_add(&snap, &(struct snap_region){ .start = 0x1000,
						     .size_kib = 4,
						     .perms = SNAP_RX,
						     .name = "/usr/lib/firefox/libmozglue.so",
						     .inode = 7 });
	check_named(&snap, "mozjemalloc");
}

static void test_google_tcmalloc(void **state attr_unused)
{
	auto_snapshot snap;

	snap_init(&snap);
	(void)snap_add(&snap, &(struct snap_region){ .start = 0x1000,
						     .size_kib = 4,
						     .perms = SNAP_RX,
						     .name = "/usr/bin/server",
						     .inode = 7 });
	snap.files[snap.n_files - 1].is_program = true;
	(void)snap_add(&snap, &(struct snap_region){ .start = 0x2000,
						     .size_kib = 4,
						     .perms = SNAP_RW,
						     .name = "[anon:tcmalloc_region_NORMAL]" });
	check_named(&snap, "Google's tcmalloc");
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "the row is complete", rows, test_complete);
	ROWS_ADD(&list, "the manual and the README mention it", rows, test_manual);
	ROWS_ADD(&list, "a test walks it", rows, test_tested);
	rows_add_one(&list, "mozjemalloc is named and not read", test_mozjemalloc);
	rows_add_one(&list, "Google's tcmalloc is named and not read", test_google_tcmalloc);
	return rows_run("walkers", &list);
}
