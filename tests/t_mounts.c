/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/mounts: which devices hold files in memory.
 */
#include "proc/mounts.h"

#include <errno.h>

#include "base/alloc.h"
#include "rows.h"
#include "tree.h"

struct line_row {
	const char *name;
	const char *line;
	int want_major, want_minor; /* -1: no such device */
};

static const struct line_row line_rows[] = {
	{ "tmpfs", "25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24682416k", 0, 23 },
	{ "ramfs", "25 24 0:23 / /x rw - ramfs none rw", 0, 23 },
	{ "devtmpfs", "24 27 0:6 / /dev rw - devtmpfs devtmpfs rw,mode=755", 0, 6 },
	{ "optional fields", "25 24 0:23 / /x rw shared:4 master:1 - tmpfs tmpfs rw", 0, 23 },
	{ "numbers are decimal", "25 24 8:259 / /x rw - tmpfs tmpfs rw", 8, 259 },
	{ "a part of one is mounted", "25 24 0:23 /sub /x rw - tmpfs tmpfs rw", 0, 23 },
	{ "blanks of a mount point are escaped", "25 24 0:23 / /a\\040-\\040tmpfs rw - tmpfs t rw",
	  0, 23 },
	{ "another type", "27 1 254:0 / / rw - ext4 /dev/vda rw", -1, 0 },
	{ "a mount point called tmpfs", "27 1 254:0 / /tmpfs rw - ext4 tmpfs rw", -1, 0 },
	{ "a longer type", "27 1 0:5 / /x rw - tmpfs2 tmpfs rw", -1, 0 },
	{ "a shorter type", "27 1 0:5 / /x rw - tmp tmpfs rw", -1, 0 },
	{ "the line ends in the type", "27 1 0:5 / /x rw - tmp", -1, 0 },
	{ "no separator", "27 1 0:5 / /x rw tmpfs tmpfs rw", -1, 0 },
	{ "no device", "27 1 x / /x rw - tmpfs tmpfs rw", -1, 0 },
	{ "half a device", "27 1 0: / /x rw - tmpfs tmpfs rw", -1, 0 },
	{ "too few words", "27 - tmpfs ", -1, 0 },
	{ "empty", "", -1, 0 },
};

static void test_line(void **state)
{
	const struct line_row *row = *state;
	auto_tree t = tree_make();
	auto_free char *text = xasprintf("%s\n30 25 0:27 / /y rw - ramfs r rw\n", row->line);
	auto_free struct mount_dev *devs = NULL;
	size_t n = 0, behind = row->want_major >= 0;

	tree_put(&t, "mountinfo", text);
	assert_int_equal(mounts_memory_devices(t.fd, &devs, &n), 0);
	assert_int_equal(n, behind + 1);
	if (behind) {
		assert_int_equal(devs[0].major, row->want_major);
		assert_int_equal(devs[0].minor, row->want_minor);
	}
	assert_int_equal(devs[behind].minor, 27);
}

static void test_cut(void **state attr_unused)
{
	static const char text[] = "25 24 0:23 / /x rw shared:4 - tmpfs tmpfs rw";
	auto_tree t = tree_make();

	for (size_t len = 0; len < sizeof(text); len++) {
		auto_free struct mount_dev *devs = NULL;
		size_t n = 9;

		tree_put_bytes(&t, "mountinfo", text, len);
		assert_int_equal(mounts_memory_devices(t.fd, &devs, &n), 0);
		assert_int_equal(n, len >= strlen("25 24 0:23 / /x rw shared:4 - tmpfs "));
		assert_true(n == 0 || (devs[0].major == 0 && devs[0].minor == 23));
	}
}

static void test_read(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_free struct mount *mounts = NULL;
	size_t n = 0;

	tree_put(&t, "mountinfo",
		 "300 25 0:27 / /y rw - hugetlbfs none rw,pagesize=2M\n"
		 "27 1 254:1 / / rw - ext4 /dev/vda rw\n"
		 "29 1 0:6 / /dev rw - devtmpfs none rw\n"
		 "x 1 0:7 / /z rw - tmpfs none rw\n");
	assert_int_equal(mounts_read(t.fd, &mounts, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(mounts_find(mounts, n, 27)->kind, MOUNT_OTHER);
	assert_int_equal(mounts_find(mounts, n, 27)->major, 254);
	assert_int_equal(mounts_find(mounts, n, 27)->minor, 1);
	assert_int_equal(mounts_find(mounts, n, 29)->kind, MOUNT_TMPFS);
	assert_int_equal(mounts_find(mounts, n, 300)->kind, MOUNT_HUGETLBFS);
	assert_null(mounts_find(mounts, n, 28));
	assert_null(mounts_find(mounts, 0, 27));
	assert_null(mounts_find(NULL, 0, 27));
}

static void test_missing(void **state attr_unused)
{
	auto_tree t = tree_make();
	struct mount_dev *devs;
	size_t n;

	assert_int_equal(mounts_memory_devices(t.fd, &devs, &n), -ENOENT);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "mountinfo", line_rows, test_line);
	rows_add_one(&list, "mountinfo: cut at any byte", test_cut);
	rows_add_one(&list, "mountinfo: kinds, found by id", test_read);
	rows_add_one(&list, "mountinfo: missing", test_missing);
	return rows_run("mounts", &list);
}
