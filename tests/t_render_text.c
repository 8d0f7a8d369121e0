/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the text renderer: the text of each type of cell, and each layout except tables, at
 * several widths. The expected pages were written by hand.
 */
#include "present/render/render.h"

#include <locale.h>

#include "rendered.h"

static const struct render_opts wide = { .headings = true };

struct words_row {
	const char *name;
	enum cell_type type;
	struct cell cell;
	const char *want;
};

/* clang-format off */
#define BYTES(text) { .s = (text), .n = sizeof(text) - 1 }
#define REAL(v) { .d = (v) }
/* clang-format on */

static const struct words_row words_rows[] = {
	{ "bytes", CELL_BYTES, { .u = 867172352 }, "827.0 MiB" },
	{ "a number among bytes", CELL_BYTES, { .u = 65530, .plain = true }, "65530" },
	{ "a difference", CELL_DELTA, { .i = 4096 }, "+4.0 KiB" },
	{ "a rate", CELL_RATE, { .i = 40265318 }, "+38.4 MiB/h" },
	{ "a negative rate", CELL_RATE, { .i = -512 }, "-512 B/h" },
	{ "a count", CELL_COUNT, { .u = 12 }, "12" },
	{ "a percentage", CELL_PERCENT, REAL(97.3), "97.3 %" },
	{ "a ratio", CELL_RATIO, REAL(0.966), "0.97" },
	{ "all of it", CELL_RATIO, REAL(0.999), "1.00" },
	{ "nothing of it", CELL_RATIO, REAL(0.004), "0.00" },
	{ "seconds", CELL_SECONDS, REAL(42), "42 s" },
	{ "milliseconds", CELL_MS, REAL(9.26), "9.3 ms" },
	{ "no milliseconds", CELL_MS, REAL(0), "0.0 ms" },
	{ "many milliseconds", CELL_MS, REAL(2345), "2.3 s" },
	{ "a time", CELL_TIME, { .i = 1714564800000000000 }, "2024-05-01T12:00:00.000Z" },
	{ "an address", CELL_HEX, { .u = 0x7f3a40000000 }, "7f3a40000000" },
	{ "yes", CELL_BOOL, { .b = true }, "yes" },
	{ "no", CELL_BOOL, { .b = false }, "no" },
	{ "an id", CELL_ID, { .s = "heap" }, "heap" },
	{ "text", CELL_TEXT, BYTES("[heap]"), "[heap]" },
	{ "text beyond ASCII", CELL_TEXT, BYTES("h\xc3\xa9"), "h\xc3\xa9" },
	{ "hostile text", CELL_TEXT, BYTES("a\x1b]0;x\a\n\xff\xe2\x80\xae\\"),
	  "a\\x1b]0;x\\x07\\x0a\\xff\\xe2\\x80\\xae\\\\" },
	{ "a list", CELL_LIST, BYTES("node\0a\tb\0\0-x\0"), "node a\\x09b  -x" },
	{ "absent for a reason", CELL_BYTES, { .why = REASON_DENIED }, "n/a" },
};

static void test_words(void **state)
{
	const struct words_row *row = *state;
	const struct column column = { .id = "v", .title = "V", .type = row->type, .line = "<%>" };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, &column, 1, 1);
	auto_free char *want = xasprintf("<%s>\n", row->want);

	t->layout = LAYOUT_LINE;
	given_row(t, 0)[0] = row->cell;
	assert_page(&r, t, &wide, want);
	report_release(&r);
}

/* A line of phrases. */

static const struct column line_columns[] = {
	{ .id = "pid", .type = CELL_COUNT, .line = "node (%)" },
	{ .id = "user", .type = CELL_TEXT, .line = "user %" },
	{ .id = "threads", .type = CELL_COUNT, .line = "% threads" },
	{ .id = "note", .type = CELL_TEXT, .line = "note %" },
	{ .id = "partial", .type = CELL_BOOL, .line = "partial" },
	{ .id = "whole", .type = CELL_BOOL, .line = "whole" },
	{ .id = "hidden", .type = CELL_ID, .flags = COL_DATA },
	{ .id = "cmdline", .type = CELL_LIST, .flags = COL_TRUNC, .line = "%" },
};

static struct table *line_table(struct report *r)
{
	static const char cmdline[] = "node\0server.js\0--port\0"
				      "8080\0--verbose\0";
	struct table *t = given_table(r, line_columns, ARRAY_SIZE(line_columns), 1);
	struct cell *cells = given_row(t, 0);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	cells[0] = cell_u64(13611);
	cells[1] = cell_text("api");
	cells[2] = cell_absent(REASON_DENIED);
	cells[3] = cell_none();
	cells[4] = cell_bool(true);
	cells[5] = cell_bool(false);
	cells[6] = cell_text("x");
	cells[7] = cell_bytes(cmdline, sizeof(cmdline) - 1);
	return t;
}

static void test_line(void **state attr_unused)
{
	static const struct render_opts at_40 = { .width = 40 }, at_20 = { .width = 20 };
	static const struct render_opts ascii_20 = { .width = 20, .ascii = true };
	struct report r = REPORT_INIT;
	struct table *t = line_table(&r);

	assert_page(&r, t, &wide,
		    "node (13611)  user api  n/a threads  partial  "
		    "node server.js --port 8080 --verbose\n");
	assert_page(&r, t, &at_40,
		    "node (13611)  user api  n/a threads\n"
		    "partial\n"
		    "node server.js --port 8080 --verbose\n");
	assert_page(&r, t, &at_20,
		    "node (13611)\n"
		    "user api\n"
		    "n/a threads  partial\n"
		    "node server.js --po…\n");
	assert_page(&r, t, &ascii_20,
		    "node (13611)\n"
		    "user api\n"
		    "n/a threads  partial\n"
		    "node server.js --...\n");
	report_release(&r);
}

/* Facts. */

static const struct column fact_columns[] = {
	{ .id = "rss",
	  .title = "RSS",
	  .type = CELL_BYTES,
	  .help = "pages in RAM, counted in full" },
	{ .id = "pss", .title = "PSS", .type = CELL_BYTES, .help = "divided among their users" },
	{ .id = "swap", .title = "Swap", .type = CELL_BYTES },
	{ .id = "data", .title = "Data", .type = CELL_BYTES, .flags = COL_DATA },
	{ .id = "exe", .title = "Program", .type = CELL_TEXT, .help = "its file" },
	{ .id = "path", .title = "Group", .type = CELL_TEXT, .help = "where it is" },
};

static struct table *fact_table(struct report *r)
{
	struct table *t = given_table(r, fact_columns, ARRAY_SIZE(fact_columns), 1);
	struct cell *cells = given_row(t, 0);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_FACTS;
	cells[0] = cell_u64(867172352);
	cells[1] = cell_absent_text("denied");
	cells[2] = cell_none();
	cells[4] = cell_text("/bin/x");
	cells[5] = cell_text("/system.slice/api.service/a");
	return t;
}

static void test_facts(void **state attr_unused)
{
	static const struct render_opts at_44 = { .headings = true, .width = 44 };
	static const struct render_opts at_24 = { .headings = true, .width = 24 };
	struct report r = REPORT_INIT;
	struct table *t = fact_table(&r);

	assert_page(&r, t, &wide,
		    "RSS         827.0 MiB  pages in RAM, counted in full\n"
		    "PSS      n/a (denied)  divided among their users\n"
		    "Swap     -\n"
		    "Program  /bin/x        its file\n"
		    "Group    /system.slice/api.service/a\n");
	assert_page(&r, t, &at_44,
		    "RSS         827.0 MiB  pages in RAM, counted\n"
		    "                       in full\n"
		    "PSS      n/a (denied)  divided among their\n"
		    "                       users\n"
		    "Swap     -\n"
		    "Program  /bin/x        its file\n"
		    "Group    /system.slice/api.service/a\n");
	t->title = "Totals";
	assert_page(&r, t, &at_24,
		    "Totals\n"
		    "  RSS         827.0 MiB\n"
		    "  PSS      n/a (denied)\n"
		    "  Swap     -\n"
		    "  Program  /bin/x\n"
		    "  Group    /system.slice\n"
		    "           /api.service/\n"
		    "           a\n");
	report_release(&r);
}

/* Findings. */

static const struct column item_columns[] = {
	{ .id = "severity", .type = CELL_ID },
	{ .id = "id", .type = CELL_ID, .flags = COL_DATA },
	{ .id = "text", .type = CELL_TEXT },
	{ .id = "advice", .type = CELL_TEXT },
};

static struct table *item_table(struct report *r)
{
	struct table *t = given_table(r, item_columns, ARRAY_SIZE(item_columns), 3);

	t->layout = LAYOUT_ITEMS;
	t->title = "Findings";
	for (size_t i = 0; i < 3; i++) {
		given_row(t, i)[0] = cell_text("severity");
		given_row(t, i)[1] = cell_text("id");
	}
	given_row(t, 0)[0].tone = TONE_BAD;
	given_row(t, 0)[2] = cell_text("The limit of 1.0 GiB is near: 80.8 % are used.");
	given_row(t, 0)[3] = cell_text("Raise it, or find out what grows.");
	given_row(t, 1)[0].tone = TONE_WARN;
	given_row(t, 1)[2] = cell_text("31 arenas.");
	given_row(t, 1)[3] = cell_text("Set MALLOC_ARENA_MAX.");
	given_row(t, 2)[2] = cell_text("Sharing.");
	given_row(t, 2)[3] = cell_none();
	return t;
}

static void test_items(void **state attr_unused)
{
	static const struct render_opts at_40 = { .headings = true, .width = 40 };
	struct report r = REPORT_INIT;
	struct table *t = item_table(&r);

	assert_page(&r, t, &wide,
		    "Findings\n"
		    "  !! The limit of 1.0 GiB is near: 80.8 % are used.\n"
		    "       Raise it, or find out what grows.\n"
		    "  !  31 arenas.\n"
		    "       Set MALLOC_ARENA_MAX.\n"
		    "  -  Sharing.\n");
	assert_page(&r, t, &at_40,
		    "Findings\n"
		    "  !! The limit of 1.0 GiB is near: 80.8\n"
		    "     % are used.\n"
		    "       Raise it, or find out what grows.\n"
		    "  !  31 arenas.\n"
		    "       Set MALLOC_ARENA_MAX.\n"
		    "  -  Sharing.\n");
	report_release(&r);
}

static void test_empty(void **state attr_unused)
{
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, item_columns, ARRAY_SIZE(item_columns), 0);
	struct table *hidden = item_table(&r);
	const bool hide[] = { true, true, true };

	t->layout = LAYOUT_ITEMS;
	t->title = "Findings";
	assert_page(&r, t, &wide, "");
	t->empty = "none";
	assert_page(&r, t, &wide, "Findings\n  none\n");
	t->title = NULL;
	assert_page(&r, t, &wide, "none\n");
	hidden->text_hide = hide;
	hidden->empty = "all is well";
	assert_page(&r, hidden, &wide, "Findings\n  all is well\n");
	report_release(&r);
}

/* The parts of a process, one below the other. */

static const struct column small_columns[] = {
	{ .id = "name", .title = "NAME", .type = CELL_ID },
	{ .id = "rss_bytes", .title = "RSS", .type = CELL_BYTES },
};

static const struct column process_columns[] = {
	{ .id = "pid", .type = CELL_COUNT, .line = "PID %" },
	{ .id = "exe", .type = CELL_TEXT },
	{ .id = "line", .type = CELL_TABLE },
	{ .id = "facts", .type = CELL_TABLE },
	{ .id = "none", .type = CELL_TABLE },
	{ .id = "table", .type = CELL_TABLE },
	{ .id = "data", .type = CELL_TABLE, .flags = COL_DATA },
	{ .id = "took", .type = CELL_MS, .line = "Took %." },
};

static void test_sections(void **state attr_unused)
{
	static const struct render_opts at_60 = { .headings = true, .ascii = true, .width = 60 };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, process_columns, ARRAY_SIZE(process_columns), 2);
	struct table *table = given_table(&r, small_columns, ARRAY_SIZE(small_columns), 1);

	t->layout = LAYOUT_SECTIONS;
	table->layout = LAYOUT_TABLE;
	given_row(table, 0)[0] = cell_text("heap");
	given_row(table, 0)[1] = cell_u64(4096);
	for (size_t i = 0; i < 2; i++) {
		struct cell *cells = given_row(t, i);

		cells[0] = cell_u64(i + 1);
		cells[1] = cell_text("not a phrase");
		cells[2] = cell_table(line_table(&r));
		cells[3] = i == 0 ? cell_table(fact_table(&r)) : cell_absent(REASON_NO_MM);
		cells[4] = cell_none();
		cells[5] = i == 0 ? cell_table(table) : cell_none();
		cells[6] = cell_table(table);
		cells[7] = cell_real(9.3);
	}
	assert_page(&r, t, &at_60,
		    "PID 1\n"
		    "node (13611)  user api  n/a threads  partial\n"
		    "node server.js --port 8080 --verbose\n"
		    "\n"
		    "RSS         827.0 MiB  pages in RAM, counted in full\n"
		    "PSS      n/a (denied)  divided among their users\n"
		    "Swap     -\n"
		    "Program  /bin/x        its file\n"
		    "Group    /system.slice/api.service/a\n"
		    "\n"
		    "NAME      RSS\n"
		    "heap  4.0 KiB\n"
		    "\n"
		    "Took 9.3 ms.\n"
		    "\n"
		    "PID 2\n"
		    "node (13611)  user api  n/a threads  partial\n"
		    "node server.js --port 8080 --verbose\n"
		    "Took 9.3 ms.\n");
	report_release(&r);
}

static void test_tones(void **state attr_unused)
{
	static const struct render_opts color = { .headings = true, .color = true };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, item_columns, ARRAY_SIZE(item_columns), 1);

	given_row(t, 0)[0] = cell_text("warning");
	given_row(t, 0)[0].tone = TONE_WARN;
	given_row(t, 0)[1] = cell_text("id");
	given_row(t, 0)[2] = cell_text("Text.");
	given_row(t, 0)[2].tone = TONE_GOOD;
	given_row(t, 0)[3] = cell_none();
	t->layout = LAYOUT_ITEMS;
	t->title = "Findings";
	assert_page(&r, t, &color,
		    "\033[1mFindings\033[0m\n"
		    "  \033[33m!\033[0m  \033[32mText.\033[0m\n");
	t->layout = LAYOUT_LINE;
	assert_page(&r, t, &color, "\033[33mwarning\033[0m  \033[32mText.\033[0m\n");
	report_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	ROWS_ADD(&tests, "text", words_rows, test_words);
	rows_add_one(&tests, "text: a line of phrases, wrapped", test_line);
	rows_add_one(&tests, "text: facts with their help, wrapped", test_facts);
	rows_add_one(&tests, "text: findings with marks and advice", test_items);
	rows_add_one(&tests, "text: the text for an empty table", test_empty);
	rows_add_one(&tests, "text: parts of a process", test_sections);
	rows_add_one(&tests, "text: tones", test_tones);
	return rows_run("render_text", &tests);
}
