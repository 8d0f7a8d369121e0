/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes are meant: by number, name, user, control group and descent.
 */
#ifndef APP_SELECT_H
#define APP_SELECT_H

#include <sys/types.h>

#include "app/options.h"
#include "proc/procfs.h"

/*
 * The processes that the options select; the caller frees *ret_pids. First the ones named by
 * number, in their order: *ret_n_named of them. What befalls these sets the exit status, so one
 * that cannot be read passes every filter. The others were found by enumeration, in ascending
 * order: all that pass the filters if none was named, and with `tree` the descendants of both.
 * Filters combine with AND. The caller itself is never found; named it can be.
 *
 * 0, or with err set -EINVAL (expression, user or group that makes no sense), -ESRCH (nothing
 * matches, or the process whose group is meant does not exist) or another -errno.
 */
int select_pids(const struct procfs *fs, const struct options *o, pid_t **ret_pids, size_t *ret_n,
		size_t *ret_n_named, struct err *err);

#endif
