/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much is queued in pipes of another process, see pidfd_getfd(2). A pipe is measured through a
 * duplicate of its descriptor: opening it again by its link in /proc would wake up a process that
 * waits for a reader or writer.
 */
#ifndef PROC_PIPES_H
#define PROC_PIPES_H

#include <stdint.h>
#include <sys/types.h>

#include "base/amount.h"

/*
 * Opens a pidfd of the process whose directory in /proc is dirfd. The number pid may belong to a
 * new process by now, but not if dirfd can still be read after the pidfd was opened. If the first
 * thread has exited, dirfd belongs to another thread. Returns the descriptor, which the caller
 * closes, or -errno.
 */
int pipe_open_process(int dirfd, pid_t pid);
/*
 * Measures the bytes queued in the pipe with this inode, which the process has open as number.
 * Returns 0, -EBADF if the descriptor is another file by now, or another -errno.
 */
int pipe_measure(int pidfd, int number, uint64_t inode, struct amount *ret_bytes,
		 struct amount *ret_capacity);
/* Returns the reason for a -errno of the functions above. */
enum reason pipe_why_not(int code);

#endif
