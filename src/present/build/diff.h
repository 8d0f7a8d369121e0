/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds reports on what changed between snapshots (memspect.diff/1).
 */
#ifndef PRESENT_BUILD_DIFF_H
#define PRESENT_BUILD_DIFF_H

#include "analysis/diff/diff.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* What is compared: pairs, and the processes that have no counterpart on the other side. */
struct diff_view {
	const struct diff *diffs;
	size_t n;
	const struct diff_side *old_left, *new_left;
	size_t n_old_left, n_new_left;
};

/* Reports on pairs. The view must outlive the report. */
void build_diff(struct report *r, const struct diff_view *v, const struct build_opts *opts);

/* The lists of one pair. Each returns NULL if the mappings of a side were not read. */

/* Returns what changed of the balance sheet (diff_lists.c). */
const struct table *build_diff_categories(struct report *r, const struct diff *d);
/* Returns what changed of each set of permissions. */
const struct table *build_diff_permissions(struct report *r, const struct diff *d);
/* Returns what changed of mapped files. */
const struct table *build_diff_files(struct report *r, const struct diff *d);
/* Returns what changed of extension packages. */
const struct table *build_diff_packages(struct report *r, const struct diff *d);
/* Returns how many mappings were added, removed or changed (diff_regions.c). */
const struct table *build_diff_counts(struct report *r, const struct diff *d);
/* Returns the mappings that changed, of which text shows the first few, or `all` of them. */
const struct table *build_diff_regions(struct report *r, const struct diff *d, bool all);

/* Returns what changed in the contents of memory, absent unless both sides were walked. */
struct cell build_diff_deep(struct report *r, const struct diff *d);

#endif
