/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of analysis/ceilings: what a limit of the user's is compared with. */
#include "analysis/ceilings.h"

#include "amounts.h"

struct value_row {
	const char *name;
	struct amount rss, status_rss, peak_rss;
	struct amount want;
};

static const struct value_row value_rows[] = {
	{ "the peak, which was before",
	  { .value = 20 },
	  { .value = 20 },
	  { .value = 158 },
	  { .value = 158 } },
	{ "RSS, which the kernel had not added to the peak yet",
	  { .value = 21 },
	  { .value = 20 },
	  { .value = 20 },
	  { .value = 21 } },
	{ "RSS without a peak",
	  { .value = 20 },
	  { .value = 21 },
	  { .why = REASON_NOT_RECORDED },
	  { .value = 20 } },
	{ "the peak alone",
	  { .why = REASON_DENIED },
	  { .why = REASON_DENIED },
	  { .value = 30 },
	  { .value = 30 } },
	{ "what status states",
	  { .why = REASON_DENIED },
	  { .value = 19 },
	  { .why = REASON_NOT_RECORDED },
	  { .value = 19 } },
	{ "nothing",
	  { .why = REASON_DENIED },
	  { .why = REASON_DENIED },
	  { .why = REASON_NOT_RECORDED },
	  { .why = REASON_DENIED } },
};

static void test_rss(void **state)
{
	const struct value_row *row = *state;
	const struct totals totals = { .rss = row->rss,
				       .status_rss = row->status_rss,
				       .peak_rss = row->peak_rss };

	assert_same_amount(ceiling_value(CEILING_RSS, &totals, AMOUNT_UNREAD, NULL),
			   row->want.value, row->want.why);
}

struct reach_row {
	const char *name;
	enum ceiling id;
	struct amount values[4];
	struct amount want;
};

static const struct reach_row reach_rows[] = {
	{ "the largest",
	  CEILING_PSS,
	  { { .value = 1 }, { .value = 7 }, { .value = 3 }, { .why = REASON_DENIED } },
	  { .value = 7 } },
	{ "of growth the latest",
	  CEILING_GROWTH,
	  { { .value = 1 }, { .value = 7 }, { .value = 0 }, { .why = REASON_DENIED } },
	  { .value = 0 } },
	{ "nothing was measured",
	  CEILING_USS,
	  { { .why = REASON_DENIED },
	    { .why = REASON_DENIED },
	    { .why = REASON_DENIED },
	    { .why = REASON_DENIED } },
	  { .why = REASON_NOT_READ } },
};

static void test_reach(void **state)
{
	const struct reach_row *row = *state;
	struct amount reached = AMOUNT_UNREAD;

	for (size_t i = 0; i < ARRAY_SIZE(row->values); i++)
		ceiling_reach(row->id, &reached, row->values[i]);
	assert_same_amount(reached, row->want.value, row->want.why);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "RSS is judged by", value_rows, test_rss);
	ROWS_ADD(&list, "a watch reaches", reach_rows, test_reach);
	return rows_run("ceilings", &list);
}
