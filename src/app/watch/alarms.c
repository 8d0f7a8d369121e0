/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alarms: limits that the user set and default thresholds, checked during a watch. */
#include "app/watch/watch.h"

#include <errno.h>
#include <inttypes.h>

#define ALARM_CONFIDENCE 0.8 /* with few samples a start looks like growth */

enum { ALARM_GROWTH = CEILING_COUNT }; /* bit of the threshold; limits have the bits below */

/* Returns the unexplained part of RSS, which only a walk knows. */
static struct amount unexplained_now(const struct watched *t)
{
	return t->walked ? t->walked->accounting.unexplained_permille
			 : amount_absent(t->walk_why ? t->walk_why : REASON_NOT_READ);
}

/* Returns the value of a limit at this tick; absent if it was not read. */
static struct amount value_now(const struct watch *w, const struct watched *t, enum ceiling id,
			       int64_t tick_ns)
{
	bool fresh = t->inspection && t->inspect_ns >= tick_ns;

	if (id == CEILING_UNEXPLAINED && w->ctx->options->deep)
		return unexplained_now(t);
	if (id == CEILING_RSS)
		return t->status.v[amount_ok(t->status.v[PS_VM_HWM]) ? PS_VM_HWM : PS_VM_RSS];
	if (id == CEILING_SWAP && !fresh)
		return t->status.v[PS_VM_SWAP];
	if (id != CEILING_GROWTH && !fresh)
		return amount_absent(t->inspect_why ? t->inspect_why : REASON_NOT_READ);
	if (id == CEILING_GROWTH)
		return ceiling_value(id, NULL, AMOUNT_UNREAD, &t->growth);
	return ceiling_value(id, &t->inspection->accounting.totals,
			     t->inspection->accounting.unexplained_permille, &t->growth);
}

/* Returns whether to print an alarm: once when it begins, and again after it was over. */
static bool is_news(struct watched *t, unsigned int alarm, bool over)
{
	bool said = t->said_alarms >> alarm & 1;

	if (over)
		t->said_alarms |= 1U << alarm;
	else
		t->said_alarms &= ~(1U << alarm);
	return over && !said;
}

static bool is_sure(const struct watched *t)
{
	return t->growth.confidence >= ALARM_CONFIDENCE;
}

static void judge_ceiling(struct watch *w, struct watched *t, enum ceiling id, int64_t tick_ns)
{
	const struct ceilings *c = &w->ctx->options->ceilings;
	struct amount is = value_now(w, t, id, tick_ns);
	char value[FMT_MAX], limit[FMT_MAX];
	bool over = amount_ok(is) && is.value > c->max[id];

	if (!amount_ok(is))
		return;
	ceiling_reach(id, &t->reached[id], is);
	if (is_news(t, id, over && (id != CEILING_GROWTH || is_sure(t))))
		watch_say(w, t, "alarm", TONE_BAD, "%s of %s (%d) %s %s, over --%s %s",
			  ceiling_descs[id].title, t->poll.stat.comm, t->poll.pid,
			  ceiling_descs[id].verb, ceiling_text(value, id, is.value),
			  ceiling_descs[id].option, ceiling_text(limit, id, c->max[id]));
}

static void judge_growth(struct watch *w, struct watched *t, int64_t tick_ns)
{
	uint64_t limit_mb = w->ctx->config->growth_mb_per_hour;
	struct amount rate = value_now(w, t, CEILING_GROWTH, tick_ns);
	bool over = amount_ok(rate) && rate.value > limit_mb * 1000000 && is_sure(t);
	char value[FMT_MAX];

	if (is_news(t, ALARM_GROWTH, over))
		watch_say(w, t, "alarm", TONE_BAD, "%s (%d) grows by %s, over %" PRIu64 " MB/h",
			  t->poll.stat.comm, t->poll.pid,
			  ceiling_text(value, CEILING_GROWTH, rate.value), limit_mb);
}

void watch_alarms(struct watch *w, int64_t tick_ns)
{
	const struct ceilings *c = &w->ctx->options->ceilings;

	for (size_t i = 0; i < w->n; i++) {
		struct watched *t = w->watched[i];

		if (t->ended || t->poll.stat.kthread)
			continue;
		for (int id = CEILING_NONE + 1; id < CEILING_COUNT; id++)
			if (c->set >> id & 1)
				judge_ceiling(w, t, (enum ceiling)id, tick_ns);
		if (!(c->set >> CEILING_GROWTH & 1)) /* a limit replaces the threshold */
			judge_growth(w, t, tick_ns);
	}
}

/* Returns whether a process exceeds the threshold, which is a limit only if a user has set it. */
static bool grows_too_fast(const struct watch *w, const struct watched *t)
{
	return t->said_alarms >> ALARM_GROWTH & 1 &&
	       config_has(w->ctx->config, "thresholds.growth_mb_per_hour");
}

static void complain_unjudged(const struct watch *w, const struct watched *t, enum ceiling id)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, ENODATA, "process %d: --%s could not be judged: %s", t->poll.pid,
		      ceiling_descs[id].option, amount_why(value_now(w, t, id, INT64_MAX)));
	complain(&err);
}

enum status watch_ceilings_status(const struct watch *w, const struct watched *t)
{
	const struct ceilings *c = &w->ctx->options->ceilings;
	enum status status = grows_too_fast(w, t) ? STATUS_LIMIT : STATUS_OK;

	for (int id = CEILING_NONE + 1; id < CEILING_COUNT; id++) {
		struct amount reached = t->reached[id];

		if (!(c->set >> id & 1))
			continue;
		if (amount_ok(reached)) {
			if (reached.value > c->max[id])
				status = status_worse(status, STATUS_LIMIT);
		} else if (t->named) {
			complain_unjudged(w, t, (enum ceiling)id);
			status = status_worse(status, STATUS_DENIED);
		}
	}
	return status;
}
