/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of the list of processes: its pictures, and the effect of keys. */
#include "screen/view/list.h"

#include <errno.h>

#include "processes.h"
#include "screen/view/export.h"

static void open_list(struct fake_screen *f)
{
	fake_screen_init(f);
	fill_processes(f);
	shell_start(&f->screen);
}

struct picture_row {
	const char *name; /* of the test and, with dashes, of the file */
	const char *keys;
	bool ascii;
};

static const struct picture_row picture_rows[] = {
	{ "list", "", false },
	{ "list-ascii", "", true },
	{ "list-tree", "t", false },
	{ "list-filtered", "\\node|py\n", false },
	{ "list-kernel-threads", "K", false },
	{ "list-growers", "v", false },
	{ "list-tagged", "  ", false },
	{ "list-by-growth", "T", false },
	{ "list-in-gib", "eee", false },
	{ "list-searching", "/ja", false },
	{ "list-paused", "p", false },
	{ "list-columns", "CG ", false },
	{ "list-other-columns", "C  jj  G k \033", false },
	{ "list-base", "b", false },
	{ "list-help", "?", false },
};

static void test_picture(void **state)
{
	const struct picture_row *row = *state;
	struct fake_screen f;

	open_list(&f);
	f.screen.format.ascii = row->ascii;
	type_keys(&f, row->keys);
	assert_screens(&f, row->name);
	screen_release(&f.screen);
}

static void test_styles(void **state attr_unused)
{
	auto_sbuf got = SBUF_INIT;
	struct fake_screen f;

	open_list(&f);
	draw_screen(&f, 100, 24, true, &got);
	assert_golden("list-styles", &got);
	screen_release(&f.screen);
}

/* An export has what is shown, with ids and plain numbers. */
static void test_export(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT, json = SBUF_INIT;
	struct fake_screen f;

	open_list(&f);
	type_keys(&f, "\\node|java|sshd|stuck\n");
	assert_int_equal(export_render(&f.screen, false, &text), 0);
	assert_int_equal(export_render(&f.screen, true, &json), 0);
	assert_golden("list-export", &text);
	assert_golden("list-export-json", &json);
	press(&f, '?');
	assert_int_equal(export_render(&f.screen, true, &json), -ENODATA);
	screen_release(&f.screen);
}

/* Before anything was read. */
static void test_empty(void **state attr_unused)
{
	struct fake_screen f;

	fake_screen_init(&f);
	shell_start(&f.screen);
	type_keys(&f, "jkGg tI/x\n");
	assert_screen(&f, "list-empty", 80, 24);
	screen_release(&f.screen);
}

/* No size and no key causes a crash. */
static void test_sizes(void **state attr_unused)
{
	struct fake_screen f;

	open_list(&f);
	for (size_t w = 1; w < 130; w += 3) {
		for (size_t h = 1; h < 30; h++) {
			auto_sbuf got = SBUF_INIT;

			draw_screen(&f, w, h, false, &got);
			press(&f, KC_DOWN);
		}
	}
	screen_release(&f.screen);
}

struct cursor_row {
	const char *name;
	const char *keys;
	pid_t want; /* the process under the cursor */
};

static const struct cursor_row cursor_rows[] = {
	{ "the largest at first", "", 1361 },
	{ "down", "jj", 2210 },
	{ "not above the first", "jkkk", 1361 },
	{ "the last", "G", 2600 },
	{ "not below it", "Gjj", 2600 },
	{ "and back", "Gg", 1361 },
	{ "by pid", "N", 1 },
	{ "the other way round", "NI", 2600 },
	{ "by swap", "X", 2210 },
	{ "by PSS", "P", 1361 },
	{ "by growth", "T", 2311 },
	{ "it stays on its process when the order changes", "jjNj", 1 + 639 },
	{ "search", "/nginx\n", 1977 },
	{ "search for a pid", "/2401\n", 2401 },
	{ "of two the next", "/w.py\nn", 1403 },
	{ "the search wraps around", "/w.py\nnnn", 1402 },
	{ "a text that is not found leaves it", "j/nobody\n", 1402 },
	{ "a filter", "\\w.py\nj", 1403 },
	{ "a filter in capitals", "\\NGINX\n", 1977 },
	{ "a filter that is not an expression", "\\[\n", 640 },
	{ "escape ends it", "\\nginx\n\033", 1361 },
	{ "a user", "uann\025ann\n", 2401 },
	{ "what grows", "v", 1361 },
	{ "in the tree children follow", "t/2401\nj", 2500 },
	{ "unless they are folded", "t/2401\n-j", 2400 },
	{ "and unfolded again", "t/2401\n-+j", 2500 },
	{ "folded children are not found", "t/2401\n-/2500\n", 2401 },
};

static void test_cursor(void **state)
{
	const struct cursor_row *row = *state;
	const struct proc *p;
	struct fake_screen f;

	open_list(&f);
	type_keys(&f, row->keys);
	p = list_selected((struct list_view *)f.screen.top);
	assert_int_equal(p ? p->stat.pid : 0, row->want);
	screen_release(&f.screen);
}

/* The process under the cursor may move, and exit. */
static void test_follow(void **state attr_unused)
{
	struct fake_screen f;
	const struct list_view *v;

	open_list(&f);
	v = (const struct list_view *)f.screen.top;
	type_keys(&f, "/nginx\n");
	for (int i = 0; i < 3; i++) {
		struct scan_reading r[3] = { fake_reading(&fake_processes[8], i),
					     fake_reading(&fake_processes[9], i),
					     fake_reading(&fake_processes[10], i) };

		r[2].rss_bytes = amount_of(i == 1 ? 1 : 4096 * MIB);
		procs_fold(&f.screen.procs, f.boot_ns + i + 1, r + (i == 2), i == 2 ? 2 : 3);
		update_screen(&f);
		assert_int_equal(list_selected(v)->stat.pid, i == 2 ? 2210 : 1977);
	}
	screen_release(&f.screen);
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "picture", picture_rows, test_picture);
	rows_add_one(&tests, "picture: styles", test_styles);
	rows_add_one(&tests, "picture: nothing was read yet", test_empty);
	rows_add_one(&tests, "export: text and JSON", test_export);
	rows_add_one(&tests, "picture: every size", test_sizes);
	ROWS_ADD(&tests, "cursor", cursor_rows, test_cursor);
	rows_add_one(&tests, "cursor: follows its process until that is gone", test_follow);
	return rows_run("screen/list", &tests);
}
