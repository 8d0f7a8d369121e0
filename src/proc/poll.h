/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cheap tier of a watch: a process's status, read through descriptors that stay open. They keep
 * to this very process; an address space that another took the place of (exec) shows by a pagemap
 * that was opened for it and now gives nothing.
 */
#ifndef PROC_POLL_H
#define PROC_POLL_H

#include <sys/types.h>

#include "base/sbuf.h"
#include "proc/procfs.h"
#include "proc/procinfo.h"

struct proc_poll {
	pid_t pid;
	int dirfd;             /* /proc/PID; -1: not open */
	int statusfd;          /* -1: opened each time: of a kernel thread, or for want of them */
	int pagemapfd;         /* -1: not permitted; then exec shows by stat and by name */
	struct proc_stat stat; /* as of the last start or exec */
};

#define PROC_POLL_INIT                                                                             \
	{                                                                                          \
		0, -1, -1, -1,                                                                     \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/* 0, -ESRCH if there is no such process, or -errno. The caller closes *ret on success. */
int proc_poll_open(const struct procfs *fs, pid_t pid, struct proc_poll *ret);
void proc_poll_close(struct proc_poll *p);
/* Of one just opened: it was a zombie. */
bool proc_poll_has_ended(const struct proc_poll *p);
/* Without reading anything. */
bool proc_poll_is_there(const struct proc_poll *p);
/* How many descriptors it may come to hold, with the one that tells of its end. */
size_t proc_poll_fds(const struct proc_poll *p);

/*
 * Reads the status: 0; 1 if the process executed another program since the last time, whose stat
 * is then p->stat; -ESRCH if it has ended (a zombie has); or -errno. `text` is scratch.
 */
int proc_poll_read(struct proc_poll *p, struct sbuf *text, struct proc_status *ret_status);

/*
 * A number for the program that runs, another one after an exec: by the addresses that the kernel
 * has drawn for it, or by its name where they are denied.
 */
uint64_t proc_poll_exec_id(const struct proc_poll *p);

#endif
