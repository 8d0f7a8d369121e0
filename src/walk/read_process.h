/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live process -> walk: opens the memory of the process that was captured, walks it, and applies
 * the result to the snapshot.
 */
#ifndef WALK_READ_PROCESS_H
#define WALK_READ_PROCESS_H

#include "walk/core/walk.h"

/*
 * Reads the process of a snapshot and applies the result to the snapshot. opts->fs must be the live
 * one; opts->dirfd is ignored. The snapshot must outlive *ret, which the caller releases on
 * success. Returns 0, or -errno with the reason in *ret_why, which is static: -ESRCH if the process
 * has ended or executed another program since it was captured, -EPERM if it was to be stopped and
 * could not be, -EACCES if its memory may not be read.
 */
int walk_read_process(struct snapshot *s, const struct walk_opts *opts, struct walk *ret,
		      enum reason *ret_why);

#endif
