/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/diff/match: which mappings are the same memory, in one address space and in
 * two.
 */
#include "analysis/diff/match.h"

#include "snap.h"

enum { R = VMA_READ, RW = SNAP_RW, RX = SNAP_RX, NONE = 0 };

enum { REGIONS_MAX = 6 };

/* Addresses and sizes in pages of 4 KiB; a path is a file of that inode. */
struct spec {
	uint64_t start, size;
	uint8_t perms;
	const char *name;
	uint64_t inode;
	uint64_t offset;
	const char *owner;
};

#define MAP(start_, size_, perms_, ...)                                                            \
	{                                                                                          \
		.start = start_, .size = size_, .perms = perms_, __VA_ARGS__                       \
	}

/* Groups are numbered in their order, those of the old side first. */
struct match_row {
	const char *name;
	struct spec olds[REGIONS_MAX], news[REGIONS_MAX];
	uint32_t want_olds[REGIONS_MAX], want_news[REGIONS_MAX];
	size_t want_groups;
};

static const struct match_row place_rows[] = {
	{ "no mappings", { { 0 } }, { { 0 } }, { 0 }, { 0 }, 0 },
	{ "a mapping that stayed", { MAP(16, 4, RW) }, { MAP(16, 4, RW) }, { 0 }, { 0 }, 1 },
	{ "one that grew at its end", { MAP(16, 4, RW) }, { MAP(16, 400, RW) }, { 0 }, { 0 }, 1 },
	{ "a stack that grew down", { MAP(96, 4, RW) }, { MAP(16, 84, RW) }, { 0 }, { 0 }, 1 },
	{ "one that shrank at both ends",
	  { MAP(16, 90, RW) },
	  { MAP(50, 4, RW) },
	  { 0 },
	  { 0 },
	  1 },
	{ "an old and a new one", { MAP(16, 4, RW) }, { MAP(32, 4, RW) }, { 0 }, { 1 }, 2 },
	{ "two that merged",
	  { MAP(16, 4, RW), MAP(20, 8, RW) },
	  { MAP(16, 12, RW) },
	  { 0, 0 },
	  { 0 },
	  1 },
	{ "three that merged with new mappings between them",
	  { MAP(16, 4, RW), MAP(24, 4, RW), MAP(32, 4, RW) },
	  { MAP(16, 20, RW) },
	  { 0, 0, 0 },
	  { 0 },
	  1 },
	{ "one that was split by unmapping its middle",
	  { MAP(16, 12, RW) },
	  { MAP(16, 4, RW), MAP(24, 4, RW) },
	  { 0 },
	  { 0, 0 },
	  1 },
	{ "one that was split by permissions",
	  { MAP(16, 12, RW) },
	  { MAP(16, 4, RW), MAP(20, 4, R), MAP(24, 4, RW) },
	  { 0 },
	  { 0, 0, 0 },
	  1 },
	{ "one whose permissions changed", { MAP(16, 4, RW) }, { MAP(16, 4, R) }, { 0 }, { 0 }, 1 },
	{ "an arena that grew into its reservation",
	  { MAP(16, 4, RW), MAP(20, 60, NONE) },
	  { MAP(16, 30, RW), MAP(46, 34, NONE) },
	  { 0, 1 },
	  { 0, 1 },
	  2 },
	{ "an overlap of less than half is not a match",
	  { MAP(16, 10, RW) },
	  { MAP(22, 10, RW) },
	  { 0 },
	  { 1 },
	  2 },
	{ "by half it is", { MAP(16, 10, RW) }, { MAP(21, 10, RW) }, { 0 }, { 0 }, 1 },
	{ "another name at the same place",
	  { MAP(16, 4, RW, .name = "[heap]") },
	  { MAP(16, 4, RW) },
	  { 0 },
	  { 1 },
	  2 },
	{ "a file in place of unnamed memory",
	  { MAP(16, 4, R) },
	  { MAP(16, 4, R, .name = "/lib/a.so", .inode = 7) },
	  { 0 },
	  { 1 },
	  2 },
	{ "a file that was deleted since",
	  { MAP(16, 4, R, .name = "/lib/a.so", .inode = 7) },
	  { MAP(16, 4, R, .name = "/lib/a.so (deleted)", .inode = 7) },
	  { 0 },
	  { 0 },
	  1 },
	{ "another file at the same place",
	  { MAP(16, 4, R, .name = "/lib/a.so", .inode = 7) },
	  { MAP(16, 4, R, .name = "/lib/b.so", .inode = 8) },
	  { 0 },
	  { 1 },
	  2 },
	{ "overlapping records count once",
	  { MAP(16, 4, RW), MAP(18, 4, RW) },
	  { MAP(16, 8, RW) },
	  { 0, 0 },
	  { 0 },
	  1 },
	{ "a record within another is its own group",
	  { MAP(16, 8, RW), MAP(18, 2, RW) },
	  { MAP(16, 8, RW) },
	  { 0, 1 },
	  { 0 },
	  2 },
	{ "records that go backwards",
	  { MAP(32, 4, RW), MAP(16, 4, RW) },
	  { MAP(16, 4, RW), MAP(32, 4, RW) },
	  { 0, 1 },
	  { 1, 0 },
	  2 },
};

static const struct match_row name_rows[] = {
	{ "no mappings", { { 0 } }, { { 0 } }, { 0 }, { 0 }, 0 },
	{ "a file by offset and permissions, wherever it is",
	  { MAP(16, 4, R, .name = "/lib/a.so", .inode = 7),
	    MAP(20, 4, RX, .name = "/lib/a.so", .inode = 7, .offset = 4096) },
	  { MAP(80, 4, RX, .name = "/lib/a.so", .inode = 9, .offset = 4096),
	    MAP(96, 4, R, .name = "/lib/a.so", .inode = 9) },
	  { 0, 1 },
	  { 1, 0 },
	  2 },
	{ "another offset",
	  { MAP(16, 4, R, .name = "/a", .inode = 7) },
	  { MAP(16, 4, R, .name = "/a", .inode = 7, .offset = 4096) },
	  { 0 },
	  { 1 },
	  2 },
	{ "another path",
	  { MAP(16, 4, R, .name = "/a", .inode = 7) },
	  { MAP(16, 4, R, .name = "/b", .inode = 7) },
	  { 0 },
	  { 1 },
	  2 },
	{ "a file that is mapped twice",
	  { MAP(16, 4, R, .name = "/a", .inode = 7), MAP(32, 4, R, .name = "/a", .inode = 7) },
	  { MAP(64, 4, R, .name = "/a", .inode = 7) },
	  { 0, 0 },
	  { 0 },
	  1 },
	{ "names of the kernel",
	  { MAP(16, 4, RW, .name = "[heap]"), MAP(96, 4, RW, .name = "[stack]") },
	  { MAP(32, 40, RW, .name = "[heap]"), MAP(200, 4, RW, .name = "[stack]") },
	  { 0, 1 },
	  { 0, 1 },
	  2 },
	{ "a file with a name of the kernel",
	  { MAP(16, 4, RW, .name = "[heap]") },
	  { MAP(16, 4, RW, .name = "[heap]", .inode = 7) },
	  { 0 },
	  { 1 },
	  2 },
	{ "unnamed memory by owner",
	  { MAP(16, 4, RW, .owner = "v8"), MAP(32, 4, RW), MAP(48, 4, RW, .owner = "v8") },
	  { MAP(64, 4, RW), MAP(80, 4, RW, .owner = "v8"), MAP(96, 4, RW, .owner = "go") },
	  { 0, 1, 0 },
	  { 1, 0, 2 },
	  3 },
	{ "unnamed memory by permissions",
	  { MAP(16, 4, RW), MAP(20, 4, NONE) },
	  { MAP(64, 4, NONE), MAP(80, 4, RW) },
	  { 0, 1 },
	  { 1, 0 },
	  2 },
};

static size_t add_all(struct snapshot *s, const struct spec *specs)
{
	size_t n = 0;

	snap_init(s);
	for (; n < REGIONS_MAX && specs[n].size; n++) {
		uint32_t i = snap_add(
			s, &(struct snap_region){
				   .start = specs[n].start << 12,
				   .size_kib = specs[n].size * 4,
				   .perms = specs[n].perms,
				   .name = specs[n].name,
				   .inode = specs[n].inode,
				   .owner_kind = specs[n].owner ? OWNER_RUNTIME : OWNER_NONE,
				   .owner = specs[n].owner,
				   .category = CAT_ANONYMOUS,
			   });

		s->regions[i].offset = specs[n].offset;
	}
	return n;
}

static void check_row(const struct match_row *row,
		      void (*match)(struct match *ret, const struct snapshot *old_side,
				    const struct snapshot *new_side))
{
	auto_snapshot olds, news;
	size_t n_olds = add_all(&olds, row->olds), n_news = add_all(&news, row->news);
	struct match m;

	match(&m, &olds, &news);
	assert_int_equal(m.n_groups, row->want_groups);
	for (size_t i = 0; i < n_olds; i++)
		assert_int_equal(m.old_groups[i], row->want_olds[i]);
	for (size_t i = 0; i < n_news; i++)
		assert_int_equal(m.new_groups[i], row->want_news[i]);
	match_release(&m);
}

static void test_place(void **state)
{
	check_row(*state, match_by_place);
}

static void test_name(void **state)
{
	check_row(*state, match_by_name);
}

enum { MANY = 60000 };

/*
 * As many mappings as a process may have, in pairs that merged into one; a third of them is gone.
 */
static void test_many(void **state attr_unused)
{
	auto_snapshot olds, news;
	struct match m;

	snap_init(&olds);
	snap_init(&news);
	for (uint64_t i = 0; i < MANY; i++) {
		snap_add_anonymous(&olds, (4 * i) << 12, 4, 4);
		if (i % 3)
			snap_add_anonymous(&news, (4 * i) << 12, 4, 4);
	}
	match_by_place(&m, &olds, &news);
	assert_int_equal(m.n_groups, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(m.old_groups[i], i);
	match_release(&m);
	match_by_name(&m, &olds, &news);
	assert_int_equal(m.n_groups, 1);
	match_release(&m);
}

/* All overlap all: checking each pair would take 3.6 thousand million steps. */
static void test_hostile(void **state attr_unused)
{
	auto_snapshot olds, news;
	struct match m;

	snap_init(&olds);
	snap_init(&news);
	for (uint64_t i = 0; i < MANY; i++) {
		snap_add_anonymous(&olds, i << 12, 4 * (2 * MANY - i), 4);
		snap_add_anonymous(&news, i << 12, 4 * (2 * MANY - i), 4);
	}
	match_by_place(&m, &olds, &news);
	assert_int_equal(m.old_groups[0], 0);
	assert_int_equal(m.new_groups[0], 0);
	match_release(&m);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "match_by_place", place_rows, test_place);
	ROWS_ADD(&tests, "match_by_name", name_rows, test_name);
	rows_add_one(&tests, "match: 60,000 mappings on each side", test_many);
	rows_add_one(&tests, "match: 60,000 that all overlap end in time", test_hostile);
	return rows_run("match", &tests);
}
