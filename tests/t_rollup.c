/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proc/rollup: the sums that the kernel states, and those of its mappings without them. */
#include "proc/rollup.h"

#include <errno.h>

#include "rows.h"
#include "tree.h"

#define ROLLUP "400000-7ff000 ---p 00000000 00:00 0 [rollup]\nRss: 40 kB\nPss: 30 kB\nSwap: 4 kB\n"
#define MAPPING(start, rss)                                                                        \
	start "000-" start "fff rw-p 00000000 00:00 0 \nSize: 64 kB\nRss: " rss " kB\nPss: 5 kB\n"

struct rollup_row {
	const char *name;
	const char *rollup, *smaps; /* NULL: there is no such file */
	int want;
	uint64_t rss_kib, pss_kib;
};

static const struct rollup_row rollup_rows[] = {
	{ "the kernel's sums", ROLLUP, MAPPING("400", "7"), 0, 40, 30 },
	{ "no such file: the sums of all mappings", NULL, MAPPING("400", "7") MAPPING("500", "8"),
	  0, 15, 10 },
	{ "no mapping has a page", NULL, MAPPING("400", "0"), 0, 0, 5 },
	{ "a process without memory", "", "", -ESRCH, 0, 0 },
	{ "such a process on an old kernel", NULL, "", -ESRCH, 0, 0 },
	{ "neither file", NULL, NULL, -ENOENT, 0, 0 },
};

static void test_rollup(void **state)
{
	const struct rollup_row *row = *state;
	auto_tree t = tree_make();
	auto_sbuf text = SBUF_INIT;
	struct mem_counts c = { .present = 0 };

	if (row->rollup)
		tree_put(&t, "smaps_rollup", row->rollup);
	if (row->smaps)
		tree_put(&t, "smaps", row->smaps);
	assert_int_equal(rollup_read(t.fd, &text, &c), row->want);
	if (row->want < 0)
		return;
	assert_int_equal(mem_counts_get(&c, MC_RSS).value, row->rss_kib << 10);
	assert_int_equal(mem_counts_get(&c, MC_PSS).value, row->pss_kib << 10);
	assert_int_equal(mem_counts_has(&c, MC_SWAP), row->rollup != NULL);
}

static void test_directory(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_sbuf text = SBUF_INIT;
	struct mem_counts c;

	tree_put(&t, "smaps_rollup/x", "");
	tree_put(&t, "smaps", MAPPING("400", "7"));
	assert_int_equal(rollup_read(t.fd, &text, &c), -EISDIR);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "rollup", rollup_rows, test_rollup);
	rows_add_one(&list, "rollup: an error is not made up for", test_directory);
	return rows_run("rollup", &list);
}
