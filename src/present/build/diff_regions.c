/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "base/alloc.h"
#include "base/sbuf.h"
#include "present/build/cells.h"
#include "present/build/diff_change.h"
#include "present/render/table_order.h"

enum { REGIONS_SHOWN = 10 };

static const struct column head_columns[] = {
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner; ~ inferred, ? unknown",
	       .flags = COL_TEXT | COL_TRUNC),
	COLUMN("name", "", CELL_TEXT, "as the kernel prints it", .flags = COL_DATA),
	COLUMN("category", "", CELL_ID, "what it is", .flags = COL_DATA),
	COLUMN("owner", "", CELL_TABLE, "whose it is", .flags = COL_DATA),
	COLUMN("evidence", "", CELL_ID, "how it is known", .flags = COL_DATA),
	COLUMN("old_perms", "", CELL_ID, "permissions", .flags = COL_DATA),
	COLUMN("new_perms", "", CELL_ID, "permissions", .flags = COL_DATA),
	COLUMN("old_start", "", CELL_HEX, "first address", .flags = COL_DATA),
	COLUMN("old_end", "", CELL_HEX, "first address behind it", .flags = COL_DATA),
	COLUMN("new_start", "", CELL_HEX, "first address", .flags = COL_DATA),
	COLUMN("new_end", "", CELL_HEX, "first address behind it", .flags = COL_DATA),
};

static const struct column tail_columns[] = {
	COLUMN("perms", "PERM", CELL_ID, "permissions", .flags = COL_TEXT | COL_LEFT),
	COLUMN("mappings", "MAPS", CELL_TEXT, "mappings", .flags = COL_TEXT),
	COLUMN("start", "START", CELL_HEX, "first address", .flags = COL_TEXT),
};

static const struct column owner_columns[] = {
	COLUMN("kind", "", CELL_ID, "what the owner is"),
	COLUMN("name", "", CELL_TEXT, "whose it is"),
};

enum {
	HEAD_COUNT = ARRAY_SIZE(head_columns),
	TAIL_COUNT = ARRAY_SIZE(tail_columns),
	REGION_COLUMNS = HEAD_COUNT + CHANGE_COLUMNS + TAIL_COUNT,
};

/* What the rows need; the nested cells of the current one are kept here. */
struct regions_arg {
	struct changes changes;
	uint32_t *shown; /* by row: the group */
	struct table owner;
	struct cell owner_cells[ARRAY_SIZE(owner_columns)];
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

/* Addresses of what was matched by its place, or is one mapping. */
static struct cell address_cell(const struct diff *d, const struct diff_regions *r, uint64_t value)
{
	bool has_place = r->sum.records == 1 || (r->sum.records && d->identity == DIFF_SAME);

	return has_place ? cell_u64(value) : cell_none();
}

static struct cell perms_cell(const struct diff_side *side, const struct diff_regions *r)
{
	if (r->largest == DIFF_NO_REGION)
		return cell_none();
	return cell_perms(side->snapshot->regions[r->largest].perms);
}

/* "3", or "3 to 1". */
static struct cell mappings_cell(struct regions_arg *a, const struct diff_group *g)
{
	uint64_t olds = g->old_regions.sum.mappings, news = g->new_regions.sum.mappings;
	size_t n = 0;

	if (olds > 0 && news > 0 && olds != news)
		n = (size_t)snprintf(a->mappings, sizeof(a->mappings), "%llu to ",
				     (unsigned long long)olds);
	(void)snprintf(a->mappings + n, sizeof(a->mappings) - n, "%llu",
		       (unsigned long long)(news ? news : olds));
	return cell_text(a->mappings);
}

static void fill_region(void *arg, size_t row, struct cell *cells)
{
	struct regions_arg *a = arg;
	const struct diff *d = a->changes.diff;
	const struct diff_group *g = &d->groups[a->shown[row]];
	const struct diff_regions *olds = &g->old_regions, *news = &g->new_regions;
	bool is_new = news->largest != DIFF_NO_REGION;
	const struct diff_regions *regions = is_new ? news : olds;
	const struct snapshot *s = is_new ? d->new_side.snapshot : d->old_side.snapshot;
	const struct region *region = &s->regions[regions->largest];
	const struct owner *owner = &s->owners[region->owner];
	struct line old_line = line_of(olds), new_line = line_of(news);
	const struct cell head[] = {
		cell_what(a->what, s, region),
		cell_text(snapshot_region_name(s, region)),
		cell_text(category_descs[region->category].id),
		cell_table(&a->owner),
		cell_text(evidence_descs[region->evidence].id),
		perms_cell(&d->old_side, olds),
		perms_cell(&d->new_side, news),
		address_cell(d, olds, olds->start),
		address_cell(d, olds, olds->end),
		address_cell(d, news, news->start),
		address_cell(d, news, news->end),
	};
	const struct cell tail[] = {
		cell_perms(region->perms),
		mappings_cell(a, g),
		address_cell(d, regions, regions->start),
	};

	_Static_assert(ARRAY_SIZE(head) == HEAD_COUNT && ARRAY_SIZE(tail) == TAIL_COUNT,
		       "a cell for each column");
	a->owner_cells[0] = cell_owner_kind(owner);
	a->owner_cells[1] = owner->kind == OWNER_NONE ? cell_none() : cell_text(owner->name);
	memcpy(cells, head, sizeof(head));
	change_fill(&a->changes, g->status, &old_line, &new_line, cells + HEAD_COUNT);
	memcpy(cells + HEAD_COUNT + CHANGE_COLUMNS, tail, sizeof(tail));
}

static struct regions_arg *regions_arg(struct report *r, const struct diff *d)
{
	struct regions_arg *a = arena_alloc(&r->arena, sizeof(*a));

	a->changes = (struct changes){ d, d->groups_grown_bytes };
	a->shown = arena_array(&r->arena, d->n_groups + 1, uint32_t);
	a->owner = (struct table){ .columns = owner_columns,
				   .n_columns = ARRAY_SIZE(owner_columns),
				   .shape = SHAPE_OBJECT,
				   .layout = LAYOUT_HIDDEN,
				   .n_rows = 1,
				   .cells = a->owner_cells };
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

static const struct column count_columns[] = {
	COLUMN("added", "", CELL_COUNT, "only on the new side"),
	COLUMN("removed", "", CELL_COUNT, "only on the old side"),
	COLUMN("changed", "", CELL_COUNT, "on both, with another number"),
	COLUMN("same", "", CELL_COUNT, "without a change"),
};

const struct table *build_diff_counts(struct report *r, const struct diff *d)
{
	struct table *t;

	if (d->lists_why)
		return NULL;
	t = report_table(r, count_columns, ARRAY_SIZE(count_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	row_set(t, 0, "added", cell_u64(d->n_with_status[DIFF_ADDED]));
	row_set(t, 0, "removed", cell_u64(d->n_with_status[DIFF_REMOVED]));
	row_set(t, 0, "changed", cell_u64(d->n_with_status[DIFF_CHANGED]));
	row_set(t, 0, "same", cell_u64(d->n_with_status[DIFF_STAYED]));
	return t;
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
		.cells = arena_array(&r->arena, REGION_COLUMNS, struct cell),
		.fill = fill_region,
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
