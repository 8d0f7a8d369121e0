/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of present/render/table_order: rows sorted by a column, and data that stays with them. */
#include "present/render/table_order.h"

#include <errno.h>

#include "rows.h"

enum { ROWS = 4 };

/* Row 3 has no rss, rows 1 and 2 have the same. */
struct process {
	uint64_t pid;
	struct amount rss;
	char letter;
};

static const struct process processes[ROWS] = {
	{ 10, { .value = 9 }, 'b' },
	{ 11, { .value = 5 }, 'a' },
	{ 12, { .value = 5 }, 'd' },
	{ 13, { .why = REASON_DENIED }, 'c' },
};

/* Puts the name in memory that every row uses. */
static struct cell get_name(const struct ask *ask)
{
	const struct process *p = ask->row;
	char *name = ask->arg;

	name[0] = p->letter;
	return cell_text(name);
}

static struct cell get_totals(const struct ask *ask attr_unused)
{
	return cell_none();
}

static const struct column columns[] = {
	COLUMN("pid", "", CELL_COUNT, "", FIELD(struct process, pid)),
	COLUMN("rss", "", CELL_BYTES, "", FIELD(struct process, rss)),
	COLUMN("name", "", CELL_TEXT, "", .get = get_name),
	COLUMN("totals", "", CELL_TABLE, "", .get = get_totals),
};

struct sort_row {
	const char *name;
	const char *sort;
	int want_return;
	uint64_t want_pids[ROWS];
};

static const struct sort_row sort_rows[] = {
	{ "no order leaves the rows alone", NULL, 0, { 10, 11, 12, 13 } },
	{ "by a number", "pid", 0, { 10, 11, 12, 13 } },
	{ "largest first", "-pid", 0, { 13, 12, 11, 10 } },
	{ "equal ones keep their order, absent ones are last", "rss", 0, { 11, 12, 10, 13 } },
	{ "so they do when the largest is first", "-rss", 0, { 10, 11, 12, 13 } },
	{ "by a text of the current row", "name", 0, { 11, 10, 13, 12 } },
	{ "a column that is not there", "nosuch", -EINVAL, { 10, 11, 12, 13 } },
	{ "a column that holds a table", "totals", -EINVAL, { 10, 11, 12, 13 } },
	{ "no column", "-", -EINVAL, { 10, 11, 12, 13 } },
};

/* Rows 10 and 12 stay hidden after sorting. */
static void test_sort(void **state)
{
	static const bool hide[ROWS] = { true, false, true, false };
	const struct sort_row *row = *state;
	char name[2] = "";
	struct table t = { .columns = columns,
			   .n_columns = ARRAY_SIZE(columns),
			   .text_hide = hide,
			   .n_rows = ROWS,
			   .rows = processes,
			   .row_size = sizeof(processes[0]),
			   .arg = name };
	struct report r = REPORT_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(table_sort(&r, &t, row->sort, &err), row->want_return);
	assert_int_equal(err.code, -row->want_return);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(table_cell(&t, i, 0).u, row->want_pids[i]);
		assert_int_equal(t.text_hide[i], hide[table_cell(&t, i, 0).u - 10]);
	}
	report_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "table_sort", sort_rows, test_sort);
	return rows_run("table_order", &tests);
}
