/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The series of a watch as bytes, so that a watch that was killed goes on where it was: of the same
 * processes, during the same boot.
 *
 * The format is small rather than open: a first line with the version, numbers of as many bytes as
 * they need, and at the end a CRC-32. Of samples the difference to the one before is kept, in size,
 * and of times the difference of differences; series that were sampled together have their times
 * once.
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
	uint64_t image; /* another after an exec, as far as the caller can tell */
	struct history_series *series;
	size_t n;
};

struct history {
	char boot_id[40]; /* "" if unknown */
	struct history_process *processes;
	size_t n;
	struct arena arena; /* of a decoded history: ids and arrays. Samples are of their series. */
};

#define HISTORY_INIT                                                                               \
	{                                                                                          \
		"", NULL, 0, ARENA_INIT                                                            \
	}
#define auto_history __attribute__((cleanup(history_release))) struct history

/*
 * Appends a history, which stays the caller's, and need not have an arena. A series whose id is too
 * long is left out. 0, or -EFBIG if all of it is beyond the limits above; nothing is appended then.
 */
int history_encode(const struct history *h, struct sbuf *out);

/*
 * Reads n bytes, which may be anything. 0, or -EINVAL with err set to why, without the name of a
 * file. A decoded history is for history_release; a series can be taken out of it by copying its
 * struct and zeroing the one here.
 */
int history_decode(const void *bytes, size_t n, struct history *ret_history, struct err *err);
void history_release(struct history *h);

#endif
