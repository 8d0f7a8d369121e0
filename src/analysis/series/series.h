/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quantity over time in bounded memory. When the room is full, every second sample goes and from
 * then on only every second one is taken: the resolution halves, and the series always spans the
 * whole watch. The newest sample is always there.
 */
#ifndef ANALYSIS_SERIES_SERIES_H
#define ANALYSIS_SERIES_SERIES_H

#include <stdint.h>

#include "base/util.h"

struct sample {
	int64_t t_ns; /* boot time */
	uint64_t bytes;
};

struct series {
	struct sample *samples; /* owned; in the order of time, evenly thinned but for the newest */
	size_t n;
	size_t cap;
	uint64_t stride; /* of the samples pushed, one in so many is kept */
	uint64_t pushed; /* in all */
};

/* An empty series with room for `cap` samples, at least 4 and even. */
void series_init(struct series *s, size_t cap);
void series_release(struct series *s);
/* Adds a sample. One that is not later than the newest replaces it: time does not run back. */
void series_push(struct series *s, struct sample sample);
/* Goes on with the samples of an earlier series; s is empty. */
void series_resume(struct series *s, const struct series *earlier);

#endif
