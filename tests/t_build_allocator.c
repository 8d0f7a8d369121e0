/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of present/build/allocator: the text about allocators in 80 columns. */
#include "present/build/deep.h"

#include "rendered.h"

#define MIB(n) ((uint64_t)(n) << 20)

static const struct render_opts opts = { .headings = true, .width = 80, .unit = FMT_IEC };

#define LARGE                                                                                      \
	{                                                                                          \
		.system_bytes = MIB(900), .live_bytes = MIB(600), .free_bytes = MIB(290),          \
		.top_bytes = MIB(10), .trimmable_bytes = MIB(200)                                  \
	}

struct allocator_row {
	const char *name;
	struct walk_allocator a;
	const char *want;
};

static const struct allocator_row allocator_rows[] = {
	{ "walked whole",
	  { .name = "glibc malloc", .total = LARGE, .n_arenas = 2, .mmapped_bytes = MIB(100) },
	  "ALLOCATOR          LIVE     MAPPED       FREE       TOP  TRIMMABLE  ARENAS\n"
	  "glibc malloc  600.0 MiB  100.0 MiB  290.0 MiB  10.0 MiB  200.0 MiB       2\n" },
	{ "not walked whole",
	  { .name = "m",
	    .total = { .live_bytes = MIB(6), .unwalked_bytes = MIB(1) },
	    .mmapped_unfound_bytes = MIB(2) },
	  "ALLOCATOR     LIVE  MAPPED  FREE  TOP  TRIMMABLE  ARENAS  UNWALKED  UNFOUND\n"
	  "m          6.0 MiB     0 B   0 B  0 B        0 B       0   1.0 MiB  2.0 MiB\n" },
	{ "not read",
	  { .name = "other malloc", .unread = REASON_NOT_READ_YET },
	  "ALLOCATOR     LIVE  MAPPED  FREE  TOP  TRIMMABLE  ARENAS\n"
	  "other malloc   n/a     n/a   n/a  n/a        n/a     n/a\n" },
};

/* The reason follows the table, which has no room for it. */
static void test_unread(void **state attr_unused)
{
	struct walk_allocator a[] = {
		{ .name = "jemalloc", .unread = REASON_JEMALLOC_NOT_FOUND },
		{ .name = "glibc malloc" },
		{ .name = "mimalloc", .unread = REASON_OTHER, .unread_other = "it is 3.0" }
	};
	const struct walk walk = { .allocators = a, .n_allocators = ARRAY_SIZE(a) };
	struct report r = REPORT_INIT;

	assert_page(
		&r, build_unread_allocators(&r, &walk), &opts,
		"not read: jemalloc (its tree of extents was not found), mimalloc (it is 3.0)\n");
	a[0].unread = a[2].unread = REASON_NONE;
	assert_null(build_unread_allocators(&r, &walk));
	report_release(&r);
}

static void test_allocators(void **state)
{
	const struct allocator_row *row = *state;
	struct walk_arena arenas[2] = { { .address = 0x1000 }, { .address = 0x2000 } };
	struct walk_allocator a = row->a;
	const struct walk walk = { .allocators = &a, .n_allocators = 1 };
	struct report r = REPORT_INIT;

	a.arenas = arenas;
	assert_page(&r, build_allocators(&r, &walk), &opts, row->want);
	report_release(&r);
}

static void test_arenas(void **state attr_unused)
{
	struct walk_arena arenas[2] = {
		{ .address = 0x1000, .is_main = true, .heaps = 1, .sums = { .system_bytes = 5 } },
		{ .address = 0x7f8000000030, .heaps = 3, .sums = LARGE },
	};
	struct walk_allocator a = { .arenas = arenas, .n_arenas = 2 };
	const struct walk walk = { .allocators = &a, .n_allocators = 1 };
	struct report r = REPORT_INIT;

	assert_page(&r, build_largest_arenas(&r, &walk), &opts,
		    "       ARENA  HEAPS     SYSTEM       LIVE       FREE       TOP  TRIMMABLE\n"
		    "7f8000000030      3  900.0 MiB  600.0 MiB  290.0 MiB  10.0 MiB  200.0 MiB\n"
		    "        1000      1        5 B        0 B        0 B       0 B        0 B\n");
	a.n_arenas = 1;
	assert_null(build_largest_arenas(&r, &walk));
	report_release(&r);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "why allocators were not read", test_unread);
	ROWS_ADD(&list, "allocators", allocator_rows, test_allocators);
	rows_add_one(&list, "the largest arenas come first", test_arenas);
	return rows_run("build_allocator", &list);
}
