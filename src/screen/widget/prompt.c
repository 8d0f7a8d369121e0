/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/prompt.h"

#include "base/text.h"

enum { TYPED_MAX = 512 };

/* Returns the index of the first byte of the character that ends before or contains `at`. */
static size_t before(const struct sbuf *text, size_t at)
{
	while (at > 0 && ((unsigned char)text->data[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t behind(const struct sbuf *text, size_t at)
{
	if (at >= text->len)
		return text->len;
	do
		at++;
	while (at < text->len && ((unsigned char)text->data[at] & 0xc0) == 0x80);
	return at;
}

static size_t encode(uint32_t rune, char bytes[5])
{
	if (rune < 0x80)
		return (size_t)snprintf(bytes, 5, "%c", (char)rune);
	if (rune < 0x800)
		return (size_t)snprintf(bytes, 5, "%c%c", (char)(0xc0 | rune >> 6),
					(char)(0x80 | (rune & 0x3f)));
	if (rune < 0x10000)
		return (size_t)snprintf(bytes, 5, "%c%c%c", (char)(0xe0 | rune >> 12),
					(char)(0x80 | (rune >> 6 & 0x3f)),
					(char)(0x80 | (rune & 0x3f)));
	return (size_t)snprintf(bytes, 5, "%c%c%c%c", (char)(0xf0 | rune >> 18),
				(char)(0x80 | (rune >> 12 & 0x3f)),
				(char)(0x80 | (rune >> 6 & 0x3f)), (char)(0x80 | (rune & 0x3f)));
}

static void cut_out(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text.data + from, p->text.data + to, p->text.len - to);
	p->text.len -= to - from;
	p->text.data[p->text.len] = '\0';
	p->cursor = from;
}

static void insert(struct prompt *p, uint32_t rune)
{
	char bytes[5];
	size_t n = encode(rune, bytes);

	if (p->text.len + n > TYPED_MAX || (rune != '\\' && !text_is_clean(bytes, n)))
		return;
	sbuf_add(&p->text, bytes, n);
	memmove(p->text.data + p->cursor + n, p->text.data + p->cursor,
		p->text.len - n - p->cursor);
	memcpy(p->text.data + p->cursor, bytes, n);
	p->cursor += n;
}

/* Moves the cursor or changes the text. Returns true if the text has changed. */
static bool edit(struct prompt *p, uint32_t code)
{
	size_t len = p->text.len;

	if (code == KC_LEFT)
		p->cursor = before(&p->text, p->cursor);
	else if (code == KC_RIGHT)
		p->cursor = behind(&p->text, p->cursor);
	else if (code == KC_HOME)
		p->cursor = 0;
	else if (code == KC_END)
		p->cursor = len;
	else if (code == KC_BACKSPACE && p->cursor > 0)
		cut_out(p, before(&p->text, p->cursor), p->cursor);
	else if (code == KC_DELETE && p->cursor < len)
		cut_out(p, p->cursor, behind(&p->text, p->cursor));
	else if (code == KC_KILL_LINE && p->cursor > 0)
		cut_out(p, 0, p->cursor);
	else if (code >= ' ' && code < KC_SPECIAL)
		insert(p, code);
	return p->text.len != len;
}

void prompt_key(struct screen *s, uint32_t code)
{
	struct prompt *p = &s->prompt;
	enum action asked = p->action;
	struct view *v = p->view;

	if (code == KC_ENTER || code == KC_ESCAPE) {
		p->action = ACT_NONE;
		p->answer(v, asked, code == KC_ENTER ? sbuf_str(&p->text) : NULL, true);
	} else if (edit(p, code)) {
		p->answer(v, asked, sbuf_str(&p->text), false);
	}
}

/* Returns the columns of the first n bytes. */
static size_t columns_of(const struct sbuf *text, size_t n)
{
	auto_sbuf part = SBUF_INIT;

	sbuf_add(&part, sbuf_str(text), n);
	return text_width(sbuf_str(&part));
}

size_t prompt_draw(const struct screen *s, struct canvas *c, size_t y)
{
	const struct prompt *p = &s->prompt;
	size_t x = canvas_put(c, 0, y, (struct style){ .bold = true }, p->question), from = 0;

	/* Text before the cursor is left out as far as necessary. */
	while (from < p->cursor &&
	       x + columns_of(&p->text, p->cursor) - columns_of(&p->text, from) >= c->width)
		from = behind(&p->text, from);
	(void)canvas_put(c, x, y, (struct style){ 0 }, sbuf_str(&p->text) + from);
	return x + columns_of(&p->text, p->cursor) - columns_of(&p->text, from);
}
