/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns that compare the two sides of a line; they are the same in every list of a diff.
 */
#ifndef PRESENT_BUILD_DIFF_CHANGE_H
#define PRESENT_BUILD_DIFF_CHANGE_H

#include "analysis/diff/diff.h"
#include "present/report.h"

enum { CHANGE_COLUMNS = 23 };

/* What the lines of a list have in common; the arg of its table begins with it. */
struct changes {
	const struct diff *diff;
	uint64_t grown_bytes; /* sum over the lines that grew, of which each has a share */
};

/*
 * Returns the columns of a list, owned by the report: `head`, which names a line, CHANGE_COLUMNS
 * that compare its sides, and `tail`. The rows of the list begin with struct diff_row.
 */
const struct column *change_columns_make(struct report *r, const struct column *head, size_t n_head,
					 const struct column *tail, size_t n_tail);
/* Returns the rate that a difference amounts to; an empty cell if none can be told. */
struct cell change_rate_cell(const struct diff *d, struct delta delta);

/*
 * Returns the rows that text leaves out, for table.text_hide: all but the `most` rows that changed
 * most, and of these those that changed by no more than `least` bytes. Deltas are in descending
 * order.
 */
const bool *change_hide_small(struct report *r, const int64_t *deltas, size_t n, size_t most,
			      uint64_t least);

#endif
