/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app/watch/inspect.h"

#include <errno.h>
#include <time.h>

#include "base/fmt.h"

enum {
	INSPECT_SHARE = 4, /* of an interval may be spent on inspections: 1/4 */
	LAST_WAIT_S = 2,
};

static int64_t now_ns(const struct watch *w)
{
	return w->ctx->clock->boot_ns(w->ctx->clock->arg);
}

static void say_stretched(struct watch *w, struct watched *t)
{
	char cost[FMT_MAX];
	double every = (COST_FACTOR + 1) * (double)t->inspect_cost_ns / 1e9;

	if (t->said_stretched || every * 1e9 <= (double)w->interval_ns)
		return;
	t->said_stretched = true;
	watch_say(w, t, "notice", TONE_DIM,
		  "reading the mappings of %d takes %.0f ms: it is done every %s, not at each tick",
		  t->poll.pid, (double)t->inspect_cost_ns / 1e6, fmt_duration(cost, every));
}

/* Prints once that smaps cannot be read; RSS is still watched. */
static void say_unread(struct watch *w, struct watched *t, int error)
{
	struct err err = ERR_INIT;

	if (t->said_unread)
		return;
	t->said_unread = true;
	if (!t->named)
		return;
	(void)err_set(&err, -error, "process %d: smaps: %s", t->poll.pid,
		      reason_text(t->inspect_why));
	complain(&err);
	w->status = status_worse(w->status, status_of_error(error));
}

static void inspect(struct watch *w, struct watched *t)
{
	int ret = watched_inspect(&w->inspect, t);

	if (ret == -ESRCH)
		return; /* its poll reports that it has ended */
	if (ret < 0)
		say_unread(w, t, ret);
	say_stretched(w, t);
	watched_judge(t, now_ns(w));
}

static size_t n_detailed(const struct watch *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->watched[i]->tracks && !w->watched[i]->ended;
	return n;
}

/*
 * Returns whether a process should be inspected: if few were selected all are, others once they
 * grow.
 */
static bool wants_inspection(const struct watch *w, const struct watched *t, bool room)
{
	if (t->ended || t->poll.stat.kthread || t->stuck || (!t->tracks && !room))
		return false;
	return t->unconfirmed || (!w->all && w->n <= DETAILED_MAX) ||
	       (t->tracks && t->grows_since_ns);
}

void watch_inspect_due(struct watch *w, int64_t tick_ns)
{
	int64_t budget_ns = w->interval_ns / INSPECT_SHARE;
	size_t detailed = n_detailed(w);

	for (size_t i = 0; i < w->n; i++) {
		struct watched *t = w->watched[(w->next_inspect + i) % w->n];

		if (!wants_inspection(w, t, detailed < DETAILED_MAX) || watched_due_ns(t) > tick_ns)
			continue;
		if (i > 0 && now_ns(w) - tick_ns > budget_ns) {
			w->next_inspect = (w->next_inspect + i) % w->n;
			return;
		}
		detailed += !t->tracks;
		inspect(w, t);
	}
}

/*
 * Returns whether the rule on costs allows a last inspection; waits a little if it can confirm
 * growth.
 */
static bool may_inspect_last(const struct watch *w, const struct watched *t)
{
	int64_t wait_ns = watched_due_ns(t) - now_ns(w);
	struct timespec pause = { .tv_sec = wait_ns / NS_PER_S, .tv_nsec = wait_ns % NS_PER_S };

	if (t->ended || t->poll.stat.kthread || wait_ns > LAST_WAIT_S * NS_PER_S)
		return false;
	return wait_ns <= 0 || (t->unconfirmed && nanosleep(&pause, NULL) == 0);
}

void watch_inspect_last(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched *t = w->watched[i];
		bool shown = !w->all || verdict_descs[t->growth.verdict].grows || t->unconfirmed;

		if (shown && may_inspect_last(w, t))
			inspect(w, t);
	}
}
