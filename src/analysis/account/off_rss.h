/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Off-RSS memory, which belongs to the process but is not in its RSS: a table of numbers that the
 * kernel reports in various files, each absent with its reason if it does not.
 */
#ifndef ANALYSIS_ACCOUNT_OFF_RSS_H
#define ANALYSIS_ACCOUNT_OFF_RSS_H

#include "analysis/account/accounting.h"

enum off_rss_id {
	OUT_SWAP,
	OUT_PAGE_TABLES,
	OUT_HUGETLB,
	OUT_MEMFD_TMPFS, /* held by descriptors and not mapped */
	OUT_SYSV,        /* segments that the process created and no process has attached */
	OUT_PIPES,
	OUT_UNIX_SOCKETS,
	OUT_INET_SOCKETS,
	OUT_GPU,
	OUT_DMA_BUF,
	OUT_BPF,
	OUT_KERNEL_STACKS,
	OUT_LOCKED, /* pages that are mostly in RSS too: shown, not added */
	OUT_PINNED,
	OUT_COUNT
};

struct off_rss_desc {
	const char *id;
	const char *title;
	const char *help;
	bool adds; /* takes RAM beyond RSS; other rows are swap, or properties of pages in RSS */
};

extern const struct off_rss_desc off_rss_descs[];

struct off_rss_row {
	struct amount bytes;
	char detail[96]; /* what was counted: "3 files", "2 threads x 16 KiB"; may be "" */
};

struct off_rss {
	struct off_rss_row rows[OUT_COUNT];
	struct amount total; /* of the rows that add up and are known */
};

/* Finds the off-RSS memory of a process in its snapshot. */
void off_rss_init(struct off_rss *ret, const struct snapshot *s, const struct accounting *a);

#endif
