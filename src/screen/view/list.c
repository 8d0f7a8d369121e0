/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/list.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/num.h"
#include "screen/view/inspect.h"
#include "screen/widget/chooser.h"

enum { DELAY_LEAST_MS = 100, DELAY_MOST_S = 3600, WHEEL = 3 };

static struct list_view *list_of(struct view *v)
{
	return (struct list_view *)v; /* first member */
}

static void set_text(char **text, const char *value)
{
	free(*text);
	*text = value && *value ? xstrdup(value) : NULL;
}

int list_sort(struct list_view *v, const char *sort, struct err *err)
{
	struct column_set set;
	bool descending = *sort == '-';

	if (column_set_parse(sort + descending, &set, err) < 0)
		return -EINVAL;
	v->wish.sort = set.list[0];
	v->wish.ascending = !descending;
	return 0;
}

void list_filter(struct list_view *v, const char *filter, const char *user)
{
	set_text(&v->filter, filter);
	set_text(&v->user, user);
	list_refresh(v);
}

static void sort_by(struct list_view *v, enum proc_column column)
{
	bool is_text = proc_columns[column].column.type == CELL_TEXT && column != PC_TREND;

	v->wish.sort = column;
	v->wish.ascending = is_text || column == PC_PID || column == PC_PPID;
	list_move_to(v, 0);
	list_refresh(v);
}

/* Sorts by the next visible column in a direction. */
static void sort_by_neighbour(struct list_view *v, int step)
{
	struct column_set set = list_column_set(v);
	size_t n = set.n, at = 0;

	while (at < n && set.list[at] != v->wish.sort)
		at++;
	at = at == n ? 0 : (at + n + (size_t)step) % n;
	sort_by(v, set.list[at]);
	screen_say(v->view.screen, TONE_DIM, "sorted by %s: %s",
		   proc_columns[v->wish.sort].column.title, proc_columns[v->wish.sort].column.help);
}

/* Moves to the next line with the text, from the one at `from` on; wraps around. */
static bool search_from(struct list_view *v, size_t from)
{
	struct matcher m;
	bool found = false;

	if (!v->search || !v->order.n)
		return false;
	matcher_init(&m, v->search);
	for (size_t i = 0; i < v->order.n && !found; i++) {
		size_t at = (from + i) % v->order.n;

		found = matcher_has(&m, v->order.lines[at].proc);
		if (found)
			list_move_to(v, at);
	}
	matcher_release(&m);
	return found;
}

/* Moves the cursor to the text while it is typed, and back if it is not found. */
static void search(struct list_view *v, const char *text, bool is_final)
{
	if (text && *text)
		set_text(&v->search, text);
	if (text && *text && search_from(v, v->search_from))
		return;
	list_move_to(v, v->search_from);
	if (text && *text && is_final)
		screen_say(v->view.screen, TONE_WARN, "not found: %s", text);
}

static void search_next(struct list_view *v)
{
	if (!v->search)
		screen_say(v->view.screen, TONE_WARN, "no text to search for: press /");
	else if (!search_from(v, v->cursor + 1))
		screen_say(v->view.screen, TONE_WARN, "not found: %s", v->search);
}

static void tag(struct list_view *v)
{
	struct proc *p = list_selected(v);

	if (p)
		p->is_tagged = !p->is_tagged;
	list_move_to(v, v->cursor + 1);
}

static void untag(struct list_view *v)
{
	struct procs *procs = &v->view.screen->procs;

	for (size_t i = 0; i < procs->n; i++)
		procs->rows[i].is_tagged = false;
}

static void fold(struct list_view *v, bool is_folded)
{
	struct proc *p = list_selected(v);

	if (!p || !v->wish.tree)
		return;
	p->is_folded = is_folded;
	list_refresh(v);
}

static void ask_delay(struct list_view *v)
{
	char preset[32];

	(void)snprintf(preset, sizeof(preset), "%g",
		       (double)v->view.screen->interval_ns / NS_PER_S);
	screen_ask(v->view.screen, ACT_DELAY, "Seconds between readings: ", preset);
}

static void set_delay(struct list_view *v, const char *text)
{
	struct screen *s = v->view.screen;
	int64_t ns;

	if (num_parse_duration(text, &ns) < 0 || ns < DELAY_LEAST_MS * NS_PER_MS ||
	    ns > DELAY_MOST_S * NS_PER_S) {
		screen_say(s, TONE_WARN, "not a time from 0.1 s to an hour: %s", text);
		return;
	}
	screen_set_interval(s, ns);
}

static void toggle(struct list_view *v, bool *what, const char *on, const char *off)
{
	*what = !*what;
	screen_say(v->view.screen, TONE_DIM, "%s", *what ? on : off);
	list_refresh(v);
}

static bool act_on_rows(struct list_view *v, enum action action)
{
	switch (action) {
	case ACT_UP:
		list_move_to(v, v->cursor ? v->cursor - 1 : 0);
		break;
	case ACT_DOWN:
		list_move_to(v, v->cursor + 1);
		break;
	case ACT_PAGE_UP:
		list_move_to(v, v->cursor > v->page ? v->cursor - v->page : 0);
		break;
	case ACT_PAGE_DOWN:
		list_move_to(v, v->cursor + MAX(v->page, (size_t)1));
		break;
	case ACT_HOME:
		list_move_to(v, 0);
		break;
	case ACT_END:
		list_move_to(v, SIZE_MAX);
		break;
	case ACT_SEARCH_NEXT:
		search_next(v);
		break;
	case ACT_TAG:
		tag(v);
		break;
	case ACT_UNTAG:
		untag(v);
		break;
	case ACT_FOLD:
	case ACT_LEFT:
		fold(v, true);
		break;
	case ACT_UNFOLD:
	case ACT_RIGHT:
		fold(v, false);
		break;
	default:
		return false;
	}
	return true;
}

static bool act_on_order(struct list_view *v, enum action action)
{
	static const struct {
		enum action action;
		enum proc_column column;
	} letters[] = {
		{ ACT_SORT_RSS, PC_RSS },   { ACT_SORT_PSS, PC_PSS },
		{ ACT_SORT_PID, PC_PID },   { ACT_SORT_GROWTH, PC_GROWTH },
		{ ACT_SORT_SWAP, PC_SWAP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
		if (letters[i].action == action) {
			sort_by(v, letters[i].column);
			return true;
		}
	}
	switch (action) {
	case ACT_SORT_NEXT:
		sort_by_neighbour(v, 1);
		break;
	case ACT_SORT_PREVIOUS:
		sort_by_neighbour(v, -1);
		break;
	case ACT_INVERT:
		v->wish.ascending = !v->wish.ascending;
		list_refresh(v);
		break;
	case ACT_TREE:
		toggle(v, &v->wish.tree, "tree: + and - unfold and fold", "no tree");
		break;
	case ACT_KTHREADS:
		toggle(v, &v->wish.kthreads, "with kernel threads", "without kernel threads");
		break;
	case ACT_GROWERS:
		toggle(v, &v->wish.growers, "only growing processes", "all processes");
		break;
	default:
		return false;
	}
	return true;
}

static bool list_act(struct view *view, enum action action)
{
	struct list_view *v = list_of(view);
	struct proc *p = list_selected(v);

	if (act_on_rows(v, action) || act_on_order(v, action))
		return true;
	switch (action) {
	case ACT_SEARCH:
		v->search_from = v->cursor;
		screen_ask(view->screen, action, "Search: ", NULL);
		break;
	case ACT_FILTER:
		screen_ask(view->screen, action, "Filter: ", v->filter);
		break;
	case ACT_USER:
		screen_ask(view->screen, action, "User (empty: all): ",
			   v->user ? v->user
			   : p     ? p->user
				   : NULL);
		break;
	case ACT_DELAY:
		ask_delay(v);
		break;
	case ACT_BACK:
		if (!v->filter && !v->user)
			return false;
		set_text(&v->filter, NULL);
		set_text(&v->user, NULL);
		list_refresh(v);
		break;
	case ACT_OPEN:
		if (p)
			inspect_open(view->screen, p->stat.pid, p->stat.start_ticks);
		break;
	case ACT_BASE:
	case ACT_UNBASE:
		procs_set_base(&view->screen->procs, action == ACT_BASE);
		list_refresh(v);
		break;
	case ACT_COLUMNS:
		chooser_open(view->screen, &v->columns);
		break;
	case ACT_SNAPSHOT:
		if (p)
			screen_snapshot(view->screen, p->stat.pid, p->stat.start_ticks);
		break;
	default:
		return false;
	}
	return true;
}

static void list_answer(struct view *view, enum action asked, const char *text, bool is_final)
{
	struct list_view *v = list_of(view);

	if (asked == ACT_DELAY) {
		if (text && is_final)
			set_delay(v, text);
		return;
	}
	if (asked == ACT_USER) {
		if (text && is_final)
			set_text(&v->user, text);
	} else if (asked == ACT_FILTER) {
		set_text(&v->filter, text);
	} else {
		search(v, text, is_final);
	}
	list_refresh(v);
}

static void list_click(struct view *view, size_t x, size_t y, bool twice)
{
	struct list_view *v = list_of(view);
	enum proc_column column = list_column_at(v, x);

	if (y + 1 == v->top && column == v->wish.sort)
		(void)list_act(view, ACT_INVERT);
	else if (y + 1 == v->top && column != PC_COUNT)
		sort_by(v, column);
	if (y < v->top || y - v->top >= v->page || v->scroll + y - v->top >= v->order.n)
		return;
	list_move_to(v, v->scroll + y - v->top);
	if (twice)
		(void)list_act(view, ACT_OPEN);
}

/*
 * Tells the sampler which processes are on the screen: their slow fields are read first, and first
 * of all those under the cursor.
 */
static void tell_shown(const struct list_view *v)
{
	struct sampler *sampler = v->view.screen->sampler;
	size_t n = v->order.n > v->scroll ? MIN(v->page, v->order.n - v->scroll) : 0;
	auto_free pid_t *pids = xcalloc(n + 1, sizeof(*pids));

	if (!sampler || v->cursor >= v->order.n)
		return;
	pids[0] = v->order.lines[v->cursor].proc->stat.pid;
	for (size_t i = 0; i < n; i++)
		pids[i + 1] = v->order.lines[v->scroll + i].proc->stat.pid;
	sampler_show(sampler, pids, n + 1);
}

static bool list_update(struct view *view)
{
	struct list_view *v = list_of(view);

	if (v->changes != view->screen->procs.changes)
		list_refresh(v);
	tell_shown(v);
	return false; /* changes of processes already cause a redraw */
}

static unsigned int list_context_bit(const struct view *v attr_unused)
{
	return CTX_PROCESSES;
}

static void list_free(struct view *view)
{
	struct list_view *v = list_of(view);

	order_release(&v->order);
	free(v->filter);
	free(v->user);
	free(v->search);
	free(v);
}

static const char *const legend[] = {
	"GROW/h   !  grows: bold, and its row stands out",
	"         ^  grows in steps      ~  goes up and down      v  shrinks",
	"         .. too early to say: slow growth needs more samples",
	"3 MIN    RSS of the last three minutes, a bar each 15 seconds",
	"READ     how long ago PSS, USS and SWAP were read: what is on the screen comes first",
	"n/a      not permitted to read     -  there is none, or not read yet",
	NULL,
};

static const struct view_ops ops = {
	.title = "Processes",
	.legend = legend,
	.context = list_context_bit,
	.draw = list_draw,
	.act = list_act,
	.click = list_click,
	.answer = list_answer,
	.update = list_update,
	.report = list_report,
	.free = list_free,
};

struct list_view *list_open(struct screen *s)
{
	struct list_view *v = xcalloc(1, sizeof(*v));

	*v = (struct list_view){
		.view.ops = &ops,
		.columns = column_set_default(),
		.wish = { .sort = PC_RSS },
	};
	order_init(&v->order);
	screen_push(s, &v->view);
	list_refresh(v);
	return v;
}
