/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of memory counters: every number that smaps and smaps_rollup have for a mapping. A new
 * kernel field is one row of mem_count_descs; parsing, sums, help and output loop over it.
 *
 * Source: Documentation/filesystems/proc.rst, fs/proc/task_mmu.c.
 */
#ifndef PROC_COUNTS_H
#define PROC_COUNTS_H

#include <stdint.h>

#include "base/amount.h"
#include "base/util.h"

enum mem_count {
	MC_SIZE,
	MC_RSS,
	MC_PSS,
	MC_PSS_DIRTY,
	MC_PSS_ANON,
	MC_PSS_FILE,
	MC_PSS_SHMEM,
	MC_SHARED_CLEAN,
	MC_SHARED_DIRTY,
	MC_PRIVATE_CLEAN,
	MC_PRIVATE_DIRTY,
	MC_REFERENCED,
	MC_ANONYMOUS,
	MC_KSM,
	MC_LAZYFREE,
	MC_ANON_HUGE,
	MC_SHMEM_PMD,
	MC_FILE_PMD,
	MC_SHARED_HUGETLB,
	MC_PRIVATE_HUGETLB,
	MC_SWAP,
	MC_SWAP_PSS,
	MC_LOCKED,
	MC_SUMMABLE, /* the counters above are amounts, which can be added up */
	MC_KERNEL_PAGE_SIZE = MC_SUMMABLE,
	MC_MMU_PAGE_SIZE,
	MC_COUNT
};

struct mem_count_desc {
	const char *key; /* as the kernel writes it, including the colon */
	size_t key_len;
	const char *id;    /* of the column: "rss_bytes" */
	const char *title; /* for people: "RSS" */
	const char *help;
};

extern const struct mem_count_desc mem_count_descs[];

/*
 * Counters in bytes. A field that the kernel did not write is absent: its bit in `present` is clear
 * and v is 0.
 */
struct mem_counts {
	uint32_t present; /* bit i: v[i] was reported */
	uint64_t v[MC_COUNT];
};

_Static_assert(MC_COUNT <= 32, "present has a bit for each counter");

/*
 * Returns the row of a key of `len` bytes, including the colon; -1 if the table does not have it.
 */
int mem_count_find(const char *key, size_t len);
/*
 * Adds the summable counters of b to sum. A counter that is absent in all records is absent in the
 * sum.
 */
void mem_counts_add(struct mem_counts *restrict sum, const struct mem_counts *restrict b);
bool mem_counts_has(const struct mem_counts *c, enum mem_count which);
/* Returns a counter, or REASON_NOT_REPORTED. */
struct amount mem_counts_get(const struct mem_counts *c, enum mem_count which);

#endif
