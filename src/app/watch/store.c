/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/store.h"

#include <errno.h>
#include <inttypes.h>

#include "base/alloc.h"
#include "present/render/snapshot_text.h"

#define HISTORY_NAME "history.bin"

enum { WALK_WAIT_S = 60 };

static char *directory(const struct watch *w)
{
	const struct options *o = w->ctx->options;
	const struct config *c = w->ctx->config;

	if (o->snapshot_dir)
		return xstrdup(o->snapshot_dir);
	if (c->snapshot_dir)
		return xstrdup(c->snapshot_dir);
	return store_default_path(geteuid() == 0, getenv("STATE_DIRECTORY"),
				  getenv("XDG_STATE_HOME"), getenv("HOME"));
}

/* Loads the history. One of another boot, or one that is not valid, is ignored. */
static void load_history(const struct watch *w, struct watch_store *s)
{
	struct err err = ERR_INIT;
	auto_sbuf bytes = SBUF_INIT;
	int ret = store_get(&s->store, HISTORY_NAME, HISTORY_MAX_BYTES, &bytes, &err);

	if (ret == 0)
		ret = history_decode(bytes.data, bytes.len, &s->earlier, &err);
	if (ret < 0 && ret != -ENOENT) {
		struct err why = ERR_INIT;

		(void)err_set(&why, -ret, "%s: %s: the series start again", HISTORY_NAME, err.text);
		complain(&why);
	}
	if (ret == 0 && !streq(s->earlier.boot_id, w->boot_id)) {
		history_release(&s->earlier);
		s->earlier = (struct history)HISTORY_INIT;
	}
}

int watch_store_open(const struct watch *w, struct watch_store **ret, struct err *err)
{
	const struct config *c = w->ctx->config;
	struct watch_store *s;
	auto_free char *path = NULL;
	int error;

	*ret = NULL;
	if (!w->ctx->options->snapshot)
		return 0;
	path = directory(w);
	if (!path)
		return err_set(err, EINVAL, "--snapshot: no directory given, and no home");
	s = xcalloc(1, sizeof(*s));
	*s = (struct watch_store){
		.store = STORE_INIT,
		.policy = { .keep = w->ctx->options->keep ? w->ctx->options->keep
							  : c->snapshot_keep,
			    .keep_days = c->snapshot_keep_days,
			    .keep_bytes = c->snapshot_keep_mb * 1000000 },
		.earlier = HISTORY_INIT,
		.interval_ns = (int64_t)c->snapshot_minutes * 60 * NS_PER_S,
	};
	error = store_open(path, &s->store, err);
	if (error == 0)
		error = store_lock(&s->store, err);
	if (error < 0) {
		watch_store_free(s);
		return error;
	}
	load_history(w, s);
	*ret = s;
	return 0;
}

void watch_store_free(struct watch_store *s)
{
	if (!s)
		return;
	history_release(&s->earlier);
	store_release(&s->store);
	free(s);
}

uint64_t watch_store_resume(struct watch_store *s, struct watched *t)
{
	uint64_t samples = 0;

	for (size_t i = 0; i < s->earlier.n; i++) {
		struct history_process *p = &s->earlier.processes[i];

		if (p->pid != t->poll.pid || p->start_ticks != t->poll.stat.start_ticks ||
		    p->image != proc_poll_exec_id(&t->poll))
			continue;
		for (size_t k = 0; k < p->n; k++) {
			samples = MAX(samples, (uint64_t)p->series[k].series.n);
			watched_resume(t, p->series[k].id, &p->series[k].series);
		}
	}
	return samples;
}

/* Collects the series of a process; their samples are not copied. */
struct collector {
	struct arena arena;
	struct history_series *series;
	size_t n, cap;
};

static void collect_series(void *arg, const char *id, struct series *series)
{
	struct collector *c = arg;

	c->series = xgrow(c->series, c->n, &c->cap, sizeof(*c->series));
	c->series[c->n++] = (struct history_series){ .id = arena_strdup(&c->arena, id),
						     .series = *series };
}

static struct history_process history_of(struct watched *t, struct arena *arena)
{
	struct collector c = { .arena = ARENA_INIT };
	struct history_process p = { .pid = t->poll.pid,
				     .start_ticks = t->poll.stat.start_ticks,
				     .image = proc_poll_exec_id(&t->poll) };

	c.arena = *arena;
	watched_each_series(t, collect_series, &c);
	*arena = c.arena;
	p.n = c.n;
	p.series = c.series;
	return p;
}

static int write_bytes(FILE *out, void *arg)
{
	const struct sbuf *bytes = arg;

	errno = 0;
	if (fwrite(bytes->data, 1, bytes->len, out) == bytes->len)
		return 0;
	return errno ? -errno : -EIO;
}

void watch_store_history(struct watch *w)
{
	struct arena arena = ARENA_INIT;
	struct history h = HISTORY_INIT;
	auto_sbuf bytes = SBUF_INIT;
	struct err err = ERR_INIT;
	int ret;

	memcpy(h.boot_id, w->boot_id, sizeof(h.boot_id));
	h.processes = xcalloc(w->n, sizeof(*h.processes));
	for (size_t i = 0; i < w->n; i++) {
		if (!w->watched[i]->ended && !w->watched[i]->poll.stat.kthread)
			h.processes[h.n++] = history_of(w->watched[i], &arena);
	}
	ret = history_encode(&h, &bytes);
	if (ret < 0)
		(void)err_set_errno(&err, -ret, "%s", HISTORY_NAME);
	else
		ret = store_put(&w->store->store, HISTORY_NAME, write_bytes, &bytes, &err);
	if (ret < 0)
		watch_say(w, NULL, "notice", TONE_WARN, "the series were not saved: %s", err.text);
	for (size_t i = 0; i < h.n; i++)
		free(h.processes[i].series);
	free(h.processes);
	arena_release(&arena);
}

/* A snapshot that is being written. */
struct snapshot_job {
	struct watch *watch;
	const struct process_inputs *views;
	size_t n;
	const struct build_opts *opts;
};

static int write_snapshot(FILE *out, void *arg)
{
	const struct snapshot_job *job = arg;
	auto_free struct group_member *members = xcalloc(job->n, sizeof(*members));
	struct group group;
	int ret;

	for (size_t i = 0; i < job->n; i++)
		members[i] = (struct group_member){ .snapshot = job->views[i].snapshot,
						    .accounting = job->views[i].accounting };
	group_init(&group, members, job->n);
	ret = snapshot_write(job->views, job->n, job->n > 1 ? &group : NULL, job->opts, out);
	group_release(&group);
	return ret;
}

static int keep_views(void *arg, const struct process_inputs *views, size_t n,
		      const struct build_opts *opts)
{
	struct watch *w = arg;
	struct watch_store *s = w->store;
	struct snapshot_job job = { .watch = w, .views = views, .n = n, .opts = opts };
	char name[STORE_NAME_MAX];
	struct err err = ERR_INIT;
	size_t removed;

	if (n == 0)
		return 0;
	if (store_add(&s->store, opts->generated_wall_ns, write_snapshot, &job, name, &err) < 0) {
		s->lost++;
		w->status = status_worse(w->status, STATUS_IO);
		watch_say(w, NULL, "notice", TONE_WARN,
			  "the snapshot was lost (%" PRIu64 " in all): %s", s->lost, err.text);
		return 0;
	}
	watch_say(w, NULL, "snapshot", TONE_DIM, "%s/%s", s->store.path, name);
	if (store_prune(&s->store, &s->policy, opts->generated_wall_ns, name, &removed, &err) < 0)
		watch_say(w, NULL, "notice", TONE_WARN, "old snapshots were not removed: %s",
			  err.text);
	return 0;
}

/* While walks follow one another, the running one will have newer data soon. */
void watch_store_flush(struct watch *w, int64_t now_ns)
{
	struct watch_store *s = w->store;

	if (!s || !s->wanted_ns || (w->walk && now_ns < s->wanted_ns + WALK_WAIT_S * NS_PER_S))
		return;
	s->wanted_ns = 0;
	(void)watch_with_views(w, now_ns, false, keep_views, w);
	watch_store_history(w);
}

static void want_snapshot(struct watch_store *s, int64_t now_ns)
{
	if (!s->wanted_ns)
		s->wanted_ns = now_ns;
}

void watch_store_snapshot(struct watch *w, int64_t now_ns)
{
	if (!w->store) {
		watch_say(w, NULL, "notice", TONE_WARN,
			  "no snapshot: --snapshot=DIR sets the directory");
		return;
	}
	want_snapshot(w->store, now_ns);
	watch_store_flush(w, now_ns);
}

void watch_store_tick(struct watch *w, int64_t now_ns)
{
	struct watch_store *s = w->store;

	if (s && now_ns >= s->next_ns) {
		s->next_ns = now_ns + s->interval_ns;
		want_snapshot(s, now_ns);
	}
	watch_store_flush(w, now_ns);
}
