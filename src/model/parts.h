/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Divides PSS and USS of a mapping among its parts. smaps has one Pss for all pages of a mapping,
 * so it takes the pages of each part to tell which share is whose.
 */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

#include "model/region.h"
#include "proc/counts.h"
#include "proc/pagemap.h"

/* What the pages of a part count: private ones in full, shared ones divided by their mappings. */
struct part_pages {
	double private_bytes;
	double shared_bytes;
};

/*
 * Returns what a byte of a shared page counts on average, for pages whose number of mappings is not
 * known.
 */
double parts_shared_rate(const struct mem_counts *c);

/*
 * Adds what a page counts that has this many mappings (proc/pagemap.h), at this rate if that is
 * PAGE_USERS_MANY.
 */
void parts_add_page(struct part_pages *sum, uint32_t users, uint64_t bytes, double shared_rate);

/* Sums up what the pages of [start, end) count. Returns 0 or -errno. */
int parts_sum_pages(struct page_users *u, uint64_t start, uint64_t end, double shared_rate,
		    struct part_pages *ret);

/*
 * Sets pss and uss of the n parts of a mapping with these counters, of which rss_bytes is set. They
 * add up to those of the mapping: pages is only a measure of the proportion, because it was read at
 * another moment. Without pages (NULL), a mapping whose pages are all private or all shared is
 * divided by Rss, and of any other one the resident parts get REASON_PART_OF_MAPPING.
 */
void parts_divide(struct part *parts, size_t n, const struct mem_counts *c,
		  const struct part_pages *pages);

#endif
