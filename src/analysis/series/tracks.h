/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series of one process: its totals, every category, every owner, some regions, and some of
 * what a walk finds, each a ring of bounded size. What the process has freed lazily (LazyFree,
 * private pages) is subtracted before anything is recorded: it is resident only until the kernel
 * wants it.
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
	TRACK_DETAILS = 128,    /* of anything else */
	TRACK_OWNERS_MAX = 256, /* of others their category tells */
};

struct owner_track {
	enum owner_kind kind;
	char *name; /* owned */
	struct series series;
	uint64_t now_bytes; /* while a snapshot is added */
};

struct tracks {
	struct series totals[TRACK_TOTALS];
	struct series categories[CAT_COUNT];
	struct owner_track *owners;
	size_t n_owners, cap_owners;
	struct region_tracks regions;
	struct heap_stat_tracks heap_stats;
	int64_t snapshot_ns;     /* of the last snapshot; 0: there was none */
	uint64_t lazyfree_bytes; /* as the last snapshot or rollup had it */
};

void tracks_init(struct tracks *t);
void tracks_release(struct tracks *t);
/* Forgets everything: another program, another series. */
void tracks_restart(struct tracks *t);

/* Adds what a status says, less the LazyFree that is known. */
void tracks_add_status(struct tracks *t, int64_t t_ns, const struct proc_status *status);
/* Adds what was read from smaps. An incomplete or inconsistent snapshot is left out. */
void tracks_add_snapshot(struct tracks *t, int64_t t_ns, const struct snapshot *s,
			 const struct accounting *a);

/* Adds what a walk found, if it was finished. */
void tracks_add_heap_stats(struct tracks *t, int64_t t_ns, const struct heap_stats *h);

/*
 * A series with its name: "rss", "category:heap", "owner:library/libc.so.6", "region:[heap]@5581",
 * "type:cpython 3.11/dict".
 */
typedef void tracks_visit_fn(void *arg, const char *id, struct series *series);
/* Visits those that have samples: totals, categories, owners, regions, holdings. */
void tracks_each(struct tracks *t, tracks_visit_fn *visit, void *arg);

/*
 * Takes the samples of a series over from an earlier watch of the same process, before anything is
 * added. Ids that do not name a track are ignored.
 */
void tracks_resume(struct tracks *t, const char *id, const struct series *earlier);

#endif
