/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/build/process_columns.h"

/* Returns the share of the group's PSS. */
static struct cell get_share(const struct ask *ask)
{
	const struct line *whole = ask->arg;

	return cell_share(((const struct line *)ask->row)->pss, whole->pss);
}

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .get = get_category_id,
	       .flags = COL_DATA),
	COLUMN("label", "Together", CELL_TEXT, "category", .get = get_category_title,
	       .flags = COL_TEXT),
	METRIC_COLUMN_BYTES(PSS, FIELD(struct line, pss)),
	COLUMN("share", "SHARE", CELL_PERCENT, "of PSS", .get = get_share,
	       .flags = COL_TEXT | COL_BAR),
	METRIC_COLUMN_BYTES(USS, FIELD(struct line, uss)),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident; shared pages are counted again",
	       FIELD(struct line, rss), .flags = COL_DATA),
	METRIC_COLUMN_BYTES(SWAP, FIELD(struct line, swap)),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings", FIELD(struct line, mappings)),
};

const struct table *build_group_categories(struct report *r, const struct group *g)
{
	struct table *t = report_rows(r, category_columns, ARRAY_SIZE(category_columns),
				      g->categories, sizeof(*g->categories), CAT_COUNT);
	bool *hide = arena_alloc(&r->arena, CAT_COUNT);
	struct line *whole = arena_alloc(&r->arena, sizeof(*whole));

	*whole = g->sum;
	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	t->arg = whole;
	for (int i = 0; i < CAT_COUNT; i++)
		hide[i] = g->categories[i].mappings == 0;
	return t;
}

static struct cell get_recon_bytes(const struct ask *ask)
{
	const struct group_recon_row *row = ask->row;

	return cell_signed(row->bytes, row->negative);
}

static struct cell get_recon_why(const struct ask *ask)
{
	struct amount bytes = ((const struct group_recon_row *)ask->row)->bytes;

	return amount_ok(bytes) ? cell_none() : cell_text(amount_why(bytes));
}

static const struct column recon_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", FIELD(struct group_recon_row, id),
	       .flags = COL_DATA),
	COLUMN("help", "Charged for", CELL_TEXT, "what it is charged for",
	       FIELD(struct group_recon_row, help), .flags = COL_TEXT | COL_TRUNC),
	COLUMN("bytes", "BYTES", CELL_DELTA, "part of the group's current charge",
	       .get = get_recon_bytes),
	COLUMN("detail", "DETAIL", CELL_TEXT, "why it is not known", .get = get_recon_why,
	       .flags = COL_TEXT | COL_TRUNC),
};

struct cgroup_row {
	const char *path;
	struct amount current;
	const struct table *parts;
};

static const struct column cgroup_columns[] = {
	COLUMN("path", "", CELL_TEXT, "", FIELD(struct cgroup_row, path),
	       .line = "Control group %"),
	COLUMN("current_bytes", "", CELL_BYTES, "what the group is charged",
	       FIELD(struct cgroup_row, current), .line = "is charged %"),
	COLUMN("parts", "", CELL_TABLE, "what it consists of", FIELD(struct cgroup_row, parts)),
};

static const struct table *group_cgroup(struct report *r, const struct group *g)
{
	struct table *t, *parts;
	struct cgroup_row row;

	if (!g->cgroup_path || g->cgroup_why)
		return NULL;
	parts = report_rows(r, recon_columns, ARRAY_SIZE(recon_columns), g->recon,
			    sizeof(*g->recon), g->n_recon);
	parts->layout = LAYOUT_TABLE;
	row = (struct cgroup_row){ g->cgroup_path, g->cgroup_current, parts };
	t = OBJECT_OF(r, cgroup_columns, &row);
	t->layout = LAYOUT_SECTIONS;
	return t;
}

static struct cell get_spaces(const struct ask *ask)
{
	const struct group *g = ask->row;

	return g->address_spaces == g->count ? cell_none() : cell_u64(g->address_spaces);
}

static struct cell get_unread(const struct ask *ask)
{
	const struct group *g = ask->row;

	return g->unread ? cell_u64(g->unread) : cell_none();
}

static const struct column summary_columns[] = {
	COLUMN("count", "", CELL_COUNT, "", FIELD(struct group, count), .flags = COL_TEXT,
	       .line = "% processes"),
	COLUMN("spaces", "", CELL_COUNT, "", .get = get_spaces, .flags = COL_TEXT,
	       .line = "% address space|% address spaces"),
	COLUMN("pss", "", CELL_BYTES, "", FIELD(struct group, sum.pss), .flags = COL_TEXT,
	       .line = "PSS %"),
	COLUMN("uss", "", CELL_BYTES, "", FIELD(struct group, sum.uss), .flags = COL_TEXT,
	       .line = "USS %"),
	COLUMN("swap", "", CELL_BYTES, "", FIELD(struct group, sum.swap), .flags = COL_TEXT,
	       .line = "swap %"),
	COLUMN("unread", "", CELL_COUNT, "", .get = get_unread, .flags = COL_TEXT,
	       .line = "% not readable and left out"),
};

static const struct table *group_summary(struct report *r, const struct group *g)
{
	struct table *t = report_object(r, summary_columns, ARRAY_SIZE(summary_columns), g);

	t->layout = LAYOUT_LINE;
	return t;
}

static struct cell get_pid(const struct ask *ask)
{
	return cell_u64((uint64_t)((const struct process_inputs *)ask->row)->snapshot->pid);
}

static struct cell get_total(const struct ask *ask)
{
	const struct process_inputs *v = ask->row;

	return cell_amount(totals_metric(&v->accounting->totals, (enum metric)ask->at));
}

static struct cell get_comm(const struct ask *ask)
{
	return cell_text(((const struct process_inputs *)ask->row)->snapshot->stat.comm);
}

#define TOTAL(metric) .get = get_total, .at = METRIC_##metric

/* The processes next to each other, below their reports. */
static const struct column member_columns[] = {
	COLUMN_PID(.get = get_pid),
	METRIC_COLUMN(RSS, TOTAL(RSS)),
	METRIC_COLUMN(PSS, TOTAL(PSS)),
	METRIC_COLUMN(USS, TOTAL(USS)),
	METRIC_COLUMN(SWAP, TOTAL(SWAP)),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .get = get_comm, .flags = COL_TRUNC),
};

#undef TOTAL

static const struct table *group_members(struct report *r, const struct process_inputs *views,
					 size_t n)
{
	struct table *t = report_rows(r, member_columns, ARRAY_SIZE(member_columns), views,
				      sizeof(*views), n);
	bool *hide = arena_array(&r->arena, n, bool);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < n; i++)
		hide[i] = views[i].ended;
	return t;
}

struct group_row {
	const struct table *summary, *members, *categories, *cgroup;
	uint64_t count, address_spaces;
	struct line sum;
	struct cell cgroup_why;
};

static const struct column group_columns[] = {
	COLUMN("count", "", CELL_COUNT, "processes", FIELD(struct group_row, count),
	       .flags = COL_DATA),
	COLUMN("address_spaces", "", CELL_COUNT, "as many as do not share theirs",
	       FIELD(struct group_row, address_spaces), .flags = COL_DATA),
	COLUMN("summary", "All together", CELL_TABLE, "the totals",
	       FIELD(struct group_row, summary), .flags = COL_TEXT),
	COLUMN("members", "", CELL_TABLE, "the processes, a line each",
	       FIELD(struct group_row, members), .flags = COL_TEXT),
	COLUMN("rss_bytes", "", CELL_BYTES, "shared pages are counted again",
	       FIELD(struct group_row, sum.rss), .flags = COL_DATA),
	COLUMN("pss_bytes", "", CELL_BYTES, "what they take together",
	       FIELD(struct group_row, sum.pss), .flags = COL_DATA),
	COLUMN("uss_bytes", "", CELL_BYTES, "private", FIELD(struct group_row, sum.uss),
	       .flags = COL_DATA),
	COLUMN("swap_bytes", "", CELL_BYTES, "swapped out", FIELD(struct group_row, sum.swap),
	       .flags = COL_DATA),
	COLUMN("categories", "", CELL_TABLE, "the combined balance sheet",
	       FIELD(struct group_row, categories)),
	COLUMN("cgroup", "", CELL_TABLE, "reconciliation with the control group",
	       FIELD(struct group_row, cgroup)),
	COLUMN("cgroup_unavailable", "", CELL_TEXT, "why there is none",
	       FIELD(struct group_row, cgroup_why), .flags = COL_DATA),
};

const struct table *build_group(struct report *r, const struct group *g,
				const struct table *categories, const struct process_inputs *views,
				size_t n)
{
	const struct group_row row = {
		.summary = group_summary(r, g),
		.members = group_members(r, views, n),
		.categories = categories,
		.cgroup = group_cgroup(r, g),
		.count = g->count,
		.address_spaces = g->address_spaces,
		.sum = g->sum,
		.cgroup_why = cell_reason(g->cgroup_why),
	};
	struct table *t = OBJECT_OF(r, group_columns, &row);

	t->layout = LAYOUT_SECTIONS;
	t->title = "All together";
	return t;
}
