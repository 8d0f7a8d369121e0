/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builders make reports of the model and of judgements. They are the only place that names columns.
 */
#ifndef PRESENT_BUILD_BUILD_H
#define PRESENT_BUILD_BUILD_H

#include "analysis/account/group.h"
#include "base/err.h"
#include "model/snapshot/proclist.h"
#include "present/build/process_inputs.h"
#include "present/report.h"

/*
 * Reports on inspected processes and, if there are several, on their group (else NULL). Columns and
 * order are those of the regions. Returns 0 or -EINVAL with err set (no such column).
 */
int build_processes(struct report *r, const struct process_inputs *views, size_t n,
		    const struct group *group, const struct build_opts *opts, struct err *err);

/*
 * Reports on a list of processes, a line each. Sorts the list. Returns 0 or -EINVAL with err set
 * (no such column).
 */
int build_list(struct report *r, struct proclist *list, const struct build_opts *opts,
	       struct err *err);

/* The columns of the list, for -O help; process.h has those of the regions. */
extern const struct column *const list_columns;
extern const size_t n_list_columns;

#endif
