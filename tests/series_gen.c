/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "series_gen.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"

#define PAGE 4096.0
#define MB 1e6
#define HOUR_S 3600.0
#define DAY_H 24.0

const char *const gen_shape_names[GEN_COUNT] = {
	[GEN_FLAT] = "flat",
	[GEN_ONE_STEP] = "one step",
	[GEN_WARM_UP] = "warm-up",
	[GEN_GC] = "gc",
	[GEN_GC_CURVED] = "gc curved",
	[GEN_GC_MAJOR] = "gc minor+major",
	[GEN_GC_UNEVEN] = "gc uneven",
	[GEN_DAILY] = "daily",
	[GEN_SHRINK] = "shrinking",
	[GEN_LEAK] = "leak",
	[GEN_LEAK_STEPS] = "leak in steps",
	[GEN_LEAK_WARM] = "leak, warm-up",
	[GEN_LEAK_GC] = "leak, gc",
	[GEN_LEAK_GC_CURVED] = "leak, gc curved",
	[GEN_LEAK_GC_MAJOR] = "leak, gc minor+major",
	[GEN_LEAK_GC_UNEVEN] = "leak, gc uneven",
	[GEN_LEAK_DAILY] = "leak, daily",
};

const size_t gen_lengths[GEN_LENGTHS] = { 12, 16, 24, 48, 100, 300, 1000, 2000 };

/* The noise table, fixed before the judge was tuned. Each kind is scaled to an amplitude of 1. */
enum noise_kind { NOISE_NORMAL, NOISE_UNIFORM, NOISE_LAPLACE };

static const struct noise_row {
	enum noise_kind kind;
	double memory; /* correlation of a sample with the one before */
} noise_rows[] = {
	{ NOISE_NORMAL, 0.0 },  { NOISE_NORMAL, 0.0 }, { NOISE_UNIFORM, 0.0 },
	{ NOISE_LAPLACE, 0.0 }, { NOISE_NORMAL, 0.3 }, { NOISE_NORMAL, 0.6 },
};

/* Growth over the span to noise; the last one has almost no noise. */
static const double ratios[] = { 0.5, 1, 2, 4.2, 5, 6, 10, 30, 100, 1e6 };

/* Shares of samples that are torn, and of the span that is missing. */
static const struct dirt_row {
	double torn;
	double gap;
	double jitter; /* of times, in intervals */
} dirt_rows[] = {
	{ 0, 0, 0 }, { 0, 0, 0 }, { 0.02, 0, 0 }, { 0, 0.2, 0 }, { 0, 0, 0.3 }, { 0.01, 0.1, 0.1 },
};

/* Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Between 0 and 1, never either. */
static double uniform(uint64_t *state)
{
	return ((double)(draw(state) >> 11) + 0.5) / 9007199254740992.0;
}

static double between(uint64_t *state, double low, double high)
{
	return low + (high - low) * uniform(state);
}

static double log_between(uint64_t *state, double low, double high)
{
	return low * pow(high / low, uniform(state));
}

static double normal(uint64_t *state)
{
	return sqrt(-2 * log(uniform(state))) * cos(2 * M_PI * uniform(state));
}

/* Of amplitude 1. */
static double noise(uint64_t *state, enum noise_kind kind)
{
	double u;

	switch (kind) {
	case NOISE_UNIFORM:
		return between(state, -1, 1) / 0.95;
	case NOISE_LAPLACE:
		u = uniform(state) - 0.5;
		return (u < 0 ? 1 : -1) * log(1 - 2 * fabs(u)) / log(20);
	case NOISE_NORMAL:
	default:
		return normal(state) / 1.96;
	}
}

/* The parameters of a series, drawn before its samples. */
struct plan {
	double span_h;
	double base;
	double rate;      /* bytes an hour */
	double amplitude; /* of noise */
	double swing;     /* of cycles; of the step or warm-up */
	double cycles;    /* over the span */
	double phase;     /* of the first */
	double tau_h;     /* of the warm-up */
	double step_at;   /* share of the span */
	const struct noise_row *noise;
	const struct dirt_row *dirt;
};

static bool is_gc(enum gen_shape shape)
{
	return (shape >= GEN_GC && shape <= GEN_GC_UNEVEN) ||
	       (shape >= GEN_LEAK_GC && shape <= GEN_LEAK_GC_UNEVEN);
}

static bool is_daily(enum gen_shape shape)
{
	return shape == GEN_DAILY || shape == GEN_LEAK_DAILY;
}

static struct plan plan_series(uint64_t *state, enum gen_shape shape, size_t n, double *ret_ratio)
{
	static const double intervals_s[] = { 1, 5, 60, 300, 3600 };
	struct plan p = { .base = log_between(state, 20 * MB, 4000 * MB) };
	double ratio = ratios[draw(state) % ARRAY_SIZE(ratios)], missed = 0, growth;

	p.noise = &noise_rows[draw(state) % ARRAY_SIZE(noise_rows)];
	p.dirt = &dirt_rows[draw(state) % ARRAY_SIZE(dirt_rows)];
	p.span_h = intervals_s[draw(state) % ARRAY_SIZE(intervals_s)] * (double)(n - 1) / HOUR_S;
	p.rate = log_between(state, 1 * MB, 10000 * MB);
	p.phase = uniform(state);
	if (is_daily(shape)) {
		p.cycles = log_between(state, 2, (double)n / 6 + 0.001);
		p.span_h = p.cycles * DAY_H;
	} else if (is_gc(shape)) {
		p.cycles = log_between(state, 2, (double)n / 1.5);
	} else if (shape == GEN_LEAK_STEPS) {
		p.cycles = floor(between(state, 4, MIN(30, (double)n / 3) + 1));
	}
	growth = p.rate * p.span_h;
	p.amplitude = growth / ratio;
	p.swing = growth * log_between(state, 0.2, 5);
	if (shape == GEN_WARM_UP)
		p.tau_h = p.span_h / log_between(state, 6, 30);
	if (shape == GEN_LEAK_WARM)
		p.tau_h = p.span_h / between(state, 12, 40);
	p.step_at = between(state, 0.1, 0.9);
	if (shape == GEN_SHRINK)
		p.rate = -p.rate;
	else if (shape < GEN_LEAK)
		p.rate = 0;
	if (shape != GEN_LEAK_STEPS)
		missed = p.swing * p.cycles / (double)n;
	p.base += 3 * p.amplitude;
	*ret_ratio = shape >= GEN_LEAK ? growth / (p.amplitude + missed + PAGE) : 0;
	return p;
}

/* Returns the position of a moment in its cycle, 0 to 1; the length of cycles varies by a tenth. */
static double cycle_phase(const struct plan *p, double share, uint64_t *ret_number)
{
	double at = share * p->cycles + p->phase;
	double bent = at + 0.1 * sin(2.4 * at);

	*ret_number = (uint64_t)bent;
	return bent - floor(bent);
}

/* Returns the height of the cycles of a shape, 0 to 1, at a share of the span. */
static double wave(const struct plan *p, enum gen_shape shape, double share, uint64_t salt)
{
	uint64_t number, state;
	double phase = cycle_phase(p, share, &number);

	switch (shape) {
	case GEN_GC:
	case GEN_LEAK_GC:
		return phase;
	case GEN_GC_CURVED:
	case GEN_LEAK_GC_CURVED:
		return (1 - exp(-3 * phase)) / (1 - exp(-3));
	case GEN_GC_MAJOR:
	case GEN_LEAK_GC_MAJOR:
		return 0.8 * phase + 0.2 * (5 * phase - floor(5 * phase));
	case GEN_GC_UNEVEN:
	case GEN_LEAK_GC_UNEVEN:
		state = salt ^ (number * 977);
		return phase * between(&state, 0.5, 1);
	case GEN_DAILY:
	case GEN_LEAK_DAILY:
		return 0.5 - 0.5 * cos(2 * M_PI * (share * p->cycles + p->phase));
	default:
		return 0;
	}
}

static double truth(const struct plan *p, enum gen_shape shape, double share, uint64_t salt)
{
	double at_h = share * p->span_h;
	double value = p->base + p->rate * at_h + p->swing * wave(p, shape, share, salt);

	if (shape == GEN_SHRINK)
		value += -p->rate * p->span_h;
	if (shape == GEN_ONE_STEP && share >= p->step_at)
		value += p->swing;
	if (p->tau_h > 0)
		value += p->swing * (1 - exp(-at_h / p->tau_h));
	if (shape == GEN_LEAK_STEPS)
		value = p->base +
			p->rate * p->span_h * floor(share * p->cycles + p->phase) / p->cycles;
	return value;
}

static double tear(uint64_t *state, double value)
{
	return value * (draw(state) % 2 ? between(state, 1.1, 2) : between(state, 0, 0.9));
}

static struct gen_series make_series(uint64_t seed, enum gen_shape shape, size_t length)
{
	uint64_t state = seed;
	struct gen_series s = { .shape = shape, .leak = shape >= GEN_LEAK };
	struct plan p = plan_series(&state, shape, length, &s.ratio);
	uint64_t salt = draw(&state);
	double gap_from = between(&state, 0.1, 0.9 - p.dirt->gap), last = 0;
	double fresh = sqrt(1 - p.noise->memory * p.noise->memory);

	s.rate = p.rate;
	s.cycles = p.cycles;
	s.must = s.leak && s.ratio >= 4 && (p.cycles <= 0 || p.cycles >= 3);
	s.samples = xcalloc(length, sizeof(*s.samples));
	for (size_t i = 0; i < length; i++) {
		double interval = 1 / (double)(length - 1);
		double share = (double)i * interval +
			       between(&state, -0.5, 0.5) * p.dirt->jitter * interval;
		double value;

		last = p.noise->memory * last + (i ? fresh : 1) * noise(&state, p.noise->kind);
		value = truth(&p, shape, share, salt) + p.amplitude * last;
		if (uniform(&state) < p.dirt->torn)
			value = tear(&state, value);
		if (length >= 24 && share > gap_from && share < gap_from + p.dirt->gap)
			continue;
		s.samples[s.n++] = (struct sample){
			.t_ns = (int64_t)((share + 1) * p.span_h * HOUR_S * (double)NS_PER_S),
			.bytes = (uint64_t)(MAX(value, 0) / PAGE) * (uint64_t)PAGE,
		};
	}
	return s;
}

struct gen_series gen_case(uint64_t seed, size_t i)
{
	size_t length = gen_lengths[i / GEN_DRAWS % GEN_LENGTHS];
	uint64_t state = seed + i;

	return make_series(draw(&state), (enum gen_shape)(i / GEN_DRAWS / GEN_LENGTHS), length);
}
