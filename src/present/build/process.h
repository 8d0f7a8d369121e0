/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders of the tables that make up the report on one process. Those that depend on its mappings
 * return NULL if these were not read.
 */
#ifndef PRESENT_BUILD_PROCESS_H
#define PRESENT_BUILD_PROCESS_H

#include "analysis/account/group.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* The balance sheet (balance_sheet.c). */

/* Returns the totals; copies them. */
const struct table *build_totals(struct report *r, const struct totals *totals);
/* Returns the balance sheet: categories with their owners. */
const struct table *build_categories(struct report *r, const struct process_inputs *v);
/* Returns the owners of all categories in one list. */
const struct table *build_owners(struct report *r, const struct process_inputs *v);
/* Returns the line of text that tells how much of RSS is known, and how. */
const struct table *build_evidence(struct report *r, const struct process_inputs *v);
/* Returns the sums of each set of permissions. */
const struct table *build_permissions(struct report *r, const struct process_inputs *v);
/* Returns the sums by evidence, with what does not add up. */
const struct table *build_accounting(struct report *r, const struct process_inputs *v);

/* Mapped files and extension packages (files.c). */

/* Returns the mapped files. */
const struct table *build_files(struct report *r, const struct process_inputs *v);
/* Returns the extension packages. */
const struct table *build_packages(struct report *r, const struct process_inputs *v);

/* Mappings (regions.c). */

/* Returns the columns of mappings, made from the table of counters; the report owns them. */
const struct column *build_region_columns(struct report *r, size_t *ret_n);
/* Returns all mappings. */
struct table *build_regions(struct report *r, const struct process_inputs *v,
			    const struct ruleset *rules);
/* Returns the ids of the counters that some mapping states: one left out of a row of YAML is 0. */
struct cell build_counters(struct report *r, const struct process_inputs *v);
/* Returns the largest mappings, for text. */
const struct table *build_largest(struct report *r, const struct process_inputs *v,
				  const struct ruleset *rules);

/* Returns the numbers that the report is made from (sources.c). */
const struct table *build_sources(struct report *r, const struct snapshot *s);

/* Off-RSS memory, limits and findings (environment.c). */

/* Returns the memory outside RSS. */
const struct table *build_outside(struct report *r, const struct process_inputs *v);
/* Returns the limits and their headroom. */
const struct table *build_limits(struct report *r, const struct process_inputs *v);
/* Returns the answer to --would-fit, or NULL if it was not asked for. */
const struct table *build_would_fit(struct report *r, const struct process_inputs *v);
/* Returns findings, which must outlive the report. */
const struct table *build_findings(struct report *r, const struct finding *findings, size_t n);
/* Several processes (group.c). */

/* Returns the combined balance sheet of a group. */
const struct table *build_group_categories(struct report *r, const struct group *g);
/* Returns all about a group whose members the views are, around its balance sheet. */
const struct table *build_group(struct report *r, const struct group *g,
				const struct table *categories, const struct process_inputs *views,
				size_t n);

#endif
