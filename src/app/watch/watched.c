/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/watched.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/workers.h"

enum { CHEAP_SAMPLES = 256 };

enum { FDS_SPARE = 64 }; /* for inspections, the store and the output */

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
	for (int i = 0; i < CEILING_COUNT; i++)
		t->reached[i] = AMOUNT_UNREAD;
	*ret = t;
	return 0;
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
	inspection_free(t->inspection);
	inspection_free(t->walked);
	free(t);
}

/* Drops all data after exec, as it belongs to the old program. */
static void restart(struct watched *t)
{
	series_release(&t->rss);
	series_init(&t->rss, CHEAP_SAMPLES);
	if (t->tracks)
		tracks_restart(t->tracks);
	inspection_free(t->inspection);
	t->inspection = NULL;
	inspection_free(t->walked);
	t->walked = NULL;
	t->walked_ns = 0;
	t->walk_why = REASON_NONE;
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
	return t->inspect_ns ? t->inspect_ns + (COST_FACTOR + 1) * t->inspect_cost_ns : 0;
}

/*
 * Returns the snapshot whose environment can be reused: it changes little, so it is read only every
 * AROUND_S seconds.
 */
static struct snapshot *surroundings_of(const struct watched *t, int64_t now_ns)
{
	struct snapshot *before = t->inspection ? &t->inspection->snapshot : NULL;

	return before && now_ns - before->around_ns < AROUND_S * NS_PER_S ? before : NULL;
}

/* Reads on a thread. If the process does not answer in time, the thread keeps what it uses. */
static int read_in_time(const struct inspect_opts *opts, struct watched *t, int64_t now_ns,
			struct inspection **ret)
{
	struct inspection *in = inspection_new(opts, t->poll.pid);
	struct workers_job work = { .run = inspection_read, .arg = in };
	int error;

	in->opts.deep = 0;
	in->dirfd = t->poll.dirfd;
	in->before = surroundings_of(t, now_ns);
	error = workers_run(&work, 1, 1, INSPECT_DEADLINE_S * NS_PER_S);
	if (work.abandoned) {
		t->stuck = true;
		t->poll.dirfd = -1;
		t->inspection = NULL;
		return -ETIMEDOUT;
	}
	error = error < 0 ? error : in->result;
	if (error == 0)
		*ret = in;
	else
		inspection_free(in);
	return error;
}

static void make_tracks(struct watched *t)
{
	if (t->tracks)
		return;
	t->tracks = xcalloc(1, sizeof(*t->tracks));
	tracks_init(t->tracks);
	tracks_resume(t->tracks, METRIC_NAME(RSS), &t->rss);
}

/*
 * If mappings cannot be read, the last inspection with mappings is kept, with the new environment.
 */
static bool prefer_earlier(struct watched *t, struct inspection *in)
{
	if (!t->inspect_why || !t->inspection || t->inspection->snapshot.regions_why)
		return false;
	snapshot_take_surroundings(&t->inspection->snapshot, &in->snapshot);
	return true;
}

int watched_inspect(const struct inspect_opts *opts, struct watched *t)
{
	int64_t start_ns = opts->clock->boot_ns(opts->clock->arg);
	struct inspection *in = NULL;
	const struct snapshot *s;
	int ret = read_in_time(opts, t, start_ns, &in);

	t->inspect_ns = start_ns;
	t->inspect_cost_ns = opts->clock->boot_ns(opts->clock->arg) - start_ns;
	if (ret < 0) {
		t->inspect_why = reason_of_errno(ret);
		return ret;
	}
	s = &in->snapshot;
	ret = s->regions_why || s->partial ? s->regions_error : 0;
	t->inspect_why = s->regions_why ? s->regions_why : s->partial;
	if (prefer_earlier(t, in)) {
		inspection_free(in);
		return ret;
	}
	make_tracks(t);
	t->changed = true;
	tracks_add_snapshot(t->tracks, t->status_ns ? t->status_ns : start_ns, s, &in->accounting);
	inspection_free(t->inspection);
	t->inspection = in;
	return ret;
}

int64_t watched_walk_due_ns(const struct watched *t)
{
	if (t->unwalkable || t->stuck)
		return INT64_MAX;
	return t->walk_ns ? t->walk_ns + (COST_FACTOR + 1) * t->walk_cost_ns : 0;
}

void watched_take_walk(struct watched *t, int64_t start_ns, struct inspection *in)
{
	bool whole = !in->snapshot.heap_stats.partial;

	if (t->walked && !whole) {
		inspection_free(in);
		return;
	}
	if (t->tracks)
		tracks_add_heap_stats(t->tracks, start_ns, &in->snapshot.heap_stats);
	inspection_free(t->walked);
	t->walked = in;
	t->walked_ns = start_ns;
}

void watched_resume(struct watched *t, const char *id, const struct series *earlier)
{
	if (!t->tracks && streq(id, METRIC_NAME(RSS)) && earlier->cap == CHEAP_SAMPLES) {
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
		visit(arg, METRIC_NAME(RSS), &t->rss);
}

const struct series *watched_series(const struct watched *t)
{
	return t->tracks ? &t->tracks->totals[TRACK_RSS] : &t->rss;
}

/*
 * Returns whether LazyFree is known, or cannot be read, since the process was first judged to grow.
 */
static bool lazyfree_is_known(const struct watched *t)
{
	return t->inspect_why || t->stuck || t->inspect_ns >= t->grows_since_ns;
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
