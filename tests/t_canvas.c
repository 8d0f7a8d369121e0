/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of present/draw/canvas: where text is put, where it is cut, and the lines of a page. */
#include "present/draw/canvas.h"

#include <locale.h>

#include "present/render/text_canvas.h"
#include "rows.h"

enum { WIDTH = 6 };

struct put_row {
	const char *name;
	const char *texts[3]; /* one after the other */
	size_t x[3];
	size_t want_end; /* of the last one */
	const char *want;
};

static const struct put_row put_rows[] = {
	{ "nothing", { "" }, { 0 }, 0, "" },
	{ "at the left", { "ab" }, { 0 }, 2, "ab" },
	{ "blanks at the end are not there", { "a  " }, { 1 }, 4, " a" },
	{ "cut off at the right", { "abcdefgh" }, { 2 }, 10, "  abcd" },
	{ "right of the canvas", { "ab" }, { 6 }, 8, "" },
	{ "over another", { "abcdef", "XY" }, { 0, 2 }, 4, "abXYef" },
	{ "two bytes, one column", { "é|" }, { 0 }, 2, "é|" },
	{ "a wide character", { "日本" }, { 1 }, 5, " 日本" },
	{ "half a wide one at the end", { "日本" }, { 3 }, 7, "   日" },
	{ "its left half covered", { "日本", "x" }, { 0, 2 }, 3, "日x" },
	{ "its right half covered", { "日本", "x" }, { 0, 1 }, 2, " x本" },
	{ "both halves covered by wide ones", { "日本語", "本本" }, { 0, 1 }, 5, " 本本" },
	{ "an accent of its own", { "e\u0301x" }, { 0 }, 2, "e\u0301x" },
	{ "of two accents the first", { "e\u0301\u0302x" }, { 0 }, 2, "e\u0301x" },
	{ "an accent on a wide one", { "日\u0301x" }, { 0 }, 3, "日\u0301x" },
	{ "an accent without a letter", { "\u0301x" }, { 0 }, 1, "x" },
	{ "control characters are not text", { "a\033[m\n" }, { 0 }, 5, "a?[m?" },
	{ "nor are reversed lines", { "a\u202eb" }, { 0 }, 3, "a?b" },
	{ "nor bad bytes", { "\377\303" }, { 0 }, 2, "??" },
	{ "a backslash is", { "\\x1b" }, { 0 }, 4, "\\x1b" },
};

static void test_put(void **state)
{
	const struct put_row *row = *state;
	const struct style style = { 0 };
	auto_sbuf got = SBUF_INIT;
	auto_canvas c;
	size_t end = 0;

	canvas_init(&c, WIDTH, 1);
	for (size_t i = 0; i < ARRAY_SIZE(row->texts) && row->texts[i]; i++)
		end = canvas_put(&c, row->x[i], 0, style, row->texts[i]);
	assert_int_equal(end, row->want_end);
	canvas_row(&c, 0, &got);
	assert_string_equal(sbuf_str(&got), row->want);
}

static void test_outside(void **state attr_unused)
{
	const struct style style = { 0 };
	auto_canvas c;

	canvas_init(&c, 2, 2);
	canvas_put(&c, 0, 2, style, "below");
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(canvas_at(&c, i % 2, i / 2)->text, " ");
	assert_null(canvas_at(&c, 2, 0));
	assert_null(canvas_at(&c, 0, 2));
	canvas_release(&c);
	canvas_release(NULL);
	canvas_init(&c, 0, 0);
	assert_null(canvas_at(&c, 0, 0));
}

struct print_row {
	const char *name;
	bool color;
	const char *want;
};

static const struct print_row print_rows[] = {
	{ "plain", false, "ab cd\n\n  x\n" },
	{ "in colours", true,
	  "a\033[31mb\033[0m \033[31m\033[1mcd\033[0m\n\n  \033[33mx\033[0m\033[7m  \033[0m\n" },
};

static void test_print(void **state)
{
	const struct print_row *row = *state;
	const struct render_opts opts = { .color = row->color };
	struct writer p = { .opts = &opts };
	auto_canvas c;

	canvas_init(&c, 6, 4);
	canvas_put(&c, 0, 0, (struct style){ 0 }, "a");
	canvas_put(&c, 1, 0, (struct style){ .tone = TONE_BAD }, "b");
	canvas_put(&c, 3, 0, (struct style){ .tone = TONE_BAD, .bold = true }, "cd");
	canvas_put(&c, 2, 2, (struct style){ .tone = TONE_WARN }, "x");
	if (row->color)
		canvas_put(&c, 3, 2, (struct style){ .reverse = true }, "  ");
	writer_canvas(&p, &c);
	assert_string_equal(sbuf_str(&p.sink.buf), row->want);
	sink_release(&p.sink);
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "canvas_put", put_rows, test_put);
	rows_add_one(&tests, "canvas_put: outside nothing happens", test_outside);
	ROWS_ADD(&tests, "writer_canvas", print_rows, test_print);
	return rows_run("canvas", &tests);
}
