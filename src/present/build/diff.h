/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between snapshots -> report (memspect.diff/1).
 */
#ifndef PRESENT_BUILD_DIFF_H
#define PRESENT_BUILD_DIFF_H

#include "analysis/diff/diff.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/* What is compared, pair by pair, and the processes that have no partner on the other side. */
struct diff_view {
	const struct diff *diffs;
	size_t n;
	const struct diff_side *old_left, *new_left;
	size_t n_old_left, n_new_left;
};

/* Reports on pairs; the view must outlive the report. */
void build_diff(struct report *r, const struct diff_view *v, const struct build_opts *opts);

/* Between the files of this builder: of one pair. NULL if the mappings of a side were not read. */
const struct table *build_diff_categories(struct report *r, const struct diff *d);
const struct table *build_diff_permissions(struct report *r, const struct diff *d);
const struct table *build_diff_files(struct report *r, const struct diff *d);
const struct table *build_diff_packages(struct report *r, const struct diff *d);
const struct table *build_diff_counts(struct report *r, const struct diff *d);
/* What memory holds; absent, with the reason, unless that of both sides was walked. */
struct cell build_diff_deep(struct report *r, const struct diff *d);
/* All that changed, or with `all` those that did not, too; of the former text has the first few. */
const struct table *build_diff_regions(struct report *r, const struct diff *d, bool all);

#endif
