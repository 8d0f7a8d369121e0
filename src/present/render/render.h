/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renderers, which turn a report into bytes. Pure functions of the report and the options.
 */
#ifndef PRESENT_RENDER_RENDER_H
#define PRESENT_RENDER_RENDER_H

#include <stdio.h>

#include "base/fmt.h"
#include "present/report.h"

struct render_opts {
	enum fmt_unit unit;
	unsigned int width; /* columns of a line of text; 0: no limit */
	bool color;
	bool ascii;    /* draws with ASCII only; names are still written in UTF-8 */
	bool headings; /* tables have headings */
	bool record;   /* one of many on the same stream: JSON on one line, YAML as a document */
};

struct renderer {
	const char *name; /* as in --format */
	const char *help;
	/* Writes the report. Returns 0, or -errno if writing failed. */
	int (*render)(const struct report *report, const struct render_opts *opts, FILE *out);
};

/* All formats, ended by a row without a name. */
extern const struct renderer renderers[];
const struct renderer *renderer_find(const char *name);

int render_text(const struct report *report, const struct render_opts *opts, FILE *out);
int render_json(const struct report *report, const struct render_opts *opts, FILE *out);
int render_yaml(const struct report *report, const struct render_opts *opts, FILE *out);

#endif
