/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/procinfo and status on directories that look like those of a process.
 */
#include "proc/procinfo.h"

#include <errno.h>

#include "rows.h"
#include "tree.h"

/* What follows the state in the stat of a shell, and of a kernel thread. */
#define SHELL_TAIL                                                                                 \
	" 9010 9017 9017 34816 9017 4194304 1200 80000 1 2 3 4 50 6 20 0 2 0 94846 5595136 1088 "  \
	"18446744073709551615 94000000000000 94000000790000 140720000000000 0 0 0 65536 3686404 "  \
	"1266761467 1 0 0 17 1 0 0 0 0 0 94000000800000 94000000850000 94000001000000 0 0 0 0 0\n"
#define KTHREAD_TAIL                                                                               \
	" 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 20 0 1 0 30 0 0 18446744073709551615 0 0 0 0 0 0 0 " \
	"2147483647 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

struct stat_row {
	const char *name;
	const char *text;
	struct proc_stat want;
};

#define SHELL(comm_, state_)                                                                       \
	{                                                                                          \
		9017, 9010, comm_, state_, 2, 94846, 94000000000000, 140720000000000, false        \
	}

static const struct stat_row stat_rows[] = {
	{ "a shell", "9017 (bash) S" SHELL_TAIL, SHELL("bash", 'S') },
	{ "a kernel thread",
	  "41 (kworker/R-slub_flushwq) I" KTHREAD_TAIL,
	  { 41, 2, "kworker/R-slub_flushwq", 'I', 1, 30, 0, 0, true } },
	{ "a name with the end of a stat inside", "9017 (x) R 1 (y) S" SHELL_TAIL,
	  SHELL("x) R 1 (y", 'S') },
	{ "a name of parentheses", "9017 ()))((() Z" SHELL_TAIL, SHELL(")))(((", 'Z') },
	{ "a name of two lines", "9017 () R 1\n\033[1m\377) S" SHELL_TAIL,
	  SHELL(") R 1\n\033[1m\377", 'S') },
	{ "an empty name", "9017 () D" SHELL_TAIL, SHELL("", 'D') },
	{ "a stat that ends after the start time",
	  "7 (a) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 55\n",
	  { 7, 1, "a", 'S', 1, 55, 0, 0, false } },
	{ "a name beyond any length is cut",
	  "9017 (aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg) "
	  "S" SHELL_TAIL,
	  SHELL("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg", 'S') },
};

static void assert_stat(const struct proc_stat *got, const struct proc_stat *want)
{
	assert_int_equal(got->pid, want->pid);
	assert_int_equal(got->ppid, want->ppid);
	assert_string_equal(got->comm, want->comm);
	assert_int_equal(got->state, want->state);
	assert_true(got->threads == want->threads);
	assert_true(got->start_ticks == want->start_ticks);
	assert_true(got->start_code == want->start_code);
	assert_true(got->start_stack == want->start_stack);
	assert_int_equal(got->kthread, want->kthread);
}

static void test_stat(void **state)
{
	const struct stat_row *row = *state;
	auto_tree t = tree_make();
	struct proc_stat got;

	tree_put(&t, "stat", row->text);
	assert_int_equal(proc_stat_read(t.fd, &got), 0);
	assert_stat(&got, &row->want);
}

struct bad_row {
	const char *name;
	const char *text; /* NULL: there is a directory instead of the file */
	int want;
};

static const struct bad_row bad_stat_rows[] = {
	{ "an empty file", "", -EBADMSG },
	{ "a name without an end", "9017 (bash S" SHELL_TAIL, -EBADMSG },
	{ "a name without a beginning", "9017 bash) S" SHELL_TAIL, -EBADMSG },
	{ "parentheses the wrong way round", "9017 )bash( S" SHELL_TAIL, -EBADMSG },
	{ "no pid", "(bash) S" SHELL_TAIL, -EBADMSG },
	{ "a pid too large", "4294967296 (bash) S" SHELL_TAIL, -EBADMSG },
	{ "a word among the numbers", "9017 (bash) S 1 2 x 4 5 6 7 8 9\n", -EBADMSG },
	{ "a directory", NULL, -EISDIR },
};

static void test_bad_stat(void **state)
{
	const struct bad_row *row = *state;
	auto_tree t = tree_make();
	struct proc_stat got;

	if (row->text)
		tree_put(&t, "stat", row->text);
	else
		tree_put_dir(&t, "stat");
	assert_int_equal(proc_stat_read(t.fd, &got), row->want);
}

static void test_stat_cut(void **state attr_unused)
{
	static const char text[] = "9017 (ba) sh) S" SHELL_TAIL;
	const size_t after_start = strstr(text, "94846") + strlen("94846 ") - text;
	const struct proc_stat want = SHELL("ba) sh", 'S');
	auto_tree t = tree_make();
	struct proc_stat got;

	for (size_t n = 0; n < strlen(text); n++) {
		int r;

		tree_put_bytes(&t, "stat", text, n);
		r = proc_stat_read(t.fd, &got);
		assert_int_equal(r, n < after_start ? -EBADMSG : 0);
		if (r < 0)
			continue;
		assert_true(got.start_code == 0 || got.start_code == want.start_code);
		assert_true(got.start_stack == 0 || got.start_stack == want.start_stack);
		got.start_code = want.start_code;
		got.start_stack = want.start_stack;
		assert_stat(&got, &want);
	}
}

#define KB(v)                                                                                      \
	{                                                                                          \
		.value = (v)*UINT64_C(1024)                                                        \
	}
#define IS(v)                                                                                      \
	{                                                                                          \
		.value = (v)                                                                       \
	}
#define NO_LINE                                                                                    \
	{                                                                                          \
		.why = REASON_NOT_REPORTED                                                         \
	}
#define NO_MM                                                                                      \
	{                                                                                          \
		.why = REASON_NO_MM                                                                \
	}
#define BAD_LINE                                                                                   \
	{                                                                                          \
		.why = REASON_BAD_FORMAT                                                           \
	}

/*
 * As Linux 6.18 writes it, for a process with all kinds of memory; the numbers are invented and
 * distinct.
 */
static const char full_status[] =
	"Name:\tdb\\n\\\\x\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t812\nNgid:\t0\nPid:\t812\n"
	"PPid:\t1\nTracerPid:\t0\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\nFDSize:\t64\n"
	"Groups:\t4 24 \nNStgid:\t812\t17\nNSpid:\t812\t17\t3\nNSpgid:\t812\nNSsid:\t812\n"
	"Kthread:\t0\nVmPeak:\t   11001 kB\nVmSize:\t   11002 kB\nVmLck:\t   11003 kB\n"
	"VmPin:\t   11004 kB\nVmHWM:\t   11005 kB\nVmRSS:\t   11006 kB\nRssAnon:\t   11007 kB\n"
	"RssFile:\t   11008 kB\nRssShmem:\t   11009 kB\nVmData:\t   11010 kB\nVmStk:\t   11011 kB\n"
	"VmExe:\t   11012 kB\nVmLib:\t   11013 kB\nVmPTE:\t   11014 kB\nVmSwap:\t   11015 kB\n"
	"HugetlbPages:\t   11016 kB\nCoreDumping:\t0\nThreads:\t9\nSigQ:\t0/96343\n";

static const struct proc_status full_want = {
	.v = {
		[PS_VM_PEAK] = KB(11001), [PS_VM_SIZE] = KB(11002), [PS_VM_LCK] = KB(11003),
		[PS_VM_PIN] = KB(11004), [PS_VM_HWM] = KB(11005), [PS_VM_RSS] = KB(11006),
		[PS_RSS_ANON] = KB(11007), [PS_RSS_FILE] = KB(11008), [PS_RSS_SHMEM] = KB(11009),
		[PS_VM_DATA] = KB(11010), [PS_VM_STK] = KB(11011), [PS_VM_EXE] = KB(11012),
		[PS_VM_LIB] = KB(11013), [PS_VM_PTE] = KB(11014), [PS_VM_PMD] = NO_LINE,
		[PS_VM_SWAP] = KB(11015), [PS_HUGETLB] = KB(11016), [PS_THREADS] = IS(9),
		[PS_KTHREAD] = IS(0), [PS_UID] = IS(1001), [PS_TGID] = IS(812),
	},
	.state = 'S',
	.comm = "db\n\\x",
};

static void assert_amount(struct amount got, struct amount want)
{
	assert_int_equal(got.why, want.why);
	if (!want.why)
		assert_true(got.value == want.value);
}

static void test_status_full(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct proc_status got;

	tree_put(&t, "status", full_status);
	assert_int_equal(proc_status_read(t.fd, &got), 0);
	for (size_t i = 0; i < PS_COUNT; i++)
		assert_amount(got.v[i], full_want.v[i]);
	assert_int_equal(got.state, full_want.state);
	assert_string_equal(got.comm, full_want.comm);
}

/* The text is cut at each byte: complete lines keep their values, and a cut line has no value. */
static void test_status_cut(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct proc_status got;

	for (size_t n = 0; n < strlen(full_status); n++) {
		tree_put_bytes(&t, "status", full_status, n);
		if (proc_status_read(t.fd, &got) < 0) {
			assert_true(n < strlen("Name:\tdb\\n\\\\x\n"));
			continue;
		}
		for (size_t i = 0; i < PS_COUNT; i++)
			assert_true(got.v[i].why || got.v[i].value == full_want.v[i].value);
	}
}

struct status_row {
	const char *name;
	const char *text;
	enum proc_status_field field;
	struct amount want;
};

static const struct status_row status_rows[] = {
	{ "a missing line counts as absent", "VmSize:\t8 kB\nThreads:\t1\n", PS_VM_SWAP, NO_LINE },
	{ "without a line of a size there is no address space", "State:\tZ (zombie)\nThreads:\t1\n",
	  PS_VM_RSS, NO_MM },
	{ "a process without memory has threads", "State:\tZ (zombie)\nThreads:\t1\n", PS_THREADS,
	  IS(1) },
	{ "without Threads the file is cut", "State:\tS (sleeping)\n", PS_VM_RSS, NO_LINE },
	{ "any order", "Threads:\t3\nVmRSS:\t5 kB\nVmSize:\t8 kB\n", PS_VM_SIZE, KB(8) },
	{ "blanks of any kind", "VmRSS:5 \t kB\nVmSize: 8 kB\nThreads: 1\n", PS_VM_RSS, KB(5) },
	{ "unknown lines are passed over", "VmNew:\t1 kB\nVmRSSX:\t2 kB\nVmRSS:\t5 kB\n", PS_VM_RSS,
	  KB(5) },
	{ "a zero is a zero", "VmSize:\t8 kB\nVmSwap:\t0 kB\n", PS_VM_SWAP, IS(0) },
	{ "an unknown unit", "VmRSS:\t5 MB\n", PS_VM_RSS, BAD_LINE },
	{ "no unit is not understood", "VmRSS:\t5\n", PS_VM_RSS, BAD_LINE },
	{ "no number", "VmRSS:\tkB\n", PS_VM_RSS, BAD_LINE },
	{ "a negative number", "VmRSS:\t-5 kB\n", PS_VM_RSS, BAD_LINE },
	{ "a number too large", "VmRSS:\t99999999999999999999 kB\n", PS_VM_RSS, BAD_LINE },
	{ "bytes too many for 64 bits are held", "VmRSS:\t18446744073709551615 kB\n", PS_VM_RSS,
	  IS(UINT64_MAX) },
	{ "only one of the uids", "Uid:\t1000\nThreads:\t1\n", PS_UID, BAD_LINE },
	{ "a name cannot add lines", "Name:\tx\\nVmRSS:\\t1 kB\nVmRSS:\t5 kB\n", PS_VM_RSS, KB(5) },
};

static void test_status(void **state)
{
	const struct status_row *row = *state;
	auto_tree t = tree_make();
	struct proc_status got;

	tree_put(&t, "status", row->text);
	assert_int_equal(proc_status_read(t.fd, &got), 0);
	assert_amount(got.v[row->field], row->want);
}

static const struct bad_row bad_status_rows[] = {
	{ "an empty file", "", -EBADMSG },
	{ "no known key", "Foo: 1\nBar: 2\n", -EBADMSG },
	{ "a directory", NULL, -EISDIR },
};

static void test_bad_status(void **state)
{
	const struct bad_row *row = *state;
	auto_tree t = tree_make();
	struct proc_status got;

	if (row->text)
		tree_put(&t, "status", row->text);
	else
		tree_put_dir(&t, "status");
	assert_int_equal(proc_status_read(t.fd, &got), row->want);
}

static const struct bad_row statm_rows[] = {
	{ "a line of the kernel", "1366 1088 774 193 0 320 0\n", 0 },
	{ "an empty file", "", -EBADMSG },
	{ "cut in the second number", "1366 10", -EBADMSG },
	{ "no numbers", "a b c\n", -EBADMSG },
	{ "a directory", NULL, -EISDIR },
};

static void test_statm(void **state)
{
	const struct bad_row *row = *state;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	auto_tree t = tree_make();
	uint64_t size = 0, rss = 0;

	if (row->text)
		tree_put(&t, "statm", row->text);
	else
		tree_put_dir(&t, "statm");
	assert_int_equal(proc_statm_read(t.fd, &size, &rss), row->want);
	assert_true(size == (row->want == 0 ? 1366 * page : 0));
	assert_true(rss == (row->want == 0 ? 1088 * page : 0));
}

#define LIMITS_HEAD                                                                                \
	"Limit                     Soft Limit           Hard Limit           Units     \n"

struct limits_row {
	const char *name;
	const char *text;
	enum proc_limit limit;
	struct amount want;
};

static const struct limits_row limits_rows[] = {
	{ "a number of bytes",
	  LIMITS_HEAD
	  "Max stack size            8388608              unlimited            bytes     \n",
	  PL_STACK, IS(8388608) },
	{ "the soft limit, not the hard one",
	  LIMITS_HEAD
	  "Max address space         unlimited            4096                 bytes     \n",
	  PL_AS, IS(UINT64_MAX) },
	{ "a count",
	  LIMITS_HEAD
	  "Max open files            1024                 1048576              files     \n",
	  PL_NOFILE, IS(1024) },
	{ "a limit of 0",
	  LIMITS_HEAD
	  "Max data size             0                    0                    bytes     \n",
	  PL_DATA, IS(0) },
	{ "a missing line counts as absent",
	  LIMITS_HEAD
	  "Max data size             0                    0                    bytes     \n",
	  PL_MEMLOCK, NO_LINE },
	{ "not a number",
	  LIMITS_HEAD
	  "Max data size             lots                 0                    bytes     \n",
	  PL_DATA, BAD_LINE },
};

static void test_limits(void **state)
{
	const struct limits_row *row = *state;
	auto_tree t = tree_make();
	struct proc_limits got;

	tree_put(&t, "limits", row->text);
	assert_int_equal(proc_limits_read(t.fd, &got), 0);
	assert_amount(got.soft[row->limit], row->want);
}

struct sp_row {
	const char *name;
	const char *text;
	int want;
	uint64_t want_sp;
};

static const struct sp_row sp_rows[] = {
	{ "inside a system call",
	  "0 0x3 0x7f99963b6000 0x20000 0x7f9996447b60 0xffffffff 0x0 0x7ffc43601078 "
	  "0x7f99965302ad\n",
	  0, 0x7ffc43601078 },
	{ "outside", "-1 0x7ffc43601070 0x55d0c0de0000\n", 0, 0x7ffc43601070 },
	{ "running", "running\n", -EAGAIN, 0 },
	{ "cut", "-1 0x7ffc43601070 0x55", -EBADMSG, 0 },
	{ "too few words", "-1 0x7ffc43601070\n", -EBADMSG, 0 },
	{ "not hexadecimal", "-1 7 8\n", -EBADMSG, 0 },
	{ "an empty file", "", -EBADMSG, 0 },
};

static void test_sp(void **state)
{
	const struct sp_row *row = *state;
	auto_tree t = tree_make();
	uint64_t sp = 0;

	tree_put(&t, "task/41/syscall", row->text);
	assert_int_equal(proc_task_sp(t.fd, 41, &sp), row->want);
	assert_true(sp == row->want_sp);
}

static void test_tasks(void **state attr_unused)
{
	static const char *const names[] = { "task/100/x", "task/9/x",         "task/10/x",
					     "task/010/x", "task/-3/x",        "task/x/x",
					     "task/0/x",   "task/5000000000/x" };
	auto_tree t = tree_make();
	auto_free pid_t *tids = NULL;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		tree_put(&t, names[i], "");
	assert_int_equal(proc_tasks_list(t.fd, &tids, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(tids[0], 9);
	assert_int_equal(tids[1], 10);
	assert_int_equal(tids[2], 100);
}

static void test_tasks_missing(void **state attr_unused)
{
	auto_tree t = tree_make();
	pid_t *tids;
	size_t n;

	assert_int_equal(proc_tasks_list(t.fd, &tids, &n), -ENOENT);
}

static void test_cmdline(void **state attr_unused)
{
	static const char text[] = "a\0-b\0c d";
	auto_tree t = tree_make();
	auto_sbuf out = SBUF_INIT;

	assert_int_equal(proc_cmdline_read(t.fd, 100, &out), -ENOENT);
	tree_put_bytes(&t, "cmdline", text, sizeof(text));
	assert_int_equal(proc_cmdline_read(t.fd, 100, &out), 0);
	assert_int_equal(out.len, sizeof(text));
	assert_memory_equal(out.data, text, sizeof(text));
	assert_int_equal(proc_cmdline_read(t.fd, 4, &out), 0);
	assert_int_equal(out.len, 4);
}

static void test_exe(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_sbuf out = SBUF_INIT;
	dev_t dev = 1;
	ino_t ino = 1;

	assert_int_equal(proc_exe_read(t.fd, &out, &dev, &ino), -ENOENT);
	assert_int_equal(symlinkat("/ (deleted)", t.fd, "exe"), 0);
	assert_int_equal(proc_exe_read(t.fd, &out, &dev, &ino), 0);
	assert_string_equal(sbuf_str(&out), "/ (deleted)");
	/* The link of a recorded tree says nothing about a file of this machine. */
	assert_int_equal(dev, 0);
	assert_int_equal(ino, 0);
}

/*
 * The process has a thread with a lower number than its own: numbers start again after the highest.
 */
static void test_live_task(void **state attr_unused)
{
	static const struct {
		const char *first, *other;
		pid_t want; /* 0: no thread */
	} rows[] = {
		{ "9017 (x) S" SHELL_TAIL, "300 (x) S" SHELL_TAIL, 9017 },
		{ "9017 (x) Z" SHELL_TAIL, "300 (x) S" SHELL_TAIL, 300 },
		{ "9017 (x) S" SHELL_TAIL, "300 (x) X" SHELL_TAIL, 9017 },
		{ "9017 (x) Z" SHELL_TAIL, "300 (x) Z" SHELL_TAIL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_tree t = tree_make();
		struct proc_stat got;
		auto_close int fd = -1;

		tree_put(&t, "stat", rows[i].first);
		tree_put(&t, "task/9017/stat", rows[i].first);
		tree_put(&t, "task/300/stat", rows[i].other);
		fd = proc_live_task_open(t.fd);
		if (!rows[i].want) {
			assert_int_equal(fd, -ESRCH);
			continue;
		}
		assert_true(fd >= 0);
		assert_int_equal(proc_stat_read(fd, &got), 0);
		assert_int_equal(got.pid, rows[i].want);
	}
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "stat", stat_rows, test_stat);
	ROWS_ADD(&list, "not a stat", bad_stat_rows, test_bad_stat);
	rows_add_one(&list, "stat: cut at any byte", test_stat_cut);
	rows_add_one(&list, "status: every field", test_status_full);
	rows_add_one(&list, "status: cut at any byte", test_status_cut);
	ROWS_ADD(&list, "status", status_rows, test_status);
	ROWS_ADD(&list, "not a status", bad_status_rows, test_bad_status);
	ROWS_ADD(&list, "statm", statm_rows, test_statm);
	ROWS_ADD(&list, "limits", limits_rows, test_limits);
	ROWS_ADD(&list, "stack pointer", sp_rows, test_sp);
	rows_add_one(&list, "task: numbers only, in order", test_tasks);
	rows_add_one(&list, "task: missing", test_tasks_missing);
	rows_add_one(&list, "task: one that lives, the first if it does", test_live_task);
	rows_add_one(&list, "cmdline: with its NULs, cut on request", test_cmdline);
	rows_add_one(&list, "exe: the text of the link", test_exe);
	return rows_run("procinfo", &list);
}
