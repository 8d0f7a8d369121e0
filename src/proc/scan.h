/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cheapest look at every process, to be taken again and again: statm through a descriptor that
 * stays open, and stat of those that are new or that have moved since. None of these files waits for
 * its process.
 */
#ifndef PROC_SCAN_H
#define PROC_SCAN_H

#include "base/err.h"
#include "proc/procfs.h"
#include "proc/procinfo.h"

struct scan;

enum scan_change {
	SCAN_SAME,
	SCAN_NEW,  /* a process that was not there before, though its number may have been */
	SCAN_EXEC, /* another program, in the same process */
};

struct scan_reading {
	pid_t pid;
	enum scan_change change;
	struct proc_stat stat; /* at most some ticks old, unless something moved */
	struct amount uid;     /* effective; as of its start or exec */
	struct amount size_bytes, rss_bytes, shared_bytes; /* statm; shared: of files and shmem */
};

/*
 * A scan of these processes, or of all if n is 0, but never of ourselves. It keeps at most max_fds
 * descriptors open; processes beyond them cost more.
 */
struct scan *scan_new(const struct procfs *fs, const pid_t *pids, size_t n, size_t max_fds);
void scan_free(struct scan *s);

/*
 * Reads all of them: an array in the order of pids, which the caller frees. Processes that have gone
 * are left out. 0 or -errno.
 */
int scan_read(struct scan *s, struct scan_reading **ret_readings, size_t *ret_n);

#endif
