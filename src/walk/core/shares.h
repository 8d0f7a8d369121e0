/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pages of a mapping count in PSS and USS, by page. Only mappings are looked at that share
 * pages with other processes, once bytes of them are attributed: of others a page is a page.
 */
#ifndef WALK_CORE_SHARES_H
#define WALK_CORE_SHARES_H

#include "model/parts.h"
#include "model/snapshot/snapshot.h"
#include "proc/pagemap.h"
#include "proc/procfs.h"

/* Adjacent resident pages that count alike. */
struct share_run {
	uint64_t start, end;
	uint32_t users; /* as page_users_read says; never PAGE_USERS_NONE */
};

/* The pages of one region. */
struct region_shares {
	struct share_run *runs; /* ascending */
	size_t n, cap;
	size_t hot;            /* index of the run of the last address */
	double shared_rate;    /* of a page with PAGE_USERS_MANY: what a byte of it counts */
	struct part_pages sum; /* of all runs */
};

struct shares {
	const struct snapshot *snap; /* not owned */
	const struct procfs *fs;     /* likewise; NULL: pages cannot be looked at */
	int dirfd;                   /* of the process; not owned */
	bool opened, failed;         /* nothing more is looked at once that failed */
	struct page_users users;
	uint32_t *of_region; /* index + 1 into v; UINT32_MAX: there are none; 0: not read yet */
	struct region_shares *v;
	size_t n, cap;
	size_t n_runs; /* of all, which are limited, as are the bytes of pages looked at */
	uint64_t looked;
};

void shares_init(struct shares *s, const struct snapshot *snap, const struct procfs *fs, int dirfd);
void shares_release(struct shares *s);

/*
 * Returns the pages of a region, which are read at the first call. NULL: all of its pages count
 * alike, or they cannot be read; parts_divide does without them.
 */
struct region_shares *shares_region(struct shares *s, uint32_t region);

/* Returns what a byte of [start, end) counts on average, over its resident pages. */
struct part_pages shares_rate(struct region_shares *rs, uint64_t start, uint64_t end);

/* Narrows [*start, *end), which holds addr, to the addresses around addr that count alike. */
void shares_narrow(struct region_shares *rs, uint64_t addr, uint64_t *start, uint64_t *end);

#endif
