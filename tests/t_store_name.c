/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/store/name: names of snapshots, and names that only resemble them. Seconds are
 * from date -u +%s.
 */
#include "model/store/name.h"

#include "rows.h"

struct name_row {
	const char *name; /* of the file too */
	int64_t seconds;
	unsigned int suffix;
};

static const struct name_row name_rows[] = {
	{ "memory_snapshot_20260102_030405.yaml", 1767323045, 0 },
	{ "memory_snapshot_20260102_030405_2.yaml", 1767323045, 2 },
	{ "memory_snapshot_20260102_030405_10.yaml", 1767323045, 10 },
	{ "memory_snapshot_20260102_030405_9999.yaml", 1767323045, 9999 },
	{ "memory_snapshot_19700101_000000.yaml", 0, 0 },
	{ "memory_snapshot_19691231_235959.yaml", -1, 0 },
	{ "memory_snapshot_20240229_235959.yaml", 1709251199, 0 },
	{ "memory_snapshot_22620411_234716.yaml", 9223372036, 0 },
	{ "memory_snapshot_16770921_001244.yaml", -9223372036, 0 },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;
	struct store_stamp stamp = { row->seconds, row->suffix }, back = { 0 };
	char name[STORE_NAME_MAX];

	store_name_format(stamp, name);
	assert_string_equal(name, row->name);
	assert_true(store_name_parse(name, &back));
	assert_int_equal(store_stamp_compare(back, stamp), 0);
}

static const char *const refused[] = {
	"",
	"memory_snapshot",
	"memory_snapshot_",
	"memory_snapshot_20260102.yaml",
	"memory_snapshot_20260102_030405",
	"memory_snapshot_20260102_030405.yml",
	"memory_snapshot_20260102_030405.yaml.gz",
	"memory_snapshot_20260102_030405.yaml ",
	"memory_snapshot_20260102_030405.YAML",
	" memory_snapshot_20260102_030405.yaml",
	"Memory_snapshot_20260102_030405.yaml",
	"memory_snapshot_2026010_030405.yaml",
	"memory_snapshot_20260102_30405.yaml",
	"memory_snapshot_20260102030405.yaml",
	"memory_snapshot_20260102-030405.yaml",
	"memory_snapshot_20261302_030405.yaml",
	"memory_snapshot_20260002_030405.yaml",
	"memory_snapshot_20260230_030405.yaml",
	"memory_snapshot_20250229_030405.yaml",
	"memory_snapshot_20260102_240000.yaml",
	"memory_snapshot_20260102_036005.yaml",
	"memory_snapshot_20260102_030460.yaml",
	"memory_snapshot_20260102_030405_.yaml",
	"memory_snapshot_20260102_030405_0.yaml",
	"memory_snapshot_20260102_030405_1.yaml",
	"memory_snapshot_20260102_030405_02.yaml",
	"memory_snapshot_20260102_030405_-2.yaml",
	"memory_snapshot_20260102_030405_10000.yaml",
	"memory_snapshot_20260102_030405_2_2.yaml",
	"memory_snapshot_20260102_030405_99999999999999999999.yaml",
	"memory_snapshot_99999999999999999999_030405.yaml",
	"memory_snapshot_120260102_030405.yaml",
	"memory_snapshot_-0260102_030405.yaml",
	"memory_snapshot_20260102_030405.yaml/",
};

static void test_refused(void **state)
{
	const char *const *name = *state;
	struct store_stamp stamp = { 7, 7 };

	assert_false(store_name_parse(*name, &stamp));
	assert_int_equal(stamp.seconds, 7);
}

static void test_cut(attr_unused void **state)
{
	static const char whole[] = "memory_snapshot_20260102_030405_22.yaml";
	struct store_stamp stamp;

	for (size_t n = 0; n < strlen(whole); n++) {
		auto_free char *cut = xstrndup(whole, n);

		assert_false(store_name_parse(cut, &stamp));
	}
}

static void test_compare(attr_unused void **state)
{
	static const struct store_stamp stamps[] = {
		{ -1, 3 }, { 0, 0 }, { 0, 2 }, { 0, 10 }, { 1, 0 }
	};

	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(stamps); j++)
			assert_int_equal(store_stamp_compare(stamps[i], stamps[j]),
					 (i > j) - (i < j));
	}
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "store_name", name_rows, test_name);
	ROWS_ADD(&tests, "store_name_parse: not one", refused, test_refused);
	rows_add_one(&tests, "store_name_parse: refuses a part of a name", test_cut);
	rows_add_one(&tests, "store_stamp_compare: by time, then by number", test_compare);
	return rows_run("store_name", &tests);
}
