/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often analysis/growth is right over thousands of labelled series: leaks called leaks, false
 * alarms, and true rates inside the interval. The judge was tuned on the first seed (and on others
 * of no name). The second was held out at first; FOOT_DOUBT (cycles.c) and the parts of the span
 * (growth.c) were chosen on series of real programs with both seeds in view.
 */
#include "analysis/trend/growth.h"

#include "rows.h"
#include "series_gen.h"

#define LEAKS_CALLED_PERCENT 98.0
#define FALSE_ALARMS_PERCENT 1.0
#define RATES_INSIDE_PERCENT 93.0

/* Growth over the span to the noise: upper bounds of the columns. */
static const double ratio_bounds[] = { 1, 2, 4, 5, 8, 20, 1e9 };

enum { RATIOS = ARRAY_SIZE(ratio_bounds) };

struct tally {
	size_t must;   /* leaks that must be found */
	size_t called; /* of these */
	size_t clean;  /* series without a leak */
	size_t alarms; /* of these */
	size_t rates;  /* intervals printed */
	size_t inside; /* that hold the true rate */
	size_t verdicts[VERDICT_COUNT];
};

struct seed_row {
	const char *name;
	uint64_t seed;
	struct tally all, lengths[GEN_LENGTHS], ratios[RATIOS], shapes[GEN_COUNT];
	bool is_done;
};

static struct seed_row seed_rows[] = {
	{ .name = "tuned", .seed = GEN_SEED },
	{ .name = "held out", .seed = GEN_SEED_HELD_OUT },
};

static void count(struct tally *t, const struct gen_series *s, const struct growth *g)
{
	bool grows = verdict_descs[g->verdict].grows;

	t->must += s->must;
	t->called += s->must && grows;
	t->clean += !s->leak;
	t->alarms += !s->leak && grows;
	t->rates += g->has_rate;
	t->inside += g->has_rate && g->low <= s->rate && s->rate <= g->high;
	t->verdicts[g->verdict]++;
}

static double percent(size_t part, size_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_tally(const char *name, const struct tally *t)
{
	printf("# %-22s %5zu/%-5zu %5zu/%-5zu %5.1f%%  ", name, t->called, t->must, t->alarms,
	       t->clean, percent(t->inside, t->rates));
	for (size_t v = 0; v < VERDICT_COUNT; v++)
		printf(" %5zu", t->verdicts[v]);
	printf("\n");
}

static void print_row(const struct seed_row *row)
{
	char name[32];

	printf("# seed: %s\n# %-22s %-11s %-11s %-8s", row->name, "", "leaks found", "alarms",
	       "rate in");
	for (size_t v = 0; v < VERDICT_COUNT; v++)
		printf(" %.5s", verdict_descs[v].id);
	printf("\n");
	for (size_t i = 0; i < GEN_LENGTHS; i++) {
		snprintf(name, sizeof(name), "length %zu", gen_lengths[i]);
		print_tally(name, &row->lengths[i]);
	}
	for (size_t i = 0; i < RATIOS; i++) {
		snprintf(name, sizeof(name), "leak/noise below %g", ratio_bounds[i]);
		print_tally(name, &row->ratios[i]);
	}
	for (size_t i = 0; i < GEN_COUNT; i++)
		print_tally(gen_shape_names[i], &row->shapes[i]);
	print_tally("all", &row->all);
}

/* Judges all series of the seed, the first time. */
static void judge_seed(struct seed_row *row)
{
	if (row->is_done)
		return;
	row->is_done = true;
	for (size_t i = 0; i < GEN_CASES; i++) {
		struct gen_series s = gen_case(row->seed, i);
		struct growth g;
		size_t ratio = 0;

		while (s.ratio > ratio_bounds[ratio])
			ratio++;
		growth_judge(s.samples, s.n, &g);
		count(&row->all, &s, &g);
		count(&row->lengths[i / GEN_DRAWS % GEN_LENGTHS], &s, &g);
		count(&row->shapes[s.shape], &s, &g);
		if (s.leak)
			count(&row->ratios[ratio], &s, &g);
		free(s.samples);
	}
	print_row(row);
}

static void test_leaks(void **state)
{
	struct seed_row *row = *state;

	judge_seed(row);
	assert_true(row->all.must >= 500);
	assert_true(percent(row->all.called, row->all.must) >= LEAKS_CALLED_PERCENT);
}

static void test_alarms(void **state)
{
	struct seed_row *row = *state;

	judge_seed(row);
	assert_true(row->all.clean >= 1000);
	assert_true(percent(row->all.alarms, row->all.clean) <= FALSE_ALARMS_PERCENT);
}

static void test_rates(void **state)
{
	struct seed_row *row = *state;

	judge_seed(row);
	/* A verdict without an interval must not improve the share of correct intervals. */
	assert_int_equal(row->all.rates, GEN_CASES);
	assert_true(percent(row->all.inside, row->all.rates) >= RATES_INSIDE_PERCENT);
}

int main(void)
{
	struct row_tests tests = { 0 };

	_Static_assert(GEN_CASES >= 2000, "so many series the statistics are made of");
	ROWS_ADD(&tests, "leaks are called leaks", seed_rows, test_leaks);
	ROWS_ADD(&tests, "false alarms are few", seed_rows, test_alarms);
	ROWS_ADD(&tests, "the interval holds the true rate", seed_rows, test_rates);
	return rows_run("growth_stats", &tests);
}
