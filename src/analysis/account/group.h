/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes as the unit that people run: one balance sheet in PSS, and the reconciliation
 * with what their control group is charged for.
 */
#ifndef ANALYSIS_ACCOUNT_GROUP_H
#define ANALYSIS_ACCOUNT_GROUP_H

#include "analysis/account/accounting.h"

struct group_member {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	bool shares_mm; /* has the address space of an earlier member: its lines are not added again */
};

struct group_recon_row {
	const char *id; /* "members_anonymous", "page_cache", "slab", ..., "rest"; static */
	const char *help;
	struct amount bytes;
	bool negative; /* only "rest" may be: bytes is its magnitude */
};

struct group {
	size_t count; /* processes, those that share an address space included */
	size_t address_spaces;
	size_t unread; /* those whose PSS is not known: the sums are without them */
	struct line sum;
	struct line categories[CAT_COUNT];
	/* The group that all members are in, and not in ones below it, if it can be read. */
	const char *cgroup_path; /* NULL: see cgroup_why; the snapshot's */
	enum reason cgroup_why;
	struct amount cgroup_current;
	/* These add up to it; what the kernel does not state apart is in the rest. */
	struct group_recon_row *recon;
	size_t n_recon; /* 0 without cgroup_path */
};

/* The caller releases *ret; the members must outlive it. */
void group_init(struct group *ret, const struct group_member *members, size_t n);
void group_release(struct group *g);

#endif
