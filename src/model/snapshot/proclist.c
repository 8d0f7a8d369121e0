/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/proclist.h"

#include <errno.h>
#include <pwd.h>

#include "base/alloc.h"
#include "base/index.h"
#include "base/workers.h"
#include "proc/rollup.h"
#include "proc/sysmem.h"

/* What one thread reads. If a process never answers, its thread owns this for good. */
struct task {
	const struct procfs *fs;
	const struct proclist_opts *opts;
	struct proclist_row row;
	char *cmdline;
	bool gone; /* the process exited before anything was read, and is not shown */
};

static void read_rollup(struct proclist_row *row, int dirfd, bool live, struct sbuf *text)
{
	int ret = rollup_read(dirfd, text, &row->rollup);

	if (ret == -ESRCH)
		row->rollup_why = REASON_NO_MM;
	else if (ret < 0)
		row->rollup_why = ret == -ENOENT && !live ? REASON_NOT_RECORDED
							  : reason_of_errno(ret);
}

/*
 * Reads the uid and the number of threads the fast way. That is all that a list needs, besides the
 * rollup.
 */
static bool read_owner(struct task *t, int dirfd)
{
	struct proc_status *status = &t->row.status;
	uint64_t uid, threads;

	if (!t->fs->live || proc_owner_read(dirfd, t->row.pid, &uid, &threads) < 0)
		return false;
	for (int i = 0; i < PS_COUNT; i++)
		status->v[i] = AMOUNT_UNREAD;
	status->v[PS_UID] = amount_of(uid);
	status->v[PS_THREADS] = amount_of(threads);
	return true;
}

static void read_cmdline(struct task *t, int dirfd, struct sbuf *text)
{
	struct proclist_row *row = &t->row;
	int ret = proc_cmdline_read(dirfd, PROCLIST_CMDLINE_MAX, text);

	row->cmdline_why = ret < 0 && ret != -EFBIG ? reason_of_errno(ret) : REASON_NONE;
	row->cmdline_len = text->len;
	free(t->cmdline); /* set before if the leader has exited */
	t->cmdline = !row->cmdline_why && text->len ? xmemdup(text->data, text->len) : NULL;
}

/* Returns whether the first thread has exited before the others. */
static bool has_dead_leader(const struct proc_status *status)
{
	struct amount threads = status->v[PS_THREADS];

	return status->state == 'Z' && amount_ok(threads) && threads.value > 1;
}

/* Reads the memory and arguments from the files of a live thread. */
static void read_live_task(struct task *t, int dirfd, struct sbuf *text)
{
	struct proclist_row *row = &t->row;
	auto_close int taskfd = proc_live_task_open(dirfd);

	if (taskfd < 0 || proc_status_read(taskfd, &row->status) < 0)
		return;
	row->rollup_why = REASON_NONE;
	read_rollup(row, taskfd, t->fs->live, text);
	if (t->opts->with_cmdline)
		read_cmdline(t, taskfd, text);
}

/* Makes all values of a process absent, for one reason. */
static void row_set_absent(struct proclist_row *row, enum reason why)
{
	for (int i = 0; i < PS_COUNT; i++)
		row->status.v[i] = amount_absent(why);
	row->rollup_why = row->cmdline_why = why;
}

/* Reads status. A recorded tree may lack any file; a live process has all files while it exists. */
static void read_status(struct task *t, int dirfd)
{
	struct proclist_row *row = &t->row;
	int ret = proc_status_read(dirfd, &row->status);
	bool missing = ret == -ENOENT;

	t->gone = ret == -ESRCH || (missing && t->fs->live);
	for (int i = 0; ret < 0 && i < PS_COUNT; i++)
		row->status.v[i] = amount_absent(missing ? REASON_NOT_RECORDED
							 : reason_of_errno(ret));
}

static void read_process(void *arg)
{
	struct task *t = arg;
	struct proclist_row *row = &t->row;
	auto_sbuf text = SBUF_INIT;
	auto_close int dirfd = procfs_open_pid(t->fs, row->pid);
	bool enough;

	row_set_absent(row, dirfd < 0 ? reason_of_errno(dirfd) : REASON_NOT_READ);
	t->gone = dirfd == -ENOENT || dirfd == -ESRCH;
	if (dirfd < 0)
		return;
	row->rollup_why = REASON_NONE;
	/*
	 * The owner is read first: if the rollup can be read afterwards, the owner is that of this
	 * process.
	 */
	enough = !t->opts->full && read_owner(t, dirfd);
	read_rollup(row, dirfd, t->fs->live, &text);
	if (t->opts->with_cmdline)
		read_cmdline(t, dirfd, &text);
	/* Without arguments the list shows the name, which is in status. */
	if (enough && !row->rollup_why && row->cmdline_len)
		return;
	read_status(t, dirfd);
	if (!t->gone && has_dead_leader(&row->status))
		read_live_task(t, dirfd, &text);
	if (!t->gone && row->status.v[PS_VM_SIZE].why == REASON_NO_MM)
		row->rollup_why = REASON_NO_MM;
	if (t->opts->full && proc_stat_read(dirfd, &row->stat) < 0)
		row->stat.pid = 0;
}

/*
 * Returns whether this is a kernel thread. Older kernels do not say so: then it is one if it has no
 * memory and no arguments, and is not dead.
 */
static bool is_kthread(const struct proclist_row *row)
{
	struct amount flag = row->status.v[PS_KTHREAD];

	if (amount_ok(flag))
		return flag.value != 0;
	return row->rollup_why == REASON_NO_MM && !row->cmdline_why && !row->cmdline_len &&
	       row->status.state != 'Z' && row->status.state != 'X';
}

/* Names of users; each is looked up once. */
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

	if (t->gone) {
		list->n_gone++;
		return;
	}
	if (!row->cmdline_why)
		row->cmdline = arena_strndup(&list->arena, t->cmdline ? t->cmdline : "",
					     row->cmdline_len);
	if (t->fs->live && amount_ok(uid))
		row->user = user_name(users, &list->arena, uid.value);
	row->age_seconds = -1;
	if (row->stat.pid && amount_ok(sys->uptime_ms))
		row->age_seconds = (double)sys->uptime_ms.value / 1000 -
				   (double)row->stat.start_ticks / (double)sysconf(_SC_CLK_TCK);
	if (row->rollup_why == REASON_DENIED)
		list->n_denied++;
	row->kthread = is_kthread(row);
	list->n_kthreads += row->kthread;
	list->rows[list->n++] = *row;
}

static struct proclist_row stuck_row(pid_t pid)
{
	struct proclist_row row = { .pid = pid, .stuck = true, .age_seconds = -1 };

	row_set_absent(&row, REASON_NO_ANSWER_IN_TIME);
	return row;
}

int proclist_read(const struct procfs *fs, const pid_t *pids, size_t n,
		  const struct proclist_opts *opts, struct proclist *ret, struct err *err)
{
	struct proclist list = { .rows = xcalloc(n + 1, sizeof(*list.rows)),
				 .full = opts->full,
				 .named = opts->named };
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
			continue; /* the thread owns the task */
		}
		if (status == 0)
			finish_row(&list, tasks[i], &users, &sys);
		free(tasks[i]->cmdline);
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

struct amount proclist_metric(const struct proclist_row *p, enum metric metric)
{
	const struct metric_desc *d = &metric_descs[metric];
	struct amount counted;

	if (d->status_first || !d->counters)
		return metric_of_status(metric, &p->status);
	counted = p->rollup_why ? amount_absent(p->rollup_why)
				: metric_of_counts(metric, &p->rollup);
	/* Every user may read status, but it has fewer numbers. */
	if (amount_ok(counted) || p->rollup_why == REASON_NO_MM || d->status == PS_TGID)
		return counted;
	return metric_of_status(metric, &p->status);
}
