/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the tables of the text renderer: which columns are narrowed at which width, long tables,
 * hostile names. The expected pages were written by hand.
 */
#include "present/render/render.h"

#include <errno.h>
#include <locale.h>

#include "base/text.h"
#include "rendered.h"

static const struct column owner_columns[] = {
	{ .id = "kind", .title = "KIND", .type = CELL_ID, .flags = COL_DATA },
	{ .id = "name", .title = "NAME", .type = CELL_TEXT },
	{ .id = "rss_bytes", .title = "RSS", .type = CELL_BYTES },
	{ .id = "share", .title = "SHARE", .type = CELL_PERCENT },
};

static const struct column category_columns[] = {
	{ .id = "id", .title = "CATEGORY", .type = CELL_ID },
	{ .id = "rss_bytes", .title = "RSS", .type = CELL_BYTES },
	{ .id = "share", .title = "SHARE", .type = CELL_PERCENT, .flags = COL_BAR },
	{ .id = "n", .title = "MAPS", .type = CELL_COUNT },
	{ .id = "what", .title = "WHAT", .type = CELL_TEXT, .flags = COL_TRUNC },
	{ .id = "owners", .title = "OWNERS", .type = CELL_TABLE, .flags = COL_TREE },
};

static struct table *owner_table(struct report *r)
{
	static const char *const names[] = { "libc.so.6", "\x1b[31m", "libm.so.6", "libz.so.1" };
	struct table *t = given_table(r, owner_columns, ARRAY_SIZE(owner_columns), 4);

	for (size_t i = 0; i < 4; i++) {
		struct cell *cells = given_row(t, i);

		cells[0] = cell_text("library");
		cells[1] = cell_text(names[i]);
		cells[2] = cell_u64((4 - i) * 4096);
		cells[3] = cell_real(1.5);
	}
	return t;
}

static struct table *category_table(struct report *r)
{
	static const char *const ids[] = { "heap", "library", "stack" };
	struct table *t = given_table(r, category_columns, ARRAY_SIZE(category_columns), 3);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < 3; i++) {
		struct cell *cells = given_row(t, i);

		cells[0] = cell_text(ids[i]);
		cells[1] = cell_u64(UINT64_C(1) << (30 - 10 * i));
		cells[2] = i < 2 ? cell_real(i ? 12.4 : 87.6) : cell_none();
		cells[3] = i < 2 ? cell_u64(i * 100) : cell_absent(REASON_DENIED);
		cells[4] = cell_text(i == 1 ? "/usr/lib/python3/dist-packages/numpy" : "[x]");
		cells[5] = i == 1 ? cell_table(owner_table(r)) : cell_none();
	}
	return t;
}

/* A page for each width, all of the same table. */
struct page_row {
	const char *name;
	struct render_opts opts;
	const char *title;
	size_t text_rows;  /* of the table */
	size_t child_rows; /* of its child */
	const char *want;
};

/* clang-format off */
static const struct page_row page_rows[] = {
	{ "as wide as it takes", { .headings = true }, NULL, 0, 0,
	  "CATEGORY           RSS    SHARE                        MAPS  WHAT\n"
	  "heap           1.0 GiB   87.6 %  ██████████████████░░     0  [x]\n"
	  "library        1.0 MiB   12.4 %  ██░░░░░░░░░░░░░░░░░░   100  /usr/lib/python3/dist-packages/numpy\n"
	  "├─ libc.so.6  16.0 KiB    1.5 %\n"
	  "├─ \\x1b[31m   12.0 KiB    1.5 %\n"
	  "├─ libm.so.6   8.0 KiB    1.5 %\n"
	  "└─ libz.so.1   4.0 KiB    1.5 %\n"
	  "stack          1.0 KiB        -                         n/a  [x]\n" },
	{ "with a title, limits, in ASCII", { .headings = true, .ascii = true }, "Where RSS is", 2, 1,
	  "Where RSS is         RSS    SHARE                        MAPS  WHAT\n"
	  "  heap           1.0 GiB   87.6 %  ##################..     0  [x]\n"
	  "  library        1.0 MiB   12.4 %  ##..................   100  /usr/lib/python3/dist-packages/numpy\n"
	  "  |- libc.so.6  16.0 KiB    1.5 %\n"
	  "  `- + 3 more   24.0 KiB\n"
	  "  + 1 more, 1.0 KiB\n" },
	{ "without headings", { .headings = false }, "Where RSS is", 1, 1,
	  "heap  1.0 GiB   87.6 %  ██████████████████░░  0  [x]\n"
	  "  + 2 more, 1.0 MiB\n" },
	{ "at 100 columns everything fits", { .headings = true, .width = 100 }, NULL, 0, 1,
	  "CATEGORY           RSS    SHARE                        MAPS  WHAT\n"
	  "heap           1.0 GiB   87.6 %  ██████████████████░░     0  [x]\n"
	  "library        1.0 MiB   12.4 %  ██░░░░░░░░░░░░░░░░░░   100  /usr/lib/python3/dist-packages/numpy\n"
	  "├─ libc.so.6  16.0 KiB    1.5 %\n"
	  "└─ + 3 more   24.0 KiB\n"
	  "stack          1.0 KiB        -                         n/a  [x]\n" },
	{ "at 80 the bar is short and a column gives way", { .headings = true, .width = 80 }, NULL, 0, 1,
	  "CATEGORY           RSS    SHARE              MAPS  WHAT\n"
	  "heap           1.0 GiB   87.6 %  █████████░     0  [x]\n"
	  "library        1.0 MiB   12.4 %  █░░░░░░░░░   100  /usr/lib/python3/dist-packag…\n"
	  "├─ libc.so.6  16.0 KiB    1.5 %\n"
	  "└─ + 3 more   24.0 KiB\n"
	  "stack          1.0 KiB        -               n/a  [x]\n" },
	{ "at 60 the bar goes", { .headings = true, .width = 60 }, NULL, 0, 1,
	  "CATEGORY           RSS   SHARE  MAPS  WHAT\n"
	  "heap           1.0 GiB  87.6 %     0  [x]\n"
	  "library        1.0 MiB  12.4 %   100  /usr/lib/python3/dis…\n"
	  "├─ libc.so.6  16.0 KiB   1.5 %\n"
	  "└─ + 3 more   24.0 KiB\n"
	  "stack          1.0 KiB       -   n/a  [x]\n" },
	{ "at 40 columns go", { .headings = true, .width = 40, .ascii = true }, NULL, 0, 1,
	  "CATEGORY           RSS  WHAT\n"
	  "heap           1.0 GiB  [x]\n"
	  "library        1.0 MiB  /usr/lib/pyth...\n"
	  "|- libc.so.6  16.0 KiB\n"
	  "`- + 3 more   24.0 KiB\n"
	  "stack          1.0 KiB  [x]\n"
	  "  no room for: SHARE, MAPS\n" },
	{ "exact bytes", { .headings = true, .unit = FMT_EXACT, .ascii = true }, NULL, 1, 0,
	  "CATEGORY         RSS    SHARE                        MAPS  WHAT\n"
	  "heap      1073741824   87.6 %  ##################..     0  [x]\n"
	  "  + 2 more, 1049600\n" },
	{ "bold headings", { .headings = true, .color = true, .ascii = true, .width = 40 }, NULL, 1, 0,
	  "\033[1mCATEGORY\033[0m  \033[1m    RSS\033[0m  \033[1m SHARE\033[0m  \033[1mMAPS\033[0m  "
	  "\033[1mWHAT\033[0m\n"
	  "heap      1.0 GiB  87.6 %     0  [x]\n"
	  "\033[2m  + 2 more, 1.0 MiB\033[0m\n" },
};
/* clang-format on */

static void test_table(void **state)
{
	const struct page_row *row = *state;
	struct report r = REPORT_INIT;
	struct table *t = category_table(&r);
	struct table *child;

	t->title = row->title;
	t->text_rows = row->text_rows;
	child = (struct table *)(uintptr_t)given_row(t, 1)[5].t;
	child->text_rows = row->child_rows;
	assert_page(&r, t, &row->opts, row->want);
	report_release(&r);
}

/* Lines are told apart by their last word. */
static void test_last_word(void **state attr_unused)
{
	static const struct column columns[] = {
		{ .id = "name", .title = "NAME", .type = CELL_TEXT, .flags = COL_TRUNC | COL_LAST },
		{ .id = "rss_bytes", .title = "RSS", .type = CELL_BYTES },
	};
	static const char *const names[] = { "glibc malloc native", "glibc malloc free",
					     "short name", "one_word_without_any_end",
					     "a last_word_of_too_many" };
	const struct render_opts opts = { .headings = true, .width = 25 };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, columns, ARRAY_SIZE(columns), ARRAY_SIZE(names));

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		given_row(t, i)[0] = cell_text(names[i]);
		given_row(t, i)[1] = cell_u64(4096);
	}
	assert_page(&r, t, &opts,
		    "NAME                  RSS\n"
		    "glibc ma… native  4.0 KiB\n"
		    "glibc mall… free  4.0 KiB\n"
		    "short name        4.0 KiB\n"
		    "one_word_withou…  4.0 KiB\n"
		    "a last_word_of_…  4.0 KiB\n");
	report_release(&r);
}

/* Titles that cannot be a heading, rows left out, columns picked. */
static void test_titles(void **state attr_unused)
{
	static const struct render_opts ascii = { .headings = true, .ascii = true };
	static const size_t amounts[] = { 3, 0, 5 }, names[] = { 0, 3 };
	const bool hide[] = { false, true, false };
	struct report r = REPORT_INIT;
	struct table *t = category_table(&r);

	t->title = "Maps";
	t->text_hide = hide;
	t->pick = amounts;
	t->n_pick = ARRAY_SIZE(amounts);
	assert_page(&r, t, &ascii,
		    "Maps\n"
		    "  MAPS  CATEGORY\n"
		    "     0  heap\n"
		    "   n/a  stack\n");
	t->title = "A title that is wider than the first column may be";
	t->pick = names;
	t->n_pick = ARRAY_SIZE(names);
	assert_page(&r, t, &ascii,
		    "A title that is wider than the first column may be\n"
		    "  CATEGORY  MAPS\n"
		    "  heap         0\n"
		    "  stack      n/a\n");
	report_release(&r);
}

/* A long table gives the same page as a short one with the same cells. */

static void test_long_table(void **state)
{
	const struct page_row *row = *state;
	static const size_t no_bar[] = { 0, 1, 3, 4, 5 };
	struct render_opts opts = row->opts;
	struct report r = REPORT_INIT;
	struct table *t = category_table(&r);
	struct table long_table;
	auto_free char *want = NULL;

	opts.color = false;
	t->title = row->title;
	t->text_rows = row->text_rows;
	/*
	 * The library colours the space around a heading, and takes a column of bars for its cells.
	 */
	t->pick = no_bar;
	t->n_pick = ARRAY_SIZE(no_bar);
	long_table = *t;
	long_table.is_long = true;
	report_around(&r, t);
	want = rendered(&r, "text", &opts);
	assert_page(&r, &long_table, &opts, want);
	report_release(&r);
}

/* Names of wide and of combining characters, of each byte, and without an end. */
static struct table *hostile_table(struct report *r)
{
	static const char *const names[] = {
		"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97",
		"e\xcc\x81"
		"e\xcc\x81\xcc\x81\xcc\x81",
		"\x1b]0;title\a\x1b[2J\r\n\t",
		"\xe2\x80\xae"
		"evil\xe2\x80\xac\xc2\x9b"
		"1m",
		"\xff\xfe\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf",
		"\xcd\xb8\xef\xbf\xbe\xf4\x8f\xbf\xbf\xf3\xa0\x81\x81",
		"",
	};
	struct table *t = given_table(r, category_columns, ARRAY_SIZE(category_columns),
				      ARRAY_SIZE(names) + 1);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < t->n_rows; i++) {
		char *name = arena_alloc(&r->arena, 6000);
		struct cell *cells = given_row(t, i);

		memset(name, 'x', 5999);
		cells[0] = cell_text("id");
		cells[1] = cell_u64(i);
		cells[2] = cell_real(100);
		cells[4] = cell_text(i < ARRAY_SIZE(names) ? names[i] : name);
		cells[5] = cell_none();
	}
	return t;
}

/* No line is longer than the page, and nothing in it can move the cursor. */
static void assert_lines_fit(char *page, size_t width)
{
	for (char *line = page, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		assert_true(text_width(line) <= width);
		for (const char *p = line; *p;) {
			uint32_t rune;
			size_t len = text_decode(p, strlen(p), &rune);

			assert_true(len > 0 && rune >= 0x20 && (rune < 0x7f || rune > 0x9f));
			assert_true(rune < 0x202a || rune > 0x202e);
			p += len;
		}
	}
}

static void test_hostile(void **state attr_unused)
{
	static const char *const locales[] = { "C.UTF-8", "C" };
	static const enum table_layout layouts[] = { LAYOUT_TABLE, LAYOUT_LINE, LAYOUT_ITEMS };
	struct report r = REPORT_INIT;
	struct table *t = hostile_table(&r);

	report_around(&r, t);
	for (size_t i = 0; i < ARRAY_SIZE(locales) * ARRAY_SIZE(layouts); i++) {
		assert_non_null(setlocale(LC_CTYPE, locales[i % ARRAY_SIZE(locales)]));
		t->layout = layouts[i / ARRAY_SIZE(locales)];
		for (unsigned int width = 20; width <= 120; width += 5) {
			const struct render_opts opts = { .headings = true, .width = width };
			auto_free char *page = rendered(&r, "text", &opts);

			assert_lines_fit(page, width);
		}
	}
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	report_release(&r);
}

/* If the locale cannot show a letter, its bytes are escaped; our own characters are ASCII then. */
static void test_c_locale(void **state attr_unused)
{
	struct report r = REPORT_INIT;
	struct table *t = category_table(&r);

	given_row(t, 0)[4] = cell_text("h\xc3\xa9");
	t->text_rows = 1;
	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_page(&r, t, &(const struct render_opts){ .headings = true },
		    "CATEGORY      RSS    SHARE                        MAPS  WHAT\n"
		    "heap      1.0 GiB   87.6 %  ##################..     0  h\\xc3\\xa9\n"
		    "  + 2 more, 1.0 MiB\n");
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	report_release(&r);
}

static void test_full_disk(void **state attr_unused)
{
	struct report r = REPORT_INIT;
	struct table *t = category_table(&r);

	report_around(&r, t);
	assert_int_equal(render_to_full_disk(&r, "text"), -ENOSPC);
	t->is_long = true;
	assert_int_equal(render_to_full_disk(&r, "text"), -ENOSPC);
	report_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	ROWS_ADD(&tests, "text: a table", page_rows, test_table);
	ROWS_ADD(&tests, "text: a long table", page_rows, test_long_table);
	rows_add_one(&tests, "text: a text that is cut keeps its last word", test_last_word);
	rows_add_one(&tests, "text: a title above, rows left out, columns picked", test_titles);
	rows_add_one(&tests, "text: hostile names fit and are harmless", test_hostile);
	rows_add_one(&tests, "text: the C locale", test_c_locale);
	rows_add_one(&tests, "text: a full disk is an error", test_full_disk);
	return rows_run("render_text_table", &tests);
}
