/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes as the unit that people run: one balance sheet in PSS, and the reconciliation
 * with what their control group is charged for.
 */
#ifndef ANALYSIS_GROUP_H
#define ANALYSIS_GROUP_H

#include "analysis/accounting.h"

struct group_member {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	bool shares_mm; /* has the address space of an earlier member: its lines are not added again */
};

struct group_recon_row {
	const char *id;       /* "members_anonymous", "page_cache", "slab", ..., "rest"; static */
	const char *help;
	struct amount bytes;
	bool negative;        /* only "rest" may be: bytes is its magnitude */
};

struct group {
	size_t count;             /* processes, those that share an address space included */
	size_t address_spaces;
	struct line sum;
	struct line categories[CAT_COUNT];
	/* Set if all members are in one group (or the one that was asked for) and it can be read. */
	const char *cgroup_path;  /* NULL: none; the snapshot's */
	const char *cgroup_why;
	struct amount cgroup_current;
	struct group_recon_row *recon;
	size_t n_recon;
};

/* The caller releases *ret; the members must outlive it. */
void group_init(struct group *ret, const struct group_member *members, size_t n);
void group_release(struct group *g);

#endif
