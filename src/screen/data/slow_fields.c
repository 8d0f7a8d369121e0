/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/slow_fields.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "proc/rollup.h"

enum {
	COMMAND_MAX = 4096, /* longer command lines are cut */
	PASSWD_MAX = 4096,
};

/* Opens the process that was meant, and not a later one with the same number. */
static int open_process(const struct procfs *fs, const struct slow_fields_item *item)
{
	struct proc_stat stat;
	auto_close int dirfd = procfs_open_pid(fs, item->pid);
	int ret = dirfd < 0 ? dirfd : proc_stat_read(dirfd, &stat);

	if (ret < 0)
		return ret;
	if (stat.start_ticks != item->start_ticks)
		return -ESRCH;
	return stat.state == 'Z' && stat.threads > 1 ? proc_live_task_open(dirfd)
						     : steal_fd(&dirfd);
}

/* Sets the metrics that status states. */
static void set_status(struct slow_fields *p, const struct proc_status *status)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (metric_descs[i].status)
			p->v[i] = metric_of_status((enum metric)i, status);
	}
}

/* Sets the metrics that only counters state. */
static void set_rollup(struct slow_fields *p, const struct mem_counts *counts)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (!metric_descs[i].status)
			p->v[i] = metric_of_counts((enum metric)i, counts);
	}
	p->why = REASON_NONE;
}

static void set_no_rollup(struct slow_fields *p, enum reason why)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (!metric_descs[i].status)
			p->v[i] = amount_absent(why);
	}
	p->why = why;
}

static void read_rollup(const struct procfs *fs, int dirfd, struct slow_fields *p)
{
	auto_sbuf text = SBUF_INIT;
	struct mem_counts counts;
	int ret = rollup_read(dirfd, &text, &counts);

	if (ret == 0)
		set_rollup(p, &counts);
	else if (ret == -ESRCH)
		set_no_rollup(p, REASON_NO_MM);
	else
		set_no_rollup(p, ret == -ENOENT && !fs->live ? REASON_NOT_RECORDED
							     : reason_of_errno(ret));
}

/*
 * Returns the arguments as one text, without blanks and NULs at the end, which programs that
 * overwrite their arguments may leave.
 */
static char *read_command(int dirfd)
{
	auto_sbuf args = SBUF_INIT;
	size_t n;

	if (proc_cmdline_read(dirfd, COMMAND_MAX, &args) < 0)
		return NULL;
	n = args.len;
	while (n > 0 && (args.data[n - 1] == ' ' || !args.data[n - 1]))
		n--;
	if (n == 0)
		return NULL;
	args.data[n] = '\0';
	text_join_arguments(args.data, n);
	/* A copy of the exact size, as there are thousands of them. */
	return xstrndup(args.data, n);
}

static char *read_user(const struct procfs *fs, uint64_t uid)
{
	char buf[PASSWD_MAX];
	struct passwd pw, *found = NULL;

	if (fs->live)
		(void)getpwuid_r((uid_t)uid, &pw, buf, sizeof(buf), &found);
	return found ? xstrdup(pw.pw_name) : xasprintf("%" PRIu64, uid);
}

static void read_item(const struct slow_fields_batch *b, struct slow_fields_item *item)
{
	struct slow_fields *p = &item->result;
	struct proc_status status;
	int64_t start_ns = b->clock->boot_ns(b->clock->arg);
	auto_close int dirfd = open_process(&b->fs, item);

	if (dirfd < 0)
		return;
	if (item->with_user)
		p->user = read_user(&b->fs, item->uid);
	if (!b->no_cmdline)
		p->command = read_command(dirfd);
	if (proc_status_read(dirfd, &status) < 0)
		return;
	set_status(p, &status);
	set_no_rollup(p, REASON_NOT_READ);
	p->why = REASON_NONE;
	if (item->with_rollup)
		read_rollup(&b->fs, dirfd, p);
	p->read_ns = b->clock->boot_ns(b->clock->arg);
	p->took_ns = p->read_ns - start_ns;
	item->was_read = true;
}

void slow_fields_run(void *batch)
{
	struct slow_fields_batch *b = batch;
	int64_t start_ns = job_cpu_ns();

	for (size_t i = 0; i < b->n; i++) {
		atomic_store(&b->at, i);
		if (job_cpu_ns() - start_ns > b->budget_ns)
			break;
		read_item(b, &b->items[i]);
	}
	b->took_ns = job_cpu_ns() - start_ns;
}

void slow_fields_batch_free(void *batch)
{
	struct slow_fields_batch *b = batch;

	for (size_t i = 0; i < b->n; i++)
		slow_fields_release(&b->items[i].result);
	free(b->items);
	free(b);
}
