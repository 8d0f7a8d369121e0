/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that was measured, or the reason why it is absent. A value that could not be read is
 * never 0.
 */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdint.h>

#include "base/reason.h"
#include "base/util.h"

struct amount {
	union {
		uint64_t value;    /* valid only if why is REASON_NONE */
		const char *other; /* the text of REASON_OTHER, which outlives the amount */
	};
	enum reason why;
};

#define AMOUNT_UNREAD amount_absent(REASON_NOT_READ)

static inline struct amount amount_of(uint64_t value)
{
	return (struct amount){ .value = value };
}

static inline struct amount amount_absent(enum reason why)
{
	return (struct amount){ .why = why };
}

static inline bool amount_ok(struct amount a)
{
	return a.why == REASON_NONE;
}

/* Returns an absent amount for a reason that was read from a file; refers to text. */
struct amount amount_absent_text(const char *text);
/* Returns the text of the reason why a is absent: static, or that of a file. */
const char *amount_why(struct amount a);
/*
 * Returns a + b; if one of them is absent, an absent amount with its reason (that of a if both
 * are).
 */
attr_must_check struct amount amount_add(struct amount a, struct amount b);
/*
 * Adds b to *sum. If only one of them is present, *sum becomes that one; if both are absent, *sum
 * is unchanged. This gives a sum over the records that have the field.
 */
void amount_sum(struct amount *sum, struct amount b);
/* Returns limit - used, or 0 if that is negative; absent if either is. */
attr_must_check struct amount amount_headroom(struct amount limit, struct amount used);

#endif
