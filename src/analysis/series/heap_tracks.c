/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/series/heap_tracks.h"

#include "base/alloc.h"
#include "base/num.h"

enum { GROWTH_WEIGHT = 8 }; /* a byte of growth weighs as much as this many bytes */

/*
 * A row of the last walk. Only a hash of its id is kept: thousands of names would take more memory
 * than all other data.
 */
struct heap_stat_past {
	uint64_t id_hash;
	int64_t first_ns; /* when it was first seen, and its size then */
	uint64_t first_bytes;
};

/* A row that may get a track. */
struct candidate {
	size_t row;
	uint64_t weight;
};

void heap_stat_tracks_init(struct heap_stat_tracks *t)
{
	*t = (struct heap_stat_tracks){ .index = INDEX_INIT };
}

static void track_end(struct heap_stat_track *t)
{
	series_release(&t->series);
	free(t->buf);
	*t = (struct heap_stat_track){ 0 };
}

static void forget_past(struct heap_stat_tracks *t)
{
	free(t->past);
	index_release(&t->index);
	t->past = NULL;
	t->n_past = 0;
	t->index = (struct index)INDEX_INIT;
}

void heap_stat_tracks_release(struct heap_stat_tracks *t)
{
	for (size_t i = 0; i < HEAP_STAT_TRACKS_MAX; i++)
		track_end(&t->tracks[i]);
	forget_past(t);
}

static struct heap_stat_track *find_unused(struct heap_stat_tracks *t)
{
	for (size_t i = 0; i < HEAP_STAT_TRACKS_MAX; i++) {
		if (!t->tracks[i].buf)
			return &t->tracks[i];
	}
	return NULL;
}

bool heap_stat_tracks_resume(struct heap_stat_tracks *t, const char *id,
			     const struct series *earlier)
{
	struct heap_stat_track *track = find_unused(t);
	const struct sample *last = &earlier->samples[earlier->n - 1];
	auto_free char *buf = NULL;
	struct heap_stat what;

	if (!heap_stat_parse_id(id, &what, &buf))
		return false;
	if (!track)
		return true;
	what.bytes = last->bytes;
	*track = (struct heap_stat_track){ .what = what,
					   .buf = steal_ptr(buf),
					   .first_bytes = earlier->samples[0].bytes };
	series_init(&track->series, HEAP_STAT_SAMPLES);
	series_resume(&track->series, earlier);
	return true;
}

static uint64_t id_hash(const struct heap_stat *h)
{
	return index_hash_u64(index_hash_bytes(h->owner, strlen(h->owner)) + h->kind,
			      index_hash_bytes(h->name, strlen(h->name)));
}

static bool same_past(const void *arg, uint32_t i, const void *key)
{
	return ((const struct heap_stat_tracks *)arg)->past[i].id_hash == *(const uint64_t *)key;
}

/* Returns what is known of a row so far. A row that the walk before did not have was 0 then. */
static struct heap_stat_past past_of(const struct heap_stat_tracks *t, int64_t t_ns,
				     const struct heap_stat *h)
{
	uint64_t hash = id_hash(h);
	uint32_t i = index_find(&t->index, hash, same_past, t, &hash);

	if (i != INDEX_NONE)
		return t->past[i];
	if (t->past)
		return (struct heap_stat_past){ hash, t->walk_ns, 0 };
	return (struct heap_stat_past){ hash, t_ns, h->bytes };
}

static void remember(struct heap_stat_tracks *t, int64_t t_ns, const struct heap_stats *h)
{
	struct heap_stat_past *now = xcalloc(h->n, sizeof(*now));

	for (size_t i = 0; i < h->n; i++)
		now[i] = past_of(t, t_ns, &h->v[i]);
	forget_past(t);
	t->past = now;
	t->n_past = h->n;
	for (size_t i = 0; i < h->n; i++)
		index_add(&t->index, now[i].id_hash, (uint32_t)i);
}

/* Lines and allocators always get a track: they are few, and users ask for them by name. */
static uint64_t weight(enum heap_stat_kind kind, uint64_t bytes, uint64_t first_bytes)
{
	uint64_t more = bytes - MIN(bytes, first_bytes);

	if (kind == HEAP_STAT_LINE || kind == HEAP_STAT_ALLOCATOR)
		return UINT64_MAX;
	return num_add_sat(bytes, num_mul_sat(more, GROWTH_WEIGHT));
}

static uint64_t track_weight(const struct heap_stat_track *t)
{
	return weight(t->what.kind, t->what.bytes, t->first_bytes);
}

static int heaviest_first(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;

	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

/*
 * Returns a track for a row of this weight: an unused one, or one whose row has less than half the
 * weight, so that two rows of similar weight do not alternate. Returns NULL if there is no such
 * track.
 */
static struct heap_stat_track *make_room(struct heap_stat_tracks *t, uint64_t newcomer)
{
	struct heap_stat_track *lightest = &t->tracks[0], *unused = find_unused(t);

	if (unused)
		return unused;
	for (size_t i = 1; i < HEAP_STAT_TRACKS_MAX; i++) {
		if (track_weight(&t->tracks[i]) < track_weight(lightest))
			lightest = &t->tracks[i];
	}
	if (track_weight(lightest) >= newcomer / 2)
		return NULL;
	track_end(lightest);
	return lightest;
}

static void start_track(struct heap_stat_track *track, int64_t t_ns, const struct heap_stat *h,
			const struct heap_stat_past *past)
{
	auto_sbuf id = SBUF_INIT;

	heap_stat_add_id(&id, h);
	*track = (struct heap_stat_track){ .first_bytes = past->first_bytes };
	(void)heap_stat_parse_id(sbuf_str(&id), &track->what, &track->buf);
	track->what.bytes = h->bytes;
	series_init(&track->series, HEAP_STAT_SAMPLES);
	if (past->first_ns < t_ns)
		series_push(&track->series, (struct sample){ past->first_ns, past->first_bytes });
	series_push(&track->series, (struct sample){ t_ns, h->bytes });
}

/* Starts tracks for rows without one, the heaviest first, as long as there is room. */
static void start_tracks(struct heap_stat_tracks *t, int64_t t_ns, const struct heap_stats *h,
			 const bool *tracked)
{
	auto_free struct candidate *list = xcalloc(h->n, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct heap_stat *row = &h->v[i];

		if (!tracked[i])
			list[n++] = (struct candidate){ i, weight(row->kind, row->bytes,
								  t->past[i].first_bytes) };
	}
	qsort(list, n, sizeof(*list), heaviest_first);
	for (size_t i = 0; i < n; i++) {
		struct heap_stat_track *track = make_room(t, list[i].weight);

		if (!track)
			return;
		start_track(track, t_ns, &h->v[list[i].row], &t->past[list[i].row]);
	}
}

void heap_stat_tracks_add(struct heap_stat_tracks *t, int64_t t_ns, const struct heap_stats *h)
{
	auto_free bool *tracked = NULL;

	if (!h->read || h->partial)
		return;
	tracked = xcalloc(h->n, sizeof(*tracked));
	remember(t, t_ns, h);
	for (size_t i = 0; i < HEAP_STAT_TRACKS_MAX; i++) {
		struct heap_stat_track *track = &t->tracks[i];
		const struct heap_stat *row;

		if (!track->buf || !heap_stats_have(h, track->what.kind))
			continue;
		row = heap_stats_find(h, track->what.kind, track->what.owner, track->what.name);
		track->what.bytes = row ? row->bytes : 0;
		series_push(&track->series, (struct sample){ t_ns, track->what.bytes });
		if (row)
			tracked[row - h->v] = true;
	}
	start_tracks(t, t_ns, h, tracked);
	t->walk_ns = t_ns;
}
