/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/view/help.h"

#include "base/alloc.h"

enum { KEYS_WIDTH = 22, KEYS_MAX = 64 };

struct help_view {
	struct view view;
	const struct view *of; /* the view below */
	size_t scroll, lines, page;
};

/* The lines of a page; those before the first visible one are skipped. */
struct help_page {
	const struct screen *screen;
	struct canvas *canvas;
	size_t scroll, rows;
	size_t line; /* the next one */
};

static void add_line(struct help_page *p, struct style style, const char *keys, const char *text)
{
	size_t y = p->line - p->scroll;
	bool shown = p->line >= p->scroll && y < p->rows;

	p->line++;
	if (!shown)
		return;
	if (keys)
		(void)screen_put(p->screen, p->canvas, 1, y, KEYS_WIDTH - 2,
				 (struct style){ .bold = true }, keys);
	(void)screen_put(p->screen, p->canvas, keys ? KEYS_WIDTH : 0, y, p->canvas->width, style,
			 text);
}

/* Writes "k Up": all keys of a row. */
static void name_keys(const struct binding *d, char keys[KEYS_MAX])
{
	char name[BINDING_NAME_MAX];
	int n = snprintf(keys, KEYS_MAX, "%s", binding_name(name, d->code));

	for (size_t i = 0; i < ARRAY_SIZE(d->twins) && d->twins[i]; i++)
		n += snprintf(keys + n, (size_t)(KEYS_MAX - n), " %s",
			      binding_name(name, d->twins[i]));
}

static void add_group(struct help_page *p, enum key_group group, unsigned int context)
{
	const struct style plain = { 0 };
	bool has_title = false;

	for (size_t i = 0; i < n_bindings; i++) {
		const struct binding *d = &bindings[i];
		char keys[KEYS_MAX];

		if (d->group != group || !(d->contexts & context))
			continue;
		if (!has_title) {
			add_line(p, plain, NULL, "");
			add_line(p, (struct style){ .bold = true }, NULL, binding_groups[group]);
		}
		has_title = true;
		name_keys(d, keys);
		add_line(p, plain, keys, d->help);
	}
}

static void draw_lines(const struct help_view *v, struct help_page *p)
{
	unsigned int context = v->of->ops->context(v->of);
	const char *const *legend = v->of->ops->legend;
	char title[80];

	(void)snprintf(title, sizeof(title), "memspect help: %s", v->of->ops->title);
	add_line(p, (struct style){ .bold = true }, NULL, title);
	for (; legend && *legend; legend++) {
		if (legend == v->of->ops->legend)
			add_line(p, (struct style){ 0 }, NULL, "");
		add_line(p, (struct style){ 0 }, NULL, *legend);
	}
	for (int g = 0; g < KG_COUNT; g++)
		add_group(p, (enum key_group)g, context);
}

static void help_draw(struct view *view, struct canvas *c, size_t rows)
{
	struct help_view *v = (struct help_view *)view;
	struct help_page p = {
		.screen = view->screen, .canvas = c, .scroll = v->scroll, .rows = rows
	};

	draw_lines(v, &p);
	v->lines = p.line;
	v->page = rows;
}

static bool help_act(struct view *view, enum action action)
{
	struct help_view *v = (struct help_view *)view;
	size_t most = v->lines > v->page ? v->lines - v->page : 0;

	switch (action) {
	case ACT_UP:
		v->scroll -= v->scroll > 0;
		break;
	case ACT_DOWN:
		v->scroll += v->scroll < most;
		break;
	case ACT_PAGE_UP:
		v->scroll -= MIN(v->scroll, v->page);
		break;
	case ACT_PAGE_DOWN:
		v->scroll = MIN(v->scroll + v->page, most);
		break;
	case ACT_HOME:
		v->scroll = 0;
		break;
	case ACT_END:
		v->scroll = most;
		break;
	case ACT_BACK:
	case ACT_HELP:
		screen_pop(view->screen);
		break;
	default:
		return false;
	}
	return true;
}

static unsigned int help_context(const struct view *v attr_unused)
{
	return CTX_HELP;
}

static void help_free(struct view *view)
{
	free(view);
}

void help_open(struct screen *s)
{
	static const struct view_ops ops = {
		.title = "Help",
		.context = help_context,
		.draw = help_draw,
		.act = help_act,
		.free = help_free,
	};
	struct help_view *v = xcalloc(1, sizeof(*v));

	v->view.ops = &ops;
	v->of = s->top;
	screen_push(s, &v->view);
}

static const struct binding *next_word(unsigned int context, unsigned int after)
{
	const struct binding *next = NULL;

	for (size_t i = 0; i < n_bindings; i++) {
		const struct binding *d = &bindings[i];

		if (d->word && (d->contexts & context) && d->rank > after &&
		    (!next || d->rank < next->rank))
			next = d;
	}
	return next;
}

void help_draw_footer(const struct screen *s, struct canvas *c, size_t y)
{
	unsigned int context = s->top->ops->context(s->top);
	const struct binding *d = NULL;
	size_t x = 0;

	while ((d = next_word(context, d ? d->rank : 0))) {
		char name[BINDING_NAME_MAX];
		size_t width = strlen(binding_name(name, d->code)) + 1 + strlen(d->word);

		if (x + width > c->width)
			break;
		x = canvas_put(c, x, y, (struct style){ .bold = true }, name);
		x = canvas_put(c, x + 1, y, (struct style){ .tone = TONE_DIM }, d->word) + 2;
	}
}
