/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of metrics: the numbers that describe a process, their names in every table, list and
 * option, and where the kernel reports them. A new metric is a text here and a row of metric_descs;
 * tables of all metrics then have it, all others name the metrics they show.
 *
 * "Anonymous", "file" and "shmem" alone are parts of RSS; parts of PSS have PSS in their name.
 */
#ifndef MODEL_METRICS_H
#define MODEL_METRICS_H

#include <stdint.h>

#include "proc/counts.h"
#include "proc/procinfo.h"

/*
 * Name; name of a column; title of a line; heading of a column; help; help of a column, or "" if it
 * is the same.
 */
/* clang-format off */
#define METRIC_RSS_TEXT \
	"rss", "rss", "RSS", "RSS", \
	"pages in RAM, shared ones counted in full", ""
#define METRIC_PSS_TEXT \
	"pss", "pss", "PSS", "PSS", \
	"shared pages divided among their users", ""
#define METRIC_USS_TEXT \
	"uss", "uss", "USS", "USS", \
	"private; freed if this process exits", "private; freed if the process exits"
#define METRIC_SWAP_TEXT \
	"swap", "swap", "Swap", "SWAP", \
	"swapped out, not in RSS", "swapped out"
#define METRIC_SWAP_PSS_TEXT \
	"swap_pss", "swap_pss", "Swap PSS", "SWAPPSS", \
	"swap, shared pages divided", ""
#define METRIC_ANONYMOUS_TEXT \
	"anonymous", "anon", "Anonymous", "ANON", \
	"RSS of no file", "RSS of no file: heaps, stacks, mmap"
#define METRIC_FILE_TEXT \
	"file", "file", "File", "FILE", \
	"RSS of files on disk", "RSS of files: programs, libraries, data"
#define METRIC_SHMEM_TEXT \
	"shmem", "shmem", "Shmem", "SHMEM", \
	"RSS of shared memory", ""
#define METRIC_SHARED_TEXT \
	"shared", "shr", "Shared", "SHR", \
	"RSS of files and shared memory", ""
#define METRIC_PSS_ANONYMOUS_TEXT \
	"pss_anonymous", "anon", "PSS anonymous", "ANON", \
	"PSS of no file: heaps, stacks, mmap", ""
#define METRIC_PSS_FILE_TEXT \
	"pss_file", "file", "PSS file", "FILE", \
	"PSS of files: programs, libraries, data", ""
#define METRIC_PSS_SHMEM_TEXT \
	"pss_shmem", "shmem", "PSS shmem", "SHMEM", \
	"PSS of shared memory", ""
#define METRIC_HUGETLB_TEXT \
	"hugetlb", "hugetlb", "Hugetlb", "HUGE", \
	"reserved huge pages, not in RSS", ""
#define METRIC_LAZYFREE_TEXT \
	"lazyfree", "lazy", "LazyFree", "LAZY", \
	"freed but still in RSS", ""
#define METRIC_RECLAIMABLE_TEXT \
	"reclaimable", "reclaimable", "Reclaimable", "RECLAIM", \
	"in RSS, but the kernel can take it back", ""
#define METRIC_PEAK_RSS_TEXT \
	"peak_rss", "peak", "Peak", "PEAK", \
	"highest RSS since the program started", "highest RSS so far"
#define METRIC_STATUS_RSS_TEXT \
	"status_rss", "status_rss", "VmRSS", "VMRSS", \
	"RSS in /proc/PID/status", ""
#define METRIC_VIRTUAL_TEXT \
	"virtual", "virt", "Virtual", "VIRT", \
	"address space; not memory", ""
#define METRIC_THP_TEXT \
	"thp", "thp", "THP", "THP", \
	"in transparent huge pages", ""
#define METRIC_LOCKED_TEXT \
	"locked", "locked", "Locked", "LOCKED", \
	"locked into RAM", ""
#define METRIC_PAGE_TABLES_TEXT \
	"page_tables", "pte", "Page tables", "PTE", \
	"page tables, not in RSS", ""
/* clang-format on */

/* The name and the title of a metric, as literals to build others of: METRIC_NAME(RSS) is "rss". */
#define METRIC_NAME(metric) METRIC_NAME_(METRIC_##metric##_TEXT)
#define METRIC_NAME_(...) METRIC_NAME__(__VA_ARGS__)
#define METRIC_NAME__(name_, ...) name_
#define METRIC_TITLE(metric) METRIC_TITLE_(METRIC_##metric##_TEXT)
#define METRIC_TITLE_(...) METRIC_TITLE__(__VA_ARGS__)
#define METRIC_TITLE__(name_, column_, title_, ...) title_

enum metric {
	METRIC_RSS,
	METRIC_PSS,
	METRIC_USS,
	METRIC_SWAP,
	METRIC_SWAP_PSS,
	METRIC_ANONYMOUS,
	METRIC_FILE,
	METRIC_SHMEM,
	METRIC_SHARED,
	METRIC_PSS_ANONYMOUS,
	METRIC_PSS_FILE,
	METRIC_PSS_SHMEM,
	METRIC_HUGETLB,
	METRIC_LAZYFREE,
	METRIC_RECLAIMABLE,
	METRIC_PEAK_RSS,
	METRIC_STATUS_RSS,
	METRIC_VIRTUAL,
	METRIC_THP,
	METRIC_LOCKED,
	METRIC_PAGE_TABLES,
	METRIC_COUNT
};

struct metric_desc {
	const char *name; /* stable: "rss"; the key in data formats is this and "_bytes" */
	const char *column, *title, *heading;
	const char *help; /* one line */
	/* Where the kernel reports it for the whole process. */
	uint32_t counters; /* 1 << enum mem_count: it is their sum; 0: no counters */
	uint8_t status;    /* enum proc_status_field; PS_TGID: no field */
	bool status_first; /* prefer status, which every user may read */
};

extern const struct metric_desc metric_descs[];

/* Returns the value of a metric in counters, or why they do not have it. */
struct amount metric_of_counts(enum metric metric, const struct mem_counts *counts);
/* Returns the value of a metric in status, or why it does not have it. */
struct amount metric_of_status(enum metric metric, const struct proc_status *status);

#endif
