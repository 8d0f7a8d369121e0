/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets the category, owner and evidence of every region: files first, then runtimes and shapes,
 * then the rules.
 */
#ifndef MODEL_SNAPSHOT_CLASSIFY_H
#define MODEL_SNAPSHOT_CLASSIFY_H

#include "model/rule/rule.h"
#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

/* The program's device and inode; inode 0 if unknown (then its path decides). */
struct program_id {
	dev_t dev;
	ino_t inode;
};

void snapshot_classify(struct snapshot *s, const struct procfs *fs, int dirfd,
		       const struct program_id *program, const struct ruleset *rules);

#endif
