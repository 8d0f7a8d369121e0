/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/judge.h"

#include "present/build/cells.h"
#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/root.h"

static const struct column judged_columns[] = {
	COLUMN("name", "", CELL_TEXT, "what the file calls it; null: nothing", .line = "%"),
	COLUMN("samples_read", "", CELL_COUNT, "of which not more than 2048 are judged",
	       .flags = COL_DATA),
	COLUMN("thinned", "", CELL_COUNT, "", .flags = COL_TEXT,
	       .line = "judged by an even choice of its % samples"),
	COLUMN("growth", "", CELL_TABLE, "the verdict"),
	COLUMN("findings", "", CELL_TABLE, "what to notice"),
};

static const struct column root_columns[] = {
	COLUMN("schema", "", CELL_ID, "memspect.judge/1", .flags = COL_DATA),
	COLUMN("generated_at", "", CELL_TIME, "UTC", .flags = COL_DATA),
	COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost", .flags = COL_DATA),
	COLUMN("name", "", CELL_TEXT, "what the file calls it; null: nothing", .flags = COL_DATA),
	COLUMN("samples_read", "", CELL_COUNT, "of which not more than 2048 are judged",
	       .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "the verdict; null if there are several",
	       .flags = COL_DATA),
	COLUMN("findings", "", CELL_TABLE, "what to notice; null if there are several",
	       .flags = COL_DATA),
	COLUMN("several", "", CELL_TABLE, "the series, if there are more than one",
	       .flags = COL_DATA),
	COLUMN("judged", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("cost", "", CELL_TABLE, "", .flags = COL_TEXT),
};

static const struct table *findings_table(struct report *r, const struct judged *j)
{
	const struct process_inputs v = { .findings = &j->finding,
					  .n_findings = j->finding.id ? 1 : 0 };

	return build_findings(r, &v);
}

static const struct table *judged_table(struct report *r, const struct judged *list, size_t n)
{
	struct table *t = report_table(r, judged_columns, ARRAY_SIZE(judged_columns), n);

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < n; i++) {
		const struct judged *j = &list[i];
		bool thinned = j->samples > j->view.n_samples;

		row_set(t, i, "name", cell_text(j->name));
		row_set(t, i, "samples_read", cell_u64(j->samples));
		row_set(t, i, "thinned", thinned ? cell_u64(j->samples) : cell_none());
		row_set(t, i, "growth", cell_table(build_growth(r, &j->view)));
		row_set(t, i, "findings", cell_table(findings_table(r, j)));
	}
	return t;
}

void build_judge(struct report *r, const struct judged *list, size_t n,
		 const struct build_opts *opts)
{
	const struct table *judged = judged_table(r, list, n);
	struct table *t = report_table(r, root_columns, ARRAY_SIZE(root_columns), 1);
	const char *const same[] = { "name", "samples_read", "growth", "findings" };

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	row_set(t, 0, "schema", cell_text("memspect.judge/1"));
	row_set(t, 0, "generated_at", cell_i64(opts->generated_wall_ns));
	row_set(t, 0, "tool", cell_table(build_tool(r, opts)));
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		row_set(t, 0, same[i],
			n == 1 ? table_row(judged, 0)[table_column(judged, same[i])] : cell_none());
	row_set(t, 0, "several", n == 1 ? cell_none() : cell_table(judged));
	row_set(t, 0, "judged", cell_table(judged));
	row_set(t, 0, "cost", cell_table(build_cost(r, opts, NULL)));
	r->root = t;
}
