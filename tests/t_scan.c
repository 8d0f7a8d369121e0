/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/scan over a recorded /proc that changes between two scans. tests/live_top.py has
 * the same of real processes.
 */
#include "proc/scan.h"

#include <dirent.h>
#include <inttypes.h>
#include <unistd.h>

#include "amounts.h"
#include "tree.h"

struct fixture {
	struct tree tree;
	struct procfs fs;
	struct scan *scan;
	struct scan_reading *readings;
	size_t n;
	uint64_t page;
};

struct process {
	pid_t pid;
	const char *comm, *state;
	unsigned int threads, start, code;
	const char *statm;
};

static const struct process one = { 40, "one", "S", 1, 1000, 4096, "100 20 5 1 0 50 0\n" };
static const struct process other = { 41, "two (x) y", "S", 3, 1001, 4096, "200 30 6 1 0 50 0\n" };

static void put(struct fixture *f, const struct process *p)
{
	auto_free char *stat = xasprintf("proc/%d/stat", p->pid);
	auto_free char *statm = xasprintf("proc/%d/statm", p->pid);
	auto_free char *status = xasprintf("proc/%d/status", p->pid);
	auto_free char *text = xasprintf(
		"%d (%s) %s 1 40 40 0 -1 %u 0 0 0 0 0 0 0 0 20 0 %u 0 %u 0 0 "
		"18446744073709551615 %u 8192 7000 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
		p->pid, p->comm, p->state, 4194304, p->threads, p->start, p->code);

	tree_put(&f->tree, stat, text);
	if (p->statm)
		tree_put(&f->tree, statm, p->statm);
	tree_put(&f->tree, status, "Name:\tx\nUid:\t7\t1001\t7\t7\nThreads:\t1\n");
}

static void take_away(struct fixture *f, pid_t pid)
{
	static const char *const files[] = { "stat", "statm", "status" };
	auto_free char *dir = xasprintf("%s/proc/%d", f->tree.path, pid);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *path = xasprintf("%s/%s", dir, files[i]);

		(void)unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void fixture_open(struct fixture *f, const pid_t *pids, size_t n, size_t max_fds)
{
	auto_free char *root = NULL;

	*f = (struct fixture){ .tree = tree_make(), .page = (uint64_t)sysconf(_SC_PAGESIZE) };
	f->fs = (struct procfs)PROCFS_INIT;
	root = xasprintf("%s/proc", f->tree.path);
	put(f, &one);
	put(f, &other);
	assert_int_equal(procfs_open(root, &f->fs, NULL), 0);
	f->scan = scan_new(&f->fs, pids, n, max_fds);
}

static void fixture_close(struct fixture *f)
{
	free(f->readings);
	scan_free(f->scan);
	procfs_close(&f->fs);
	tree_remove(&f->tree);
}

static void scan_again(struct fixture *f, size_t want)
{
	free(f->readings);
	assert_int_equal(scan_read(f->scan, &f->readings, &f->n), 0);
	assert_int_equal(f->n, want);
}

struct fds_row {
	const char *name;
	size_t max_fds;
};

static const struct fds_row fds_rows[] = {
	{ "with descriptors", 16 },
	{ "with one of them", 1 },
	{ "with none", 0 },
};

static void test_scan(void **state)
{
	const struct fds_row *row = *state;
	struct process moved = one, changed = one, reused = one;
	struct fixture f;

	fixture_open(&f, NULL, 0, row->max_fds);
	scan_again(&f, 2);
	assert_int_equal(f.readings[0].pid, 40);
	assert_int_equal(f.readings[0].change, SCAN_NEW);
	assert_string_equal(f.readings[1].stat.comm, "two (x) y");
	assert_same_amount(f.readings[0].uid, 1001, REASON_NONE);
	assert_same_amount(f.readings[0].size_bytes, 100 * f.page, REASON_NONE);
	assert_same_amount(f.readings[0].rss_bytes, 20 * f.page, REASON_NONE);
	assert_same_amount(f.readings[0].shared_bytes, 5 * f.page, REASON_NONE);
	scan_again(&f, 2);
	assert_int_equal(f.readings[0].change, SCAN_SAME);
	/* It has grown, so its stat is read, too. */
	moved.statm = "101 21 5 1 0 50 0\n";
	moved.threads = 9;
	put(&f, &moved);
	scan_again(&f, 2);
	assert_int_equal(f.readings[0].change, SCAN_SAME);
	assert_same_amount(f.readings[0].rss_bytes, 21 * f.page, REASON_NONE);
	assert_int_equal(f.readings[0].stat.threads, 9);
	/* Another program has other addresses. */
	changed.code = 9999;
	put(&f, &changed);
	scan_again(&f, 2);
	assert_int_equal(f.readings[0].change, SCAN_EXEC);
	/* Another process has another start. */
	reused.start = 2000;
	reused.statm = "500 21 5 1 0 50 0\n";
	put(&f, &reused);
	scan_again(&f, 2);
	assert_int_equal(f.readings[0].change, SCAN_NEW);
	assert_same_amount(f.readings[0].size_bytes, 500 * f.page, REASON_NONE);
	fixture_close(&f);
}

/* A process that does not change is still read now and then. */
static void test_quiet(void **state attr_unused)
{
	struct process renamed = one;
	struct fixture f;
	int ticks = 0;

	fixture_open(&f, NULL, 0, 16);
	scan_again(&f, 2);
	renamed.comm = "renamed";
	put(&f, &renamed);
	do
		scan_again(&f, 2);
	while (f.readings[0].change == SCAN_SAME && ++ticks < 100);
	assert_true(ticks > 1 && ticks < 20);
	assert_string_equal(f.readings[0].stat.comm, "renamed");
	fixture_close(&f);
}

static void test_come_and_go(void **state attr_unused)
{
	struct process young = { 39, "young", "R", 1, 3000, 4096, "7 6 5 1 0 50 0\n" };
	struct fixture f;

	fixture_open(&f, NULL, 0, 16);
	scan_again(&f, 2);
	put(&f, &young);
	scan_again(&f, 3);
	assert_int_equal(f.readings[0].change, SCAN_NEW);
	assert_int_equal(f.readings[1].change, SCAN_SAME);
	take_away(&f, 40);
	scan_again(&f, 2);
	assert_int_equal(f.readings[1].pid, 41);
	assert_int_equal(f.readings[1].change, SCAN_SAME);
	put(&f, &one);
	scan_again(&f, 3);
	assert_int_equal(f.readings[1].change, SCAN_NEW);
	fixture_close(&f);
}

static void test_named(void **state attr_unused)
{
	const pid_t pids[] = { 41, 99 };
	struct fixture f;

	fixture_open(&f, pids, 2, 16);
	scan_again(&f, 1);
	assert_int_equal(f.readings[0].pid, 41);
	fixture_close(&f);
}

struct memory_row {
	const char *name;
	const char *statm; /* NULL: no file */
	const char *state;
	enum reason want_why;
};

#define BAD REASON_BAD_FORMAT

static const struct memory_row memory_rows[] = {
	{ "a thread of the kernel", "0 0 0 0 0 0 0\n", "I", REASON_NO_MM },
	{ "a zombie", "0 0 0 0 0 0 0\n", "Z", REASON_NO_MM },
	{ "no statm", NULL, "S", REASON_NO_FILE },
	{ "an empty statm", "", "S", BAD },
	{ "not numbers", "a b c d e f g\n", "S", BAD },
	{ "cut", "100 20 5", "S", BAD },
};

static void test_memory(void **state)
{
	const struct memory_row *row = *state;
	struct process p = { 42, "odd", row->state, 1, 1, 4096, row->statm };
	struct fixture f;

	fixture_open(&f, NULL, 0, 16);
	put(&f, &p);
	for (int i = 0; i < 3; i++) {
		scan_again(&f, 3);
		assert_same_amount(f.readings[2].rss_bytes, 0, row->want_why);
		assert_same_amount(f.readings[2].size_bytes, 0, row->want_why);
		assert_same_amount(f.readings[0].rss_bytes, 20 * f.page, REASON_NONE);
	}
	fixture_close(&f);
}

static void test_descriptors(void **state attr_unused)
{
	int before = next_fd();
	struct fixture f;

	fixture_open(&f, NULL, 0, 16);
	for (int i = 0; i < 5; i++) {
		scan_again(&f, 2);
		take_away(&f, 41);
		scan_again(&f, 1);
		put(&f, &other);
	}
	fixture_close(&f);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "scan_read", fds_rows, test_scan);
	rows_add_one(&tests, "scan_read: quiet processes", test_quiet);
	rows_add_one(&tests, "scan_read: processes come and go", test_come_and_go);
	rows_add_one(&tests, "scan_read: only those that are named", test_named);
	ROWS_ADD(&tests, "scan_read: memory", memory_rows, test_memory);
	rows_add_one(&tests, "scan_read: descriptors are closed", test_descriptors);
	return rows_run("proc/scan", &tests);
}
