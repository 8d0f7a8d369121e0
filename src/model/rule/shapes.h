/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds what unnamed memory is from the shape of mappings and their neighbours. A shape sets a mark
 * only where an arbitrary mapping would not have it: each function says which second property makes
 * the difference.
 */
#ifndef MODEL_RULE_SHAPES_H
#define MODEL_RULE_SHAPES_H

#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

/*
 * Sets the marks of all regions. Runtimes must have been detected, and MARK_FILE, MARK_UNNAMED and
 * MARK_PROGRAM be set. A region that holds the end of a .bss and something else is split: s->parts
 * gets two parts whose sizes and Rss are set. dirfd is the process (or live thread) directory.
 */
void shapes_find(struct snapshot *s, const struct procfs *fs, int dirfd);

#endif
