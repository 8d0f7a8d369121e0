/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/amount.h"

#include <errno.h>

#include "base/num.h"

const char why_not_read[] = "not read";
const char why_not_reported[] = "not reported by this kernel";
const char why_no_mm[] = "no address space";
const char why_none[] = "";
const char why_not_recorded[] = "not in the recorded tree";

const char *amount_why(int code)
{
	const char *text;

	code = abs(code);
	switch (code) {
	case EACCES:
	case EPERM:
		return "permission denied"; /* hidepid says EPERM where others say EACCES */
	case ENOENT:
		return "no such file";
	case ESRCH:
		return "the process is gone";
	case EBADMSG:
		return "not in the format this program knows";
	default:
		text = strerrordesc_np(code); /* unlike strerror: not translated, never a buffer */
		return text ? text : "unknown error";
	}
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
