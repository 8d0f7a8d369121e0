/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of proc/rootfile: files of a target, which may try to mislead us. */
#include "proc/rootfile.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "tree.h"

struct rootfile_row {
	const char *name;
	const char *link; /* target of the symbolic link root/link; NULL: no link */
	const char *path;
	size_t max;
	int want_return;
	const char *want;
};

static const struct rootfile_row rows[] = {
	{ "a file", NULL, "/etc/release", 64, 0, "text" },
	{ "its beginning", NULL, "/etc/release", 2, 0, "te" },
	{ "an empty file", NULL, "/empty", 64, 0, "" },
	{ "no such file", NULL, "/etc/nothing", 64, -ENOENT, "" },
	{ "a directory", NULL, "/etc", 64, -EINVAL, "" },
	{ "a pipe does not block", NULL, "/pipe", 64, -EINVAL, "" },
	{ "an absolute link stays inside", "/etc/release", "/link", 64, 0, "text" },
	{ "a link upwards stays inside", "../../../../etc/release", "/link", 64, 0, "text" },
	{ "a path upwards stays inside", NULL, "/../../outside", 64, -ENOENT, "" },
	{ "a link to itself", "link", "/link", 64, -ELOOP, "" },
};

static bool has_openat2(void)
{
	return syscall(SYS_openat2, -1, "", NULL, 0) == 0 || (errno != ENOSYS && errno != EPERM);
}

static void make_root(const struct tree *t)
{
	tree_put(t, "root/etc/release", "text");
	tree_put(t, "root/empty", "");
	tree_put(t, "outside", "secret");
	assert_int_equal(mkfifoat(t->fd, "root/pipe", 0600), 0);
}

static void test_read(void **state)
{
	const struct rootfile_row *row = *state;
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	auto_sbuf text = SBUF_INIT;

	if (!has_openat2())
		skip();
	sbuf_adds(&text, "rest of another file");
	make_root(&t);
	if (row->link)
		assert_int_equal(symlinkat(row->link, t.fd, "root/link"), 0);
	assert_int_equal(rootfile_read(&fs, t.fd, row->path, row->max, &text), row->want_return);
	assert_string_equal(sbuf_str(&text), row->want);
}

static void test_no_root(void **state attr_unused)
{
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();

	assert_int_equal(rootfile_open(&fs, t.fd, "/etc/release"), -ENOENT);
}

static void test_recorded_link(void **state attr_unused)
{
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();

	assert_int_equal(symlinkat("/", t.fd, "root"), 0);
	assert_int_equal(rootfile_open(&fs, t.fd, "/etc/passwd"), -ENOTDIR);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "rootfile_read", rows, test_read);
	rows_add_one(&list, "rootfile_open: a process without a root", test_no_root);
	rows_add_one(&list, "rootfile_open: a recorded link is not our root", test_recorded_link);
	return rows_run("rootfile", &list);
}
