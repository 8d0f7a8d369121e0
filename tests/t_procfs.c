/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/procfs on recorded trees.
 */
#include "proc/procfs.h"

#include <errno.h>

#include "proc/procinfo.h"
#include "rows.h"
#include "tree.h"

#define STAT(pid, comm) pid " (" comm ") S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 55 0 0\n"

static void test_recorded(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_free char *root = xasprintf("%s/proc", t.path);
	auto_free pid_t *pids = NULL;
	auto_close int dirfd = -1;
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	struct proc_stat stat;
	size_t n = 0;

	tree_put(&t, "proc/20/stat", STAT("20", "b"));
	tree_put(&t, "proc/3/stat", STAT("3", "a"));
	tree_put(&t, "proc/meminfo", "");
	assert_int_equal(procfs_open(root, &fs, &err), 0);
	assert_false(fs.live);
	assert_int_equal(fs.sysfd, -1);
	assert_int_equal(procfs_list(&fs, &pids, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(pids[0], 3);
	assert_int_equal(pids[1], 20);
	assert_int_equal(procfs_open_pid(&fs, 4), -ENOENT);
	dirfd = procfs_open_pid(&fs, 20);
	assert_true(dirfd >= 0);
	assert_int_equal(proc_stat_read(dirfd, &stat), 0);
	assert_string_equal(stat.comm, "b");
	procfs_close(&fs);
	assert_int_equal(fs.rootfd, -1);
}

static void test_recorded_sys(void **state attr_unused)
{
	auto_tree t = tree_make();
	auto_free char *root = xasprintf("%s/proc", t.path);
	struct procfs fs = PROCFS_INIT;
	int fd = next_fd();

	tree_put_dir(&t, "proc");
	tree_put(&t, "sys/fs/cgroup/memory.stat", "");
	assert_int_equal(procfs_open(root, &fs, NULL), 0);
	assert_true(fs.sysfd >= 0);
	assert_int_equal(faccessat(fs.sysfd, "memory.stat", F_OK, 0), 0);
	procfs_close(&fs);
	assert_int_equal(next_fd(), fd);
}

static void test_no_root(void **state attr_unused)
{
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(procfs_open("/nowhere/proc", &fs, &err), -ENOENT);
	assert_string_equal(err.text, "/nowhere/proc: No such file or directory");
	assert_int_equal(fs.rootfd, -1);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "recorded tree: processes in order", test_recorded);
	rows_add_one(&list, "recorded tree: sys beside proc", test_recorded_sys);
	rows_add_one(&list, "recorded tree: missing", test_no_root);
	return rows_run("procfs", &list);
}
