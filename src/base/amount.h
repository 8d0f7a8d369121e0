/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number that was measured, or the reason why there is none. What could not be read is never 0.
 */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stdint.h>

#include "base/util.h"

struct amount {
	uint64_t value;  /* meaningful only while why is NULL */
	const char *why; /* static text: "permission denied", "not reported by this kernel", ... */
};

/* Reasons with a meaning of their own; others are the texts of amount_why(errno). */
extern const char why_not_read[];     /* "not read": the default before a reader ran */
extern const char why_not_reported[]; /* "not reported by this kernel" */
extern const char why_no_mm[];        /* "no address space" */
extern const char why_none[];         /* "": there is none, by design; not a failure */
extern const char why_not_recorded[]; /* "not in the recorded tree" */

#define AMOUNT_UNREAD ((struct amount){ 0, why_not_read })

static inline struct amount amount_of(uint64_t value)
{
	return (struct amount){ value, NULL };
}

static inline struct amount amount_absent(const char *why)
{
	return (struct amount){ 0, why };
}

static inline bool amount_ok(struct amount a)
{
	return !a.why;
}

/* The text of an errno (positive or negative) in the C locale, with static storage. */
const char *amount_why(int code);
/* a + b; absent if either is, with the first reason. */
struct amount amount_add(struct amount a, struct amount b);
/* Adds b to *sum if both are there; *sum takes b if it is absent itself; else stays. A sum over the
 * records that have the field. */
void amount_sum(struct amount *sum, struct amount b);
/* limit - used, not below 0; absent if either is. */
struct amount amount_headroom(struct amount limit, struct amount used);

#endif
