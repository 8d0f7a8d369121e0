/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the YAML renderer: each type of cell, the three shapes, values that are left out,
 * hostile names, long tables. Bytes that are compared exactly were written by hand; other output is
 * parsed.
 */
#include "present/render/render.h"

#include <errno.h>
#include <math.h>

#include "base/text.h"
#include "base/ytree.h"
#include "rendered.h"

static const struct render_opts plain = { .headings = true };

struct value_row {
	const char *name;
	enum cell_type type;
	struct cell cell;
	const char *want;
};

/* clang-format off */
#define BYTES(text) { .s = (text), .n = sizeof(text) - 1 }
#define REAL(v) { .d = (v) }
/* clang-format on */

static const struct value_row value_rows[] = {
	{ "0 bytes", CELL_BYTES, { .u = 0 }, "0" },
	{ "a large number", CELL_BYTES, { .u = UINT64_MAX }, "18446744073709551615" },
	{ "a negative difference", CELL_DELTA, { .i = INT64_MIN }, "-9223372036854775808" },
	{ "an address as a string", CELL_HEX, { .u = 0x1e5 }, "\"1e5\"" },
	{ "a time", CELL_TIME, { .i = 1714564800000000000 }, "\"2024-05-01T12:00:00.000Z\"" },
	{ "true", CELL_BOOL, { .b = true }, "true" },
	{ "a percentage of one decimal", CELL_PERCENT, REAL(97.25001), "97.3" },
	{ "seconds of three decimals", CELL_SECONDS, REAL(1.0626), "1.063" },
	{ "not a number", CELL_MS, REAL(NAN), "null" },
	{ "absent by design", CELL_BYTES, { .why = REASON_BY_DESIGN, .u = 1 }, "null" },
	{ "absent for a reason", CELL_TEXT, { .why = REASON_DENIED, .s = "x" }, "null" },
	{ "an absent table", CELL_TABLE, { .why = REASON_NO_MM }, "null" },
	{ "a table that is not there yet", CELL_TABLE, { .t = NULL }, "null" },
	{ "an id", CELL_ID, { .s = "---p" }, "\"---p\"" },
	{ "text that is null elsewhere", CELL_TEXT, BYTES("null"), "\"null\"" },
	{ "text that is a number elsewhere", CELL_TEXT, BYTES("10:30"), "\"10:30\"" },
	{ "text that is an alias elsewhere", CELL_TEXT, BYTES("*x"), "\"*x\"" },
	{ "text with blanks around it", CELL_TEXT, BYTES("  x  "), "\"  x  \"" },
	{ "no text", CELL_TEXT, { .s = NULL }, "\"\"" },
	{ "text with quotes", CELL_TEXT, BYTES("a\"b'"), "\"a\\\"b'\"" },
	{ "text with a backslash", CELL_TEXT, BYTES("a\\b"), "\"a\\\\\\\\b\"" },
	{ "text with letters beyond ASCII", CELL_TEXT, BYTES("h\xc3\xa9\xe2\x82\xac"),
	  "\"h\xc3\xa9\xe2\x82\xac\"" },
	{ "text with controls", CELL_TEXT, BYTES("\x1b[31m\n"), "\"\\\\x1b[31m\\\\x0a\"" },
	{ "text that is not UTF-8", CELL_TEXT, BYTES("a\xff\xc3"), "\"a\\\\xff\\\\xc3\"" },
	{ "a list", CELL_LIST, BYTES("node\0a b\0--x=\"\0"), "[\"node\", \"a b\", \"--x=\\\"\"]" },
	{ "a list with empty strings", CELL_LIST, BYTES("\0\0"), "[\"\", \"\"]" },
	{ "an empty list", CELL_LIST, { .s = NULL }, "[]" },
};

/* A report with one object of one cell: the bytes around those of the cell. */
static void test_value(void **state)
{
	const struct value_row *row = *state;
	const struct column column = {
		.id = "v", .title = "V", .type = row->type, .get = field_cell
	};
	struct cell cell = row->cell;
	const struct table root = { .columns = &column,
				    .n_columns = 1,
				    .shape = SHAPE_OBJECT,
				    .n_rows = 1,
				    .rows = &cell };
	const struct report r = { .root = &root };
	auto_free char *got = rendered(&r, "yaml", &plain);
	auto_free char *want = xasprintf("v: %s\n", row->want);

	assert_string_equal(got, want);
}

static const struct column row_columns[] = {
	{ .id = "id", .type = CELL_ID },
	{ .id = "drawn", .type = CELL_TEXT, .flags = COL_TEXT },
	{ .id = "n", .type = CELL_COUNT, .flags = COL_DATA },
};

static struct table *two_rows(struct report *r)
{
	struct table *t = given_table(r, row_columns, ARRAY_SIZE(row_columns), 2);

	given_row(t, 0)[0] = cell_text("heap");
	given_row(t, 0)[2] = cell_u64(1);
	given_row(t, 1)[0] = cell_text("stack");
	given_row(t, 1)[2] = cell_none();
	return t;
}

static void test_nested(void **state attr_unused)
{
	static const struct column columns[] = {
		{ .id = "pid", .type = CELL_COUNT },
		{ .id = "drawn", .type = CELL_TABLE, .flags = COL_TEXT },
		{ .id = "rows", .type = CELL_TABLE },
		{ .id = "none", .type = CELL_TABLE },
		{ .id = "map", .type = CELL_TABLE },
	};
	static const struct column map_columns[] = {
		{ .id = "field", .type = CELL_ID },
		{ .id = "reason", .type = CELL_TEXT },
	};
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, columns, ARRAY_SIZE(columns), 2);
	struct table *map = given_table(&r, map_columns, ARRAY_SIZE(map_columns), 2);
	struct table *no_map = given_table(&r, map_columns, ARRAY_SIZE(map_columns), 0);
	auto_free char *got = NULL;

	map->shape = no_map->shape = SHAPE_MAP;
	given_row(map, 0)[0] = cell_text("exe");
	given_row(map, 0)[1] = cell_text("permission denied");
	given_row(map, 1)[0] = cell_text("totals.pss_bytes");
	given_row(map, 1)[1] = cell_text("a \"reason\"");
	for (size_t i = 0; i < 2; i++) {
		struct cell *cells = given_row(t, i);

		cells[0] = cell_u64(i + 1);
		cells[1] = cell_table(two_rows(&r));
		cells[2] = i == 0 ? cell_table(two_rows(&r)) : cell_absent(REASON_NO_MM);
		cells[3] = cell_table(given_table(&r, row_columns, ARRAY_SIZE(row_columns), 0));
		cells[4] = cell_table(i == 0 ? map : no_map);
	}
	report_around(&r, t);
	got = rendered(&r, "yaml", &plain);
	assert_string_equal(got, "t:\n"
				 "- pid: 1\n"
				 "  rows:\n"
				 "  - {id: \"heap\", n: 1}\n"
				 "  - {id: \"stack\", n: null}\n"
				 "  none: []\n"
				 "  map:\n"
				 "    exe: \"permission denied\"\n"
				 "    totals.pss_bytes: \"a \\\"reason\\\"\"\n"
				 "- pid: 2\n"
				 "  rows: null\n"
				 "  none: []\n"
				 "  map: {}\n");
	report_release(&r);
}

/* A long table: every other counter is 0, each third row holds a table, which goes on its line. */
static struct cell get_start(const struct ask *ask)
{
	return cell_u64(0x400000 + ask->index * 4096);
}

static struct cell get_count(const struct ask *ask attr_unused)
{
	return cell_u64(0);
}

static struct cell get_rss(const struct ask *ask)
{
	return cell_u64(ask->index % 2 * 4096);
}

static struct cell get_pss(const struct ask *ask attr_unused)
{
	return cell_absent(REASON_NOT_REPORTED);
}

static struct cell get_parts(const struct ask *ask)
{
	return ask->index % 3 ? cell_none() : cell_table(ask->arg);
}

static const struct column owner_columns[] = {
	{ .id = "kind", .type = CELL_ID },
	{ .id = "name", .type = CELL_TEXT },
};

static const struct column long_columns[] = {
	{ .id = "start", .type = CELL_HEX, .get = get_start },
	{ .id = "count", .type = CELL_COUNT, .get = get_count },
	{ .id = "rss_bytes", .type = CELL_BYTES, .flags = COL_SPARSE, .get = get_rss },
	{ .id = "pss_bytes", .type = CELL_BYTES, .flags = COL_SPARSE, .get = get_pss },
	{ .id = "parts", .type = CELL_TABLE, .flags = COL_SPARSE, .get = get_parts },
};

static struct table *long_table(struct report *r, size_t n_rows)
{
	struct table *owner = given_table(r, owner_columns, 2, 1);
	struct table *t = report_rows(r, long_columns, ARRAY_SIZE(long_columns), NULL, 0, n_rows);

	given_row(owner, 0)[0] = cell_text("library");
	given_row(owner, 0)[1] = cell_text("libc");
	t->is_long = true;
	t->arg = owner;
	return t;
}

static void test_long_table(void **state attr_unused)
{
	enum { ROWS = 20000 };
	struct report r = REPORT_INIT;
	auto_free char *got = NULL;
	size_t n_lines = 0;

	report_around(&r, long_table(&r, ROWS));
	got = rendered(&r, "yaml", &plain);
	assert_true(starts_with(
		got,
		"t:\n"
		"- {start: \"400000\", count: 0, pss_bytes: null, parts: [{kind: \"library\", "
		"name: \"libc\"}]}\n"
		"- {start: \"401000\", count: 0, rss_bytes: 4096, pss_bytes: null}\n"
		"- {start: \"402000\", count: 0, pss_bytes: null}\n"
		"- {start: \"403000\", count: 0, rss_bytes: 4096, pss_bytes: null, parts: [{"));
	for (const char *p = got; (p = strchr(p, '\n')); p++)
		n_lines++;
	assert_int_equal(n_lines, 1 + ROWS);
	report_release(&r);
}

/* No byte in a name breaks the YAML; parsing it gives the escaped form. */
static void test_every_byte(void **state attr_unused)
{
	static const struct column columns[] = { { .id = "name", .type = CELL_TEXT } };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, columns, 1, 255);
	const struct ynode *node;
	char names[255][3];
	auto_free char *got = NULL;
	struct ytree tree;

	for (size_t i = 0; i < 255; i++) {
		names[i][0] = 'x';
		names[i][1] = (char)(i + 1);
		names[i][2] = 'y';
		given_row(t, i)[0] = cell_bytes(names[i], 3);
	}
	report_around(&r, t);
	got = rendered(&r, "yaml", &plain);
	assert_int_equal(ytree_parse("f", got, strlen(got), &tree, NULL), 0);
	node = ynode_find(tree.root, "t")->first;
	for (size_t i = 0; i < 255; i++, node = node->next) {
		auto_sbuf want = SBUF_INIT;

		text_escape(&want, names[i], 3);
		assert_string_equal(ynode_find(node, "name")->text, sbuf_str(&want));
	}
	assert_null(node);
	ytree_release(&tree);
	report_release(&r);
}

static void test_full_disk(void **state attr_unused)
{
	struct report r = REPORT_INIT;

	report_around(&r, two_rows(&r));
	assert_int_equal(render_to_full_disk(&r, "yaml"), -ENOSPC);
	report_around(&r, long_table(&r, 20000));
	assert_int_equal(render_to_full_disk(&r, "yaml"), -ENOSPC);
	report_release(&r);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "yaml", value_rows, test_value);
	rows_add_one(&tests, "yaml: objects, lists and maps in each other", test_nested);
	rows_add_one(&tests, "yaml: a long table, a line a row, without zeros", test_long_table);
	rows_add_one(&tests, "yaml: every byte in a name", test_every_byte);
	rows_add_one(&tests, "yaml: a full disk is an error", test_full_disk);
	return rows_run("render_yaml", &tests);
}
