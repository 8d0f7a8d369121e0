/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .flags = COL_DATA),
	COLUMN("label", "Together", CELL_TEXT, "category", .flags = COL_TEXT),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional"),
	COLUMN("share", "SHARE", CELL_PERCENT, "of PSS", .flags = COL_TEXT | COL_BAR),
	COLUMN("uss_bytes", "USS", CELL_BYTES, "private"),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident; shared pages are counted again",
	       .flags = COL_DATA),
	COLUMN("swap_bytes", "SWAP", CELL_BYTES, "swapped out"),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings"),
};

static const struct table *group_categories(struct report *r, const struct group *g)
{
	struct table *t = report_table(r, category_columns, ARRAY_SIZE(category_columns),
				       CAT_COUNT);
	bool *hide = arena_alloc(&r->arena, CAT_COUNT);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (int i = 0; i < CAT_COUNT; i++) {
		const struct line *sum = &g->categories[i];

		hide[i] = sum->mappings == 0;
		row_set_line(t, (size_t)i, sum, g->sum.rss);
		row_set(t, (size_t)i, "id", cell_text(category_descs[i].id));
		row_set(t, (size_t)i, "label", cell_text(category_descs[i].title));
		row_set(t, (size_t)i, "share", cell_share(sum->pss, g->sum.pss));
	}
	return t;
}

static const struct column recon_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("help", "Charged for", CELL_TEXT, "what it is charged for",
	       .flags = COL_TEXT | COL_TRUNC),
	COLUMN("bytes", "BYTES", CELL_DELTA, "part of the group's current charge"),
	COLUMN("detail", "DETAIL", CELL_TEXT, "why it is not known", .flags = COL_TEXT | COL_TRUNC),
};

static const struct column cgroup_columns[] = {
	COLUMN("path", "", CELL_TEXT, "", .line = "Control group %"),
	COLUMN("current_bytes", "", CELL_BYTES, "what the group is charged",
	       .line = "is charged %"),
	COLUMN("parts", "", CELL_TABLE, "what it consists of"),
};

static const struct table *group_cgroup(struct report *r, const struct group *g)
{
	struct table *t, *parts;

	if (!g->cgroup_path || g->cgroup_why)
		return NULL;
	t = report_table(r, cgroup_columns, ARRAY_SIZE(cgroup_columns), 1);
	parts = report_table(r, recon_columns, ARRAY_SIZE(recon_columns), g->n_recon);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	parts->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < g->n_recon; i++) {
		const struct group_recon_row *row = &g->recon[i];
		struct cell *cells = table_row(parts, i);

		cells[0] = cell_text(row->id);
		cells[1] = cell_text(row->help);
		cells[2] = cell_signed(row->bytes, row->negative);
		cells[3] = amount_ok(row->bytes) ? cell_none() : cell_text(amount_why(row->bytes));
	}
	row_set(t, 0, "path", cell_text(g->cgroup_path));
	row_set(t, 0, "current_bytes", cell_amount(g->cgroup_current));
	row_set(t, 0, "parts", cell_table(parts));
	return t;
}

static const struct column summary_columns[] = {
	COLUMN("count", "", CELL_COUNT, "", .flags = COL_TEXT, .line = "% processes"),
	COLUMN("spaces", "", CELL_COUNT, "", .flags = COL_TEXT,
	       .line = "% address space|% address spaces"),
	COLUMN("pss", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "PSS %"),
	COLUMN("uss", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "USS %"),
	COLUMN("swap", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "swap %"),
	COLUMN("unread", "", CELL_COUNT, "", .flags = COL_TEXT,
	       .line = "% not readable and left out"),
};

static const struct table *group_summary(struct report *r, const struct group *g)
{
	struct table *t = report_table(r, summary_columns, ARRAY_SIZE(summary_columns), 1);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	row_set(t, 0, "count", cell_u64(g->count));
	row_set(t, 0, "spaces",
		g->address_spaces == g->count ? cell_none() : cell_u64(g->address_spaces));
	row_set(t, 0, "pss", cell_amount(g->sum.pss));
	row_set(t, 0, "uss", cell_amount(g->sum.uss));
	row_set(t, 0, "swap", cell_amount(g->sum.swap));
	row_set(t, 0, "unread", g->unread ? cell_u64(g->unread) : cell_none());
	return t;
}

/* The reports above are long; here they are side by side. */
static const struct column member_columns[] = {
	COLUMN("pid", "PID", CELL_COUNT, "process id"),
	COLUMN("rss", "RSS", CELL_BYTES, "resident"),
	COLUMN("pss", "PSS", CELL_BYTES, "proportional"),
	COLUMN("uss", "USS", CELL_BYTES, "private"),
	COLUMN("swap", "SWAP", CELL_BYTES, "swapped out"),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .flags = COL_TRUNC),
};

static const struct table *group_members(struct report *r, const struct process_inputs *views,
					 size_t n)
{
	struct table *t = report_table(r, member_columns, ARRAY_SIZE(member_columns), n);
	bool *hide = arena_array(&r->arena, n, bool);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < n; i++) {
		const struct totals *totals = &views[i].accounting->totals;
		struct cell *cells = table_row(t, i);

		hide[i] = views[i].ended;
		cells[0] = cell_u64((uint64_t)views[i].snapshot->pid);
		cells[1] = cell_amount(totals->rss);
		cells[2] = cell_amount(totals->pss);
		cells[3] = cell_amount(totals->uss);
		cells[4] = cell_amount(totals->swap);
		cells[5] = cell_text(views[i].snapshot->stat.comm);
	}
	return t;
}

static const struct column group_columns[] = {
	COLUMN("count", "", CELL_COUNT, "processes", .flags = COL_DATA),
	COLUMN("address_spaces", "", CELL_COUNT, "as many as do not share theirs",
	       .flags = COL_DATA),
	COLUMN("summary", "All together", CELL_TABLE, "the totals", .flags = COL_TEXT),
	COLUMN("members", "", CELL_TABLE, "the processes, a line each", .flags = COL_TEXT),
	COLUMN("rss_bytes", "", CELL_BYTES, "shared pages are counted again", .flags = COL_DATA),
	COLUMN("pss_bytes", "", CELL_BYTES, "what they take together", .flags = COL_DATA),
	COLUMN("uss_bytes", "", CELL_BYTES, "private", .flags = COL_DATA),
	COLUMN("swap_bytes", "", CELL_BYTES, "swapped out", .flags = COL_DATA),
	COLUMN("categories", "", CELL_TABLE, "the combined balance sheet"),
	COLUMN("cgroup", "", CELL_TABLE, "reconciliation with the control group"),
	COLUMN("cgroup_unavailable", "", CELL_TEXT, "why there is none", .flags = COL_DATA),
};

const struct table *build_group(struct report *r, const struct group *g,
				const struct process_inputs *views, size_t n)
{
	struct table *t;

	if (!g)
		return NULL;
	t = report_table(r, group_columns, ARRAY_SIZE(group_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	t->title = "All together";
	row_set_line(t, 0, &g->sum, g->sum.rss);
	row_set(t, 0, "count", cell_u64(g->count));
	row_set(t, 0, "address_spaces", cell_u64(g->address_spaces));
	row_set(t, 0, "summary", cell_table(group_summary(r, g)));
	row_set(t, 0, "members", cell_table(group_members(r, views, n)));
	row_set(t, 0, "categories", cell_table(group_categories(r, g)));
	row_set(t, 0, "cgroup", cell_table(group_cgroup(r, g)));
	row_set(t, 0, "cgroup_unavailable", cell_reason(g->cgroup_why));
	return t;
}
