/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of model/metrics: each row is complete, and a metric is read from its sources. */
#include "model/metrics.h"

#include "model/region.h"
#include "rows.h"

static void test_table(void **state attr_unused)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_desc *d = &metric_descs[i];

		assert_true(d->name && strlen(d->name) > 0 && strlen(d->column) > 0);
		assert_true(strlen(d->title) > 0 && strlen(d->heading) > 0 && strlen(d->help) > 0);
		assert_true(d->counters < UINT32_C(1) << MC_SUMMABLE && d->status < PS_COUNT);
		assert_true(!d->status_first || (d->counters && d->status));
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(d->name, metric_descs[k].name);
			assert_string_not_equal(d->title, metric_descs[k].title);
			assert_string_not_equal(d->help, metric_descs[k].help);
		}
	}
}

static void test_categories(void **state attr_unused)
{
	for (int i = 0; i < CAT_COUNT; i++) {
		assert_true(category_descs[i].id && strlen(category_descs[i].id) > 0);
		assert_true(strlen(category_descs[i].title) > 0);
		assert_true(strlen(category_descs[i].help) > 0);
	}
}

static void test_counts(void **state attr_unused)
{
	struct mem_counts c = { .present = UINT32_C(1) << MC_PRIVATE_CLEAN | UINT32_C(1) << MC_RSS,
				.v[MC_PRIVATE_CLEAN] = 4096,
				.v[MC_RSS] = 12288 };

	assert_true(metric_of_counts(METRIC_RSS, &c).value == 12288);
	assert_int_equal(metric_of_counts(METRIC_PSS, &c).why, REASON_NOT_REPORTED);
	assert_int_equal(metric_of_counts(METRIC_USS, &c).why, REASON_NOT_REPORTED);
	c.present |= UINT32_C(1) << MC_PRIVATE_DIRTY;
	c.v[MC_PRIVATE_DIRTY] = 8192;
	assert_true(metric_of_counts(METRIC_USS, &c).value == 12288);
	assert_int_equal(metric_of_counts(METRIC_PEAK_RSS, &c).why, REASON_NOT_READ);
}

static void test_status(void **state attr_unused)
{
	struct proc_status s = { .v[PS_VM_HWM] = { .value = 4096 },
				 .v[PS_VM_RSS] = { .why = REASON_NO_MM } };

	assert_true(metric_of_status(METRIC_PEAK_RSS, &s).value == 4096);
	assert_int_equal(metric_of_status(METRIC_RSS, &s).why, REASON_NO_MM);
	assert_int_equal(metric_of_status(METRIC_PSS, &s).why, REASON_NOT_READ);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	rows_add_one(&list, "table: every metric has its names and help, each once", test_table);
	rows_add_one(&list, "table: every category has its names and help", test_categories);
	rows_add_one(&list, "counts: a sum of counters, absent if one of them is", test_counts);
	rows_add_one(&list, "status: the value of a line, or the reason", test_status);
	return rows_run("metrics", &list);
}
