/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/smaps: text that is cut anywhere, arrives in pieces, is very long or cannot be
 * read; and totals of recorded files.
 */
#include <jansson.h>

#include "smaps_read.h"

/* Three records that differ in what they may: names, large numbers, flags. */
#define FIELDS(rss, pss, hugetlb)                                                                  \
	"Size:                132 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"  \
	"Rss:            " rss " kB\nPss:            " pss " kB\nShared_Clean:          0 kB\n"    \
	"Private_Dirty:         8 kB\nPrivate_Hugetlb: " hugetlb                                   \
	" kB\nNew_Field:             1 kB\n"                                                       \
	"Locked:                0 kB\nTHPeligible:    0\n"

static const char sample[] =
	"55d0c8a0e000-55d0c8a2f000 rw-p 00000000 00:00 0                          [heap]\n" FIELDS(
		"     132", "     132",
		"      0") "VmFlags: rd wr mr mw me ac sd \n"
			   "7f99963b6000-7f99963dc000 r--p 00026000 fe:01 1234                     "
			   "  /a \\012(deleted)\n" FIELDS(
				   "98765432", "987654321",
				   "1234567") "VmFlags: rd mr mw me sd zz \n"
					      "ffffffffff600000-ffffffffff601000 --xp 00000000 "
					      "00:00 0                  [vsyscall]\n" FIELDS(
						      "       0", "       0",
						      "      0") "VmFlags:\n";

/* A record of a cut text has nothing that the whole one does not have, and its header is whole. */
static void assert_part_of(const struct smaps_record *cut, const struct smaps_record *whole)
{
	assert_same_vma(&cut->vma, &whole->vma);
	assert_int_equal(cut->counts.present & ~whole->counts.present, 0);
	for (int i = 0; i < MC_COUNT; i++)
		assert_true(cut->counts.v[i] ==
			    (mem_counts_has(&cut->counts, i) ? whole->counts.v[i] : 0));
	assert_true(cut->vma.flags == (cut->vma.has_flags ? whole->vma.flags : 0));
}

static void test_cut_anywhere(void **state attr_unused)
{
	auto_result whole = smaps_read_text(sample);
	size_t most = 0;

	assert_int_equal(whole.n, 3);
	assert_false(whole.truncated);
	for (size_t n = 0; n < sizeof(sample); n++) {
		auto_result cut = smaps_read_bytes(sample, n);

		assert_int_equal(cut.end, 0);
		assert_int_equal(cut.truncated, n > 0 && sample[n - 1] != '\n' && sample[n]);
		assert_true(cut.n >= most && cut.n <= 3);
		assert_true(cut.unknown_fields <= 3);
		most = cut.n;
		for (size_t i = 0; i < cut.n; i++)
			assert_part_of(&cut.recs[i], &whole.recs[i]);
		for (size_t i = 0; i + 1 < cut.n; i++)
			assert_int_equal(cut.recs[i].counts.present, whole.recs[i].counts.present);
	}
}

struct piece_row {
	const char *name;
	size_t bytes;
};

static const struct piece_row piece_rows[] = {
	{ "1 byte", 1 },    { "2 bytes", 2 },     { "28 bytes, as long as a line", 28 },
	{ "29 bytes", 29 }, { "101 bytes", 101 }, { "4096 bytes", 4096 },
};

static void test_pieces(void **state)
{
	const struct piece_row *row = *state;
	auto_sbuf text = SBUF_INIT;

	for (int i = 0; i < 10; i++)
		sbuf_adds(&text, sample);
	auto_result whole = smaps_read_bytes(text.data, text.len);
	auto_result pieces = smaps_read_pieces(text.data, text.len, row->bytes);
	assert_int_equal(whole.n, 30);
	assert_same_result(&pieces, &whole);
}

#define HEAD "1000-2000 rw-p 00000000 08:01 5 "
#define NEXT "\n2000-3000 rw-p 00000000 00:00 0 \nRss:                   8 kB\n"

struct long_row {
	const char *name;
	size_t name_len;
	size_t want_len;
};

enum { HEAD_LEN = sizeof(HEAD) - 1, LINE_ROOM = SMAPS_LINE_MAX - HEAD_LEN };

static const struct long_row long_rows[] = {
	{ "6256 bytes, more than a path may have", 6256, 6256 },
	{ "a line of 64 KiB", LINE_ROOM, LINE_ROOM },
	{ "a byte more is cut", LINE_ROOM + 1, LINE_ROOM },
	{ "100 KiB", 100 << 10, LINE_ROOM },
	{ "3 MiB", 3 << 20, LINE_ROOM },
};

/* A name whose adjacent letters differ, so that a piece of the tail would be found. */
static char *long_name(size_t n)
{
	char *name = xmalloc(n + 1);

	for (size_t i = 0; i < n; i++)
		name[i] = (char)('!' + i % 94);
	name[0] = '/';
	name[n] = '\0';
	return name;
}

static void test_long_name(void **state)
{
	const struct long_row *row = *state;
	auto_free char *name = long_name(row->name_len);
	auto_free char *text = xasprintf(HEAD "%s" NEXT, name);
	size_t n = strlen(text);
	auto_result whole = smaps_read_bytes(text, n);
	auto_result pieces = smaps_read_pieces(text, n, 4095);

	assert_same_result(&pieces, &whole);
	assert_int_equal(whole.n, 2);
	assert_int_equal(whole.long_line, row->name_len > row->want_len);
	assert_int_equal(whole.recs[0].vma.name_len, row->want_len);
	assert_memory_equal(whole.recs[0].vma.name, name, row->want_len);
	assert_true(whole.recs[1].counts.v[MC_RSS] == 8192);
	assert_true(whole.buffer <= 8 * SMAPS_LINE_MAX);
	assert_true(pieces.buffer <= 8 * SMAPS_LINE_MAX);
}

static void test_long_field(void **state attr_unused)
{
	auto_free char *junk = long_name(200 << 10);
	auto_free char *text = xasprintf(HEAD
					 "/x\nVmFlags: rd\nX:%s\nRss: 4 kB\nVmFlags: %s wr\n" NEXT
					 "VmFlags: rd\nX:%s\n",
					 junk, junk, junk);
	auto_result whole = smaps_read_text(text);
	auto_result pieces = smaps_read_pieces(text, strlen(text), 4095);

	assert_same_result(&pieces, &whole);
	assert_int_equal(whole.n, 2);
	assert_true(whole.long_line);
	assert_true(whole.recs[0].counts.v[MC_RSS] == 4096);
	assert_true(whole.buffer <= 8 * SMAPS_LINE_MAX);
}

static void test_many_records(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;

	for (int i = 0; i < 5000; i++)
		sbuf_addf(&text, "%d000-%d000 rw-p 00000000 00:00 0 \nRss:            %8d kB\n", i,
			  i + 1, i);
	auto_result res = smaps_read_bytes(text.data, text.len);
	assert_int_equal(res.n, 5000);
	for (size_t i = 0; i < res.n; i++)
		assert_true(res.recs[i].counts.v[MC_RSS] == i << 10);
	assert_true(res.buffer <= 8 * SMAPS_LINE_MAX);
}

/* More kinds of lines than can be learnt, and keys that are too long for it. */
static void test_many_fields(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;

	for (int k = 0; k < 3; k++) {
		sbuf_addf(&text, "%d000-%d000 rw-p 00000000 00:00 0 \n", k + 1, k + 2);
		for (int i = 0; i < 200; i++)
			sbuf_addf(&text, "%*d: %d kB\n", 8 + i, i, i);
		sbuf_addf(&text, "Rss:            %8d kB\n", k);
	}
	auto_result res = smaps_read_bytes(text.data, text.len);
	assert_int_equal(res.n, 3);
	assert_int_equal(res.unknown_fields, 600);
	for (size_t k = 0; k < 3; k++)
		assert_true(res.recs[k].counts.v[MC_RSS] == k << 10);
}

/* Bytes that are not text give no record. */
static void test_noise(void **state attr_unused)
{
	unsigned char noise[4096];
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 1664525 + 1013904223;
		noise[i] = (unsigned char)(x >> 24);
	}
	auto_result res = smaps_read_bytes(noise, sizeof(noise));
	assert_int_equal(res.n, 0);
	assert_true(res.truncated);
}

static void test_empty(void **state attr_unused)
{
	auto_result res = smaps_read_text("");

	assert_int_equal(res.n, 0);
	assert_int_equal(res.end, 0);
	assert_false(res.truncated);
}

static void test_unreadable(void **state attr_unused)
{
	auto_close int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_result of_dir = smaps_read_fd(dir);
	auto_result of_nothing = smaps_read_fd(-1);

	assert_int_equal(of_dir.end, -EISDIR);
	assert_int_equal(of_nothing.end, -EBADF);
	assert_int_equal(of_dir.n + of_nothing.n, 0);
}

/* The sums of a recorded file, as in the corpus; a key that is missing there must be absent. */
static void check_totals(const char *path, json_t *want)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_result res = smaps_read_fd(fd);
	json_t *totals = json_object_get(want, "totals_kb");
	struct mem_counts sum = { 0 };

	assert_int_equal(res.end, 0);
	assert_false(res.truncated);
	assert_int_equal(res.n, json_integer_value(json_object_get(want, "vmas")));
	for (size_t i = 0; i < res.n; i++)
		mem_counts_add(&sum, &res.recs[i].counts);
	for (int i = 0; i < MC_COUNT; i++) {
		auto_free char *key = xstrndup(mem_count_descs[i].key,
					       strlen(mem_count_descs[i].key) - 1);
		json_t *kb = json_object_get(totals, key);

		if (i < MC_SUMMABLE)
			assert_int_equal(mem_counts_has(&sum, i), kb != NULL);
		if (kb)
			assert_true(sum.v[i] == (uint64_t)json_integer_value(kb) << 10);
	}
}

static char *corpus_dir(void)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/../shared/corpus", srcdir ? srcdir : ".");
}

static void test_corpus(void **state attr_unused)
{
	auto_free char *dir = corpus_dir();
	auto_free char *list = xasprintf("%s/expected.json", dir);
	json_t *expected = json_load_file(list, 0, NULL), *want;
	const char *name;

	assert_non_null(expected);
	json_object_foreach(expected, name, want)
	{
		auto_free char *path = xasprintf("%s/%s", dir, name);

		check_totals(path, want);
	}
	assert_true(json_object_size(expected) > 0);
	json_decref(expected);
}

static void test_nothing(void **state attr_unused)
{
}

/* cmocka cannot skip in TAP; a name shows it instead. */
static void add_corpus(struct row_tests *list)
{
	auto_free char *dir = corpus_dir();

	if (access(dir, F_OK) == 0)
		rows_add_one(list, "corpus: the totals that it states", test_corpus);
	else
		rows_add_one(list, "corpus: totals # SKIP no ../shared/corpus", test_nothing);
}

static void test_endless(void **state attr_unused)
{
	auto_close int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct smaps_reader reader;
	struct smaps_record rec;

	assert_true(fd >= 0);
	smaps_reader_init(&reader, fd);
	assert_int_equal(smaps_next(&reader, &rec), -EFBIG);
	assert_true(reader.buf.cap <= 8 * SMAPS_LINE_MAX);
	smaps_reader_release(&reader);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "cut at any byte: no number is invented", test_cut_anywhere);
	ROWS_ADD(&list, "in pieces", piece_rows, test_pieces);
	ROWS_ADD(&list, "long name", long_rows, test_long_name);
	rows_add_one(&list, "long field: cut, in bounded memory", test_long_field);
	rows_add_one(&list, "many records: in bounded memory", test_many_records);
	rows_add_one(&list, "many fields: the last one is read", test_many_fields);
	rows_add_one(&list, "noise: reported", test_noise);
	rows_add_one(&list, "empty: no record, and nothing to report", test_empty);
	rows_add_one(&list, "unreadable: the error", test_unreadable);
	rows_add_one(&list, "endless line: refused", test_endless);
	add_corpus(&list);
	return rows_run("smaps_stream", &list);
}
