/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds which mappings of two snapshots are the same memory. Mappings split and merge, so groups
 * are matched: N old mappings with M new ones. Every mapping is in one group; a group with mappings
 * on one side only was removed or added.
 */
#ifndef ANALYSIS_DIFF_MATCH_H
#define ANALYSIS_DIFF_MATCH_H

#include "model/snapshot/snapshot.h"

struct match {
	uint32_t *old_groups, *new_groups; /* the group of each region */
	size_t n_groups;
};

/*
 * Matches the mappings of one address space at two moments by overlap and name, not by their first
 * address. Mappings with the same name (or path) match if the overlap is at least half of the
 * smaller one. Those with equal permissions are matched first; one that overlaps no mapping of
 * equal permissions joins the mapping that it was split from. Records of one side that overlap each
 * other are counted only once where they do. Takes O(n log n) for any input. The caller releases
 * *ret.
 */
void match_by_place(struct match *ret, const struct snapshot *old_side,
		    const struct snapshot *new_side);

/*
 * Matches the mappings of two address spaces, whose addresses cannot be compared: those of files by
 * path, offset and permissions, other named ones by name and permissions, unnamed ones by owner,
 * category and permissions. All mappings that agree in these are one group. Takes O(n). The caller
 * releases *ret.
 */
void match_by_name(struct match *ret, const struct snapshot *old_side,
		   const struct snapshot *new_side);

void match_release(struct match *m);

#endif
