/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/shell.h"

#include "base/text.h"
#include "screen/state.h"
#include "screen/view/export.h"
#include "screen/view/help.h"
#include "screen/widget/prompt.h"

enum { MESSAGE_LOOK_MS = 500, STUCK_S = 5, WHEEL_LINES = 3, TWICE_MS = 400 };

struct list_view *shell_start(struct screen *s)
{
	return list_open(s);
}

/* Saves the settings of the first view, the list. */
static void save(struct screen *s)
{
	const struct view *first = s->top;
	auto_sbuf text = SBUF_INIT;

	while (first->below)
		first = first->below;
	state_show((const struct list_view *)first, &text);
	if (s->saver && saver_state(s->saver, &text) < 0)
		screen_say(s, TONE_WARN, "not saved: there is no directory for it");
}

static void cycle_unit(struct screen *s)
{
	static const char *const names[NUMBER_FORMAT_POWERS] = { "by size", "KiB", "MiB", "GiB" };
	static const char *const si_names[NUMBER_FORMAT_POWERS] = { "by size", "kB", "MB", "GB" };

	s->format.power = (s->format.power + 1) % NUMBER_FORMAT_POWERS;
	screen_say(s, TONE_DIM, "units: %s",
		   (s->format.unit == FMT_SI ? si_names : names)[s->format.power]);
}

static void toggle_pause(struct screen *s)
{
	s->paused = !s->paused;
	if (s->sampler)
		sampler_pause(s->sampler, s->paused);
}

/* Does what an action does if the view does not handle it. */
static void act_as_usual(struct screen *s, enum action action)
{
	switch (action) {
	case ACT_QUIT:
		s->is_over = true;
		break;
	case ACT_BACK:
		screen_pop(s);
		break;
	case ACT_HELP:
		help_open(s);
		break;
	case ACT_UNIT:
		cycle_unit(s);
		break;
	case ACT_PAUSE:
		toggle_pause(s);
		break;
	case ACT_REFRESH:
		if (s->sampler)
			sampler_refresh(s->sampler);
		break;
	case ACT_EXPORT:
		export_ask(s);
		break;
	case ACT_SAVE:
		save(s);
		break;
	case ACT_REPAINT:
		s->wants_repaint = true;
		break;
	default:
		break;
	}
}

static void act(struct screen *s, enum action action)
{
	if (action != ACT_NONE && !(s->top->ops->act && s->top->ops->act(s->top, action)))
		act_as_usual(s, action);
}

static void turn_wheel(struct screen *s, enum action action)
{
	for (int i = 0; i < WHEEL_LINES; i++)
		act(s, action);
}

static void click(struct screen *s, const struct key *key)
{
	bool twice = key->x == s->click_x && key->y == s->click_y &&
		     s->now_ns - s->click_ns < TWICE_MS * NS_PER_MS;

	s->click_x = key->x;
	s->click_y = key->y;
	s->click_ns = twice ? 0 : s->now_ns;
	if (s->top->ops->click)
		s->top->ops->click(s->top, key->x, key->y, twice);
}

void shell_key(struct screen *s, const struct key *key)
{
	s->now_ns = env_now(s->env);
	sbuf_reset(&s->message);
	if (key->code == KC_CLICK)
		click(s, key);
	else if (s->prompt.action != ACT_NONE)
		prompt_key(s, key->code);
	else if (key->code == KC_WHEEL_UP)
		turn_wheel(s, ACT_UP);
	else if (key->code == KC_WHEEL_DOWN)
		turn_wheel(s, ACT_DOWN);
	else
		act(s, binding_action(key->code, s->top->ops->context(s->top)));
}

/* Shows messages about finished snapshots and files, and that a read of the system blocks. */
static bool say_news(struct screen *s)
{
	auto_sbuf text = SBUF_INIT;
	int64_t busy = s->sampler ? sampler_busy_since(s->sampler) : 0;
	enum tone tone;
	bool said = false;

	while (s->saver && saver_poll(s->saver, &text, &tone)) {
		screen_say(s, tone, "%s", sbuf_str(&text));
		said = true;
	}
	if (busy && s->now_ns - busy > STUCK_S * NS_PER_S) {
		screen_say(s, TONE_WARN, "the system has not answered for %d s",
			   (int)((s->now_ns - busy) / NS_PER_S));
		said = true;
	}
	if (s->message.len && s->now_ns >= s->message_until_ns) {
		sbuf_reset(&s->message);
		said = true;
	}
	return said;
}

static bool update_views(struct view *v)
{
	bool changed = v->below && update_views(v->below);

	return (v->ops->update && v->ops->update(v)) || changed;
}

bool shell_update(struct screen *s, int64_t *ret_wait_ns)
{
	bool changed = false;
	int64_t wait_ns = NS_PER_S;

	s->now_ns = env_now(s->env);
	if (s->sampler)
		changed = sampler_poll(s->sampler, s->now_ns, &wait_ns);
	changed = update_views(s->top) || changed;
	changed = say_news(s) || changed;
	if (s->message.len)
		wait_ns = MIN(wait_ns, MESSAGE_LOOK_MS * NS_PER_MS);
	*ret_wait_ns = wait_ns;
	return changed;
}

void shell_draw(struct screen *s, struct canvas *c, size_t *ret_cursor_x, size_t *ret_cursor_y)
{
	size_t last = c->height - 1;

	*ret_cursor_x = *ret_cursor_y = SIZE_MAX;
	s->top->ops->draw(s->top, c, last);
	if (s->prompt.action != ACT_NONE) {
		*ret_cursor_x = prompt_draw(s, c, last);
		*ret_cursor_y = last;
	} else if (s->message.len) {
		(void)screen_put(s, c, 0, last, c->width, (struct style){ .tone = s->message_tone },
				 sbuf_str(&s->message));
	} else {
		help_draw_footer(s, c, last);
	}
}
