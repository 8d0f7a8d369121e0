/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/walk.h"

#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/fmt.h"

enum {
	WALK_DEADLINE_S = 600,
	CANCEL_WAIT_S = 2, /* for the read that is running when a walk is cancelled */
	LAST_WAIT_S = 2,   /* for all last walks together, after a signal */
};

/* A running walk. Its thread owns the inspection and the directory until it ends. */
struct walk_job {
	struct task *task;
	struct watched *watched;
	uint64_t image; /* exec id of the program that is walked */
	int dirfd;      /* owned */
	int64_t start_ns;
	struct inspection *inspection; /* owned */
};

static int64_t now_ns(const struct context *ctx)
{
	return ctx->clock->boot_ns(ctx->clock->arg);
}

static void walk_job_free(struct walk_job *k)
{
	inspection_free(k->inspection);
	(void)close(k->dirfd);
	free(k);
}

static void say_stretched(struct watch *w, struct watched *t)
{
	char every[FMT_MAX];
	double seconds = (COST_FACTOR + 1) * (double)t->walk_cost_ns / 1e9;

	if (t->said_walk_stretched || seconds * 1e9 <= (double)w->interval_ns)
		return;
	t->said_walk_stretched = true;
	watch_say(w, t, "notice", TONE_DIM,
		  "reading the memory of %d takes %.0f ms: it is done every %s, not at each tick",
		  t->poll.pid, (double)t->walk_cost_ns / 1e6, fmt_duration(every, seconds));
}

/* Prints once that memory cannot be read; everything else is still watched. */
static void say_unread(struct watch *w, const struct watched *t, int error)
{
	struct err err = ERR_INIT;

	if (!t->named)
		return;
	(void)err_set(&err, -error, "process %d: memory: %s", t->poll.pid,
		      reason_text(t->walk_why));
	complain(&err);
	w->status = status_worse(w->status, status_of_error(error));
}

/* Returns why memory was not walked, or REASON_NONE. */
static enum reason why_no_walk(const struct inspection *in)
{
	if (in->result < 0)
		return reason_of_errno(in->result);
	return in->snapshot.regions_why ? in->snapshot.regions_why : in->snapshot.heap_stats.why;
}

/* Takes over the results, unless another program was executed meanwhile. */
static void take_over(struct watch *w, struct walk_job *k)
{
	const struct inspection *in = k->inspection;
	struct watched *t = k->watched;
	int error = in->result < 0 ? in->result : in->walk_error;

	if (k->image != proc_poll_exec_id(&t->poll))
		return;
	t->walk_ns = k->start_ns;
	t->walk_cost_ns = in->cost_ns;
	if (error == -ESRCH)
		return; /* its poll reports that it has ended */
	t->walk_why = why_no_walk(in);
	t->unwalkable = t->walk_why != REASON_NONE;
	if (error < 0)
		say_unread(w, t, error);
	if (!in->has_walk)
		return;
	if (!in->walk.partial)
		say_stretched(w, t);
	watched_take_walk(t, k->start_ns, steal_ptr(k->inspection));
}

/* Waits for the end of the walk. If it does not end, its thread keeps the job. */
static void end_walk(struct watch *w, int64_t wait_ns)
{
	struct walk_job *k = steal_ptr(w->walk);

	ticker_set_task(&w->ticker, NULL);
	if (!task_end(k->task, wait_ns)) {
		k->watched->unwalkable = true;
		k->watched->walk_why = REASON_NO_ANSWER;
		return;
	}
	take_over(w, k);
	walk_job_free(k);
}

void watch_walk_done(struct watch *w)
{
	if (w->walk)
		end_walk(w, CANCEL_WAIT_S * NS_PER_S);
}

void watch_walk_cancel(struct watch *w)
{
	if (!w->walk)
		return;
	w->walk->inspection->cancel = 1;
	end_walk(w, CANCEL_WAIT_S * NS_PER_S);
}

static void start_walk(struct watch *w, struct watched *t)
{
	struct walk_job *k = xcalloc(1, sizeof(*k));
	struct inspection *in = inspection_new(&w->inspect, t->poll.pid);
	int ret;

	*k = (struct walk_job){ .watched = t,
				.image = proc_poll_exec_id(&t->poll),
				.dirfd = fcntl(t->poll.dirfd, F_DUPFD_CLOEXEC, 0),
				.start_ns = now_ns(w->ctx),
				.inspection = in };
	in->dirfd = k->dirfd;
	ret = k->dirfd < 0 ? -errno : task_start(inspection_read, in, &k->task);
	if (ret < 0) { /* not enough descriptors or threads; there may be more later */
		t->walk_ns = k->start_ns;
		t->walk_cost_ns = w->interval_ns;
		t->walk_why = reason_of_errno(ret);
		walk_job_free(k);
		return;
	}
	w->walk = k;
	ticker_set_task(&w->ticker, k->task);
}

/* Returns whether a process may be walked: it is inspected, and walks have not failed. */
static bool may_be_walked(const struct watched *t)
{
	return t->tracks && !t->ended && !t->poll.stat.kthread && !t->unwalkable && !t->stuck;
}

/*
 * Returns whether a walk is running. Cancels one that takes too long, and abandons one that does
 * not end then.
 */
static bool is_under_way(struct watch *w)
{
	int64_t late_ns;

	if (!w->walk)
		return false;
	late_ns = now_ns(w->ctx) - w->walk->start_ns - WALK_DEADLINE_S * NS_PER_S;
	if (late_ns > 0)
		w->walk->inspection->cancel = 1;
	if (late_ns > CANCEL_WAIT_S * NS_PER_S)
		end_walk(w, 0);
	return w->walk;
}

void watch_walk_next(struct watch *w)
{
	if (!w->ctx->options->deep || is_under_way(w))
		return;
	for (size_t i = 0; i < w->n; i++) {
		size_t at = (w->next_walk + i) % w->n;
		struct watched *t = w->watched[at];

		if (!may_be_walked(t) || watched_walk_due_ns(t) > now_ns(w->ctx))
			continue;
		w->next_walk = (at + 1) % w->n;
		start_walk(w, t);
		return;
	}
}

/*
 * Waits for the running walk after the last tick and ignores other events. Returns false if the
 * user wants no more walks.
 */
static bool wait_for_walk(struct watch *w)
{
	struct event event = { .occasion = OCCASION_TICK };

	while (w->walk && event.occasion != OCCASION_TASK && event.occasion != OCCASION_STOP) {
		if (ticker_wait(&w->ticker, &event) < 0)
			event.occasion = OCCASION_STOP;
		(void)is_under_way(w);
	}
	if (event.occasion == OCCASION_STOP)
		watch_walk_cancel(w);
	else
		watch_walk_done(w);
	return event.occasion != OCCASION_STOP;
}

void watch_walk_finish(struct watch *w)
{
	int64_t left_ns = LAST_WAIT_S * NS_PER_S;
	bool go_on = w->ctx->options->deep && !(w->walk && w->stopped);

	if (!go_on)
		watch_walk_cancel(w);
	go_on = go_on && wait_for_walk(w);
	for (size_t i = 0; i < w->n && go_on; i++) {
		struct watched *t = w->watched[i];
		bool known = t->walked && t->walk_cost_ns <= left_ns;

		if (!may_be_walked(t) || (w->stopped && !known))
			continue;
		left_ns -= t->walk_cost_ns;
		start_walk(w, t);
		go_on = wait_for_walk(w);
	}
}
