/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/inspect.h"

#include "base/alloc.h"
#include "screen/view/detail.h"
#include "screen/widget/status_line.h"

enum { HEAD_ROWS = 2 };

static const struct tab_desc {
	const char *title, *shorter;
	unsigned int context;
} tab_descs[TAB_COUNT] = {
	[TAB_SUMMARY] = { "Summary", "Sum", CTX_SUMMARY },
	[TAB_REGIONS] = { "Mappings", "Maps", CTX_REGIONS },
	[TAB_FILES] = { "Files", "Files", CTX_FILES },
	[TAB_GROWTH] = { "Growth", "Grow", CTX_GROWTH },
	[TAB_LIMITS] = { "Limits", "Lim", CTX_LIMITS },
	[TAB_DEPTH] = { "Memory", "Mem", CTX_DEPTH },
};

static const char *const fold_titles[FOLD_COUNT] = {
	[FOLD_NONE] = "every mapping",
	[FOLD_FILE] = "folded by file",
	[FOLD_OWNER] = "folded by owner",
	[FOLD_PACKAGE] = "folded by extension package",
	[FOLD_PERMISSION] = "folded by permission",
	[FOLD_TYPE] = "every type",
};

static struct inspect_view *inspect_of(struct view *v)
{
	return (struct inspect_view *)v; /* first member */
}

static void show_tab(struct inspect_view *v, enum tab tab)
{
	v->tab = tab;
	v->fold = tab == TAB_FILES ? FOLD_FILE : FOLD_NONE;
}

static void draw_head(const struct inspect_view *v, struct canvas *c)
{
	const struct screen *s = v->view.screen;
	const struct process_model *model = &v->model;
	const struct inspection *in = model->now;
	char buf[FMT_MAX];
	struct status_line p;

	status_line_init(&p, s, c, 0);
	status_line_add(&p, (struct style){ .bold = true }, "%s (%d)",
			in ? in->snapshot.stat.comm : "process", (int)model->pid);
	if (s->paused)
		status_line_add(&p, (struct style){ .tone = TONE_WARN, .reverse = true },
				" PAUSED ");
	if (model->err.code)
		status_line_add(&p, (struct style){ .tone = TONE_WARN, .bold = true }, "%s",
				model->err.text);
	if (!in)
		return;
	status_line_add(&p, (struct style){ 0 }, "RSS %s",
			number_format_amount(buf, &s->format, in->accounting.totals.rss));
	status_line_add(&p, (struct style){ 0 }, "PSS %s",
			number_format_amount(buf, &s->format, in->accounting.totals.pss));
	if (model->base)
		status_line_add(
			&p, (struct style){ .tone = TONE_GOOD }, "base %s ago",
			number_format_age(buf, (double)(s->now_ns - model->base->read_ns) / 1e9));
	status_line_add(&p, (struct style){ .tone = TONE_DIM }, "read %s ago",
			number_format_age(buf, (double)MAX(s->now_ns - in->read_ns, 0) / 1e9));
}

/*
 * Returns the column where the title of a tab begins, and sets its text; false: there is no such
 * tab.
 */
static size_t tab_text(enum tab tab, size_t width, char *buf, size_t size)
{
	bool is_narrow = width < 64;

	(void)snprintf(buf, size, " %d %s ", (int)tab + 1,
		       is_narrow ? tab_descs[tab].shorter : tab_descs[tab].title);
	return strlen(buf);
}

static void draw_tabs(const struct inspect_view *v, struct canvas *c)
{
	size_t x = 0;
	char text[32];

	for (int i = 0; i < TAB_COUNT; i++) {
		struct style style = { .bold = v->tab == (enum tab)i,
				       .reverse = v->tab == (enum tab)i };

		(void)tab_text((enum tab)i, c->width, text, sizeof(text));
		x = canvas_put(c, x, 1, style, text);
	}
}

/* Shows above a grid what is folded and filtered. */
static void draw_grid_head(const struct inspect_view *v, const struct grid *g, struct canvas *c,
			   size_t y)
{
	struct status_line p;

	status_line_init(&p, v->view.screen, c, y);
	status_line_add(&p, (struct style){ .tone = TONE_DIM }, "%s", fold_titles[v->fold]);
	status_line_add(&p, (struct style){ .tone = TONE_DIM }, "%zu of %zu", g->n,
			g->table ? g->table->n_rows : 0);
	if (g->filter)
		status_line_add(&p, (struct style){ .tone = TONE_GOOD }, "filter: %s", g->filter);
}

static void draw_paper(struct inspect_view *v, struct canvas *c, size_t y, size_t rows)
{
	const struct text_layout *layout = &v->content.layout;
	size_t most = layout->n > rows ? layout->n - rows : 0;

	v->page = rows;
	v->scrolls[v->tab] = MIN(v->scrolls[v->tab], most);
	text_layout_draw(layout, v->scrolls[v->tab], c, y, rows);
}

static void draw_walk(const struct inspect_view *v, struct canvas *c, size_t y)
{
	const struct screen *s = v->view.screen;
	struct amount rss = v->model.now ? v->model.now->accounting.totals.rss : AMOUNT_UNREAD;
	char done[FMT_MAX], whole[FMT_MAX], since[FMT_MAX];
	struct status_line p;
	uint64_t bytes;

	status_line_init(&p, s, c, y);
	if (process_model_walks(&v->model, &bytes)) {
		status_line_add(
			&p, (struct style){ .tone = TONE_GOOD }, "reading memory: %s of %s, %s",
			number_format_bytes(done, &s->format, bytes),
			number_format_amount(whole, &s->format, rss),
			number_format_age(since, (double)(s->now_ns - v->model.walk_ns) / 1e9));
		status_line_add(&p, (struct style){ .tone = TONE_DIM }, "Esc ends it");
	} else if (!v->model.deep) {
		status_line_add(&p, (struct style){ .bold = true },
				"Enter reads what memory holds");
		status_line_add(&p, (struct style){ 0 }, "the process is not stopped or changed");
	} else {
		status_line_add(&p, (struct style){ .tone = TONE_DIM }, "read %s ago",
				number_format_age(
					since, (double)(s->now_ns - v->model.deep->read_ns) / 1e9));
		status_line_add(&p, (struct style){ .tone = TONE_DIM }, "Enter reads it again");
		if (v->model.deep->snapshot.heap_stats.why)
			status_line_add(&p, (struct style){ .tone = TONE_WARN }, "not read: %s",
					reason_text(v->model.deep->snapshot.heap_stats.why));
	}
}

static void inspect_draw(struct view *view, struct canvas *c, size_t rows)
{
	struct inspect_view *v = inspect_of(view);
	size_t y = HEAD_ROWS, left = rows > HEAD_ROWS ? rows - HEAD_ROWS : 0;
	struct grid *g = inspect_grid(v);

	draw_head(v, c);
	draw_tabs(v, c);
	content_make(v, c->width);
	if (left == 0)
		return;
	if (!v->model.now) {
		if (!v->model.err.code)
			(void)canvas_put(c, 0, y, (struct style){ .tone = TONE_DIM }, "reading...");
		return;
	}
	if (g && g->table) {
		draw_grid_head(v, g, c, y);
		grid_draw(g, view->screen, c, y + 1, left - 1);
	} else if (g) {
		(void)screen_put_raw(view->screen, c, 0, y, c->width,
				     (struct style){ .tone = TONE_WARN },
				     v->model.now->snapshot.regions_why
					     ? reason_text(v->model.now->snapshot.regions_why)
					     : "none");
	} else if (v->tab == TAB_GROWTH) {
		inspect_draw_growth(v, c, y, left);
	} else if (v->tab == TAB_DEPTH) {
		draw_walk(v, c, y);
		draw_paper(v, c, y + 1, left - 1);
	} else {
		draw_paper(v, c, y, left);
	}
}

static bool scroll_paper(struct inspect_view *v, enum action action)
{
	size_t *scroll = &v->scrolls[v->tab], page = MAX(v->page, (size_t)1);

	switch (action) {
	case ACT_UP:
		*scroll -= *scroll > 0;
		break;
	case ACT_DOWN:
		++*scroll; /* the drawing function limits it */
		break;
	case ACT_PAGE_UP:
		*scroll -= MIN(*scroll, page);
		break;
	case ACT_PAGE_DOWN:
		*scroll += page;
		break;
	case ACT_HOME:
		*scroll = 0;
		break;
	case ACT_END:
		*scroll = SIZE_MAX / 2;
		break;
	default:
		return false;
	}
	return true;
}

/* Appends text as a filter that matches exactly this text. */
static void add_quoted(struct sbuf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strchr("\\^$.[]|()*+?{}", text[i]))
			sbuf_addch(out, '\\');
		sbuf_addch(out, text[i]);
	}
}

/* Unfolds a row: shows the mappings that contain its text. */
static void unfold(struct inspect_view *v, struct grid *g)
{
	const struct cell *cells = grid_cells(g, grid_row(g));
	auto_sbuf filter = SBUF_INIT;

	for (size_t k = 0; k < g->n_columns && filter.len == 0; k++) {
		const struct cell *cell = &cells[g->columns[k]];
		enum cell_type type = g->table->columns[g->columns[k]].type;

		if (!cell->why && (type == CELL_TEXT || type == CELL_ID))
			add_quoted(&filter, cell->s, type == CELL_ID ? strlen(cell->s) : cell->n);
	}
	show_tab(v, TAB_REGIONS);
	grid_filter(&v->grids[TAB_REGIONS], sbuf_str(&filter));
}

static void open_row(struct inspect_view *v)
{
	struct grid *g = inspect_grid(v);

	if (!g || grid_row(g) == SIZE_MAX)
		return;
	if (v->fold == FOLD_NONE || v->fold == FOLD_TYPE)
		detail_open(v->view.screen, g->table, grid_cells(g, grid_row(g)));
	else
		unfold(v, g);
}

static void next_fold(struct inspect_view *v)
{
	if (v->tab == TAB_DEPTH) {
		v->fold = v->fold == FOLD_TYPE ? FOLD_NONE : FOLD_TYPE;
		return;
	}
	do
		v->fold = (v->fold + 1) % FOLD_MAPPINGS;
	while ((v->tab == TAB_FILES && v->fold != FOLD_FILE && v->fold != FOLD_PACKAGE) ||
	       (v->model.base && v->fold == FOLD_OWNER));
}

static void walk(struct inspect_view *v)
{
	v->tab = TAB_DEPTH;
	if (!process_model_walk(&v->model, v->view.screen->now_ns))
		screen_say(v->view.screen, TONE_WARN, "%s",
			   v->model.walk ? "memory is being read" : "memory cannot be read now");
}

static bool act_on_process(struct inspect_view *v, enum action action)
{
	struct screen *s = v->view.screen;

	switch (action) {
	case ACT_LEFT:
		show_tab(v, (v->tab + TAB_COUNT - 1) % TAB_COUNT);
		break;
	case ACT_RIGHT:
		show_tab(v, (v->tab + 1) % TAB_COUNT);
		break;
	case ACT_GROUP:
		next_fold(v);
		break;
	case ACT_BASE:
		process_model_set_base(&v->model, true);
		screen_say(s, TONE_DIM, "compared with now: B removes the base");
		break;
	case ACT_UNBASE:
		process_model_set_base(&v->model, false);
		break;
	case ACT_WALK:
		walk(v);
		break;
	case ACT_REFRESH:
		process_model_refresh(&v->model);
		return false; /* the shell then reads all processes, too */
	case ACT_SNAPSHOT:
		screen_snapshot(s, v->model.pid, v->model.start_ticks);
		break;
	case ACT_OPEN:
		if (v->tab == TAB_DEPTH && v->fold != FOLD_TYPE)
			walk(v);
		else
			open_row(v);
		break;
	default:
		return false;
	}
	return true;
}

/*
 * Returns the view after making its content again if a new reading has come since the last picture.
 */
static struct inspect_view *freshened(struct view *view)
{
	struct inspect_view *v = inspect_of(view);

	if (v->content.is_made)
		content_make(v, v->content.width);
	return v;
}

static bool inspect_act(struct view *view, enum action action)
{
	struct inspect_view *v = freshened(view);
	struct grid *g = v->tab == TAB_GROWTH ? &v->grids[TAB_GROWTH] : inspect_grid(v);
	uint64_t bytes;

	if (action >= ACT_TAB_1 && action < ACT_TAB_1 + TAB_COUNT) {
		show_tab(v, (enum tab)(action - ACT_TAB_1));
		return true;
	}
	if (action == ACT_BACK && process_model_walks(&v->model, &bytes)) {
		process_model_stop_walk(&v->model);
		return true;
	}
	if (g ? grid_act(g, view->screen, action) : scroll_paper(v, action))
		return true;
	return act_on_process(v, action);
}

static void inspect_answer(struct view *view, enum action asked, const char *text, bool is_final)
{
	struct grid *g = inspect_grid(freshened(view));

	if (g)
		grid_answer(g, view->screen, asked, text, is_final);
}

static void inspect_click(struct view *view, size_t x, size_t y, bool twice)
{
	struct inspect_view *v = freshened(view);
	struct grid *g = v->tab == TAB_GROWTH ? &v->grids[TAB_GROWTH] : inspect_grid(v);
	char text[32];
	size_t end = 0;

	for (int i = 0; y == 1 && i < TAB_COUNT; i++) {
		size_t begin = end;

		end += tab_text((enum tab)i, v->content.width, text, sizeof(text));
		if (x >= begin && x < end)
			show_tab(v, (enum tab)i);
	}
	if (y > 1 && g && grid_click(g, view->screen, x, y) && twice)
		open_row(v);
}

static bool inspect_update(struct view *view)
{
	struct inspect_view *v = inspect_of(view);
	uint64_t bytes;
	bool is_new = process_model_poll(&v->model, view->screen->now_ns, view->screen->interval_ns,
					 view->screen->paused);

	return process_model_walks(&v->model, &bytes) || is_new;
}

static const struct table *inspect_report(struct view *view, struct report *r)
{
	struct inspect_view *v = freshened(view);
	struct grid *g = inspect_grid(v);

	return g ? grid_table(g, r) : v->content.part;
}

static unsigned int inspect_context(const struct view *view)
{
	const struct inspect_view *v = (const struct inspect_view *)view;

	/* A list of all types has the keys of other tables. */
	return tab_descs[v->tab].context |
	       (v->tab == TAB_DEPTH && v->fold == FOLD_TYPE ? CTX_FILES : 0);
}

static void inspect_free(struct view *view)
{
	struct inspect_view *v = inspect_of(view);

	for (size_t i = 0; i < TAB_COUNT; i++)
		grid_release(&v->grids[i]);
	content_release(&v->content);
	process_model_release(&v->model);
	free(v->series);
	free(v);
}

static const char *const legend[] = {
	"kernel    the kernel names it",
	"walked    its contents were read and validated",
	"~         inferred from its shape and flags",
	"?         unknown: nothing explains it",
	"RSS       pages in RAM; PSS: shared ones divided among their users; USS: private",
	NULL,
};

static const struct view_ops ops = {
	.title = "One process",
	.legend = legend,
	.context = inspect_context,
	.draw = inspect_draw,
	.act = inspect_act,
	.click = inspect_click,
	.answer = inspect_answer,
	.update = inspect_update,
	.report = inspect_report,
	.free = inspect_free,
};

void inspect_open(struct screen *s, pid_t pid, uint64_t start_ticks)
{
	struct inspect_view *v = xcalloc(1, sizeof(*v));

	v->view.ops = &ops;
	v->content.report = (struct report)REPORT_INIT;
	process_model_init(&v->model, s->env, pid, start_ticks);
	grid_init(&v->grids[TAB_REGIONS], "-rss_bytes");
	grid_init(&v->grids[TAB_FILES], "-rss_bytes");
	grid_init(&v->grids[TAB_GROWTH], NULL);
	grid_init(&v->grids[TAB_DEPTH], "-bytes");
	screen_push(s, &v->view);
	(void)inspect_update(&v->view);
}
