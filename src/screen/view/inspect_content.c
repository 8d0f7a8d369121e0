/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of the tabs of a process: parts of the report on it, or of the report on changes
 * since the base. This file has no texts of its own.
 */
#include "screen/view/inspect.h"

#include "present/build/build.h"
#include "present/build/deep.h"
#include "present/build/diff.h"
#include "present/build/process.h"
#include "present/render/table_order.h"

/* The parts of the reports, by ids of their columns. */
static const struct {
	const char *now, *since_base;
} parts[TAB_COUNT] = {
	[TAB_SUMMARY] = { "head,command,caveats,totals,categories,known,findings",
			  "head,notes,totals,categories" },
	[TAB_GROWTH] = { "growth", "growth" },
	[TAB_LIMITS] = { "limits,outside_rss", "limits,outside_rss" },
	[TAB_DEPTH] = { "deep", "notes,deep" },
};

static const char region_columns[] = "start,rss,size,perms,pss,category,private_dirty,swap,what";

void content_release(struct content *c)
{
	if (c->has_diff)
		diff_release(&c->diff);
	text_layout_release(&c->layout);
	report_release(&c->report);
	*c = (struct content){ .report = REPORT_INIT };
}

/* Returns the inspection that a tab shows: contents of memory are those of the last walk. */
static const struct inspection *inspection_of(const struct inspect_view *v)
{
	return v->tab == TAB_DEPTH ? v->model.deep : v->model.now;
}

static const struct table *first_table(const struct report *r, const char *id)
{
	return table_cell(r->root, 0, (size_t)table_column(r->root, id)).t;
}

static const struct table *report_on(struct inspect_view *v, const struct inspection *in)
{
	struct report *r = &v->content.report;
	struct build_opts opts = env_build_opts(v->model.env, in);
	struct process_inputs *view = arena_alloc(&r->arena, sizeof(*view));
	struct err err = ERR_INIT;

	*view = process_inputs_of(in);
	opts.regions = opts.sources = false;
	if (v->tab == TAB_GROWTH)
		view->growth = inspect_growth(v, r);
	if (build_processes(r, view, 1, NULL, &opts, &err) < 0)
		return NULL;
	return first_table(r, "processes");
}

static const struct table *report_on_changes(struct inspect_view *v, const struct inspection *in)
{
	struct content *c = &v->content;
	struct build_opts opts = env_build_opts(v->model.env, in);
	const struct inspection *base = v->tab == TAB_DEPTH ? v->model.base_deep : v->model.base;
	struct diff_side sides[] = {
		{ .snapshot = &base->snapshot,
		  .accounting = &base->accounting,
		  .host = v->model.env->host,
		  .taken_wall_ns = base->wall_ns },
		{ .snapshot = &in->snapshot,
		  .accounting = &in->accounting,
		  .host = v->model.env->host,
		  .taken_wall_ns = in->wall_ns },
	};
	struct diff_view *view = arena_alloc(&c->report.arena, sizeof(*view));

	*view = (struct diff_view){ .diffs = &c->diff, .n = 1 };
	diff_init(&c->diff, &sides[0], &sides[1]);
	c->has_diff = true;
	build_diff(&c->report, view, &opts);
	return first_table(&c->report, "pairs");
}

/* Returns whether the tab compares with a base. */
static bool has_changes(const struct inspect_view *v)
{
	if (v->tab == TAB_DEPTH)
		return v->model.base_deep && v->model.base_deep != v->model.deep &&
		       v->fold != FOLD_TYPE;
	return v->model.base && v->tab != TAB_GROWTH && v->tab != TAB_LIMITS &&
	       v->fold != FOLD_OWNER;
}

static const struct table *fold_changes(struct inspect_view *v, enum fold fold)
{
	struct content *c = &v->content;
	const struct inspection *in = v->model.now;

	(void)report_on_changes(v, in);
	switch (fold) {
	case FOLD_FILE:
		return build_diff_files(&c->report, &c->diff);
	case FOLD_PACKAGE:
		return build_diff_packages(&c->report, &c->diff);
	case FOLD_PERMISSION:
		return build_diff_permissions(&c->report, &c->diff);
	default:
		return build_diff_regions(&c->report, &c->diff, true);
	}
}

/* Returns the types of the runtime that has the most of them. */
static const struct table *types_of(struct report *r, const struct inspection *in)
{
	const struct table *runtimes = in->has_walk ? build_runtimes(r, &in->walk) : NULL;
	const struct table *most = NULL;
	int types = runtimes ? table_column(runtimes, "types") : -1;

	for (size_t i = 0; types >= 0 && i < runtimes->n_rows; i++) {
		struct cell cell = table_cell(runtimes, i, (size_t)types);

		if (!cell.why && cell.t && (!most || cell.t->n_rows > most->n_rows))
			most = cell.t;
	}
	return most;
}

static const struct table *fold_now(struct inspect_view *v, enum fold fold)
{
	struct report *r = &v->content.report;
	struct process_inputs *view = arena_alloc(&r->arena, sizeof(*view));
	struct err err = ERR_INIT;
	struct table *t;

	*view = process_inputs_of(v->model.now);
	switch (fold) {
	case FOLD_TYPE:
		return types_of(r, v->model.deep);
	case FOLD_FILE:
		return build_files(r, view);
	case FOLD_OWNER:
		return build_owners(r, view);
	case FOLD_PACKAGE:
		return build_packages(r, view);
	case FOLD_PERMISSION:
		return build_permissions(r, view);
	default:
		t = build_regions(r, view, v->model.env->inspect.rules);
		if (t)
			(void)table_pick(r, t, region_columns, &err);
		return t;
	}
}

struct grid *inspect_grid(struct inspect_view *v)
{
	if (v->tab == TAB_DEPTH)
		return v->fold == FOLD_TYPE && v->model.deep ? &v->grids[TAB_DEPTH] : NULL;
	return v->tab == TAB_REGIONS || v->tab == TAB_FILES ? &v->grids[v->tab] : NULL;
}

static void make_grid(struct inspect_view *v, struct grid *g)
{
	struct content *c = &v->content;

	c->part = has_changes(v) ? fold_changes(v, v->fold) : fold_now(v, v->fold);
	grid_set(g, c->part);
}

static void make_paper(struct inspect_view *v)
{
	struct content *c = &v->content;
	struct render_opts opts = { .unit = v->view.screen->format.unit,
				    .width = (unsigned int)c->width,
				    .ascii = v->view.screen->format.ascii,
				    .headings = true };
	const struct inspection *in = inspection_of(v);
	bool changes = has_changes(v);
	const struct table *t;

	if (!in)
		return;
	t = changes ? report_on_changes(v, in) : report_on(v, in);
	if (!t)
		return;
	t = report_pick(&c->report, t, changes ? parts[v->tab].since_base : parts[v->tab].now);
	c->part = t;
	if (v->tab == TAB_GROWTH) /* its chart and series are drawn elsewhere */
		t = report_pick(&c->report, table_cell(t, 0, (size_t)table_column(t, "growth")).t,
				"sentence,reach,types,lines");
	(void)text_layout_make(&c->layout, t, &opts);
}

static bool is_fresh(const struct inspect_view *v, size_t width)
{
	const struct content *c = &v->content;

	return c->is_made && c->tab == v->tab && c->fold == v->fold && c->width == width &&
	       c->readings == v->model.readings && c->base == v->model.base &&
	       c->unit == v->view.screen->format.unit;
}

void content_make(struct inspect_view *v, size_t width)
{
	struct content *c = &v->content;
	struct grid *g = inspect_grid(v);

	if (is_fresh(v, width))
		return;
	for (size_t i = 0; i < TAB_COUNT; i++)
		grid_set(&v->grids[i], NULL); /* it shows the old content */
	content_release(c);
	*c = (struct content){ .is_made = true,
			       .tab = v->tab,
			       .fold = v->fold,
			       .readings = v->model.readings,
			       .base = v->model.base,
			       .width = width,
			       .unit = v->view.screen->format.unit,
			       .report = REPORT_INIT };
	if (g && v->model.now)
		make_grid(v, g);
	else if (!g)
		make_paper(v);
}
