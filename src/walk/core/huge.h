/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Huge pages of anonymous memory, and how much of each is of no use: free in an allocator, or zero
 * because nobody ever wrote to it. A huge page is resident for any byte of it.
 *
 * smaps tells how many a mapping has and not which they are: those are huge of which every page is
 * in RAM, and never more than smaps has.
 */
#ifndef WALK_CORE_HUGE_H
#define WALK_CORE_HUGE_H

#include "model/snapshot/snapshot.h"
#include "proc/memsrc.h"

enum {
	HUGE_BYTES = 2 << 20,
	HUGE_PAGES = 512, /* small pages in one: of 4 KiB, others are not looked at */
};

struct huge_page {
	uint64_t addr;
	uint32_t region;                /* index into the snapshot's */
	uint64_t zero[HUGE_PAGES / 64]; /* bit i: small page i is all zero */
};

struct huge_map {
	const struct snapshot *snap; /* not owned */
	struct huge_page *v;         /* ascending; owned */
	size_t n, cap;
};

/* Bytes in allocators' free blocks, by huge page; those of pages that are zero are left out. */
struct huge_free {
	const struct huge_map *map; /* not owned; NULL: nothing is counted */
	uint32_t *bytes;            /* map->n of them; NULL until the first is added */
	size_t hot;                 /* of the last address */
};

/* Huge pages of which more than half is of no use. */
struct huge_waste {
	uint64_t pages, of_pages; /* so many of so many */
	uint64_t idle_bytes;      /* of no use in the former */
	uint64_t zero_bytes;      /* of these, zero */
};

/* Finds the huge pages of a snapshot, and reads them, up to a gigabyte. The caller releases it. */
void huge_map_init(struct huge_map *h, const struct snapshot *snap, struct memsrc *m);
void huge_map_release(struct huge_map *h);

void huge_free_release(struct huge_free *f);
/* Counts a free block, whatever of it lies in huge pages. */
void huge_free_add(struct huge_free *f, uint64_t addr, uint64_t len);
/* Adds another count over the same map. */
void huge_free_merge(struct huge_free *f, const struct huge_free *from);
struct huge_waste huge_free_judge(const struct huge_free *f);

#endif
