/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of base/amount: an absent amount stays absent, with its reason, in all operations. */
#include "base/amount.h"

#include <errno.h>

#include "rows.h"

#define HAVE(v)                                                                                    \
	{                                                                                          \
		.value = (v)                                                                       \
	}
#define NONE                                                                                       \
	{                                                                                          \
		.why = REASON_NOT_REPORTED                                                         \
	}
#define NO_OTHER                                                                                   \
	{                                                                                          \
		.why = REASON_NO_MM                                                                \
	}

static void assert_amount(struct amount got, struct amount want)
{
	assert_int_equal(got.why, want.why);
	if (amount_ok(want))
		assert_true(got.value == want.value);
}

struct pair_row {
	const char *name;
	struct amount a, b, want;
};

static const struct pair_row add_rows[] = {
	{ "two numbers", HAVE(3), HAVE(4), HAVE(7) },
	{ "the first absent", NONE, HAVE(4), NONE },
	{ "the second absent", HAVE(3), NONE, NONE },
	{ "both absent give the first reason", NO_OTHER, NONE, NO_OTHER },
	{ "a sum too large is held at the largest", HAVE(UINT64_MAX), HAVE(2), HAVE(UINT64_MAX) },
};

static void test_add(void **state)
{
	const struct pair_row *row = *state;

	assert_amount(amount_add(row->a, row->b), row->want);
}

static const struct pair_row sum_rows[] = {
	{ "two numbers", HAVE(3), HAVE(4), HAVE(7) },
	{ "an absent sum takes the number", NONE, HAVE(4), HAVE(4) },
	{ "an absent number changes nothing", HAVE(3), NONE, HAVE(3) },
	{ "an absent sum takes the newer reason", NO_OTHER, NONE, NONE },
	{ "a sum too large is held at the largest", HAVE(UINT64_MAX), HAVE(2), HAVE(UINT64_MAX) },
};

static void test_sum(void **state)
{
	const struct pair_row *row = *state;
	struct amount sum = row->a;

	amount_sum(&sum, row->b);
	assert_amount(sum, row->want);
}

static const struct pair_row headroom_rows[] = {
	{ "room is left", HAVE(10), HAVE(4), HAVE(6) },
	{ "nothing is left", HAVE(10), HAVE(10), HAVE(0) },
	{ "more is used than allowed", HAVE(10), HAVE(11), HAVE(0) },
	{ "no limit leaves no limit", HAVE(UINT64_MAX), HAVE(4), HAVE(UINT64_MAX) },
	{ "the limit is absent", NONE, HAVE(4), NONE },
	{ "the use is absent", HAVE(10), NONE, NONE },
};

static void test_headroom(void **state)
{
	const struct pair_row *row = *state;

	assert_amount(amount_headroom(row->a, row->b), row->want);
}

struct why_row {
	const char *name;
	int code;
	const char *want;
};

static const struct why_row why_rows[] = {
	{ "EACCES", EACCES, "permission denied" },
	{ "EPERM, negative", -EPERM, "permission denied" },
	{ "ENOENT", -ENOENT, "no such file" },
	{ "ESRCH", -ESRCH, "the process is gone" },
	{ "an error without a text of ours", EIO, "Input/output error" },
	{ "an unknown errno", 99999, "unknown error" },
};

static void test_why(void **state)
{
	const struct why_row *row = *state;

	assert_string_equal(reason_errno_text(row->code), row->want);
}

/* Snapshot files have the texts, which must give the same reasons when read. */
static void test_texts(void **state attr_unused)
{
	for (int i = REASON_NOT_READ; i < REASON_COUNT; i++) {
		assert_true(*reason_text((enum reason)i));
		assert_int_equal(reason_of_text(reason_text((enum reason)i)), i);
	}
	assert_int_equal(reason_of_text("Input/output error"), REASON_ERRNO + EIO);
	assert_int_equal(reason_of_text("because"), REASON_OTHER);
	assert_string_equal(amount_why(amount_absent_text("because")), "because");
	assert_int_equal(amount_absent_text("not read").why, REASON_NOT_READ);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "amount_add", add_rows, test_add);
	ROWS_ADD(&list, "amount_sum", sum_rows, test_sum);
	ROWS_ADD(&list, "amount_headroom", headroom_rows, test_headroom);
	ROWS_ADD(&list, "reason_errno_text", why_rows, test_why);
	rows_add_one(&list, "reason: every text is of one reason", test_texts);
	return rows_run("amount", &list);
}
