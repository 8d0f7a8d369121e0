/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series of memory over time whose truth is known, for the statistics of the growth verdict. They
 * are drawn from one seed by a generator of our own, so every machine judges the same series.
 *
 * The amplitude of noise is the half-width that holds 95 % of it (1.96 sigma of a normal one), plus
 * a page, since counters move in pages. If memory has cycles, it also holds the rise between two
 * samples, swing / samples of a cycle: samples cannot show a trough more exactly.
 */
#ifndef TESTS_SERIES_GEN_H
#define TESTS_SERIES_GEN_H

#include "analysis/series/series.h"

enum gen_shape {
	/* Not leaks. */
	GEN_FLAT,
	GEN_ONE_STEP,  /* something was loaded once */
	GEN_WARM_UP,   /* saturates; at least 6 time constants are seen */
	GEN_GC,        /* linear ramps */
	GEN_GC_CURVED, /* ramps that flatten */
	GEN_GC_MAJOR,  /* small collections within large ones */
	GEN_GC_UNEVEN, /* each cycle starts at another height; the floor is the same */
	GEN_DAILY,     /* load of the day, at least 2 days */
	GEN_SHRINK,
	/* Leaks. */
	GEN_LEAK,
	GEN_LEAK_STEPS, /* at least 4 */
	GEN_LEAK_WARM,  /* after a warm-up of at most a twelfth of the span */
	GEN_LEAK_GC,
	GEN_LEAK_GC_CURVED,
	GEN_LEAK_GC_MAJOR,
	GEN_LEAK_GC_UNEVEN,
	GEN_LEAK_DAILY,
	GEN_COUNT
};

extern const char *const gen_shape_names[GEN_COUNT];

struct gen_series {
	struct sample *samples; /* owned by the caller: free() */
	size_t n;
	enum gen_shape shape;
	bool leak;
	double rate;   /* bytes an hour: the truth */
	double ratio;  /* growth over the span to the amplitude of noise; 0: no leak */
	double cycles; /* in the span; 0: no cycles */
	bool must;     /* a leak that must be found: ratio at least 4, cycles 0 or 3 */
};

/* The series of the statistics: every shape in every length, this many of each. */
enum { GEN_LENGTHS = 8, GEN_DRAWS = 24, GEN_CASES = GEN_COUNT * GEN_LENGTHS * GEN_DRAWS };

extern const size_t gen_lengths[GEN_LENGTHS];

/* The judge may be tuned on the first seed, never on the second; both were fixed before. */
#define GEN_SEED UINT64_C(20240501)
#define GEN_SEED_HELD_OUT UINT64_C(70210905)

/* Returns the i-th of GEN_CASES series of a seed: gen_lengths[] samples, less those in a gap. */
struct gen_series gen_case(uint64_t seed, size_t i);

#endif
