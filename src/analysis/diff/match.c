/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diff/match.h"

#include "base/alloc.h"

/*
 * Returns the name of a region without its address: the path of a file, whether or not it is
 * deleted.
 */
static const char *name_of(const struct snapshot *s, const struct region *r)
{
	return r->file ? s->files[r->file].path : snapshot_region_name(s, r);
}

/* A region, without the bytes that another record of the same snapshot also has. */
struct span {
	uint64_t start, end;
	const struct region *region;
	uint32_t index;
};

struct spans {
	const struct snapshot *s;
	struct span *v; /* ascending, without overlaps */
	size_t n;
};

static int compare_spans(const void *pa, const void *pb)
{
	const struct span *a = pa, *b = pb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static void spans_init(struct spans *ret, const struct snapshot *s)
{
	uint64_t end = 0;

	*ret = (struct spans){ .s = s, .v = xcalloc(s->n_regions, sizeof(*ret->v)) };
	for (size_t i = 0; i < s->n_regions; i++)
		ret->v[i] = (struct span){ .start = s->regions[i].start,
					   .end = s->regions[i].end,
					   .region = &s->regions[i],
					   .index = (uint32_t)i };
	qsort(ret->v, s->n_regions, sizeof(*ret->v), compare_spans);
	for (size_t i = 0; i < s->n_regions; i++) {
		struct span span = ret->v[i];

		span.start = MAX(span.start, end);
		if (span.start >= span.end)
			continue;
		end = span.end;
		ret->v[ret->n++] = span;
	}
}

static void spans_release(struct spans *s)
{
	free(s->v);
}

/* Sets of regions; those of the new side follow those of the old one. */
struct sets {
	struct spans old_side, new_side;
	size_t n_old, n;
	uint32_t *parent;
	bool *is_matched; /* joined with a region of the other side in an earlier pass */
};

static uint32_t find_set(struct sets *sets, uint32_t i)
{
	while (sets->parent[i] != i) {
		sets->parent[i] = sets->parent[sets->parent[i]];
		i = sets->parent[i];
	}
	return i;
}

/* The first region represents its set, which keeps groups in the order of their addresses. */
static void unite(struct sets *sets, uint32_t i, uint32_t k)
{
	uint32_t a = find_set(sets, i), b = find_set(sets, k);

	sets->parent[MAX(a, b)] = MIN(a, b);
}

static bool has_half(const struct span *a, const struct span *b)
{
	uint64_t start = MAX(a->start, b->start), end = MIN(a->end, b->end);

	return start < end && end - start >= MIN(a->end - a->start, b->end - b->start) / 2;
}

typedef bool match_fn(const struct sets *sets, const struct span *a, const struct span *b);

static bool same_name(const struct sets *sets, const struct span *a, const struct span *b)
{
	return !a->region->file == !b->region->file &&
	       streq(name_of(sets->old_side.s, a->region), name_of(sets->new_side.s, b->region));
}

static bool same_name_and_perms(const struct sets *sets, const struct span *a, const struct span *b)
{
	return a->region->perms == b->region->perms && same_name(sets, a, b);
}

static bool same_name_and_left(const struct sets *sets, const struct span *a, const struct span *b)
{
	bool both = sets->is_matched[a->index] && sets->is_matched[sets->n_old + b->index];

	return !both && same_name(sets, a, b);
}

/* Joins regions that overlap and match. Of sorted spans at most n pairs overlap. */
static void sweep(struct sets *sets, match_fn *matches)
{
	const struct spans *olds = &sets->old_side, *news = &sets->new_side;

	for (size_t i = 0, k = 0; i < olds->n && k < news->n;) {
		const struct span *a = &olds->v[i], *b = &news->v[k];

		if (has_half(a, b) && matches(sets, a, b))
			unite(sets, a->index, (uint32_t)sets->n_old + b->index);
		if (a->end <= b->end)
			i++;
		else
			k++;
	}
}

static void note_matched(struct sets *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		uint32_t set = find_set(sets, (uint32_t)i);

		/* A region whose set is not its own was joined with one of the other side. */
		if (set != i)
			sets->is_matched[i] = sets->is_matched[set] = true;
	}
}

static void match_init(struct match *ret, const struct snapshot *old_side,
		       const struct snapshot *new_side)
{
	*ret = (struct match){
		.old_groups = xcalloc(old_side->n_regions, sizeof(*ret->old_groups)),
		.new_groups = xcalloc(new_side->n_regions, sizeof(*ret->new_groups)),
	};
}

void match_release(struct match *m)
{
	free(m->old_groups);
	free(m->new_groups);
	*m = (struct match){ 0 };
}

void match_by_place(struct match *ret, const struct snapshot *old_side,
		    const struct snapshot *new_side)
{
	struct sets sets = { .n_old = old_side->n_regions,
			     .n = old_side->n_regions + new_side->n_regions };
	auto_free uint32_t *parent = xcalloc(sets.n, sizeof(*parent));
	auto_free bool *is_matched = xcalloc(sets.n, sizeof(*is_matched));

	spans_init(&sets.old_side, old_side);
	spans_init(&sets.new_side, new_side);
	for (size_t i = 0; i < sets.n; i++)
		parent[i] = (uint32_t)i;
	sets.parent = parent;
	sets.is_matched = is_matched;
	sweep(&sets, same_name_and_perms);
	note_matched(&sets);
	sweep(&sets, same_name_and_left);
	spans_release(&sets.old_side);
	spans_release(&sets.new_side);

	match_init(ret, old_side, new_side);
	for (size_t i = 0; i < sets.n; i++) {
		uint32_t set = find_set(&sets, (uint32_t)i);
		uint32_t *group = i < sets.n_old ? &ret->old_groups[i]
						 : &ret->new_groups[i - sets.n_old];

		if (set == i)
			*group = (uint32_t)ret->n_groups++;
		else
			*group = set < sets.n_old ? ret->old_groups[set]
						  : ret->new_groups[set - sets.n_old];
	}
}

/* A region and the snapshot that its indexes point into. */
struct place {
	const struct snapshot *s;
	const struct region *region;
};

static const struct owner *owner_of(const struct place *p)
{
	return &p->s->owners[p->region->owner];
}

static uint64_t hash_place(const struct place *p)
{
	const struct region *r = p->region;
	const char *name = name_of(p->s, r);
	const struct owner *owner = owner_of(p);
	uint64_t hash;

	if (*name)
		return index_hash_u64(index_hash_bytes(name, strlen(name)),
				      (r->file ? r->offset : 0) ^ r->perms);
	hash = index_hash_bytes(owner->name, strlen(owner->name));
	return index_hash_u64(hash,
			      (uint64_t)owner->kind << 16 | (uint64_t)r->category << 8 | r->perms);
}

static bool same_place(const void *arg, uint32_t i, const void *key)
{
	const struct place *a = &((const struct place *)arg)[i], *b = key;
	const char *name = name_of(a->s, a->region);

	if (a->region->perms != b->region->perms || !a->region->file != !b->region->file ||
	    !streq(name, name_of(b->s, b->region)))
		return false;
	if (a->region->file)
		return a->region->offset == b->region->offset;
	return *name || (a->region->category == b->region->category &&
			 owner_of(a)->kind == owner_of(b)->kind &&
			 streq(owner_of(a)->name, owner_of(b)->name));
}

struct groups {
	struct index index;
	struct place *places; /* the first of each group */
	size_t n, cap;
};

static void group_regions(struct groups *g, const struct snapshot *s, uint32_t *ret_groups)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		struct place place = { s, &s->regions[i] };
		uint64_t hash = hash_place(&place);

		ret_groups[i] = index_find(&g->index, hash, same_place, g->places, &place);
		if (ret_groups[i] != INDEX_NONE)
			continue;
		ret_groups[i] = (uint32_t)g->n;
		g->places = xgrow(g->places, g->n, &g->cap, sizeof(*g->places));
		g->places[g->n++] = place;
		index_add(&g->index, hash, ret_groups[i]);
	}
}

void match_by_name(struct match *ret, const struct snapshot *old_side,
		   const struct snapshot *new_side)
{
	struct groups g = { .index = INDEX_INIT };

	match_init(ret, old_side, new_side);
	group_regions(&g, old_side, ret->old_groups);
	group_regions(&g, new_side, ret->new_groups);
	ret->n_groups = g.n;
	index_release(&g.index);
	free(g.places);
}
