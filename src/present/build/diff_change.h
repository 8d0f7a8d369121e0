/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the two sides of a line compare: the same columns in every list of a diff.
 */
#ifndef PRESENT_BUILD_DIFF_CHANGE_H
#define PRESENT_BUILD_DIFF_CHANGE_H

#include "analysis/diff/diff.h"
#include "present/report.h"

enum { CHANGE_COLUMNS = 23 };

/* What the lines of a list have in common; the arg of its table begins with it. */
struct changes {
	const struct diff *diff;
	uint64_t grown_bytes; /* what all lines that grew have gained: the whole of their shares */
};

/*
 * Returns the columns that name a line, the CHANGE_COLUMNS, and those behind them; the report owns
 * them. They are asked with rows that begin with struct diff_row.
 */
const struct column *change_columns_make(struct report *r, const struct column *head, size_t n_head,
					 const struct column *tail, size_t n_tail);
/* What a difference makes in an hour; none where nothing can be said of that. */
struct cell change_rate_cell(const struct diff *d, struct delta delta);

/*
 * The rows that text leaves out, for table.text_hide: all but at most `most` of those that changed
 * most, each by more than `least` bytes. Deltas are in descending order.
 */
const bool *change_hide_small(struct report *r, const int64_t *deltas, size_t n, size_t most,
			      uint64_t least);

#endif
