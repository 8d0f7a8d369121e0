/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What causes, advice and findings share to write facts in words: phrases with commas in between.
 */
#ifndef ANALYSIS_FACTS_H
#define ANALYSIS_FACTS_H

#include "base/fmt.h"
#include "base/sbuf.h"

/* Formats a size; the text is valid to the end of the block. */
#define IEC(n) fmt_bytes((char[FMT_MAX]){ 0 }, (n), FMT_IEC)

enum {
	FACTS_NAMED_MAX = 3,       /* the most files, packages or sizes that are named */
	FACTS_NAMED_SHARE = 20,    /* a name needs at least 1/20 of the cause */
	FACTS_NAME_MAX_BYTES = 64, /* of a file or package */
};

/* Adds a comma, unless the next phrase is the first. */
static inline void facts_comma(struct sbuf *facts)
{
	if (facts->len)
		sbuf_adds(facts, ", ");
}

/* Adds a name of the target's, cut if it is long. */
static inline void facts_name(struct sbuf *facts, const char *name)
{
	sbuf_add(facts, name, strnlen(name, FACTS_NAME_MAX_BYTES));
}

#endif
