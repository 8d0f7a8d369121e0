/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/pagemap: which pages of a range are present.
 * Source: Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef PROC_PAGEMAP_H
#define PROC_PAGEMAP_H

#include <stdint.h>

#include "base/util.h"

/*
 * Bytes of [start, end), whole pages, that are present, zero pages included (smaps leaves those out
 * of Rss, so cut the result to it). 0 or -errno; -ENODATA once the process has no address space.
 * Reads 8 bytes a page, in blocks.
 */
int pagemap_present(int dirfd, uint64_t start, uint64_t end, uint64_t *ret_bytes);

/* What a page is. */
enum page_state {
	PAGE_ABSENT,
	PAGE_PRESENT,
	PAGE_ZERO, /* the kernel's page of zeroes: present, but not resident; told since Linux 6.7 */
	PAGE_SWAPPED,
	PAGE_GUARD, /* MADV_GUARD_INSTALL, since Linux 6.13; told since 6.15 */
};

/* An open pagemap, which learns how much its kernel tells. */
struct pagemap {
	int fd;   /* of /proc/PID/pagemap; not owned */
	int scan; /* enum pagemap_scan */
	uint64_t page_bytes;
};

void pagemap_init(struct pagemap *pm, int fd);

/*
 * The states (enum page_state) of n pages from start on, which is the start of a page. 0 or -errno;
 * -ENODATA once the process has no address space.
 */
int pagemap_states(struct pagemap *pm, uint64_t start, size_t n, uint8_t *ret_states);

#endif
