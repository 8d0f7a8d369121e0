/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/proclist.h"

#include <errno.h>
#include <pwd.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/io.h"
#include "base/workers.h"
#include "proc/smaps.h"
#include "proc/sysmem.h"

static const char why_stuck[] = "no answer in time";

/* What one thread reads; its thread owns it for good if it never answers. */
struct task {
	const struct procfs *fs;
	const struct proclist_opts *opts;
	struct proclist_row row;
	struct sbuf cmdline;
};

static void read_rollup(struct proclist_row *row, int dirfd, bool live)
{
	struct smaps_reader reader;
	struct smaps_record rec;
	auto_close int fd = io_open_at(dirfd, "smaps_rollup");
	int ret = fd;

	if (fd >= 0) {
		smaps_reader_init(&reader, fd);
		ret = smaps_next(&reader, &rec);
		smaps_reader_release(&reader);
	}
	if (ret > 0)
		row->rollup = rec.counts;
	else if (ret == 0 || ret == -ESRCH)
		row->rollup_why = why_no_mm;
	else
		row->rollup_why = ret == -ENOENT && !live ? why_not_recorded : amount_why(ret);
}

static void read_process(void *arg)
{
	struct task *t = arg;
	struct proclist_row *row = &t->row;
	auto_close int dirfd = procfs_open_pid(t->fs, row->pid);
	int ret;

	row->rollup_why = row->cmdline_why = why_not_read;
	if (dirfd < 0 || proc_status_read(dirfd, &row->status) < 0) {
		row->gone = true;
		return;
	}
	if (t->opts->with_stat && proc_stat_read(dirfd, &row->stat) < 0)
		row->stat.pid = 0;
	row->rollup_why = NULL;
	if (amount_ok(row->status.v[PS_VM_SIZE]))
		read_rollup(row, dirfd, t->fs->live);
	else
		row->rollup_why = why_no_mm;
	if (!t->opts->with_cmdline)
		return;
	ret = proc_cmdline_read(dirfd, PROCLIST_CMDLINE_MAX, &t->cmdline);
	row->cmdline_why = ret < 0 && ret != -EFBIG ? amount_why(ret) : NULL;
}

/* Names of users, each asked for once. */
struct users {
	struct index index;
	struct {
		uint64_t uid;
		const char *name;
	} * known;
	size_t n, cap;
};

static bool same_uid(const void *arg, uint32_t i, const void *key)
{
	return ((const struct users *)arg)->known[i].uid == *(const uint64_t *)key;
}

static const char *user_name(struct users *u, struct arena *arena, uint64_t uid)
{
	uint64_t hash = index_hash_u64(uid, 0);
	uint32_t i = index_find(&u->index, hash, same_uid, u, &uid);
	char buf[4096];
	struct passwd pw, *found = NULL;

	if (i != INDEX_NONE)
		return u->known[i].name;
	(void)getpwuid_r((uid_t)uid, &pw, buf, sizeof(buf), &found);
	u->known = xgrow(u->known, u->n, &u->cap, sizeof(*u->known));
	u->known[u->n].uid = uid;
	u->known[u->n].name = found ? arena_strdup(arena, pw.pw_name) : NULL;
	index_add(&u->index, hash, (uint32_t)u->n);
	return u->known[u->n++].name;
}

static void finish_row(struct proclist *list, struct task *t, struct users *users,
		       const struct sysmem *sys)
{
	struct proclist_row *row = &t->row;
	struct amount uid = row->status.v[PS_UID];

	if (row->gone) {
		list->n_gone++;
		return;
	}
	if (!row->cmdline_why) {
		row->cmdline = arena_strndup(&list->arena, sbuf_str(&t->cmdline), t->cmdline.len);
		row->cmdline_len = t->cmdline.len;
	}
	if (t->fs->live && amount_ok(uid))
		row->user = user_name(users, &list->arena, uid.value);
	row->age_seconds = -1;
	if (row->stat.pid && amount_ok(sys->uptime_ms))
		row->age_seconds = (double)sys->uptime_ms.value / 1000 -
				   (double)row->stat.start_ticks / (double)sysconf(_SC_CLK_TCK);
	if (row->rollup_why == amount_why(EACCES) || row->rollup_why == amount_why(EPERM))
		list->n_denied++;
	list->rows[list->n++] = *row;
}

static struct proclist_row stuck_row(pid_t pid)
{
	struct proclist_row row = { .pid = pid, .stuck = true, .age_seconds = -1 };

	for (int i = 0; i < PS_COUNT; i++)
		row.status.v[i] = amount_absent(why_stuck);
	row.rollup_why = row.cmdline_why = why_stuck;
	return row;
}

int proclist_read(const struct procfs *fs, const pid_t *pids, size_t n,
		  const struct proclist_opts *opts, struct proclist *ret, struct err *err)
{
	struct proclist list = { .rows = xcalloc(n + 1, sizeof(*list.rows)) };
	auto_free struct workers_job *jobs = xcalloc(n + 1, sizeof(*jobs));
	auto_free struct task **tasks = xcalloc(n + 1, sizeof(struct task *));
	struct users users = { 0 };
	struct sysmem sys;
	int status;

	for (size_t i = 0; i < n; i++) {
		tasks[i] = xcalloc(1, sizeof(**tasks));
		*tasks[i] = (struct task){ .fs = fs, .opts = opts, .row.pid = pids[i] };
		jobs[i] = (struct workers_job){ .run = read_process, .arg = tasks[i] };
	}
	sysmem_read(fs, &sys);
	memcpy(list.boot_id, sys.boot_id, sizeof(list.boot_id));
	status = workers_run(jobs, n, opts->threads, opts->deadline_ns);
	for (size_t i = 0; i < n; i++) {
		if (status == 0 && jobs[i].abandoned) {
			list.rows[list.n++] = stuck_row(pids[i]);
			list.n_stuck++;
			continue; /* its task is its thread's */
		}
		if (status == 0)
			finish_row(&list, tasks[i], &users, &sys);
		sbuf_release(&tasks[i]->cmdline);
		free(tasks[i]);
	}
	free(users.known);
	index_release(&users.index);
	if (status < 0) {
		proclist_release(&list);
		return err_set_errno(err, -status, "threads");
	}
	*ret = list;
	return 0;
}

void proclist_release(struct proclist *list)
{
	free(list->rows);
	arena_release(&list->arena);
	*list = (struct proclist){ 0 };
}
