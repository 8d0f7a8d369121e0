/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/trend/growth on series made by hand, whose verdict and rate are obvious. The
 * statistics over many series are in t_growth_stats.
 */
#include "analysis/trend/growth.h"

#include <math.h>

#include "rows.h"

#define KB UINT64_C(1024)
#define MB (1024 * KB)
#define S INT64_C(1000000000)
#define PER_HOUR 3600.0

enum { MOST = 600 };

/* Returns the i-th of n samples, one each second. */
typedef uint64_t (*level_fn)(size_t i, size_t n);

static uint64_t constant(attr_unused size_t i, attr_unused size_t n)
{
	return 64 * MB;
}

static uint64_t zero(attr_unused size_t i, attr_unused size_t n)
{
	return 0;
}

static uint64_t largest(attr_unused size_t i, attr_unused size_t n)
{
	return UINT64_MAX;
}

static uint64_t zero_or_largest(size_t i, attr_unused size_t n)
{
	return i % 2 ? UINT64_MAX : 0;
}

static uint64_t line(size_t i, attr_unused size_t n)
{
	return 64 * MB + i * MB;
}

static uint64_t line_down(size_t i, size_t n)
{
	return 64 * MB + (n - i) * MB;
}

static uint64_t page_a_second(size_t i, attr_unused size_t n)
{
	return 64 * MB + i * 4 * KB;
}

static uint64_t spike(size_t i, size_t n)
{
	return i == n / 2 ? 900 * MB : 64 * MB;
}

static uint64_t spike_at_end(size_t i, size_t n)
{
	return i + 1 == n ? 900 * MB : 64 * MB;
}

static uint64_t line_with_spike(size_t i, size_t n)
{
	return i == n / 3 ? 0 : line(i, n);
}

static uint64_t step_once(size_t i, size_t n)
{
	return i >= n / 3 ? 96 * MB : 64 * MB;
}

/* A block is doubled each time it is full; little of the new part is touched at once. */
static uint64_t steps(size_t i, attr_unused size_t n)
{
	return 64 * MB + i / 6 * 32 * MB + i % 6 % 2 * 4 * KB;
}

/* Each fifth of the span ends where a step begins. */
static uint64_t steps_between_parts(size_t i, attr_unused size_t n)
{
	static const unsigned char levels[] = { 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3,
						3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5 };

	return 64 * MB + levels[i % ARRAY_SIZE(levels)] * 32 * MB;
}

/* 10 MB a second in random sizes; the allocator takes 1 MB from the system at a time. */
static uint64_t leaking(size_t i, attr_unused size_t n)
{
	uint64_t wobble = i * UINT64_C(2654435761) % 600 * KB;

	return 20 * MB + (i * 10 * MB + wobble) / MB * MB;
}

/* The same after a start that loads libraries. */
static uint64_t leaking_after_start(size_t i, size_t n)
{
	return leaking(i, n) - (i == 0 ? 12 * MB : i == 1 ? 3 * MB : 0);
}

/* Fills to 100 MB in steps of 10 MB, and then does not grow. */
static uint64_t full_cache(size_t i, size_t n)
{
	size_t full = n / 4;

	return 20 * MB + (i < full ? i : full) * 100 * MB / full;
}

static uint64_t saturating(size_t i, size_t n)
{
	double share = 1 - exp(-10 * (double)i / (double)n);

	return 20 * MB + (uint64_t)(share * 25600) * 4 * KB;
}

static uint64_t collected(size_t i, attr_unused size_t n)
{
	return 40 * MB + i % 8 * 5 * MB;
}

static uint64_t collected_and_leaking(size_t i, size_t n)
{
	return collected(i, n) + i * MB / 2;
}

/* kB of a Node program that allocates and drops Buffers, as measured. */
static uint64_t node_buffers(size_t i, attr_unused size_t n)
{
	static const unsigned int kb[] = {
		42240, 53232, 63396, 74088, 51532, 61548, 71816, 75316, 75316, 75316,
		75124, 75156, 75180, 75648, 75676, 75704, 74236, 74276, 74304, 78528,
		79228, 79252, 79268, 79228, 79248, 79280, 79232, 79256, 79276, 79232,
		79248, 79280, 79500, 79588, 79608, 79064, 79084, 79108, 79128, 79468,
	};

	return kb[i % ARRAY_SIZE(kb)] * KB;
}

/* kB of a Java heap that is full after 3 s; compiled code follows. */
static uint64_t java_heap(size_t i, attr_unused size_t n)
{
	static const unsigned int kb[] = {
		38288, 49628, 56484, 56512, 57488, 57856, 57856, 57856, 57856, 57856, 57856, 57856,
		57856, 57856, 57856, 57860, 57860, 57860, 57860, 57860, 57864, 57864, 58464, 58464,
		58832, 58832, 58832, 58832, 58836, 58836, 58840, 58840, 58840, 58840, 58840,
	};

	return kb[i % ARRAY_SIZE(kb)] * KB;
}

static uint64_t collected_after_start(size_t i, size_t n)
{
	return collected(i, n) + saturating(i, n);
}

struct judge_row {
	const char *name;
	level_fn level;
	size_t n;
	enum verdict want;
	double want_mb_per_s; /* within the interval */
};

static const struct judge_row judge_rows[] = {
	{ "nothing", constant, 0, VERDICT_INSUFFICIENT, 0 },
	{ "one sample", constant, 1, VERDICT_INSUFFICIENT, 0 },
	{ "two samples, apart", line, 2, VERDICT_INSUFFICIENT, 0 },
	{ "four samples of a line", line, 4, VERDICT_INSUFFICIENT, 0 },
	{ "five samples of a line", line, 5, VERDICT_GROWING, 1 },
	{ "five constant samples", constant, 5, VERDICT_STABLE, 0 },
	{ "constant", constant, 12, VERDICT_STABLE, 0 },
	{ "constant for long", constant, 512, VERDICT_STABLE, 0 },
	{ "all zero", zero, 30, VERDICT_STABLE, 0 },
	{ "all UINT64_MAX", largest, 30, VERDICT_STABLE, 0 },
	{ "a line", line, 12, VERDICT_GROWING, 1 },
	{ "a long line", line, 600, VERDICT_GROWING, 1 },
	{ "a line down", line_down, 60, VERDICT_SHRINKING, -1 },
	{ "a page a second", page_a_second, 30, VERDICT_GROWING, 1. / 256 },
	{ "one spike", spike, 30, VERDICT_STABLE, 0 },
	{ "a spike at the end", spike_at_end, 30, VERDICT_STABLE, 0 },
	{ "a line with a spike", line_with_spike, 30, VERDICT_GROWING, 1 },
	{ "one step", step_once, 30, VERDICT_STABLE, 0 },
	{ "stairs", steps, 48, VERDICT_GROWING_IN_STEPS, 32. / 6 },
	{ "stairs as long as the parts", steps_between_parts, 24, VERDICT_GROWING_IN_STEPS, 7 },
	{ "a leak seen 12 times", leaking, 12, VERDICT_GROWING, 10 },
	{ "a leak seen 20 times", leaking, 20, VERDICT_GROWING, 10 },
	{ "a leak seen 60 times", leaking, 60, VERDICT_GROWING, 10 },
	{ "a leak after the start", leaking_after_start, 15, VERDICT_GROWING, 10 },
	{ "a cache that is full", full_cache, 40, VERDICT_WARMING_UP, 0 },
	{ "a rise that saturates", saturating, 60, VERDICT_WARMING_UP, 0 },
	{ "collected to one floor", collected, 60, VERDICT_SAWTOOTH, 0 },
	{ "collected while it warms up", collected_after_start, 240, VERDICT_SAWTOOTH, 0 },
	{ "collected to a rising floor", collected_and_leaking, 60, VERDICT_SAWTOOTH_GROWING, .5 },
	{ "a ragged start, then still", node_buffers, 40, VERDICT_WARMING_UP, 0 },
	{ "a start, then one step", java_heap, 35, VERDICT_WARMING_UP, 0 },
};

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	struct sample samples[MOST];
	struct growth g;
	double want = row->want_mb_per_s * (double)MB * PER_HOUR;

	for (size_t i = 0; i < row->n; i++)
		samples[i] = (struct sample){ 77 * S + (int64_t)i * S, row->level(i, row->n) };
	growth_judge(samples, row->n, &g);
	assert_string_equal(verdict_descs[g.verdict].id, verdict_descs[row->want].id);
	assert_int_equal(g.samples, row->n);
	assert_float_equal(g.span_seconds, row->n ? (double)row->n - 1 : 0, 1e-6);
	assert_true(g.confidence >= 0 && g.confidence <= 1);
	assert_true(g.has_rate == (row->n >= 5));
	assert_true(!g.has_rate || (g.low <= want && want <= g.high));
}

/* Values that no program reaches still give finite numbers. */
static void test_extremes(attr_unused void **state)
{
	struct sample samples[MOST];
	struct growth g;

	for (size_t n = 0; n <= 40; n++) {
		for (size_t i = 0; i < n; i++)
			samples[i] = (struct sample){ (int64_t)i * (INT64_MAX / 64),
						      zero_or_largest(i, n) };
		growth_judge(samples, n, &g);
		assert_true(isfinite(g.rate) && isfinite(g.low) && isfinite(g.high));
		assert_true(g.confidence >= 0 && g.confidence <= 1);
		assert_false(verdict_descs[g.verdict].grows);
	}
}

static void test_constant_is_tight(attr_unused void **state)
{
	struct sample samples[12];
	struct growth g;

	for (size_t i = 0; i < 12; i++)
		samples[i] = (struct sample){ (int64_t)i * S, 64 * MB };
	growth_judge(samples, 12, &g);
	assert_float_equal(g.rate, 0, 0);
	/* A change of one page in 11 seconds may be missed, but not more. */
	assert_float_equal(g.low, -4096 * PER_HOUR / 11, 1);
	assert_float_equal(g.high, 4096 * PER_HOUR / 11, 1);
	assert_float_equal(g.line_start, 64 * MB, 1);
	assert_float_equal(g.line_end, 64 * MB, 1);
}

static void test_time_back(attr_unused void **state)
{
	struct sample samples[40];
	struct growth g;

	for (size_t i = 0; i < 40; i++)
		samples[i] = (struct sample){ (int64_t)i * S, 64 * MB + i * MB };
	for (size_t i = 3; i < 40; i += 4)
		samples[i].t_ns = 0;
	growth_judge(samples, 40, &g);
	assert_int_equal(g.samples, 30);
	assert_int_equal(g.verdict, VERDICT_GROWING);
	assert_float_equal(g.rate, (double)MB * PER_HOUR, (double)MB);
	for (size_t i = 0; i < 40; i++)
		samples[i].t_ns = 5;
	growth_judge(samples, 40, &g);
	assert_int_equal(g.samples, 1);
	assert_int_equal(g.verdict, VERDICT_INSUFFICIENT);
	assert_false(g.has_rate);
}

/* Half of the samples, an hour without samples, the other half: the rate is by time. */
static void test_gap(attr_unused void **state)
{
	struct sample samples[40];
	struct growth g;

	for (size_t i = 0; i < 40; i++) {
		int64_t second = (int64_t)i * 60 + (i < 20 ? 0 : 3600);

		samples[i] = (struct sample){ second * S, 64 * MB + (uint64_t)second * 16 * KB };
	}
	growth_judge(samples, 40, &g);
	assert_int_equal(g.verdict, VERDICT_GROWING);
	assert_float_equal(g.rate, 16 * 1024 * PER_HOUR, 1024);
}

struct reach_row {
	const char *name;
	struct growth growth;
	uint64_t now, limit;
	struct reach want;
};

#define GROWS(_rate, _low, _high)                                                                  \
	{                                                                                          \
		.verdict = VERDICT_GROWING, .has_rate = true, .rate = (_rate), .low = (_low),      \
		.high = (_high), .line_end = 900                                                   \
	}

static const struct reach_row reach_rows[] = {
	{ "in 1 to 2 hours", GROWS(75, 50, 100), 900, 1000, { REACH_RANGE, 3600, 7200 } },
	{ "the end may be open", GROWS(75, 0, 100), 900, 1000, { REACH_RANGE, 3600, INFINITY } },
	{ "reached", GROWS(75, 50, 100), 1000, 1000, { REACH_RANGE, 0, 0 } },
	{ "in 30 days at the fastest",
	  GROWS(1, 0.5, 1),
	  280,
	  1000,
	  { REACH_RANGE, 2592000, 5184000 } },
	{ "beyond 30 days", GROWS(1, 0.5, 1), 279, 1000, { REACH_BEYOND_30_DAYS, 0, 0 } },
	{ "stable",
	  { .verdict = VERDICT_STABLE, .has_rate = true, .high = 100 },
	  900,
	  1000,
	  { REACH_NONE, 0, 0 } },
	{ "stable beyond it",
	  { .verdict = VERDICT_STABLE, .has_rate = true },
	  1001,
	  1000,
	  { REACH_RANGE, 0, 0 } },
	{ "the peak of a sawtooth",
	  { VERDICT_SAWTOOTH_GROWING, 1, 20, 60, true, 75, 50, 100, 0, 400, .swing = 500 },
	  500,
	  1000,
	  { REACH_RANGE, 3600, 7200 } },
	{ "the peak of a sawtooth is there",
	  { VERDICT_SAWTOOTH_GROWING, 1, 20, 60, true, 75, 50, 100, 0, 600, .swing = 500 },
	  700,
	  1000,
	  { REACH_RANGE, 0, 0 } },
};

static void test_reach(void **state)
{
	const struct reach_row *row = *state;
	struct reach got = growth_reach(&row->growth, row->now, row->limit);

	assert_int_equal(got.status, row->want.status);
	assert_true(got.seconds_low == row->want.seconds_low);
	assert_true(got.seconds_high == row->want.seconds_high);
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "growth_judge", judge_rows, test_judge);
	rows_add_one(&tests, "growth_judge: extremes", test_extremes);
	rows_add_one(&tests, "growth_judge: a constant is tight", test_constant_is_tight);
	rows_add_one(&tests, "growth_judge: time that runs back is left out", test_time_back);
	rows_add_one(&tests, "growth_judge: a gap is time", test_gap);
	ROWS_ADD(&tests, "growth_reach", reach_rows, test_reach);
	return rows_run("growth", &tests);
}
