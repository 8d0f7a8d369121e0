/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of present/chart: small drawings, dot by dot.
 */
#include "present/draw/chart.h"

#include <locale.h>

#include "base/clock.h"
#include "present/render/text_canvas.h"
#include "rows.h"

enum { WIDTH = 24, HEIGHT = 11, MAX_SAMPLES = 8 };

struct chart_row {
	const char *name;
	bool ascii;
	struct sample
		samples[MAX_SAMPLES]; /* times in minutes; ends with time 0 but for the first */
	struct chart chart;
	size_t height; /* 0: HEIGHT */
	const char *want;
};

static const struct chart_mark marks[] = {
	{ 2 * 60 * NS_PER_S, 'S', "saved" },
	{ 4 * 60 * NS_PER_S, 'S', "saved" },
	{ 99 * 60 * NS_PER_S, 'X', "late" },
};

static const struct chart_row chart_rows[] = {
	{ .name = "a straight line",
	  .ascii = true,
	  .samples = { { 0, 0 }, { 2, 2 }, { 4, 4 }, { 6, 6 } },
	  .want = "T  6 min\n"
		  "  6 +                 _-\n"
		  "    |              _-'\n"
		  "  4 +           _-'\n"
		  "    |        _-'\n"
		  "  2 +     _-'\n"
		  "    |  _-'\n"
		  "  0 +-'\n"
		  "    ++--------------+---\n"
		  "     0 min        5 min\n" },
	{ .name = "the same in braille",
	  .samples = { { 0, 0 }, { 2, 2 }, { 4, 4 }, { 6, 6 } },
	  .want = "T  6 min\n"
		  "  6 ┤                 ⢀⠤\n"
		  "    │              ⢀⠤⠊⠁\n"
		  "  4 ┤           ⣀⠤⠊⠁\n"
		  "    │        ⡠⠔⠊\n"
		  "  2 ┤     ⡠⠔⠉\n"
		  "    │  ⡠⠔⠉\n"
		  "  0 ┤⠔⠉\n"
		  "    └┬──────────────┬───\n"
		  "     0 min        5 min\n" },
	{ .name = "samples that lie close are joined, others are not",
	  .ascii = true,
	  .samples = { { 0, 6 }, { 1, 6 }, { 2, 6 }, { 10, 0 }, { 11, 0 }, { 12, 0 } },
	  .want = "T  12 min\n"
		  "  6 +----\n"
		  "    |\n"
		  "  4 +\n"
		  "    |\n"
		  "  2 +\n"
		  "    |\n"
		  "  0 +               ----\n"
		  "    ++--------------+---\n"
		  "     0 min       10 min\n" },
	{ .name = "a peak within a column is not lost",
	  .ascii = true,
	  .samples = { { 0, 1 }, { 50, 1 }, { 51, 5 }, { 52, 1 }, { 100, 1 } },
	  .want = "T  1 h 40 min\n"
		  "  6 +\n"
		  "    |         |\n"
		  "  4 +         |\n"
		  "    |         |\n"
		  "  2 +         |\n"
		  "    |---------|---------\n"
		  "  0 +\n"
		  "    ++----------+-------\n"
		  "     0 h       1 h\n" },
	{ .name = "a limit near by, and the fit",
	  .ascii = true,
	  .samples = { { 0, 1 }, { 2, 3 }, { 4, 1 }, { 6, 3 } },
	  .chart = { .has_fit = true,
		     .fit_start = 1,
		     .fit_end = 2,
		     .limit_title = "max",
		     .limit_bytes = 6 },
	  .want = "T  6 min\n"
		  "  6 +===================\n"
		  "    |\n"
		  "  4 +\n"
		  "    |     _-_         _-\n"
		  "  2 +  _-'   '-_ . _-' .\n"
		  "    |-'. . . .  '-'\n"
		  "  0 +\n"
		  "    ++--------------+---\n"
		  "     0 min        5 min\n"
		  "     . . fit   === max 6\n" },
	{ .name = "a limit far above",
	  .ascii = true,
	  .samples = { { 0, 0 }, { 6, 6 } },
	  .chart = { .limit_title = "max", .limit_bytes = 600 },
	  .want = "T  6 min\n"
		  "  6 +                 _-\n"
		  "    |              _-'\n"
		  "  4 +           _-'\n"
		  "    |        _-'\n"
		  "  2 +     _-'\n"
		  "    |  _-'\n"
		  "  0 +-'\n"
		  "    ++--------------+---\n"
		  "     0 min        5 min\n"
		  "     ^ max 600\n" },
	{ .name = "a limit far below",
	  .ascii = true,
	  .samples = { { 0, 500 }, { 6, 600 } },
	  .chart = { .limit_title = "max", .limit_bytes = 6 },
	  .want = "T  6 min\n"
		  "600 +                 _-\n"
		  "    |              _-'\n"
		  "    |           _-'\n"
		  "550 +        _-'\n"
		  "    |     _-'\n"
		  "    |  _-'\n"
		  "500 +-'\n"
		  "    ++--------------+---\n"
		  "     0 min        5 min\n"
		  "     v max 6\n" },
	{ .name = "wall clock and marks",
	  .ascii = true,
	  .samples = { { 0, 0 }, { 2, 2 }, { 4, 4 }, { 6, 6 } },
	  .chart = { .has_wall = true,
		     .wall_offset_ns = 7200 * NS_PER_S,
		     .marks = marks,
		     .n_marks = ARRAY_SIZE(marks) },
	  .want = "T\n"
		  "  6 +                 _-\n"
		  "    |              _-'\n"
		  "  4 +           _-'\n"
		  "    |        _-'\n"
		  "  2 +     _-'\n"
		  "    |  _-'\n"
		  "  0 +-'\n"
		  "    ++-----S-----S--+---\n"
		  "UTC  02:00        02:05\n"
		  "     S saved\n" },
	{ .name = "one sample",
	  .ascii = true,
	  .samples = { { 0, 5 } },
	  .want = "T  0.0 s\n"
		  "  8 +\n"
		  "    |\n"
		  "  6 +\n"
		  "    |-\n"
		  "  4 +\n"
		  "    |\n"
		  "  2 +\n"
		  "    ++------------------\n"
		  "     0 ms\n" },
	{ .name = "a title that is too long",
	  .ascii = true,
	  .samples = { { 0, 0 }, { 6, 6 } },
	  .chart = { .title = "a title longer than the chart" },
	  .want = "6 min\n"
		  "  6 +                 _-\n"
		  "    |              _-'\n"
		  "  4 +           _-'\n"
		  "    |        _-'\n"
		  "  2 +     _-'\n"
		  "    |  _-'\n"
		  "  0 +-'\n"
		  "    ++--------------+---\n"
		  "     0 min        5 min\n" },
	{ .name = "no room",
	  .ascii = true,
	  .samples = { { 0, 0 }, { 6, 6 } },
	  .height = CHART_LEAST_HEIGHT - 1,
	  .want = "" },
};

static void test_draw(void **state)
{
	const struct chart_row *row = *state;
	const struct render_opts opts = { .ascii = row->ascii };
	struct writer p = { .opts = &opts };
	struct sample samples[MAX_SAMPLES];
	struct chart chart = row->chart;
	auto_canvas c;

	for (; chart.n < MAX_SAMPLES && (chart.n == 0 || row->samples[chart.n].t_ns > 0); chart.n++)
		samples[chart.n] = (struct sample){
			.t_ns = row->samples[chart.n].t_ns * 60 * NS_PER_S,
			.bytes = row->samples[chart.n].bytes,
		};
	chart.samples = samples;
	if (!chart.title)
		chart.title = "T";
	canvas_init(&c, WIDTH, HEIGHT);
	chart_draw(&chart, &c,
		   (struct chart_place){ 0, 0, WIDTH, row->height ? row->height : HEIGHT },
		   FMT_EXACT, row->ascii);
	writer_canvas(&p, &c);
	assert_string_equal(sbuf_str(&p.sink.buf), row->want);
	sink_release(&p.sink);
}

/* Nothing outside its place is changed, whatever is drawn. */
static void test_place(void **state attr_unused)
{
	const struct sample samples[] = { { 0, 0 }, { 3600 * NS_PER_S, 1 << 30 } };
	const struct chart chart = {
		.title = "a title",
		.samples = samples,
		.n = 2,
		.has_fit = true,
		.fit_end = 2e9,
		.limit_title = "a_limit_of_some_kind",
		.limit_bytes = 1 << 30,
		.marks = marks,
		.n_marks = ARRAY_SIZE(marks),
	};

	for (size_t width = 0; width < 60; width++) {
		for (size_t height = 0; height < 20; height++) {
			struct chart_place place = { 3, 2, width, height };
			auto_canvas c;

			canvas_init(&c, 70, 30);
			chart_draw(&chart, &c, place, FMT_IEC, width % 2);
			for (size_t i = 0; i < c.width * c.height; i++) {
				size_t x = i % c.width, y = i / c.width;

				if (x < 3 || x >= 3 + width || y < 2 || y >= 2 + height)
					assert_string_equal(c.cells[i].text, " ");
			}
		}
	}
}

int main(void)
{
	struct row_tests tests = { 0 };

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	ROWS_ADD(&tests, "chart_draw", chart_rows, test_draw);
	rows_add_one(&tests, "chart_draw: keeps to its place", test_place);
	return rows_run("chart", &tests);
}
