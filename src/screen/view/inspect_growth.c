/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges the series of one process for the growth tab. The series of RSS is that of the list, which
 * is longer; the others come from inspections.
 */
#include "base/alloc.h"
#include "screen/view/inspect.h"

/* The search for the chosen series. */
struct finder {
	const char *id;
	struct series *found;
	struct arena *arena;
	struct growth_series *all;
	size_t n, cap;
};

static void judge(struct finder *f, const char *id, const struct series *series)
{
	struct growth_series *s;

	f->all = xgrow(f->all, f->n, &f->cap, sizeof(*f->all));
	s = &f->all[f->n++];
	*s = (struct growth_series){
		.id = arena_strdup(f->arena, id),
		.first_bytes = series->samples[0].bytes,
		.last_bytes = series->samples[series->n - 1].bytes,
	};
	growth_judge(series->samples, series->n, &s->growth);
}

static void visit(void *arg, const char *id, struct series *series)
{
	struct finder *f = arg;

	if (series->n == 0 || streq(id, METRIC_NAME(RSS)))
		return; /* RSS comes from the list */
	judge(f, id, series);
	if (streq(id, f->id))
		f->found = series;
}

static void add_limit(const struct limits *l, uint64_t now_bytes, struct growth_inputs *v)
{
	uint64_t room;
	const struct limit_row *nearest = limits_nearest(l, &room);

	if (!nearest)
		return;
	v->limit_id = limit_descs[nearest->id].id;
	v->limit_bytes = now_bytes + room;
	v->reach = growth_reach(&v->growth, now_bytes, v->limit_bytes);
}

const struct growth_inputs *inspect_growth(struct inspect_view *v, struct report *r)
{
	const struct screen *s = v->view.screen;
	struct proc *p = procs_find(&s->procs, v->model.pid, v->model.start_ticks);
	struct growth_inputs *g = arena_alloc(&r->arena, sizeof(*g));
	struct finder f = { .id = v->series ? v->series : METRIC_NAME(RSS), .arena = &r->arena };
	const struct series *shown;
	struct growth_series *copy;

	if (p && p->series.n > 0)
		judge(&f, METRIC_NAME(RSS), &p->series);
	tracks_each(&v->model.tracks, visit, &f);
	shown = f.found ? f.found : p ? &p->series : NULL;
	copy = arena_array(&r->arena, f.n, struct growth_series);
	if (f.n > 0)
		memcpy(copy, f.all, f.n * sizeof(*copy));
	free(f.all);
	*g = (struct growth_inputs){
		.title = f.found ? arena_strdup(&r->arena, f.id) : METRIC_TITLE(RSS),
		.series = copy,
		.n_series = f.n,
		.samples = shown ? shown->samples : NULL,
		.n_samples = shown ? shown->n : 0,
		.has_wall = true,
		.wall_offset_ns = env_wall(s->env) - env_now(s->env),
	};
	growth_judge(g->samples, g->n_samples, &g->growth);
	if (!f.found && g->n_samples && v->model.now)
		add_limit(&v->model.now->limits, g->samples[g->n_samples - 1].bytes, g);
	return g;
}
