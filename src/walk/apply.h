/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Depth -> snapshot: what walkers claimed of a region becomes parts of it, known by having been
 * walked, and what they found becomes its holdings. Every sum, table and file that knows these then
 * knows it.
 */
#ifndef WALK_APPLY_H
#define WALK_APPLY_H

#include "walk/core/walk.h"

/*
 * Splits the regions that something was claimed of. What nothing was claimed of keeps what was said
 * of it before. s is the snapshot that was walked, which has no walked parts and no holdings yet.
 */
void walk_apply(const struct walk *d, struct snapshot *s);

#endif
