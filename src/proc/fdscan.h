/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a process holds through its descriptors: memfd and tmpfs files, pipes, sockets, GPU
 * and dma-buf objects, BPF maps. One pass over /proc/PID/fd counts each object once.
 *
 * The text of the link says what a descriptor is; only the small files of fdinfo are opened.
 * Sources: proc(5), Documentation/gpu/drm-usage-stats.rst, drivers/dma-buf/dma-buf.c,
 * kernel/bpf/syscall.c.
 */
#ifndef PROC_FDSCAN_H
#define PROC_FDSCAN_H

#include <stdint.h>

#include "base/amount.h"
#include "proc/procfs.h"

enum { FDSCAN_MAX = 1 << 20 }; /* with more descriptors, all amounts are absent */

struct fd_file {
	uint64_t dev, inode;
	uint64_t bytes; /* st_blocks * 512 */
	bool unlinked;
};

/* The kinds of sockets whose memory the kernel can be asked for. */
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
	struct amount descriptors; /* number of descriptors */
	struct fd_file *files;     /* memfd, tmpfs and hugetlbfs files, each inode once */
	size_t n_files;
	struct amount file_bytes; /* of these files */
	uint64_t *sockets;        /* inodes, ascending, each once */
	size_t n_sockets;
	unsigned int socket_kinds;  /* 1 << enum socket_kind of these; all kinds if unknown */
	struct amount drm_bytes;    /* resident system memory of GPU clients, each client once */
	struct amount dmabuf_bytes; /* each buffer once */
	struct amount bpf_bytes;    /* memlock of maps and programs, each once */
	size_t n_drm, n_dmabuf, n_bpf;
	size_t n_pipes;              /* distinct pipes, without named pipes */
	struct amount pipe_bytes;    /* queued in them; they are not opened again */
	struct amount pipe_capacity; /* the most that they can hold */
};

/*
 * Reads the descriptors of the process or thread behind dirfd; `pid` is the number of the process.
 * Never fails as a whole: if the fd directory is denied, or the process ends meanwhile, all amounts
 * are absent with that reason. An amount is absent if one descriptor does not report it.
 */
void fdscan_read(const struct procfs *fs, int dirfd, pid_t pid, struct fdscan *ret_scan);
void fdscan_release(struct fdscan *scan);

#endif
