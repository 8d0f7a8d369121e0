/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/series/region_tracks.h"

#include "base/alloc.h"

enum { NO_TRACK = -1 };

/* A mapping of the last snapshot. */
struct region_past {
	uint64_t start, end;
	uint64_t name_hash;
	int64_t first_ns; /* when it was first seen, and its size then */
	uint64_t first_bytes;
	uint64_t bytes;
	int32_t track;
	bool followed; /* used while the next snapshot is added: a mapping continues this one */
};

void region_tracks_init(struct region_tracks *t)
{
	*t = (struct region_tracks){ .n_past = 0 };
}

static void track_end(struct region_track *t)
{
	series_release(&t->series);
	free(t->name);
	*t = (struct region_track){ 0 };
}

void region_tracks_release(struct region_tracks *t)
{
	for (size_t i = 0; i < REGION_TRACKS_MAX; i++)
		track_end(&t->tracks[i]);
	free(t->past);
	t->past = NULL;
	t->n_past = 0;
}

static const char *display_name(const struct snapshot *s, const struct region *r)
{
	const char *name = snapshot_region_name(s, r);
	const struct owner *o = &s->owners[r->owner];

	if (*name)
		return name;
	return o->kind == OWNER_NONE ? "anonymous" : o->name;
}

/* Returns the bytes that the kernel cannot take back: without LazyFree. */
static uint64_t lasting_bytes(const struct snapshot *s, const struct region *r)
{
	struct mem_counts c;

	snapshot_counts(s, r, &c);
	return c.v[MC_RSS] - MIN(c.v[MC_LAZYFREE], c.v[MC_RSS]);
}

static uint64_t overlap(const struct region_past *p, const struct region *r)
{
	uint64_t start = MAX(p->start, r->start), end = MIN(p->end, r->end);

	return end > start ? end - start : 0;
}

/*
 * Returns the mapping of the last snapshot that this one continues, or NULL. *from is the first one
 * there that does not end before it; both snapshots ascend.
 */
static struct region_past *find_past(struct region_tracks *t, size_t *from, const struct region *r,
				     uint64_t name_hash)
{
	struct region_past *best = NULL;

	while (*from < t->n_past && t->past[*from].end <= r->start)
		(*from)++;
	for (size_t i = *from; i < t->n_past && t->past[i].start < r->end; i++) {
		struct region_past *p = &t->past[i];

		if (p->name_hash == name_hash && (!best || overlap(p, r) > overlap(best, r)))
			best = p;
	}
	return best;
}

struct series *region_tracks_resume(struct region_tracks *t, uint64_t start, const char *name)
{
	for (size_t i = 0; i < REGION_TRACKS_MAX; i++) {
		struct region_track *track = &t->tracks[i];

		if (track->name)
			continue;
		*track = (struct region_track){ .start = start, .name = xstrdup(name) };
		series_init(&track->series, REGION_SAMPLES);
		return &track->series;
	}
	return NULL;
}

/* Finds the resumed track of a mapping, by address and name. */
static int32_t find_resumed(const struct region_tracks *t, const struct snapshot *s,
			    const struct region *r)
{
	for (int32_t i = 0; t->n_past == 0 && i < REGION_TRACKS_MAX; i++) {
		const struct region_track *track = &t->tracks[i];

		if (track->name && track->start == r->start &&
		    streq(track->name, display_name(s, r)))
			return i;
	}
	return NO_TRACK;
}

static struct region_past follow(struct region_tracks *t, size_t *from, int64_t t_ns,
				 const struct snapshot *s, const struct region *r)
{
	const char *name = snapshot_region_name(s, r);
	uint64_t hash = index_hash_bytes(name, strlen(name));
	struct region_past *before = find_past(t, from, r, hash);
	struct region_past now = {
		.start = r->start,
		.end = r->end,
		.name_hash = hash,
		.first_ns = t_ns,
		.bytes = lasting_bytes(s, r),
	};

	now.first_bytes = now.bytes;
	now.track = before ? before->track : find_resumed(t, s, r);
	if (before && !before->followed) {
		now.first_ns = before->first_ns;
		now.first_bytes = before->first_bytes;
		before->followed = true;
	}
	if (now.track != NO_TRACK) {
		t->tracks[now.track].now_bytes += now.bytes;
		t->tracks[now.track].seen = true;
	}
	return now;
}

/* Returns the weight of a mapping: its size, and several times its growth. */
static uint64_t weight(const struct region_past *p)
{
	return p->bytes + 8 * (p->bytes - MIN(p->bytes, p->first_bytes));
}

static int descending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* Returns the weight that a mapping needs for a track. */
static uint64_t least_weight(const struct region_tracks *t)
{
	auto_free uint64_t *weights = NULL;

	if (t->n_past <= REGION_TRACKS_MAX)
		return 1;
	weights = xcalloc(t->n_past, sizeof(*weights));
	for (size_t i = 0; i < t->n_past; i++)
		weights[i] = weight(&t->past[i]);
	qsort(weights, t->n_past, sizeof(*weights), descending);
	return MAX(weights[REGION_TRACKS_MAX - 1], 1);
}

static void forget_track(struct region_tracks *t, int32_t track)
{
	track_end(&t->tracks[track]);
	for (size_t i = 0; i < t->n_past; i++) {
		if (t->past[i].track == track)
			t->past[i].track = NO_TRACK;
	}
}

static void start_track(struct region_track *track, struct region_past *p, int64_t t_ns,
			const char *name)
{
	*track = (struct region_track){ .start = p->start, .name = xstrdup(name) };
	series_init(&track->series, REGION_SAMPLES);
	if (p->first_ns < t_ns)
		series_push(&track->series, (struct sample){ p->first_ns, p->first_bytes });
	series_push(&track->series, (struct sample){ t_ns, p->bytes });
}

/* Sums up the weight of the mappings of each track. */
static void weigh_tracks(const struct region_tracks *t, uint64_t weights[REGION_TRACKS_MAX])
{
	memset(weights, 0, REGION_TRACKS_MAX * sizeof(*weights));
	for (size_t i = 0; i < t->n_past; i++) {
		if (t->past[i].track != NO_TRACK)
			weights[t->past[i].track] += weight(&t->past[i]);
	}
}

/*
 * Returns a track for a mapping of this weight: an unused one, or one with less than half the
 * weight, so that two mappings of similar weight do not alternate.
 */
static int32_t make_room(struct region_tracks *t, const uint64_t weights[REGION_TRACKS_MAX],
			 uint64_t newcomer)
{
	int32_t lightest = 0;

	for (int32_t i = 0; i < REGION_TRACKS_MAX; i++) {
		if (!t->tracks[i].name)
			return i;
		if (weights[i] < weights[lightest])
			lightest = i;
	}
	if (weights[lightest] >= newcomer / 2)
		return NO_TRACK;
	forget_track(t, lightest);
	return lightest;
}

/* Starts tracks only for mappings that are as heavy as the last one that there is room for. */
static void start_tracks(struct region_tracks *t, int64_t t_ns, const struct snapshot *s)
{
	uint64_t weights[REGION_TRACKS_MAX], least = least_weight(t);

	weigh_tracks(t, weights);
	for (size_t i = 0; i < t->n_past; i++) {
		struct region_past *p = &t->past[i];

		if (p->track != NO_TRACK || weight(p) < least)
			continue;
		p->track = make_room(t, weights, weight(p));
		if (p->track == NO_TRACK)
			continue;
		weights[p->track] = weight(p);
		start_track(&t->tracks[p->track], p, t_ns, display_name(s, &s->regions[i]));
	}
}

void region_tracks_add(struct region_tracks *t, int64_t t_ns, const struct snapshot *s)
{
	struct region_past *now = xcalloc(s->n_regions, sizeof(*now));
	size_t from = 0;

	for (size_t i = 0; i < REGION_TRACKS_MAX; i++) {
		t->tracks[i].seen = false;
		t->tracks[i].now_bytes = 0;
	}
	for (size_t i = 0; i < s->n_regions; i++)
		now[i] = follow(t, &from, t_ns, s, &s->regions[i]);
	free(t->past);
	t->past = now;
	t->n_past = s->n_regions;
	for (size_t i = 0; i < REGION_TRACKS_MAX; i++) {
		struct region_track *track = &t->tracks[i];

		if (track->name && track->seen)
			series_push(&track->series, (struct sample){ t_ns, track->now_bytes });
		else if (track->name)
			track_end(track);
	}
	start_tracks(t, t_ns, s);
}
