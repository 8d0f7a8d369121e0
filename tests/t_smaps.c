/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/smaps: the meaning of each line. How the text arrives is tested in t_smaps_stream.
 */
#include "proc/smaps.h"

#include "smaps_read.h"

#define RW (VMA_READ | VMA_WRITE)
#define TO_THE_NAME "7f99963b6000-7f99963dc000 rw-p 00001000 fe:01 1234                       "
#define NAMED(name_)                                                                               \
	{                                                                                          \
		0x7f99963b6000, 0x7f99963dc000, 0x1000, 1234, 0xfe, 1, 0, false, RW, name_, 0      \
	}

struct header_row {
	const char *name;
	const char *line;
	struct vma want;
};

static const struct header_row header_rows[] = {
	{ "a library", TO_THE_NAME "/usr/lib/libc.so.6", NAMED("/usr/lib/libc.so.6") },
	{ "no name",
	  "1000-2000 rw-p 00000000 00:00 0",
	  { 0x1000, 0x2000, .perms = RW, .name = "" } },
	{ "no name but the blank in front of it",
	  "1000-2000 rw-p 00000000 00:00 0 ",
	  { 0x1000, 0x2000, .perms = RW, .name = "" } },
	{ "no alignment",
	  "1000-2000 r--s 0 0:5 7 /x",
	  { 0x1000, 0x2000, 0, 7, 0, 5, .perms = VMA_READ | VMA_SHARED, .name = "/x" } },
	{ "three digits of a device",
	  "00400000-00401000 r-xp 00000000 103:1a 7                                  /x",
	  { 0x400000, 0x401000, 0, 7, 0x103, 0x1a, .perms = VMA_READ | VMA_EXEC, .name = "/x" } },
	{ "32 bits",
	  "f7f0e000-f7f10000 r--p 00020000 08:02 131                            /lib/ld-2.31.so",
	  { 0xf7f0e000, 0xf7f10000, 0x20000, 131, 8, 2, .perms = VMA_READ,
	    .name = "/lib/ld-2.31.so" } },
	{ "57 bits",
	  "ff1234567890000-ff1234567891000 ---p 00000000 00:00 0 ",
	  { 0xff1234567890000, 0xff1234567891000, .perms = 0, .name = "" } },
	{ "the vsyscall page beyond 2^63",
	  "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
	  { 0xffffffffff600000, 0xffffffffff601000, .perms = VMA_EXEC, .name = "[vsyscall]" } },
	{ "the last byte of 64 bits",
	  "fffffffffffff000-ffffffffffffffff rwxs ffffffffffffffff 00:00 18446744073709551615 /x",
	  { 0xfffffffffffff000, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, 0,
	    .perms = RW | VMA_EXEC | VMA_SHARED, .name = "/x" } },
	{ "a rollup",
	  "55d0c8a0e000-7ffd8a3c1000 ---p 00000000 00:00 0                          [rollup]",
	  { 0x55d0c8a0e000, 0x7ffd8a3c1000, .name = "[rollup]" } },
	{ "blanks in a name", TO_THE_NAME "/memfd:foo  bar (deleted)",
	  NAMED("/memfd:foo  bar (deleted)") },
	{ "blanks behind a name", TO_THE_NAME "/x  ", NAMED("/x  ") },
	{ "a file that is called deleted", TO_THE_NAME "/x (deleted) (deleted)",
	  NAMED("/x (deleted) (deleted)") },
	{ "tabs, escapes and broken UTF-8", TO_THE_NAME "/\t\r\x1b[1m\x7f\xff\xc2\x9b'\"",
	  NAMED("/\t\r\x1b[1m\x7f\xff\xc2\x9b'\"") },
	{ "an escaped newline stays as it is", TO_THE_NAME "/a\\012b\\", NAMED("/a\\012b\\") },
	{ "a name like a header", TO_THE_NAME "/1000-2000 rw-p 00000000 00:00 0",
	  NAMED("/1000-2000 rw-p 00000000 00:00 0") },
	{ "a name like a field", TO_THE_NAME "/Rss:  4 kB", NAMED("/Rss:  4 kB") },
};

static void test_header(void **state)
{
	const struct header_row *row = *state;
	auto_free char *text = xasprintf("%s\nRss:                   8 kB\n", row->line);
	auto_result res = smaps_read_text(text);

	assert_int_equal(res.n, 1);
	assert_false(res.truncated);
	assert_same_vma(&res.recs[0].vma, &row->want);
	assert_true(res.recs[0].counts.v[MC_RSS] == 8192);
}

static const struct header_row bad_header_rows[] = {
	{ "the end before the start", "2000-1000 rw-p 00000000 00:00 0 ", { 0 } },
	{ "an address of 65 bits", "1000-10000000000000000 rw-p 00000000 00:00 0 ", { 0 } },
	{ "no second address", "1000- rw-p 00000000 00:00 0 ", { 0 } },
	{ "permissions in another order", "1000-2000 wr-p 00000000 00:00 0 ", { 0 } },
	{ "too few permissions", "1000-2000 rw- 00000000 00:00 0 ", { 0 } },
	{ "no device", "1000-2000 rw-p 00000000 0 0 ", { 0 } },
	{ "no inode", "1000-2000 rw-p 00000000 00:00 ", { 0 } },
	{ "an inode of 65 bits", "1000-2000 rw-p 00000000 00:00 18446744073709551616 ", { 0 } },
	{ "it ends early", "1000-2000", { 0 } },
};

/* Lines that cannot be parsed are skipped and reported; the records around them stay. */
static void test_bad_header(void **state)
{
	const struct header_row *row = *state;
	auto_free char *text = xasprintf("0-1000 rw-p 00000000 00:00 0 \nRss: 4 kB\n"
					 "%s\nRss: 5 kB\nVmFlags: rd\n"
					 "3000-4000 rw-p 00000000 00:00 0 \nRss: 6 kB\n",
					 row->line);
	auto_result res = smaps_read_text(text);

	assert_true(res.truncated);
	assert_int_equal(res.n, 2);
	assert_true(res.recs[0].counts.v[MC_RSS] == 4096);
	assert_true(res.recs[1].counts.v[MC_RSS] == 6144);
	assert_false(res.recs[0].vma.has_flags);
}

#define ABSENT UINT64_C(1) /* not a multiple of 1024 */

struct field_row {
	const char *name;
	const char *first;  /* fields of the first record */
	const char *second; /* and of a second one, if the row is about learning */
	enum mem_count count;
	uint64_t want; /* in the last record */
	unsigned int want_unknown;
};

#define RSS_LEARNT "Size:                  4 kB\nRss:                   4 kB\n"

static const struct field_row field_rows[] = {
	{ "kB are 1024 bytes", "Rss:                1204 kB\n", NULL, MC_RSS, 1204 << 10, 0 },
	{ "no blanks", "Rss:1204 kB\n", NULL, MC_RSS, 1204 << 10, 0 },
	{ "a zero is a zero", "Rss:                   0 kB\n", NULL, MC_RSS, 0, 0 },
	{ "a missing field counts as absent", "Rss: 4 kB\n", NULL, MC_PSS, ABSENT, 0 },
	{ "no field at all", "", NULL, MC_RSS, ABSENT, 0 },
	{ "any order", "Locked: 1 kB\nRss: 2 kB\nSize: 3 kB\n", NULL, MC_SIZE, 3072, 0 },
	{ "the largest multiple that fits", "Rss: 18014398509481983 kB\n", NULL, MC_RSS,
	  UINT64_MAX - 1023, 0 },
	{ "one more is held at the end", "Rss: 18014398509481984 kB\n", NULL, MC_RSS, UINT64_MAX,
	  0 },
	{ "20 digits do not fit", "Rss: 18446744073709551616 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "an unknown unit", "Rss: 5 MB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "nor is a missing one", "Rss: 5\n", NULL, MC_RSS, ABSENT, 1 },
	{ "nor two", "Rss: 5 kB kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "a negative number", "Rss: -5 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "a fraction", "Rss: 1.5 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "no number", "Rss:     kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "nothing", "Rss:\n", NULL, MC_RSS, ABSENT, 1 },
	{ "a new field is counted", "Rss: 4 kB\nNew_Thing: 5 kB\n", NULL, MC_RSS, 4096, 1 },
	{ "a longer key is another", "RssX: 5 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "so is a shorter one", "Rs: 5 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "and one in lower case", "rss: 5 kB\n", NULL, MC_RSS, ABSENT, 1 },
	{ "a key of hexadecimal digits is no header", "cafe: 5 kB\nRss: 4 kB\n", NULL, MC_RSS, 4096,
	  1 },
	{ "a line without a colon", "Rss 5 kB\nRss: 4 kB\n", NULL, MC_RSS, 4096, 1 },
	{ "an empty line", "\nRss: 4 kB\n", NULL, MC_RSS, 4096, 1 },
	{ "fields that are no amounts are known",
	  "THPeligible:           0\nProtectionKey:         0\nName:           [anon:x]\nRss: 4 "
	  "kB\n",
	  NULL, MC_RSS, 4096, 0 },

	{ "the same again", RSS_LEARNT, RSS_LEARNT, MC_RSS, 4096, 0 },
	{ "one digit", RSS_LEARNT, "Size:                  4 kB\nRss:                   9 kB\n",
	  MC_RSS, 9 << 10, 0 },
	{ "eight digits", RSS_LEARNT, "Size:                  4 kB\nRss:            98765432 kB\n",
	  MC_RSS, UINT64_C(98765432) << 10, 0 },
	{ "eight digits of a key that reaches up to them", "Private_Hugetlb:       4 kB\n",
	  "Private_Hugetlb:98765432 kB\n", MC_PRIVATE_HUGETLB, UINT64_C(98765432) << 10, 0 },
	{ "nine digits", RSS_LEARNT, "Size:                  4 kB\nRss:            987654321 kB\n",
	  MC_RSS, UINT64_C(987654321) << 10, 0 },
	{ "nine digits where eight were learnt", RSS_LEARNT,
	  "Size:                  4 kB\nRss:           987654321 kB\n", MC_RSS,
	  UINT64_C(987654321) << 10, 0 },
	{ "eight digits behind nine", "Rss:            987654321 kB\n",
	  "Rss:             87654321 kB\n", MC_RSS, UINT64_C(87654321) << 10, 0 },
	{ "zeros in front", RSS_LEARNT,
	  "Size:                  4 kB\nRss:            00000012 kB\n", MC_RSS, 12 << 10, 0 },
	{ "a blank inside a number", RSS_LEARNT,
	  "Size:                  4 kB\nRss:             12 4567 kB\n", MC_RSS, ABSENT, 1 },
	{ "a blank behind a number", RSS_LEARNT,
	  "Size:                  4 kB\nRss:                 12  kB\n", MC_RSS, ABSENT, 1 },
	{ "nothing but blanks", RSS_LEARNT,
	  "Size:                  4 kB\nRss:                     kB\n", MC_RSS, ABSENT, 1 },
	{ "letters in a number", RSS_LEARNT,
	  "Size:                  4 kB\nRss:                1:04 kB\n", MC_RSS, ABSENT, 1 },
	{ "letters that differ from blanks in one bit", RSS_LEARNT,
	  "Size:                  4 kB\nRss:               0@`40 kB\n", MC_RSS, ABSENT, 1 },
	{ "a number in front of the number", RSS_LEARNT,
	  "Size:                  4 kB\nRss:     7             4 kB\n", MC_RSS, ABSENT, 1 },
	{ "another unit", RSS_LEARNT, "Size:                  4 kB\nRss:                   4 MB\n",
	  MC_RSS, ABSENT, 1 },
	{ "another order", RSS_LEARNT, "Rss:                   5 kB\nSize:                  6 kB\n",
	  MC_RSS, 5 << 10, 0 },
	{ "a field is gone", RSS_LEARNT, "Rss:                   5 kB\n", MC_SIZE, ABSENT, 0 },
	{ "what is behind it is read", RSS_LEARNT, "Rss:                   5 kB\n", MC_RSS, 5 << 10,
	  0 },
	{ "a field is new", RSS_LEARNT,
	  "Size:                  4 kB\nPss:                   7 kB\nRss:                   5 kB\n",
	  MC_PSS, 7 << 10, 0 },
	{ "what is behind it is still read", RSS_LEARNT,
	  "Size:                  4 kB\nPss:                   7 kB\nRss:                   5 kB\n",
	  MC_RSS, 5 << 10, 0 },
	{ "unknown fields count in each record", "X: 1\nRss: 4 kB\n", "X: 1\nRss: 5 kB\n", MC_RSS,
	  5 << 10, 2 },
	{ "a field that made no sense once may later", "Rss:                   x kB\n",
	  "Rss:                   5 kB\n", MC_RSS, 5 << 10, 1 },
};

static void test_field(void **state)
{
	const struct field_row *row = *state;
	auto_free char *text = xasprintf("1000-2000 rw-p 00000000 00:00 0 \n%s%s%s", row->first,
					 row->second ? "2000-3000 rw-p 00000000 00:00 0 \n" : "",
					 row->second ? row->second : "");
	auto_result res = smaps_read_text(text);
	const struct mem_counts *c;

	assert_int_equal(res.n, row->second ? 2 : 1);
	assert_false(res.truncated);
	assert_int_equal(res.unknown_fields, row->want_unknown);
	c = &res.recs[res.n - 1].counts;
	assert_int_equal(mem_counts_has(c, row->count), row->want != ABSENT);
	assert_true(c->v[row->count] == (row->want == ABSENT ? 0 : row->want));
}

struct flags_row {
	const char *name;
	const char *line;
	bool want_stated;
	uint64_t want;
	unsigned int want_unknown;
};

#define F(flag) VMA_FLAG(VF_##flag)

static const struct flags_row flags_rows[] = {
	{ "a heap", "VmFlags: rd wr mr mw me ac sd \n", true,
	  F(RD) | F(WR) | F(MR) | F(MW) | F(ME) | F(AC) | F(SD), 0 },
	{ "a stack that grows", "VmFlags: rd wr gd\n", true, F(RD) | F(WR) | F(GD), 0 },
	{ "empty", "VmFlags:\n", true, 0, 0 },
	{ "empty but a blank", "VmFlags: \n", true, 0, 0 },
	{ "not stated", "", false, 0, 0 },
	{ "no blank in front", "VmFlags:rd\n", true, F(RD), 0 },
	{ "many blanks", "VmFlags:   rd    wr   \n", true, F(RD) | F(WR), 0 },
	{ "an unknown flag is counted", "VmFlags: rd zz wr\n", true, F(RD) | F(WR), 1 },
	{ "a longer one does not begin with a known one", "VmFlags: rdx wr\n", true, F(WR), 1 },
	{ "nor is it two known ones", "VmFlags: ssnr wr\n", true, F(WR), 1 },
	{ "a shorter one", "VmFlags: r wr d\n", true, F(WR), 2 },
	{ "upper case", "VmFlags: RD wr\n", true, F(WR), 1 },
};

static void test_flags(void **state)
{
	const struct flags_row *row = *state;
	auto_free char *text = xasprintf(
		"1000-2000 rw-p 00000000 00:00 0 \nRss: 4 kB\n%s"
		"2000-3000 rw-p 00000000 00:00 0 \nRss: 4 kB\n%s"
		"3000-4000 rw-p 00000000 00:00 0 \nRss: 4 kB\nVmFlags: hg\n",
		row->line, row->line);
	auto_result res = smaps_read_text(text);

	assert_int_equal(res.n, 3);
	assert_int_equal(res.unknown_fields, 0);
	assert_true(res.unknown_flags >= row->want_unknown);
	assert_int_equal(res.unknown_flags > 0, row->want_unknown > 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(res.recs[i].vma.has_flags, row->want_stated);
		assert_true(res.recs[i].vma.flags == row->want);
	}
	assert_true(res.recs[2].vma.flags == F(HG));
}

static void test_every_flag(void **state attr_unused)
{
	static const char names[VF_COUNT][3] = {
#define FLAG_NAME(id, a, b) [VF_##id] = { a, b, '\0' },
		VMA_FLAGS(FLAG_NAME)
#undef FLAG_NAME
	};

	for (int i = 0; i < VF_COUNT; i++) {
		auto_free char *text = xasprintf("1000-2000 rw-p 00000000 00:00 0 \nVmFlags: %s \n",
						 names[i]);
		auto_result res = smaps_read_text(text);

		assert_true(res.recs[0].vma.flags == VMA_FLAG(i));
	}
}

/* Two records, so that each counter is read through the table and as a learnt line. */
static void test_every_counter(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;

	for (int k = 0; k < 2; k++) {
		sbuf_addf(&text, "%d000-%d000 rw-p 00000000 00:00 0 \n", k + 1, k + 2);
		for (int i = 0; i < MC_COUNT; i++)
			sbuf_addf(&text, "%-16s%8d kB\n", mem_count_descs[i].key, i + k);
	}
	auto_result res = smaps_read_text(sbuf_str(&text));
	assert_int_equal(res.n, 2);
	assert_int_equal(res.unknown_fields, 0);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(res.recs[k].counts.present, (UINT64_C(1) << MC_COUNT) - 1);
		for (int i = 0; i < MC_COUNT; i++)
			assert_true(res.recs[k].counts.v[i] == (uint64_t)(i + k) << 10);
	}
}

/* Texts that the last record had too, and what must not be taken over with them. */
static void test_repeats(void **state attr_unused)
{
	static const char same[] = "Size:                  4 kB\nRss:                   4 kB\n";
	auto_free char *text = xasprintf("1000-2000 rw-p 00000000 08:01 5      /x\n%sPss: 7 kB\n"
					 "2000-3000 r--p 00000000 08:01 5      /x\n%s"
					 "3000-1000 rw-p 00001000 08:02 6      /y\n"
					 "3000-4000 rw-p 00001000 08:02 6 \n%sSwap: 1 kB\n"
					 "4000-5000 rw-p 00001000 08:02 6 \n%sVmFlags: rd \n"
					 "5000-6000 rw-p 00001000 08:02 6      /y\n%s",
					 same, same, same, same, same);
	static const char *const names[] = { "/x", "/x", "", "", "/y" };
	static const uint32_t counts = UINT32_C(1) << MC_SIZE | UINT32_C(1) << MC_RSS;
	static const uint32_t more[] = { UINT32_C(1) << MC_PSS, 0, UINT32_C(1) << MC_SWAP, 0, 0 };
	auto_result res = smaps_read_text(text);

	assert_int_equal(res.n, ARRAY_SIZE(names));
	for (size_t i = 0; i < res.n; i++) {
		const struct vma *v = &res.recs[i].vma;

		assert_string_equal(v->name, names[i]);
		assert_true(v->start == (i + 1) << 12 && v->end == (i + 2) << 12);
		assert_true(v->inode == (i < 2 ? 5 : 6) && v->offset == (i < 2 ? 0 : 0x1000));
		assert_int_equal(v->has_flags, i == 3);
		assert_int_equal(res.recs[i].counts.present, counts | more[i]);
		assert_true(res.recs[i].counts.v[MC_RSS] == 4096);
	}
}

/* A record whose lines are partly those of the last one, and one with a counter twice. */
static void test_changes(void **state attr_unused)
{
	const char *text = "1000-2000 rw-p 00000000 00:00 0 \n"
			   "Size:                  8 kB\nRss:                   4 kB\n"
			   "Pss:                   4 kB\nVmFlags: rd wr qq \n"
			   "2000-3000 rw-p 00000000 00:00 0 \n"
			   "Size:                  8 kB\nRss:                   0 kB\n"
			   "Pss:                   4 kB\nVmFlags: rd wr qq \n"
			   "3000-4000 rw-p 00000000 00:00 0 \n"
			   "Size:                  8 kB\nRss:                   8 kB\n"
			   "Rss:                  16 kB\nVmFlags: rd ex \n"
			   "4000-5000 rw-p 00000000 00:00 0 \n"
			   "Size:                  8 kB\nRss:                   4 kB\n"
			   "Rss:                  16 kB\nVmFlags: rd wr \n"
			   "5000-6000 rw-p 00000000 00:00 0 \n"
			   "Size:                  8 kB\nRss:                   0 kB\n"
			   "Rss:                  16 kB\nVmFlags: rd ex \n";
	static const uint64_t rss[] = { 4, 0, 16, 16, 16 };
	static const uint64_t flags[] = {
		VMA_FLAG(VF_RD) | VMA_FLAG(VF_WR), VMA_FLAG(VF_RD) | VMA_FLAG(VF_WR),
		VMA_FLAG(VF_RD) | VMA_FLAG(VF_EX), VMA_FLAG(VF_RD) | VMA_FLAG(VF_WR),
		VMA_FLAG(VF_RD) | VMA_FLAG(VF_EX),
	};
	auto_result res = smaps_read_text(text);

	assert_int_equal(res.n, ARRAY_SIZE(rss));
	assert_int_equal(res.unknown_flags, 2);
	for (size_t i = 0; i < res.n; i++) {
		const struct mem_counts *c = &res.recs[i].counts;

		assert_true(c->v[MC_SIZE] == 8192 && c->v[MC_RSS] == rss[i] << 10);
		assert_true(c->v[MC_PSS] == (i < 2 ? 4096 : 0));
		assert_int_equal(mem_counts_has(c, MC_PSS), i < 2);
		assert_true(res.recs[i].vma.flags == flags[i]);
	}
}

static void test_maps(void **state attr_unused)
{
	auto_result res = smaps_read_text("1000-2000 r-xp 00000000 00:00 0      [vdso]\n"
					  "2000-3000 rw-p 00000000 08:01 5      /x\n"
					  "3000-4000 rw-p 00000000 00:00 0 \n");

	assert_int_equal(res.n, 3);
	assert_false(res.truncated);
	assert_string_equal(res.recs[1].vma.name, "/x");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(res.recs[i].counts.present, 0);
		assert_false(res.recs[i].vma.has_flags);
	}
}

static void test_fields_first(void **state attr_unused)
{
	auto_result res = smaps_read_text(
		"Rss: 5 kB\n1000-2000 rw-p 00000000 00:00 0 \nRss: 4 kB\n");

	assert_true(res.truncated);
	assert_int_equal(res.n, 1);
	assert_true(res.recs[0].counts.v[MC_RSS] == 4096);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "header", header_rows, test_header);
	ROWS_ADD(&list, "not a header", bad_header_rows, test_bad_header);
	ROWS_ADD(&list, "field", field_rows, test_field);
	ROWS_ADD(&list, "VmFlags", flags_rows, test_flags);
	rows_add_one(&list, "VmFlags: every flag by its name", test_every_flag);
	rows_add_one(&list, "field: every counter of the table", test_every_counter);
	rows_add_one(&list, "maps: headers without fields", test_maps);
	rows_add_one(&list, "record: only what is repeated is taken over", test_repeats);
	rows_add_one(&list, "record: what differs from the last one is read", test_changes);
	rows_add_one(&list, "header: fields without a header are reported", test_fields_first);
	return rows_run("smaps", &list);
}
