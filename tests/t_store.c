/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/store in a directory of its own: names, which snapshots are kept, and foreign
 * files.
 */
#include "model/store/store.h"

#include <errno.h>

#include "base/clock.h"
#include "base/dir.h"
#include "base/io.h"
#include "model/snapfile/snapfile.h"
#include "tree.h"

#define HEADER SNAPFILE_HEADER
#define T0 INT64_C(1767323045) /* 2026-01-02 03:04:05 UTC */
#define NAME "memory_snapshot_20260102_030405"

static int put_text(FILE *out, void *arg)
{
	return fputs(arg, out) < 0 ? -EIO : 0;
}

static int put_half(FILE *out, attr_unused void *arg)
{
	return fputs(HEADER "half", out) < 0 ? -EIO : -ENOSPC;
}

static char snapshot_text[] = HEADER "text\n";

static void open_store(const struct tree *t, struct store *s)
{
	struct err err = ERR_INIT;

	assert_int_equal(store_open(t->path, s, &err), 0);
	assert_int_equal(err.code, 0);
}

static bool has(const struct tree *t, const char *name)
{
	return faccessat(t->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

struct path_row {
	const char *name;
	bool root;
	const char *state, *xdg, *home;
	const char *want;
};

static const struct path_row path_rows[] = {
	{ "at home", false, NULL, NULL, "/home/u", "/home/u/.local/state/memspect/snapshots" },
	{ "XDG_STATE_HOME", false, NULL, "/s", "/home/u", "/s/memspect/snapshots" },
	{ "a relative XDG_STATE_HOME is passed over", false, NULL, "s", "/h",
	  "/h/.local/state/memspect/snapshots" },
	{ "an empty one too", false, "", "", "/h", "/h/.local/state/memspect/snapshots" },
	{ "root", true, NULL, "/s", "/root", "/var/lib/memspect/snapshots" },
	{ "STATE_DIRECTORY", false, "/var/lib/x", "/s", "/h", "/var/lib/x/snapshots" },
	{ "STATE_DIRECTORY of root", true, "/var/lib/x", NULL, NULL, "/var/lib/x/snapshots" },
	{ "the first of several", true, "/a:/b", NULL, NULL, "/a/snapshots" },
	{ "a relative STATE_DIRECTORY", true, "a", NULL, NULL, "/var/lib/memspect/snapshots" },
	{ "a relative home", false, NULL, NULL, "home", NULL },
	{ "empty", false, NULL, NULL, NULL, NULL },
};

static void test_path(void **state)
{
	const struct path_row *row = *state;
	auto_free char *path = store_default_path(row->root, row->state, row->xdg, row->home);

	if (row->want)
		assert_string_equal(path, row->want);
	else
		assert_null(path);
}

static void test_make(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_free char *path = xasprintf("%s/a/b//c/", t.path);
	auto_store s = STORE_INIT;
	struct stat st;

	assert_int_equal(store_open(path, &s, NULL), 0);
	assert_int_equal(fstatat(t.fd, "a/b/c", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fstatat(t.fd, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(fcntl(s.dirfd, F_GETFD) & FD_CLOEXEC);
}

struct refuse_row {
	const char *name;
	const char *path; /* below the tree */
	int want;
	const char *error;
};

static const struct refuse_row refuse_rows[] = {
	{ "a file", "file", -ENOTDIR, "file: Not a directory" },
	{ "below a file", "file/x", -ENOTDIR, "file/x: Not a directory" },
	{ "a link to a directory", "link", -ELOOP,
	  "link: a symbolic link; name the directory itself" },
	{ "the same with a slash", "link/", -ELOOP,
	  "link: a symbolic link; name the directory itself" },
	{ "a link to nothing", "dangling", -ELOOP,
	  "dangling: a symbolic link; name the directory itself" },
};

static void test_refuse(void **state)
{
	const struct refuse_row *row = *state;
	auto_tree t = tree_make();
	auto_free char *path = xasprintf("%s/%s", t.path, row->path);
	auto_free char *want = xasprintf("%s/%s", t.path, row->error);
	struct store s = STORE_INIT;
	struct err err = ERR_INIT;
	int fd = next_fd();

	tree_put(&t, "file", "");
	tree_put_dir(&t, "directory");
	assert_int_equal(symlinkat("directory", t.fd, "link"), 0);
	assert_int_equal(symlinkat("nowhere", t.fd, "dangling"), 0);
	assert_int_equal(store_open(path, &s, &err), row->want);
	assert_string_equal(err.text, want);
	assert_int_equal(err.code, -row->want);
	assert_null(s.path);
	assert_int_equal(next_fd(), fd);
}

static void test_shared(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store shared = STORE_INIT, sticky = STORE_INIT;
	struct err err = ERR_INIT;
	int want = geteuid() == 0 ? -EPERM : 0;

	assert_int_equal(fchmod(t.fd, 0777), 0);
	assert_int_equal(store_open(t.path, &shared, &err), want);
	assert_int_equal(err.code, -want);
	assert_int_equal(fchmod(t.fd, 01777), 0);
	assert_int_equal(store_open(t.path, &sticky, NULL), 0);
}

static void test_collisions(attr_unused void **state)
{
	static const char *const want[] = { NAME ".yaml", NAME "_3.yaml", NAME "_4.yaml" };
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	char name[STORE_NAME_MAX];
	struct stat st;

	open_store(&t, &s);
	assert_int_equal(symlinkat("/nowhere", t.fd, NAME "_2.yaml"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(store_add(&s, T0 * NS_PER_S + (int64_t)i, put_text, snapshot_text,
					   name, NULL),
				 0);
		assert_string_equal(name, want[i]);
		assert_int_equal(fstatat(t.fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_true(S_ISREG(st.st_mode));
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_size, strlen(snapshot_text));
	}
	assert_true(has(&t, NAME "_2.yaml"));
}

/* Otherwise the newest snapshot could have the name of the oldest. */
static void test_no_name_twice(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	char first[STORE_NAME_MAX], name[STORE_NAME_MAX];

	open_store(&t, &s);
	assert_int_equal(store_add(&s, T0 * NS_PER_S, put_text, snapshot_text, first, NULL), 0);
	assert_string_equal(first, NAME ".yaml");
	assert_int_equal(unlinkat(t.fd, first, 0), 0);
	assert_int_equal(store_add(&s, T0 * NS_PER_S, put_text, snapshot_text, name, NULL), 0);
	assert_string_equal(name, NAME "_2.yaml");
	assert_int_equal(store_add(&s, (T0 + 1) * NS_PER_S, put_text, snapshot_text, name, NULL),
			 0);
	assert_string_equal(name, "memory_snapshot_20260102_030406.yaml");
}

static void test_too_many(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	auto_free char *want = xasprintf("%s/" NAME "_1000.yaml: File exists", t.path);
	char name[STORE_NAME_MAX] = "untouched";
	struct err err = ERR_INIT;

	open_store(&t, &s);
	tree_put(&t, NAME ".yaml", "");
	for (unsigned int i = 2; i <= 1000; i++) {
		auto_free char *file = xasprintf(NAME "_%u.yaml", i);

		assert_int_equal(linkat(t.fd, NAME ".yaml", t.fd, file, 0), 0);
	}
	assert_int_equal(store_add(&s, T0 * NS_PER_S, put_text, snapshot_text, name, &err),
			 -EEXIST);
	assert_string_equal(err.text, want);
	assert_string_equal(name, "untouched");
}

static void test_failure(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	auto_free char *want = xasprintf("%s: No space left on device", t.path);
	auto_sbuf text = SBUF_INIT;
	char name[STORE_NAME_MAX] = "untouched";
	struct err err = ERR_INIT;

	open_store(&t, &s);
	tree_put(&t, "state", "old");
	assert_int_equal(store_add(&s, 0, put_half, NULL, name, &err), -ENOSPC);
	assert_string_equal(err.text, want);
	assert_string_equal(name, "untouched");
	assert_int_equal(store_put(&s, "state", put_half, NULL, NULL), -ENOSPC);
	assert_int_equal(io_read_at(t.fd, "state", 100, &text), 0);
	assert_string_equal(sbuf_str(&text), "old");
	assert_int_equal(unlinkat(t.fd, "state", 0), 0);
	assert_int_equal(rmdir(t.path), 0); /* nothing else was left in it */
}

static void test_removed(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	auto_free char *want = xasprintf("%s: the directory was removed", t.path);
	char name[STORE_NAME_MAX];
	struct err add_err = ERR_INIT, put_err = ERR_INIT, lock_err = ERR_INIT;

	open_store(&t, &s);
	assert_int_equal(rmdir(t.path), 0);
	assert_int_equal(store_add(&s, 0, put_text, snapshot_text, name, &add_err), -ENOENT);
	assert_string_equal(add_err.text, want);
	assert_int_equal(store_put(&s, "state", put_text, snapshot_text, &put_err), -ENOENT);
	assert_string_equal(put_err.text, want);
	assert_int_equal(store_lock(&s, &lock_err), -ENOENT);
	assert_string_equal(lock_err.text, want);
}

static void test_lock(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store first = STORE_INIT, second = STORE_INIT;
	auto_free char *want = xasprintf("%s: in use by another watch, process %d", t.path,
					 (int)getpid());
	auto_free char *nameless = xasprintf("%s: in use by another watch", t.path);
	char name[STORE_NAME_MAX];
	struct err err = ERR_INIT;

	open_store(&t, &first);
	open_store(&t, &second);
	tree_put(&t, ".memspect-0123456789abcdef.tmp", "of a killed writer");
	tree_put(&t, "watch.lock", "99999999999999\n"); /* the pid of a process that has exited */
	assert_int_equal(store_lock(&first, NULL), 0);
	assert_false(has(&t, ".memspect-0123456789abcdef.tmp"));
	assert_int_equal(store_lock(&second, &err), -EBUSY);
	assert_string_equal(err.text, want);
	err = (struct err)ERR_INIT;
	tree_put(&t, "watch.lock", "process");
	assert_int_equal(store_lock(&second, &err), -EBUSY);
	assert_string_equal(err.text, nameless);
	/* A single snapshot needs no lock. */
	assert_int_equal(store_add(&second, 0, put_text, snapshot_text, name, NULL), 0);
	store_release(&first);
	assert_int_equal(store_lock(&second, NULL), 0);
}

struct plant_row {
	const char *name;
	mode_t mode; /* S_IFLNK, S_IFIFO, S_IFDIR, S_IFREG: a second name of another file */
	int want_lock, want_get;
	const char *error; /* of store_get */
};

static const struct plant_row plant_rows[] = {
	{ "a link", S_IFLNK, -ELOOP, -EPERM, "not a file of memspect" },
	{ "a FIFO", S_IFIFO, -EPERM, -EPERM, "not a file of memspect" },
	{ "a directory", S_IFDIR, -EISDIR, -EPERM, "not a file of memspect" },
	{ "a second name of a file", S_IFREG, -EPERM, 0, "" },
};

static void plant(const struct tree *t, mode_t mode, const char *name)
{
	if (mode == S_IFLNK)
		assert_int_equal(symlinkat("victim", t->fd, name), 0);
	else if (mode == S_IFIFO)
		assert_int_equal(mkfifoat(t->fd, name, 0600), 0);
	else if (mode == S_IFDIR)
		tree_put_dir(t, name);
	else
		assert_int_equal(linkat(t->fd, "victim", t->fd, name, 0), 0);
}

static void test_planted(void **state)
{
	const struct plant_row *row = *state;
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	auto_sbuf text = SBUF_INIT;
	struct err err = ERR_INIT;

	open_store(&t, &s);
	tree_put(&t, "victim", "victim");
	plant(&t, row->mode, "watch.lock");
	plant(&t, row->mode, "state");
	assert_int_equal(store_lock(&s, NULL), row->want_lock);
	assert_int_equal(store_get(&s, "state", 100, &text, &err), row->want_get);
	assert_true(ends_with(err.text, row->error));
	assert_int_equal(io_read_at(t.fd, "victim", 100, &text), 0);
	assert_string_equal(sbuf_str(&text), "victim");
}

static void test_state_file(attr_unused void **state)
{
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	auto_sbuf text = SBUF_INIT;
	struct err err = ERR_INIT;
	char first[] = "first", second[] = "second", empty[] = "";

	open_store(&t, &s);
	assert_int_equal(store_get(&s, "state", 100, &text, &err), -ENOENT);
	assert_int_equal(err.code, 0);
	assert_int_equal(store_put(&s, "state", put_text, first, &err), 0);
	assert_int_equal(store_put(&s, "state", put_text, second, &err), 0);
	assert_int_equal(store_get(&s, "state", 6, &text, &err), 0);
	assert_string_equal(sbuf_str(&text), "second");
	assert_int_equal(text.len, 6);
	assert_int_equal(store_get(&s, "state", 5, &text, &err), -EFBIG);
	assert_true(ends_with(err.text, "/state: File too large"));
	assert_int_equal(store_put(&s, "state", put_text, empty, NULL), 0);
	assert_int_equal(store_get(&s, "state", 0, &text, NULL), 0);
	assert_int_equal(text.len, 0);
}

/* Snapshots of 100 bytes, one each day: d0 to d4, the oldest first, at noon of January 1 to 5. */
#define D(day) "memory_snapshot_202601" day "_120000.yaml"
#define NOON INT64_C(1767268800) /* of January 1 */
#define DAY INT64_C(86400)

struct prune_row {
	const char *name;
	struct store_policy policy;
	int64_t now; /* seconds */
	const char *newest;
	unsigned int want; /* bit i: the snapshot of day i is left */
};

static const struct prune_row prune_rows[] = {
	{ "without limits all stay", { 0, 0, 0 }, NOON + 1000 * DAY, NULL, 0x1f },
	{ "the newest two", { 2, 0, 0 }, NOON, NULL, 0x18 },
	{ "as many as there are", { 5, 0, 0 }, NOON, NULL, 0x1f },
	{ "one", { 1, 0, 0 }, NOON, NULL, 0x10 },
	{ "one, the one just added", { 1, 0, 0 }, NOON, D("05"), 0x10 },
	{ "one, though the clock was set back", { 1, 0, 0 }, NOON, D("02"), 0x02 },
	{ "two, though the clock was set back", { 2, 0, 0 }, NOON, D("02"), 0x12 },
	{ "a name that is not there", { 2, 0, 0 }, NOON, D("09"), 0x18 },
	{ "a name of another kind", { 2, 0, 0 }, NOON, "history.bin", 0x18 },
	{ "younger than two days", { 0, 2, 0 }, NOON + 4 * DAY, NULL, 0x18 },
	{ "two days to the second", { 0, 2, 0 }, NOON + 4 * DAY - 1, NULL, 0x1c },
	{ "older than any, but just added", { 0, 1, 0 }, NOON + 9 * DAY, D("05"), 0x10 },
	{ "from the future", { 0, 1, 0 }, NOON - 9 * DAY, NULL, 0x1f },
	{ "of 300 bytes", { 0, 0, 300 }, NOON, NULL, 0x1c },
	{ "of 299 bytes", { 0, 0, 299 }, NOON, NULL, 0x18 },
	{ "of one byte", { 0, 0, 1 }, NOON, NULL, 0x00 },
	{ "of one byte, but just added", { 0, 0, 1 }, NOON, D("05"), 0x10 },
	{ "the strictest counts", { 4, 9, 200 }, NOON + 4 * DAY, NULL, 0x18 },
};

static const char *const days[] = { D("01"), D("02"), D("03"), D("04"), D("05") };

/* Writes a file of exactly 100 bytes that the store takes for a snapshot. */
static void tree_put_snapshot(const struct tree *t, const char *name)
{
	char text[101];

	(void)snprintf(text, sizeof(text), HEADER "%078d", 0);
	assert_int_equal(strlen(text), 100);
	tree_put(t, name, text);
}

static void test_prune(void **state)
{
	const struct prune_row *row = *state;
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	size_t removed = 99;

	open_store(&t, &s);
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		tree_put_snapshot(&t, days[i]);
	assert_int_equal(
		store_prune(&s, &row->policy, row->now * NS_PER_S, row->newest, &removed, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		assert_int_equal(has(&t, days[i]), row->want >> i & 1);
	assert_int_equal(removed, 5 - (size_t)__builtin_popcount(row->want));
}

static void test_prune_suffixes(attr_unused void **state)
{
	static const struct store_policy policy = { .keep = 2 };
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	size_t removed;

	open_store(&t, &s);
	tree_put_snapshot(&t, NAME ".yaml");
	tree_put_snapshot(&t, NAME "_2.yaml");
	tree_put_snapshot(&t, NAME "_10.yaml");
	assert_int_equal(store_prune(&s, &policy, 0, NULL, &removed, NULL), 0);
	assert_int_equal(removed, 1);
	assert_false(has(&t, NAME ".yaml"));
}

/* None of these is removed, or counted among the snapshots that are kept. */
static void put_foreign(const struct tree *t)
{
	tree_put_snapshot(t, "victim");
	assert_int_equal(symlinkat("victim", t->fd, "memory_snapshot_20260201_000000.yaml"), 0);
	assert_int_equal(symlinkat("nowhere", t->fd, "memory_snapshot_20250201_000000.yaml"), 0);
	tree_put_dir(t, "memory_snapshot_20260202_000000.yaml");
	tree_put_dir(t, "memory_snapshot_20250202_000000.yaml");
	assert_int_equal(mkfifoat(t->fd, "memory_snapshot_20250203_000000.yaml", 0600), 0);
	tree_put(t, "memory_snapshot_20250204_000000.yaml", "notes: of the user\n");
	tree_put(t, "memory_snapshot_20250205_000000.yaml", "");
	tree_put(t, "memory_snapshot_20250206_000000.yaml", "# memspect snapshot");
	tree_put(t, "memory_snapshot_20250207_000000.yaml", " " HEADER);
	tree_put_snapshot(t, "memory_snapshot_20250208_000000.yaml.orig");
	tree_put_snapshot(t, "copy of memory_snapshot_20250208_000000.yaml");
	tree_put_snapshot(t, "memory_snapshot_20250230_000000.yaml");
	tree_put_snapshot(t, "history.bin");
}

static void count_name(attr_unused const char *name, void *arg)
{
	(*(size_t *)arg)++;
}

static void test_prune_foreign(attr_unused void **state)
{
	static const struct store_policy policy = { .keep = 2, .keep_days = 30, .keep_bytes = 200 };
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	size_t before = 0, after = 0, removed;

	open_store(&t, &s);
	put_foreign(&t);
	for (size_t i = 0; i < 3; i++)
		tree_put_snapshot(&t, days[i]);
	assert_int_equal(dir_each(t.fd, count_name, &before), 0);
	assert_int_equal(store_prune(&s, &policy, NOON * NS_PER_S, NULL, &removed, NULL), 0);
	assert_int_equal(removed, 1);
	assert_false(has(&t, days[0]));
	assert_true(has(&t, days[1]));
	assert_int_equal(dir_each(t.fd, count_name, &after), 0);
	assert_int_equal(after, before - 1);
	assert_true(has(&t, "victim"));
}

/* Files of a later version are snapshots too. */
static void test_prune_version(attr_unused void **state)
{
	static const struct store_policy policy = { .keep = 1 };
	auto_tree t = tree_make();
	auto_store s = STORE_INIT;
	size_t removed;

	open_store(&t, &s);
	tree_put(&t, days[0], "# memspect snapshot 2\n");
	tree_put_snapshot(&t, days[1]);
	assert_int_equal(store_prune(&s, &policy, 0, NULL, &removed, NULL), 0);
	assert_int_equal(removed, 1);
	assert_false(has(&t, days[0]));
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "store_default_path", path_rows, test_path);
	rows_add_one(&tests, "store_open: makes the directory and its parents", test_make);
	ROWS_ADD(&tests, "store_open: refuses", refuse_rows, test_refuse);
	rows_add_one(&tests, "store_open: root's is not for others to write to", test_shared);
	rows_add_one(&tests, "store_add: the first free name of its second", test_collisions);
	rows_add_one(&tests, "store_add: a name that was given and removed is not given again",
		     test_no_name_twice);
	rows_add_one(&tests, "store_add: gives up after a thousand", test_too_many);
	rows_add_one(&tests, "store: a failed write changes nothing", test_failure);
	rows_add_one(&tests, "store: the directory was removed", test_removed);
	rows_add_one(&tests, "store_lock: one watch, and no leftovers", test_lock);
	ROWS_ADD(&tests, "store: in place of the lock and of a state file", plant_rows,
		 test_planted);
	rows_add_one(&tests, "store_put, store_get: a state file", test_state_file);
	ROWS_ADD(&tests, "store_prune", prune_rows, test_prune);
	rows_add_one(&tests, "store_prune: _2 is before _10", test_prune_suffixes);
	rows_add_one(&tests, "store_prune: removes only our files", test_prune_foreign);
	rows_add_one(&tests, "store_prune: of any version", test_prune_version);
	return rows_run("store", &tests);
}
