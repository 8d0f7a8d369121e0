/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows from the top: the title, the drawing, the axis of time with the marks on it, its labels, and
 * the legend.
 */
#include "present/draw/chart.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "present/draw/axis.h"

enum {
	ROWS_AROUND = 4,  /* all but the drawing */
	GAP_FACTOR = 3,   /* samples more than this many usual intervals apart are not joined */
	LIMIT_FACTOR = 4, /* to show the limit, the axis may grow to this many times the range */
	SMALL_RANGE = 25, /* where the range is taken to be at least this part of the maximum */
	FIT_EVERY = 2,    /* every second cell of the fit is drawn */
	LEGEND_GAP = 3,
};

/* The characters to draw with; a cell holds across times down dots. */
struct chart_set {
	size_t across, down;
	const char *data; /* by the dots that are set, the one on top as bit 0; NULL: braille */
	const char *fit;  /* for any dots; NULL: braille */
	const char *limit;
	const char *fit_sample, *limit_sample; /* in the legend */
	const char *horizontal, *vertical, *row_tick, *column_tick, *corner;
	const char *above, *below;
};

static const struct chart_set braille = {
	.across = 2,
	.down = 4,
	.limit = "╌",
	.fit_sample = "⠂ ⠂",
	.limit_sample = "╌╌╌",
	.horizontal = "─",
	.vertical = "│",
	.row_tick = "┤",
	.column_tick = "┬",
	.corner = "└",
	.above = "↑",
	.below = "↓",
};

static const struct chart_set ascii_set = {
	.across = 1,
	.down = 3,
	.data = " '-|_|||",
	.fit = ".",
	.limit = "=",
	.fit_sample = ". .",
	.limit_sample = "===",
	.horizontal = "-",
	.vertical = "|",
	.row_tick = "+",
	.column_tick = "+",
	.corner = "+",
	.above = "^",
	.below = "v",
};

static const char utc[] = "UTC"; /* stands where the labels of bytes do */

static const struct style plain_style;
static const struct style dim_style = { .tone = TONE_DIM };
static const struct style fit_style = { .tone = TONE_WARN };
static const struct style limit_style = { .tone = TONE_BAD };
static const struct style bold_style = { .bold = true };

struct plot {
	const struct chart *chart;
	const struct chart_set *set;
	struct canvas *canvas;
	struct chart_place place;
	struct bytes_axis bytes;
	size_t x, y, columns, rows; /* the drawing, without axes and labels */
	int64_t first_ns, last_ns;  /* of the samples */
	uint8_t *data, *fit; /* the dots that are set in each cell, a row of cells at a time */
};

/* Lowest and highest of what the axis has to show: the samples, and the limit if it is not far. */
static void find_range(const struct chart *chart, double *ret_min, double *ret_max)
{
	double min = (double)chart->samples[0].bytes, max = min, room, limit;

	for (size_t i = 1; i < chart->n; i++) {
		min = MIN(min, (double)chart->samples[i].bytes);
		max = MAX(max, (double)chart->samples[i].bytes);
	}
	room = MAX(max - min, max / SMALL_RANGE) * LIMIT_FACTOR;
	limit = (double)chart->limit_bytes;
	if (chart->limit_title && MAX(limit, max) - MIN(limit, min) <= room) {
		min = MIN(min, limit);
		max = MAX(max, limit);
	}
	*ret_min = min;
	*ret_max = max;
}

/* Columns of dots from the left, and rows from the top; the whole part counts. */
static double dot_column(const struct plot *p, int64_t t_ns)
{
	double span = (double)(p->last_ns - p->first_ns);
	double at = span > 0 ? (double)(t_ns - p->first_ns) / span : 0;

	return at * (double)(p->columns * p->set->across - 1) + 0.5;
}

/* Ticks are in the middle of their cells. */
static double dot_row(const struct plot *p, double bytes)
{
	double up = (bytes - p->bytes.low) / p->bytes.step * (double)p->bytes.rows;

	return ((double)p->rows - 0.5 - up) * (double)p->set->down;
}

/* The column of the canvas that shows a time. */
static size_t cell_column(const struct plot *p, int64_t t_ns)
{
	return p->x + (size_t)dot_column(p, t_ns) / p->set->across;
}

static void set_dot(const struct plot *p, uint8_t *cells, double column, double row)
{
	size_t across = p->set->across, down = p->set->down, x = (size_t)column, y;

	if (!(row >= 0) || row >= (double)(p->rows * down))
		return;
	y = (size_t)row;
	cells[y / down * p->columns + x / across] |= (uint8_t)(1U
							       << (y % down * across + x % across));
}

/*
 * A line between two samples; without one before it, its dot alone. One dot for each column if it is
 * flat, for each row if it is steep; rows of a flat one are not rounded at its ends, so that it lies
 * on a fit that it agrees with.
 */
static void draw_line(const struct plot *p, const struct sample *from, const struct sample *to)
{
	double x0 = floor(dot_column(p, from->t_ns)), x1 = floor(dot_column(p, to->t_ns));
	double y0 = dot_row(p, (double)from->bytes), y1 = dot_row(p, (double)to->bytes);
	double steps = MAX(x1 - x0, 1);

	if (fabs(floor(y1) - floor(y0)) > steps) {
		y0 = floor(y0) + 0.5;
		y1 = floor(y1) + 0.5;
		steps = fabs(y1 - y0);
	}
	for (double i = 0; i <= steps; i++)
		set_dot(p, p->data, x0 + (x1 - x0) * i / steps + 0.5, y0 + (y1 - y0) * i / steps);
}

static int compare_ns(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The time from a sample to the next, as a rule: the median. */
static int64_t usual_interval(const struct chart *chart)
{
	size_t n = chart->n - 1;
	auto_free int64_t *intervals = xcalloc(n, sizeof(*intervals));

	for (size_t i = 0; i < n; i++)
		intervals[i] = chart->samples[i + 1].t_ns - chart->samples[i].t_ns;
	qsort(intervals, n, sizeof(*intervals), compare_ns);
	return n > 0 ? intervals[n / 2] : 0;
}

static void draw_data(const struct plot *p)
{
	const struct sample *s = p->chart->samples;
	int64_t usual = usual_interval(p->chart);

	for (size_t i = 0; i < p->chart->n; i++) {
		bool joined = i > 0 && (s[i].t_ns - s[i - 1].t_ns) / GAP_FACTOR <= usual;

		draw_line(p, joined ? &s[i - 1] : &s[i], &s[i]);
	}
}

static void draw_fit(const struct plot *p)
{
	const struct chart *chart = p->chart;
	size_t last = p->columns * p->set->across - 1;

	for (size_t x = 0; chart->has_fit && x <= last; x += FIT_EVERY * p->set->across) {
		double part = (double)x / (double)last;
		double bytes = chart->fit_start + (chart->fit_end - chart->fit_start) * part;

		set_dot(p, p->fit, (double)x, dot_row(p, bytes));
	}
}

/* The character for the dots of a cell. */
static const char *dots_text(char buf[4], const struct chart_set *set, uint8_t dots)
{
	/* Unicode counts the dots of the left column first, and the two at the bottom last. */
	static const uint8_t bits[] = { 0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80 };
	uint8_t value = 0;

	if (set->data) {
		(void)snprintf(buf, 4, "%c", set->data[dots]);
		return buf;
	}
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		value |= dots >> i & 1 ? bits[i] : 0;
	(void)snprintf(buf, 4, "\xe2%c%c", 0xa0 + (value >> 6), 0x80 + (value & 0x3f));
	return buf;
}

/* Data go before the limit, and that before the fit. */
static void put_cells(const struct plot *p)
{
	double limit_row = floor(dot_row(p, (double)p->chart->limit_bytes) / (double)p->set->down);
	char buf[4];

	for (size_t i = 0; i < p->columns * p->rows; i++) {
		size_t x = p->x + i % p->columns, y = p->y + i / p->columns;

		if (p->data[i])
			canvas_put(p->canvas, x, y, plain_style,
				   dots_text(buf, p->set, p->data[i]));
		else if (p->chart->limit_title && (double)(i / p->columns) == limit_row)
			canvas_put(p->canvas, x, y, limit_style, p->set->limit);
		else if (p->fit[i])
			canvas_put(p->canvas, x, y, fit_style,
				   p->set->fit ? p->set->fit : dots_text(buf, p->set, p->fit[i]));
	}
}

static void put_bytes_axis(const struct plot *p)
{
	const struct chart_set *set = p->set;
	char buf[FMT_MAX];

	for (size_t row = 0; row < p->rows; row++) {
		size_t below = p->rows - 1 - row;
		bool is_tick = below % p->bytes.rows == 0;
		const char *label;

		canvas_put(p->canvas, p->x - 1, p->y + row, dim_style,
			   is_tick ? set->row_tick : set->vertical);
		if (!is_tick)
			continue;
		label = bytes_axis_label(buf, &p->bytes, below / p->bytes.rows);
		canvas_put(p->canvas, p->x - 2 - strlen(label), p->y + row, plain_style, label);
	}
}

static void put_time_labels(const struct plot *p, size_t y)
{
	const struct chart *chart = p->chart;
	int64_t offset = chart->has_wall ? chart->wall_offset_ns : -p->first_ns;
	size_t free_from = p->x, end = p->x + p->columns;
	struct time_axis axis;
	char buf[FMT_MAX];

	time_axis_fit(p->first_ns + offset, p->last_ns + offset, chart->has_wall, p->columns,
		      &axis);
	for (size_t i = 0; i < axis.n; i++) {
		int64_t t_ns = axis.first + (int64_t)i * axis.step - offset;
		size_t x = cell_column(p, t_ns);
		size_t width = strlen(time_axis_label(buf, &axis, i));
		size_t at = MIN(MAX(x - MIN(x, width / 2), p->x), end - MIN(end, width));

		canvas_put(p->canvas, x, y, dim_style, p->set->column_tick);
		if (at < free_from)
			continue;
		canvas_put(p->canvas, at, y + 1, plain_style, buf);
		free_from = at + width + 1;
	}
	if (chart->has_wall)
		canvas_put(p->canvas, p->place.x, y + 1, dim_style, utc);
}

static bool is_shown(const struct plot *p, const struct chart_mark *mark)
{
	return mark->t_ns >= p->first_ns && mark->t_ns <= p->last_ns;
}

static void put_time_axis(const struct plot *p)
{
	size_t y = p->y + p->rows;

	canvas_put(p->canvas, p->x - 1, y, dim_style, p->set->corner);
	for (size_t i = 0; i < p->columns; i++)
		canvas_put(p->canvas, p->x + i, y, dim_style, p->set->horizontal);
	put_time_labels(p, y);
	for (size_t i = 0; i < p->chart->n_marks; i++) {
		const struct chart_mark *mark = &p->chart->marks[i];
		const char text[] = { mark->letter, '\0' };

		if (is_shown(p, mark))
			canvas_put(p->canvas, cell_column(p, mark->t_ns), y, bold_style, text);
	}
}

/* Adds what a sample of the drawing stands for, if there is room. Returns where the next goes. */
static size_t put_entry(const struct plot *p, size_t x, struct style style, const char *sample,
			const char *text)
{
	size_t y = p->y + p->rows + 2;
	size_t end = x + text_width(sample) + 1 + text_width(text);

	if (end > p->place.x + p->place.width)
		return x;
	x = canvas_put(p->canvas, x, y, style, sample);
	return canvas_put(p->canvas, x + 1, y, plain_style, text) + LEGEND_GAP;
}

static size_t put_limit_entry(const struct plot *p, size_t x)
{
	double limit = (double)p->chart->limit_bytes;
	const char *sample = p->set->limit_sample;
	auto_sbuf text = SBUF_INIT;
	char buf[FMT_MAX];

	if (dot_row(p, limit) < 0)
		sample = p->set->above;
	else if (limit < p->bytes.low)
		sample = p->set->below;
	sbuf_addf(&text, "%s %s", p->chart->limit_title,
		  fmt_bytes(buf, p->chart->limit_bytes, p->bytes.unit));
	return put_entry(p, x, limit_style, sample, sbuf_str(&text));
}

static void put_legend(const struct plot *p)
{
	const struct chart *chart = p->chart;
	size_t x = p->x;

	if (chart->has_fit)
		x = put_entry(p, x, fit_style, p->set->fit_sample, "fit");
	if (chart->limit_title)
		x = put_limit_entry(p, x);
	for (size_t i = 0; i < chart->n_marks; i++) {
		const char letter[] = { chart->marks[i].letter, '\0' };
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = chart->marks[k].letter == *letter && is_shown(p, &chart->marks[k]);
		if (!seen && is_shown(p, &chart->marks[i]))
			x = put_entry(p, x, bold_style, letter, chart->marks[i].what);
	}
}

/* "2026-07-21 08:00:00 to 12:00:00 UTC", or how long it was. */
static void add_span(struct sbuf *out, const struct plot *p)
{
	struct tm from, to;
	time_t first, last;
	char buf[FMT_MAX];

	if (!p->chart->has_wall) {
		sbuf_adds(out, fmt_duration(buf, (double)(p->last_ns - p->first_ns) / 1e9));
		return;
	}
	first = (time_t)((p->first_ns + p->chart->wall_offset_ns) / NS_PER_S);
	last = (time_t)((p->last_ns + p->chart->wall_offset_ns) / NS_PER_S);
	(void)gmtime_r(&first, &from);
	(void)gmtime_r(&last, &to);
	(void)strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S", &from);
	sbuf_addf(out, "%s to ", buf);
	(void)strftime(buf, sizeof(buf),
		       from.tm_yday == to.tm_yday && from.tm_year == to.tm_year
			       ? "%H:%M:%S"
			       : "%Y-%m-%d %H:%M:%S",
		       &to);
	sbuf_addf(out, "%s UTC", buf);
}

static void put_title(const struct plot *p)
{
	size_t end = p->place.x + p->place.width, x = p->place.x;
	auto_sbuf span = SBUF_INIT;

	if (*p->chart->title && x + text_width(p->chart->title) <= end)
		x = canvas_put(p->canvas, x, p->place.y, bold_style, p->chart->title) + 2;
	add_span(&span, p);
	if (x + span.len <= end)
		canvas_put(p->canvas, x, p->place.y, dim_style, sbuf_str(&span));
}

/* Sets the scales and makes room for the dots. */
static void plot_init(struct plot *p, enum fmt_unit unit)
{
	double min, max;
	char buf[FMT_MAX];
	size_t labels = strlen(utc);

	find_range(p->chart, &min, &max);
	bytes_axis_fit(min, max, p->place.height - ROWS_AROUND, unit, &p->bytes);
	for (size_t i = 0; i <= p->bytes.intervals; i++)
		labels = MAX(labels, strlen(bytes_axis_label(buf, &p->bytes, i)));
	p->rows = p->bytes.intervals * p->bytes.rows + 1;
	p->x = p->place.x + labels + 2;
	p->y = p->place.y + 1;
	p->columns = p->place.width > labels + 2 ? p->place.width - labels - 2 : 1;
	p->data = xcalloc(p->columns, p->rows);
	p->fit = xcalloc(p->columns, p->rows);
}

void chart_draw(const struct chart *chart, struct canvas *c, struct chart_place place,
		enum fmt_unit unit, bool ascii)
{
	struct plot p = {
		.chart = chart,
		.set = ascii ? &ascii_set : &braille,
		.canvas = c,
		.place = place,
	};

	if (chart->n == 0 || place.width < CHART_LEAST_WIDTH || place.height < CHART_LEAST_HEIGHT)
		return;
	p.first_ns = chart->samples[0].t_ns;
	p.last_ns = chart->samples[chart->n - 1].t_ns;
	plot_init(&p, unit);
	draw_data(&p);
	draw_fit(&p);
	put_title(&p);
	put_cells(&p);
	put_bytes_axis(&p);
	put_time_axis(&p);
	put_legend(&p);
	free(p.data);
	free(p.fit);
}
