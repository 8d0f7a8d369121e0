/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mappings over time. The kernel gives them no identity: neighbours merge, mprotect splits them,
 * and mremap moves them. A mapping is assumed to continue the one of the previous snapshot that has
 * the same name and that it overlaps most.
 */
#ifndef ANALYSIS_SERIES_REGION_TRACKS_H
#define ANALYSIS_SERIES_REGION_TRACKS_H

#include "analysis/series/series.h"
#include "model/snapshot/snapshot.h"

enum { REGION_TRACKS_MAX = 256, REGION_SAMPLES = 128 };

struct region_track {
	uint64_t start; /* where it began when it was first seen */
	char *name;     /* owned; from smaps, or that of its owner, or "anonymous" */
	struct series series;
	uint64_t now_bytes; /* used while a snapshot is added, as is the next */
	bool seen;
};

struct region_past;

struct region_tracks {
	struct region_track tracks[REGION_TRACKS_MAX]; /* unused ones have no name */
	struct region_past *past; /* every mapping of the last snapshot, ascending */
	size_t n_past;
};

void region_tracks_init(struct region_tracks *t);
void region_tracks_release(struct region_tracks *t);

/*
 * Adds a track for a mapping that an earlier watch followed. Returns its series, or NULL if all
 * tracks are in use. To be called before any snapshot is added: the first one finds the mapping
 * again by address and name, or ends the track.
 */
struct series *region_tracks_resume(struct region_tracks *t, uint64_t start, const char *name);

/*
 * Adds the mappings of a snapshot: follows those that have a track, ends the tracks of those that
 * are gone, and starts tracks for the largest and for those that grew most since first seen.
 */
void region_tracks_add(struct region_tracks *t, int64_t t_ns, const struct snapshot *s);

#endif
