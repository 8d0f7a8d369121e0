/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growth of one process: the verdict on one of its series with a chart, and all series below. That
 * of RSS is the list's, which has seen it for longer; the others are made from inspections.
 */
#include "base/alloc.h"
#include "present/draw/chart.h"
#include "screen/view/inspect.h"

enum { SERIES_ROWS = 7 }; /* of a small screen: what is left is the chart's */

/* The series that was chosen, as it is looked for. */
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

	if (series->n == 0 || streq(id, "rss"))
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
	struct finder f = { .id = v->series ? v->series : "rss", .arena = &r->arena };
	const struct series *shown;
	struct growth_series *copy;

	if (p && p->series.n > 0)
		judge(&f, "rss", &p->series);
	tracks_each(&v->model.tracks, visit, &f);
	shown = f.found ? f.found : p ? &p->series : NULL;
	copy = arena_array(&r->arena, f.n, struct growth_series);
	if (f.n > 0)
		memcpy(copy, f.all, f.n * sizeof(*copy));
	free(f.all);
	*g = (struct growth_inputs){
		.title = f.found ? arena_strdup(&r->arena, f.id) : "RSS",
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

/* A table in a cell of the `growth` object; NULL if it is not there. */
static const struct table *part_of(const struct table *growth, const char *id)
{
	const struct cell *cell = &table_row(growth, 0)[table_column(growth, id)];

	return cell->why ? NULL : cell->t;
}

/* The cursor on the list of series chooses what the chart shows. */
static void choose_series(struct inspect_view *v, const struct grid *g)
{
	size_t row = grid_row(g);
	const struct cell *cell;

	if (row == SIZE_MAX)
		return;
	cell = &table_row(g->table, row)[table_column(g->table, "id")];
	if (v->series && strlen(v->series) == cell->n && memcmp(v->series, cell->s, cell->n) == 0)
		return;
	free(v->series);
	v->series = xstrndup(cell->s, cell->n);
	v->content.is_made = false;
}

void inspect_draw_growth(struct inspect_view *v, struct canvas *c, size_t y, size_t rows)
{
	const struct screen *s = v->view.screen;
	struct grid *g = &v->grids[TAB_GROWTH];
	const struct table *growth, *t;
	size_t words, left, list;

	if (!v->content.part)
		return;
	growth = table_row(v->content.part, 0)[table_column(v->content.part, "growth")].t;
	grid_set(g, part_of(growth, "series"));
	choose_series(v, g);
	if (!v->content.is_made) {
		content_make(v, v->content.width);
		growth = table_row(v->content.part, 0)[table_column(v->content.part, "growth")].t;
		grid_set(g, part_of(growth, "series"));
	}
	words = MIN(v->content.layout.n, rows);
	text_layout_draw(&v->content.layout, 0, c, y, words);
	left = rows - words;
	list = g->table ? MIN(left, MIN(g->n + 1, MAX((size_t)SERIES_ROWS, left / 3))) : 0;
	t = part_of(growth, "chart");
	if (t && left - list >= CHART_LEAST_HEIGHT && c->width >= CHART_LEAST_WIDTH) {
		struct chart_place place = { 0, y + words, c->width, left - list };

		chart_draw(t->chart, c, place, s->format.unit, s->format.ascii);
	}
	grid_draw(g, s, c, y + rows - list, list);
}
