/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of renderers share: a report around one table, and its bytes.
 */
#ifndef TESTS_RENDERED_H
#define TESTS_RENDERED_H

#include "given.h"
#include "present/render/render.h"
#include "rows.h"

/* Makes `t` the only part of the root of a report. */
static inline void report_around(struct report *r, const struct table *t)
{
	static const struct column columns[] = {
		{ .id = "t", .title = "T", .type = CELL_TABLE },
	};
	struct table *root = given_table(r, columns, ARRAY_SIZE(columns), 1);

	root->shape = SHAPE_OBJECT;
	root->layout = LAYOUT_SECTIONS;
	given_row(root, 0)[0] = cell_table(t);
	r->root = root;
}

/* The bytes of a report, which the caller frees. */
static inline char *rendered(const struct report *r, const char *format,
			     const struct render_opts *opts)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	assert_non_null(out);
	assert_int_equal(renderer_find(format)->render(r, opts, out), 0);
	assert_int_equal(fclose(out), 0);
	return bytes;
}

/* Renders `t` as text, as the only part of a report, and compares. */
static inline void assert_page(struct report *r, const struct table *t,
			       const struct render_opts *opts, const char *want)
{
	auto_free char *got = NULL;

	report_around(r, t);
	got = rendered(r, "text", opts);
	assert_string_equal(got, want);
}

/* Returns what rendering to a full disk returns. */
static inline int render_to_full_disk(const struct report *r, const char *format)
{
	const struct render_opts opts = { .headings = true };
	auto_fclose FILE *out = fopen("/dev/full", "we");

	assert_non_null(out);
	return renderer_find(format)->render(r, &opts, out);
}

#endif
