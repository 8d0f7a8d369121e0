/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/snapshot/capture on recorded trees: existing values are read, and missing ones are
 * absent with their reason.
 */
#include "model/snapshot/capture.h"

#include <errno.h>

#include "proc_tree.h"

#define HEAP "10000-16000 rw-p 00000000 00:00 0      [heap]\n" FIELDS("24")
#define LIBRARY "40000-41000 r-xp 00000000 08:01 7      /lib/x.so\n" FIELDS("4")
#define VSYSCALL                                                                                   \
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0      [vsyscall]\n" FIELDS("0")

static void capture(const struct tree *t, struct snapshot *s)
{
	struct err err = ERR_INIT;

	assert_int_equal(proc_tree_capture(t, true, s, &err), 0);
	assert_int_equal(err.code, 0);
}

static void put(const struct tree *t, const char *stat, const char *status, const char *smaps)
{
	if (stat)
		tree_put(t, "proc/40/stat", stat);
	if (status)
		tree_put(t, "proc/40/status", status);
	if (smaps)
		tree_put(t, "proc/40/smaps", smaps);
}

static uint64_t rss_of(const struct snapshot *s, size_t i)
{
	struct mem_counts c;

	snapshot_counts(s, &s->regions[i], &c);
	return c.v[MC_RSS];
}

static void test_ordinary(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("S", "1"), STATUS, HEAP LIBRARY VSYSCALL);
	tree_put_bytes(&t, "proc/40/cmdline", "x\0-v", 5);
	tree_put(&t, "proc/uptime", "110.00 1.00\n");
	assert_int_equal(symlinkat("/bin/x", t.fd, "proc/40/exe"), 0);
	capture(&t, &s);
	assert_int_equal(s.pid, 40);
	assert_false(s.live);
	assert_string_equal(s.stat.comm, "x");
	assert_int_equal(s.regions_why, REASON_NONE);
	assert_int_equal(s.partial, REASON_NONE);
	assert_true(s.consistent);
	assert_int_equal(s.retries, 0);
	assert_int_equal(s.n_regions, 3);
	assert_string_equal(snapshot_region_name(&s, &s.regions[1]), "/lib/x.so");
	assert_int_equal(rss_of(&s, 0), 24 << 10);
	assert_int_equal(s.n_files, 2);
	assert_true(s.files[1].has_exec);
	/* [vsyscall] is not the end of a gap that the process could use. */
	assert_int_equal(s.largest_gap_bytes, 0x40000 - 0x16000);
	assert_int_equal(s.cmdline_len, 5);
	assert_memory_equal(s.cmdline, "x\0-v", 5);
	assert_string_equal(s.exe, "/bin/x");
	assert_kib(s.rss_after, 24);
	assert_true(s.age_seconds == 110.0 - 1000.0 / (double)sysconf(_SC_CLK_TCK));
	assert_null(s.user);
}

static void test_no_arguments(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct err err = ERR_INIT;
	auto_snapshot s;

	put(&t, STAT("S", "1"), STATUS, HEAP);
	tree_put(&t, "proc/40/cmdline", "secret");
	assert_int_equal(proc_tree_capture(&t, false, &s, &err), 0);
	assert_null(s.cmdline);
	assert_int_equal(s.cmdline_why, REASON_LEFT_OUT);
}

struct no_mm_row {
	const char *name;
	const char *stat, *status, *smaps; /* NULL: no such file */
	enum reason want_why;
};

static const struct no_mm_row no_mm_rows[] = {
	{ "a kernel thread", STAT_KTHREAD, STATUS_NO_MM, "", REASON_NO_MM },
	{ "a kernel thread by stat alone", STAT_KTHREAD, NULL, "", REASON_NO_MM },
	{ "a kernel thread by status alone", NULL,
	  "Name:\tx\nState:\tI (idle)\nVmSize:\t4 kB\nThreads:\t1\nKthread:\t1\n", HEAP,
	  REASON_NO_MM },
	{ "a zombie", STAT("Z", "1"), STATUS_NO_MM, "", REASON_NO_MM },
	{ "an empty smaps", STAT("S", "1"), STATUS, "", REASON_NO_MM },
	{ "a dead leader without threads to read", STAT("Z", "3"), STATUS_NO_MM, "", REASON_NO_MM },
	{ "no smaps", STAT("S", "1"), STATUS, NULL, REASON_NOT_RECORDED },
	{ "an empty directory", NULL, NULL, NULL, REASON_NOT_RECORDED },
};

static void test_no_mm(void **state)
{
	const struct no_mm_row *row = *state;
	auto_tree t = tree_make();
	auto_snapshot s;

	tree_put_dir(&t, "proc/40");
	put(&t, row->stat, row->status, row->smaps);
	capture(&t, &s);
	assert_int_equal(s.n_regions, 0);
	assert_int_not_equal(s.regions_why, REASON_NONE);
	assert_int_equal(s.regions_why, row->want_why);
	assert_true(s.age_seconds < 0);
	assert_int_not_equal(s.rss_after.why, REASON_NONE);
}

static void test_no_stat(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, NULL, STATUS, HEAP);
	tree_put(&t, "proc/uptime", "110.00 1.00\n");
	capture(&t, &s);
	assert_int_equal(s.n_regions, 1);
	assert_true(s.age_seconds < 0);
	assert_int_not_equal(s.exe_why, REASON_NONE);
	assert_int_not_equal(s.cmdline_why, REASON_NONE);
}

/* A status that is cut before its sizes does not show whether there is an address space. */
static void test_cut_status(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("S", "1"), "Name:\tx\nState:\tS (sleeping)\n", HEAP);
	capture(&t, &s);
	assert_int_equal(s.regions_why, REASON_NONE);
	assert_int_equal(s.n_regions, 1);
	assert_int_equal(s.rss_after.why, REASON_NOT_REPORTED);
}

static void test_dead_leader(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("Z", "3"), STATUS_NO_MM, "");
	tree_put(&t, "proc/40/task/40/stat", STAT("Z", "3"));
	tree_put(&t, "proc/40/task/41/stat", STAT("X", "3"));
	tree_put(&t, "proc/40/task/41/smaps", "");
	tree_put(&t, "proc/40/task/42/stat", STAT("S", "3"));
	tree_put(&t, "proc/40/task/42/status", STATUS);
	tree_put(&t, "proc/40/task/42/smaps", HEAP);
	tree_put(&t, "proc/40/task/43/stat", STAT("S", "3"));
	capture(&t, &s);
	assert_int_equal(s.stat.state, 'Z');
	assert_int_equal(s.regions_why, REASON_NONE);
	assert_int_equal(s.n_regions, 1);
	assert_int_equal(rss_of(&s, 0), 24 << 10);
	assert_kib(s.rss_after, 24);
}

struct smaps_row {
	const char *name;
	const char *smaps;
	size_t want_regions;
	bool want_consistent;
	enum reason want_partial;
};

static const struct smaps_row smaps_rows[] = {
	{ "records side by side",
	  "1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n2000-3000 r--p 0 0:0 0\nRss: 4 kB\n", 2, true,
	  REASON_NONE },
	{ "records that overlap",
	  "1000-3000 rw-p 0 0:0 0\nRss: 4 kB\n2000-4000 rw-p 0 0:0 0\nRss: 4 kB\n", 2, false,
	  REASON_NONE },
	{ "the same record again",
	  "1000-3000 rw-p 0 0:0 0\nRss: 4 kB\n1000-3000 rw-p 0 0:0 0\nRss: 4 kB\n", 2, false,
	  REASON_NONE },
	{ "a record that goes backwards",
	  "5000-6000 rw-p 0 0:0 0\nRss: 4 kB\n1000-3000 rw-p 0 0:0 0\nRss: 4 kB\n", 2, false,
	  REASON_NONE },
	{ "cut in a field", HEAP "40000-41000 r-xp 0 8:1 7 /x\nRss: 4", 2, true, REASON_TRUNCATED },
	{ "cut in a header", HEAP "40000-41000 r-x", 1, true, REASON_TRUNCATED },
	{ "more than memory can be",
	  "1000-2000 rw-p 0 0:0 0\nRss: 4 kB\n2000-3000 r--p 0 0:0 0\nRss: 18014398509481983 kB\n",
	  2, true, REASON_EXCESS },
	{ "no smaps", "what?\n", 0, true, REASON_TRUNCATED },
};

static void test_smaps(void **state)
{
	const struct smaps_row *row = *state;
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("S", "1"), STATUS, row->smaps);
	capture(&t, &s);
	assert_int_equal(s.n_regions, row->want_regions);
	assert_int_equal(s.consistent, row->want_consistent);
	assert_int_equal(s.partial, row->want_partial);
	assert_int_equal(s.regions_why != REASON_NONE, row->want_regions == 0);
}

static void test_gaps(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("S", "1"), STATUS,
	    "1000000-1001000 rw-p 0 0:0 0\nRss: 4 kB\n1003000-1004000 rw-p 0 0:0 0\nRss: 4 kB\n"
	    "1014000-1015000 rw-p 0 0:0 0\nRss: 4 kB\n1017000-1018000 rw-p 0 0:0 0\nRss: 4 kB\n");
	capture(&t, &s);
	assert_int_equal(s.largest_gap_bytes, 0x10000);
}

static void test_unknown_fields(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_snapshot s;

	put(&t, STAT("S", "1"), STATUS, "1000-2000 rw-p 0 0:0 0\nRss: 4 kB\nNew: 4 kB\nOdd: 1\n");
	capture(&t, &s);
	assert_int_equal(s.unknown_fields, 2);
}

static void test_bad_stat(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct err err = ERR_INIT;
	auto_snapshot s;

	put(&t, "40 (x", STATUS, HEAP);
	assert_int_equal(proc_tree_capture(&t, false, &s, &err), 0);
	assert_string_equal(s.stat.comm, s.status.comm);
	assert_true(s.n_regions > 0);
	assert_true(s.age_seconds < 0);
}

static void test_nobody(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct err err = ERR_INIT;
	struct snapshot s;

	tree_put_dir(&t, "proc/4");
	assert_int_equal(proc_tree_capture(&t, true, &s, &err), -ESRCH);
	assert_string_equal(err.text, "process 40: no such process");
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "an ordinary process", test_ordinary);
	rows_add_one(&list, "arguments are left out on request", test_no_arguments);
	ROWS_ADD(&list, "no memory to read", no_mm_rows, test_no_mm);
	rows_add_one(&list, "no stat: no age", test_no_stat);
	rows_add_one(&list, "a status that was cut", test_cut_status);
	rows_add_one(&list, "a dead leader: its live thread is read", test_dead_leader);
	ROWS_ADD(&list, "smaps", smaps_rows, test_smaps);
	rows_add_one(&list, "the largest gap is between mappings", test_gaps);
	rows_add_one(&list, "unknown fields are counted", test_unknown_fields);
	rows_add_one(&list, "an invalid stat", test_bad_stat);
	rows_add_one(&list, "no such process", test_nobody);
	return rows_run("capture", &list);
}
