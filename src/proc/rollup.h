/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sums over all mappings of a process: /proc/PID/smaps_rollup, which exists since Linux 4.14 and
 * in the kernel of RHEL 7 does not; there they are added up from smaps.
 */
#ifndef PROC_ROLLUP_H
#define PROC_ROLLUP_H

#include "base/sbuf.h"
#include "proc/counts.h"

/*
 * Reads the sums of the process whose directory in /proc is dirfd. Returns 0; -ESRCH if it has no
 * memory; -ENOENT if neither file is there; or -errno. `text` is scratch.
 */
int rollup_read(int dirfd, struct sbuf *text, struct mem_counts *ret);

#endif
