/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An amount that a test expects: a value, or the reason for its absence.
 */
#ifndef TESTS_AMOUNTS_H
#define TESTS_AMOUNTS_H

#include "base/amount.h"
#include "rows.h"

static inline void assert_same_amount_at(struct amount got, uint64_t value, enum reason why,
					 const char *file, int line)
{
	if (why != got.why)
		print_error("got \"%s\"\n", got.why ? amount_why(got) : "a value");
	_assert_true(why == got.why, "why", file, line);
	if (!why)
		_assert_int_equal(got.value, value, file, line);
}

/* `value` is ignored if there is a reason. */
#define assert_same_amount(got, value, why)                                                        \
	assert_same_amount_at(got, value, why, __FILE__, __LINE__)

#endif
