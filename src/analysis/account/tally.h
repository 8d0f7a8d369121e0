/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums the regions of a snapshot in one pass: each is unpacked once and added to every list that it
 * belongs to, because a process may have 65,000 regions. The accounting is made from these sums.
 */
#ifndef ANALYSIS_ACCOUNT_TALLY_H
#define ANALYSIS_ACCOUNT_TALLY_H

#include "model/snapshot/snapshot.h"
#include "proc/smaps.h"

/* The fields that a record of smaps may lack. */
enum tally_field { F_RSS, F_PSS, F_USS, F_SWAP, F_LAZYFREE, F_COUNT };

/* A line while it is summed, as plain numbers: adding amounts with their reasons is slower. */
struct tally {
	uint64_t v[F_COUNT];
	uint64_t size_bytes, mappings;
	uint32_t present; /* bit i: at least one record had v[i] */
	uint32_t unknown; /* bit i: a resident part of a mapping lacked v[i], so it is no sum */
	uint32_t records; /* number of regions and parts that were added */
};

/* The sums of one owner in one category and with one evidence. */
struct owner_tally {
	struct tally sum;
	uint32_t owner;
	uint32_t next; /* index + 1 of the next tally of the same owner; 0 at the end */
	uint8_t category, evidence;
};

enum { TALLY_LARGEST = 10, N_PERMS = (VMA_READ | VMA_WRITE | VMA_EXEC | VMA_SHARED) + 1 };

/* Sums that smaps does not have, but that follow from its counters. */
struct backing_tally {
	/* At least one record had the counters that the sums below are made from. */
	bool has_pages, has_pss, has_clean;
	uint64_t file, shmem; /* pages that are not anonymous */
	uint64_t pss_anonymous, pss_shmem;
	uint64_t file_clean; /* Private_Clean of file mappings less their LazyFree */
};

struct tallies {
	const struct snapshot *s;
	struct tally all; /* all regions */
	struct backing_tally backing;
	struct owner_tally *owners;
	size_t n_owners, cap_owners;
	uint32_t *owner_first; /* by owner: index + 1 of its first tally in owners; 0: none yet */
	struct tally categories[CAT_COUNT];
	struct tally perms[N_PERMS];
	struct tally *files;             /* by file */
	struct tally *packages;          /* by package; [0] is none */
	uint32_t largest[TALLY_LARGEST]; /* indexes of regions, by rss, largest first */
	uint64_t largest_rss[TALLY_LARGEST];
	size_t n_largest;
	size_t next_part;
};

/* Sums up the regions of a snapshot, which must outlive *ret. The caller releases *ret. */
void tallies_init(struct tallies *ret, const struct snapshot *s);
void tallies_release(struct tallies *t);

/* Returns the tally of a single region and its counters. */
struct tally tally_of_region(const struct region *r, const struct mem_counts *c);

/* Adds *t to *sum. */
static inline void tally_add(struct tally *sum, const struct tally *t)
{
	for (int i = 0; i < F_COUNT; i++)
		sum->v[i] += t->v[i];
	sum->size_bytes += t->size_bytes;
	sum->mappings += t->mappings;
	sum->present |= t->present;
	sum->unknown |= t->unknown;
	sum->records += t->records;
}

#endif
