/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two amounts: a signed number, or the reason why it is not known.
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

/*
 * Returns new_value - old_value, clamped to int64_t. Absent if either value is; the reason is that
 * of the first absent one.
 */
struct delta delta_of(struct amount old_value, struct amount new_value);

#endif
