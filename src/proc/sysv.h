/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SysV shared memory that a process created and that no process has attached. Source:
 * proc_sysvipc(5).
 */
#ifndef PROC_SYSV_H
#define PROC_SYSV_H

#include "base/amount.h"
#include "proc/procfs.h"

struct sysv_scan {
	struct amount unattached_bytes; /* rss and swap of the segments */
	size_t n;
};

/*
 * Reads the segments of /proc/sysvipc/shm with cpid == pid and no attachment. The creator may have
 * been an earlier process with the same number. Absent with a reason if they cannot be read, and if
 * the process is in another IPC namespace.
 */
void sysv_read(const struct procfs *fs, int dirfd, pid_t pid, struct sysv_scan *ret_scan);

#endif
