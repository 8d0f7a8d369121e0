/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/delta.h"

struct delta delta_of(struct amount old_value, struct amount new_value)
{
	bool grew = new_value.value >= old_value.value;
	uint64_t magnitude = grew ? new_value.value - old_value.value
				  : old_value.value - new_value.value;
	int64_t bytes = (int64_t)MIN(magnitude, (uint64_t)INT64_MAX);

	if (!amount_ok(old_value))
		return (struct delta){ .why = old_value.why, .other = old_value.other };
	if (!amount_ok(new_value))
		return (struct delta){ .why = new_value.why, .other = new_value.other };
	return (struct delta){ .bytes = grew ? bytes : -bytes };
}
