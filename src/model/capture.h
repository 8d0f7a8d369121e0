/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc -> snapshot: reads a process in a fixed order, checks that it stayed the same process, and
 * classifies what was read.
 */
#ifndef MODEL_CAPTURE_H
#define MODEL_CAPTURE_H

#include "base/clock.h"
#include "base/err.h"
#include "model/rule.h"
#include "model/snapshot.h"
#include "proc/procfs.h"

struct capture_opts {
	const struct ruleset *rules;
	const struct clock *clock;
	bool with_cmdline; /* arguments can hold secrets */
};

/*
 * Captures one process. Returns 0 with *ret filled (parts of it may be absent, each with its
 * reason), -ESRCH if there is no such process or it went before anything was read, or -errno.
 * The caller releases *ret on success.
 */
int snapshot_capture(const struct procfs *fs, pid_t pid, const struct capture_opts *opts,
		     struct snapshot *ret, struct err *err);

#endif
