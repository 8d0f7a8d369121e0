/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which mappings of two snapshots are the same memory. Mappings split and merge, so that what is
 * matched is groups: so many of the old with so many of the new. Every mapping is in one group; a
 * group that has mappings of one side only was removed or added.
 */
#ifndef ANALYSIS_DIFF_MATCH_H
#define ANALYSIS_DIFF_MATCH_H

#include "model/snapshot/snapshot.h"

struct match {
	uint32_t *old_groups, *new_groups; /* by region: its group */
	size_t n_groups;
};

/*
 * In one address space at two moments, by overlap and name, not by the first address: pieces with
 * the same name (of a file, the same path) belong together if they have half of the smaller one in
 * common. Those with the same permissions are matched first; a piece of which nothing has them
 * joins what it was cut from. Takes O(n log n), whatever the regions are; overlapping records of
 * one side count for what they add. The caller releases *ret.
 */
void match_by_place(struct match *ret, const struct snapshot *old_side,
		    const struct snapshot *new_side);

/*
 * In two address spaces, where addresses mean nothing: mappings of files by path, offset and
 * permissions, other named ones by name and permissions, unnamed ones by owner, category and
 * permissions. Those that have this in common are one group. Takes O(n).
 */
void match_by_name(struct match *ret, const struct snapshot *old_side,
		   const struct snapshot *new_side);

void match_release(struct match *m);

#endif
