/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series that were recorded elsewhere, however many samples they have, in bounded memory.
 */
#ifndef ANALYSIS_RECORDING_RECORDING_H
#define ANALYSIS_RECORDING_RECORDING_H

#include "analysis/series/series.h"

enum {
	RECORDING_ROOM = 2048, /* samples that are kept of each, evenly thinned */
	RECORDINGS_MAX = 256,
};

struct recording {
	char *name; /* owned; any bytes; NULL: it has none */
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

/* Adds an empty one and returns it, valid until the next; takes its name over. */
struct recording *recordings_add(struct recordings *r, char *name);
void recordings_release(struct recordings *r);

/*
 * Adds a sample. The first tells whether times are since 1970: those of 1973 and later are. Of
 * samples at the same time the last one counts. 0, or -EINVAL if time goes back.
 */
int recording_push(struct recording *r, struct sample sample);

/*
 * Reads n bytes that are a number of bytes: decimal, not negative, maybe with a fraction, which is
 * dropped, and an exponent. 0, -EINVAL, or -ERANGE if 64 bits do not hold it.
 */
int recording_parse_bytes(const char *s, size_t n, uint64_t *ret_bytes);

#endif
