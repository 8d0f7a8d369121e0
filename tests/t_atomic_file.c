/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of base/atomic_file: after a success the file exists, after a failure nothing has changed.
 */
#include "base/atomic_file.h"

#include <errno.h>
#include <sys/file.h>

#include "base/dir.h"
#include "base/io.h"
#include "tree.h"

static void count_name(attr_unused const char *name, void *arg)
{
	(*(size_t *)arg)++;
}

static size_t names_in(const struct tree *t)
{
	size_t n = 0;

	assert_int_equal(dir_each(t->fd, count_name, &n), 0);
	return n;
}

static void assert_text(const struct tree *t, const char *name, const char *want)
{
	auto_sbuf text = SBUF_INIT;

	assert_int_equal(io_read_at(t->fd, name, 1 << 20, &text), 0);
	assert_string_equal(sbuf_str(&text), want);
}

/* What a test writes, and the result of writing it. */
struct filling {
	const char *text;
	int ret;
};

static int fill(FILE *out, void *arg)
{
	const struct filling *filling = arg;

	assert_true(fputs(filling->text, out) >= 0);
	return filling->ret;
}

/* A stream that fails early, with its error cleared at the end. */
static int fill_unseen_error(FILE *out, attr_unused void *arg)
{
	(void)setvbuf(out, NULL, _IONBF, 0);
	assert_int_equal(fgetc(out), EOF); /* not open for reading */
	return 0;
}

struct replace_row {
	const char *name;
	const char *before; /* NULL: no file */
	struct filling filling;
	const char *want; /* NULL: no file */
};

static const struct replace_row replace_rows[] = {
	{ "a new file", NULL, { "new", 0 }, "new" },
	{ "the place of an old one", "old", { "new", 0 }, "new" },
	{ "an empty file", "old", { "", 0 }, "" },
	{ "a failure leaves nothing", NULL, { "half", -ENOMEM }, NULL },
	{ "a failure leaves the old one", "old", { "half", -ENOSPC }, "old" },
};

static void test_replace(void **state)
{
	const struct replace_row *row = *state;
	auto_tree t = tree_make();
	struct filling filling = row->filling;
	int fd = next_fd();

	if (row->before)
		tree_put(&t, "x", row->before);
	assert_int_equal(atomic_file_replace(t.fd, "x", fill, &filling), filling.ret);
	assert_int_equal(names_in(&t), row->want != NULL);
	if (row->want)
		assert_text(&t, "x", row->want);
	assert_int_equal(next_fd(), fd);
}

static void test_unseen_error(attr_unused void **state)
{
	auto_tree t = tree_make();

	tree_put(&t, "x", "old");
	assert_int_equal(atomic_file_replace(t.fd, "x", fill_unseen_error, NULL), -EIO);
	assert_text(&t, "x", "old");
	assert_int_equal(names_in(&t), 1);
}

static void test_path(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_free char *path = xasprintf("%s/dir/x", t.path);
	struct filling filling = { "new", 0 };
	struct stat st;

	assert_int_equal(atomic_file_replace(t.fd, "dir/x", fill, &filling), -ENOENT);
	tree_put_dir(&t, "dir");
	assert_int_equal(atomic_file_replace(t.fd, "dir/x", fill, &filling), 0);
	assert_text(&t, "dir/x", "new");
	filling.text = "newer";
	assert_int_equal(atomic_file_replace(AT_FDCWD, path, fill, &filling), 0);
	assert_text(&t, "dir/x", "newer");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(atomic_file_replace(t.fd, "dir", fill, &filling), -EISDIR);
	assert_int_equal(names_in(&t), 1);
}

static void test_link(attr_unused void **state)
{
	auto_tree t = tree_make();
	struct filling filling = { "new", 0 };
	struct stat st;

	tree_put(&t, "target", "old");
	assert_int_equal(symlinkat("target", t.fd, "x"), 0);
	assert_int_equal(atomic_file_replace(t.fd, "x", fill, &filling), 0);
	assert_text(&t, "target", "old");
	assert_int_equal(fstatat(t.fd, "x", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void test_rename_new(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_atomic_file f = ATOMIC_FILE_INIT;
	struct filling filling = { "new", 0 };

	tree_put(&t, "file", "old");
	assert_int_equal(symlinkat("nowhere", t.fd, "link"), 0);
	assert_int_equal(atomic_file_write(t.fd, "", fill, &filling, &f), 0);
	assert_int_equal(atomic_file_rename_new(&f, "file"), -EEXIST);
	assert_int_equal(atomic_file_rename_new(&f, "link"), -EEXIST);
	assert_int_equal(names_in(&t), 3);
	assert_int_equal(atomic_file_rename_new(&f, "free"), 0);
	assert_int_equal(names_in(&t), 3);
	assert_text(&t, "file", "old");
	atomic_file_release(&f);
	assert_text(&t, "free", "new");
}

static void test_release(attr_unused void **state)
{
	auto_tree t = tree_make();
	struct atomic_file f = ATOMIC_FILE_INIT;
	struct filling filling = { "new", 0 };

	atomic_file_release(NULL);
	atomic_file_release(&f);
	assert_int_equal(atomic_file_write(t.fd, "", fill, &filling, &f), 0);
	assert_int_equal(names_in(&t), 1);
	atomic_file_release(&f);
	assert_int_equal(names_in(&t), 0);
	atomic_file_release(&f);
}

struct sweep_row {
	const char *name;
	const char *file;
	bool goes;
};

static const struct sweep_row sweep_rows[] = {
	{ "a temporary", ".memspect-0123456789abcdef.tmp", true },
	{ "a temporary of zeros", ".memspect-0000000000000000.tmp", true },
	{ "a digit too few", ".memspect-0123456789abcde.tmp", false },
	{ "a digit too many", ".memspect-0123456789abcdef0.tmp", false },
	{ "an upper-case digit", ".memspect-0123456789abcdeF.tmp", false },
	{ "another end", ".memspect-0123456789abcdef.tmp~", false },
	{ "another start", "memspect-0123456789abcdef.tmp", false },
	{ "no digits", ".memspect-.tmp", false },
	{ "a snapshot", "memory_snapshot_20260102_030405.yaml", false },
};

static void test_sweep(void **state)
{
	const struct sweep_row *row = *state;
	auto_tree t = tree_make();

	tree_put(&t, row->file, "text");
	assert_int_equal(atomic_file_sweep(t.fd), 0);
	assert_int_equal(names_in(&t), !row->goes);
}

static void test_sweep_spares(attr_unused void **state)
{
	static const char name[] = ".memspect-0123456789abcdef.tmp";
	auto_tree t = tree_make();
	auto_atomic_file f = ATOMIC_FILE_INIT;
	struct filling filling = { "new", 0 };

	/* Files that are being written, by us or by another process. */
	assert_int_equal(atomic_file_write(t.fd, "", fill, &filling, &f), 0);
	assert_int_equal(atomic_file_sweep(t.fd), 0);
	assert_int_equal(atomic_file_rename(&f, "x"), 0);
	/* Files that only have such a name. */
	assert_int_equal(symlinkat("x", t.fd, name), 0);
	assert_int_equal(atomic_file_sweep(t.fd), 0);
	assert_int_equal(names_in(&t), 2);
	assert_int_equal(unlinkat(t.fd, name, 0), 0);
	tree_put_dir(&t, name);
	assert_int_equal(atomic_file_sweep(t.fd), 0);
	assert_int_equal(names_in(&t), 2);
	assert_text(&t, "x", "new");
	assert_int_equal(atomic_file_sweep(-1), -EBADF);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "atomic_file_replace", replace_rows, test_replace);
	rows_add_one(&tests, "atomic_file_replace: an error of the stream is noticed",
		     test_unseen_error);
	rows_add_one(&tests, "atomic_file_replace: in the directory of a path", test_path);
	rows_add_one(&tests, "atomic_file_replace: in place of a link, not through it", test_link);
	rows_add_one(&tests, "atomic_file_rename_new: only where nothing is", test_rename_new);
	rows_add_one(&tests, "atomic_file_release: removes a file that was not renamed",
		     test_release);
	ROWS_ADD(&tests, "atomic_file_sweep", sweep_rows, test_sweep);
	rows_add_one(&tests,
		     "atomic_file_sweep: leaves files that are being written, and other kinds",
		     test_sweep_spares);
	return rows_run("atomic_file", &tests);
}
