/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the JSON renderer: each type of cell, the three shapes, hostile names, long tables.
 * Bytes that are compared exactly were written by hand; other output is parsed by jansson.
 */
#include "present/render/render.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "app/option_table.h"
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
	{ "a large number", CELL_BYTES, { .u = INT64_MAX }, "9223372036854775807" },
	{ "a plain number", CELL_BYTES, { .u = 7, .plain = true }, "7" },
	{ "a count", CELL_COUNT, { .u = 65530 }, "65530" },
	{ "a negative difference", CELL_DELTA, { .i = INT64_MIN }, "-9223372036854775808" },
	{ "a positive difference", CELL_DELTA, { .i = 4096 }, "4096" },
	{ "a rate", CELL_RATE, { .i = -4096 }, "-4096" },
	{ "a ratio of two decimals", CELL_RATIO, REAL(0.966), "0.97" },
	{ "an address as a string", CELL_HEX, { .u = 0x7f3a40000000 }, "\"7f3a40000000\"" },
	{ "address 0", CELL_HEX, { .u = 0 }, "\"0\"" },
	{ "a time", CELL_TIME, { .i = 1714564800000000000 }, "\"2024-05-01T12:00:00.000Z\"" },
	{ "true", CELL_BOOL, { .b = true }, "true" },
	{ "false", CELL_BOOL, { .b = false }, "false" },
	{ "a percentage of one decimal", CELL_PERCENT, REAL(97.25001), "97.3" },
	{ "no zeros behind the point", CELL_PERCENT, REAL(50), "50" },
	{ "a small percentage", CELL_PERCENT, REAL(0.04), "0" },
	{ "seconds of three decimals", CELL_SECONDS, REAL(1.0626), "1.063" },
	{ "zeros in front of a decimal", CELL_MS, REAL(12.007), "12.007" },
	{ "a negative fraction", CELL_SECONDS, REAL(-0.25), "-0.25" },
	{ "no negative zero", CELL_SECONDS, REAL(-0.0001), "0" },
	{ "too large a fraction", CELL_MS, REAL(1e300), "900000000000000" },
	{ "not a number", CELL_MS, REAL(NAN), "null" },
	{ "infinite", CELL_PERCENT, REAL(-INFINITY), "null" },
	{ "absent by design", CELL_BYTES, { .why = REASON_BY_DESIGN, .u = 1 }, "null" },
	{ "absent for a reason", CELL_TEXT, { .why = REASON_DENIED, .s = "x", .n = 1 }, "null" },
	{ "an absent table", CELL_TABLE, { .why = REASON_NO_MM }, "null" },
	{ "a table that is not there yet", CELL_TABLE, { .t = NULL }, "null" },
	{ "an id", CELL_ID, { .s = "c_extension" }, "\"c_extension\"" },
	{ "plain text", CELL_TEXT, BYTES("[heap]"), "\"[heap]\"" },
	{ "no text", CELL_TEXT, { .s = NULL }, "\"\"" },
	{ "text with quotes", CELL_TEXT, BYTES("a\"b"), "\"a\\\"b\"" },
	{ "text with a backslash", CELL_TEXT, BYTES("a\\b"), "\"a\\\\\\\\b\"" },
	{ "text with letters beyond ASCII", CELL_TEXT, BYTES("h\xc3\xa9\xe2\x82\xac"),
	  "\"h\xc3\xa9\xe2\x82\xac\"" },
	{ "those with quotes", CELL_TEXT, BYTES("\"\xc3\xa9\""), "\"\\\"\xc3\xa9\\\"\"" },
	{ "text with controls", CELL_TEXT, BYTES("\x1b[31m\n"), "\"\\\\x1b[31m\\\\x0a\"" },
	{ "text that is not UTF-8", CELL_TEXT, BYTES("a\xff\xc3"), "\"a\\\\xff\\\\xc3\"" },
	{ "text that turns right to left", CELL_TEXT, BYTES("\xe2\x80\xae"),
	  "\"\\\\xe2\\\\x80\\\\xae\"" },
	{ "text with a slash", CELL_TEXT, BYTES("/usr/bin/node"), "\"/usr/bin/node\"" },
	{ "a list", CELL_LIST, BYTES("node\0a b\0--x=\"\0"), "[\"node\", \"a b\", \"--x=\\\"\"]" },
	{ "a list with empty strings", CELL_LIST, BYTES("\0\0"), "[\"\", \"\"]" },
	{ "a list that was cut", CELL_LIST, BYTES("node\0ser"), "[\"node\", \"ser\"]" },
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
	auto_free char *got = rendered(&r, "json", &plain);
	auto_free char *want = xasprintf("{\n  \"v\": %s\n}\n", row->want);
	json_t *again = json_loads(got, 0, NULL);

	assert_string_equal(got, want);
	assert_non_null(again);
	json_decref(again);
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

static void test_rows(void **state attr_unused)
{
	struct report r = REPORT_INIT;
	struct table *t = two_rows(&r);
	const bool hide[] = { true, false };
	auto_free char *got = NULL;

	t->title = "for text";
	t->text_rows = 1;
	t->text_hide = hide;
	report_around(&r, t);
	got = rendered(&r, "json", &plain);
	assert_string_equal(got, "{\n"
				 "  \"t\": [\n"
				 "    {\"id\":\"heap\",\"n\":1},\n"
				 "    {\"id\":\"stack\",\"n\":null}\n"
				 "  ]\n"
				 "}\n");
	report_release(&r);
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
	got = rendered(&r, "json", &plain);
	assert_string_equal(got, "{\n"
				 "  \"t\": [\n"
				 "    {\n"
				 "      \"pid\": 1,\n"
				 "      \"rows\": [\n"
				 "        {\"id\":\"heap\",\"n\":1},\n"
				 "        {\"id\":\"stack\",\"n\":null}\n"
				 "      ],\n"
				 "      \"none\": [],\n"
				 "      \"map\": {\n"
				 "        \"exe\": \"permission denied\",\n"
				 "        \"totals.pss_bytes\": \"a \\\"reason\\\"\"\n"
				 "      }\n"
				 "    },\n"
				 "    {\n"
				 "      \"pid\": 2,\n"
				 "      \"rows\": null,\n"
				 "      \"none\": [],\n"
				 "      \"map\": {}\n"
				 "    }\n"
				 "  ]\n"
				 "}\n");
	report_release(&r);
}

/* A long table: each third row holds tables, which go on its line. */
static struct cell get_start(const struct ask *ask)
{
	return cell_u64(0x400000 + ask->index * 4096);
}

static struct cell get_rss(const struct ask *ask)
{
	return cell_u64(ask->index);
}

static struct cell get_name(const struct ask *ask)
{
	return cell_text(ask->index % 2 ? "a\"b" : "/bin/x");
}

/* The tables that the rows of the long table hold. */
struct owners {
	const struct table *object, *list;
};

static struct cell get_owner(const struct ask *ask)
{
	const struct owners *owners = ask->arg;

	return cell_table(owners->object);
}

static struct cell get_parts(const struct ask *ask)
{
	const struct owners *owners = ask->arg;

	return ask->index % 3 ? cell_none() : cell_table(owners->list);
}

static const struct column owner_columns[] = {
	{ .id = "kind", .type = CELL_ID },
	{ .id = "name", .type = CELL_TEXT },
};

static const struct column long_columns[] = {
	{ .id = "start", .type = CELL_HEX, .get = get_start },
	{ .id = "rss_bytes", .type = CELL_BYTES, .get = get_rss },
	{ .id = "name", .type = CELL_TEXT, .get = get_name },
	{ .id = "owner", .type = CELL_TABLE, .get = get_owner },
	{ .id = "parts", .type = CELL_TABLE, .get = get_parts },
};

static struct table *owner_table(struct report *r, enum table_shape shape)
{
	struct table *t = given_table(r, owner_columns, ARRAY_SIZE(owner_columns), 1);

	given_row(t, 0)[0] = cell_text("library");
	given_row(t, 0)[1] = cell_text("libc");
	t->shape = shape;
	return t;
}

static struct table *long_table(struct report *r, size_t n_rows)
{
	struct table *t = report_rows(r, long_columns, ARRAY_SIZE(long_columns), NULL, 0, n_rows);
	struct owners *owners = arena_alloc(&r->arena, sizeof(*owners));

	owners->object = owner_table(r, SHAPE_OBJECT);
	owners->list = owner_table(r, SHAPE_ROWS);
	t->is_long = true;
	t->arg = owners;
	return t;
}

static void test_long_table(void **state attr_unused)
{
	enum { ROWS = 20000 };
	struct report r = REPORT_INIT;
	auto_free char *got = NULL;
	json_t *root, *rows;

	report_around(&r, long_table(&r, ROWS));
	got = rendered(&r, "json", &plain);
	assert_true(starts_with(
		got, "{\n"
		     "  \"t\": [\n"
		     "    {\"start\":\"400000\",\"rss_bytes\":0,\"name\":\"/bin/x\","
		     "\"owner\":{\"kind\":\"library\",\"name\":\"libc\"},"
		     "\"parts\":[{\"kind\":\"library\",\"name\":\"libc\"}]},\n"
		     "    {\"start\":\"401000\",\"rss_bytes\":1,\"name\":\"a\\\"b\","
		     "\"owner\":{\"kind\":\"library\",\"name\":\"libc\"},\"parts\":null},\n"));
	root = json_loads(got, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	rows = json_object_get(root, "t");
	assert_int_equal(json_array_size(rows), ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		json_t *row = json_array_get(rows, i);

		assert_int_equal(json_integer_value(json_object_get(row, "rss_bytes")), i);
	}
	json_decref(root);
	report_release(&r);
}

/* No byte in a name breaks the JSON; parsing it gives the escaped form. */
static void test_every_byte(void **state attr_unused)
{
	static const struct column columns[] = { { .id = "name", .type = CELL_TEXT } };
	struct report r = REPORT_INIT;
	struct table *t = given_table(&r, columns, 1, 255);
	char names[255][3];
	auto_free char *got = NULL;
	json_t *root;

	for (size_t i = 0; i < 255; i++) {
		names[i][0] = 'x';
		names[i][1] = (char)(i + 1);
		names[i][2] = 'y';
		given_row(t, i)[0] = cell_bytes(names[i], 3);
	}
	report_around(&r, t);
	got = rendered(&r, "json", &plain);
	root = json_loads(got, 0, NULL);
	assert_non_null(root);
	for (unsigned int c = 1; c < 256; c++) {
		json_t *row = json_array_get(json_object_get(root, "t"), c - 1);
		const char *name = json_string_value(json_object_get(row, "name"));
		char want[8];

		if (c == '\\')
			(void)snprintf(want, sizeof(want), "x\\\\y");
		else if (c < 0x20 || c > 0x7e)
			(void)snprintf(want, sizeof(want), "x\\x%02xy", c);
		else
			(void)snprintf(want, sizeof(want), "x%cy", (int)c);
		assert_string_equal(name, want);
	}
	json_decref(root);
	report_release(&r);
}

static void test_full_disk(void **state attr_unused)
{
	struct report r = REPORT_INIT;

	report_around(&r, two_rows(&r));
	assert_int_equal(render_to_full_disk(&r, "json"), -ENOSPC);
	report_around(&r, long_table(&r, 20000));
	assert_int_equal(render_to_full_disk(&r, "json"), -ENOSPC);
	report_release(&r);
}

static void test_find(void **state attr_unused)
{
	assert_true(renderer_find("json")->render == render_json);
	assert_true(renderer_find("text")->render == render_text);
	assert_null(renderer_find("jso"));
	assert_null(renderer_find(""));
}

static const char *help_of(const char *option)
{
	for (size_t i = 0; i < n_option_descs; i++) {
		if (streq(option_descs[i].name, option))
			return option_descs[i].help;
	}
	fail_msg("no option %s", option);
	return NULL;
}

/* "text, json or yaml", which the test of the manual compares with the manual. */
static void test_help(void **state attr_unused)
{
	auto_sbuf names = SBUF_INIT;

	for (const struct renderer *r = renderers; r->name; r++) {
		const char *mark = r == renderers ? "" : r[1].name ? ", " : " or ";

		assert_true(r->help && *r->help && r->render);
		assert_true(renderer_find(r->name) == r); /* no other renderer has its name */
		sbuf_addf(&names, "%s%s", mark, r->name);
	}
	assert_string_equal(help_of("format"), sbuf_str(&names));
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "render: formats are found by name", test_find);
	rows_add_one(&tests, "render: --help has each format", test_help);
	ROWS_ADD(&tests, "json", value_rows, test_value);
	rows_add_one(&tests, "json: rows, without the columns and limits of text", test_rows);
	rows_add_one(&tests, "json: objects, lists and maps in each other", test_nested);
	rows_add_one(&tests, "json: a long table, a line a row", test_long_table);
	rows_add_one(&tests, "json: every byte in a name", test_every_byte);
	rows_add_one(&tests, "json: a full disk is an error", test_full_disk);
	return rows_run("render_json", &tests);
}
