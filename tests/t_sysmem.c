/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/sysmem on a small recorded /proc.
 */
#include "proc/sysmem.h"

#include <errno.h>

#include "rows.h"
#include "tree.h"

static const char meminfo[] = "MemTotal:       24682416 kB\nMemFree:        23707824 kB\n"
			      "MemAvailable:   24264644 kB\nBuffers:           13284 kB\n"
			      "SwapTotal:       1048572 kB\nSwapFree:              0 kB\n"
			      "CommitLimit:    12341208 kB\nCommitted_AS:     106328 kB\n"
			      "HugePages_Total:       0\n";

struct sysmem_row {
	const char *name;
	const char *file;
	const char *text; /* NULL: there is a directory instead of the file */
	size_t at;        /* offset of the amount in struct sysmem */
	uint64_t want;
	enum reason want_why;
};

#define FIELD(i) offsetof(struct sysmem, v[i])
#define AT(name) offsetof(struct sysmem, name)
#define BAD REASON_BAD_FORMAT

static const struct sysmem_row sysmem_rows[] = {
	{ "MemTotal", "meminfo", meminfo, FIELD(SM_MEM_TOTAL), UINT64_C(24682416) * 1024,
	  REASON_NONE },
	{ "MemFree", "meminfo", meminfo, FIELD(SM_MEM_FREE), UINT64_C(23707824) * 1024,
	  REASON_NONE },
	{ "MemAvailable", "meminfo", meminfo, FIELD(SM_MEM_AVAILABLE), UINT64_C(24264644) * 1024,
	  REASON_NONE },
	{ "SwapTotal", "meminfo", meminfo, FIELD(SM_SWAP_TOTAL), UINT64_C(1048572) * 1024,
	  REASON_NONE },
	{ "SwapFree of 0 is there", "meminfo", meminfo, FIELD(SM_SWAP_FREE), 0, REASON_NONE },
	{ "CommitLimit", "meminfo", meminfo, FIELD(SM_COMMIT_LIMIT), UINT64_C(12341208) * 1024,
	  REASON_NONE },
	{ "Committed_AS", "meminfo", meminfo, FIELD(SM_COMMITTED), UINT64_C(106328) * 1024,
	  REASON_NONE },
	{ "a missing line counts as absent", "meminfo", "MemTotal: 5 kB\n", FIELD(SM_MEM_AVAILABLE),
	  0, REASON_NOT_REPORTED },
	{ "a cut line counts as absent", "meminfo", "MemFree: 5 kB\nMemTotal: 5 kB",
	  FIELD(SM_MEM_TOTAL), 0, REASON_NOT_REPORTED },
	{ "a file that was not recorded", "other", "", FIELD(SM_MEM_TOTAL), 0,
	  REASON_NOT_RECORDED },
	{ "a directory", "meminfo", NULL, FIELD(SM_MEM_TOTAL), 0, REASON_ERRNO + EISDIR },
	{ "overcommit", "sys/vm/overcommit_memory", "2\n", AT(overcommit), 2, REASON_NONE },
	{ "overcommit not recorded", "other", "", AT(overcommit), 0, REASON_NOT_RECORDED },
	{ "overcommit not a number", "sys/vm/overcommit_memory", "a\n", AT(overcommit), 0, BAD },
	{ "overcommit empty", "sys/vm/overcommit_memory", "", AT(overcommit), 0, BAD },
	{ "max_map_count", "sys/vm/max_map_count", "65530\n", AT(max_map_count), 65530,
	  REASON_NONE },
	{ "max_map_count cut", "sys/vm/max_map_count", "655", AT(max_map_count), 0, BAD },
	{ "uptime", "uptime", "2417.37 4700.01\n", AT(uptime_ms), 2417370, REASON_NONE },
	{ "uptime below a tenth", "uptime", "1.07 4.00\n", AT(uptime_ms), 1070, REASON_NONE },
	{ "uptime cut", "uptime", "2417.3", AT(uptime_ms), 0, BAD },
	{ "uptime without a fraction", "uptime", "2417 1\n", AT(uptime_ms), 0, BAD },
};

static void test_sysmem(void **state)
{
	const struct sysmem_row *row = *state;
	auto_tree t = tree_make();
	struct procfs fs = { t.fd, -1, false };
	struct sysmem got;
	struct amount a;

	if (row->text)
		tree_put(&t, row->file, row->text);
	else
		tree_put_dir(&t, row->file);
	sysmem_read(&fs, &got);
	memcpy(&a, (const char *)&got + row->at, sizeof(a));
	if (row->want_why) {
		assert_int_not_equal(a.why, REASON_NONE);
		assert_int_equal(a.why, row->want_why);
		return;
	}
	assert_int_equal(a.why, REASON_NONE);
	assert_true(a.value == row->want);
}

struct boot_row {
	const char *name;
	const char *text;
	const char *want;
};

static const struct boot_row boot_rows[] = {
	{ "a boot id", "603294b2-6346-48cb-a771-416685b0b23b\n",
	  "603294b2-6346-48cb-a771-416685b0b23b" },
	{ "without a newline it is cut", "603294b2-6346", "" },
	{ "too short", "603294b2-6346\n", "" },
	{ "too long", "603294b2-6346-48cb-a771-416685b0b23b-00000000\n", "" },
	{ "other bytes", "\033[1m\n", "" },
	{ "empty", "", "" },
};

static void test_boot_id(void **state)
{
	const struct boot_row *row = *state;
	auto_tree t = tree_make();
	struct procfs fs = { t.fd, -1, false };
	struct sysmem got;

	tree_put(&t, "sys/kernel/random/boot_id", row->text);
	sysmem_read(&fs, &got);
	assert_string_equal(got.boot_id, row->want);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "sysmem", sysmem_rows, test_sysmem);
	ROWS_ADD(&list, "boot_id", boot_rows, test_boot_id);
	return rows_run("sysmem", &list);
}
