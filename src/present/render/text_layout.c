/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/text_layout.h"

#include <errno.h>

#include "base/alloc.h"

static void find_lines(struct text_layout *p)
{
	for (char *line = p->text, *end; *line; line = end + 1) {
		end = strchrnul(line, '\n');
		p->lines = xgrow(p->lines, p->n, &p->cap, sizeof(*p->lines));
		p->lines[p->n++] = (size_t)(line - p->text);
		if (!*end)
			break;
		*end = '\0';
	}
}

int text_layout_make(struct text_layout *ret, const struct table *root,
		     const struct render_opts *opts)
{
	const struct report report = { .root = root };
	struct render_opts colored = *opts;
	struct text_layout p = { 0 };
	size_t n = 0;
	FILE *file = open_memstream(&p.text, &n);
	int r;

	if (!file)
		return -errno;
	colored.color = true;
	r = render_text(&report, &colored, file);
	if (fclose(file) != 0 && r == 0)
		r = -errno;
	if (r < 0) {
		free(p.text);
		return r;
	}
	find_lines(&p);
	*ret = p;
	return 0;
}

void text_layout_release(struct text_layout *p)
{
	free(p->text);
	free(p->lines);
	*p = (struct text_layout){ 0 };
}

/* What a parameter of a sequence makes of a style: those that page.c writes, and no others. */
static void restyle(struct style *style, unsigned int parameter)
{
	switch (parameter) {
	case 0:
		*style = (struct style){ 0 };
		break;
	case 1:
		style->bold = true;
		break;
	case 2:
		style->tone = TONE_DIM;
		break;
	case 7:
		style->reverse = true;
		break;
	case 31:
		style->tone = TONE_BAD;
		break;
	case 32:
		style->tone = TONE_GOOD;
		break;
	case 33:
		style->tone = TONE_WARN;
		break;
	default:
		break;
	}
}

/* Obeys the sequence at s, "\033[" and on; returns what is behind it. */
static const char *take_sequence(const char *s, struct style *style)
{
	unsigned int parameter = 0;

	for (s += 2; (*s >= '0' && *s <= '9') || *s == ';'; s++) {
		if (*s == ';') {
			restyle(style, parameter);
			parameter = 0;
		} else {
			parameter = parameter * 10 + (unsigned int)(*s - '0');
		}
	}
	if (*s != 'm')
		return s;
	restyle(style, parameter);
	return s + 1;
}

static void draw_line(const char *line, struct canvas *c, size_t y)
{
	struct style style = { 0 };
	size_t x = 0;

	while (*line && x < c->width) {
		auto_free char *piece = NULL;
		size_t len;

		if (line[0] == '\033' && line[1] == '[') {
			line = take_sequence(line, &style);
			continue;
		}
		len = strcspn(line + 1, "\033") + 1;
		piece = xstrndup(line, len);
		x = canvas_put(c, x, y, style, piece);
		line += len;
	}
}

void text_layout_draw(const struct text_layout *p, size_t first, struct canvas *c, size_t y,
		      size_t rows)
{
	for (size_t i = 0; i < rows && first + i < p->n; i++)
		draw_line(p->text + p->lines[first + i], c, y + i);
}
