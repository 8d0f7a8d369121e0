/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the main table of a report: each builder sets it, and each mode that prints a report has
 * a builder here.
 */
#include "app/options.h"
#include "judged.h"
#include "present/build/diff.h"
#include "present/build/judge.h"
#include "present/build/watch.h"

/* What reports are made from: a process with one mapping, or without an address space. */
struct fixture {
	struct snapshot snapshot;
	struct judged_snapshot judged;
	struct process_inputs inputs;
	struct build_opts opts;
};

struct main_row {
	const char *name;
	enum mode mode;
	void (*build)(struct report *r, struct fixture *f);
	bool regions;           /* every mapping was asked for */
	enum reason unread;     /* why the process has no mappings */
	const char *want_table; /* the columns that lead to it from the root: "pairs.regions" */
};

static void build_one(struct report *r, struct fixture *f)
{
	struct err err = ERR_INIT;

	assert_int_equal(build_processes(r, &f->inputs, 1, NULL, &f->opts, &err), 0);
}

static void build_several(struct report *r, struct fixture *f)
{
	const struct process_inputs two[] = { f->inputs, f->inputs };
	const struct group_member members[] = {
		{ .snapshot = &f->snapshot, .accounting = &f->judged.accounting },
		{ .snapshot = &f->snapshot, .accounting = &f->judged.accounting }
	};
	struct group group;
	struct err err = ERR_INIT;

	group_init(&group, members, 2);
	assert_int_equal(build_processes(r, two, 2, &group, &f->opts, &err), 0);
	group_release(&group);
}

static void build_a_list(struct report *r, struct fixture *f)
{
	struct proclist_row row = { .pid = 1 };
	struct proclist list = { .rows = &row, .n = 1 };
	struct err err = ERR_INIT;

	assert_int_equal(build_list(r, &list, &f->opts, &err), 0);
}

static void build_pairs(struct report *r, const struct fixture *f, size_t n)
{
	const struct diff_side side = { .snapshot = &f->snapshot,
					.accounting = &f->judged.accounting,
					.host = "" };
	struct diff diffs[2];

	for (size_t i = 0; i < n; i++)
		diff_init(&diffs[i], &side, &side);
	build_diff(r, &(struct diff_view){ .diffs = diffs, .n = n }, &f->opts);
	for (size_t i = 0; i < n; i++)
		diff_release(&diffs[i]);
}

static void build_pair(struct report *r, struct fixture *f)
{
	build_pairs(r, f, 1);
}

static void build_two_pairs(struct report *r, struct fixture *f)
{
	build_pairs(r, f, 2);
}

static void build_judged(struct report *r, struct fixture *f)
{
	static const struct judged list[2] = { { .name = "series" } };

	build_judge(r, list, ARRAY_SIZE(list), &f->opts);
}

static void build_tick(struct report *r, struct fixture *f)
{
	static const struct growth_inputs growth;
	static const struct watch_counts counts;
	const struct watch_row row = {
		.comm = "x", .status = &f->snapshot.status, .view = &f->inputs, .growth = &growth
	};

	build_sample(r, &row, 1, &counts, true, &f->opts);
}

static void build_an_event(struct report *r, struct fixture *f)
{
	build_event(r, &(struct watch_event){ .id = "notice", .text = "x" }, &f->opts);
}

static void build_summary(struct report *r, struct fixture *f)
{
	static const struct watch_counts counts;

	f->opts.watch = &counts;
	build_one(r, f);
}

/* The first has ended, and nothing is left of the second but what was seen last. */
static void build_ended(struct report *r, struct fixture *f)
{
	static const struct watch_counts counts;
	struct process_inputs two[] = { f->inputs, f->inputs };
	struct err err = ERR_INIT;

	two[0].ended = two[1].ended = true;
	f->opts.watch = &counts;
	assert_int_equal(build_processes(r, two, 2, NULL, &f->opts, &err), 0);
}

static void build_nothing(struct report *r, struct fixture *f)
{
	static const struct watch_counts counts;
	struct err err = ERR_INIT;

	f->opts.watch = &counts;
	assert_int_equal(build_processes(r, NULL, 0, NULL, &f->opts, &err), 0);
}

static const struct main_row main_rows[] = {
	{ "of a list: the list", MODE_LIST, build_a_list, .want_table = "processes" },
	{ "of a process: its balance sheet", MODE_SHOW, build_one,
	  .want_table = "processes.categories" },
	{ "of a process with -r: its mappings", MODE_SHOW, build_one, .regions = true,
	  .want_table = "processes.regions" },
	{ "of a process without an address space: the reason", MODE_SHOW, build_one,
	  .unread = REASON_NO_MM },
	{ "of the same with -r: the reason", MODE_SHOW, build_one, .regions = true,
	  .unread = REASON_NO_MM },
	{ "of several processes: the combined balance sheet", MODE_SHOW, build_several,
	  .want_table = "group.categories" },
	{ "of a diff: the changes of the balance sheet", MODE_DIFF, build_pair,
	  .want_table = "pairs.categories" },
	{ "of a diff with -r: those of mappings", MODE_DIFF, build_pair, .regions = true,
	  .want_table = "pairs.regions" },
	{ "of a diff without an address space: the reason", MODE_DIFF, build_pair,
	  .unread = REASON_NO_MM },
	{ "of several diffs: the pairs", MODE_DIFF, build_two_pairs, .want_table = "pairs" },
	{ "of judged series: the series", MODE_JUDGE, build_judged, .want_table = "judged" },
	{ "of a tick: the processes", MODE_WATCH, build_tick, .want_table = "processes" },
	{ "of an event: the event", MODE_WATCH, build_an_event, .want_table = "event" },
	{ "of a summary: as of a process", MODE_WATCH, build_summary,
	  .want_table = "processes.categories" },
	{ "of a summary when all have ended: as of the last", MODE_WATCH, build_ended,
	  .want_table = "processes.categories" },
	{ "of a summary of nothing: no process", MODE_WATCH, build_nothing,
	  .want_table = "processes" },
};

static void fixture_init(struct fixture *f, const struct main_row *row)
{
	static const struct snap_region heap = { .start = 0x1000,
						 .size_kib = 8,
						 .perms = SNAP_RW,
						 .kib = { SNAP_KIB(8, 8, 0, 0, 0, 8, 8) } };
	static const struct ruleset no_rules;

	snap_init(&f->snapshot);
	if (row->unread)
		f->snapshot.regions_why = row->unread;
	else
		(void)snap_add(&f->snapshot, &heap);
	judge(&f->judged, &f->snapshot);
	f->inputs = judged_view(&f->judged);
	f->opts = judged_opts(&f->snapshot, &no_rules);
	f->opts.regions = row->regions;
}

/* Returns the table that a path leads to, by the last row of each table on it. */
static const struct table *table_at(const struct table *t, const char *path)
{
	auto_free char *ids = xstrdup(path);
	char *rest = ids;

	for (const char *id; (id = strsep(&rest, "."));) {
		int column = table_column(t, id);

		assert_true(column >= 0);
		t = table_cell(t, t->n_rows - 1, (size_t)column).t;
		assert_non_null(t);
	}
	return t;
}

static void test_main(void **state)
{
	const struct main_row *row = *state;
	struct report r = REPORT_INIT;
	struct fixture f;

	fixture_init(&f, row);
	assert_false(report_has_main(&r));
	row->build(&r, &f);
	assert_true(report_has_main(&r));
	assert_int_equal(r.main.why, row->unread);
	if (!row->unread)
		assert_ptr_equal(r.main.t, table_at(r.root, row->want_table));
	report_release(&r);
	judged_release(&f.judged);
	snapshot_release(&f.snapshot);
}

/* The columns of counters are asked for one by one or all at once, and give the same. */
static void test_numbers(void **state attr_unused)
{
	static const struct main_row row = { .build = build_one, .regions = true };
	static const struct snap_region other = { .start = 0x100000,
						  .size_kib = 64,
						  .perms = SNAP_RW,
						  .absent = 1 << MC_SWAP_PSS | 1 << MC_LAZYFREE,
						  .kib = { SNAP_KIB(40, 25, 1, 20, 3, 16, 36) } };
	struct report r = REPORT_INIT;
	const struct table *t;
	struct fixture f;

	fixture_init(&f, &row);
	(void)snap_add(&f.snapshot, &other);
	row.build(&r, &f);
	t = r.main.t;
	assert_int_equal(t->n_rows, 2);
	for (size_t i = 0; i < t->n_rows; i++) {
		struct row at = row_at(t, i);
		uint32_t present;
		const uint64_t *numbers = t->numbers(&at.ask, &present);

		assert_int_equal(t->n_numbers, MC_COUNT);
		for (size_t k = 0; k < t->n_numbers; k++) {
			struct cell cell = row_cell(&at, t->first_number + k);

			assert_int_equal(present >> k & 1, !cell.why);
			if (!cell.why)
				assert_int_equal(numbers[k], cell.u);
		}
	}
	report_release(&r);
	judged_release(&f.judged);
	snapshot_release(&f.snapshot);
}

static void test_every_mode(void **state attr_unused)
{
	static const bool prints_no_report[MODE_COUNT] = {
		[MODE_COLUMNS] = true,
		[MODE_TOP] = true, /* it exports what is shown: t_screen_list */
	};

	for (int mode = 0; mode < MODE_COUNT; mode++) {
		bool known = prints_no_report[mode];

		for (size_t i = 0; i < ARRAY_SIZE(main_rows); i++)
			known |= main_rows[i].mode == (enum mode)mode;
		if (!known)
			fail_msg("no row tells the main table of mode %d", mode);
	}
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "the main table", main_rows, test_main);
	rows_add_one(&tests, "counters one by one and all at once", test_numbers);
	rows_add_one(&tests, "the main table: of every mode", test_every_mode);
	return rows_run("main_table", &tests);
}
