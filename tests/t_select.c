/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of app/select on a recorded tree: filters, descent, order, and processes that cannot be
 * read.
 */
#include "app/select.h"

#include <errno.h>

#include "base/sbuf.h"
#include "rows.h"
#include "tree.h"

/* PID, parent, name, effective user, arguments, control group. */
struct process {
	pid_t pid, ppid;
	const char *comm;
	unsigned int uid;
	const char *cmdline;
	size_t cmdline_len;
	const char *cgroup;
};

#define ARGS(s) s, sizeof(s)

static const struct process processes[] = {
	{ 1, 0, "init", 0, ARGS("/sbin/init\0splash"), "0::/init.scope\n" },
	{ 2, 0, "kthreadd", 0, "", 0, "0::/\n" },
	{ 10, 1, "gunicorn", 4001, ARGS("gunicorn\0app:main"), "0::/system.slice/web.service\n" },
	{ 11, 10, "gunicorn", 4001, ARGS("gunicorn\0worker"),
	  "0::/system.slice/web.service/workers\n" },
	{ 12, 11, "convert", 4002, ARGS("convert\0a.png"), "0::/system.slice/web.service2\n" },
	{ 20, 1, "a) S 10 (b", 4002, ARGS("sh\0-c\0two words"),
	  "12:memory:/lxc/a\n1:name=systemd:/x\n0::/y\n" },
	{ 30, 31, "loop", 4003, ARGS("loop"), "1:name=systemd:/x\n" },
	{ 31, 30, "loop", 4003, ARGS("loop"), "" },
};

/* In the tree, but without files, so it cannot be read. */
enum { UNREADABLE = 40 };

static void put_file(const struct tree *t, pid_t pid, const char *name, const char *bytes, size_t n)
{
	auto_free char *path = xasprintf("proc/%d/%s", pid, name);

	tree_put_bytes(t, path, bytes, n);
}

static void put_process(const struct tree *t, const struct process *p)
{
	auto_sbuf stat = SBUF_INIT, status = SBUF_INIT;

	sbuf_addf(&stat, "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 55 0 0\n", p->pid,
		  p->comm, p->ppid);
	sbuf_addf(&status, "Name:\t%s\nState:\tS (sleeping)\nUid:\t7\t%u\t7\t7\n", p->comm, p->uid);
	put_file(t, p->pid, "stat", stat.data, stat.len);
	put_file(t, p->pid, "status", status.data, status.len);
	put_file(t, p->pid, "cmdline", p->cmdline, p->cmdline_len);
	put_file(t, p->pid, "cgroup", p->cgroup, strlen(p->cgroup));
}

static struct tree processes_make(void)
{
	struct tree t = tree_make();

	for (size_t i = 0; i < ARRAY_SIZE(processes); i++)
		put_process(&t, &processes[i]);
	tree_put_dir(&t, "proc/40");
	return t;
}

enum { PIDS_MAX = 12 };

struct select_row {
	const char *name;
	pid_t operands[PIDS_MAX];
	struct options options;
	pid_t want[PIDS_MAX]; /* up to the first 0 */
	size_t want_named;
	int want_ret;
	const char *want_text;
};

static size_t count_pids(const pid_t pids[PIDS_MAX])
{
	size_t n = 0;

	while (n < PIDS_MAX && pids[n])
		n++;
	return n;
}

static const struct select_row select_rows[] = {
	{ "nothing given selects all, unreadable ones too",
	  .want = { 1, 2, 10, 11, 12, 20, 30, 31, UNREADABLE } },
	{ "operands keep their order", { 12, 1 }, .want = { 12, 1 }, .want_named = 2 },
	{ "an operand that is not there stays", { 99, 1 }, .want = { 99, 1 }, .want_named = 2 },
	{ "a name matches in part", .options = { .name = "uni" }, .want = { 10, 11 } },
	{ "a name is an extended expression", .options = { .name = "^(init|conv.*)$" },
	  .want = { 1, 12 } },
	{ "a name may hold parentheses", .options = { .name = "^a\\)" }, .want = { 20 } },
	{ "a name does not match arguments", .options = { .name = "worker" }, .want_ret = -ESRCH,
	  .want_text = "name 'worker': no process matches" },
	{ "arguments are joined by blanks",
	  .options = { .name = "^sh -c two words$", .full = true }, .want = { 20 } },
	{ "no arguments are an empty command line", .options = { .name = "^$", .full = true },
	  .want = { 2 } },
	{ "the effective user by number", .options = { .user = "4002" }, .want = { 12, 20 } },
	{ "a user that no process has", .options = { .user = "7" }, .want_ret = -ESRCH,
	  .want_text = "user '7': no process matches" },
	{ "filters combine with AND", .options = { .user = "4001", .name = "worker", .full = true },
	  .want = { 11 } },
	{ "a group has those below it, and none that only begins like it",
	  .options = { .cgroup = "/system.slice/web.service" }, .want = { 10, 11 } },
	{ "slashes behind a group do not count",
	  .options = { .cgroup = "/system.slice/web.service//" }, .want = { 10, 11 } },
	{ "the group of a process", .options = { .cgroup = "11" }, .want = { 11 } },
	{ "the top group has all that are in one", .options = { .cgroup = "/" },
	  .want = { 1, 2, 10, 11, 12, 20 } },
	{ "the memory controller decides which hierarchy counts", .options = { .cgroup = "/lxc" },
	  .want = { 20 } },
	{ "the group of a process that is not there", .options = { .cgroup = "99" },
	  .want_ret = -ESRCH, .want_text = "control group of process 99: no such process" },
	{ "the group of a process without one", .options = { .cgroup = "30" }, .want_ret = -ESRCH,
	  .want_text = "control group of process 30: no memory controller" },
	{ "a group is a path from the top", .options = { .cgroup = "web.service" },
	  .want_ret = -EINVAL,
	  .want_text = "control group 'web.service': neither a PID nor a path from the top" },
	{ "descendants follow the operands in ascending order",
	  { 11, 1 },
	  .options = { .tree = true },
	  .want = { 11, 1, 10, 12, 20 },
	  .want_named = 2 },
	{ "descendants need not match", .options = { .tree = true, .name = "gunicorn" },
	  .want = { 10, 11, 12 } },
	{ "a descendant that is an operand stays named",
	  { 12, 10 },
	  .options = { .tree = true },
	  .want = { 12, 10, 11 },
	  .want_named = 2 },
	{ "parents in a circle come to an end",
	  { 30 },
	  .options = { .tree = true },
	  .want = { 30, 31 },
	  .want_named = 1 },
	{ "a circle that nobody selected stays out",
	  { 20 },
	  .options = { .tree = true },
	  .want = { 20 },
	  .want_named = 1 },
	{ "descendants of an operand that is not there",
	  { 99 },
	  .options = { .tree = true },
	  .want = { 99 },
	  .want_named = 1 },
	{ "a filter holds for operands",
	  { 20, 10, 1 },
	  .options = { .name = "gunicorn" },
	  .want = { 10 },
	  .want_named = 1 },
	{ "an operand that cannot be read passes a filter",
	  { UNREADABLE, 1, 99 },
	  .options = { .name = "gunicorn" },
	  .want = { UNREADABLE, 99 },
	  .want_named = 2 },
	{ "no operand passes",
	  { 1 },
	  .options = { .user = "4002", .name = "x" },
	  .want_ret = -ESRCH,
	  .want_text = "name 'x', user '4002': no process matches" },
	{ "not an expression", .options = { .name = "a(" }, .want_ret = -EINVAL,
	  .want_text = "name 'a(': Unmatched ( or \\(" },
	{ "not a user", .options = { .user = "no such user" }, .want_ret = -EINVAL,
	  .want_text = "user 'no such user': no such user" },
	{ "a number beyond users", .options = { .user = "4294967296" }, .want_ret = -EINVAL,
	  .want_text = "user '4294967296': no such user" },
};

static void test_select(void **state)
{
	const struct select_row *row = *state;
	auto_tree t = processes_make();
	auto_free char *root = xasprintf("%s/proc", t.path);
	auto_free pid_t *pids = NULL;
	struct options o = row->options;
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	size_t n = 0, n_named = 0;

	o.pids = (pid_t *)(uintptr_t)row->operands;
	o.n_pids = count_pids(row->operands);
	assert_int_equal(procfs_open(root, &fs, &err), 0);
	assert_int_equal(select_pids(&fs, &o, &pids, &n, &n_named, &err), row->want_ret);
	procfs_close(&fs);
	if (row->want_ret < 0) {
		assert_string_equal(err.text, row->want_text);
		assert_null(pids);
		return;
	}
	assert_int_equal(n, count_pids(row->want));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pids[i], row->want[i]);
	assert_int_equal(n_named, row->want_named);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "select_pids", select_rows, test_select);
	return rows_run("select", &list);
}
