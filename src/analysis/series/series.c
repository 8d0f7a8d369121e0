/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/series/series.h"

#include <assert.h>

#include "base/alloc.h"

void series_init(struct series *s, size_t cap)
{
	assert(cap >= 4 && cap % 2 == 0);
	*s = (struct series){ .samples = xcalloc(cap, sizeof(*s->samples)),
			      .cap = cap,
			      .stride = 1 };
}

void series_release(struct series *s)
{
	if (!s)
		return;
	free(s->samples);
	*s = (struct series){ 0 };
}

/* Keeps every second sample: the ones that a doubled stride would have kept. */
static void halve(struct series *s)
{
	for (size_t i = 0; i < s->n; i += 2)
		s->samples[i / 2] = s->samples[i];
	s->n = (s->n + 1) / 2;
	s->stride *= 2;
}

void series_push(struct series *s, struct sample sample)
{
	bool back = s->n > 0 && sample.t_ns <= s->samples[s->n - 1].t_ns;
	/* The newest sample is replaced if its number is not a multiple of the stride. */
	bool newest_yields = s->n > 0 && (s->pushed - 1) % s->stride != 0;

	if (back) {
		s->samples[s->n - 1].bytes = sample.bytes;
		return;
	}
	if (newest_yields)
		s->n--;
	else if (s->n == s->cap)
		halve(s);
	s->samples[s->n++] = sample;
	s->pushed++;
}

void series_resume(struct series *s, const struct series *earlier)
{
	/* With the same capacity, the earlier series can be copied exactly. */
	if (s->n == 0 && s->cap == earlier->cap) {
		memcpy(s->samples, earlier->samples, earlier->n * sizeof(*s->samples));
		s->n = earlier->n;
		s->stride = earlier->stride;
		s->pushed = earlier->pushed;
		return;
	}
	for (size_t i = 0; i < earlier->n; i++)
		series_push(s, earlier->samples[i]);
}
