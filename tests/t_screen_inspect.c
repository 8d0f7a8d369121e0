/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the view of one process: pictures of its tabs for recorded processes, and the effect of
 * keys.
 */
#include "screen/view/inspect.h"

#include "processes.h"
#include "screen/view/export.h"

enum { READING_S = 30, READINGS = 16 };

struct fixture {
	struct fake_screen fake;
	struct inspect_view *view;
	pid_t pid;
};

static void read_once(struct fixture *x)
{
	struct inspection *in = inspection_new(&x->fake.env.inspect, x->pid);
	struct scan_reading scanned = { .pid = x->pid,
					.change = x->view->model.readings ? SCAN_SAME : SCAN_NEW,
					.stat = { .pid = x->pid, .comm = "recorded" } };

	inspection_run(in);
	assert_int_equal(in->result, 0);
	scanned.stat.start_ticks = x->view->model.start_ticks = in->snapshot.stat.start_ticks;
	scanned.rss_bytes = in->accounting.totals.rss;
	/* A recording does not change, so the list is given a process that grows. */
	if (amount_ok(scanned.rss_bytes))
		scanned.rss_bytes.value += x->view->model.readings * (uint64_t)MIB;
	procs_fold(&x->fake.screen.procs, x->fake.boot_ns, &scanned, 1);
	process_model_take(&x->view->model, in);
	update_screen(&x->fake);
}

/* Opens the process of tests/captures/NAME, and reads it for some minutes. */
static void fixture_open(struct fixture *x, const char *name)
{
	const char *srcdir = getenv("srcdir") ? getenv("srcdir") : ".";
	auto_free char *root = xasprintf("%s/tests/captures/%s/proc", srcdir, name);
	auto_free char *pid = xasprintf("%s/tests/captures/%s/pid", srcdir, name);
	auto_fclose FILE *file = fopen(pid, "re");
	struct err err = ERR_INIT;
	int number = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &number), 1);
	fake_screen_init(&x->fake);
	assert_int_equal(procfs_open(root, &x->fake.fs, &err), 0);
	x->fake.env.inspect.rules = &rules_std;
	x->pid = number;
	shell_start(&x->fake.screen);
	inspect_open(&x->fake.screen, x->pid, 0);
	x->view = (struct inspect_view *)x->fake.screen.top;
	for (int i = 0; i < READINGS; i++) {
		read_once(x);
		x->fake.boot_ns += READING_S * NS_PER_S;
	}
	update_screen(&x->fake);
}

static void fixture_close(struct fixture *x)
{
	screen_release(&x->fake.screen);
	procfs_close(&x->fake.fs);
}

/* Draws between two keys, as for a user: the content is made for the picture. */
static void type_watching(struct fixture *x, const char *keys)
{
	for (const char *key = keys; *key; key++) {
		char one[] = { *key, '\0' };
		auto_sbuf picture = SBUF_INIT;

		type_keys(&x->fake, one);
		draw_screen(&x->fake, 80, 24, false, &picture);
	}
}

struct picture_row {
	const char *name; /* of the test and, with dashes, of the file */
	const char *capture;
	const char *keys;
	bool ascii;
};

static const struct picture_row picture_rows[] = {
	{ "inspect-summary", "python-numpy", "", false },
	{ "inspect-summary-ascii", "python-numpy", "", true },
	{ "inspect-summary-below", "python-numpy", "jjjj", false },
	{ "inspect-mappings", "python-numpy", "2", false },
	{ "inspect-mappings-by-size", "python-numpy", "2>", false },
	{ "inspect-mappings-filtered", "python-numpy", "2\\numpy\n", false },
	{ "inspect-by-owner", "python-numpy", "2ff", false },
	{ "inspect-by-package", "python-numpy", "2fff", false },
	{ "inspect-by-permission", "python-numpy", "2ffff", false },
	{ "inspect-unfolded", "python-numpy", "2fff\n", false },
	{ "inspect-mapping", "python-numpy", "2\n", false },
	{ "inspect-files", "python-numpy", "3", false },
	{ "inspect-growth", "python-numpy", "4", false },
	{ "inspect-growth-ascii", "python-numpy", "4", true },
	{ "inspect-growth-of-pss", "python-numpy", "4j", false },
	{ "inspect-limits", "python-numpy", "5", false },
	{ "inspect-memory", "python-numpy", "6", false },
	{ "inspect-base", "python-numpy", "b", false },
	{ "inspect-base-mappings", "python-numpy", "b2", false },
	{ "inspect-help", "python-numpy", "2?", false },
	{ "inspect-hostile", "hostile-names", "2", false },
	{ "inspect-kernel-thread", "kthread", "2", false },
};

static void test_picture(void **state)
{
	const struct picture_row *row = *state;
	struct fixture x;

	fixture_open(&x, row->capture);
	x.fake.screen.format.ascii = row->ascii;
	type_watching(&x, row->keys);
	assert_screens(&x.fake, row->name);
	fixture_close(&x);
}

struct tab_row {
	const char *name;
	const char *keys;
	enum tab tab;
	bool has_base;
	const char *filter;
};

static const struct tab_row tab_rows[] = {
	{ "a number", "4", TAB_GROWTH, false, NULL },
	{ "to the right", "\t\t", TAB_FILES, false, NULL },
	{ "around the end", "6\t", TAB_SUMMARY, false, NULL },
	{ "a base", "b", TAB_SUMMARY, true, NULL },
	{ "no base", "bB", TAB_SUMMARY, false, NULL },
	{ "memory cannot be read of a recording", "d", TAB_DEPTH, false, NULL },
	{ "a filter", "2\\numpy\n", TAB_REGIONS, false, "numpy" },
	{ "no filter: Esc takes it away first", "2\\numpy\n\033", TAB_REGIONS, false, NULL },
	{ "a folded row is opened with its text", "3\n", TAB_REGIONS, false,
	  "/var/tmp/demo-index-y7ze8d7d" },
};

static void test_tab(void **state)
{
	const struct tab_row *row = *state;
	struct fixture x;
	const struct grid *g;

	fixture_open(&x, "python-numpy");
	type_watching(&x, row->keys);
	g = &x.view->grids[TAB_REGIONS];
	assert_ptr_equal(x.fake.screen.top, &x.view->view);
	assert_int_equal(x.view->tab, row->tab);
	assert_int_equal(x.view->model.base != NULL, row->has_base);
	if (row->filter)
		assert_string_equal(g->filter, row->filter);
	else
		assert_null(g->filter);
	fixture_close(&x);
}

/* An export has what is shown: the rows of a grid, or the parts of a report. */
static void test_export(void **state attr_unused)
{
	static const struct {
		const char *keys, *name;
	} rows[] = {
		{ "2\\numpy\n", "inspect-export-mappings" },
		{ "1", "inspect-export-summary" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_sbuf text = SBUF_INIT, json = SBUF_INIT;
		struct fixture x;

		fixture_open(&x, "python-numpy");
		type_watching(&x, rows[i].keys);
		assert_int_equal(export_render(&x.fake.screen, false, &text), 0);
		assert_golden(rows[i].name, &text);
		assert_int_equal(export_render(&x.fake.screen, true, &json), 0);
		assert_true(json.len > 0 && json.data[0] == '{');
		fixture_close(&x);
	}
}

static void test_sizes(void **state attr_unused)
{
	struct fixture x;

	fixture_open(&x, "python-numpy");
	for (char tab = '1'; tab <= '6'; tab++) {
		for (size_t width = 1; width < 120; width += 7) {
			for (size_t height = 1; height < 40; height += 3) {
				char key[] = { tab, '\0' };
				auto_sbuf picture = SBUF_INIT;

				type_keys(&x.fake, key);
				draw_screen(&x.fake, width, height, false, &picture);
			}
		}
	}
	fixture_close(&x);
}

/* After a process has ended, its last inspection stays. */
static void test_ended(void **state attr_unused)
{
	auto_sbuf picture = SBUF_INIT;
	struct inspection *in;
	struct fixture x;

	fixture_open(&x, "python-numpy");
	in = inspection_new(&x.fake.env.inspect, x.pid + 1);
	inspection_run(in);
	assert_true(in->result < 0);
	process_model_take(&x.view->model, in);
	draw_screen(&x.fake, 100, 24, false, &picture);
	assert_non_null(strstr(sbuf_str(&picture), "no such process"));
	assert_non_null(strstr(sbuf_str(&picture), "Where RSS is"));
	fixture_close(&x);
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "picture", picture_rows, test_picture);
	ROWS_ADD(&tests, "keys", tab_rows, test_tab);
	rows_add_one(&tests, "export", test_export);
	rows_add_one(&tests, "picture: every size", test_sizes);
	rows_add_one(&tests, "picture: the process has ended", test_ended);
	return rows_run("screen/inspect", &tests);
}
