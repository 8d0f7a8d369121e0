/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/watched.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/workers.h"

enum { CHEAP_SAMPLES = 256 };

enum { FDS_SPARE = 64 }; /* for what a sheet is read from, the store and the output */

size_t watched_fds_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return SIZE_MAX;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > FDS_SPARE ? limit.rlim_cur - FDS_SPARE : 1;
}

int watched_new(const struct procfs *fs, pid_t pid, struct watched **ret)
{
	struct watched *t = xcalloc(1, sizeof(*t));
	int error = proc_poll_open(fs, pid, &t->poll);

	if (error < 0) {
		free(t);
		return error;
	}
	series_init(&t->rss, CHEAP_SAMPLES);
	*ret = t;
	return 0;
}

void sheet_free(struct sheet *sheet)
{
	if (!sheet)
		return;
	if (sheet->has_walk)
		walk_release(&sheet->walk);
	accounting_release(&sheet->accounting);
	snapshot_release(&sheet->snapshot);
	free(sheet);
}

static void drop_tracks(struct watched *t)
{
	if (t->tracks)
		tracks_release(t->tracks);
	free(t->tracks);
	t->tracks = NULL;
}

void watched_free(struct watched *t)
{
	proc_poll_close(&t->poll);
	series_release(&t->rss);
	drop_tracks(t);
	sheet_free(t->sheet);
	sheet_free(t->walked);
	free(t);
}

/* Another program: nothing of what was measured is about it. */
static void restart(struct watched *t)
{
	series_release(&t->rss);
	series_init(&t->rss, CHEAP_SAMPLES);
	if (t->tracks)
		tracks_restart(t->tracks);
	sheet_free(t->sheet);
	t->sheet = NULL;
	sheet_free(t->walked);
	t->walked = NULL;
	t->walked_ns = 0;
	t->walk_why = NULL;
	t->unwalkable = false;
	t->has_rss_before = false;
	t->grows_since_ns = 0;
	t->growth = (struct growth){ .verdict = VERDICT_INSUFFICIENT };
}

static void add_status(struct watched *t, int64_t now_ns)
{
	struct amount rss = t->status.v[PS_VM_RSS];

	t->has_delta = t->has_rss_before && amount_ok(rss);
	if (t->has_delta)
		t->rss_delta = (int64_t)rss.value - (int64_t)t->rss_bytes;
	t->has_rss_before = t->changed = amount_ok(rss);
	t->rss_bytes = rss.value;
	if (t->tracks)
		tracks_add_status(t->tracks, now_ns, &t->status);
	else if (amount_ok(rss))
		series_push(&t->rss, (struct sample){ now_ns, rss.value });
}

int watched_poll(struct watched *t, int64_t now_ns, struct sbuf *text)
{
	int ret = proc_poll_read(&t->poll, text, &t->status);

	if (ret < 0)
		return ret;
	if (ret == 1)
		restart(t);
	t->status_ns = now_ns;
	add_status(t, now_ns);
	return ret;
}

int64_t watched_due_ns(const struct watched *t)
{
	if (t->stuck)
		return INT64_MAX;
	return t->sheet_ns ? t->sheet_ns + (DEAR_FACTOR + 1) * t->sheet_cost_ns : 0;
}

/* A capture on a thread of its own, which may be given up on. */
struct capture_job {
	const struct procfs *fs;
	int dirfd;
	pid_t pid;
	struct capture_opts opts;
	struct snapshot snapshot;
	struct err err;
	int result;
};

static void run_capture(void *arg)
{
	struct capture_job *job = arg;

	job->result = snapshot_capture_at(job->fs, job->dirfd, job->pid, &job->opts, &job->snapshot,
					  &job->err);
}

/* What lies around the memory changes little: it is taken over from the last sheet for a while. */
static struct snapshot *surroundings_of(const struct watched *t, int64_t now_ns)
{
	struct snapshot *before = t->sheet ? &t->sheet->snapshot : NULL;

	return before && now_ns - before->around_ns < AROUND_S * NS_PER_S ? before : NULL;
}

static int capture(const struct context *ctx, struct watched *t, int64_t now_ns,
		   struct snapshot *ret)
{
	struct capture_job *job = xcalloc(1, sizeof(*job));
	struct workers_job work = { .run = run_capture, .arg = job };
	int error;

	*job = (struct capture_job){
		.fs = ctx->fs,
		.dirfd = t->poll.dirfd,
		.pid = t->poll.pid,
		.opts = { .rules = &ctx->config->rules,
			  .clock = ctx->clock,
			  .with_cmdline = !ctx->options->no_cmdline,
			  .before = surroundings_of(t, now_ns) },
	};
	error = workers_run(&work, 1, 1, DEAR_DEADLINE_S * NS_PER_S);
	if (error < 0)
		return error;
	if (work.abandoned) { /* its thread keeps the job, and what it reads from */
		t->stuck = true;
		t->poll.dirfd = -1;
		t->sheet = NULL;
		return -ETIMEDOUT;
	}
	error = job->result;
	if (error == 0)
		*ret = job->snapshot;
	free(job);
	return error;
}

static void make_tracks(struct watched *t)
{
	if (t->tracks)
		return;
	t->tracks = xcalloc(1, sizeof(*t->tracks));
	tracks_init(t->tracks);
	tracks_resume(t->tracks, "rss", &t->rss);
}

int watched_read_sheet(const struct context *ctx, struct watched *t)
{
	int64_t start_ns = ctx->clock->boot_ns(ctx->clock->arg);
	struct sheet *sheet = xcalloc(1, sizeof(*sheet));
	int ret = capture(ctx, t, start_ns, &sheet->snapshot);

	t->sheet_ns = start_ns;
	t->sheet_cost_ns = ctx->clock->boot_ns(ctx->clock->arg) - start_ns;
	if (ret == 0 && (sheet->snapshot.regions_why || sheet->snapshot.partial)) {
		ret = sheet->snapshot.regions_error;
		t->sheet_why = sheet->snapshot.regions_why ? sheet->snapshot.regions_why
							   : sheet->snapshot.partial;
		/* What the status says can be shown with it, until there is a whole one. */
		if (t->sheet && !t->sheet->snapshot.regions_why) {
			snapshot_take_surroundings(&t->sheet->snapshot, &sheet->snapshot);
			snapshot_release(&sheet->snapshot);
			free(sheet);
			return ret;
		}
	} else if (ret < 0) {
		t->sheet_why = amount_why(ret);
		free(sheet);
		return ret;
	} else {
		t->sheet_why = NULL;
	}
	accounting_init(&sheet->accounting, &sheet->snapshot);
	make_tracks(t);
	t->changed = true;
	tracks_add_sheet(t->tracks, t->status_ns ? t->status_ns : start_ns, &sheet->snapshot,
			 &sheet->accounting);
	sheet_free(t->sheet);
	t->sheet = sheet;
	return ret;
}

int64_t watched_walk_due_ns(const struct watched *t)
{
	if (t->unwalkable || t->stuck)
		return INT64_MAX;
	return t->walk_ns ? t->walk_ns + (DEAR_FACTOR + 1) * t->walk_cost_ns : 0;
}

void watched_take_walk(struct watched *t, int64_t start_ns, struct sheet *sheet)
{
	bool whole = !sheet->snapshot.heap_stats.partial;

	if (t->walked && !whole) {
		sheet_free(sheet);
		return;
	}
	if (t->tracks)
		tracks_add_heap_stats(t->tracks, start_ns, &sheet->snapshot.heap_stats);
	sheet_free(t->walked);
	t->walked = sheet;
	t->walked_ns = start_ns;
}

void watched_resume(struct watched *t, const char *id, const struct series *earlier)
{
	if (!t->tracks && streq(id, "rss") && earlier->cap == CHEAP_SAMPLES) {
		series_resume(&t->rss, earlier);
		return;
	}
	make_tracks(t);
	tracks_resume(t->tracks, id, earlier);
}

void watched_each_series(struct watched *t, tracks_visit_fn *visit, void *arg)
{
	if (t->tracks)
		tracks_each(t->tracks, visit, arg);
	else if (t->rss.n)
		visit(arg, "rss", &t->rss);
}

const struct series *watched_series(const struct watched *t)
{
	return t->tracks ? &t->tracks->totals[TRACK_RSS] : &t->rss;
}

/* What can be read of it has been, since it was first seen to grow. */
static bool lazyfree_is_known(const struct watched *t)
{
	return t->sheet_why || t->stuck || t->sheet_ns >= t->grows_since_ns;
}

void watched_judge(struct watched *t, int64_t now_ns)
{
	const struct series *s = watched_series(t);

	if (!t->changed)
		return;
	t->changed = false;
	growth_judge(s->samples, s->n, &t->growth);
	if (!verdict_descs[t->growth.verdict].grows)
		t->grows_since_ns = 0;
	else if (t->grows_since_ns == 0)
		t->grows_since_ns = now_ns;
	t->unconfirmed = t->grows_since_ns && !lazyfree_is_known(t);
	if (t->unconfirmed)
		t->growth = (struct growth){ .verdict = VERDICT_INSUFFICIENT,
					     .samples = t->growth.samples,
					     .span_seconds = t->growth.span_seconds };
}
