/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/series/tracks.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/num.h"

static const enum metric total_metrics[] = {
	[TRACK_RSS] = METRIC_RSS,   [TRACK_PSS] = METRIC_PSS,
	[TRACK_USS] = METRIC_USS,   [TRACK_ANONYMOUS] = METRIC_ANONYMOUS,
	[TRACK_SWAP] = METRIC_SWAP,
};

_Static_assert(ARRAY_SIZE(total_metrics) == TRACK_TOTALS, "a metric for each");

void tracks_init(struct tracks *t)
{
	*t = (struct tracks){ .snapshot_ns = 0 };
	for (size_t i = 0; i < TRACK_TOTALS; i++)
		series_init(&t->totals[i], TRACK_SAMPLES);
	for (size_t i = 0; i < CAT_COUNT; i++)
		series_init(&t->categories[i], TRACK_DETAILS);
	region_tracks_init(&t->regions);
	heap_stat_tracks_init(&t->heap_stats);
}

void tracks_release(struct tracks *t)
{
	for (size_t i = 0; i < TRACK_TOTALS; i++)
		series_release(&t->totals[i]);
	for (size_t i = 0; i < CAT_COUNT; i++)
		series_release(&t->categories[i]);
	for (size_t i = 0; i < t->n_owners; i++) {
		series_release(&t->owners[i].series);
		free(t->owners[i].name);
	}
	free(t->owners);
	region_tracks_release(&t->regions);
	heap_stat_tracks_release(&t->heap_stats);
	*t = (struct tracks){ .snapshot_ns = 0 };
}

void tracks_restart(struct tracks *t)
{
	tracks_release(t);
	tracks_init(t);
}

static void push(struct series *series, int64_t t_ns, struct amount a)
{
	if (amount_ok(a))
		series_push(series, (struct sample){ t_ns, a.value });
}

static struct amount less(struct amount a, uint64_t bytes)
{
	return amount_ok(a) ? amount_of(a.value - MIN(bytes, a.value)) : a;
}

void tracks_add_status(struct tracks *t, int64_t t_ns, const struct proc_status *status)
{
	push(&t->totals[TRACK_RSS], t_ns, less(status->v[PS_VM_RSS], t->lazyfree_bytes));
	push(&t->totals[TRACK_ANONYMOUS], t_ns, less(status->v[PS_RSS_ANON], t->lazyfree_bytes));
	push(&t->totals[TRACK_SWAP], t_ns, status->v[PS_VM_SWAP]);
}

static struct amount lasting(const struct line *l)
{
	return less(l->rss, amount_ok(l->lazyfree) ? l->lazyfree.value : 0);
}

static struct owner_track *find_owner(struct tracks *t, enum owner_kind kind, const char *name)
{
	for (size_t i = 0; i < t->n_owners; i++) {
		if (t->owners[i].kind == kind && streq(t->owners[i].name, name))
			return &t->owners[i];
	}
	return NULL;
}

static struct owner_track *new_owner(struct tracks *t, enum owner_kind kind, const char *name)
{
	struct owner_track *o;

	if (t->n_owners == TRACK_OWNERS_MAX)
		return NULL;
	t->owners = xgrow(t->owners, t->n_owners, &t->cap_owners, sizeof(*t->owners));
	o = &t->owners[t->n_owners++];
	*o = (struct owner_track){ .kind = kind, .name = xstrdup(name) };
	series_init(&o->series, TRACK_DETAILS);
	return o;
}

/* An owner may have lines in several categories, and with more than one evidence. */
static void add_owner_lines(struct tracks *t, const struct snapshot *s,
			    const struct category_line *c)
{
	for (size_t i = 0; i < c->n_owners; i++) {
		const struct owner *o = &s->owners[c->owners[i].owner];
		struct amount bytes = lasting(&c->owners[i].sum);
		struct owner_track *track;

		if (o->kind == OWNER_NONE || !amount_ok(bytes) || bytes.value == 0)
			continue;
		track = find_owner(t, o->kind, o->name);
		if (!track)
			track = new_owner(t, o->kind, o->name);
		if (!track)
			continue;
		/* It did not exist before. */
		if (track->series.n == 0 && t->snapshot_ns)
			push(&track->series, t->snapshot_ns, amount_of(0));
		track->now_bytes = num_add_sat(track->now_bytes, bytes.value);
	}
}

static void add_owners(struct tracks *t, int64_t t_ns, const struct snapshot *s,
		       const struct accounting *a)
{
	for (size_t i = 0; i < t->n_owners; i++)
		t->owners[i].now_bytes = 0;
	for (size_t i = 0; i < CAT_COUNT; i++)
		add_owner_lines(t, s, &a->categories[i]);
	for (size_t i = 0; i < t->n_owners; i++)
		push(&t->owners[i].series, t_ns, amount_of(t->owners[i].now_bytes));
}

void tracks_add_snapshot(struct tracks *t, int64_t t_ns, const struct snapshot *s,
			 const struct accounting *a)
{
	if (s->regions_why || s->partial || !s->consistent)
		return;
	t->lazyfree_bytes = amount_ok(a->totals.lazyfree) ? a->totals.lazyfree.value : 0;
	push(&t->totals[TRACK_RSS], t_ns, less(a->totals.rss, t->lazyfree_bytes));
	push(&t->totals[TRACK_ANONYMOUS], t_ns, less(a->totals.anonymous, t->lazyfree_bytes));
	push(&t->totals[TRACK_PSS], t_ns, less(a->totals.pss, t->lazyfree_bytes));
	push(&t->totals[TRACK_USS], t_ns, less(a->totals.uss, t->lazyfree_bytes));
	push(&t->totals[TRACK_SWAP], t_ns, a->totals.swap);
	for (size_t i = 0; i < CAT_COUNT; i++)
		push(&t->categories[i], t_ns, lasting(&a->categories[i].sum));
	add_owners(t, t_ns, s, a);
	region_tracks_add(&t->regions, t_ns, s);
	t->snapshot_ns = t_ns;
}

void tracks_add_heap_stats(struct tracks *t, int64_t t_ns, const struct heap_stats *h)
{
	heap_stat_tracks_add(&t->heap_stats, t_ns, h);
}

static void visit_one(tracks_visit_fn *visit, void *arg, const char *id, struct series *series)
{
	if (series->n > 0)
		visit(arg, id, series);
}

void tracks_each(struct tracks *t, tracks_visit_fn *visit, void *arg)
{
	auto_sbuf id = SBUF_INIT;

	for (size_t i = 0; i < TRACK_TOTALS; i++)
		visit_one(visit, arg, metric_descs[total_metrics[i]].name, &t->totals[i]);
	for (size_t i = 0; i < CAT_COUNT; i++) {
		sbuf_reset(&id);
		sbuf_addf(&id, "category:%s", category_descs[i].id);
		visit_one(visit, arg, sbuf_str(&id), &t->categories[i]);
	}
	for (size_t i = 0; i < t->n_owners; i++) {
		sbuf_reset(&id);
		sbuf_addf(&id, "owner:%s/%s", owner_kind_ids[t->owners[i].kind], t->owners[i].name);
		visit_one(visit, arg, sbuf_str(&id), &t->owners[i].series);
	}
	for (size_t i = 0; i < REGION_TRACKS_MAX; i++) {
		struct region_track *r = &t->regions.tracks[i];

		if (!r->name)
			continue;
		sbuf_reset(&id);
		sbuf_addf(&id, "region:%s@%" PRIx64, r->name, r->start);
		visit_one(visit, arg, sbuf_str(&id), &r->series);
	}
	for (size_t i = 0; i < HEAP_STAT_TRACKS_MAX; i++) {
		struct heap_stat_track *h = &t->heap_stats.tracks[i];

		if (!h->buf)
			continue;
		sbuf_reset(&id);
		heap_stat_add_id(&id, &h->what);
		visit_one(visit, arg, sbuf_str(&id), &h->series);
	}
}

static struct series *owner_of_id(struct tracks *t, const char *id)
{
	for (int kind = OWNER_NONE + 1; kind < OWNER_KIND_COUNT; kind++) {
		size_t n = strlen(owner_kind_ids[kind]);
		struct owner_track *o;

		if (strncmp(id, owner_kind_ids[kind], n) != 0 || id[n] != '/')
			continue;
		o = find_owner(t, (enum owner_kind)kind, id + n + 1);
		if (!o)
			o = new_owner(t, (enum owner_kind)kind, id + n + 1);
		return o ? &o->series : NULL;
	}
	return NULL;
}

static struct series *region_of_id(struct tracks *t, const char *id)
{
	const char *at = strrchr(id, '@'), *p = at ? at + 1 : NULL;
	auto_free char *name = at ? xstrndup(id, (size_t)(at - id)) : NULL;
	uint64_t start;

	if (!at || !num_scan_hex(&p, p + strlen(p), &start) || *p)
		return NULL;
	return region_tracks_resume(&t->regions, start, name);
}

/* Returns the series with this id, created if it is an id of a track; otherwise NULL. */
static struct series *series_of_id(struct tracks *t, const char *id)
{
	for (size_t i = 0; i < TRACK_TOTALS; i++) {
		if (streq(id, metric_descs[total_metrics[i]].name))
			return &t->totals[i];
	}
	for (size_t i = 0; i < CAT_COUNT && starts_with(id, "category:"); i++) {
		if (streq(id + strlen("category:"), category_descs[i].id))
			return &t->categories[i];
	}
	if (starts_with(id, "owner:"))
		return owner_of_id(t, id + strlen("owner:"));
	if (starts_with(id, "region:"))
		return region_of_id(t, id + strlen("region:"));
	return NULL;
}

void tracks_resume(struct tracks *t, const char *id, const struct series *earlier)
{
	struct series *series;

	if (!earlier->n || heap_stat_tracks_resume(&t->heap_stats, id, earlier))
		return;
	series = series_of_id(t, id);
	if (!series)
		return;
	series_resume(series, earlier);
	t->snapshot_ns = MAX(t->snapshot_ns, earlier->samples[earlier->n - 1].t_ns);
}
