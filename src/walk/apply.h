/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walk -> snapshot: the bytes of a region that walkers attributed become parts of it with evidence
 * "walked", and the statistics become its heap statistics. All sums, tables and files then have
 * them.
 */
#ifndef WALK_APPLY_H
#define WALK_APPLY_H

#include "walk/core/walk.h"

/*
 * Splits the regions with attributed bytes into parts and adds the heap statistics; other regions
 * stay as they are. s is the snapshot that was walked, which has neither walked parts nor heap
 * statistics yet.
 */
void walk_apply(const struct walk *walk, struct snapshot *s);

#endif
