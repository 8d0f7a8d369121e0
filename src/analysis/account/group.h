/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes summed up together, in PSS, and the reconciliation of that sum with what their
 * control group is charged for.
 */
#ifndef ANALYSIS_ACCOUNT_GROUP_H
#define ANALYSIS_ACCOUNT_GROUP_H

#include "analysis/account/accounting.h"

struct group_member {
	const struct snapshot *snapshot;
	const struct accounting *accounting;
	bool shares_mm; /* has the address space of an earlier member: not added a second time */
};

struct group_recon_row {
	const char *id; /* "members_anonymous", "page_cache", "slab", ..., "rest"; static */
	const char *help;
	struct amount bytes;
	bool negative; /* bytes is the absolute value of a negative number; only in "rest" */
};

struct group {
	size_t count; /* processes, those that share an address space included */
	size_t address_spaces;
	size_t unread; /* processes whose PSS is not known: not in the sums */
	struct line sum;
	struct line categories[CAT_COUNT];
	/* The control group that all members are directly in, if it can be read. */
	const char *cgroup_path; /* owned by a snapshot; NULL: cgroup_why says why */
	enum reason cgroup_why;
	struct amount cgroup_current;
	/* Rows that add up to cgroup_current; "rest" is what the kernel does not list. */
	struct group_recon_row *recon;
	size_t n_recon; /* 0 if cgroup_path is NULL */
};

/* Sums up the members, which must outlive *ret. The caller releases *ret. */
void group_init(struct group *ret, const struct group_member *members, size_t n);
void group_release(struct group *g);

#endif
