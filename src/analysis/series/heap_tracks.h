/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heap statistics over time, from walk to walk: types, classes, lines and the sums of allocators.
 * Of thousands of types only those that are large or grow have a track.
 */
#ifndef ANALYSIS_SERIES_HEAP_TRACKS_H
#define ANALYSIS_SERIES_HEAP_TRACKS_H

#include "analysis/series/series.h"
#include "model/snapshot/heap_stats.h"

enum { HEAP_STAT_TRACKS_MAX = 160, HEAP_STAT_SAMPLES = 128 };

struct heap_stat_track {
	struct heap_stat what; /* as the last walk found it; its strings are in buf */
	char *buf;             /* owned; NULL: not in use */
	struct series series;
	uint64_t first_bytes; /* when it was first seen: the series may have dropped that sample */
};

struct heap_stat_past;

struct heap_stat_tracks {
	struct heap_stat_track tracks[HEAP_STAT_TRACKS_MAX];
	struct heap_stat_past *past; /* every row of the last walk; owned; NULL before the first */
	size_t n_past;
	struct index index; /* of past */
	int64_t walk_ns;    /* of the last walk */
};

void heap_stat_tracks_init(struct heap_stat_tracks *t);
void heap_stat_tracks_release(struct heap_stat_tracks *t);

/*
 * Adds what a walk found, unless it was not finished. A track whose row the walk looked for and did
 * not find gets a sample of 0. Lines and allocators get tracks first, then the largest rows and
 * those that grew most since they were first seen.
 */
void heap_stat_tracks_add(struct heap_stat_tracks *t, int64_t t_ns, const struct heap_stats *h);

/*
 * Takes over a series of an earlier watch, which has at least one sample. To be called before any
 * walk is added. Returns false if id does not name a row of heap statistics. Drops the series if
 * all tracks are in use.
 */
bool heap_stat_tracks_resume(struct heap_stat_tracks *t, const char *id,
			     const struct series *earlier);

#endif
