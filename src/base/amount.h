/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that was measured, or the reason why there is none. What could not be read is never 0.
 */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdint.h>

#include "base/reason.h"
#include "base/util.h"

struct amount {
	union {
		uint64_t value;    /* meaningful only while why is REASON_NONE */
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
/* Returns a + b; absent if either is, with the first reason. */
attr_must_check struct amount amount_add(struct amount a, struct amount b);
/* Adds b to *sum if both are there; *sum takes b if it is absent itself; else stays. A sum over the
 * records that have the field. */
void amount_sum(struct amount *sum, struct amount b);
/* Returns limit - used, not below 0; absent if either is. */
attr_must_check struct amount amount_headroom(struct amount limit, struct amount used);

#endif
