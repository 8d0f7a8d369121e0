/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "screen/widget/status_line.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/text.h"

enum { GAP = 2, TEXT_MAX = 512 };

void status_line_init(struct status_line *p, const struct screen *s, struct canvas *c, size_t y)
{
	*p = (struct status_line){ .screen = s, .canvas = c, .y = y };
}

bool status_line_add(struct status_line *p, struct style style, const char *fmt, ...)
{
	size_t x = p->x ? p->x + GAP : 0, width;
	auto_sbuf clean = SBUF_INIT;
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	text_escape(&clean, text, strlen(text));
	width = text_width(sbuf_str(&clean));
	if (x + width > p->canvas->width)
		return false;
	p->x = canvas_put(p->canvas, x, p->y, style, sbuf_str(&clean));
	return true;
}

bool status_line_add_time(struct status_line *p, int64_t wall_ns)
{
	int64_t second = wall_ns / NS_PER_S % 86400;

	return status_line_add(p, (struct style){ 0 },
			       "%02" PRId64 ":%02" PRId64 ":%02" PRId64 " UTC", second / 3600,
			       second / 60 % 60, second % 60);
}
