/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outermost object of every report: what wrote it, when and where.
 */
#ifndef PRESENT_BUILD_ROOT_H
#define PRESENT_BUILD_ROOT_H

#include "present/build/process_inputs.h"
#include "present/report.h"

/* Sets r->root around the table of processes, the group and text's footer (NULL: none). */
void build_root(struct report *r, const struct table *processes, const struct table *group,
		const struct table *footer, const struct build_opts *opts);
/* The same for the records of a watch: kind is "sample" or "summary". */
void build_watch_root(struct report *r, const char *kind, const struct table *processes,
		      const struct table *group, const struct watch_counts *counts,
		      const struct build_opts *opts);
void build_event_root(struct report *r, const struct table *event, const struct build_opts *opts);

/* Parts that other roots have too: `tool`, and the last line of text. */
const struct table *build_tool(struct report *r, const struct build_opts *opts);
const struct table *build_cost(struct report *r, const struct build_opts *opts, const char *legend);

#endif
