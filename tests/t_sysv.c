/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/sysv on recorded tables.
 */
#include "proc/sysv.h"

#include "amounts.h"
#include "tree.h"

#define HEADER                                                                                     \
	"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  " \
	"cgid      atime      dtime      ctime                   rss                  swap\n"
#define SEGMENT(key, cpid, nattch, rss, swap)                                                      \
	key "         42  1600              1048576 " cpid " 77777      " nattch                   \
	    "  1000  1000  1000  1000 1700000000 1700000001 1700000000 " rss " " swap "\n"

struct sysv_row {
	const char *name;
	const char *text; /* NULL: no such file */
	size_t want_n;
	uint64_t want;
	enum reason want_why;
};

static const struct sysv_row rows[] = {
	{ "no segments", HEADER, 0, 0, REASON_NONE },
	{ "one of ours", HEADER SEGMENT("0", "55", "0", "8192", "4096"), 1, 12288, REASON_NONE },
	{ "a negative key", HEADER SEGMENT("-1234567890", "55", "0", "8192", "0"), 1, 8192,
	  REASON_NONE },
	{ "two of ours",
	  HEADER SEGMENT("0", "55", "0", "8192", "0") SEGMENT("9", "55", "0", "100", "1"), 2, 8293,
	  REASON_NONE },
	{ "attached", HEADER SEGMENT("0", "55", "1", "8192", "0"), 0, 0, REASON_NONE },
	{ "of another process", HEADER SEGMENT("0", "555", "0", "8192", "0"), 0, 0, REASON_NONE },
	{ "columns in another order",
	  "swap nattch cpid rss\n1 0 55 2\n"
	  "1 0 56 2\n",
	  1, 3, REASON_NONE },
	{ "a kernel that does not state rss", "key shmid cpid nattch\n0 1 55 0\n", 0, 0,
	  REASON_NOT_REPORTED },
	{ "an empty file", "", 0, 0, REASON_NOT_REPORTED },
	{ "a short line", HEADER "1 2 3\n", 0, 0, REASON_BAD_FORMAT },
	{ "not a number", HEADER SEGMENT("0", "55", "0", "81x2", "0"), 0, 0, REASON_BAD_FORMAT },
	{ "sizes too large for 64 bits",
	  HEADER SEGMENT("0", "55", "0", "18446744073709551615", "4096"), 1, UINT64_MAX,
	  REASON_NONE },
	{ "not recorded", NULL, 0, 0, REASON_NOT_RECORDED },
};

static void test_row(void **state)
{
	const struct sysv_row *row = *state;
	auto_tree t = tree_make();
	const struct procfs fs = { .rootfd = t.fd, .sysfd = -1, .live = false };
	struct sysv_scan scan;

	if (row->text)
		tree_put(&t, "sysvipc/shm", row->text);
	sysv_read(&fs, t.fd, 55, &scan);
	assert_same_amount(scan.unattached_bytes, row->want, row->want_why);
	if (!row->want_why)
		assert_int_equal(scan.n, row->want_n);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "segments", rows, test_row);
	return rows_run("sysv", &list);
}
