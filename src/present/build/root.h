/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds the outermost object of reports, which tells what wrote them, when and where.
 */
#ifndef PRESENT_BUILD_ROOT_H
#define PRESENT_BUILD_ROOT_H

#include "present/build/process_inputs.h"
#include "present/report.h"

/* The parts of a report that its root holds. */
struct root_parts {
	const struct table *processes;
	const struct table *group;  /* NULL: none */
	const struct table *footer; /* of text; NULL: none */
	struct cell main;           /* as in struct report */
};

/* Sets the root of a report around its parts. */
void build_root(struct report *r, const struct root_parts *parts, const struct build_opts *opts);
/* Sets the root of a record of a watch; kind is "sample" or "summary". It has no footer. */
void build_watch_root(struct report *r, const char *kind, const struct root_parts *parts,
		      const struct watch_counts *counts, const struct build_opts *opts);
/* Sets the root of a record of an event, which is the main table, too. */
void build_event_root(struct report *r, const struct table *event, const struct build_opts *opts);

/* Returns the object `tool`, which every root has. */
const struct table *build_tool(struct report *r, const struct build_opts *opts);
/* Returns the last line of text: what the run cost, and a legend (NULL: none). */
const struct table *build_cost(struct report *r, const struct build_opts *opts, const char *legend);

#endif
