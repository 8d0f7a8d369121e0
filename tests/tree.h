/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory for one test, with files of given text: a small /proc or /sys. */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "base/util.h"
#include "rows.h"

struct tree {
	char path[32];
	int fd;
};

#define auto_tree __attribute__((cleanup(tree_remove))) struct tree

static inline struct tree tree_make(void)
{
	struct tree t = { .path = "/tmp/memspect-tree-XXXXXX" };

	assert_non_null(mkdtemp(t.path));
	t.fd = open(t.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t.fd >= 0);
	return t;
}

/*
 * Returns the descriptor that the next open will return: the same again if no descriptor was left
 * open.
 */
static inline int next_fd(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

static inline int tree_remove_one(const char *path, const struct stat *st attr_unused,
				  int type attr_unused, struct FTW *ftw attr_unused)
{
	return remove(path);
}

static inline void tree_remove(struct tree *t)
{
	(void)close(t->fd);
	(void)nftw(t->path, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Makes the directories in the path of a file. */
static inline void tree_make_parents(const struct tree *t, const char *name)
{
	for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
		auto_free char *dir = xstrndup(name, (size_t)(p - name));

		(void)mkdirat(t->fd, dir, 0700);
	}
}

/* Writes n bytes as the whole contents of a file. */
static inline void tree_put_bytes(const struct tree *t, const char *name, const void *bytes,
				  size_t n)
{
	auto_close int fd = -1;

	tree_make_parents(t, name);
	fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
}

static inline void tree_put(const struct tree *t, const char *name, const char *text)
{
	tree_put_bytes(t, name, text, strlen(text));
}

/* Makes a directory instead of the file that a reader expects. */
static inline void tree_put_dir(const struct tree *t, const char *name)
{
	tree_make_parents(t, name);
	assert_int_equal(mkdirat(t->fd, name, 0700), 0);
}

#endif
