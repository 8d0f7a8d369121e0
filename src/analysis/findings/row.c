/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/findings/row.h"

#include <stdarg.h>

#include "base/alloc.h"

void add_finding(struct collector *c, enum severity severity, const char *fmt, ...)
{
	char text[512]; /* paths in it are cut by their formats */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->found = xgrow(c->found, c->n, &c->cap, sizeof(*c->found));
	c->found[c->n++] = (struct finding){
		.id = c->judging->id,
		.severity = severity,
		.text = arena_strdup(c->arena, text),
		.advice = c->judging->advice,
	};
}
