/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draws the list of processes: two lines about the system, one about filters and tags if there are
 * any, the headings, and as many processes as fit.
 */
#include "screen/view/list.h"

#include "base/text.h"
#include "screen/widget/gauge.h"
#include "screen/widget/status_line.h"

enum {
	GUTTER = 1,   /* the mark of tagged processes */
	BRANCH = 3,   /* columns for a level of the tree */
	COMMAND = 16, /* the least columns for a command */
	COMMAND_IN_TREE = 36,
};

static void draw_title(const struct list_view *v, struct canvas *c)
{
	const struct screen *s = v->view.screen;
	char buf[FMT_MAX];
	struct status_line p;
	size_t shown = 0, left_out = 0;

	for (size_t i = 0; i < s->procs.n; i++)
		left_out += s->procs.rows[i].stat.kthread && !v->wish.kthreads;
	shown = s->procs.n - left_out;
	status_line_init(&p, s, c, 0);
	status_line_add(&p, (struct style){ .bold = true }, "memspect");
	if (s->paused)
		status_line_add(&p, (struct style){ .tone = TONE_WARN, .reverse = true },
				" PAUSED ");
	status_line_add(&p, (struct style){ 0 }, "%zu process%s", shown, shown == 1 ? "" : "es");
	if (s->procs.growing)
		status_line_add(&p, (struct style){ .tone = TONE_WARN, .bold = true },
				"%zu grow%s !", s->procs.growing, s->procs.growing == 1 ? "s" : "");
	if (*s->env->host)
		status_line_add(&p, (struct style){ 0 }, "%s", s->env->host);
	status_line_add_time(&p, s->host.wall_ns);
	if (s->procs.base_ns)
		status_line_add(
			&p, (struct style){ .tone = TONE_GOOD }, "base %s ago",
			number_format_age(buf, (double)(s->now_ns - s->procs.base_ns) / NS_PER_S));
	status_line_add(&p, (struct style){ .tone = TONE_DIM }, "every %g s",
			(double)s->interval_ns / NS_PER_S);
}

static void draw_filters(const struct list_view *v, struct canvas *c, size_t y)
{
	const struct screen *s = v->view.screen;
	const struct style plain = { .tone = TONE_GOOD };
	char rss[FMT_MAX], pss[FMT_MAX];
	uint64_t rss_sum = 0, pss_sum = 0;
	size_t tagged = 0;
	struct status_line p;

	status_line_init(&p, s, c, y);
	if (v->filter)
		status_line_add(&p, plain, "filter: %s", v->filter);
	if (v->user)
		status_line_add(&p, plain, "user: %s", v->user);
	if (v->wish.growers)
		status_line_add(&p, plain, "only growing processes");
	if (v->wish.kthreads)
		status_line_add(&p, plain, "with kernel threads");
	if (v->filter || v->user || v->wish.growers)
		status_line_add(&p, plain, "%zu shown", v->order.n);
	for (size_t i = 0; i < s->procs.n; i++) {
		const struct proc *row = &s->procs.rows[i];

		tagged += row->is_tagged;
		rss_sum += row->is_tagged && amount_ok(row->rss) ? row->rss.value : 0;
		pss_sum += row->is_tagged && amount_ok(row->more.v[METRIC_PSS])
				   ? row->more.v[METRIC_PSS].value
				   : 0;
	}
	if (tagged)
		status_line_add(&p, plain, "%zu tagged: RSS %s, PSS %s", tagged,
				number_format_bytes(rss, &s->format, rss_sum),
				number_format_bytes(pss, &s->format, pss_sum));
}

static bool has_filters(const struct list_view *v)
{
	const struct procs *procs = &v->view.screen->procs;

	if (v->filter || v->user || v->wish.growers || v->wish.kthreads)
		return true;
	for (size_t i = 0; i < procs->n; i++) {
		if (procs->rows[i].is_tagged)
			return true;
	}
	return false;
}

/* Returns the columns that a column takes; COMMAND takes the rest. */
static size_t width_of(const struct column_set *set, const struct number_format *format, size_t i,
		       size_t total)
{
	size_t taken = GUTTER;

	if (set->list[i] != PC_COMMAND)
		return column_width(set->list[i], format);
	for (size_t k = 0; k < set->n; k++)
		taken += k == i ? 0 : column_width(set->list[k], format) + 1;
	return total > taken ? total - taken : 1;
}

static bool is_left(enum proc_column column)
{
	const struct column *d = &proc_columns[column].column;

	return d->type == CELL_TEXT || (d->flags & COL_LEFT);
}

static void draw_headings(const struct list_view *v, const struct column_set *set, struct canvas *c,
			  size_t y)
{
	const struct screen *s = v->view.screen;
	const char *mark = s->format.ascii ? (v->wish.ascending ? "^" : "v")
					   : (v->wish.ascending ? "\u25b4" : "\u25be");
	size_t x = GUTTER;

	for (size_t i = 0; i < set->n; i++) {
		bool is_sort = set->list[i] == v->wish.sort;
		struct style style = { .bold = is_sort };
		size_t width = width_of(set, &s->format, i, c->width);
		char title[64];

		(void)snprintf(title, sizeof(title), "%s%s",
			       proc_columns[set->list[i]].column.title, is_sort ? mark : "");
		if (is_left(set->list[i]))
			(void)screen_put(s, c, x, y, width, style, title);
		else
			(void)screen_put_right(s, c, x, y, width, style, title);
		x += width + 1;
	}
	screen_highlight(c, y);
}

/* Draws the branches in front of a process in the tree. Returns the column behind them. */
static size_t draw_branch(const struct screen *s, const struct order_line *line, struct canvas *c,
			  size_t x, size_t y, size_t width)
{
	const struct style dim = { .tone = TONE_DIM };
	const char *guide = s->format.ascii ? "|  " : "\u2502  ";
	const char *branch = s->format.ascii ? (line->is_last ? "'- " : "|- ")
					     : (line->is_last ? "\u2514\u2500 " : "\u251c\u2500 ");
	size_t most = width > COMMAND ? (width - COMMAND) / BRANCH : 0;
	unsigned int skipped = line->depth > most ? line->depth - (unsigned int)most : 0;

	if (most == 0)
		return x;
	for (unsigned int level = 1 + skipped; level < line->depth; level++)
		x = canvas_put(c, x, y, dim, line->guides >> level & 1 ? guide : "   ");
	if (line->depth > 0)
		x = canvas_put(c, x, y, dim, branch);
	if (line->has_children && line->proc->is_folded)
		x = canvas_put(c, x, y, (struct style){ .bold = true }, "+ ");
	return x;
}

static void draw_process(const struct list_view *v, const struct column_set *set,
			 const struct order_line *line, struct canvas *c, size_t y)
{
	const struct screen *s = v->view.screen;
	const struct column_context ctx = list_context(v);
	auto_sbuf text = SBUF_INIT;
	size_t x = GUTTER;

	if (line->proc->is_tagged)
		(void)canvas_put(c, 0, y, (struct style){ .tone = TONE_GOOD, .bold = true }, "*");
	for (size_t i = 0; i < set->n; i++) {
		enum proc_column column = set->list[i];
		size_t width = width_of(set, &s->format, i, c->width), at = x;
		struct style style = { .tone = proc_cell_text(line->proc, column, &ctx, &text) };

		style.bold = proc_grows(line->proc) &&
			     (column == PC_GROWTH || column == PC_COMMAND);
		if (column == PC_COMMAND && v->wish.tree)
			at = draw_branch(s, line, c, x, y, width);
		if (is_left(column))
			(void)screen_put(s, c, at, y, x + width > at ? x + width - at : 0, style,
					 sbuf_str(&text));
		else
			(void)screen_put_right(s, c, x, y, width, style, sbuf_str(&text));
		x += width + 1;
	}
}

static struct column_set fit_columns(const struct list_view *v, size_t width)
{
	struct column_set all = list_column_set(v);

	return column_set_fit(&all, &v->view.screen->format, width > GUTTER ? width - GUTTER : 0,
			      v->wish.tree ? COMMAND_IN_TREE : COMMAND);
}

enum proc_column list_column_at(const struct list_view *v, size_t x)
{
	const struct number_format *format = &v->view.screen->format;
	struct column_set set = fit_columns(v, v->width);
	size_t at = GUTTER;

	for (size_t i = 0; i < set.n; i++) {
		at += width_of(&set, format, i, v->width) + 1;
		if (x < at)
			return set.list[i];
	}
	return PC_COUNT;
}

void list_draw(struct view *view, struct canvas *c, size_t rows)
{
	struct list_view *v = (struct list_view *)view;
	struct column_set set = fit_columns(v, c->width);
	size_t y = 0;

	draw_title(v, c);
	gauge_draw(view->screen, c, ++y);
	if (has_filters(v))
		draw_filters(v, c, ++y);
	draw_headings(v, &set, c, ++y);
	v->top = ++y;
	v->width = c->width;
	v->page = rows > y ? rows - y : 0;
	v->scroll = screen_scroll(v->scroll, v->cursor, v->order.n, v->page);
	for (size_t i = 0; i < v->page && v->scroll + i < v->order.n; i++) {
		draw_process(v, &set, &v->order.lines[v->scroll + i], c, y + i);
		if (v->scroll + i == v->cursor)
			screen_highlight(c, y + i);
	}
	if (v->order.n == 0 && v->page > 0 && view->screen->procs.ticks > 0)
		(void)canvas_put(c, GUTTER, y, (struct style){ .tone = TONE_DIM }, "no process");
}
