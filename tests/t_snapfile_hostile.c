/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/snapfile on files that are not snapshots, or are damaged ones: each gives one
 * line, in bounded time and memory. Most rows change one place of a good file.
 */
#include "model/snapfile/snapfile.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>

#include "edited.h"
#include "tree.h"

/* A library with its .bss, which is split, and a heap. */
static char *good_file(void)
{
	auto_snapshot s;

	snap_init(&s);
	s.pid = s.stat.pid = 7;
	s.stat.start_ticks = 99;
	s.stat.threads = 1;
	memcpy(s.stat.comm, "small", sizeof("small"));
	s.cmdline = "small\0-v";
	s.cmdline_len = sizeof("small\0-v");
	s.exe = "/bin/small";
	s.user = "me";
	s.cgroup = (struct cgroup){ .version = 2,
				    .levels = xcalloc(1, sizeof(*s.cgroup.levels)),
				    .n = 1 };
	s.cgroup.levels[0].path = xstrdup("/a");
	(void)snap_add(&s, &(struct snap_region){
				   .start = 0x10000,
				   .size_kib = 64,
				   .perms = SNAP_RX,
				   .name = "/lib/x.so",
				   .inode = 9,
				   .category = CAT_SHARED_LIBRARY,
				   .owner_kind = OWNER_LIBRARY,
				   .owner = "x.so",
				   .kib = { SNAP_KIB(32, 16, 16, 0, 8, 8, 8) },
			   });
	(void)snap_add(&s, &(struct snap_region){
				   .start = 0x20000,
				   .size_kib = 64,
				   .perms = SNAP_RW,
				   .marks = MARK_BSS | MARK_ALL_PRIVATE | MARK_UNNAMED,
				   .category = CAT_SHARED_LIBRARY,
				   .evidence = EV_INFERRED,
				   .owner_kind = OWNER_LIBRARY,
				   .owner = "x.so",
				   .kib = { SNAP_KIB(40, 40, 0, 0, 0, 40, 40) },
			   });
	snap_add_part(&s, 16, 8, CAT_SHARED_LIBRARY, EV_INFERRED, OWNER_LIBRARY, "x.so");
	snap_add_part(&s, 48, 32, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	return judged_file(&s, &rules_std);
}

struct edit_row {
	const char *name;
	const char *from, *to;
	const char *want; /* in the error; NULL: it is accepted */
};

#define PART(rss, pss, uss) "rss_bytes: " rss ", pss_bytes: " pss ", uss_bytes: " uss ", size"

static const struct edit_row edit_rows[] = {
	{ "nothing changed", "pid: 7", "pid: 7", NULL },
	{ "a comment", "kind:", "# x\nkind:", NULL },
	{ "a key of a later version", "kind:", "more: {a: [1, {b: 2}]}\nkind:", NULL },
	{ "one in a mapping", "perms:", "more: [1], perms:", NULL },
	{ "a counter of a later version", "rss_bytes: 32768,", "rss_bytes: 32768, new_bytes: 1,",
	  NULL },
	{ "an older file without a source", "  uptime_ms:", "  uptime:", NULL },
	{ "a counter that was not stated", "pss_bytes: 16384, shared", "pss_bytes: null, shared",
	  NULL },
	{ "overlapping mappings that were read so", "consistent: true", "consistent: false", NULL },
	{ "another schema", "report/1", "report/2", ":2:9: not memspect.report/1" },
	{ "no schema", "schema:", "schema_:", "'schema' must come first" },
	{ "the schema twice",
	  "kind:", "schema: \"memspect.report/1\"\nkind:", ":3:1: 'schema' occurs twice" },
	{ "a foreign key twice", "kind:", "x: 1\nx: 2\nkind:", ":4:1: 'x' occurs twice" },
	{ "a key twice in what is skipped", "kind: \"report\"", "kind: {a: 1, a: 2}",
	  ":3:14: 'a' occurs twice" },
	{ "an alias", "kind: \"report\"", "kind: *x", ":3:7: aliases are not supported" },
	{ "an anchor", "kind: \"report\"", "kind: &x 1", ":3:7: anchors are not supported" },
	{ "a tag", "kind: \"report\"", "kind: !!python/object 1", ":3:7: tags are not supported" },
	{ "a second document", "kind:", "---\nkind:", "'generated_at' is missing" },
	{ "a list as a key", "kind:", "[a]:", ":3:1: a key must be a word" },
	{ "text that is not UTF-8", "\"small\"", "\"sm\xff\"", "invalid" },
	{ "a control character", "\"small\"", "\"sm\033\"", "control characters" },
	{ "not an escape", "\"small\"", "\"sm\\\\y\"", "not escaped as names are" },
	{ "NUL in a name", "\"small\"", "\"sm\\\\x00\"", "not escaped as names are" },
	{ "a NUL of YAML", "\"small\"", "\"sm\\0\"", "a NUL character" },
	{ "text without quotes", "\"small\"", "small", "not a text in quotes" },
	{ "a number in quotes", "pid: 7", "pid: \"7\"", "not a whole number" },
	{ "a negative number", "pid: 7", "pid: -7", "not a whole number" },
	{ "an octal number", "pid: 7", "pid: 0o7", "not a whole number" },
	{ "a number that is too large", "pid: 7", "pid: 4294967303", "the number is too large" },
	{ "a number beyond 64 bits", "pid: 7", "pid: 18446744073709551616",
	  "the number is too large" },
	{ "a mapping as a number", "pid: 7", "pid: {a: 1}", "not a whole number" },
	{ "no process id", "pid: 7", "pid_: 7", "'pid' is missing" },
	{ "no time", "generated_at: \"2024", "generated_at: \"20x4", "not a time" },
	{ "the 30th of February", "generated_at: \"2024-05-01", "generated_at: \"2024-02-30",
	  "not a time" },
	{ "a name that is too long", "comm: \"small\"",
	  "comm: \"0123456789012345678901234567890123456789012345678901234567890123\"",
	  "the name is too long" },
	{ "a host that is no text", "host: \"here\"", "host: [1]", "not a text in quotes" },
	{ "processes that are no list", "processes:", "processes: 1\nothers:", "not a list" },
	{ "a report without sources",
	  "  sources:", "  sources: null\n  other:", "a report, which cannot be read back" },
	{ "sources before the reasons", "  unavailable:", "  sources: {a: 1}\n  unavailable:",
	  "'unavailable' must come before 'sources'" },
	{ "a reason twice", "  unavailable:", "  unavailable:\n    rss: \"x\"\n    rss: \"y\"",
	  "'rss' occurs twice" },
	{ "no mappings and no reason",
	  "  regions:", "  regions: null\n  others:", "neither mappings nor a reason why not" },
	{ "not known whether they overlap", "consistent: true", "consistent: null",
	  "'consistent' is null beside mappings" },
	{ "overlapping mappings", "start: \"20000\"", "start: \"1ffff\"",
	  "the mapping overlaps the one before" },
	{ "mappings that go back", "start: \"20000\", end: \"30000\"",
	  "start: \"1000\", end: \"2000\"", "the mapping overlaps the one before" },
	{ "a mapping that ends before it begins", "end: \"30000\"", "end: \"1fff0\"",
	  "the mapping ends before it begins" },
	{ "an empty mapping", "end: \"30000\"", "end: \"20000\"",
	  "the mapping ends before it begins" },
	{ "an address beyond 64 bits", "end: \"30000\"", "end: \"10000000000000000\"",
	  "not a hexadecimal number" },
	{ "not an address", "end: \"30000\"", "end: \"3g000\"", "not a hexadecimal number" },
	{ "an address without quotes", "end: \"30000\"", "end: 30000", "not a text in quotes" },
	{ "more memory than there can be", "rss_bytes: 32768, pss_bytes: 16384, sh",
	  "rss_bytes: 9007199254740993, sh", "more memory than there can be" },
	{ "parts that do not add up", PART("8192", "8192", "8192"), PART("8191", "8192", "8192"),
	  "the parts do not add up to rss_bytes" },
	{ "PSS of parts that does not add up", PART("8192", "8192", "8192"),
	  PART("8192", "8191", "8192"), "the parts do not add up to pss_bytes" },
	{ "USS of parts that does not add up", PART("8192", "8192", "8192"),
	  PART("8192", "8192", "0"), "the parts do not add up to pss_bytes" },
	{ "a part that could not be divided", PART("8192", "8192", "8192"),
	  PART("8192", "null", "null"), NULL },
	{ "a part of a version that did not divide PSS", PART("8192", "8192", "8192"),
	  "rss_bytes: 8192, size", NULL },
	{ "parts that wrap around", PART("8192", "8192", "8192"),
	  PART("18446744073709551615", "8192", "8192"), "the number is too large" },
	{ "PSS of parts that wraps around", PART("8192", "8192", "8192"),
	  PART("8192", "18446744073709551615", "8192"), "the number is too large" },
	{ "other permissions", "perms: \"rw-p\", category", "perms: \"wr-p\", category",
	  "not permissions" },
	{ "long permissions", "perms: \"rw-p\", category", "perms: \"rw-pp\", category",
	  "not permissions" },
	{ "another category", "category: \"shared_library\", owner", "category: \"cellar\", owner",
	  "a category that" },
	{ "another evidence", "evidence: \"inferred\", name", "evidence: \"felt\", name",
	  "evidence that" },
	{ "another owner", "owner: {kind: \"library\"", "owner: {kind: \"lady\"",
	  "a kind of owner that" },
	{ "half an owner", "owner: {kind: \"library\", name: \"x.so\"}, evidence: \"k",
	  "owner: {kind: \"library\"}, evidence: \"k", "'name' is missing" },
	{ "another shape", "shape: [\"bss\"]", "shape: [\"sphere\"]", "a shape that" },
	{ "not a device", "device: \"08:01\", inode: \"9\", size",
	  "device: \"8\", inode: \"9\", size", "not a device" },
	{ "a large device", "device: \"08:01\", inode: \"9\", size",
	  "device: \"100000000:1\", inode: \"9\", size", "not a device" },
	{ "counters behind the mappings",
	  "  regions:", "  regions: []\n  counters: []\n  x:", "'counters' occurs twice" },
	{ "a version of control groups", "cgroup_version: 2", "cgroup_version: 3",
	  "the number is too large" },
	{ "a control group without a path", "\"0\", path", "\"0\", path_", "'path' is missing" },
	{ "seconds of four decimals", "scan_ms: 0", "scan_ms: 0.0001", "at most three decimals" },
	{ "seconds that do not end", "scan_ms: 0", "scan_ms: 1.", "at most three decimals" },
	{ "seconds to the power", "scan_ms: 0", "scan_ms: 1e300", "at most three decimals" },
	{ "seconds beyond the world", "scan_ms: 0", "scan_ms: 99999999999999999",
	  "the number is too large" },
};

static void test_edit(void **state)
{
	const struct edit_row *row = *state;
	auto_free char *file = good_file();
	auto_sbuf text = SBUF_INIT;
	struct err err = ERR_INIT;
	struct snapfile f;

	replace(&text, file, row->from, row->to);
	seal(&text);
	if (row->want) {
		assert_refused(&text, row->want);
		return;
	}
	if (read_bytes(text.data, text.len, &f, &err) < 0)
		fail_msg("%s", err.text);
	free(judged_json(f.processes[0], &f.rules));
	snapfile_release(&f);
}

struct whole_row {
	const char *name;
	const char *bytes;
	const char *want;
};

static const struct whole_row whole_rows[] = {
	{ "an empty file", "", "f: not a snapshot of memspect" },
	{ "another file", "#!/bin/sh\nexit 0\n# and so on\n", "f: not a snapshot of memspect" },
	{ "JSON of a report", "{\n  \"schema\": \"memspect.report/1\"\n}\n",
	  "f: not a snapshot of memspect" },
	{ "a word for a version", "# memspect snapshot x\n", "f: not a snapshot of memspect" },
	{ "the next version", "# memspect snapshot 2\nanything\n# crc32: 00000000\n",
	  "f: a snapshot of a version other than 1" },
	{ "a version of two digits", "# memspect snapshot 10\nanything\n# crc32: 00000000\n",
	  "f: a snapshot of a version other than 1" },
	{ "nothing but the header", "# memspect snapshot 1\n", "f: cut off" },
	{ "another last line", "# memspect snapshot 1\na: 1\n# crc99: 00000000\n", "f: cut off" },
	{ "a checksum of other digits", "# memspect snapshot 1\na: 1\n# crc32: 0000000g\n",
	  "f: its checksum is wrong" },
	{ "something behind the checksum", "# memspect snapshot 1\na: 1\n# crc32: 00000000\n\n",
	  "f: cut off" },
	{ "a wrong checksum", "# memspect snapshot 1\na: 1\n# crc32: 00000000\n",
	  "f: its checksum is wrong" },
};

static void test_whole(void **state)
{
	const struct whole_row *row = *state;
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, row->bytes);
	assert_refused(&text, row->want);
}

/* The file ends anywhere: the writer was killed, or the disk was full. */
static void test_cut(void **state attr_unused)
{
	auto_free char *file = good_file();
	size_t len = strlen(file);

	for (size_t n = 0; n < len; n++) {
		auto_sbuf text = SBUF_INIT;

		sbuf_add(&text, file, n);
		assert_refused(&text,
			       n < sizeof(SNAPFILE_HEADER) - 1 ? "not a snapshot" : "cut off");
	}
}

/* The same with a correct checksum: only the keys at the end are optional. */
static void test_cut_and_sealed(void **state attr_unused)
{
	auto_free char *file = good_file();
	size_t len = (size_t)(strstr(file, "\ngroup: null\n") - file);

	for (size_t n = sizeof(SNAPFILE_HEADER) - 1; n < len - 1; n++) {
		auto_sbuf text = SBUF_INIT;

		add_body(&text, file, n);
		seal(&text);
		/* A number at the end that is cut is another number. */
		if (file[n - 1] >= '0' && file[n - 1] <= '9' && n > len - 80)
			continue;
		assert_refused(&text, ": ");
	}
}

/* Any bit of the file is flipped. */
static void test_flipped(void **state attr_unused)
{
	auto_free char *file = good_file();
	size_t len = strlen(file);

	for (size_t i = 0; i < len; i++) {
		auto_sbuf text = SBUF_INIT;

		sbuf_add(&text, file, len);
		text.data[i] ^= (char)(1 << i % 8);
		assert_refused(&text, ": ");
	}
}

/* A document in which one value repeats. */
static void fill(struct sbuf *text, const char *head, const char *item, size_t n)
{
	sbuf_adds(text, SNAPFILE_HEADER "schema: \"memspect.report/1\"\n");
	sbuf_adds(text, head);
	for (size_t i = 0; i < n; i++)
		sbuf_adds(text, item);
}

struct huge_row {
	const char *name;
	const char *head, *item;
	size_t n;
	const char *want;
};

static const struct huge_row huge_rows[] = {
	{ "deep lists", "x: ", "[", 100000, "nested too deeply" },
	{ "deep mappings", "x: ", "{a: ", 100000, "nested too deeply" },
	{ "deep indentation", "x:\n", "- ", 100000, "nested too deeply" },
	{ "a text of 32 MiB", "x: \"", "0123456789abcdef", 2 << 20, "a value is too long" },
	{ "one of many lines", "x: \"\n", " 0123456789abcde\n", 2 << 20, "a value is too long" },
	{ "a comment of 32 MiB", "# ", "0123456789abcdef", 2 << 20, "a value is too long" },
	{ "2 million blank lines", "", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", 2 << 20,
	  "a value is too long" },
	{ "a key of 1 MiB", "", "0123456789abcdef", 1 << 16, "could not find expected ':'" },
	{ "a million keys", "x:\n", "  a: 1\n", 1 << 20, "'a' occurs twice" },
	{ "two million items", "x: [", "1,", 2 << 20, "too many items" },
	{ "a million processes", "processes:\n", "- {}\n", 1 << 20, "'pid' is missing" },
};

static double cpu_seconds(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_huge(void **state)
{
	const struct huge_row *row = *state;
	auto_sbuf text = SBUF_INIT;
	double started;

	fill(&text, row->head, row->item, row->n);
	seal(&text);
	started = cpu_seconds();
	assert_refused(&text, row->want);
	assert_true(cpu_seconds() - started < 10); /* a tenth of a second; far more with ASan */
}

static void test_many_keys(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;

	fill(&text, "x:\n", "", 0);
	for (unsigned int i = 0; i < 1 << 20; i++)
		sbuf_addf(&text, "  k%u: 1\n", i);
	seal(&text);
	assert_refused(&text, "too many keys");
}

/* A file that is not regular is refused without blocking. */
static void test_special(void **state attr_unused)
{
	static const char *const names[] = { "fifo", "dir", "link" };
	auto_tree t = tree_make();

	assert_int_equal(mkfifoat(t.fd, "fifo", 0600), 0);
	assert_int_equal(mkdirat(t.fd, "dir", 0700), 0);
	assert_int_equal(symlinkat("fifo", t.fd, "link"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *path = xasprintf("%s/%s", t.path, names[i]);
		struct err err = ERR_INIT;
		struct snapfile f;

		assert_int_equal(snapfile_read(path, &f, &err), -EINVAL);
		assert_true(ends_with(err.text, ": not a regular file"));
	}
}

static void test_not_there(void **state attr_unused)
{
	struct err err = ERR_INIT;
	struct snapfile f;

	assert_int_equal(snapfile_read("/dev/null/x", &f, &err), -ENOTDIR);
	assert_string_equal(err.text, "/dev/null/x: Not a directory");
	err = (struct err)ERR_INIT;
	assert_int_equal(snapfile_read("/dev/zero", &f, &err), -EINVAL);
	assert_string_equal(err.text, "/dev/zero: not a regular file");
}

/* A sparse file of 256 MiB and a byte, which is not read. */
static void test_too_large(void **state attr_unused)
{
	auto_fclose FILE *f = tmpfile();
	struct err err = ERR_INIT;
	struct snapfile file;

	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), SNAPFILE_BYTES_MAX + 1), 0);
	assert_int_equal(snapfile_read_fd(fileno(f), "f", &file, &err), -EINVAL);
	assert_string_equal(err.text, "f: larger than 256 MiB");
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "snapfile", edit_rows, test_edit);
	ROWS_ADD(&tests, "snapfile refuses", whole_rows, test_whole);
	rows_add_one(&tests, "snapfile: cut at each byte", test_cut);
	rows_add_one(&tests, "snapfile: cut at each byte, and sealed", test_cut_and_sealed);
	rows_add_one(&tests, "snapfile: a bit flipped in each byte", test_flipped);
	ROWS_ADD(&tests, "snapfile refuses", huge_rows, test_huge);
	rows_add_one(&tests, "snapfile refuses: a million different keys", test_many_keys);
	rows_add_one(&tests, "snapfile refuses: a FIFO, a directory, links to them", test_special);
	rows_add_one(&tests, "snapfile refuses: a missing file, a device", test_not_there);
	rows_add_one(&tests, "snapfile refuses: more than 256 MiB", test_too_large);
	return rows_run("snapfile_hostile", &tests);
}
