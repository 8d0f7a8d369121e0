/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /proc/PID/pagemap: which pages of a range are present. Source:
 * Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef PROC_PAGEMAP_H
#define PROC_PAGEMAP_H

#include <stdint.h>

#include "base/util.h"

/*
 * Counts the bytes of [start, end), which are whole pages, that are present. Zero pages are
 * included; smaps leaves them out of Rss, so the caller has to limit the result to Rss. Returns 0
 * or -errno; -ENODATA once the process has no address space. Reads 8 bytes for each page, in
 * blocks.
 */
int pagemap_present(int dirfd, uint64_t start, uint64_t end, uint64_t *ret_bytes);

/* The state of a page. */
enum page_state {
	PAGE_ABSENT,
	PAGE_PRESENT,
	PAGE_ZERO, /* the kernel's zero page: present, but not resident; reported since Linux 6.7 */
	PAGE_SWAPPED,
	PAGE_GUARD, /* MADV_GUARD_INSTALL, since Linux 6.13; reported since 6.15 */
};

/* An open pagemap, which remembers how much its kernel reports. */
struct pagemap {
	int fd;   /* of /proc/PID/pagemap; not owned */
	int scan; /* enum pagemap_scan */
	uint64_t page_bytes;
};

void pagemap_init(struct pagemap *pm, int fd);

/*
 * Sets the states (enum page_state) of n pages from start on, which is the start of a page. Returns
 * 0 or -errno; -ENODATA once the process has no address space.
 */
int pagemap_states(struct pagemap *pm, uint64_t start, size_t n, uint8_t *ret_states);

/*
 * Returns the address of the first page in [start, end), which are whole pages, that may not be
 * absent; end if all are. A kernel that does not report runs of pages tells nothing: then it is
 * start.
 */
uint64_t pagemap_next(struct pagemap *pm, uint64_t start, uint64_t end);

/* How many mappings a page has, as page_users_read reports it. */
enum {
	PAGE_USERS_NONE = 0,          /* the page is not resident */
	PAGE_USERS_ONE = 1,           /* private: smaps counts it in full in Pss */
	PAGE_USERS_MANY = UINT32_MAX, /* more than one: how many may not be read */
};

/* An open pagemap and kpagecount. */
struct page_users {
	struct pagemap pagemap; /* its fd is owned */
	int countfd;            /* of /proc/kpagecount; -1: denied, or the pages are not counted */
	uint64_t left;          /* pages that may still be looked up in kpagecount */
};

/*
 * Opens the pagemap of the process or thread whose directory is dirfd, and the kpagecount beside
 * rootfd, which only root may read. The caller releases *ret. Returns 0 or -errno.
 */
int page_users_open(int rootfd, int dirfd, struct page_users *ret);
void page_users_release(struct page_users *u);
/*
 * Reads how many mappings have each of n pages from start on, at most PAGE_USERS_BLOCK. Returns 0
 * or -errno.
 */
int page_users_read(struct page_users *u, uint64_t start, size_t n, uint32_t *ret_users);

enum { PAGE_USERS_BLOCK = 2048 };

#endif
