/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cheapest way to read all processes again and again: statm through a descriptor that stays
 * open, and stat of processes that are new or have changed. Reading these files never waits for the
 * process.
 */
#ifndef PROC_SCAN_H
#define PROC_SCAN_H

#include "base/err.h"
#include "proc/procfs.h"
#include "proc/procinfo.h"

struct scan;

enum scan_change {
	SCAN_SAME,
	SCAN_NEW,  /* a new process, though its number may have been used before */
	SCAN_EXEC, /* another program in the same process */
};

struct scan_reading {
	pid_t pid;
	enum scan_change change;
	struct proc_stat stat; /* may be some ticks old if statm did not change */
	struct amount uid;     /* effective; read at the start or at exec */
	struct amount size_bytes, rss_bytes, shared_bytes; /* statm; shared: of files and shmem */
};

/*
 * Returns a scan of these processes, or of all if n is 0, but never of our own. Keeps at most
 * max_fds descriptors open; processes beyond that cost more time.
 */
struct scan *scan_new(const struct procfs *fs, const pid_t *pids, size_t n, size_t max_fds);
void scan_free(struct scan *s);

/*
 * Reads all processes into an array in the order of pids, which the caller frees. Processes that
 * have exited are left out. Returns 0 or -errno.
 */
int scan_read(struct scan *s, struct scan_reading **ret_readings, size_t *ret_n);

#endif
