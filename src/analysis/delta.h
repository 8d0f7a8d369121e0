/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two amounts: a signed number, or the reason why there is none.
 */
#ifndef ANALYSIS_DELTA_H
#define ANALYSIS_DELTA_H

#include "base/amount.h"

struct delta {
	union {
		int64_t bytes;     /* meaningful only while why is REASON_NONE */
		const char *other; /* the text of REASON_OTHER */
	};
	enum reason why;
};

/* new - old, held within int64_t; absent if either is, with the first reason. */
struct delta delta_of(struct amount old_value, struct amount new_value);

#endif
