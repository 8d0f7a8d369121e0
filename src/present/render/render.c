/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/render/render.h"

const struct renderer renderers[] = {
	{ "text", "tables for a person, fitted to the terminal", render_text },
	{ "json", "the whole report as one JSON object", render_json },
	{ "yaml", "the same as YAML, without the zero counters of mappings", render_yaml },
	{ NULL, NULL, NULL },
};

const struct renderer *renderer_find(const char *name)
{
	for (const struct renderer *r = renderers; r->name; r++) {
		if (streq(r->name, name))
			return r;
	}
	return NULL;
}
