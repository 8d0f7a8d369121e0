/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of live processes, from libproc2. The library is loaded when the list is first needed:
 * linking it (and the libsystemd that it needs) would cost every inspection a millisecond.
 */
#ifndef PROC_LIVE_H
#define PROC_LIVE_H

#include <sys/types.h>

#include "base/err.h"

/*
 * Lists all thread group leaders, in the kernel's order. The caller frees the array. Returns 0 or
 * -errno; -ENOENT if the library is not installed.
 */
int live_list(pid_t **ret_pids, size_t *ret_n, struct err *err);

#endif
