/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/growth_series.h"

#include <math.h>

#include "base/alloc.h"
#include "present/build/cells.h"

enum { TEXT_SERIES = 12 };

static const char id_help[] =
	"rss, pss, uss, anonymous, category:ID, owner:KIND/NAME, region:NAME, "
	"type:OWNER/NAME, class:..., line:..., allocator:...";

struct cell cell_rate(const struct growth *g, double rate)
{
	/* Larger doubles do not fit into 64 bits. */
	const double most = 9e18;

	return g->has_rate ? cell_i64((int64_t)round(MIN(MAX(rate, -most), most))) : cell_none();
}

struct cell cell_verdict(enum verdict verdict)
{
	const struct verdict_desc *d = &verdict_descs[verdict];

	return cell_toned(cell_text(d->id), d->grows ? TONE_WARN : TONE_PLAIN);
}

/* What the getters of the series need. */
struct series_arg {
	const struct growth_series **sorted; /* in the order of the table */
	struct growth whole;
};

static const void *series_row(void *arg, size_t row)
{
	return ((const struct series_arg *)arg)->sorted[row];
}

static struct cell get_verdict(const struct ask *ask)
{
	return cell_verdict(((const struct growth_series *)ask->row)->growth.verdict);
}

/* Returns a rate of the growth of a series; column.at is its offset. */
static struct cell get_rate(const struct ask *ask)
{
	return cell_rate(&((const struct growth_series *)ask->row)->growth, field_real(ask).d);
}

static struct cell get_share(const struct ask *ask)
{
	const struct growth *whole = &((const struct series_arg *)ask->arg)->whole;
	const struct growth *g = &((const struct growth_series *)ask->row)->growth;
	bool is_part = verdict_descs[whole->verdict].grows && g->has_rate && g->rate > 0 &&
		       whole->rate > 0;

	return is_part ? cell_real(100 * g->rate / whole->rate) : cell_none();
}

static struct cell get_change(const struct ask *ask)
{
	const struct growth_series *s = ask->row;

	return cell_i64((int64_t)(s->last_bytes - s->first_bytes));
}

/* Returns the longer side of the interval: the rate is rarely in its middle. */
static struct cell get_within(const struct ask *ask)
{
	const struct growth *g = &((const struct growth_series *)ask->row)->growth;
	double within = MAX(g->high - g->rate, g->rate - g->low);

	return g->has_rate ? cell_u64((uint64_t)MIN(MAX(within, 0), 9e18)) : cell_none();
}

#define RATE(member) .get = get_rate, .at = offsetof(struct growth_series, growth.member)

static const struct column series_columns[] = {
	COLUMN("id", "WHAT", CELL_TEXT, id_help, FIELD(struct growth_series, id)),
	COLUMN("verdict", "VERDICT", CELL_ID, "as of the whole", .get = get_verdict),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "of the fit", RATE(rate)),
	COLUMN("share", "SHARE", CELL_PERCENT, "of the rate of the whole, if that grows",
	       .get = get_share, .flags = COL_TEXT),
	COLUMN("change", "CHANGE", CELL_DELTA, "from the first sample to the last",
	       .get = get_change, .flags = COL_TEXT),
	COLUMN("within", "95 % +-", CELL_BYTES, "half of its 95 % interval, in an hour",
	       .get = get_within, .flags = COL_TEXT),
	COLUMN("low_bytes_per_hour", "low", CELL_RATE, "its 95 % interval", RATE(low),
	       .flags = COL_DATA),
	COLUMN("high_bytes_per_hour", "high", CELL_RATE, "and its end", RATE(high),
	       .flags = COL_DATA),
	COLUMN("confidence", "confidence", CELL_RATIO, "0 to 1",
	       FIELD(struct growth_series, growth.confidence), .flags = COL_DATA),
	COLUMN("samples", "samples", CELL_COUNT, "that were judged",
	       FIELD(struct growth_series, growth.samples), .flags = COL_DATA),
	COLUMN("span_seconds", "span", CELL_SECONDS, "from the first to the last",
	       FIELD(struct growth_series, growth.span_seconds), .flags = COL_DATA),
	COLUMN("first_bytes", "first", CELL_BYTES, "at the first sample",
	       FIELD(struct growth_series, first_bytes), .flags = COL_DATA),
	COLUMN("last_bytes", "last", CELL_BYTES, "at the last sample",
	       FIELD(struct growth_series, last_bytes), .flags = COL_DATA),
};

#undef RATE

/* Returns whether a series is a total: the ids of parts begin with a kind. */
static bool is_total(const struct growth_series *s)
{
	return !strchr(s->id, ':');
}

/* Orders totals first, unchanged, then what grows, the fastest first, then the rest. */
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

const struct growth_series **sort_series(struct report *r, const struct growth_inputs *v)
{
	const struct growth_series **sorted = arena_array(&r->arena, v->n_series,
							  const struct growth_series *);

	for (size_t i = 0; i < v->n_series; i++)
		sorted[i] = &v->series[i];
	if (v->n_series > 0)
		qsort(sorted, v->n_series, sizeof(*sorted), compare_series);
	return sorted;
}

const struct table *build_series(struct report *r, const struct growth_inputs *v,
				 const struct growth_series **sorted)
{
	bool *hide = arena_array(&r->arena, v->n_series, bool);
	struct table *t = report_rows(r, series_columns, ARRAY_SIZE(series_columns), NULL, 0,
				      v->n_series);
	struct series_arg *arg = arena_alloc(&r->arena, sizeof(*arg));

	for (size_t i = 0; i < v->n_series; i++) {
		enum verdict verdict = sorted[i]->growth.verdict;

		hide[i] = verdict == VERDICT_INSUFFICIENT || verdict == VERDICT_STABLE;
	}
	*arg = (struct series_arg){ .sorted = sorted, .whole = v->growth };
	t->layout = LAYOUT_TABLE;
	t->title = "What changed";
	t->text_rows = TEXT_SERIES;
	t->text_hide = hide;
	t->row = series_row;
	t->arg = arg;
	return t;
}

enum { HELD_MAX = 5 };

struct held {
	struct cell what, rest;
	struct {
		const char *name;
		struct cell rate;
	} of[HELD_MAX];
};

/* "Types that grow: dict +120.0 MiB/h, str +40.2 MiB/h" */
static const struct column held_columns[] = {
	COLUMN("what", "", CELL_ID, "", FIELD(struct held, what), .line = "%:"),
	COLUMN("name_1", "", CELL_TEXT, "", FIELD(struct held, of[0].name), .line = " %"),
	COLUMN("rate_1", "", CELL_RATE, "", FIELD(struct held, of[0].rate), .line = " %"),
	COLUMN("name_2", "", CELL_TEXT, "", FIELD(struct held, of[1].name), .line = ", %"),
	COLUMN("rate_2", "", CELL_RATE, "", FIELD(struct held, of[1].rate), .line = " %"),
	COLUMN("name_3", "", CELL_TEXT, "", FIELD(struct held, of[2].name), .line = ", %"),
	COLUMN("rate_3", "", CELL_RATE, "", FIELD(struct held, of[2].rate), .line = " %"),
	COLUMN("name_4", "", CELL_TEXT, "", FIELD(struct held, of[3].name), .line = ", %"),
	COLUMN("rate_4", "", CELL_RATE, "", FIELD(struct held, of[3].rate), .line = " %"),
	COLUMN("name_5", "", CELL_TEXT, "", FIELD(struct held, of[4].name), .line = ", %"),
	COLUMN("rate_5", "", CELL_RATE, "", FIELD(struct held, of[4].rate), .line = " %"),
	COLUMN("rest", "", CELL_COUNT, "", FIELD(struct held, rest), .line = ", and % more"),
};

/* Returns the name of a statistic for readers: that of a line begins with its owner. */
static const char *held_name(struct report *r, const struct heap_stat *h)
{
	return h->kind == HEAP_STAT_LINE ? arena_printf(&r->arena, "%s %s", h->owner, h->name)
					 : arena_strdup(&r->arena, h->name);
}

const struct table *build_held(struct report *r, const struct growth_series **sorted, size_t n,
			       enum heap_stat_kind kind, const char *what)
{
	struct held row = { .what = cell_toned(cell_text(what), TONE_WARN), .rest = cell_none() };
	struct table *t;
	size_t found = 0;

	for (size_t i = 0; i < HELD_MAX; i++)
		row.of[i].rate = cell_none();
	for (size_t i = 0; i < n; i++) {
		auto_free char *buf = NULL;
		struct heap_stat h;

		if (!verdict_descs[sorted[i]->growth.verdict].grows ||
		    !heap_stat_parse_id(sorted[i]->id, &h, &buf) || h.kind != kind)
			continue;
		if (found < HELD_MAX) {
			row.of[found].name = held_name(r, &h);
			row.of[found].rate = cell_rate(&sorted[i]->growth, sorted[i]->growth.rate);
		}
		found++;
	}
	if (!found)
		return NULL;
	if (found > HELD_MAX)
		row.rest = cell_u64(found - HELD_MAX);
	t = OBJECT_OF(r, held_columns, &row);
	t->layout = LAYOUT_SENTENCE;
	return t;
}
