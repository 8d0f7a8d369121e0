/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of proc/cgroup on small hierarchies of both versions, next to a process directory.
 */
#include "proc/cgroup.h"

#include <errno.h>

#include "rows.h"
#include "tree.h"

struct file {
	const char *name; /* below sys/fs/cgroup; NULL after the last */
	const char *text; /* NULL: a directory */
};

static const struct file no_tree[] = { { NULL, NULL } };

static const struct file v1_tree[] = {
	{ "memory/memory.usage_in_bytes", "900000\n" },
	{ "memory/memory.limit_in_bytes", "9223372036854771712\n" },
	{ "memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n" },
	{ "memory/a/memory.usage_in_bytes", "800000\n" },
	{ "memory/a/memory.limit_in_bytes", "9223372036854710272\n" }, /* with 64 KiB pages */
	{ "memory/a/b c/memory.usage_in_bytes", "700000\n" },
	{ "memory/a/b c/memory.limit_in_bytes", "1048576\n" },
	{ "memory/a/b c/memory.memsw.limit_in_bytes", "2097152\n" },
	{ "memory/a/b c/memory.memsw.usage_in_bytes", "700001\n" },
	{ "memory/a/b c/memory.failcnt", "17\n" },
	{ "memory/a/b c/memory.kmem.usage_in_bytes", "4096\n" },
	{ "memory/a/b c/memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 3\n" },
	{ "memory/a/b c/memory.stat",
	  "cache 1\nrss 2\nrss_huge 3\nshmem 4\nmapped_file 5\ninactive_file 6\n"
	  "total_cache 101\ntotal_rss 102\ntotal_rss_huge 103\ntotal_shmem 104\n"
	  "total_mapped_file 105\ntotal_inactive_file 106\n" },
	{ NULL, NULL },
};

static const struct file v2_tree[] = {
	{ "cgroup.controllers", "cpu memory\n" },
	{ "memory.stat", "anon 1001\n" },
	{ "x.slice/memory.current", "800000\n" },
	{ "x.slice/memory.max", "max\n" },
	{ "x.slice/memory.high", "750000\n" },
	{ "x.slice/memory.events", "low 0\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 5\n" },
	{ "x.slice/y/memory.current", "700000\n" },
	{ "x.slice/y/memory.max", "1048576\n" },
	{ "x.slice/y/memory.swap.max", "0\n" },
	{ "x.slice/y/memory.swap.current", "12" },
	{ "x.slice/y/memory.high", NULL },
	{ "x.slice/y/memory.events", "max 6\noom_kill 7" },
	{ "x.slice/y/memory.stat",
	  "anon 1\nfile 2\nkernel 3\nkernel_stack 4\npagetables 5\nsec_pagetables 55\npercpu 6\n"
	  "sock 7\nvmalloc 8\nshmem 9\nzswap 10\nzswapped 11\nfile_mapped 12\nfile_dirty 13\n"
	  "inactive_anon 14\ninactive_file 15\nslab_reclaimable 16\nslab 17\nanon_thp 18\n" },
	{ NULL, NULL },
};

static const struct file hybrid_tree[] = {
	{ "unified/cgroup.controllers", "\n" },
	{ "unified/u/memory.current", "22\n" },
	{ "memory/m/memory.usage_in_bytes", "11\n" },
	{ NULL, NULL },
};

#define V1_LINES                                                                                   \
	"9:name=systemd:/s\n5:cpu,cpuacct:/c\n4:hugetlb,memory:/a/b "                              \
	"c\n3:memoryx:/no\n0::/x.slice/y\n"
#define V2_LINE "0::/x.slice/y\n"

/* A machine with one process directory, whose cgroup file is text, and a hierarchy. */
struct machine {
	struct tree tree;
	struct procfs fs;
	int dirfd;
	struct cgroup cg;
};

#define auto_machine __attribute__((cleanup(machine_remove))) struct machine

static struct machine machine_make(const char *text, const struct file *files, bool live)
{
	struct machine m = { .tree = tree_make(), .fs = { -1, -1, live }, .dirfd = -1 };

	tree_put(&m.tree, "proc/7/cgroup", text);
	for (; files->name; files++) {
		auto_free char *name = xasprintf("sys/fs/cgroup/%s", files->name);

		if (files->text)
			tree_put(&m.tree, name, files->text);
		else
			tree_put_dir(&m.tree, name);
	}
	m.fs.rootfd = openat(m.tree.fd, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m.fs.sysfd = openat(m.tree.fd, "sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m.dirfd = procfs_open_pid(&m.fs, 7);
	assert_true(m.dirfd >= 0);
	return m;
}

static void machine_remove(struct machine *m)
{
	cgroup_release(&m->cg);
	util_cleanup_close(&m->dirfd);
	procfs_close(&m->fs);
	tree_remove(&m->tree);
}

static void assert_amount(struct amount got, uint64_t want, enum reason want_why)
{
	assert_int_equal(got.why, want_why);
	if (!want_why)
		assert_true(got.value == want);
}

struct value_row {
	const char *name;
	const struct file *files;
	const char *text;
	bool live;
	size_t level;
	size_t at; /* offset of the amount in struct cgroup_level */
	uint64_t want;
	enum reason want_why;
};

#define AT(field) offsetof(struct cgroup_level, field)
#define STAT(i) offsetof(struct cgroup_level, stat[i])
#define V1(n, field) v1_tree, V1_LINES, true, n, AT(field)
#define V1S(i) v1_tree, V1_LINES, true, 0, STAT(i)
#define V2(n, field) v2_tree, V2_LINE, true, n, AT(field)
#define V2S(i) v2_tree, V2_LINE, true, 0, STAT(i)
#define OTHER REASON_CGROUP_VERSION
#define HIDDEN REASON_CGROUP_NOT_VISIBLE
#define NAMESPACE REASON_CGROUP_NAMESPACE
#define BAD REASON_BAD_FORMAT

static const struct value_row value_rows[] = {
	{ "v1: current", V1(0, current), 700000, REASON_NONE },
	{ "v1: max", V1(0, max), 1048576, REASON_NONE },
	{ "v1: unlimited max of a parent, pages of 64 KiB", V1(1, max), UINT64_MAX, REASON_NONE },
	{ "v1: unlimited max at the root", V1(2, max), UINT64_MAX, REASON_NONE },
	{ "v1: current at the root", V1(2, current), 900000, REASON_NONE },
	{ "v1: high", V1(0, high), 0, OTHER },
	{ "v1: swap max", V1(0, swap_max), 0, OTHER },
	{ "v1: memory and swap, max", V1(0, memsw_max), 2097152, REASON_NONE },
	{ "v1: memory and swap, current", V1(0, memsw_current), 700001, REASON_NONE },
	{ "v1: memory and swap without swap accounting", V1(1, memsw_max), 0, REASON_NOT_REPORTED },
	{ "v1: failcnt", V1(0, max_events), 17, REASON_NONE },
	{ "v1: OOM kills", V1(0, oom_kills), 3, REASON_NONE },
	{ "v1: OOM kills, file missing", V1(1, oom_kills), 0, REASON_NOT_REPORTED },
	{ "v1: OOM kills at the root", V1(2, oom_kills), 5, REASON_NONE },
	{ "v1: stat anon, children included", V1S(CS_ANON), 102, REASON_NONE },
	{ "v1: stat file", V1S(CS_FILE), 101, REASON_NONE },
	{ "v1: stat shmem", V1S(CS_SHMEM), 104, REASON_NONE },
	{ "v1: stat file_mapped", V1S(CS_FILE_MAPPED), 105, REASON_NONE },
	{ "v1: stat inactive_file", V1S(CS_INACTIVE_FILE), 106, REASON_NONE },
	{ "v1: stat kernel", V1S(CS_KERNEL), 4096, REASON_NONE },
	{ "v1: stat slab", V1S(CS_SLAB), 0, REASON_NOT_REPORTED },
	{ "v1: no stat of a parent", v1_tree, V1_LINES, true, 1, STAT(CS_ANON), 0,
	  REASON_NOT_READ },

	{ "v2: current", V2(0, current), 700000, REASON_NONE },
	{ "v2: max", V2(0, max), 1048576, REASON_NONE },
	{ "v2: unlimited max of a parent", V2(1, max), UINT64_MAX, REASON_NONE },
	{ "v2: high", V2(1, high), 750000, REASON_NONE },
	{ "v2: high is a directory", V2(0, high), 0, REASON_ERRNO + EISDIR },
	{ "v2: swap max of 0 is a limit", V2(0, swap_max), 0, REASON_NONE },
	{ "v2: swap current", V2(0, swap_current), 12, REASON_NONE },
	{ "v2: swap max, file missing", V2(1, swap_max), 0, REASON_NOT_REPORTED },
	{ "v2: memory and swap", V2(0, memsw_max), 0, OTHER },
	{ "v2: OOM kills", V2(1, oom_kills), 4, REASON_NONE },
	{ "v2: OOM kills, line cut", V2(0, oom_kills), 0, REASON_NOT_REPORTED },
	{ "v2: times at max", V2(1, max_events), 2, REASON_NONE },
	{ "v2: the root has no max", V2(2, max), 0, REASON_CGROUP_ROOT },
	{ "v2: the root has no OOM kills", V2(2, oom_kills), 0, REASON_CGROUP_ROOT },
	{ "v2: stat anon", V2S(CS_ANON), 1, REASON_NONE },
	{ "v2: stat file", V2S(CS_FILE), 2, REASON_NONE },
	{ "v2: stat kernel", V2S(CS_KERNEL), 3, REASON_NONE },
	{ "v2: stat kernel_stack", V2S(CS_KERNEL_STACK), 4, REASON_NONE },
	{ "v2: stat page_tables", V2S(CS_PAGE_TABLES), 5, REASON_NONE },
	{ "v2: stat percpu", V2S(CS_PERCPU), 6, REASON_NONE },
	{ "v2: stat sock", V2S(CS_SOCK), 7, REASON_NONE },
	{ "v2: stat vmalloc", V2S(CS_VMALLOC), 8, REASON_NONE },
	{ "v2: stat shmem", V2S(CS_SHMEM), 9, REASON_NONE },
	{ "v2: stat zswap", V2S(CS_ZSWAP), 10, REASON_NONE },
	{ "v2: stat file_mapped", V2S(CS_FILE_MAPPED), 12, REASON_NONE },
	{ "v2: stat inactive_file", V2S(CS_INACTIVE_FILE), 15, REASON_NONE },
	{ "v2: stat slab", V2S(CS_SLAB), 17, REASON_NONE },
	{ "v2: stat of the root group", v2_tree, "0::/\n", true, 0, STAT(CS_ANON), 1001,
	  REASON_NONE },
	{ "v2: no memory controller", hybrid_tree, "0::/\n", true, 0, AT(max), 0,
	  REASON_CGROUP_ROOT },
	{ "v2: no memory controller in a group",
	  (const struct file[]){ { "cgroup.controllers", "" }, { "z", NULL }, { NULL, NULL } },
	  "0::/z\n", true, 0, AT(max), 0, REASON_CGROUP_NO_CONTROLLER },
	{ "v2: a deleted group", v2_tree, "0::/x.slice/z (deleted)\n", true, 0, AT(max), 0,
	  HIDDEN },
	{ "v2: a deleted group has a parent", v2_tree, "0::/x.slice/z (deleted)\n", true, 1,
	  AT(high), 750000, REASON_NONE },

	{ "both: version 1 where it has the controller", hybrid_tree, "4:memory:/m\n0::/u\n", true,
	  0, AT(current), 11, REASON_NONE },
	{ "both: version 2 where version 1 has it not", hybrid_tree, "4:cpu:/m\n0::/u\n", true, 0,
	  AT(current), 22, REASON_NONE },

	{ "a path above the namespace", v2_tree, "0::/../x.slice\n", true, 0, AT(current), 0,
	  NAMESPACE },
	{ "a path that climbs", v2_tree, "0::/x.slice/../x.slice\n", true, 0, AT(current), 0,
	  NAMESPACE },
	{ "a path that starts again", v2_tree, "0:://x.slice\n", true, 0, AT(current), 0,
	  NAMESPACE },
	{ "two dots in a name do not lead up", v2_tree, "0::/x.slice/..y\n", true, 1, AT(high),
	  750000, REASON_NONE },
	{ "a file in place of the group", v2_tree, "0::/memory.stat\n", true, 0, AT(current), 0,
	  REASON_ERRNO + ENOTDIR },
	{ "no mount", no_tree, V2_LINE, true, 0, AT(current), 0, REASON_CGROUP_NOT_MOUNTED },
	{ "no mount in the recorded tree", no_tree, V2_LINE, false, 0, AT(current), 0,
	  REASON_NOT_RECORDED },
	{ "a group that was not recorded", v2_tree, "0::/z\n", false, 0, AT(current), 0,
	  REASON_NOT_RECORDED },
	{ "a file that was not recorded", v2_tree, V2_LINE, false, 1, AT(swap_max), 0,
	  REASON_NOT_RECORDED },
	{ "a recorded group", v2_tree, V2_LINE, false, 0, AT(current), 700000, REASON_NONE },
	{ "not a number", (const struct file[]){ { "q/memory.current", "12x\n" }, { NULL, NULL } },
	  "0::/q\n", true, 0, AT(current), 0, BAD },
	{ "an empty file", (const struct file[]){ { "q/memory.current", "" }, { NULL, NULL } },
	  "0::/q\n", true, 0, AT(current), 0, BAD },
};

static void test_value(void **state)
{
	const struct value_row *row = *state;
	auto_machine m = machine_make(row->text, row->files, row->live);
	struct amount a;
	int fd = next_fd();

	cgroup_read(&m.fs, m.dirfd, true, &m.cg);
	assert_int_equal(next_fd(), fd);
	assert_true(row->level < m.cg.n);
	memcpy(&a, (const char *)&m.cg.levels[row->level] + row->at, sizeof(a));
	assert_amount(a, row->want, row->want_why);
}

struct path_row {
	const char *name;
	const char *text;
	int want_version;
	const char *want; /* the paths, each with a newline; for version 0 the reason */
};

static const struct path_row path_rows[] = {
	{ "version 1", V1_LINES, 1, "/a/b c\n/a\n/\n" },
	{ "version 2", V2_LINE, 2, "/x.slice/y\n/x.slice\n/\n" },
	{ "the root", "0::/\n", 2, "/\n" },
	{ "above the namespace the parents are unknown", "0::/../../x\n", 2, "/../../x\n" },
	{ "a colon in the path", "0::/a:b\n", 2, "/a:b\n/\n" },
	{ "hostile bytes in the path", "0::/\033[1m\377\n", 2, "/\033[1m\377\n/\n" },
	{ "no memory controller", "4:cpu:/c\n1:name=memory:/n\n", 0, "in no memory control group" },
	{ "an empty file", "", 0, "in no memory control group" },
	{ "a cut line", "0::/x.slice", 0, "in no memory control group" },
	{ "a line without a path", "0::\n:\n\n4:memory\n4:memory:\n", 0,
	  "in no memory control group" },
	{ "a path that is not absolute", "0::x\n", 0, "in no memory control group" },
};

static void test_path(void **state)
{
	const struct path_row *row = *state;
	auto_machine m = machine_make(row->text, v2_tree, true);
	auto_sbuf got = SBUF_INIT;

	cgroup_read(&m.fs, m.dirfd, false, &m.cg);
	assert_int_equal(m.cg.version, row->want_version);
	for (size_t i = 0; i < m.cg.n; i++) {
		sbuf_adds(&got, m.cg.levels[i].path);
		sbuf_addch(&got, '\n');
	}
	assert_string_equal(m.cg.version ? sbuf_str(&got) : reason_text(m.cg.why), row->want);
	assert_true(m.cg.n == 0 || !m.cg.levels[0].has_stat);
}

static void test_own_path(void **state)
{
	const struct path_row *row = *state;
	auto_machine m = machine_make(row->text, no_tree, true);
	auto_sbuf got = SBUF_INIT;
	int r = cgroup_path_read(m.dirfd, &got);

	assert_int_equal(r, row->want_version ? 0 : -ENODATA);
	assert_memory_equal(sbuf_str(&got), row->want, got.len);
	assert_true(r < 0 || row->want[got.len] == '\n');
}

static void test_no_file(void **state attr_unused)
{
	auto_machine m = machine_make("", no_tree, false);
	auto_sbuf path = SBUF_INIT;

	assert_int_equal(unlinkat(m.dirfd, "cgroup", 0), 0);
	assert_int_equal(cgroup_path_read(m.dirfd, &path), -ENOENT);
	cgroup_read(&m.fs, m.dirfd, true, &m.cg);
	assert_int_equal(m.cg.version, 0);
	assert_int_equal(m.cg.n, 0);
	assert_int_equal(m.cg.why, REASON_NOT_RECORDED);
}

static void test_many_levels(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;

	sbuf_adds(&text, "0::");
	for (size_t i = 0; i < 20000; i++)
		sbuf_adds(&text, "/a");
	sbuf_addch(&text, '\n');
	{
		auto_machine m = machine_make(sbuf_str(&text), v2_tree, true);

		cgroup_read(&m.fs, m.dirfd, false, &m.cg);
		assert_int_equal(m.cg.n, 128);
	}
}

struct mount_row {
	const char *name;
	const char *root; /* of the mount, within the hierarchy */
	const char *text;
	size_t level;
	uint64_t want;
	enum reason want_why;
};

/* The directory that is mounted holds memory.current 500, its child "in" 400. */
static const struct mount_row mount_rows[] = {
	{ "the mounted group itself", "/docker/id", "0::/docker/id\n", 0, 500, REASON_NONE },
	{ "a group below the mounted one", "/docker/id", "0::/docker/id/in\n", 0, 400,
	  REASON_NONE },
	{ "the parent of that", "/docker/id", "0::/docker/id/in\n", 1, 500, REASON_NONE },
	{ "a group above the mounted one", "/docker/id", "0::/docker/id/in\n", 2, 0, HIDDEN },
	{ "the root is above too", "/docker/id", "0::/docker/id/in\n", 3, 0, HIDDEN },
	{ "a neighbour of the mounted group", "/docker/id", "0::/docker/other\n", 0, 0, HIDDEN },
	{ "a longer name than the mounted group's", "/docker/id", "0::/docker/id2\n", 0, 0,
	  HIDDEN },
	{ "another root with the same prefix is not the mounted one", "/docker/id",
	  "0::/docker/other\n", 2, 0, HIDDEN },
	{ "the root is mounted", "/", "0::/gone\n", 1, 500, REASON_NONE },
};

static void test_mount(void **state)
{
	static const struct file files[] = {
		{ "cgroup.controllers", "memory\n" },
		{ "memory.current", "500\n" },
		{ "in/memory.current", "400\n" },
		{ NULL, NULL },
	};
	const struct mount_row *row = *state;
	auto_machine m = machine_make(row->text, files, true);
	auto_free char *mountinfo = NULL;
	struct statx stx;

	if (statx(m.fs.sysfd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID))
		skip();
	mountinfo = xasprintf("1000001 1 0:5 / /x rw - tmpfs tmpfs rw\n"
			      "%llu 1 0:35 %s /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			      (unsigned long long)stx.stx_mnt_id, row->root);
	tree_put(&m.tree, "proc/self/mountinfo", mountinfo);
	cgroup_read(&m.fs, m.dirfd, false, &m.cg);
	assert_true(row->level < m.cg.n);
	assert_amount(m.cg.levels[row->level].current, row->want, row->want_why);
}

static void test_ids(void **state attr_unused)
{
	for (size_t i = 0; i < CS_COUNT; i++)
		assert_non_null(cgroup_stat_ids[i]);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "value", value_rows, test_value);
	ROWS_ADD(&list, "levels", path_rows, test_path);
	ROWS_ADD(&list, "own path", path_rows, test_own_path);
	ROWS_ADD(&list, "mount", mount_rows, test_mount);
	rows_add_one(&list, "no cgroup file", test_no_file);
	rows_add_one(&list, "levels are bounded", test_many_levels);
	rows_add_one(&list, "each row of memory.stat has an id", test_ids);
	return rows_run("cgroup", &list);
}
