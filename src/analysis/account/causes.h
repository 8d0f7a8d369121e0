/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a process takes memory beyond its objects: a row for each cause, which says what was measured
 * and what to do about it.
 */
#ifndef ANALYSIS_ACCOUNT_CAUSES_H
#define ANALYSIS_ACCOUNT_CAUSES_H

#include "analysis/account/accounting.h"
#include "walk/core/walk.h"

enum cause {
	CAUSE_NATIVE,
	CAUSE_RUNTIME_FREE,
	CAUSE_MALLOC_FREE,
	CAUSE_OVERHEAD,
	CAUSE_EXTENSIONS,
	CAUSE_LIBRARIES,
	CAUSE_PROGRAM,
	CAUSE_STACKS,
	CAUSE_JIT,
	CAUSE_FILES,
	CAUSE_SHARED,
	CAUSE_AGAIN, /* mapped once more */
	CAUSE_REST,  /* inferred or unknown: no walker explained it */
	CAUSE_COUNT
};

/* What is judged, and the bytes that the cause has. */
struct cause_input {
	const struct walk *walk;
	const struct accounting *accounting; /* of its snapshot after walk_apply */
	uint64_t bytes;
};

struct cause_desc {
	const char *id; /* stable */
	const char *title;
	const char *advice; /* what to do about it */
	/*
	 * Says what was measured: phrases with commas between them, names in it being bytes of the
	 * target. May add to the advice. NULL, or nothing added: no more than the bytes is known.
	 */
	void (*measure)(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
};

extern const struct cause_desc cause_descs[];

#endif
