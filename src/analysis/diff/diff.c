/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diff/diff.h"

#include "analysis/diff/match.h"
#include "base/alloc.h"

const struct diff_total_desc diff_total_descs[] = {
	{ .metric = METRIC_RSS },
	{ .metric = METRIC_PSS },
	{ .metric = METRIC_USS },
	{ .metric = METRIC_ANONYMOUS },
	{ .metric = METRIC_FILE },
	{ .metric = METRIC_SHMEM },
	{ .metric = METRIC_LAZYFREE },
	{ .metric = METRIC_RECLAIMABLE },
	{ .metric = METRIC_SWAP },
	{ .metric = METRIC_SWAP_PSS, .in_data_only = true },
	{ .metric = METRIC_HUGETLB },
	{ .metric = METRIC_PEAK_RSS },
	{ .metric = METRIC_STATUS_RSS, .in_data_only = true },
	{ .metric = METRIC_VIRTUAL, .in_data_only = true },
};

_Static_assert(ARRAY_SIZE(diff_total_descs) == DIFF_TOTALS, "a row for each");

const char *const diff_status_ids[] = {
	[DIFF_STAYED] = "same",
	[DIFF_CHANGED] = "changed",
	[DIFF_ADDED] = "added",
	[DIFF_REMOVED] = "removed",
};

_Static_assert(ARRAY_SIZE(diff_status_ids) == DIFF_STATUS_COUNT, "a row for each");

struct amount diff_regions_amount(const struct diff_regions *r, enum tally_field field)
{
	bool is_there = r->sum.records == 0 || r->sum.present >> field & 1;

	return is_there ? amount_of(r->sum.v[field]) : amount_absent(REASON_NOT_REPORTED);
}

static bool same_amount(struct amount a, struct amount b)
{
	return amount_ok(a) == amount_ok(b) && a.value == b.value;
}

static enum diff_status status_of_row(const struct diff_row *row)
{
	const struct line *a = &row->old_line, *b = &row->new_line;

	if (!row->is_old || !row->is_new)
		return row->is_new ? DIFF_ADDED : DIFF_REMOVED;
	return same_amount(a->rss, b->rss) && same_amount(a->pss, b->pss) &&
			       same_amount(a->uss, b->uss) && same_amount(a->swap, b->swap) &&
			       same_amount(a->lazyfree, b->lazyfree) &&
			       a->size_bytes == b->size_bytes && a->mappings == b->mappings
		       ? DIFF_STAYED
		       : DIFF_CHANGED;
}

/* A list while lines of both sides are added to it. */
struct joiner {
	struct diff_list *list;
	struct index index;
};

static bool same_row(const void *arg, uint32_t i, const void *key)
{
	const struct diff_row *a = &((const struct diff_row *)arg)[i], *b = key;

	return a->kind == b->kind && a->perms == b->perms && streq(a->name, b->name) &&
	       (a->runtime == b->runtime ||
		(a->runtime && b->runtime && streq(a->runtime, b->runtime)));
}

/* Adds a line of one side to the row with this name, kind, permissions and runtime. */
static void join(struct joiner *j, const struct diff_row *key, const struct line *line, bool is_new)
{
	struct diff_list *list = j->list;
	uint64_t hash = index_hash_u64(index_hash_bytes(key->name, strlen(key->name)),
				       (uint64_t)key->kind << 8 | key->perms);
	uint32_t i = index_find(&j->index, hash, same_row, list->rows, key);
	struct diff_row *row;
	struct line *sum;
	bool *is_there;

	if (i == INDEX_NONE) {
		i = (uint32_t)list->n;
		list->rows = xgrow(list->rows, list->n, &list->cap, sizeof(*list->rows));
		list->rows[list->n++] = *key;
		index_add(&j->index, hash, i);
	}
	row = &list->rows[i];
	row->category = key->category;
	row->deleted = key->deleted;
	sum = is_new ? &row->new_line : &row->old_line;
	is_there = is_new ? &row->is_new : &row->is_old;
	if (*is_there)
		line_add(sum, line);
	else
		*sum = *line;
	*is_there = true;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct diff_row *a = pa, *b = pb;
	struct delta da = delta_of(a->old_line.rss, a->new_line.rss);
	struct delta db = delta_of(b->old_line.rss, b->new_line.rss);
	uint64_t ra = a->new_line.rss.value, rb = b->new_line.rss.value;
	int ret;

	if (da.bytes != db.bytes)
		return da.bytes < db.bytes ? 1 : -1;
	if (ra != rb)
		return ra < rb ? 1 : -1;
	ret = streq(a->name, b->name) ? a->kind - b->kind : strcmp(a->name, b->name);
	ret = ret ? ret : a->category - b->category;
	return ret ? ret : a->perms - b->perms;
}

static uint64_t grown_bytes(struct delta delta)
{
	return !delta.why && delta.bytes > 0 ? (uint64_t)delta.bytes : 0;
}

static void joiner_finish(struct joiner *j)
{
	struct diff_list *list = j->list;

	index_release(&j->index);
	for (size_t i = 0; i < list->n; i++) {
		struct diff_row *row = &list->rows[i];

		row->status = status_of_row(row);
		list->grown_bytes += grown_bytes(delta_of(row->old_line.rss, row->new_line.rss));
	}
	if (list->n > 1)
		qsort(list->rows, list->n, sizeof(*list->rows), compare_rows);
}

static void join_owners(struct joiner *j, const struct diff_side *side, enum category category,
			bool is_new)
{
	const struct category_line *c = &side->accounting->categories[category];

	for (size_t i = 0; i < c->n_owners; i++) {
		const struct owner *o = &side->snapshot->owners[c->owners[i].owner];
		const struct diff_row key = { .name = o->name,
					      .kind = (uint8_t)o->kind,
					      .category = (uint8_t)category };

		join(j, &key, &c->owners[i].sum, is_new);
	}
}

static void join_category(struct joiner *j, const struct diff_side *side, enum category category,
			  bool is_new)
{
	const struct diff_row key = { .name = category_descs[category].id,
				      .category = (uint8_t)category };

	if (side->accounting->categories[category].n_owners > 0)
		join(j, &key, &side->accounting->categories[category].sum, is_new);
}

static void join_perms(struct joiner *j, const struct diff_side *side, bool is_new)
{
	for (size_t i = 0; i < side->accounting->n_perms; i++) {
		const struct perm_line *p = &side->accounting->perms[i];
		const struct diff_row key = { .name = "", .perms = p->perms };

		join(j, &key, &p->sum, is_new);
	}
}

static void join_files(struct joiner *j, const struct diff_side *side, bool is_new)
{
	for (size_t i = 0; i < side->accounting->n_files; i++) {
		const struct file_line *line = &side->accounting->files[i];
		const struct file *f = &side->snapshot->files[line->file];
		const struct diff_row key = { .name = f->path,
					      .category = f->category,
					      .deleted = f->deleted };

		join(j, &key, &line->sum, is_new);
	}
}

static void join_packages(struct joiner *j, const struct diff_side *side, bool is_new)
{
	for (size_t i = 0; i < side->accounting->n_packages; i++) {
		const struct package_line *line = &side->accounting->packages[i];
		const struct package *p = &side->snapshot->packages[line->package];
		const struct diff_row key = { .name = p->name, .runtime = p->runtime };

		join(j, &key, &line->sum, is_new);
	}
}

static void fill_lists(struct diff *d)
{
	const struct diff_side *sides[] = { &d->old_side, &d->new_side };
	struct joiner categories = { .list = &d->categories };
	struct joiner perms = { .list = &d->perms };
	struct joiner files = { .list = &d->files };
	struct joiner packages = { .list = &d->packages };

	for (int i = 0; i < CAT_COUNT; i++) {
		struct joiner owners = { .list = &d->owners[i] };

		for (int k = 0; k < 2; k++) {
			join_category(&categories, sides[k], (enum category)i, k == 1);
			join_owners(&owners, sides[k], (enum category)i, k == 1);
		}
		joiner_finish(&owners);
		d->owners_grown_bytes += d->owners[i].grown_bytes;
	}
	for (int k = 0; k < 2; k++) {
		join_perms(&perms, sides[k], k == 1);
		join_files(&files, sides[k], k == 1);
		join_packages(&packages, sides[k], k == 1);
	}
	joiner_finish(&categories);
	joiner_finish(&perms);
	joiner_finish(&files);
	joiner_finish(&packages);
}

static void add_regions(struct diff *d, const struct snapshot *s, const uint32_t *groups,
			bool is_new)
{
	auto_free uint64_t *largest = xcalloc(d->n_groups, sizeof(*largest));

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		struct diff_group *g = &d->groups[groups[i]];
		struct diff_regions *side = is_new ? &g->new_regions : &g->old_regions;
		struct mem_counts c;
		struct tally t;

		snapshot_counts(s, r, &c);
		t = tally_of_region(r, &c);
		if (side->largest == DIFF_NO_REGION || t.v[F_RSS] > largest[groups[i]]) {
			side->largest = (uint32_t)i;
			largest[groups[i]] = t.v[F_RSS];
		}
		side->start = side->sum.records ? MIN(side->start, r->start) : r->start;
		side->end = MAX(side->end, r->end);
		tally_add(&side->sum, &t);
	}
}

static enum diff_status status_of_group(const struct diff_group *g)
{
	const struct tally *a = &g->old_regions.sum, *b = &g->new_regions.sum;

	if (a->records == 0 || b->records == 0)
		return a->records ? DIFF_REMOVED : DIFF_ADDED;
	return memcmp(a->v, b->v, sizeof(a->v)) == 0 && a->present == b->present &&
			       a->size_bytes == b->size_bytes && a->mappings == b->mappings
		       ? DIFF_STAYED
		       : DIFF_CHANGED;
}

static struct delta group_delta(const struct diff_group *g)
{
	return delta_of(diff_regions_amount(&g->old_regions, F_RSS),
			diff_regions_amount(&g->new_regions, F_RSS));
}

static int compare_groups(const void *pa, const void *pb)
{
	const struct diff_group *a = pa, *b = pb;
	struct delta da = group_delta(a), db = group_delta(b);
	uint64_t ka = a->new_regions.sum.records ? a->new_regions.start : a->old_regions.start;
	uint64_t kb = b->new_regions.sum.records ? b->new_regions.start : b->old_regions.start;

	if (da.bytes != db.bytes)
		return da.bytes < db.bytes ? 1 : -1;
	return (ka > kb) - (ka < kb);
}

static void fill_groups(struct diff *d)
{
	const struct snapshot *a = d->old_side.snapshot, *b = d->new_side.snapshot;
	struct match match;

	if (d->identity == DIFF_SAME)
		match_by_place(&match, a, b);
	else
		match_by_name(&match, a, b);
	d->n_groups = match.n_groups;
	d->groups = xcalloc(d->n_groups, sizeof(*d->groups));
	for (size_t i = 0; i < d->n_groups; i++)
		d->groups[i].old_regions.largest = d->groups[i]
							   .new_regions.largest = DIFF_NO_REGION;
	add_regions(d, a, match.old_groups, false);
	add_regions(d, b, match.new_groups, true);
	match_release(&match);
	for (size_t i = 0; i < d->n_groups; i++) {
		d->groups[i].status = status_of_group(&d->groups[i]);
		d->n_with_status[d->groups[i].status]++;
		d->groups_grown_bytes += grown_bytes(group_delta(&d->groups[i]));
	}
	if (d->n_groups > 1)
		qsort(d->groups, d->n_groups, sizeof(*d->groups), compare_groups);
}

void diff_init(struct diff *ret, const struct diff_side *old_side, const struct diff_side *new_side)
{
	const struct snapshot *a = old_side->snapshot, *b = new_side->snapshot;

	*ret = (struct diff){ .old_side = *old_side, .new_side = *new_side };
	diff_identify(ret);
	ret->lists_why = a->regions_why ? a->regions_why : b->regions_why;
	if (ret->lists_why)
		return;
	fill_lists(ret);
	fill_groups(ret);
	diff_compare_heap_stats(ret);
}

void diff_release(struct diff *d)
{
	free(d->categories.rows);
	for (int i = 0; i < CAT_COUNT; i++)
		free(d->owners[i].rows);
	free(d->perms.rows);
	free(d->files.rows);
	free(d->packages.rows);
	free(d->groups);
	for (int i = 0; i < HEAP_STAT_KIND_COUNT; i++)
		free(d->heap_stats[i].rows);
	*d = (struct diff){ 0 };
}
