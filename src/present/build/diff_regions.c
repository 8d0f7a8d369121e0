/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "base/sbuf.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"
#include "present/render/table_order.h"

enum { REGIONS_SHOWN = 10 };

/* A group of mappings as a row of changes. */
struct group_row {
	struct diff_row change;
	const struct diff_group *group;
	const struct diff_regions *regions; /* of the newer side that has any */
	const struct snapshot *s;           /* of that side */
	const struct region *region;        /* the largest */
};

/* What the getters need. Rows are made one at a time: there may be one for each mapping. */
struct regions_arg {
	struct changes changes;
	uint32_t *shown; /* by row: the group */
	struct group_row row;
	struct table owner;
	char what[CELL_WHAT_MAX];
	char mappings[64];
};

static struct line line_of(const struct diff_regions *r)
{
	return (struct line){
		.rss = diff_regions_amount(r, F_RSS),
		.pss = diff_regions_amount(r, F_PSS),
		.uss = diff_regions_amount(r, F_USS),
		.swap = diff_regions_amount(r, F_SWAP),
		.lazyfree = diff_regions_amount(r, F_LAZYFREE),
		.size_bytes = r->sum.size_bytes,
		.mappings = r->sum.mappings,
	};
}

static const void *group_row(void *arg, size_t i)
{
	struct regions_arg *a = arg;
	const struct diff *d = a->changes.diff;
	const struct diff_group *g = &d->groups[a->shown[i]];
	bool is_new = g->new_regions.largest != DIFF_NO_REGION;
	const struct diff_regions *regions = is_new ? &g->new_regions : &g->old_regions;
	const struct snapshot *s = is_new ? d->new_side.snapshot : d->old_side.snapshot;

	a->row = (struct group_row){
		.change = { .status = g->status,
			    .old_line = line_of(&g->old_regions),
			    .new_line = line_of(&g->new_regions) },
		.group = g,
		.regions = regions,
		.s = s,
		.region = &s->regions[regions->largest],
	};
	return &a->row;
}

static struct cell get_what(const struct ask *ask)
{
	const struct group_row *row = ask->row;
	struct regions_arg *a = ask->arg;

	return cell_what(a->what, row->s, row->region);
}

static struct cell get_name(const struct ask *ask)
{
	const struct group_row *row = ask->row;

	return cell_text(snapshot_region_name(row->s, row->region));
}

static struct cell get_category(const struct ask *ask)
{
	return cell_text(category_descs[((const struct group_row *)ask->row)->region->category].id);
}

static struct cell get_owner(const struct ask *ask)
{
	const struct group_row *row = ask->row;
	struct regions_arg *a = ask->arg;

	a->owner.rows = &row->s->owners[row->region->owner];
	return cell_table(&a->owner);
}

static struct cell get_evidence(const struct ask *ask)
{
	return cell_text(evidence_descs[((const struct group_row *)ask->row)->region->evidence].id);
}

static struct cell get_perms(const struct ask *ask)
{
	return cell_perms(((const struct group_row *)ask->row)->region->perms);
}

static struct cell perms_of(const struct diff_side *side, const struct diff_regions *r)
{
	if (r->largest == DIFF_NO_REGION)
		return cell_none();
	return cell_perms(side->snapshot->regions[r->largest].perms);
}

static struct cell get_old_perms(const struct ask *ask)
{
	const struct group_row *row = ask->row;
	const struct changes *c = ask->arg;

	return perms_of(&c->diff->old_side, &row->group->old_regions);
}

static struct cell get_new_perms(const struct ask *ask)
{
	const struct group_row *row = ask->row;
	const struct changes *c = ask->arg;

	return perms_of(&c->diff->new_side, &row->group->new_regions);
}

/* Returns the address of a group that was matched by its place, or that is a single mapping. */
static struct cell address(const struct ask *ask, const struct diff_regions *r)
{
	const struct changes *c = ask->arg;
	bool is_same = c->diff->identity == DIFF_SAME;
	bool has_place = r->sum.records == 1 || (r->sum.records && is_same);

	return has_place ? field_u64(&(struct ask){ .row = r, .at = ask->at }) : cell_none();
}

static struct cell get_address(const struct ask *ask)
{
	return address(ask, ((const struct group_row *)ask->row)->regions);
}

static struct cell get_old_address(const struct ask *ask)
{
	return address(ask, &((const struct group_row *)ask->row)->group->old_regions);
}

static struct cell get_new_address(const struct ask *ask)
{
	return address(ask, &((const struct group_row *)ask->row)->group->new_regions);
}

/* "3", or "3 to 1". */
static struct cell get_mappings(const struct ask *ask)
{
	const struct diff_group *g = ((const struct group_row *)ask->row)->group;
	uint64_t olds = g->old_regions.sum.mappings, news = g->new_regions.sum.mappings;
	struct regions_arg *a = ask->arg;
	size_t n = 0;

	if (olds > 0 && news > 0 && olds != news)
		n = (size_t)snprintf(a->mappings, sizeof(a->mappings), "%llu to ",
				     (unsigned long long)olds);
	(void)snprintf(a->mappings + n, sizeof(a->mappings) - n, "%llu",
		       (unsigned long long)(news ? news : olds));
	return cell_text(a->mappings);
}

static const struct column head_columns[] = {
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner; ~ inferred, ? unknown",
	       .flags = COL_TEXT | COL_TRUNC, .get = get_what),
	COLUMN("name", "", CELL_TEXT, "as the kernel prints it", .flags = COL_DATA,
	       .get = get_name),
	COLUMN("category", "", CELL_ID, "what it is", .flags = COL_DATA, .get = get_category),
	COLUMN("owner", "", CELL_TABLE, "whose it is", .flags = COL_DATA, .get = get_owner),
	COLUMN("evidence", "", CELL_ID, "how it is known", .flags = COL_DATA, .get = get_evidence),
	COLUMN("old_perms", "", CELL_ID, "permissions", .flags = COL_DATA, .get = get_old_perms),
	COLUMN("new_perms", "", CELL_ID, "permissions", .flags = COL_DATA, .get = get_new_perms),
	COLUMN("old_start", "", CELL_HEX, "first address", .flags = COL_DATA,
	       .get = get_old_address, .at = offsetof(struct diff_regions, start)),
	COLUMN("old_end", "", CELL_HEX, "first address behind it", .flags = COL_DATA,
	       .get = get_old_address, .at = offsetof(struct diff_regions, end)),
	COLUMN("new_start", "", CELL_HEX, "first address", .flags = COL_DATA,
	       .get = get_new_address, .at = offsetof(struct diff_regions, start)),
	COLUMN("new_end", "", CELL_HEX, "first address behind it", .flags = COL_DATA,
	       .get = get_new_address, .at = offsetof(struct diff_regions, end)),
};

static const struct column tail_columns[] = {
	COLUMN("perms", "PERM", CELL_ID, "permissions", .flags = COL_TEXT | COL_LEFT,
	       .get = get_perms),
	COLUMN("mappings", "MAPS", CELL_TEXT, "mappings", .flags = COL_TEXT, .get = get_mappings),
	COLUMN("start", "START", CELL_HEX, "first address", .flags = COL_TEXT, .get = get_address,
	       .at = offsetof(struct diff_regions, start)),
};

enum {
	HEAD_COUNT = ARRAY_SIZE(head_columns),
	TAIL_COUNT = ARRAY_SIZE(tail_columns),
	REGION_COLUMNS = HEAD_COUNT + CHANGE_COLUMNS + TAIL_COUNT,
};

static struct regions_arg *regions_arg(struct report *r, const struct diff *d)
{
	struct regions_arg *a = arena_alloc(&r->arena, sizeof(*a));

	a->changes = (struct changes){ d, d->groups_grown_bytes };
	a->shown = arena_array(&r->arena, d->n_groups + 1, uint32_t);
	a->owner = owner_object;
	return a;
}

static int64_t group_delta(const struct diff_group *g)
{
	return delta_of(diff_regions_amount(&g->old_regions, F_RSS),
			diff_regions_amount(&g->new_regions, F_RSS))
		.bytes;
}

/* "Mappings that changed most: 906 added, 59 removed, 24 changed" */
static const char *title_of(struct report *r, const struct diff *d, bool all)
{
	static const enum diff_status order[] = { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED,
						  DIFF_STAYED };
	auto_sbuf title = SBUF_INIT;

	sbuf_adds(&title, all ? "Mappings" : "Mappings that changed most");
	for (size_t i = 0, said = 0; i < ARRAY_SIZE(order) - !all; i++) {
		if (d->n_with_status[order[i]] > 0)
			sbuf_addf(&title, "%s%zu %s", said++ ? ", " : ": ",
				  d->n_with_status[order[i]], diff_status_ids[order[i]]);
	}
	return arena_strdup(&r->arena, sbuf_str(&title));
}

static struct cell get_count(const struct ask *ask)
{
	return cell_u64(((const struct diff *)ask->row)->n_with_status[ask->at]);
}

static const struct column count_columns[] = {
	COLUMN("added", "", CELL_COUNT, "only on the new side", .get = get_count, .at = DIFF_ADDED),
	COLUMN("removed", "", CELL_COUNT, "only on the old side", .get = get_count,
	       .at = DIFF_REMOVED),
	COLUMN("changed", "", CELL_COUNT, "on both, with another number", .get = get_count,
	       .at = DIFF_CHANGED),
	COLUMN("same", "", CELL_COUNT, "without a change", .get = get_count, .at = DIFF_STAYED),
};

const struct table *build_diff_counts(struct report *r, const struct diff *d)
{
	return d->lists_why ? NULL : report_object(r, count_columns, ARRAY_SIZE(count_columns), d);
}

const struct table *build_diff_regions(struct report *r, const struct diff *d, bool all)
{
	static const char with_start[] =
		"what,old_rss,new_rss,delta_rss,change,perms,mappings,start";
	static const char columns[] = "what,old_rss,new_rss,delta_rss,change,perms,mappings";
	auto_free int64_t *deltas = xcalloc(d->n_groups, sizeof(*deltas));
	struct regions_arg *a;
	struct err never;
	struct table *t;

	if (d->lists_why)
		return NULL;
	a = regions_arg(r, d);
	t = arena_alloc(&r->arena, sizeof(*t));
	*t = (struct table){
		.columns = change_columns_make(r, head_columns, HEAD_COUNT, tail_columns,
					       TAIL_COUNT),
		.n_columns = REGION_COLUMNS,
		.layout = LAYOUT_TABLE,
		.title = title_of(r, d, all),
		.is_long = true,
		.row = group_row,
		.arg = a,
	};
	for (size_t i = 0; i < d->n_groups; i++) {
		if (!all && d->groups[i].status == DIFF_STAYED)
			continue;
		deltas[t->n_rows] = group_delta(&d->groups[i]);
		a->shown[t->n_rows++] = (uint32_t)i;
	}
	if (!all)
		t->text_hide = change_hide_small(r, deltas, t->n_rows, REGIONS_SHOWN, 0);
	(void)table_pick(r, t, all || d->identity == DIFF_SAME ? with_start : columns, &never);
	return t;
}
