/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorded /proc made by hand, and a capture from it with a clock that does not move. */
#ifndef TESTS_PROC_TREE_H
#define TESTS_PROC_TREE_H

#include "base/alloc.h"
#include "model/snapshot/capture.h"
#include "snap.h"
#include "tree.h"

/* A line of stat: of process 40, state and threads as given, started 1000 ticks after boot. */
#define STAT(state, threads)                                                                       \
	"40 (x) " state " 1 40 40 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 " threads " 0 1000 0 0 "       \
	"18446744073709551615 4096 8192 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
/* PF_KTHREAD is 0x200000. */
#define STAT_KTHREAD                                                                               \
	"40 (kworker/0:1) I 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 20 0 1 0 30 0 0 "                  \
	"18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
#define STATUS "Name:\tx\nState:\tS (sleeping)\nVmSize:\t100 kB\nVmRSS:\t24 kB\nThreads:\t1\n"
#define STATUS_NO_MM "Name:\tx\nState:\tZ (zombie)\nThreads:\t1\n"
#define FIELDS(kb)                                                                                 \
	"Size: " kb " kB\nKernelPageSize: 4 kB\nRss: " kb " kB\nShared_Clean: 0 kB\n"              \
	"Shared_Dirty: 0 kB\nSwap: 0 kB\n"

static inline int64_t proc_tree_now(void *arg attr_unused)
{
	return 0;
}

static inline int proc_tree_capture_opts(const struct tree *t, const struct capture_opts *opts,
					 struct snapshot *ret, struct err *err)
{
	auto_free char *root = xasprintf("%s/proc", t->path);
	struct procfs fs = PROCFS_INIT;
	int ret_capture;

	assert_int_equal(procfs_open(root, &fs, err), 0);
	assert_false(fs.live);
	ret_capture = snapshot_capture(&fs, 40, opts, ret, err);
	procfs_close(&fs);
	return ret_capture;
}

static const struct clock proc_tree_clock = { proc_tree_now, proc_tree_now, NULL };

/* Captures process 40 of t/proc. */
static inline int proc_tree_capture(const struct tree *t, bool with_cmdline, struct snapshot *ret,
				    struct err *err)
{
	const struct capture_opts opts = { .rules = &rules_std,
					   .clock = &proc_tree_clock,
					   .with_cmdline = with_cmdline };

	return proc_tree_capture_opts(t, &opts, ret, err);
}

/* Does the same with other rules. */
static inline int proc_tree_capture_by(const struct tree *t, const struct ruleset *rules,
				       struct snapshot *ret, struct err *err)
{
	const struct capture_opts opts = { .rules = rules,
					   .clock = &proc_tree_clock,
					   .with_cmdline = true };

	return proc_tree_capture_opts(t, &opts, ret, err);
}

#endif
