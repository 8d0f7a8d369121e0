/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/growth.h"

#include <math.h>

#include "base/alloc.h"
#include "base/text.h"
#include "model/snapshot/heap_stats.h"
#include "present/build/cells.h"

enum { TEXT_SERIES = 12, DAY_SECONDS = 24 * 60 * 60 };

static const char id_help[] =
	"rss, pss, uss, anonymous, category:ID, owner:KIND/NAME, region:NAME, "
	"type:OWNER/NAME, class:..., line:..., allocator:...";

static struct cell cell_rate(const struct growth *g, double rate)
{
	/* Doubles beyond it have no 64 bits. */
	const double most = 9e18;

	return g->has_rate ? cell_i64((int64_t)round(MIN(MAX(rate, -most), most))) : cell_none();
}

static struct cell cell_verdict(enum verdict verdict)
{
	struct cell c = cell_text(verdict_descs[verdict].id);

	c.tone = verdict_descs[verdict].grows ? TONE_WARN : TONE_PLAIN;
	return c;
}

/* "growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over 4 h 00 min, ..." */
static const struct column sentence_columns[] = {
	COLUMN("verdict", "", CELL_ID, "", .line = "%"),
	COLUMN("speed", "", CELL_RATE, "", .line = " at %"),
	COLUMN("trend", "", CELL_RATE, "", .line = ", %"),
	COLUMN("low", "", CELL_DELTA, "", .line = " (95 %: %"),
	COLUMN("high", "", CELL_DELTA, "", .line = " to %)"),
	COLUMN("samples", "", CELL_COUNT, "", .line = ", % sample|, % samples"),
	COLUMN("span", "", CELL_SECONDS, "", .line = " over %"),
	COLUMN("confidence", "", CELL_RATIO, "", .line = ", confidence %"),
	COLUMN("meaning", "", CELL_ID, "", .line = ": %"),
};

static const struct table *sentence_table(struct report *r, const struct growth *g)
{
	struct table *t = report_table(r, sentence_columns, ARRAY_SIZE(sentence_columns), 1);
	const struct verdict_desc *d = &verdict_descs[g->verdict];
	bool moves = d->grows || g->verdict == VERDICT_SHRINKING;
	struct cell rate = cell_rate(g, g->rate);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SENTENCE;
	row_set(t, 0, "verdict", cell_text(d->title));
	row_set(t, 0, "speed", moves ? rate : cell_none());
	row_set(t, 0, "trend", moves ? cell_none() : rate);
	row_set(t, 0, "low", cell_rate(g, g->low));
	row_set(t, 0, "high", cell_rate(g, g->high));
	row_set(t, 0, "samples", cell_u64(g->samples));
	row_set(t, 0, "span", cell_real(g->span_seconds));
	row_set(t, 0, "confidence",
		g->verdict == VERDICT_INSUFFICIENT ? cell_none() : cell_real(g->confidence));
	row_set(t, 0, "meaning", cell_text(d->help));
	table_row(t, 0)->tone = d->grows ? TONE_WARN : TONE_PLAIN;
	return t;
}

/* "reaches cgroup_max 1.0 GiB in 4 h 30 min to 5 h 12 min" */
static const struct column reach_columns[] = {
	COLUMN("how", "", CELL_ID, "", .line = "% "),
	COLUMN("limit", "", CELL_ID, "", .line = "%"),
	COLUMN("bytes", "", CELL_BYTES, "", .line = " %"),
	COLUMN("low", "", CELL_SECONDS, "", .line = " in %"),
	COLUMN("high", "", CELL_SECONDS, "", .line = " to %"),
	COLUMN("open", "", CELL_BOOL, "", .line = " or later"),
	COLUMN("beyond", "", CELL_BOOL, "", .line = ": not within 30 days"),
	COLUMN("untold", "", CELL_BOOL, "", .line = ": cannot be told yet"),
};

/* To a person both ends of the range may read the same. */
static bool reads_alike(const struct reach *reach)
{
	char low[FMT_MAX], high[FMT_MAX];

	return streq(fmt_duration(low, reach->seconds_low),
		     fmt_duration(high, reach->seconds_high));
}

static const struct table *reach_table(struct report *r, const struct growth_inputs *v)
{
	const struct reach *reach = &v->reach;
	bool in_range = reach->status == REACH_RANGE;
	bool is_open = in_range && !isfinite(reach->seconds_high);
	bool is_reached = in_range && reach->seconds_high <= 0;
	bool is_untold = v->growth.verdict == VERDICT_INSUFFICIENT && !in_range;
	struct table *t;

	if (!v->limit_id || (reach->status == REACH_NONE && !v->limit_asked))
		return NULL;
	t = report_table(r, reach_columns, ARRAY_SIZE(reach_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SENTENCE;
	row_set(t, 0, "how",
		in_range ? cell_text(is_reached ? "has reached" : "reaches") : cell_none());
	row_set(t, 0, "limit", cell_text(v->limit_id));
	row_set(t, 0, "bytes", cell_u64(v->limit_bytes));
	row_set(t, 0, "low", in_range && !is_reached ? cell_real(reach->seconds_low) : cell_none());
	row_set(t, 0, "high",
		in_range && !is_reached && !is_open && !reads_alike(reach)
			? cell_real(reach->seconds_high)
			: cell_none());
	row_set(t, 0, "open", cell_bool(is_open));
	row_set(t, 0, "beyond", cell_bool(!in_range && !is_untold));
	row_set(t, 0, "untold", cell_bool(is_untold));
	if (in_range)
		table_row(t, 0)->tone = reach->seconds_low < DAY_SECONDS ? TONE_BAD : TONE_WARN;
	return t;
}

static const struct column limit_columns[] = {
	COLUMN("id", "", CELL_ID, "the limit that is nearest; null if there is none"),
	COLUMN("status", "", CELL_ID, "none, beyond_30_days or range"),
	COLUMN("seconds_low", "", CELL_SECONDS, "until it is reached, at the earliest"),
	COLUMN("seconds_high", "", CELL_SECONDS, "at the latest; null if it may be never"),
};

static const struct table *limit_table(struct report *r, const struct growth_inputs *v)
{
	static const char *const statuses[] = {
		[REACH_NONE] = "none",
		[REACH_BEYOND_30_DAYS] = "beyond_30_days",
		[REACH_RANGE] = "range",
	};
	struct table *t = report_table(r, limit_columns, ARRAY_SIZE(limit_columns), 1);
	bool in_range = v->limit_id && v->reach.status == REACH_RANGE;
	bool is_open = !isfinite(v->reach.seconds_high);

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	row_set(t, 0, "id", cell_text(v->limit_id));
	row_set(t, 0, "status", cell_text(statuses[v->limit_id ? v->reach.status : REACH_NONE]));
	row_set(t, 0, "seconds_low", in_range ? cell_real(v->reach.seconds_low) : cell_none());
	row_set(t, 0, "seconds_high",
		in_range && !is_open ? cell_real(v->reach.seconds_high) : cell_none());
	return t;
}

static const struct column age_columns[] = {
	COLUMN("status_age_seconds", "", CELL_SECONDS, "since RSS was read",
	       .line = "RSS as of % ago"),
	COLUMN("rollup_age_seconds", "", CELL_SECONDS, "since PSS was", .line = "PSS % ago"),
	COLUMN("smaps_age_seconds", "", CELL_SECONDS, "since the mappings were",
	       .line = "mappings % ago"),
	COLUMN("deep_age_seconds", "", CELL_SECONDS, "since what memory holds was (--deep)",
	       .line = "what memory holds % ago"),
};

/* Of what was not read text says nothing. */
static const struct table *ages_table(struct report *r, const struct growth_inputs *v,
				      enum table_layout layout)
{
	const struct age ages[] = { v->status_age, v->rollup_age, v->smaps_age, v->deep_age };
	struct table *t;

	if (!v->has_ages)
		return NULL;
	t = report_table(r, age_columns, ARRAY_SIZE(age_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = layout;
	for (size_t i = 0; i < ARRAY_SIZE(ages); i++) {
		table_row(t, 0)[i] = !ages[i].why              ? cell_real(ages[i].seconds)
				     : layout == LAYOUT_HIDDEN ? cell_absent(ages[i].why)
							       : cell_none();
		table_row(t, 0)[i].tone = TONE_DIM;
	}
	return t;
}

static const struct column series_columns[] = {
	COLUMN("id", "WHAT", CELL_TEXT, id_help),
	COLUMN("verdict", "VERDICT", CELL_ID, "as of the whole"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "of the fit"),
	COLUMN("share", "SHARE", CELL_PERCENT, "of the rate of the whole, if that grows",
	       .flags = COL_TEXT),
	COLUMN("change", "CHANGE", CELL_DELTA, "from the first sample to the last",
	       .flags = COL_TEXT),
	COLUMN("within", "95 % +-", CELL_BYTES, "half of its 95 % interval, in an hour",
	       .flags = COL_TEXT),
	COLUMN("low_bytes_per_hour", "low", CELL_RATE, "its 95 % interval", .flags = COL_DATA),
	COLUMN("high_bytes_per_hour", "high", CELL_RATE, "and its end", .flags = COL_DATA),
	COLUMN("confidence", "confidence", CELL_RATIO, "0 to 1", .flags = COL_DATA),
	COLUMN("samples", "samples", CELL_COUNT, "that were judged", .flags = COL_DATA),
	COLUMN("span_seconds", "span", CELL_SECONDS, "from the first to the last",
	       .flags = COL_DATA),
	COLUMN("first_bytes", "first", CELL_BYTES, "at the first sample", .flags = COL_DATA),
	COLUMN("last_bytes", "last", CELL_BYTES, "at the last sample", .flags = COL_DATA),
};

/* The totals, whose ids have no kind; not the parts of them. */
static bool is_total(const struct growth_series *s)
{
	return !strchr(s->id, ':');
}

/* Totals go first, as they come; then what grows, and of that what grows faster. */
static int compare_series(const void *a, const void *b)
{
	const struct growth_series *x = *(const struct growth_series *const *)a;
	const struct growth_series *y = *(const struct growth_series *const *)b;
	int by_total = is_total(y) - is_total(x);
	int by_verdict = verdict_descs[y->growth.verdict].grows -
			 verdict_descs[x->growth.verdict].grows;
	int by_rate = (y->growth.rate > x->growth.rate) - (y->growth.rate < x->growth.rate);
	int by_place = (x > y) - (x < y);

	if (by_total || is_total(x))
		return by_total ? by_total : by_place;
	return by_verdict ? by_verdict : by_rate ? by_rate : by_place;
}

/* The longer half of the interval: the rate is hardly ever in its middle. */
static struct cell cell_within(const struct growth *g)
{
	double within = MAX(g->high - g->rate, g->rate - g->low);

	return g->has_rate ? cell_u64((uint64_t)MIN(MAX(within, 0), 9e18)) : cell_none();
}

static void fill_series(const struct table *t, size_t row, const struct growth_series *s,
			const struct growth *whole)
{
	const struct growth *g = &s->growth;
	bool is_part = verdict_descs[whole->verdict].grows && g->has_rate && g->rate > 0 &&
		       whole->rate > 0;
	int64_t change = (int64_t)(s->last_bytes - s->first_bytes);

	row_set(t, row, "id", cell_text(s->id));
	row_set(t, row, "change", cell_i64(change));
	row_set(t, row, "rate_bytes_per_hour", cell_rate(g, g->rate));
	row_set(t, row, "within", cell_within(g));
	row_set(t, row, "low_bytes_per_hour", cell_rate(g, g->low));
	row_set(t, row, "high_bytes_per_hour", cell_rate(g, g->high));
	row_set(t, row, "share", is_part ? cell_real(100 * g->rate / whole->rate) : cell_none());
	row_set(t, row, "verdict", cell_verdict(g->verdict));
	row_set(t, row, "confidence", cell_real(g->confidence));
	row_set(t, row, "samples", cell_u64(g->samples));
	row_set(t, row, "span_seconds", cell_real(g->span_seconds));
	row_set(t, row, "first_bytes", cell_u64(s->first_bytes));
	row_set(t, row, "last_bytes", cell_u64(s->last_bytes));
}

/* In the order of the table; owned by the report. */
static const struct growth_series **sort_series(struct report *r, const struct growth_inputs *v)
{
	const struct growth_series **sorted = arena_array(&r->arena, v->n_series,
							  const struct growth_series *);

	for (size_t i = 0; i < v->n_series; i++)
		sorted[i] = &v->series[i];
	if (v->n_series > 0)
		qsort(sorted, v->n_series, sizeof(*sorted), compare_series);
	return sorted;
}

/* Text leaves out what neither grew nor did anything else of note. */
static const struct table *series_table(struct report *r, const struct growth_inputs *v,
					const struct growth_series **sorted)
{
	bool *hide = arena_array(&r->arena, v->n_series, bool);
	struct table *t = report_table(r, series_columns, ARRAY_SIZE(series_columns), v->n_series);

	for (size_t i = 0; i < v->n_series; i++) {
		enum verdict verdict = sorted[i]->growth.verdict;

		hide[i] = verdict == VERDICT_INSUFFICIENT || verdict == VERDICT_STABLE;
		fill_series(t, i, sorted[i], &v->growth);
	}
	t->layout = LAYOUT_TABLE;
	t->title = "What changed";
	t->text_rows = TEXT_SERIES;
	t->text_hide = hide;
	return t;
}

/* "Types that grow: dict +120.0 MiB/h, str +40.2 MiB/h" */
static const struct column held_columns[] = {
	COLUMN("what", "", CELL_ID, "", .line = "%:"),
	COLUMN("name_1", "", CELL_TEXT, "", .line = " %"),
	COLUMN("rate_1", "", CELL_RATE, "", .line = " %"),
	COLUMN("name_2", "", CELL_TEXT, "", .line = ", %"),
	COLUMN("rate_2", "", CELL_RATE, "", .line = " %"),
	COLUMN("name_3", "", CELL_TEXT, "", .line = ", %"),
	COLUMN("rate_3", "", CELL_RATE, "", .line = " %"),
	COLUMN("name_4", "", CELL_TEXT, "", .line = ", %"),
	COLUMN("rate_4", "", CELL_RATE, "", .line = " %"),
	COLUMN("name_5", "", CELL_TEXT, "", .line = ", %"),
	COLUMN("rate_5", "", CELL_RATE, "", .line = " %"),
	COLUMN("rest", "", CELL_COUNT, "", .line = ", and % more"),
};

enum { HELD_MAX = 5, HELD_FIRST = 1, HELD_REST = HELD_FIRST + 2 * HELD_MAX };

_Static_assert(ARRAY_SIZE(held_columns) == HELD_REST + 1, "a name and a rate for each");

/* What a reader would call it: a line is of something, a type speaks for itself. */
static const char *held_name(struct report *r, const struct heap_stat *h)
{
	return h->kind == HEAP_STAT_LINE ? arena_printf(&r->arena, "%s %s", h->owner, h->name)
					 : arena_strdup(&r->arena, h->name);
}

/* What grows of one kind; the series are sorted. NULL if nothing does. */
static const struct table *held_table(struct report *r, const struct growth_series **sorted,
				      size_t n, enum heap_stat_kind kind, const char *what)
{
	struct table *t = report_table(r, held_columns, ARRAY_SIZE(held_columns), 1);
	struct cell *cells = table_row(t, 0);
	size_t found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(held_columns); i++)
		cells[i] = cell_none();
	for (size_t i = 0; i < n; i++) {
		auto_free char *buf = NULL;
		struct heap_stat h;

		if (!verdict_descs[sorted[i]->growth.verdict].grows ||
		    !heap_stat_parse_id(sorted[i]->id, &h, &buf) || h.kind != kind)
			continue;
		if (found < HELD_MAX) {
			cells[HELD_FIRST + 2 * found] = cell_text(held_name(r, &h));
			cells[HELD_FIRST + 2 * found + 1] = cell_rate(&sorted[i]->growth,
								      sorted[i]->growth.rate);
		}
		found++;
	}
	if (!found)
		return NULL;
	cells[0] = cell_text(what);
	if (found > HELD_MAX)
		cells[HELD_REST] = cell_u64(found - HELD_MAX);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SENTENCE;
	table_row(t, 0)->tone = TONE_WARN;
	return t;
}

static const struct table *chart_table(struct report *r, const struct growth_inputs *v)
{
	struct chart *chart;
	struct table *t;
	auto_sbuf title = SBUF_INIT;

	if (v->n_samples < 2)
		return NULL;
	text_escape(&title, v->title, strlen(v->title));
	chart = arena_alloc(&r->arena, sizeof(*chart));
	*chart = (struct chart){
		.title = arena_strdup(&r->arena, sbuf_str(&title)),
		.samples = v->samples,
		.n = v->n_samples,
		.has_fit = v->growth.has_rate,
		.fit_start = v->growth.line_start,
		.fit_end = v->growth.line_end,
		.limit_title = v->limit_id,
		.limit_bytes = v->limit_bytes,
		.has_wall = v->has_wall,
		.wall_offset_ns = v->wall_offset_ns,
		.marks = v->marks,
		.n_marks = v->n_marks,
	};
	t = report_table(r, NULL, 0, 1);
	t->layout = LAYOUT_CHART;
	t->chart = chart;
	return t;
}

static const struct column growth_columns[] = {
	COLUMN("sentence", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("reach", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("types", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("lines", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("ages", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("chart", "", CELL_TABLE, "", .flags = COL_TEXT),
	COLUMN("verdict", "", CELL_ID, "see the manual", .flags = COL_DATA),
	COLUMN("confidence", "", CELL_RATIO, "0 to 1", .flags = COL_DATA),
	COLUMN("samples", "", CELL_COUNT, "that were judged", .flags = COL_DATA),
	COLUMN("span_seconds", "", CELL_SECONDS, "from the first to the last", .flags = COL_DATA),
	COLUMN("rate_bytes_per_hour", "", CELL_RATE, "null before there is enough",
	       .flags = COL_DATA),
	COLUMN("low_bytes_per_hour", "", CELL_RATE, "its 95 % interval", .flags = COL_DATA),
	COLUMN("high_bytes_per_hour", "", CELL_RATE, "and its end", .flags = COL_DATA),
	COLUMN("limit", "", CELL_TABLE, "when it is reached", .flags = COL_DATA),
	COLUMN("sampled", "", CELL_TABLE, "how old the newest readings are", .flags = COL_DATA),
	COLUMN("series", "", CELL_TABLE, "what grew"),
};

const struct table *build_growth(struct report *r, const struct growth_inputs *v)
{
	struct table *t = report_table(r, growth_columns, ARRAY_SIZE(growth_columns), 1);
	const struct growth_series **sorted = sort_series(r, v);
	const struct growth *g = &v->growth;

	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_SECTIONS;
	t->title = "Growth";
	row_set(t, 0, "sentence", cell_table(sentence_table(r, g)));
	row_set(t, 0, "reach", cell_table(reach_table(r, v)));
	row_set(t, 0, "types",
		cell_table(held_table(r, sorted, v->n_series, HEAP_STAT_TYPE, "Types that grow")));
	row_set(t, 0, "lines",
		cell_table(held_table(r, sorted, v->n_series, HEAP_STAT_LINE, "Lines that grow")));
	row_set(t, 0, "ages", cell_table(ages_table(r, v, LAYOUT_LINE)));
	row_set(t, 0, "chart", cell_table(chart_table(r, v)));
	row_set(t, 0, "verdict", cell_verdict(g->verdict));
	row_set(t, 0, "confidence", cell_real(g->confidence));
	row_set(t, 0, "samples", cell_u64(g->samples));
	row_set(t, 0, "span_seconds", cell_real(g->span_seconds));
	row_set(t, 0, "rate_bytes_per_hour", cell_rate(g, g->rate));
	row_set(t, 0, "low_bytes_per_hour", cell_rate(g, g->low));
	row_set(t, 0, "high_bytes_per_hour", cell_rate(g, g->high));
	row_set(t, 0, "limit", cell_table(limit_table(r, v)));
	row_set(t, 0, "sampled", cell_table(ages_table(r, v, LAYOUT_HIDDEN)));
	row_set(t, 0, "series", cell_table(series_table(r, v, sorted)));
	return t;
}
