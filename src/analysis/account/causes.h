/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes of non-object memory: each is a row that measures it and gives advice. */
#ifndef ANALYSIS_ACCOUNT_CAUSES_H
#define ANALYSIS_ACCOUNT_CAUSES_H

#include "analysis/account/causes_mapped.h"

enum cause {
	CAUSE_NATIVE,
	CAUSE_BLOCKS, /* live blocks, if it is not known which of them objects own */
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
	CAUSE_NAMED, /* by the kernel or by its shape, and no walker read it */
	CAUSE_REST,  /* unknown */
	CAUSE_COUNT
};

enum {
	CAUSE_MIN_BYTES = 1 << 20, /* causes below get no advice */
	CAUSE_MIN_SHARE = 100,     /* likewise, less than 1/100 of RSS */
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
