/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of present/report: tables, times, and the list of absent values. */
#include "present/report.h"

#include "given.h"
#include "rows.h"

static const struct column totals_columns[] = {
	{ .id = "rss_bytes", .type = CELL_BYTES },
	{ .id = "pss_bytes", .type = CELL_BYTES },
	{ .id = "share", .type = CELL_PERCENT, .flags = COL_TEXT },
};

static const struct column limit_columns[] = {
	{ .id = "id", .type = CELL_ID },
	{ .id = "limit", .type = CELL_BYTES },
};

static const struct column perms_columns[] = {
	{ .id = "perms", .type = CELL_ID },
	{ .id = "pss_bytes", .type = CELL_BYTES },
};

static const struct column process_columns[] = {
	{ .id = "exe", .type = CELL_TEXT },          { .id = "seq", .type = CELL_COUNT },
	{ .id = "totals", .type = CELL_TABLE },      { .id = "limits", .type = CELL_TABLE },
	{ .id = "permissions", .type = CELL_TABLE }, { .id = "regions", .type = CELL_TABLE },
	{ .id = "unavailable", .type = CELL_TABLE },
};

static const void *refuse_row(void *arg attr_unused, size_t row attr_unused)
{
	fail_msg("a long table was looked into");
	return NULL;
}

static struct table *limits_table(struct report *r)
{
	struct table *t = given_table(r, limit_columns, ARRAY_SIZE(limit_columns), 4);

	given_row(t, 0)[0] = cell_text("cgroup_max");
	given_row(t, 0)[1] = cell_u64(1);
	given_row(t, 1)[0] = cell_text("cgroup_max");
	given_row(t, 1)[1] = cell_absent(REASON_DENIED);
	given_row(t, 2)[0] = cell_text("cgroup_max");
	given_row(t, 2)[1] = cell_absent(REASON_GONE);
	given_row(t, 3)[0] = cell_text("rlimit_as");
	given_row(t, 3)[1] = cell_none();
	return t;
}

/* A process with absent cells on every level; `unavailable` itself is not added yet. */
static struct table *process_table(struct report *r)
{
	struct table *t = given_table(r, process_columns, ARRAY_SIZE(process_columns), 1);
	struct table *totals = given_table(r, totals_columns, ARRAY_SIZE(totals_columns), 1);
	struct table *perms = given_table(r, perms_columns, ARRAY_SIZE(perms_columns), 1);
	struct table *regions = given_table(r, limit_columns, ARRAY_SIZE(limit_columns), 0);

	totals->shape = SHAPE_OBJECT;
	given_row(totals, 0)[0] = cell_u64(4096);
	given_row(totals, 0)[1] = cell_absent(REASON_NOT_REPORTED);
	given_row(totals, 0)[2] = cell_absent(REASON_NOT_READ);
	given_row(perms, 0)[0] = cell_text("r--p");
	given_row(perms, 0)[1] = cell_absent(REASON_NOT_READ);
	regions->n_rows = 65000;
	regions->is_long = true;
	regions->row = refuse_row;
	t->shape = SHAPE_OBJECT;
	given_row(t, 0)[0] = cell_absent(REASON_DENIED);
	given_row(t, 0)[1] = cell_none();
	given_row(t, 0)[2] = cell_table(totals);
	given_row(t, 0)[3] = cell_table(limits_table(r));
	given_row(t, 0)[4] = cell_table(perms);
	given_row(t, 0)[5] = cell_table(regions);
	return t;
}

static void test_unavailable(void **state attr_unused)
{
	static const char *const want[][2] = {
		{ "exe", "permission denied" },
		{ "totals.pss_bytes", "not reported by this kernel" },
		{ "limits.cgroup_max.limit", "permission denied" },
	};
	struct report r = REPORT_INIT;
	const struct table *list = report_unavailable(&r, process_table(&r), 0);

	assert_int_equal(list->shape, SHAPE_MAP);
	assert_int_equal(list->n_rows, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_string_equal(table_cell(list, i, 0).s, want[i][0]);
		assert_string_equal(table_cell(list, i, 1).s, want[i][1]);
	}
	report_release(&r);
}

static void test_nothing_unavailable(void **state attr_unused)
{
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, totals_columns, ARRAY_SIZE(totals_columns), 1);

	assert_int_equal(report_unavailable(&r, t, 0)->n_rows, 0);
	report_release(&r);
}

/* A row as builders have them, for each way to name its members. */
struct fact {
	uint64_t bytes;
	struct amount pss;
	const char *name;
	bool known;
};

static const struct column fact_columns[] = {
	COLUMN("bytes", "", CELL_BYTES, "", FIELD(struct fact, bytes)),
	COLUMN("pss_bytes", "", CELL_BYTES, "", FIELD(struct fact, pss)),
	COLUMN("name", "", CELL_TEXT, "", FIELD(struct fact, name)),
	COLUMN("known", "", CELL_BOOL, "", FIELD(struct fact, known)),
};

static void test_table(void **state attr_unused)
{
	static const size_t reverse[] = { 1, 0 };
	const struct fact facts[] = {
		{ .bytes = 1, .pss = amount_absent(REASON_DENIED), .name = "one" },
		{ .bytes = 2, .pss = amount_of(3), .known = true },
	};
	struct report r = REPORT_INIT;
	struct table *t = TABLE_OF(&r, fact_columns, facts, ARRAY_SIZE(facts));

	assert_int_equal(table_column(t, "pss_bytes"), 1);
	assert_int_equal(table_column(t, "pss"), -1);
	assert_int_equal(table_cell(t, 0, 0).u, 1);
	assert_int_equal(table_cell(t, 0, 1).why, REASON_DENIED);
	assert_string_equal(table_cell(t, 0, 2).s, "one");
	assert_false(table_cell(t, 0, 3).b);
	assert_int_equal(table_cell(t, 1, 1).u, 3);
	assert_int_equal(table_cell(t, 1, 2).why, REASON_BY_DESIGN);
	assert_true(table_cell(t, 1, 3).b);
	t->order = reverse;
	assert_int_equal(table_cell(t, 0, 0).u, 2);
	report_release(&r);
	assert_null(r.root);
	report_release(NULL);
}

/* An object is a copy of the struct that it was made of. */
static void test_object(void **state attr_unused)
{
	struct fact fact = { .bytes = 7, .name = "seven" };
	struct report r = REPORT_INIT;
	const struct table *t = OBJECT_OF(&r, fact_columns, &fact);

	fact.bytes = 8;
	assert_int_equal(t->shape, SHAPE_OBJECT);
	assert_int_equal(t->n_rows, 1);
	assert_int_equal(table_cell(t, 0, 0).u, 7);
	report_release(&r);
}

struct time_row {
	const char *name;
	int64_t ns;
	const char *want;
};

/* Worked out with date -u -d @SECONDS. */
static const struct time_row time_rows[] = {
	{ "the beginning", 0, "1970-01-01T00:00:00.000Z" },
	{ "a moment before it", -1, "1969-12-31T23:59:59.999Z" },
	{ "milliseconds, rounded down", 1714564800123999999, "2024-05-01T12:00:00.123Z" },
	{ "a leap day", 1709164800000000000, "2024-02-29T00:00:00.000Z" },
	{ "the last", INT64_MAX, "2262-04-11T23:47:16.854Z" },
	{ "the first", INT64_MIN, "1677-09-21T00:12:43.145Z" },
};

static void test_time(void **state)
{
	const struct time_row *row = *state;
	char buf[FMT_MAX];

	assert_string_equal(cell_time_text(buf, row->ns), row->want);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "report: a table, its rows and columns", test_table);
	rows_add_one(&tests, "report: an object of a struct", test_object);
	rows_add_one(&tests, "report: absent values are listed with their reason",
		     test_unavailable);
	rows_add_one(&tests, "report: an empty list where nothing is", test_nothing_unavailable);
	ROWS_ADD(&tests, "cell_time_text", time_rows, test_time);
	return rows_run("report", &tests);
}
