/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/amount.h"

#include "base/num.h"

const char *amount_why(struct amount a)
{
	return a.why == REASON_OTHER && a.other ? a.other : reason_text(a.why);
}

struct amount amount_absent_text(const char *text)
{
	enum reason why = reason_of_text(text);

	return why == REASON_OTHER ? (struct amount){ .other = text, .why = why }
				   : amount_absent(why);
}

struct amount amount_add(struct amount a, struct amount b)
{
	if (!amount_ok(a))
		return a;
	if (amount_ok(b))
		b.value = num_add_sat(a.value, b.value);
	return b;
}

void amount_sum(struct amount *sum, struct amount b)
{
	if (!amount_ok(*sum))
		*sum = b;
	else if (amount_ok(b))
		sum->value = num_add_sat(sum->value, b.value);
}

struct amount amount_headroom(struct amount limit, struct amount used)
{
	if (!amount_ok(limit))
		return limit;
	if (!amount_ok(used))
		return used;
	if (limit.value == UINT64_MAX)
		return limit;
	return amount_of(limit.value > used.value ? limit.value - used.value : 0);
}
