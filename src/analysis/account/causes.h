/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes of non-object memory: each is a row that measures it and gives advice. */
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
	CAUSE_AGAIN, /* pages that the process maps a second time */
	CAUSE_REST,  /* inferred or unknown: no walker read it */
	CAUSE_COUNT
};

/* What a cause is measured from. */
struct cause_input {
	const struct walk *walk;
	const struct accounting *accounting; /* of the snapshot after walk_apply */
	uint64_t bytes;                      /* resident bytes of this cause */
};

struct cause_desc {
	const char *id; /* stable */
	const char *title;
	const char *advice; /* what to do about it */
	/*
	 * Appends what was measured to facts, as phrases with commas between them, and may append
	 * to advice. Names in facts are bytes of the inspected process, not yet cleaned. If NULL,
	 * or if nothing is appended, only the bytes are known.
	 */
	void (*measure)(const struct cause_input *in, struct sbuf *facts, struct sbuf *advice);
};

extern const struct cause_desc cause_descs[];

#endif
