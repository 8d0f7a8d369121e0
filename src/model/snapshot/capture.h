/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc -> snapshot: reads a process in a fixed order, checks that it stayed the same process, and
 * classifies what was read.
 */
#ifndef MODEL_SNAPSHOT_CAPTURE_H
#define MODEL_SNAPSHOT_CAPTURE_H

#include "base/clock.h"
#include "base/err.h"
#include "model/rule/rule.h"
#include "model/snapshot/snapshot.h"
#include "proc/procfs.h"

struct capture_opts {
	const struct ruleset *rules;
	const struct clock *clock;
	bool with_cmdline; /* arguments can hold secrets */
	/*
	 * An earlier capture of the process, or NULL. Its command line and what lies around its
	 * memory (descriptors, sockets, limits, control groups) are taken over instead of read; it
	 * is left without the latter.
	 */
	struct snapshot *before;
};

/*
 * Captures one process. Returns 0 with *ret filled (parts of it may be absent, each with its
 * reason), -ESRCH if there is no such process or it went before anything was read, or -errno.
 * The caller releases *ret on success.
 */
int snapshot_capture(const struct procfs *fs, pid_t pid, const struct capture_opts *opts,
		     struct snapshot *ret, struct err *err);
/* The same through the process's directory, which the caller keeps: it is this process or none. */
int snapshot_capture_at(const struct procfs *fs, int dirfd, pid_t pid,
			const struct capture_opts *opts, struct snapshot *ret, struct err *err);

/*
 * Takes over what lies around the memory, as it was when `before` had it, which is left without: it
 * may only be released, or take it back.
 */
void snapshot_take_surroundings(struct snapshot *s, struct snapshot *before);

#endif
