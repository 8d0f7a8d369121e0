/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc into a snapshot: reads a process in a fixed order, checks that it is still the same
 * process, and classifies what was read.
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
	 * An earlier capture of the process, or NULL. Its command line and its environment
	 * (descriptors, sockets, limits, control groups) are moved from it instead of read again.
	 */
	struct snapshot *before;
};

/*
 * Captures one process. Returns 0 with *ret filled (parts may be absent, each with its reason),
 * -ESRCH if the process does not exist or exited before anything was read, or -errno. The caller
 * releases *ret on success.
 */
int snapshot_capture(const struct procfs *fs, pid_t pid, const struct capture_opts *opts,
		     struct snapshot *ret, struct err *err);
/*
 * Does the same through the process's directory, which the caller still owns: no other process is
 * read.
 */
int snapshot_capture_at(const struct procfs *fs, int dirfd, pid_t pid,
			const struct capture_opts *opts, struct snapshot *ret, struct err *err);

/*
 * Moves the environment of a process from an earlier capture. `before` may then only be released,
 * or take it back.
 */
void snapshot_take_surroundings(struct snapshot *s, struct snapshot *before);

#endif
