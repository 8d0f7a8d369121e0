/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that each row of a table that is indexed by an enum exists and has a name: the compiler
 * finds a row that is missing at the end, this test one that is missing in the middle.
 */
#include "analysis/account/causes.h"
#include "analysis/account/limits.h"
#include "analysis/account/off_rss.h"
#include "analysis/ceilings.h"
#include "analysis/diff/diff.h"
#include "analysis/findings/finding.h"
#include "analysis/trend/growth.h"
#include "base/reason.h"
#include "model/metrics.h"
#include "model/region.h"
#include "model/snapshot/heap_stats.h"
#include "model/snapshot/sources.h"
#include "proc/cgroup.h"
#include "proc/counts.h"
#include "proc/memsrc.h"
#include "rows.h"
#include "screen/data/columns.h"
#include "screen/keys.h"
#include "walk/core/attribution.h"
#include "walk/walkers.h"

struct indexed_table {
	const char *name;
	const void *rows;
	size_t row_bytes;
	size_t first, count; /* rows below `first` mean "none" */
	size_t text;         /* offset of a text that each row must have */
	bool is_id;          /* it must be unique */
};

#define MEMBER(array, first, count, member, is_id)                                                 \
	{                                                                                          \
#array ", " #member, array, sizeof((array)[0]), first, count,                      \
			(size_t)((const char *)&(array)[0].member - (const char *)&(array)[0]),    \
			is_id                                                                      \
	}
#define ID(array, first, count, member) MEMBER(array, first, count, member, true)
#define TEXT(array, first, count, member) MEMBER(array, first, count, member, false)
#define IDS(array, first, count)                                                                   \
	{                                                                                          \
#array, array, sizeof((array)[0]), first, count, 0, true                           \
	}

static const char *text_of(const struct indexed_table *t, size_t row)
{
	const char *at = (const char *)t->rows + row * t->row_bytes + t->text;

	return *(const char *const *)(const void *)at;
}

static void test_table(void **state)
{
	const struct indexed_table *t = *state;

	for (size_t i = t->first; i < t->count; i++) {
		const char *text = text_of(t, i);

		if (!text || !*text)
			fail_msg("row %zu is missing", i);
		for (size_t k = t->first; t->is_id && k < i; k++) {
			if (strcmp(text_of(t, k), text) == 0)
				fail_msg("rows %zu and %zu are both '%s'", k, i, text);
		}
	}
}

static void test_reasons(void **state attr_unused)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		assert_true(i == REASON_BY_DESIGN || i == REASON_OTHER ||
			    strlen(reason_text((enum reason)i)) > 0);
}

int main(void)
{
	static const struct indexed_table tables[] = {
		ID(category_descs, 0, CAT_COUNT, id),
		TEXT(category_descs, 0, CAT_COUNT, title),
		ID(evidence_descs, 0, EV_COUNT, id),
		TEXT(evidence_descs, 0, EV_COUNT, help),
		IDS(owner_kind_ids, OWNER_NONE + 1, OWNER_KIND_COUNT),
		ID(region_shapes, 0, REGION_SHAPES, id),
		ID(mem_count_descs, 0, MC_COUNT, id),
		TEXT(mem_count_descs, 0, MC_COUNT, help),
		ID(metric_descs, 0, METRIC_COUNT, name),
		ID(mem_why_descs, 0, MEM_WHY_COUNT, id),
		IDS(cgroup_stat_ids, 0, CS_COUNT),
		ID(snapshot_sources, 0, N_SNAPSHOT_SOURCES, id),
		ID(level_sources, 0, N_LEVEL_SOURCES, id),
		ID(heap_stat_kind_descs, 0, HEAP_STAT_KIND_COUNT, id),
		ID(walk_line_descs, 0, LINE_COUNT, id),
		ID(walkers, 0, WALKER_COUNT, name),
		ID(limit_descs, 0, LIMIT_COUNT, id),
		ID(off_rss_descs, 0, OUT_COUNT, id),
		ID(cause_descs, 0, CAUSE_COUNT, id),
		TEXT(cause_descs, 0, CAUSE_COUNT, advice),
		ID(ceiling_descs, CEILING_NONE + 1, CEILING_COUNT, option),
		ID(verdict_descs, 0, VERDICT_COUNT, id),
		TEXT(verdict_descs, 0, VERDICT_COUNT, help),
		IDS(severity_ids, 0, SEV_COUNT),
		ID(diff_identity_texts, 0, DIFF_IDENTITY_COUNT, id),
		ID(diff_note_texts, 0, DIFF_NOTE_COUNT, id),
		ID(diff_held_descs, 0, DIFF_HELD_COUNT, id),
		IDS(diff_status_ids, 0, DIFF_STATUS_COUNT),
		ID(proc_columns, 0, PC_COUNT, column.id),
		IDS(binding_groups, 0, KG_COUNT),
	};
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "every row of", tables, test_table);
	rows_add_one(&list, "every reason has a text", test_reasons);
	return rows_run("tables", &list);
}
