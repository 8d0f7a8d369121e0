/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a process holds through its descriptors: memfd and tmpfs files, pipes, sockets,
 * GPU and dma-buf objects, BPF maps. One pass over /proc/PID/fd, everything counted once.
 *
 * The text of the link says what a descriptor is; nothing is opened through it but the small files
 * of fdinfo. Sources: proc(5), Documentation/gpu/drm-usage-stats.rst, drivers/dma-buf/dma-buf.c,
 * kernel/bpf/syscall.c.
 */
#ifndef PROC_FDSCAN_H
#define PROC_FDSCAN_H

#include <stdint.h>

#include "base/amount.h"
#include "proc/procfs.h"

enum { FDSCAN_MAX = 1 << 20 }; /* descriptors that are looked at; of more nothing is said */

struct fd_file {
	uint64_t dev, inode;
	uint64_t bytes; /* st_blocks * 512 */
	bool unlinked;
};

/* What a socket is, as far as its memory can be asked for. */
enum socket_kind {
	SOCKET_UNIX,
	SOCKET_TCP,
	SOCKET_TCP6,
	SOCKET_UDP,
	SOCKET_UDP6,
	SOCKET_RAW,
	SOCKET_RAW6,
	SOCKET_KIND_COUNT
};

enum { SOCKET_KINDS_ALL = (1 << SOCKET_KIND_COUNT) - 1 };

struct fdscan {
	struct amount descriptors; /* how many there are */
	struct fd_file *files;     /* memfd, tmpfs and hugetlbfs files, each inode once */
	size_t n_files;
	struct amount file_bytes; /* of these files */
	uint64_t *sockets;        /* inodes, ascending, each once */
	size_t n_sockets;
	unsigned int socket_kinds;  /* 1 << enum socket_kind of those; all if it cannot be told */
	struct amount drm_bytes;    /* resident system memory of GPU clients, each client once */
	struct amount dmabuf_bytes; /* each buffer once */
	struct amount bpf_bytes;    /* memlock of maps and programs, each once */
	size_t n_drm, n_dmabuf, n_bpf;
	size_t n_pipes;              /* distinct pipes; not the named ones of a file system */
	struct amount pipe_bytes;    /* queued in them; through pidfd_getfd, without reopening */
	struct amount pipe_capacity; /* what they may hold */
};

/*
 * Reads the descriptors of the process or thread behind dirfd; `pid` is the process's number. Never
 * fails as a whole; a denied fd directory makes every amount absent with that reason, and so does
 * the end of the process meanwhile. An amount that one descriptor does not tell is absent.
 */
void fdscan_read(const struct procfs *fs, int dirfd, pid_t pid, struct fdscan *ret_scan);
void fdscan_release(struct fdscan *scan);

#endif
