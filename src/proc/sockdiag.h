/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory queued in sockets, which no file of the process reports: NETLINK_SOCK_DIAG lists the
 * sockets of a network namespace with their memory, and their inodes show which belong to the
 * process.
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
	 * Unix sockets: messages sent by or to the process and not read yet. The kernel charges a
	 * message to its sender until it is read, so the charge of each socket counts once if the
	 * socket or its peer belongs to the process. A lower bound: datagrams of senders without a
	 * peer cannot be located, and if the peer is gone only the unread bytes are known.
	 */
	struct amount unix_bytes;
	struct amount inet_bytes; /* receive and send queues of tcp, udp and raw sockets */
};

/*
 * Asks the kernel about the sockets of the scan, only for the kinds that it has. Absent with the
 * reason of the scan, or if the process is in another network namespace or the kernel does not
 * answer.
 */
void sockdiag_read(const struct procfs *fs, int dirfd, const struct fdscan *fds,
		   struct sockdiag *ret_diag);

#endif
