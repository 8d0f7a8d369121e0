/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/sampler.h"

#include <time.h>

#include "base/alloc.h"
#include "screen/data/slow_fields.h"

enum {
	STUCK_MS = 2000, /* a process is shown as stuck after this time */
	BUDGET_MS = 2,   /* for one batch of slow fields, or as long as the tick took */
	FIRST_MS = 40,   /* for one batch after the first ticks, which fill the screen */
	FIRST_TICKS = 3,
	BATCH_MAX = 256,
	NAMES_MAX = 4096,  /* in a batch without rollups */
	SHOWN_AGE_S = 3,   /* the greatest age of slow fields on the screen */
	OTHER_AGE_S = 20,  /* the greatest age of all others */
	REST = 50,         /* the pause after an expensive reading, in multiples of its duration */
	JUDGED_MAX = 64,   /* judgements after a tick */
	LOOK_MS = 500,     /* between two checks of running jobs */
	IDLE_MS = 3600000, /* the longest wait without a job */
};

struct tick {
	struct procfs fs;
	const struct clock *clock;
	struct scan *scan;
	int64_t now_ns;
	struct host host;
	struct scan_reading *readings;
	size_t n;
	int error;
};

struct judgement {
	pid_t pid;
	uint64_t start_ticks, pushed;
	struct sample *samples; /* owned */
	size_t n;
	struct growth growth;
};

struct judgements {
	struct judgement rows[JUDGED_MAX];
	size_t n;
};

struct sampler {
	const struct screen_env *env;
	struct procs *procs;
	struct host *host;
	int64_t interval_ns, next_ns;
	bool paused, wants_tick;
	bool is_asked;     /* the user asked to read the process under the cursor */
	struct tick *idle; /* while no tick is running */
	struct job *ticking, *reading, *judging;
	struct slow_fields_batch *batch; /* of `reading`: only its `at` may be read */
	int64_t ticking_since;
	size_t at; /* the last `at` that was seen, and when it changed */
	int64_t at_since;
	int64_t debt_ns; /* time that slow fields took beyond their share */
	bool was_names;  /* the last batch had names only: another batch is due at once */
	pid_t turn;      /* the rotation continues behind this PID */
	pid_t *shown;
	size_t n_shown;
	int64_t cpu_ns, cpu_at_ns; /* own processor time at the last tick */
};

static void tick_free(void *arg)
{
	struct tick *t = arg;

	if (!t)
		return;
	scan_free(t->scan);
	free(t->readings);
	free(t);
}

static void tick_run(void *arg)
{
	struct tick *t = arg;
	auto_close int dirfd = procfs_open_pid(&t->fs, getpid());
	uint64_t size, rss;

	int64_t start_ns = job_cpu_ns();

	t->now_ns = t->clock->boot_ns(t->clock->arg);
	t->host.wall_ns = t->clock->wall_ns(t->clock->arg);
	t->host.own_rss = AMOUNT_UNREAD;
	if (t->fs.live && dirfd >= 0 && proc_statm_read(dirfd, &size, &rss) == 0)
		t->host.own_rss = amount_of(rss);
	sysmem_read(&t->fs, &t->host.sys);
	pressure_read(&t->fs, &t->host.pressure);
	t->error = scan_read(t->scan, &t->readings, &t->n);
	t->host.took_ns = job_cpu_ns() - start_ns;
}

struct sampler *sampler_new(const struct screen_env *env, struct procs *procs, struct host *host)
{
	struct sampler *s = xcalloc(1, sizeof(*s));
	struct tick *t = xcalloc(1, sizeof(*t));

	*t = (struct tick){ .fs = *env->inspect.fs,
			    .clock = env->inspect.clock,
			    .scan = scan_new(env->inspect.fs, env->pids, env->n_pids,
					     env->max_fds) };
	*s = (struct sampler){ .env = env,
			       .procs = procs,
			       .host = host,
			       .interval_ns = 2 * NS_PER_S,
			       .idle = t,
			       .wants_tick = true };
	return s;
}

static void judgements_free(void *arg)
{
	struct judgements *j = arg;

	for (size_t i = 0; i < j->n; i++)
		free(j->rows[i].samples);
	free(j);
}

void sampler_free(struct sampler *s)
{
	if (!s)
		return;
	tick_free(s->idle);
	job_abandon(&s->ticking);
	job_abandon(&s->reading);
	job_abandon(&s->judging);
	free(s->shown);
	free(s);
}

static int64_t own_cpu_ns(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static double own_cpu_percent(struct sampler *s, int64_t now_ns)
{
	int64_t cpu_ns = own_cpu_ns();
	double percent = -1;

	if (s->cpu_at_ns && now_ns > s->cpu_at_ns)
		percent = 100.0 * (double)(cpu_ns - s->cpu_ns) / (double)(now_ns - s->cpu_at_ns);
	s->cpu_ns = cpu_ns;
	s->cpu_at_ns = now_ns;
	return percent;
}

static bool take_tick(struct sampler *s)
{
	struct tick *t;

	if (!s->ticking || !job_is_done(s->ticking))
		return false;
	t = job_take(&s->ticking);
	s->idle = t;
	*s->host = t->host;
	s->host->own_cpu_percent = own_cpu_percent(s, t->now_ns);
	if (t->error == 0)
		procs_fold(s->procs, t->now_ns, t->readings, t->n);
	free(steal_ptr(t->readings));
	return true;
}

static void start_tick(struct sampler *s, int64_t now_ns)
{
	if (s->ticking || !(s->wants_tick || (!s->paused && now_ns >= s->next_ns)))
		return;
	s->wants_tick = false;
	s->next_ns = now_ns + s->interval_ns;
	s->ticking_since = now_ns;
	s->ticking = job_start(s->env->jobs, tick_run, tick_free, s->idle);
	if (s->ticking)
		s->idle = NULL;
}

/* Returns the time that slow fields may take in a tick. */
static int64_t share_ns(const struct sampler *s)
{
	return MAX(BUDGET_MS * NS_PER_MS, s->host->took_ns);
}

/*
 * Returns whether a process may be read again. It is left alone for REST times the duration of its
 * last reading, and so long that it takes only a part of the share: a large process must not hold
 * up all others. The part is larger for the process under the cursor, and the user may ask for that
 * one.
 */
static bool is_due(const struct sampler *s, const struct proc *p, int64_t now_ns, bool is_shown)
{
	bool is_first = s->n_shown > 0 && p->stat.pid == s->shown[0];
	int64_t took_ns = p->more.took_ns, age_ns = now_ns - p->more.read_ns;
	int64_t part_ns = share_ns(s) / (is_first ? 2 : 4);
	int64_t rest_ns = (is_shown ? SHOWN_AGE_S : OTHER_AGE_S) * NS_PER_S;

	if (p->is_stuck || p->stat.kthread)
		return false;
	if (!p->more.read_ns || p->more.v[METRIC_PSS].why == REASON_NOT_READ)
		return true;
	if (is_first && s->is_asked)
		return age_ns >= REST * took_ns;
	return age_ns >= MAX(rest_ns, MAX(REST, s->interval_ns / part_ns) * took_ns);
}

static bool is_asked_for(const struct slow_fields_batch *b, uint64_t uid)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].with_user && b->items[i].uid == uid)
			return true;
	}
	return false;
}

static bool has_item(const struct slow_fields_batch *b, pid_t pid)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i].pid == pid)
			return true;
	}
	return false;
}

static void add_item(struct slow_fields_batch *b, const struct proc *p, bool with_rollup)
{
	b->items[b->n++] = (struct slow_fields_item){
		.pid = p->stat.pid,
		.start_ticks = p->stat.start_ticks,
		.uid = p->uid.value,
		.with_user = amount_ok(p->uid) && !p->user && !is_asked_for(b, p->uid.value),
		.with_rollup = with_rollup,
	};
}

/* Adds processes that have not been read yet: their names only, which is fast. */
static void add_new(const struct procs *procs, struct slow_fields_batch *b)
{
	for (size_t i = 0; i < procs->n && b->n < NAMES_MAX; i++) {
		const struct proc *p = &procs->rows[i];

		if (!p->more.read_ns && !p->is_stuck)
			add_item(b, p, false);
	}
}

/* Adds processes on the screen, first those that were never read. */
static void add_shown(const struct sampler *s, struct slow_fields_batch *b, int64_t now_ns)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->n_shown && b->n < BATCH_MAX; i++) {
			const struct proc *p = procs_find(s->procs, s->shown[i], 0);

			if (p && (p->more.v[METRIC_PSS].why == REASON_NOT_READ) == (pass == 0) &&
			    is_due(s, p, now_ns, true) && !has_item(b, p->stat.pid))
				add_item(b, p, true);
		}
	}
	b->n_shown = b->n;
}

/* Adds all other processes in turn, starting behind the last one that was read. */
static void add_others(const struct sampler *s, struct slow_fields_batch *b, int64_t now_ns)
{
	const struct procs *procs = s->procs;
	size_t first = 0;

	while (first < procs->n && procs->rows[first].stat.pid <= s->turn)
		first++;
	for (size_t i = 0; i < procs->n && b->n < BATCH_MAX; i++) {
		const struct proc *p = &procs->rows[(first + i) % procs->n];

		if (is_due(s, p, now_ns, false) && !has_item(b, p->stat.pid))
			add_item(b, p, true);
	}
}

static void start_batch(struct sampler *s, int64_t now_ns, bool with_new)
{
	struct slow_fields_batch *b;

	if (s->reading || s->procs->n == 0)
		return;
	b = xcalloc(1, sizeof(*b));
	*b = (struct slow_fields_batch){
		.fs = *s->env->inspect.fs,
		.clock = s->env->inspect.clock,
		.no_cmdline = !s->env->inspect.with_cmdline,
		.budget_ns = STUCK_MS * NS_PER_MS,
		.items = xcalloc(MAX(s->procs->n, BATCH_MAX) + 1, sizeof(*b->items)),
	};
	if (with_new)
		add_new(s->procs, b);
	s->was_names = b->n > 0;
	if (b->n == 0 && (s->debt_ns == 0 || s->is_asked)) {
		b->is_shared = s->procs->ticks > FIRST_TICKS;
		b->budget_ns = b->is_shared ? share_ns(s) : FIRST_MS * NS_PER_MS;
		add_shown(s, b, now_ns);
		add_others(s, b, now_ns);
	}
	if (b->n > 0)
		s->reading = job_start(s->env->jobs, slow_fields_run, slow_fields_batch_free, b);
	if (!s->reading) {
		slow_fields_batch_free(b);
		return;
	}
	s->is_asked = s->is_asked && s->was_names;
	s->batch = b;
	s->at = 0;
	s->at_since = now_ns;
}

/* Abandons a batch whose current process blocks. That process is not read again; the others are. */
static bool leave_stuck(struct sampler *s, int64_t now_ns)
{
	size_t at = atomic_load(&s->batch->at);
	struct proc *p;

	if (at != s->at) {
		s->at = at;
		s->at_since = now_ns;
	}
	if (now_ns - s->at_since < STUCK_MS * NS_PER_MS)
		return false;
	p = procs_find(s->procs, s->batch->items[at].pid, s->batch->items[at].start_ticks);
	if (p)
		p->is_stuck = true;
	s->batch = NULL;
	job_abandon(&s->reading);
	return true;
}

static bool take_batch(struct sampler *s, int64_t now_ns)
{
	struct slow_fields_batch *b;

	if (!s->reading)
		return false;
	if (!job_is_done(s->reading))
		return leave_stuck(s, now_ns);
	b = job_take(&s->reading);
	s->batch = NULL;
	/* A large process takes more than its share: the next ticks read no slow fields. */
	if (b->is_shared)
		s->debt_ns += MAX(b->took_ns - b->budget_ns, 0);
	for (size_t i = 0; i < b->n; i++) {
		struct slow_fields_item *item = &b->items[i];

		if (!item->was_read)
			continue;
		if (i >= b->n_shown && item->with_rollup)
			s->turn = item->pid;
		procs_set_slow_fields(s->procs, item->pid, item->start_ticks, &item->result);
	}
	slow_fields_batch_free(b);
	return true;
}

static void judge_run(void *arg)
{
	struct judgements *j = arg;

	for (size_t i = 0; i < j->n; i++)
		growth_judge(j->rows[i].samples, j->rows[i].n, &j->rows[i].growth);
}

static void start_judging(struct sampler *s)
{
	struct judgements *j;

	if (s->judging)
		return;
	j = xcalloc(1, sizeof(*j));
	for (size_t i = 0; i < s->procs->n && j->n < JUDGED_MAX; i++) {
		struct proc *p = &s->procs->rows[i];

		if (!proc_wants_judgement(p))
			continue;
		j->rows[j->n++] = (struct judgement){
			.pid = p->stat.pid,
			.start_ticks = p->stat.start_ticks,
			.pushed = p->series.pushed,
			.samples = xmemdup(p->series.samples, p->series.n * sizeof(struct sample)),
			.n = p->series.n,
		};
	}
	if (j->n > 0)
		s->judging = job_start(s->env->jobs, judge_run, judgements_free, j);
	if (!s->judging)
		judgements_free(j);
}

static bool take_judgements(struct sampler *s)
{
	struct judgements *j;

	if (!s->judging || !job_is_done(s->judging))
		return false;
	j = job_take(&s->judging);
	for (size_t i = 0; i < j->n; i++)
		procs_set_growth(s->procs, j->rows[i].pid, j->rows[i].start_ticks,
				 j->rows[i].pushed, &j->rows[i].growth);
	judgements_free(j);
	return true;
}

bool sampler_poll(struct sampler *s, int64_t now_ns, int64_t *ret_wait_ns)
{
	bool ticked = take_tick(s);
	bool changed = take_batch(s, now_ns) || ticked;

	changed = take_judgements(s) || changed;
	if (ticked)
		s->debt_ns = MAX(s->debt_ns - share_ns(s), 0);
	if (ticked || s->was_names)
		start_batch(s, now_ns, ticked);
	if (ticked)
		start_judging(s);
	start_tick(s, now_ns);
	*ret_wait_ns = s->paused ? IDLE_MS * NS_PER_MS : MAX(s->next_ns - now_ns, 0);
	if (s->reading || s->ticking)
		*ret_wait_ns = MIN(*ret_wait_ns, LOOK_MS * NS_PER_MS);
	return changed;
}

void sampler_set_interval(struct sampler *s, int64_t interval_ns)
{
	s->next_ns += interval_ns - s->interval_ns;
	s->interval_ns = interval_ns;
}

void sampler_pause(struct sampler *s, bool paused)
{
	s->paused = paused;
}

void sampler_refresh(struct sampler *s)
{
	s->wants_tick = true;
	s->is_asked = true;
}

void sampler_show(struct sampler *s, const pid_t *pids, size_t n)
{
	free(s->shown);
	s->shown = n > 0 ? xmemdup(pids, n * sizeof(*pids)) : NULL;
	s->n_shown = n;
}

int64_t sampler_busy_since(const struct sampler *s)
{
	return s->ticking ? s->ticking_since : 0;
}
