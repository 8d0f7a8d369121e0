/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cheap tier of a watch: the status of a process, read through descriptors that stay open. They
 * always refer to the same process. When exec replaces the address space, the pagemap that was
 * opened for the old one returns no data.
 */
#ifndef PROC_POLL_H
#define PROC_POLL_H

#include <sys/types.h>

#include "base/sbuf.h"
#include "proc/procfs.h"
#include "proc/procinfo.h"

struct proc_poll {
	pid_t pid;
	int dirfd;     /* /proc/PID; -1: not open */
	int statusfd;  /* -1: opened for each read (kernel threads, or too few descriptors) */
	int pagemapfd; /* -1: not permitted; then exec is detected by stat and name */
	struct proc_stat stat; /* read at the start or the last exec */
};

#define PROC_POLL_INIT                                                                             \
	{                                                                                          \
		0, -1, -1, -1,                                                                     \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/*
 * Opens a process. Returns 0, -ESRCH if there is no such process, or -errno. The caller closes *ret
 * on success.
 */
int proc_poll_open(const struct procfs *fs, pid_t pid, struct proc_poll *ret);
void proc_poll_close(struct proc_poll *p);
/* Returns whether a process that was just opened was a zombie. */
bool proc_poll_has_ended(const struct proc_poll *p);
/* Returns whether the process still exists, without reading a file. */
bool proc_poll_is_there(const struct proc_poll *p);
/*
 * Returns how many descriptors this may use, including the one that reports the end of the process.
 */
size_t proc_poll_fds(const struct proc_poll *p);

/*
 * Reads the status. Returns 0; 1 if the process executed another program since the last call
 * (p->stat is then that of the new program); -ESRCH if it has ended, is a zombie, or is freeing its
 * memory before it becomes one; or -errno. `text` is scratch.
 */
int proc_poll_read(struct proc_poll *p, struct sbuf *text, struct proc_status *ret_status);

/*
 * Returns a number that identifies the running program and changes with exec: a hash of the random
 * addresses that the kernel chose, or of its name if the addresses are denied.
 */
uint64_t proc_poll_exec_id(const struct proc_poll *p);

#endif
