/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the builders: the tables that make up one process.
 */
#ifndef PRESENT_BUILD_PROCESS_H
#define PRESENT_BUILD_PROCESS_H

#include "analysis/account/group.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* Balance sheet (sheet.c). */
const struct table *build_totals(struct report *r, const struct totals *totals);
const struct table *build_categories(struct report *r, const struct process_inputs *v);
/* The owners of all categories in one list. */
const struct table *build_owners(struct report *r, const struct process_inputs *v);
const struct table *build_evidence(struct report *r, const struct process_inputs *v);
const struct table *build_permissions(struct report *r, const struct process_inputs *v);
const struct table *build_accounting(struct report *r, const struct process_inputs *v);

/* Mapped files and extension packages (files.c). */
const struct table *build_files(struct report *r, const struct process_inputs *v);
const struct table *build_packages(struct report *r, const struct process_inputs *v);

/* The columns of the mappings are made from the table of counters; the report owns them. */
const struct column *build_region_columns(struct report *r, size_t *ret_n);
/* Mappings (regions.c). All of them, and the largest few for text. */
struct table *build_regions(struct report *r, const struct process_inputs *v,
			    const struct ruleset *rules);
/* The counters that some mapping states; in YAML, one of them that a mapping lacks is 0. */
struct cell build_counters(struct report *r, const struct process_inputs *v);
const struct table *build_largest(struct report *r, const struct process_inputs *v,
				  const struct ruleset *rules);

/* What the report is made from (sources.c). */
const struct table *build_sources(struct report *r, const struct snapshot *s);

/* Off-RSS memory, limits and findings (environment.c). */
const struct table *build_outside(struct report *r, const struct process_inputs *v);
const struct table *build_limits(struct report *r, const struct process_inputs *v);
const struct table *build_would_fit(struct report *r, const struct process_inputs *v);
const struct table *build_findings(struct report *r, const struct finding *findings, size_t n);
/* Returns the combined balance sheet of a group. */
const struct table *build_group_categories(struct report *r, const struct group *g);
/* Returns all about a group whose members the views are, around its balance sheet. */
const struct table *build_group(struct report *r, const struct group *g,
				const struct table *categories, const struct process_inputs *views,
				size_t n);

#endif
