/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selects processes by PID, name, user, control group and descent.
 */
#ifndef APP_SELECT_H
#define APP_SELECT_H

#include <sys/types.h>

#include "app/options.h"
#include "proc/procfs.h"

/*
 * Finds the processes that the options select. The first *ret_n_named of them are those that the
 * user named by PID, in the order of the command line. A failure on a named PID sets the exit
 * status, so one that cannot be read passes every filter. The others follow in ascending order: all
 * processes that pass the filters if no PID was named, and with `tree` the descendants of all
 * these. Filters combine with AND. The calling process is selected only if it is named. The caller
 * frees *ret_pids.
 *
 * Returns 0, or -errno with err set: -EINVAL for an expression, user or group that is not valid,
 * -ESRCH if nothing matches or the process whose group is asked for does not exist.
 */
int select_pids(const struct procfs *fs, const struct options *o, pid_t **ret_pids, size_t *ret_n,
		size_t *ret_n_named, struct err *err);

#endif
