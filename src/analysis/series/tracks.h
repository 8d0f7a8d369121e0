/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series of one process, each of bounded size: its totals, categories and owners, some regions,
 * and some rows of heap statistics. LazyFree is subtracted before anything is recorded: those pages
 * are resident only until the kernel reclaims them.
 */
#ifndef ANALYSIS_SERIES_TRACKS_H
#define ANALYSIS_SERIES_TRACKS_H

#include "analysis/account/accounting.h"
#include "analysis/series/heap_tracks.h"
#include "analysis/series/region_tracks.h"
#include "analysis/series/series.h"

enum total_track { TRACK_RSS, TRACK_PSS, TRACK_USS, TRACK_ANONYMOUS, TRACK_SWAP, TRACK_TOTALS };

enum {
	TRACK_SAMPLES = 512,    /* of a total */
	TRACK_DETAILS = 128,    /* of a category or an owner */
	TRACK_OWNERS_MAX = 256, /* further owners are only in the series of their category */
};

struct owner_track {
	enum owner_kind kind;
	char *name; /* owned */
	struct series series;
	uint64_t now_bytes; /* used while a snapshot is added */
};

struct tracks {
	struct series totals[TRACK_TOTALS];
	struct series categories[CAT_COUNT];
	struct owner_track *owners;
	size_t n_owners, cap_owners;
	struct region_tracks regions;
	struct heap_stat_tracks heap_stats;
	int64_t snapshot_ns;     /* of the last snapshot; 0 before the first */
	uint64_t lazyfree_bytes; /* LazyFree of the last snapshot */
};

void tracks_init(struct tracks *t);
void tracks_release(struct tracks *t);
/* Drops all samples, because the process executed a different program. */
void tracks_restart(struct tracks *t);

/* Adds the totals that a status states, less the LazyFree of the last snapshot. */
void tracks_add_status(struct tracks *t, int64_t t_ns, const struct proc_status *status);
/* Adds the totals, categories, owners and regions of a snapshot, unless it is partial or torn. */
void tracks_add_snapshot(struct tracks *t, int64_t t_ns, const struct snapshot *s,
			 const struct accounting *a);

/* Adds what a walk found, unless it was not finished. */
void tracks_add_heap_stats(struct tracks *t, int64_t t_ns, const struct heap_stats *h);

/*
 * Is handed a series and its id: "rss", "category:heap", "owner:library/libc.so.6",
 * "region:[heap]@5581", "type:cpython 3.11/dict".
 */
typedef void tracks_visit_fn(void *arg, const char *id, struct series *series);
/* Visits the series that have samples: totals, categories, owners, regions, heap statistics. */
void tracks_each(struct tracks *t, tracks_visit_fn *visit, void *arg);

/*
 * Takes over the samples of a series from an earlier watch of the same process. To be called before
 * anything is added. Ids that do not name a track are ignored.
 */
void tracks_resume(struct tracks *t, const char *id, const struct series *earlier);

#endif
