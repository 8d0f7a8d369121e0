/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a process holds through its descriptors: memfd and tmpfs files, pipes, sockets,
 * GPU and dma-buf objects, BPF maps. One pass over /proc/PID/fd, everything counted once.
 */
#ifndef PROC_FDSCAN_H
#define PROC_FDSCAN_H

#include <stdint.h>

#include "base/amount.h"
#include "proc/procfs.h"

struct fd_file {
	uint64_t dev, inode;
	uint64_t bytes; /* st_blocks * 512 */
	bool unlinked;
};

struct fdscan {
	struct amount descriptors;   /* how many there are */
	struct fd_file *files;       /* memfd, tmpfs and hugetlbfs files, each inode once */
	size_t n_files;
	uint64_t *sockets;           /* inodes, ascending, each once */
	size_t n_sockets;
	struct amount drm_bytes;     /* resident system memory of GPU clients, each client once */
	struct amount dmabuf_bytes;  /* each buffer once */
	struct amount bpf_bytes;     /* memlock of maps and programs */
	size_t n_drm, n_dmabuf, n_bpf;
	size_t n_pipes;              /* distinct pipes */
	struct amount pipe_bytes;    /* queued in them; through pidfd_getfd, without reopening */
	struct amount pipe_capacity; /* what they may hold */
};

/* Never fails as a whole; a denied fd directory makes every amount absent with that reason. */
void fdscan_read(const struct procfs *fs, int dirfd, pid_t pid, struct fdscan *ret_scan);
void fdscan_release(struct fdscan *scan);

struct sockdiag {
	struct amount unix_bytes; /* queued in unix sockets among the inodes */
	struct amount inet_bytes; /* receive and send memory of tcp, udp, raw sockets among them */
};

/*
 * Asks NETLINK_SOCK_DIAG about the given socket inodes (ascending). Absent with a reason when the
 * process is in another network namespace or the kernel does not answer.
 */
void sockdiag_read(const struct procfs *fs, int dirfd, const uint64_t *inodes, size_t n,
		   struct sockdiag *ret_diag);

struct sysv_scan {
	struct amount unattached_bytes; /* rss and swap of segments this pid created, nattch 0 */
	size_t n;
};

/* Segments of /proc/sysvipc/shm with cpid == pid and no attachment. */
void sysv_read(const struct procfs *fs, pid_t pid, struct sysv_scan *ret_scan);

#endif
