/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounting: the regions of a snapshot summed by category, owner, permission, file and package.
 * Every resident byte is in exactly one line of each of these lists. Pure functions.
 */
#ifndef ANALYSIS_ACCOUNT_ACCOUNTING_H
#define ANALYSIS_ACCOUNT_ACCOUNTING_H

#include "analysis/account/tally.h"
#include "base/amount.h"
#include "model/metrics.h"
#include "model/snapshot/snapshot.h"

/*
 * The sums of one line. Each is over the regions that state the field; absent if no region does, or
 * if it is unknown which share of a region's is that of a part in the line.
 */
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
	uint64_t evidence_bytes[EV_COUNT]; /* rss by evidence */
	struct owner_line *owners; /* by rss, largest first; points into accounting.owners */
	size_t n_owners;
};

struct perm_line {
	uint8_t perms;
	struct line sum;
};

struct file_line {
	uint32_t file;
	struct line sum; /* uss: private pages of the file */
};

struct package_line {
	uint32_t package;
	struct line sum; /* files of the package, and the .bss of each */
	uint64_t files;
};

struct totals {
	struct mem_counts counts; /* sums over smaps */
	struct amount rss, pss, uss, swap, swap_pss, anonymous, file, shmem, hugetlb, lazyfree;
	/* Shares of pss. Estimates: smaps has one Pss for all pages of a mapping. */
	struct amount pss_anonymous, pss_shmem;
	/* LazyFree, and Private_Clean of file mappings less their LazyFree. */
	struct amount reclaimable;
	struct amount peak_rss, status_rss, virtual;
	struct amount mappings; /* records of smaps, [vsyscall] included */
	uint64_t map_count;     /* the number that max_map_count limits: without [vsyscall] */
};

/* Returns the total of a metric, absent if totals do not have that metric. */
struct amount totals_metric(const struct totals *t, enum metric metric);
/* Returns the totals that a status has; the others are absent for the given reason. */
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
	struct amount unexplained_permille; /* of rss; absent if rss is */
	struct amount drift_magnitude;      /* |VmRSS - sum of Rss|; absent unless both are exact */
	bool drift_negative;
	uint32_t largest[TALLY_LARGEST]; /* indexes of regions, by rss, largest first */
	size_t n_largest;
};

/* Sums up the regions of a snapshot. The caller releases *ret. */
void accounting_init(struct accounting *ret, const struct snapshot *s);
void accounting_release(struct accounting *a);

/*
 * Returns a field of /proc/PID/status. If a process has no address space, that is the reason for
 * missing fields.
 */
struct amount status_of(const struct snapshot *s, enum proc_status_field field);

/*
 * Adds line b to line a, which may be of different processes. Amounts add as in amount_sum, but a
 * sum with REASON_PART_OF_MAPPING stays absent.
 */
void line_add(struct line *a, const struct line *b);

#endif
