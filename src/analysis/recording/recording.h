/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series that other programs recorded, in bounded memory for any number of samples.
 */
#ifndef ANALYSIS_RECORDING_RECORDING_H
#define ANALYSIS_RECORDING_RECORDING_H

#include "analysis/series/series.h"

enum {
	RECORDING_ROOM = 2048, /* samples of a series; longer ones are thinned evenly */
	RECORDINGS_MAX = 256,
};

struct recording {
	char *name; /* owned; any bytes; NULL: unnamed */
	struct series series;
	bool has_wall; /* times are since 1970 */
};

struct recordings {
	struct recording *list; /* owned */
	size_t n;
	size_t cap;
};

#define RECORDINGS_INIT                                                                            \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}

/*
 * Adds an empty recording and returns it; the pointer is valid until the next call. Takes ownership
 * of name.
 */
struct recording *recordings_add(struct recordings *r, char *name);
void recordings_release(struct recordings *r);

/*
 * Adds a sample. The first one decides whether times are wall clock (since 1970): they are if it is
 * of 1973 or later. Of samples at the same time the last one counts. Returns 0, or -EINVAL if time
 * goes back.
 */
int recording_push(struct recording *r, struct sample sample);

/*
 * Parses n characters as a number of bytes: decimal, not negative, with or without a fraction,
 * which is dropped, and an exponent. Returns 0, -EINVAL, or -ERANGE if it does not fit in 64 bits.
 */
int recording_parse_bytes(const char *s, size_t n, uint64_t *ret_bytes);

#endif
