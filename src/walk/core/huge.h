/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages of anonymous memory, and how much of each is idle: free in an allocator, or zero
 * because nobody ever wrote to it. A huge page is resident as a whole if one byte of it is in use.
 *
 * smaps tells how many huge pages a mapping has and not which they are. A range of 2 MiB counts as
 * one if all of it is in RAM, until as many are found as smaps states.
 */
#ifndef WALK_CORE_HUGE_H
#define WALK_CORE_HUGE_H

#include "model/snapshot/snapshot.h"
#include "proc/memsrc.h"

enum {
	HUGE_BYTES = 2 << 20,
	HUGE_PAGES = 512, /* small pages in one; only those of 4 KiB are supported */
};

struct huge_page {
	uint64_t addr;
	uint32_t region;                /* index into the regions of the snapshot */
	uint64_t zero[HUGE_PAGES / 64]; /* bit i: small page i is all zero */
};

struct huge_map {
	const struct snapshot *snap; /* not owned */
	struct huge_page *v;         /* ascending; owned */
	size_t n, cap;
};

/* Bytes in free blocks of allocators, by huge page; small pages that are all zero do not count. */
struct huge_free {
	const struct huge_map *map; /* not owned; NULL: nothing is counted */
	uint32_t *bytes; /* one for each page of the map; NULL until the first is added */
	size_t hot;      /* index of the page of the last address */
};

/* Huge pages of which more than half is idle. */
struct huge_waste {
	uint64_t pages, of_pages; /* such pages, and all huge pages */
	uint64_t idle_bytes;      /* in these pages */
	uint64_t zero_bytes;      /* part of idle_bytes: never written to */
};

/* Finds the huge pages of a snapshot and reads them, up to a gigabyte. The caller releases it. */
void huge_map_init(struct huge_map *h, const struct snapshot *snap, struct memsrc *m);
void huge_map_release(struct huge_map *h);

void huge_free_release(struct huge_free *f);
/* Counts the bytes of a free block that lie in huge pages. */
void huge_free_add(struct huge_free *f, uint64_t addr, uint64_t len);
/* Adds the counts of `from`, which has the same map. */
void huge_free_merge(struct huge_free *f, const struct huge_free *from);
/* Returns the pages that are more than half idle. */
struct huge_waste huge_free_judge(const struct huge_free *f);

#endif
