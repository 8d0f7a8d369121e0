/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one pass over the regions: each is unpacked once and added where its indexes point, because a
 * process may have 65,000 of them. The balance sheet is made of these sums, of which there are few.
 */
#ifndef ANALYSIS_ACCOUNT_TALLY_H
#define ANALYSIS_ACCOUNT_TALLY_H

#include "model/snapshot/snapshot.h"
#include "proc/smaps.h"

/* The fields of a line that a record may lack. */
enum tally_field { F_RSS, F_PSS, F_USS, F_SWAP, F_LAZYFREE, F_COUNT };

/* A line while it is summed: amounts would carry their reasons through the pass. */
struct tally {
	uint64_t v[F_COUNT];
	uint64_t size_bytes, mappings;
	uint32_t present; /* bit i: some record had v[i] */
	uint32_t records; /* regions and parts that were added */
};

/* What one owner has with one category and evidence. */
struct owner_tally {
	struct tally sum;
	uint32_t owner;
	uint32_t next; /* of the same owner: index + 1, 0 at the end */
	uint8_t category, evidence;
};

enum { TALLY_LARGEST = 10, N_PERMS = (VMA_READ | VMA_WRITE | VMA_EXEC | VMA_SHARED) + 1 };

/* Counters that smaps does not state, with what is missing where a record cannot tell. */
struct backing_tally {
	bool has_pages, has_pss, has_clean; /* some record stated what the following need */
	uint64_t file, shmem;               /* pages that are not anonymous */
	uint64_t pss_anonymous, pss_shmem;
	uint64_t file_clean; /* Private_Clean of file mappings less their LazyFree */
};

struct tallies {
	const struct snapshot *s;
	struct tally all; /* regions whatever they belong to */
	struct backing_tally backing;
	struct owner_tally *owners;
	size_t n_owners, cap_owners;
	uint32_t *owner_first; /* by owner: index into owners + 1, 0 for none yet */
	struct tally perms[N_PERMS];
	struct tally *files;             /* by file */
	struct tally *packages;          /* by package; 0 has what belongs to none */
	uint32_t largest[TALLY_LARGEST]; /* regions, by rss, largest first */
	uint64_t largest_rss[TALLY_LARGEST];
	size_t n_largest;
	size_t next_part;
};

/* Sums up the regions of a snapshot, which must outlive *ret. The caller releases *ret. */
void tallies_init(struct tallies *ret, const struct snapshot *s);
void tallies_release(struct tallies *t);

/* A region by itself, with its counters. */
struct tally tally_of_region(const struct region *r, const struct mem_counts *c);

static inline void tally_add(struct tally *sum, const struct tally *t)
{
	for (int i = 0; i < F_COUNT; i++)
		sum->v[i] += t->v[i];
	sum->size_bytes += t->size_bytes;
	sum->mappings += t->mappings;
	sum->present |= t->present;
	sum->records += t->records;
}

#endif
