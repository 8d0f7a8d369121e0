/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/data/process_model.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/alloc.h"

enum { COST_FACTOR = 50 };

void process_model_init(struct process_model *s, const struct screen_env *env, pid_t pid,
			uint64_t start_ticks)
{
	*s = (struct process_model){ .env = env, .pid = pid, .start_ticks = start_ticks };
	tracks_init(&s->tracks);
}

void process_model_stop_walk(struct process_model *s)
{
	if (s->walk)
		s->walking->cancel = 1;
}

void process_model_release(struct process_model *s)
{
	process_model_stop_walk(s);
	job_abandon(&s->job);
	job_abandon(&s->walk);
	process_model_set_base(s, false);
	inspection_free(s->now);
	inspection_free(s->deep);
	tracks_release(&s->tracks);
}

/* Returns whether the process is exiting: it still has a status, but no memory to read. */
static bool has_lost_memory(const struct process_model *s, const struct inspection *in)
{
	return in->snapshot.regions_why == REASON_NO_MM && s->now && !s->now->snapshot.regions_why;
}

void process_model_take(struct process_model *s, struct inspection *in)
{
	s->readings++;
	s->err = in->result < 0 ? in->err : (struct err)ERR_INIT;
	s->due_ns = MAX(s->due_ns, in->read_ns + COST_FACTOR * in->cost_ns);
	if (in->result == 0 && has_lost_memory(s, in))
		(void)err_set(&s->err, ESRCH, "process %d has ended", (int)s->pid);
	if (s->err.code) {
		inspection_free(in); /* the last good inspection stays */
		return;
	}
	tracks_add_status(&s->tracks, in->read_ns, &in->snapshot.status);
	tracks_add_snapshot(&s->tracks, in->read_ns, &in->snapshot, &in->accounting);
	if (s->now != s->base)
		inspection_free(s->now);
	s->now = in;
	if (s->wants_base) {
		s->wants_base = false;
		s->base = in;
	}
}

/* An inspection with a walk is also a reading; later ones without a walk do not replace it. */
static void take_walk(struct process_model *s)
{
	struct inspection *in = job_take(&s->walk);

	s->walking = NULL;
	s->readings++;
	if (in->result < 0) {
		s->err = in->err;
		inspection_free(in);
		return;
	}
	if (in->has_walk)
		tracks_add_heap_stats(&s->tracks, in->read_ns, &in->snapshot.heap_stats);
	if (s->deep != s->base_deep)
		inspection_free(s->deep);
	s->deep = in;
}

static struct inspection *new_inspection(const struct process_model *s)
{
	struct inspection *in = inspection_new(&s->env->inspect, s->pid);

	in->start_ticks = s->start_ticks;
	return in;
}

static void start_reading(struct process_model *s, int64_t now_ns, int64_t interval_ns)
{
	struct inspection *in = new_inspection(s);

	s->due_ns = now_ns + interval_ns;
	s->job = job_start(s->env->jobs, inspection_run, inspection_free, in);
	if (!s->job)
		inspection_free(in);
}

bool process_model_poll(struct process_model *s, int64_t now_ns, int64_t interval_ns, bool paused)
{
	bool is_new = false;

	if (s->job && job_is_done(s->job)) {
		process_model_take(s, job_take(&s->job));
		is_new = true;
	}
	if (s->walk && job_is_done(s->walk)) {
		take_walk(s);
		is_new = true;
	}
	if (s->env->jobs && !s->job && now_ns >= s->due_ns && !(paused && s->now))
		start_reading(s, now_ns, interval_ns);
	return is_new;
}

void process_model_refresh(struct process_model *s)
{
	s->due_ns = 0;
}

void process_model_set_base(struct process_model *s, bool set)
{
	if (s->base && s->base != s->now)
		inspection_free(s->base);
	if (s->base_deep != s->deep)
		inspection_free(s->base_deep);
	s->base = set ? s->now : NULL;
	s->base_deep = set ? s->deep : NULL;
	s->wants_base = set && !s->now;
}

bool process_model_walk(struct process_model *s, int64_t now_ns)
{
	struct inspection *in;

	if (s->walk || !s->env->jobs || !s->env->inspect.fs->live)
		return false;
	in = new_inspection(s);
	in->opts.deep = WANT_ALL;
	s->walk = job_start(s->env->jobs, inspection_run, inspection_free, in);
	if (!s->walk) {
		inspection_free(in);
		return false;
	}
	s->walking = in;
	s->walk_ns = now_ns;
	return true;
}

bool process_model_walks(const struct process_model *s, uint64_t *ret_bytes)
{
	if (!s->walk)
		return false;
	*ret_bytes = atomic_load(&s->walking->bytes_read);
	return true;
}
