/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/judge.h"

#include "present/build/growth.h"
#include "present/build/process.h"
#include "present/build/root.h"

struct judged_row {
	const char *name;
	struct cell samples_read, thinned;
	const struct table *growth, *findings;
};

static const struct column judged_columns[] = {
	COLUMN("name", "", CELL_TEXT, "what the file calls it; null: nothing",
	       FIELD(struct judged_row, name), .line = "%"),
	COLUMN("samples_read", "", CELL_COUNT, "of which not more than 2048 are judged",
	       FIELD(struct judged_row, samples_read), .flags = COL_DATA),
	COLUMN("thinned", "", CELL_COUNT, "", FIELD(struct judged_row, thinned), .flags = COL_TEXT,
	       .line = "judged by an even choice of its % samples"),
	COLUMN("growth", "", CELL_TABLE, "the verdict", FIELD(struct judged_row, growth)),
	COLUMN("findings", "", CELL_TABLE, "what to notice", FIELD(struct judged_row, findings)),
};

struct judge_root {
	const char *schema;
	int64_t generated_wall_ns;
	const struct table *tool, *several, *judged, *cost;
	struct judged_row only; /* empty if there are several series */
};

static const struct column root_columns[] = {
	COLUMN("schema", "", CELL_ID, "memspect.judge/1", FIELD(struct judge_root, schema),
	       .flags = COL_DATA),
	COLUMN("generated_at", "", CELL_TIME, "UTC", FIELD(struct judge_root, generated_wall_ns),
	       .flags = COL_DATA),
	COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost",
	       FIELD(struct judge_root, tool), .flags = COL_DATA),
	COLUMN("name", "", CELL_TEXT, "what the file calls it; null: nothing",
	       FIELD(struct judge_root, only.name), .flags = COL_DATA),
	COLUMN("samples_read", "", CELL_COUNT, "of which not more than 2048 are judged",
	       FIELD(struct judge_root, only.samples_read), .flags = COL_DATA),
	COLUMN("growth", "", CELL_TABLE, "the verdict; null if there are several",
	       FIELD(struct judge_root, only.growth), .flags = COL_DATA),
	COLUMN("findings", "", CELL_TABLE, "what to notice; null if there are several",
	       FIELD(struct judge_root, only.findings), .flags = COL_DATA),
	COLUMN("several", "", CELL_TABLE, "the series, if there are more than one",
	       FIELD(struct judge_root, several), .flags = COL_DATA),
	COLUMN("judged", "", CELL_TABLE, "", FIELD(struct judge_root, judged), .flags = COL_TEXT),
	COLUMN("cost", "", CELL_TABLE, "", FIELD(struct judge_root, cost), .flags = COL_TEXT),
};

static const struct table *judged_table(struct report *r, const struct judged *list, size_t n)
{
	struct judged_row *rows = arena_array(&r->arena, n, struct judged_row);
	struct table *t = report_rows(r, judged_columns, ARRAY_SIZE(judged_columns), rows,
				      sizeof(*rows), n);

	t->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < n; i++) {
		const struct judged *j = &list[i];
		bool thinned = j->samples > j->view.n_samples;

		rows[i] = (struct judged_row){
			.name = j->name,
			.samples_read = cell_u64(j->samples),
			.thinned = thinned ? cell_u64(j->samples) : cell_none(),
			.growth = build_growth(r, &j->view),
			.findings = build_findings(r, &j->finding, j->finding.id ? 1 : 0),
		};
	}
	return t;
}

void build_judge(struct report *r, const struct judged *list, size_t n,
		 const struct build_opts *opts)
{
	const struct table *judged = judged_table(r, list, n);
	struct judge_root root = {
		.schema = "memspect.judge/1",
		.generated_wall_ns = opts->generated_wall_ns,
		.tool = build_tool(r, opts),
		.judged = judged,
		.cost = build_cost(r, opts, NULL),
		.only.samples_read = cell_none(),
	};

	if (n == 1)
		root.only = *(const struct judged_row *)judged->rows;
	else
		root.several = judged;
	report_set_root(r, OBJECT_OF(r, root_columns, &root), cell_table(judged));
}
