/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes snapshot files: the YAML of a full report, with every mapping and the numbers the report
 * is made from, between a header and a checksum. model/snapfile/snapfile.h reads it back.
 */
#ifndef PRESENT_RENDER_SNAPSHOT_TEXT_H
#define PRESENT_RENDER_SNAPSHOT_TEXT_H

#include <stdio.h>

#include "analysis/account/group.h"
#include "present/build/process_inputs.h"

/*
 * Writes the file, row by row. Uses only the description of this run in opts, and its rules, which
 * must be those that the snapshots were classified by. `group` may be NULL. Flushes `out` but does
 * not sync it. Returns 0 or -errno.
 */
int snapshot_write(const struct process_inputs *views, size_t n, const struct group *group,
		   const struct build_opts *opts, FILE *out);

#endif
