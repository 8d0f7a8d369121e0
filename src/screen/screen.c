/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/screen.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/text.h"

enum { MESSAGE_S = 5, DEFAULT_INTERVAL_S = 2, TEXT_MAX = 1024 };

void screen_init(struct screen *s, const struct screen_env *env)
{
	*s = (struct screen){ .env = env, .interval_ns = DEFAULT_INTERVAL_S * NS_PER_S };
	procs_init(&s->procs);
	s->now_ns = env_now(env);
	if (!env->jobs)
		return;
	s->sampler = sampler_new(env, &s->procs, &s->host);
	s->saver = saver_new(env);
}

void screen_release(struct screen *s)
{
	while (s->top) {
		struct view *v = s->top;

		s->top = v->below;
		v->ops->free(v);
	}
	sampler_free(s->sampler);
	saver_free(s->saver);
	procs_release(&s->procs);
	sbuf_release(&s->prompt.text);
	sbuf_release(&s->message);
}

void screen_push(struct screen *s, struct view *v)
{
	v->screen = s;
	v->below = s->top;
	s->top = v;
	s->prompt.action = ACT_NONE;
}

void screen_pop(struct screen *s)
{
	struct view *v = s->top;

	if (!v->below)
		return;
	s->top = v->below;
	s->prompt.action = ACT_NONE;
	v->ops->free(v);
	if (s->top->ops->update)
		(void)s->top->ops->update(s->top);
}

void screen_say(struct screen *s, enum tone tone, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sbuf_reset(&s->message);
	text_escape(&s->message, text, strlen(text));
	s->message_tone = tone;
	s->message_until_ns = s->now_ns + MESSAGE_S * NS_PER_S;
}

void screen_ask_for(struct screen *s, enum action action, const char *question, const char *preset,
		    prompt_answer_fn *answer)
{
	struct prompt *p = &s->prompt;

	p->action = action;
	p->view = s->top;
	p->answer = answer;
	(void)snprintf(p->question, sizeof(p->question), "%s", question);
	sbuf_reset(&p->text);
	sbuf_adds(&p->text, preset ? preset : "");
	p->cursor = p->text.len;
}

void screen_ask(struct screen *s, enum action action, const char *question, const char *preset)
{
	screen_ask_for(s, action, question, preset, s->top->ops->answer);
}

void screen_set_interval(struct screen *s, int64_t interval_ns)
{
	s->interval_ns = interval_ns;
	if (s->sampler)
		sampler_set_interval(s->sampler, interval_ns);
}

void screen_snapshot(struct screen *s, pid_t pid, uint64_t start_ticks)
{
	if (!s->saver)
		return;
	if (saver_snapshot(s->saver, pid, start_ticks) < 0)
		screen_say(s, TONE_WARN, "no snapshot: there is no directory for it");
	else
		screen_say(s, TONE_DIM, "taking a snapshot of process %d", pid);
}

/* Returns how many bytes of clean text fit in this many columns. */
static size_t fitting_bytes(const char *text, size_t columns)
{
	size_t at = 0, used = 0;

	while (text[at]) {
		char one[8];
		uint32_t rune;
		size_t n = text_decode(text + at, strnlen(text + at, 4), &rune);
		size_t len = MAX(n, 1);

		(void)snprintf(one, sizeof(one), "%.*s", (int)len, text + at);
		used += text_width(one);
		if (used > columns)
			break;
		at += len;
	}
	return at;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text >= 0x80)
			return false;
	}
	return true;
}

static size_t width_of(const char *text)
{
	return is_ascii(text) ? strlen(text) : text_width(text);
}

size_t screen_put(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		  struct style style, const char *text)
{
	auto_free char *cut = NULL;

	if (width == 0)
		return x;
	if (width_of(text) <= width)
		return canvas_put(c, x, y, style, text);
	cut = xstrndup(text, fitting_bytes(text, width - 1));
	x = canvas_put(c, x, y, style, cut);
	return canvas_put(c, x, y, style, s->format.ascii ? ">" : "\u2026");
}

size_t screen_put_tail(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		       struct style style, const char *text)
{
	size_t taken = width_of(text), at;

	if (taken <= width || width == 0)
		return screen_put(s, c, x, y, width, style, text);
	at = fitting_bytes(text, taken - width + 1);
	if (width_of(text + at) > width - 1) /* a wide character was at the edge */
		at = fitting_bytes(text, taken - width + 2);
	x = canvas_put(c, x, y, style, s->format.ascii ? "<" : "\u2026");
	return canvas_put(c, x, y, style, text + at);
}

size_t screen_put_right(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
			struct style style, const char *text)
{
	size_t taken = width_of(text);

	(void)screen_put(s, c, x + (taken < width ? width - taken : 0), y, width, style, text);
	return x + width;
}

size_t screen_put_raw(const struct screen *s, struct canvas *c, size_t x, size_t y, size_t width,
		      struct style style, const char *bytes)
{
	auto_sbuf clean = SBUF_INIT;

	/* No byte takes more than one column, so further bytes would not be visible. */
	text_escape(&clean, bytes, strnlen(bytes, 4 * width + 4));
	return screen_put(s, c, x, y, width, style, sbuf_str(&clean));
}

size_t screen_scroll(size_t top, size_t cursor, size_t n, size_t page)
{
	if (cursor < top)
		top = cursor;
	if (page > 0 && cursor - top >= page)
		top = cursor - page + 1;
	return n <= page ? 0 : MIN(top, n - page);
}

void screen_highlight(struct canvas *c, size_t y)
{
	for (size_t x = 0; x < c->width; x++) {
		struct canvas_cell *cell = canvas_at(c, x, y);

		if (cell)
			cell->style.reverse = true;
	}
}
