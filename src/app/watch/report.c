/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of a watch: ticks, events, the summary. */
#include <inttypes.h>
#include <stdarg.h>

#include "app/watch/watch.h"
#include "base/alloc.h"

enum { HEADINGS_EVERY = 20 };

static struct build_opts build_opts(struct watch *w)
{
	struct build_opts opts = context_build_opts(w->ctx, w->boot_id);

	opts.seq = w->seq++;
	return opts;
}

/* Prints a report; all reports of a watch go to one stream. */
static void print(struct watch *w, struct report *report)
{
	if (w->output == STATUS_OK)
		w->output = output_record(w->ctx, report, w->out);
	report_release(report);
}

void watch_say(struct watch *w, const struct watched *t, const char *id, enum tone tone,
	       const char *fmt, ...)
{
	struct build_opts opts = build_opts(w);
	struct report report = REPORT_INIT;
	struct watch_event e = { .id = id, .tone = tone };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e.text = text;
	if (t) {
		e.pid = t->poll.pid;
		e.start_ticks = t->poll.stat.start_ticks;
		e.comm = t->poll.stat.comm;
	}
	build_event(&report, &e, &opts);
	print(w, &report);
}

void watch_say_start(struct watch *w)
{
	const char *interval = w->counts.interval;

	if (w->all) {
		watch_say(w, NULL, "start", TONE_PLAIN,
			  "watching every readable process every %s; those that grow are listed",
			  interval);
	} else if (w->n == 1) {
		watch_say(w, w->watched[0], "start", TONE_PLAIN, "watching %s (%d) every %s",
			  w->watched[0]->poll.stat.comm, w->watched[0]->poll.pid, interval);
	} else {
		watch_say(w, NULL, "start", TONE_PLAIN, "watching %zu processes every %s", w->n,
			  interval);
	}
	if (w->resumed && w->n == 1)
		watch_say(w, w->watched[0], "notice", TONE_PLAIN,
			  "its series continue from an earlier watch");
	else if (w->resumed)
		watch_say(w, NULL, "notice", TONE_PLAIN,
			  "%" PRIu64 " of them continue from an earlier watch", w->resumed);
}

/* Finds the limit that is reached first: the one with the least room. */
static void find_limit(const struct inspection *in, uint64_t now_bytes, struct growth_inputs *v)
{
	const struct limit_row *nearest;
	struct limits limits;
	uint64_t room;

	limits_init(&limits, &in->snapshot, &in->accounting);
	nearest = limits_nearest(&limits, &room);
	if (nearest) {
		v->limit_id = limit_descs[nearest->id].id;
		v->limit_bytes = now_bytes + room;
		v->reach = growth_reach(&v->growth, now_bytes, v->limit_bytes);
	}
	limits_release(&limits);
}

static struct age age(int64_t now_ns, int64_t then_ns, enum reason why)
{
	if (why || !then_ns)
		return (struct age){ .why = why ? why : REASON_NOT_READ };
	/* Values read at this tick were read after its start, so the age may be negative. */
	return (struct age){ .seconds = (double)MAX(now_ns - then_ns, 0) / (double)NS_PER_S };
}

/* Returns the time since memory was walked. */
static struct age walk_age(const struct watch *w, const struct watched *t, int64_t now_ns)
{
	if (!w->ctx->options->deep)
		return (struct age){ .why = REASON_BY_DESIGN };
	return age(now_ns, t->walked_ns, t->walked ? REASON_NONE : t->walk_why);
}

/* Returns the age of the mappings in `in`, or why they were not read. */
static struct age mappings_age(const struct watch *w, const struct watched *t,
			       const struct inspection *in, int64_t now_ns)
{
	return in && in->has_walk ? walk_age(w, t, now_ns)
				  : age(now_ns, t->inspect_ns, t->inspect_why);
}

/* Returns the growth of a process for a record. `in` has its limits; it may be NULL. */
static struct growth_inputs growth_inputs(const struct watch *w, const struct watched *t,
					  const struct inspection *in, int64_t now_ns)
{
	const struct series *s = watched_series(t);
	struct age mappings = mappings_age(w, t, in, now_ns);
	struct growth_inputs v = {
		.title = t->tracks && t->tracks->lazyfree_bytes
				 ? METRIC_TITLE(RSS) " without " METRIC_TITLE(LAZYFREE)
				 : METRIC_TITLE(RSS),
		.growth = t->growth,
		.has_ages = true,
		.status_age = age(now_ns, t->status_ns, REASON_NONE),
		.rollup_age = mappings,
		.smaps_age = mappings,
		.deep_age = walk_age(w, t, now_ns),
		.samples = s->samples,
		.n_samples = s->n,
		.has_wall = true,
		.wall_offset_ns = w->wall_offset_ns,
	};

	if (in && s->n && !t->ended)
		find_limit(in, s->samples[s->n - 1].bytes, &v);
	return v;
}

/* Collects the verdicts on all series of a process. */
struct series_list {
	struct arena *arena;
	struct growth_series *series;
	size_t n, cap;
};

static void judge_series(void *arg, const char *id, struct series *series)
{
	struct series_list *list = arg;
	struct growth_series *s;

	list->series = xgrow(list->series, list->n, &list->cap, sizeof(*list->series));
	s = &list->series[list->n++];
	*s = (struct growth_series){
		.id = arena_strdup(list->arena, id),
		.first_bytes = series->samples[0].bytes,
		.last_bytes = series->samples[series->n - 1].bytes,
	};
	growth_judge(series->samples, series->n, &s->growth);
}

static void judge_all_series(const struct watched *t, struct arena *arena, struct growth_inputs *v)
{
	struct series_list list = { .arena = arena };
	struct growth_series *copy;

	if (!t->tracks)
		return;
	tracks_each(t->tracks, judge_series, &list);
	copy = arena_array(arena, list.n, struct growth_series);
	memcpy(copy, list.series, list.n * sizeof(*copy));
	free(list.series);
	v->series = copy;
	v->n_series = list.n;
}

/*
 * Returns whether a record lists a process. The summary includes selected processes that have
 * ended: growth may be the cause.
 */
static bool is_listed(const struct watch *w, const struct watched *t, bool with_ended)
{
	if (t->ended)
		return with_ended && !w->all;
	if (t->poll.stat.kthread)
		return !w->all;
	return !w->all || verdict_descs[t->growth.verdict].grows;
}

/* Judges an inspection and the growth of the process; fills *growth. */
static struct process_inputs judge(const struct watch *w, const struct watched *t,
				   struct inspection *in, int64_t now_ns,
				   struct growth_inputs *growth)
{
	struct process_inputs v;

	*growth = growth_inputs(w, t, in, now_ns);
	inspection_judge(in, &growth->growth, t->reached);
	v = process_inputs_of(in);
	v.growth = growth;
	v.ended = t->ended;
	return v;
}

/* Fastest first: the useful order when all processes are watched. */
static int by_rate(const void *pa, const void *pb)
{
	const struct watched *a = *(const struct watched *const *)pa;
	const struct watched *b = *(const struct watched *const *)pb;

	if (a->growth.rate != b->growth.rate)
		return a->growth.rate < b->growth.rate ? 1 : -1;
	return (a->poll.pid > b->poll.pid) - (a->poll.pid < b->poll.pid);
}

/* Returns the processes that a record lists; the caller frees the array. */
static const struct watched **listed(const struct watch *w, bool with_ended, size_t *ret_n)
{
	const struct watched **list = xcalloc(w->n, sizeof(struct watched *));
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (is_listed(w, w->watched[i], with_ended))
			list[n++] = w->watched[i];
	}
	if (w->all)
		qsort(list, n, sizeof(struct watched *), by_rate);
	*ret_n = n;
	return list;
}

void watch_print_tick(struct watch *w, int64_t now_ns)
{
	struct build_opts opts;
	struct report report = REPORT_INIT;
	size_t n;
	auto_free const struct watched **list = listed(w, false, &n);
	struct watch_row *rows = arena_array(&report.arena, n, struct watch_row);
	struct growth_inputs *growth = arena_array(&report.arena, n, struct growth_inputs);

	opts = build_opts(w);
	for (size_t i = 0; i < n; i++) {
		const struct watched *t = list[i];
		bool mapped = t->inspection && !t->inspection->snapshot.regions_why;
		struct process_inputs *v = NULL;

		if (mapped && t->inspect_ns >= now_ns) {
			v = arena_alloc(&report.arena, sizeof(*v));
			*v = judge(w, t, t->inspection, now_ns, &growth[i]);
		} else {
			growth[i] = growth_inputs(w, t, mapped ? t->inspection : NULL, now_ns);
		}
		rows[i] = (struct watch_row){
			.pid = t->poll.pid,
			.start_ticks = t->poll.stat.start_ticks,
			.comm = t->poll.stat.comm,
			.status = &t->status,
			.view = v,
			.view_why = t->inspect_why ? t->inspect_why : REASON_NOT_THIS_TICK,
			.has_delta = t->has_delta,
			.delta_bytes = t->rss_delta,
			.growth = &growth[i],
		};
	}
	build_sample(&report, rows, n, &w->counts, n > 0 && w->lines == 0, &opts);
	w->lines = w->lines + n < HEADINGS_EVERY ? w->lines + n : 0;
	print(w, &report);
}

/*
 * Returns the inspection for a full report, or NULL if there is none. One with a walk is preferred:
 * it has more, and all of it was read at one moment. One without gets the reason why.
 */
static struct inspection *fullest(const struct watch *w, const struct watched *t)
{
	struct inspection *in = t->inspection;

	if (in && t->walked)
		return t->walked;
	if (in && w->ctx->options->deep)
		in->snapshot.heap_stats.why = t->walk_why ? t->walk_why : REASON_NOT_READ;
	return in;
}

int watch_with_views(struct watch *w, int64_t now_ns, bool with_ended, watch_use_fn *use, void *arg)
{
	struct build_opts opts;
	struct arena arena = ARENA_INIT;
	size_t n, k = 0;
	auto_free const struct watched **list = listed(w, with_ended, &n);
	struct process_inputs *views = arena_array(&arena, n, struct process_inputs);
	struct growth_inputs *growth = arena_array(&arena, n, struct growth_inputs);
	int ret;

	for (size_t i = 0; i < n; i++) {
		struct inspection *in = fullest(w, list[i]);

		if (!in)
			continue;
		views[k] = judge(w, list[i], in, now_ns, &growth[k]);
		judge_all_series(list[i], &arena, &growth[k]);
		k++;
	}
	opts = build_opts(w);
	ret = use(arg, views, k, &opts);
	arena_release(&arena);
	return ret;
}

static int print_views(void *arg, const struct process_inputs *views, size_t n,
		       const struct build_opts *opts)
{
	struct watch *w = arg;
	auto_free struct group_member *members = xcalloc(n, sizeof(*members));
	struct build_opts summary = *opts;
	struct report report = REPORT_INIT;
	struct err err = ERR_INIT;
	struct group group;
	size_t n_members = 0;
	int ret;

	for (size_t i = 0; i < n; i++) {
		if (!views[i].ended) /* the others have no memory any more */
			members[n_members++] = (struct group_member){
				.snapshot = views[i].snapshot, .accounting = views[i].accounting
			};
	}
	group_init(&group, members, n_members);
	summary.watch = &w->counts;
	ret = build_processes(&report, views, n, n_members > 1 ? &group : NULL, &summary, &err);
	if (ret < 0)
		complain(&err);
	else
		print(w, &report);
	group_release(&group);
	return ret;
}

void watch_print_summary(struct watch *w, int64_t now_ns)
{
	if (watch_with_views(w, now_ns, true, print_views, w) < 0)
		w->status = status_worse(w->status, STATUS_USAGE);
}
