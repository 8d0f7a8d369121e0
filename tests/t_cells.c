/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of present/build/cells: the text that describes a mapping. */
#include "present/build/cells.h"

#include "snap.h"

/* A part of this many KiB; 0: there is no part. */
struct want_part {
	uint64_t kib;
	enum evidence evidence;
	const char *owner;
};

enum { PARTS = 3 };

static const struct what_row {
	const char *name;
	const char *mapping; /* its name */
	uint16_t marks;
	enum evidence evidence;
	const char *owner;
	struct want_part parts[PARTS];
	const char *want;
} what_rows[] = {
	{ "a name says it",
	  "[heap]",
	  0,
	  EV_KERNEL,
	  "brk",
	  { { 8, EV_WALKED, "py objects" } },
	  "[heap]" },
	{ "whose it is", NULL, 0, EV_INFERRED, "v8", { { 0 } }, "~ v8" },
	{ "the .bss of a library", NULL, MARK_BSS, EV_INFERRED, "libc", { { 0 } }, "~ libc .bss" },
	{ "nothing explains it", NULL, 0, EV_UNKNOWN, NULL, { { 0 } }, "? unknown" },
	{ "it is empty", NULL, MARK_NO_ACCESS, EV_UNKNOWN, NULL, { { 0 } }, "reserved" },
	{ "a walked part",
	  NULL,
	  0,
	  EV_UNKNOWN,
	  NULL,
	  { { 60, EV_WALKED, "py objects" }, { 4, EV_UNKNOWN, NULL } },
	  "py objects" },
	{ "a large walked part",
	  NULL,
	  0,
	  EV_INFERRED,
	  "glibc",
	  { { 20, EV_WALKED, "py free" },
	    { 40, EV_WALKED, "py objects" },
	    { 4, EV_INFERRED, "glibc" } },
	  "py objects and more" },
	{ "a small walked part",
	  NULL,
	  0,
	  EV_INFERRED,
	  "glibc",
	  { { 20, EV_WALKED, "py free" }, { 44, EV_INFERRED, "glibc" } },
	  "~ glibc" },
};

static void test_what(void **state)
{
	const struct what_row *row = *state;
	char buf[CELL_WHAT_MAX];
	auto_snapshot s;

	snap_init(&s);
	(void)snap_add(&s, &(struct snap_region){
				   .start = 0x10000,
				   .size_kib = 64,
				   .perms = SNAP_RW,
				   .name = row->mapping,
				   .marks = row->marks,
				   .category = CAT_ANONYMOUS,
				   .evidence = row->evidence,
				   .owner_kind = row->owner ? OWNER_ALLOCATOR : OWNER_NONE,
				   .owner = row->owner,
				   .kib = { SNAP_KIB(64, 64, 0, 0, 0, 64, 64) },
			   });
	for (size_t i = 0; i < PARTS && row->parts[i].kib; i++) {
		const struct want_part *p = &row->parts[i];

		snap_add_part(&s, p->kib, p->kib, CAT_ANONYMOUS, p->evidence,
			      p->owner ? OWNER_ALLOCATOR : OWNER_NONE, p->owner ? p->owner : "");
	}
	assert_string_equal(cell_what(buf, &s, &s.regions[0]).s, row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "cells: what a mapping is", what_rows, test_what);
	return rows_run("cells", &tests);
}
