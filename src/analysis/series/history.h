/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the series of a watch as bytes and reads them back, so that a watch that was killed can
 * continue: on the same processes, during the same boot.
 *
 * The format is a private, compact one: a first line with the version, numbers of variable length,
 * and a CRC-32 at the end. Bytes of samples are written as differences, times as differences of
 * differences; series that were sampled together share one list of times.
 */
#ifndef ANALYSIS_SERIES_HISTORY_H
#define ANALYSIS_SERIES_HISTORY_H

#include <stdint.h>

#include "analysis/series/series.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/sbuf.h"
#include "base/util.h"

enum {
	HISTORY_MAX_BYTES = 64 << 20,
	HISTORY_MAX_ID = 8 << 10,      /* bytes of the id of a series */
	HISTORY_MAX_SAMPLES = 4 << 20, /* room for samples, over all series */
	HISTORY_MAX_PROCESSES = 1 << 16,
};

struct history_series {
	const char *id; /* any bytes but NUL, at least one */
	struct series series;
};

struct history_process {
	int pid;
	uint64_t start_ticks;
	uint64_t image; /* id of the program, which an exec changes */
	struct history_series *series;
	size_t n;
};

struct history {
	char boot_id[40]; /* "" if unknown */
	struct history_process *processes;
	size_t n;
	struct arena
		arena; /* of a decoded history: owns ids and arrays; series own their samples */
};

#define HISTORY_INIT                                                                               \
	{                                                                                          \
		"", NULL, 0, ARENA_INIT                                                            \
	}
#define auto_history __attribute__((cleanup(history_release))) struct history

/*
 * Appends a history to out, without the series whose id is too long. Does not use its arena.
 * Returns 0, or -EFBIG with nothing appended if the history is larger than the limits above.
 */
int history_encode(const struct history *h, struct sbuf *out);

/*
 * Reads a history from n untrusted bytes. Returns 0, or -EINVAL with err set; the message has no
 * file name. The caller releases *ret_history, and may take a series out of it by copying its
 * struct and zeroing the original.
 */
int history_decode(const void *bytes, size_t n, struct history *ret_history, struct err *err);
void history_release(struct history *h);

#endif
