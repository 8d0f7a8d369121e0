/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot built by hand as one side of a diff.
 */
#ifndef TESTS_DIFF_SIDE_H
#define TESTS_DIFF_SIDE_H

#include "analysis/diff/diff.h"
#include "snap.h"

/* One side and its judgements. */
struct made {
	struct snapshot snapshot;
	struct accounting accounting;
};

static inline struct diff_side made_side(struct made *m, const char *host, int64_t wall_ns)
{
	accounting_init(&m->accounting, &m->snapshot);
	return (struct diff_side){ .snapshot = &m->snapshot,
				   .accounting = &m->accounting,
				   .host = host,
				   .taken_wall_ns = wall_ns };
}

static inline void made_release(struct made *m)
{
	accounting_release(&m->accounting);
	snapshot_release(&m->snapshot);
}

#endif
