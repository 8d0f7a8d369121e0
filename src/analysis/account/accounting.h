/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The balance sheet: a snapshot's regions summed by category, owner, permission, file and package.
 * Every resident byte is on exactly one line of each of these views. Pure functions.
 */
#ifndef ANALYSIS_ACCOUNT_ACCOUNTING_H
#define ANALYSIS_ACCOUNT_ACCOUNTING_H

#include "analysis/account/tally.h"
#include "base/amount.h"
#include "model/metrics.h"
#include "model/snapshot/snapshot.h"

/* A line of the sheet. A sum over the records that have the field; absent if none has. */
struct line {
	struct amount rss, pss, uss, swap, lazyfree;
	uint64_t size_bytes;
	uint64_t mappings;
};

struct owner_line {
	uint32_t owner;   /* index into the snapshot's owners */
	uint8_t evidence; /* enum evidence: an owner has one line for each */
	uint8_t category;
	struct line sum;
};

struct category_line {
	struct line sum;
	uint64_t evidence_bytes[EV_COUNT]; /* of rss */
	struct owner_line *owners; /* by rss, largest first; points into accounting.owners */
	size_t n_owners;
};

struct perm_line {
	uint8_t perms;
	struct line sum;
};

struct file_line {
	uint32_t file;
	struct line sum; /* uss: its private pages */
};

struct package_line {
	uint32_t package;
	struct line sum; /* its files, and the .bss behind them */
	uint64_t files;
};

struct totals {
	struct mem_counts counts; /* sums over smaps */
	struct amount rss, pss, uss, swap, swap_pss, anonymous, file, shmem, hugetlb, lazyfree;
	/* Of pss; nearly, because smaps has one Pss for all pages of a mapping. */
	struct amount pss_anonymous, pss_shmem;
	/* LazyFree + Private_Clean of file mappings less their LazyFree */
	struct amount reclaimable;
	struct amount peak_rss, status_rss, virtual;
	struct amount mappings; /* records of smaps, [vsyscall] included */
	uint64_t map_count;     /* as the kernel counts against max_map_count: without it */
};

/*
 * Returns a total, absent where totals have no such metric. Those of a status alone are what it
 * states; the others are absent for the given reason.
 */
struct amount totals_metric(const struct totals *t, enum metric metric);
struct totals totals_of_status(const struct proc_status *status, enum reason why);

struct accounting {
	struct totals totals;
	struct category_line categories[CAT_COUNT];
	struct owner_line *owners;
	size_t n_owners;
	struct perm_line *perms; /* by rss, largest first, as are the next two */
	size_t n_perms;
	struct file_line *files;
	size_t n_files;
	struct package_line *packages;
	size_t n_packages;
	uint64_t evidence_bytes[EV_COUNT];
	struct amount unexplained_permille; /* of rss; absent without rss */
	struct amount drift_magnitude;      /* |VmRSS - sum of Rss|; absent unless both are sure */
	bool drift_negative;
	uint32_t largest[TALLY_LARGEST]; /* indexes of regions, by rss, largest first */
	size_t n_largest;
};

/* Sums a snapshot up. The caller releases *ret. */
void accounting_init(struct accounting *ret, const struct snapshot *s);
void accounting_release(struct accounting *a);

/* A line of status. A process without an address space lacks some of them for that reason. */
struct amount status_of(const struct snapshot *s, enum proc_status_field field);

/* Adds b to a: lines of several processes. Amounts as amount_sum. */
void line_add(struct line *a, const struct line *b);

#endif
