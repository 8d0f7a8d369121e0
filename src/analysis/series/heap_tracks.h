/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory holds over time: types, classes, lines and the sums of allocators, from walk to walk.
 * Of thousands of types those that are large or grow have a track.
 */
#ifndef ANALYSIS_SERIES_HEAP_TRACKS_H
#define ANALYSIS_SERIES_HEAP_TRACKS_H

#include "analysis/series/series.h"
#include "model/snapshot/heap_stats.h"

enum { HEAP_STAT_TRACKS_MAX = 160, HEAP_STAT_SAMPLES = 128 };

struct heap_stat_track {
	struct heap_stat what; /* its strings are in buf; its bytes are those of the last walk */
	char *buf;             /* owned; NULL: not in use */
	struct series series;
	uint64_t first_bytes; /* when it was first seen, which its series may have thinned out */
};

struct heap_stat_past;

struct heap_stat_tracks {
	struct heap_stat_track tracks[HEAP_STAT_TRACKS_MAX];
	struct heap_stat_past *past; /* every row of the last walk; owned; NULL: there was none */
	size_t n_past;
	struct index index; /* of past */
	int64_t walk_ns;    /* of the last walk */
};

void heap_stat_tracks_init(struct heap_stat_tracks *t);
void heap_stat_tracks_release(struct heap_stat_tracks *t);

/*
 * Adds what a walk found. What it looked for and did not find is 0 from then on. Lines and allocators
 * have tracks before all others; then the largest rows, and those that grew most since they were
 * first seen. A walk that was not finished is left out.
 */
void heap_stat_tracks_add(struct heap_stat_tracks *t, int64_t t_ns, const struct heap_stats *h);

/*
 * Goes on with the samples of an earlier watch, of which there is at least one, before any walk is
 * added. False if it is the id of no holding. Without room for it, it is dropped.
 */
bool heap_stat_tracks_resume(struct heap_stat_tracks *t, const char *id,
			     const struct series *earlier);

#endif
