/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <math.h>

#include "app/cmd.h"
#include "app/options_check.h"
#include "app/select.h"
#include "app/watch/inspect.h"
#include "app/watch/store.h"
#include "app/watch/walk.h"
#include "base/alloc.h"
#include "base/num.h"
#include "proc/sysmem.h"

/* A tick that is late by more than an interval leaves a gap in the series. */
enum { GAP_INTERVALS = 2 };

static int64_t now_ns(const struct watch *w)
{
	return w->ctx->clock->boot_ns(w->ctx->clock->arg);
}

static int new_watched(const struct watch *w, pid_t pid, struct watched **ret)
{
	return w->fds < w->fds_max ? watched_new(w->ctx->fs, pid, ret) : -EMFILE;
}

/* Adds a process, with its series from an earlier watch. */
static void add_watched(struct watch *w, struct watched *t)
{
	if (w->store)
		w->resumed += watch_store_resume(w->store, t) > 0;
	w->watched = xgrow(w->watched, w->n, &w->cap, sizeof(struct watched *));
	w->watched[w->n++] = t;
	w->fds += proc_poll_fds(&t->poll);
}

static struct watched *find_watched(const struct watch *w, pid_t pid)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->watched[i]->poll.pid == pid)
			return w->watched[i];
	}
	return NULL;
}

/* Opens the selected processes. A named one that does not exist sets the exit status. */
static int open_selected(struct watch *w, struct err *err)
{
	auto_free pid_t *pids = NULL;
	size_t n, n_named;
	int ret = select_pids(w->ctx->fs, w->ctx->options, &pids, &n, &n_named, err);

	for (size_t i = 0; ret == 0 && i < n; i++) {
		struct watched *t;
		int error = new_watched(w, pids[i], &t);

		if (error == 0) {
			t->named = i < n_named;
			add_watched(w, t);
			(void)ticker_add_process(&w->ticker, pids[i]);
		} else if (i < n_named) {
			struct err why = ERR_INIT;

			(void)err_set(&why, -error, "process %d: %s", pids[i],
				      error == -ESRCH ? "no such process"
						      : reason_errno_text(error));
			complain(&why);
			w->status = status_worse(w->status, status_of_error(error));
		}
	}
	if (ret == 0 && w->n == 0 && n_named == 0)
		return err_set(err, ESRCH, "no process is left to watch");
	return ret;
}

static int by_pid(const void *pa, const void *pb)
{
	const struct watched *a = *(const struct watched *const *)pa;
	const struct watched *b = *(const struct watched *const *)pb;

	return (a->poll.pid > b->poll.pid) - (a->poll.pid < b->poll.pid);
}

/* Prints once, after the start, how many processes are left out. */
static void say_no_room(struct watch *w, size_t n)
{
	if (n == 0 || w->said_no_room || w->counts.ticks == 0)
		return;
	w->said_no_room = true;
	w->status = status_worse(w->status, STATUS_DENIED);
	watch_say(w, NULL, "notice", TONE_WARN,
		  "processes that are not watched because of the limit of open files: %zu", n);
}

/* Opens the processes that are new. Both lists ascend, and ours no longer has those that ended. */
static int open_new(struct watch *w, struct err *err)
{
	auto_free pid_t *pids = NULL;
	size_t n, at = 0, known = w->n, left_out = 0;
	int ret = procfs_list(w->ctx->fs, &pids, &n, err);

	for (size_t i = 0; ret == 0 && i < n; i++) {
		struct watched *t;
		int error;

		while (at < known && w->watched[at]->poll.pid < pids[i])
			at++;
		if (at < known && w->watched[at]->poll.pid == pids[i])
			continue;
		error = new_watched(w, pids[i], &t);
		left_out += error == -EMFILE;
		if (error < 0)
			continue;
		/* A zombie has already ended; it must not be counted as ended at each tick. */
		if (proc_poll_has_ended(&t->poll))
			watched_free(t);
		else
			add_watched(w, t);
	}
	say_no_room(w, left_out);
	if (w->n > known)
		qsort(w->watched, w->n, sizeof(struct watched *), by_pid);
	return ret;
}

static void say_exit(struct watch *w, struct watched *t)
{
	char age[FMT_MAX];
	const struct series *s = watched_series(t);
	double seconds = s->n ? (double)(s->samples[s->n - 1].t_ns - s->samples[0].t_ns) / 1e9 : 0;

	if (t->ended)
		return;
	t->ended = true;
	w->counts.ended++;
	if (!w->all)
		watch_say(w, t, "exit", TONE_WARN, "%s (%d) has ended, after %s under watch",
			  t->poll.stat.comm, t->poll.pid, fmt_duration(age, seconds));
}

static void proc_poll_all(struct watch *w, int64_t tick_ns)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched *t = w->watched[i];
		int ret;

		if (t->ended)
			continue;
		if (w->all && t->poll.stat.kthread) {
			t->ended = !proc_poll_is_there(&t->poll);
			continue;
		}
		ret = watched_poll(t, tick_ns, &w->text);
		if (ret == -ESRCH) {
			say_exit(w, t);
			continue;
		}
		if (ret == 1 && !w->all)
			watch_say(w, t, "exec", TONE_WARN,
				  "%d has executed another program, %s: its series starts again",
				  t->poll.pid, t->poll.stat.comm);
		watched_judge(t, tick_ns);
	}
}

static void drop_ended(struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (w->watched[i]->ended) {
			w->status = status_worse(w->status,
						 watch_ceilings_status(w, w->watched[i]));
			w->fds -= proc_poll_fds(&w->watched[i]->poll);
			watched_free(w->watched[i]);
		} else {
			w->watched[n++] = w->watched[i];
		}
	}
	w->n = n;
}

static void count(struct watch *w)
{
	w->counts.processes = 0;
	w->counts.growing = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct watched *t = w->watched[i];

		if (t->ended || (w->all && t->poll.stat.kthread))
			continue;
		w->counts.processes++;
		w->counts.growing += verdict_descs[t->growth.verdict].grows;
	}
}

static void say_gap(struct watch *w, int64_t tick_ns, uint64_t ticks)
{
	char length[FMT_MAX];
	int64_t pause = tick_ns - w->last_tick_ns;

	w->counts.missed += ticks > 1 ? ticks - 1 : 0;
	if (w->last_tick_ns && pause > GAP_INTERVALS * w->interval_ns)
		watch_say(w, NULL, "gap", TONE_WARN, "nothing was read for %s",
			  fmt_duration(length, (double)pause / 1e9));
}

static void tick(struct watch *w, uint64_t ticks)
{
	struct err err = ERR_INIT;
	int64_t tick_ns = now_ns(w);

	w->wall_offset_ns = w->ctx->clock->wall_ns(w->ctx->clock->arg) - tick_ns;
	say_gap(w, tick_ns, ticks);
	w->counts.ticks++;
	if (w->all && open_new(w, &err) < 0)
		complain(&err);
	proc_poll_all(w, tick_ns);
	if (w->all)
		drop_ended(w);
	watch_inspect_due(w, tick_ns);
	count(w);
	watch_print_tick(w, tick_ns);
	watch_walk_next(w);
	watch_alarms(w, tick_ns);
	watch_store_tick(w, tick_ns);
	w->last_tick_ns = tick_ns;
}

static bool any_left(const struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		if (!w->watched[i]->ended)
			return true;
	}
	return w->all;
}

/* Another process may be waiting for its walk. */
static void end_walk(struct watch *w)
{
	watch_walk_done(w);
	watch_walk_next(w);
	watch_store_flush(w, now_ns(w));
}

static enum status run(struct watch *w)
{
	uint64_t count = w->ctx->options->count;
	struct event event;
	int ret;

	if (w->output == STATUS_OK)
		tick(w, 1);
	while (any_left(w) && w->output == STATUS_OK && (count == 0 || w->counts.ticks < count)) {
		ret = ticker_wait(&w->ticker, &event);
		if (ret < 0) {
			struct err err = ERR_INIT;

			(void)err_set_errno(&err, -ret, "waiting");
			complain(&err);
			return STATUS_IO;
		}
		w->stopped = event.occasion == OCCASION_STOP;
		if (w->stopped)
			break;
		if (event.occasion == OCCASION_TICK)
			tick(w, event.ticks);
		else if (event.occasion == OCCASION_TASK)
			end_walk(w);
		else if (event.occasion == OCCASION_SNAPSHOT)
			watch_store_snapshot(w, now_ns(w));
		else if (event.occasion == OCCASION_EXIT && find_watched(w, event.pid))
			say_exit(w, find_watched(w, event.pid));
	}
	return STATUS_OK;
}

static void finish(struct watch *w)
{
	int64_t end_ns = now_ns(w);

	if (w->output != STATUS_OK)
		return;
	watch_inspect_last(w);
	watch_walk_finish(w);
	watch_store_flush(w, now_ns(w));
	count(w);
	watch_alarms(w, end_ns);
	watch_print_summary(w, now_ns(w));
	if (w->store)
		watch_store_history(w);
	for (size_t i = 0; i < w->n; i++)
		w->status = status_worse(w->status, watch_ceilings_status(w, w->watched[i]));
}

/*
 * Warns about --watch=1234 if 1234 is a process, which the user may have meant; a kernel thread,
 * such as 10, is never meant.
 */
static void say_number_taken(struct watch *w)
{
	const char *text = w->ctx->options->watch_text;
	const struct watched *t = NULL;
	uint64_t pid;

	if (num_parse_u64(text, &pid) == 0 && pid <= INT_MAX)
		t = find_watched(w, (pid_t)pid);
	if (t && !t->poll.stat.kthread)
		watch_say(w, NULL, "notice", TONE_WARN,
			  "--watch=%s was read as seconds, not as process %s; to watch that: "
			  "memspect --watch=SECONDS %s",
			  text, text, text);
}

/* Does everything that can fail before the output is opened. */
static int prepare(struct watch *w, struct err *err)
{
	struct sysmem sys;

	sysmem_read(w->ctx->fs, &sys);
	memcpy(w->boot_id, sys.boot_id, sizeof(w->boot_id));
	(void)signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error like a full disk */
	return watch_store_open(w, &w->store, err);
}

/* Starts the ticks, which blocks the signals, and opens the processes. */
static int begin(struct watch *w, struct err *err)
{
	const struct options *o = w->ctx->options;
	int ret = ticker_init(&w->ticker, w->interval_ns, err);

	if (ret < 0)
		return ret;
	w->all = w->counts.all = !options_select(o) && !o->user;
	w->fds_max = watched_fds_max();
	return w->all ? open_new(w, err) : open_selected(w, err);
}

static void watch_release(struct watch *w)
{
	watch_walk_cancel(w);
	for (size_t i = 0; i < w->n; i++)
		watched_free(w->watched[i]);
	free(w->watched);
	watch_store_free(w->store);
	sbuf_release(&w->text);
	ticker_release(&w->ticker);
}

/* Formats the interval, exact to the millisecond, as the user asked for it. */
static const char *interval_text(char buf[FMT_MAX], double seconds)
{
	bool whole = seconds >= 60 && fmod(seconds, 60) == 0;

	(void)snprintf(buf, FMT_MAX, "%.10g %s", whole ? seconds / 60 : seconds,
		       whole ? "min" : "s");
	return buf;
}

static void watch_and_sum_up(struct watch *w)
{
	enum status ran;

	watch_say_start(w);
	if (w->all)
		say_number_taken(w);
	ran = run(w);
	w->status = status_worse(w->status, ran);
	finish(w);
	w->output = status_worse(w->output, output_close(w->ctx, w->out));
}

enum status cmd_watch(const struct context *ctx)
{
	char interval[FMT_MAX];
	double seconds = (double)ctx->options->watch_ns / 1e9;
	struct watch w = {
		.ctx = ctx,
		.inspect = context_inspect_opts(ctx),
		.interval_ns = ctx->options->watch_ns,
		.counts = { .interval_seconds = seconds,
			    .interval = interval_text(interval, seconds) },
	};
	struct err err = ERR_INIT;
	int ret = prepare(&w, &err);

	if (ret < 0 && ret != -EINVAL)
		w.output = STATUS_IO; /* the store: no process is missing or denied */
	if (ret == 0) {
		w.out = output_open(ctx); /* opening a FIFO may block, and signals still end that */
		if (!w.out)
			w.output = STATUS_IO;
		else
			ret = begin(&w, &err);
	}
	if (ret < 0) {
		complain(&err);
		w.status = status_of_error(ret);
	} else if (w.n > 0 || w.all) {
		watch_and_sum_up(&w);
	}
	watch_release(&w);
	return status_worse(w.status, w.output);
}
