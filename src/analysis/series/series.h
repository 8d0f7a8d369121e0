/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quantity over time in bounded memory. When the series is full, every second sample is dropped,
 * and from then on only every second new one is kept: the resolution halves, and the series still
 * spans the whole watch. The newest sample is always kept.
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
	struct sample *samples; /* owned; in order of time, evenly thinned except for the newest */
	size_t n;
	size_t cap;
	uint64_t stride; /* one of this many pushed samples is kept */
	uint64_t pushed; /* number of all samples pushed */
};

/* Initialises an empty series with room for `cap` samples, at least 4 and even. */
void series_init(struct series *s, size_t cap);
void series_release(struct series *s);
/* Adds a sample. If it is not later than the newest one, it replaces that one. */
void series_push(struct series *s, struct sample sample);
/* Copies the samples of an earlier series to s, which must be empty. */
void series_resume(struct series *s, const struct series *earlier);

#endif
