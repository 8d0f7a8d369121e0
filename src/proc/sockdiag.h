/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory queued in sockets, which no file of the process states: NETLINK_SOCK_DIAG lists the sockets
 * of a network namespace with their memory, and inodes tell which are the process's.
 *
 * Source: sock_diag(7), net/unix/diag.c, net/ipv4/inet_diag.c, net/core/sock.c.
 */
#ifndef PROC_SOCKDIAG_H
#define PROC_SOCKDIAG_H

#include "base/amount.h"
#include "proc/fdscan.h"
#include "proc/procfs.h"

struct sockdiag {
	/*
	 * Unix: what was sent and not read yet, both by the process and to it. The kernel charges a
	 * message to its sender until it is read, so the charge of each socket counts once if the
	 * socket or its peer is the process's. A lower bound: it is not known where datagrams of
	 * senders without a peer are, and of a peer that is gone only the bytes to be read are.
	 */
	struct amount unix_bytes;
	struct amount inet_bytes; /* receive and send queues of tcp, udp and raw sockets */
};

/*
 * Asks about the sockets of the scan, and only for the kinds that it has. Absent with the
 * scan's reason, or when the process is in another network namespace or the kernel does not answer.
 */
void sockdiag_read(const struct procfs *fs, int dirfd, const struct fdscan *fds,
		   struct sockdiag *ret_diag);

#endif
