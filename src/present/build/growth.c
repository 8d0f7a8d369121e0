/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/growth.h"

#include <math.h>

#include "base/text.h"
#include "present/build/cells.h"
#include "present/build/growth_series.h"

enum { DAY_SECONDS = 24 * 60 * 60 };

struct sentence {
	const char *meaning;
	uint64_t samples;
	double span;
	struct cell verdict, speed, trend, low, high, confidence;
};

/* "growing at +38.4 MiB/h (95 %: +36.1 MiB to +40.9 MiB), 48 samples over 4 h 00 min, ..." */
static const struct column sentence_columns[] = {
	COLUMN("verdict", "", CELL_ID, "", FIELD(struct sentence, verdict), .line = "%"),
	COLUMN("speed", "", CELL_RATE, "", FIELD(struct sentence, speed), .line = " at %"),
	COLUMN("trend", "", CELL_RATE, "", FIELD(struct sentence, trend), .line = ", %"),
	COLUMN("low", "", CELL_DELTA, "", FIELD(struct sentence, low), .line = " (95 %: %"),
	COLUMN("high", "", CELL_DELTA, "", FIELD(struct sentence, high), .line = " to %)"),
	COLUMN("samples", "", CELL_COUNT, "", FIELD(struct sentence, samples),
	       .line = ", % sample|, % samples"),
	COLUMN("span", "", CELL_SECONDS, "", FIELD(struct sentence, span), .line = " over %"),
	COLUMN("confidence", "", CELL_RATIO, "", FIELD(struct sentence, confidence),
	       .line = ", confidence %"),
	COLUMN("meaning", "", CELL_ID, "", FIELD(struct sentence, meaning), .line = ": %"),
};

static const struct table *sentence_table(struct report *r, const struct growth *g)
{
	const struct verdict_desc *d = &verdict_descs[g->verdict];
	bool moves = d->grows || g->verdict == VERDICT_SHRINKING;
	struct cell rate = cell_rate(g, g->rate);
	const struct sentence row = {
		.verdict = cell_toned(cell_text(d->title), d->grows ? TONE_WARN : TONE_PLAIN),
		.speed = moves ? rate : cell_none(),
		.trend = moves ? cell_none() : rate,
		.low = cell_rate(g, g->low),
		.high = cell_rate(g, g->high),
		.samples = g->samples,
		.span = g->span_seconds,
		.confidence = g->verdict == VERDICT_INSUFFICIENT ? cell_none()
								 : cell_real(g->confidence),
		.meaning = d->help,
	};
	struct table *t = OBJECT_OF(r, sentence_columns, &row);

	t->layout = LAYOUT_SENTENCE;
	return t;
}

struct reach_row {
	const char *limit;
	uint64_t bytes;
	bool open, beyond, untold;
	struct cell how, low, high;
};

/* "reaches cgroup_max 1.0 GiB in 4 h 30 min to 5 h 12 min" */
static const struct column reach_columns[] = {
	COLUMN("how", "", CELL_ID, "", FIELD(struct reach_row, how), .line = "% "),
	COLUMN("limit", "", CELL_ID, "", FIELD(struct reach_row, limit), .line = "%"),
	COLUMN("bytes", "", CELL_BYTES, "", FIELD(struct reach_row, bytes), .line = " %"),
	COLUMN("low", "", CELL_SECONDS, "", FIELD(struct reach_row, low), .line = " in %"),
	COLUMN("high", "", CELL_SECONDS, "", FIELD(struct reach_row, high), .line = " to %"),
	COLUMN("open", "", CELL_BOOL, "", FIELD(struct reach_row, open), .line = " or later"),
	COLUMN("beyond", "", CELL_BOOL, "", FIELD(struct reach_row, beyond),
	       .line = ": not within 30 days"),
	COLUMN("untold", "", CELL_BOOL, "", FIELD(struct reach_row, untold),
	       .line = ": cannot be told yet"),
};

/* Returns whether both ends of the range read the same in text. */
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
	enum tone tone = reach->seconds_low < DAY_SECONDS ? TONE_BAD : TONE_WARN;
	const char *how = is_reached ? "has reached" : "reaches";
	const struct reach_row row = {
		.how = in_range ? cell_toned(cell_text(how), tone) : cell_none(),
		.limit = v->limit_id,
		.bytes = v->limit_bytes,
		.low = in_range && !is_reached ? cell_real(reach->seconds_low) : cell_none(),
		.high = in_range && !is_reached && !is_open && !reads_alike(reach)
				? cell_real(reach->seconds_high)
				: cell_none(),
		.open = is_open,
		.beyond = !in_range && !is_untold,
		.untold = is_untold,
	};
	struct table *t;

	if (!v->limit_id || (reach->status == REACH_NONE && !v->limit_asked))
		return NULL;
	t = OBJECT_OF(r, reach_columns, &row);
	t->layout = LAYOUT_SENTENCE;
	return t;
}

struct nearest_limit {
	const char *id, *status;
	struct cell low, high;
};

static const struct column limit_columns[] = {
	COLUMN("id", "", CELL_ID, "the limit that is nearest; null if there is none",
	       FIELD(struct nearest_limit, id)),
	COLUMN("status", "", CELL_ID, "none, beyond_30_days or range",
	       FIELD(struct nearest_limit, status)),
	COLUMN("seconds_low", "", CELL_SECONDS, "until it is reached, at the earliest",
	       FIELD(struct nearest_limit, low)),
	COLUMN("seconds_high", "", CELL_SECONDS, "at the latest; null if it may be never",
	       FIELD(struct nearest_limit, high)),
};

static const struct table *limit_table(struct report *r, const struct growth_inputs *v)
{
	static const char *const statuses[] = {
		[REACH_NONE] = "none",
		[REACH_BEYOND_30_DAYS] = "beyond_30_days",
		[REACH_RANGE] = "range",
	};
	bool in_range = v->limit_id && v->reach.status == REACH_RANGE;
	bool is_open = !isfinite(v->reach.seconds_high);
	const struct nearest_limit row = {
		.id = v->limit_id,
		.status = statuses[v->limit_id ? v->reach.status : REACH_NONE],
		.low = in_range ? cell_real(v->reach.seconds_low) : cell_none(),
		.high = in_range && !is_open ? cell_real(v->reach.seconds_high) : cell_none(),
	};

	return OBJECT_OF(r, limit_columns, &row);
}

struct ages {
	struct cell status, rollup, smaps, deep;
};

static const struct column age_columns[] = {
	COLUMN("status_age_seconds", "", CELL_SECONDS, "since RSS was read",
	       FIELD(struct ages, status), .line = "RSS as of % ago"),
	COLUMN("rollup_age_seconds", "", CELL_SECONDS, "since PSS was", FIELD(struct ages, rollup),
	       .line = "PSS % ago"),
	COLUMN("smaps_age_seconds", "", CELL_SECONDS, "since the mappings were",
	       FIELD(struct ages, smaps), .line = "mappings % ago"),
	COLUMN("deep_age_seconds", "", CELL_SECONDS, "since what memory holds was (--deep)",
	       FIELD(struct ages, deep), .line = "what memory holds % ago"),
};

/* Returns an age; text leaves out what was not read. */
static struct cell age_cell(struct age age, enum table_layout layout)
{
	struct cell c = !age.why                  ? cell_real(age.seconds)
			: layout == LAYOUT_HIDDEN ? cell_absent(age.why)
						  : cell_none();

	return cell_toned(c, TONE_DIM);
}

static const struct table *ages_table(struct report *r, const struct growth_inputs *v,
				      enum table_layout layout)
{
	const struct ages row = {
		.status = age_cell(v->status_age, layout),
		.rollup = age_cell(v->rollup_age, layout),
		.smaps = age_cell(v->smaps_age, layout),
		.deep = age_cell(v->deep_age, layout),
	};
	struct table *t;

	if (!v->has_ages)
		return NULL;
	t = OBJECT_OF(r, age_columns, &row);
	t->layout = layout;
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
	t = report_rows(r, NULL, 0, NULL, 0, 1);
	t->layout = LAYOUT_CHART;
	t->chart = chart;
	return t;
}

struct growth_row {
	const struct table *sentence, *reach, *types, *lines, *ages, *chart, *limit, *sampled,
		*series;
	struct cell verdict, rate, low, high;
	double confidence, span_seconds;
	uint64_t samples;
};

static const struct column growth_columns[] = {
	COLUMN("sentence", "", CELL_TABLE, "", FIELD(struct growth_row, sentence),
	       .flags = COL_TEXT),
	COLUMN("reach", "", CELL_TABLE, "", FIELD(struct growth_row, reach), .flags = COL_TEXT),
	COLUMN("types", "", CELL_TABLE, "", FIELD(struct growth_row, types), .flags = COL_TEXT),
	COLUMN("lines", "", CELL_TABLE, "", FIELD(struct growth_row, lines), .flags = COL_TEXT),
	COLUMN("ages", "", CELL_TABLE, "", FIELD(struct growth_row, ages), .flags = COL_TEXT),
	COLUMN("chart", "", CELL_TABLE, "", FIELD(struct growth_row, chart), .flags = COL_TEXT),
	COLUMN("verdict", "", CELL_ID, "see the manual", FIELD(struct growth_row, verdict),
	       .flags = COL_DATA),
	COLUMN("confidence", "", CELL_RATIO, "0 to 1", FIELD(struct growth_row, confidence),
	       .flags = COL_DATA),
	COLUMN("samples", "", CELL_COUNT, "that were judged", FIELD(struct growth_row, samples),
	       .flags = COL_DATA),
	COLUMN("span_seconds", "", CELL_SECONDS, "from the first to the last",
	       FIELD(struct growth_row, span_seconds), .flags = COL_DATA),
	COLUMN("rate_bytes_per_hour", "", CELL_RATE, "null before there is enough",
	       FIELD(struct growth_row, rate), .flags = COL_DATA),
	COLUMN("low_bytes_per_hour", "", CELL_RATE, "its 95 % interval",
	       FIELD(struct growth_row, low), .flags = COL_DATA),
	COLUMN("high_bytes_per_hour", "", CELL_RATE, "and its end", FIELD(struct growth_row, high),
	       .flags = COL_DATA),
	COLUMN("limit", "", CELL_TABLE, "when it is reached", FIELD(struct growth_row, limit),
	       .flags = COL_DATA),
	COLUMN("sampled", "", CELL_TABLE, "how old the newest readings are",
	       FIELD(struct growth_row, sampled), .flags = COL_DATA),
	COLUMN("series", "", CELL_TABLE, "what grew", FIELD(struct growth_row, series)),
};

const struct table *build_growth(struct report *r, const struct growth_inputs *v)
{
	const struct growth_series **sorted = sort_series(r, v);
	const struct growth *g = &v->growth;
	const struct growth_row row = {
		.sentence = sentence_table(r, g),
		.reach = reach_table(r, v),
		.types = build_held(r, sorted, v->n_series, HEAP_STAT_TYPE, "Types that grow"),
		.lines = build_held(r, sorted, v->n_series, HEAP_STAT_LINE, "Lines that grow"),
		.ages = ages_table(r, v, LAYOUT_LINE),
		.chart = chart_table(r, v),
		.verdict = cell_verdict(g->verdict),
		.confidence = g->confidence,
		.samples = g->samples,
		.span_seconds = g->span_seconds,
		.rate = cell_rate(g, g->rate),
		.low = cell_rate(g, g->low),
		.high = cell_rate(g, g->high),
		.limit = limit_table(r, v),
		.sampled = ages_table(r, v, LAYOUT_HIDDEN),
		.series = build_series(r, v, sorted),
	};
	struct table *t = OBJECT_OF(r, growth_columns, &row);

	t->layout = LAYOUT_SECTIONS;
	t->title = "Growth";
	return t;
}
