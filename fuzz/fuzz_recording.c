/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded series of either format on any bytes, and the verdict on them: samples are in the order
 * of time, and what is judged makes sense. To fuzz, from the top of the tree:
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -std=gnu11 -D_GNU_SOURCE -Isrc \
 *		fuzz/fuzz_recording.c src/analysis/{cycles,growth,recording*,regress,series}.c \
 *		src/analysis/{shape,trend}.c src/base/[^wy]*.c -ljansson -lz -lm -o fuzz_recording
 *	./fuzz_recording NEW_INPUTS fuzz/corpus/recording
 */
#include "fuzz.h"

#include <math.h>

#include "analysis/recording/file.h"
#include "analysis/trend/growth.h"

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_growth(const struct series *s)
{
	struct growth g;
	struct reach reach;

	growth_judge(s->samples, s->n, &g);
	demand(g.verdict < VERDICT_COUNT && g.confidence >= 0 && g.confidence <= 1);
	demand(!g.has_rate || (isfinite(g.rate) && g.low <= g.rate && g.rate <= g.high));
	reach = growth_reach(&g, s->samples[s->n - 1].bytes, UINT64_MAX / 2);
	demand(reach.status != REACH_RANGE ||
	       (reach.seconds_low >= 0 && reach.seconds_low <= reach.seconds_high));
}

static void check_recording(const struct recording *r)
{
	const struct series *s = &r->series;

	demand(s->n > 0 && s->n <= (size_t)RECORDING_ROOM && s->pushed >= s->n);
	demand(s->samples[0].t_ns >= 0);
	for (size_t i = 1; i < s->n; i++)
		demand(s->samples[i].t_ns > s->samples[i - 1].t_ns);
	check_growth(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct recordings r;
	struct err err = ERR_INIT;

	if (recording_parse("f", (const char *)bytes, n, &r, &err) < 0) {
		demand(starts_with(err.text, "f:"));
	} else {
		demand(r.n > 0 && r.n <= RECORDINGS_MAX);
		for (size_t i = 0; i < r.n; i++)
			check_recording(&r.list[i]);
	}
	recordings_release(&r);
	return 0;
}
