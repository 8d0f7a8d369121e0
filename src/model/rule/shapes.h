/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identifies unnamed memory by the shape of mappings and their neighbours. A shape sets a mark only
 * if an arbitrary mapping would not have the shape: each function names the second property that
 * excludes other mappings.
 */
#ifndef MODEL_RULE_SHAPES_H
#define MODEL_RULE_SHAPES_H

#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

/*
 * Sets the marks of all regions. The runtimes must have been detected, and MARK_FILE, MARK_UNNAMED
 * and MARK_PROGRAM set. A region that holds the end of a .bss and something else is split: s->parts
 * gets two parts with their sizes and Rss. dirfd is the process (or live thread) directory.
 */
void shapes_find(struct snapshot *s, const struct procfs *fs, int dirfd);

#endif
