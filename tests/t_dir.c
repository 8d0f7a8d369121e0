/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/dir: which names are listed, and which files are not opened. */
#include "base/dir.h"

#include <errno.h>

#include "base/io.h"
#include "tree.h"

enum kind { FILE_OWN, LINK, FIFO, DIRECTORY, NOTHING };

struct open_row {
	const char *name;
	enum kind kind;
	int want; /* 0: it is opened */
};

static const struct open_row open_rows[] = {
	{ "a regular file of ours", FILE_OWN, 0 },
	{ "a symbolic link to one", LINK, -EPERM },
	{ "a FIFO, without waiting", FIFO, -EPERM },
	{ "a directory", DIRECTORY, -EPERM },
	{ "nothing", NOTHING, -ENOENT },
};

static void put(const struct tree *t, enum kind kind)
{
	if (kind == FILE_OWN) {
		tree_put(t, "x", "text");
	} else if (kind == LINK) {
		tree_put(t, "target", "text");
		assert_int_equal(symlinkat("target", t->fd, "x"), 0);
	} else if (kind == FIFO) {
		assert_int_equal(mkfifoat(t->fd, "x", 0600), 0);
	} else if (kind == DIRECTORY) {
		tree_put_dir(t, "x");
	}
}

static void test_open(void **state)
{
	const struct open_row *row = *state;
	auto_tree t = tree_make();
	auto_close int fd = -1;
	struct stat st = { .st_size = 99 };
	char text[4];

	put(&t, row->kind);
	fd = dir_open_own(t.fd, "x", &st);
	assert_int_equal(MIN(fd, 0), row->want);
	assert_int_equal(st.st_size, row->want == 0 ? 4 : 99);
	if (row->want == 0) {
		assert_int_equal(io_pread_full(fd, text, sizeof(text), 0), 0);
		assert_memory_equal(text, "text", sizeof(text));
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	}
}

static void count_name(const char *name, void *arg)
{
	unsigned int *seen = arg;

	assert_true(streq(name, "a") || streq(name, "b") || streq(name, ".c"));
	*seen |= streq(name, "a") ? 1 : streq(name, "b") ? 2 : 4;
}

static void test_each(attr_unused void **state)
{
	auto_tree t = tree_make();
	unsigned int seen = 0;
	int fd = next_fd();

	tree_put(&t, "a", "");
	tree_put_dir(&t, "b");
	tree_put(&t, ".c", "");
	assert_int_equal(dir_each(t.fd, count_name, &seen), 0);
	assert_int_equal(seen, 7);
	seen = 0;
	assert_int_equal(dir_each(t.fd, count_name, &seen), 0);
	assert_int_equal(seen, 7);
	assert_int_equal(dir_each(-1, count_name, &seen), -EBADF);
	assert_int_equal(next_fd(), fd);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "dir_open_own", open_rows, test_open);
	rows_add_one(&tests, "dir_each: every name once, and again from the start", test_each);
	return rows_run("dir", &tests);
}
