/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/procs.h"

#include "base/alloc.h"
#include "base/clock.h"

void procs_init(struct procs *p)
{
	*p = (struct procs){ 0 };
}

void slow_fields_release(struct slow_fields *p)
{
	free(p->command);
	free(p->user);
	*p = (struct slow_fields){ 0 };
}

static void proc_release(struct proc *p)
{
	free(p->title);
	slow_fields_release(&p->more);
	series_release(&p->series);
}

void procs_release(struct procs *p)
{
	for (size_t i = 0; i < p->n; i++)
		proc_release(&p->rows[i]);
	for (size_t i = 0; i < p->n_users; i++)
		free(p->users[i].name);
	free(p->rows);
	free(p->users);
	*p = (struct procs){ 0 };
}

static const char *find_user(const struct procs *p, struct amount uid)
{
	for (size_t i = 0; amount_ok(uid) && i < p->n_users; i++) {
		if (p->users[i].uid == uid.value)
			return p->users[i].name;
	}
	return NULL;
}

static struct slow_fields unread(void)
{
	struct slow_fields fields = { .read_ns = 0 };

	for (int i = 0; i < METRIC_COUNT; i++)
		fields.v[i] = AMOUNT_UNREAD;
	return fields;
}

/*
 * After exec the series starts again, and the slow fields are dropped: both belong to the old
 * program.
 */
static void begin_program(const struct procs *p, struct proc *row, const struct scan_reading *r)
{
	proc_release(row);
	row->title = xasprintf("[%s]", r->stat.comm);
	row->uid = r->uid;
	row->user = find_user(p, r->uid);
	row->more = unread();
	row->is_stuck = false;
	row->sparks = 0;
	row->growth = (struct growth){ 0 };
	row->judged = 0;
	row->base_rss = 0;
	series_init(&row->series, PROC_SAMPLES);
}

/* The newest slot holds the largest RSS of its time; a new slot drops the oldest one. */
static void add_spark(struct proc *row, int64_t now_ns, uint64_t rss)
{
	int64_t slot_ns = SPARK_SECONDS * NS_PER_S;
	uint64_t *newest = &row->spark[SPARK_SLOTS - 1];

	if (row->sparks > 0 && now_ns - row->spark_ns < slot_ns) {
		*newest = MAX(*newest, rss);
		return;
	}
	memmove(row->spark, row->spark + 1, sizeof(row->spark) - sizeof(*row->spark));
	*newest = rss;
	row->spark_ns = now_ns;
	row->sparks = MIN(row->sparks + 1, (unsigned int)SPARK_SLOTS);
}

static void fold_reading(const struct procs *p, struct proc *row, int64_t now_ns,
			 const struct scan_reading *r)
{
	if (r->change != SCAN_SAME || !row->title)
		begin_program(p, row, r);
	row->stat = r->stat;
	row->rss = r->rss_bytes;
	row->size = r->size_bytes;
	row->shared = r->shared_bytes;
	if (!amount_ok(r->rss_bytes))
		return;
	series_push(&row->series, (struct sample){ now_ns, r->rss_bytes.value });
	add_spark(row, now_ns, r->rss_bytes.value);
}

void procs_set_base(struct procs *p, bool set)
{
	p->base_ns = set ? p->now_ns : 0;
	for (size_t i = 0; i < p->n; i++)
		p->rows[i].base_rss = amount_ok(p->rows[i].rss) ? p->rows[i].rss.value : 0;
}

static bool is_same_process(const struct proc *row, const struct scan_reading *r)
{
	return row->stat.pid == r->pid && row->stat.start_ticks == r->stat.start_ticks;
}

void procs_fold(struct procs *p, int64_t now_ns, const struct scan_reading *readings, size_t n)
{
	struct proc *rows = xcalloc(n + 1, sizeof(*rows));
	size_t at = 0;

	p->growing = 0;
	for (size_t i = 0; i < n; i++) {
		for (; at < p->n && p->rows[at].stat.pid < readings[i].pid; at++)
			proc_release(&p->rows[at]);
		if (at < p->n && is_same_process(&p->rows[at], &readings[i]))
			rows[i] = p->rows[at++];
		fold_reading(p, &rows[i], now_ns, &readings[i]);
		p->growing += proc_grows(&rows[i]);
	}
	for (; at < p->n; at++)
		proc_release(&p->rows[at]);
	free(p->rows);
	p->rows = rows;
	p->n = n;
	p->now_ns = now_ns;
	p->ticks++;
	p->changes++;
}

static int compare_pid(const void *key, const void *row)
{
	pid_t a = *(const pid_t *)key, b = ((const struct proc *)row)->stat.pid;

	return (a > b) - (a < b);
}

struct proc *procs_find(const struct procs *p, pid_t pid, uint64_t start_ticks)
{
	struct proc *row = p->n ? bsearch(&pid, p->rows, p->n, sizeof(*p->rows), compare_pid)
				: NULL;

	return row && (!start_ticks || row->stat.start_ticks == start_ticks) ? row : NULL;
}

static void add_user(struct procs *p, uint64_t uid, char *name)
{
	p->users = xgrow(p->users, p->n_users, &p->cap_users, sizeof(*p->users));
	p->users[p->n_users++] = (struct user_name){ uid, name };
	for (size_t i = 0; i < p->n; i++) {
		struct amount owner = p->rows[i].uid;

		if (amount_ok(owner) && owner.value == uid)
			p->rows[i].user = name;
	}
}

void procs_set_slow_fields(struct procs *p, pid_t pid, uint64_t start_ticks,
			   struct slow_fields *more)
{
	struct proc *row = procs_find(p, pid, start_ticks);

	if (row) {
		p->changes++;
		if (more->user && amount_ok(row->uid) && !find_user(p, row->uid))
			add_user(p, row->uid.value, steal_ptr(more->user));
		slow_fields_release(&row->more);
		row->more = *more;
		*more = (struct slow_fields){ 0 };
	}
	slow_fields_release(more);
}

static bool is_constant(const struct series *s)
{
	for (size_t i = 1; i < s->n; i++) {
		if (s->samples[i].bytes != s->samples[0].bytes)
			return false;
	}
	return s->n > 0;
}

bool proc_wants_judgement(struct proc *p)
{
	enum { LEAST = 5, ENOUGH = 12, SHARE = 16 };

	/* One more sample does not change a verdict on many samples. */
	if (p->series.pushed < LEAST || p->series.pushed - p->judged < 1 + p->judged / SHARE)
		return false;
	/*
	 * A program that has just started grows, and would be listed among those that grow for
	 * long.
	 */
	if (!is_constant(&p->series))
		return p->series.pushed >= ENOUGH;
	p->growth = (struct growth){ .verdict = VERDICT_STABLE,
				     .samples = p->series.n,
				     .has_rate = true };
	p->judged = p->series.pushed;
	return false;
}

void procs_set_growth(struct procs *p, pid_t pid, uint64_t start_ticks, uint64_t judged,
		      const struct growth *growth)
{
	struct proc *row = procs_find(p, pid, start_ticks);

	if (!row || judged > row->series.pushed)
		return;
	p->growing -= proc_grows(row);
	row->growth = *growth;
	row->judged = judged;
	p->changes++;
	p->growing += proc_grows(row);
}

const char *proc_command(const struct proc *p)
{
	return p->more.command ? p->more.command : p->title;
}

bool proc_grows(const struct proc *p)
{
	return verdict_descs[p->growth.verdict].grows;
}
