/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/snapshot: packing keeps all counters, equal names are stored once, and hostile
 * names take bounded memory.
 */
#include "model/snapshot/snapshot.h"

#include "base/alloc.h"
#include "snap.h"

static void add_packed(struct snapshot *s, const struct mem_counts *c)
{
	snapshot_add_region(s, &(struct region){ .start = s->n_regions }, c);
}

static void assert_counts(const struct snapshot *s, size_t i, const struct mem_counts *want)
{
	struct mem_counts got;

	memset(&got, 0xa5, sizeof(got));
	snapshot_counts(s, &s->regions[i], &got);
	assert_int_equal(got.present, want->present);
	assert_memory_equal(got.v, want->v, sizeof(got.v));
}

struct value_row {
	const char *name;
	uint64_t value;
};

static const struct value_row value_rows[] = {
	{ "0", 0 },
	{ "1 byte", 1 },
	{ "a byte less than 1 KiB", 1023 },
	{ "1 KiB", 1024 },
	{ "a byte more", 1025 },
	{ "a page", 4096 },
	{ "1 TiB", UINT64_C(1) << 40 },
	{ "1 TiB and 3 bytes", (UINT64_C(1) << 40) + 3 },
	{ "the last multiple of 1 KiB", UINT64_MAX - 1023 },
	{ "the end of 64 bits", UINT64_MAX },
};

/* In all counters, in each one alone, and with only the first reported. */
static void test_value(void **state)
{
	const struct value_row *row = *state;
	struct mem_counts counts[MC_COUNT + 2] = { 0 };
	auto_snapshot s;

	snapshot_init(&s);
	for (int i = 0; i < MC_COUNT; i++) {
		counts[MC_COUNT].v[i] = counts[i].v[i] = row->value;
		counts[MC_COUNT].present |= UINT32_C(1) << i;
		counts[i].present = UINT32_C(1) << i;
	}
	counts[MC_COUNT + 1].present = 1;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		add_packed(&s, &counts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		assert_counts(&s, i, &counts[i]);
}

static void test_every_bit(void **state attr_unused)
{
	struct mem_counts counts[64] = { 0 };
	auto_snapshot s;

	snapshot_init(&s);
	for (size_t i = 0; i < 64; i++) {
		counts[i].present = (1 << MC_RSS) | (1 << MC_LOCKED) | (1 << MC_PSS);
		counts[i].v[MC_RSS] = UINT64_C(1) << i;
		counts[i].v[MC_LOCKED] = (UINT64_C(1) << i) - 1;
		add_packed(&s, &counts[i]);
	}
	for (size_t i = 64; i-- > 0;)
		assert_counts(&s, i, &counts[i]);
}

/*
 * The memory that 65,000 mappings take: a region and its counters, as the kernel usually reports
 * them.
 */
static void test_compact(void **state attr_unused)
{
	struct mem_counts c = { .present = (UINT32_C(1) << MC_COUNT) - 1 };
	auto_snapshot s;

	for (int i = 0; i < MC_COUNT; i++)
		c.v[i] = i % 2 ? 0 : 132 << 10;
	snapshot_init(&s);
	for (uint64_t i = 0; i < 100; i++) {
		c.v[MC_RSS] = (100 + i) << 10; /* what is equal would be kept once */
		add_packed(&s, &c);
	}
	assert_true(sizeof(struct region) + s.packed.len / 100 <= 112);
}

/* Neighbours with equal counters, and the sums of all. */
static void test_equal_counts(void **state attr_unused)
{
	struct mem_counts none = { .present = 0 }, stated = { .present = UINT32_C(1) << MC_RSS };
	struct mem_counts some = { .present = UINT32_C(1) << MC_RSS, .v[MC_RSS] = 4096 };
	const struct mem_counts *const order[] = { &none, &stated, &stated, &some,  &some,
						   &some, &none,   &some,   &stated };
	auto_snapshot s;

	snapshot_init(&s);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(order); i++)
			add_packed(&s, order[i]);
		for (size_t i = 0; i < ARRAY_SIZE(order); i++)
			assert_counts(&s, i, order[i]);
		assert_true(s.sums.v[MC_RSS] == 4 * 4096);
		assert_int_equal(s.sums.present, UINT32_C(1) << MC_RSS);
		assert_int_equal(s.stated_counters, UINT32_C(1) << MC_RSS);
		snapshot_drop_regions(&s);
	}
}

static void test_names(void **state attr_unused)
{
	static const char text[] = "/a/bc";
	auto_snapshot s;
	uint32_t a, ab;

	snapshot_init(&s);
	assert_int_equal(snapshot_name(&s, "", 0), 0);
	assert_int_equal(snapshot_name(&s, text, 0), 0);
	a = snapshot_name(&s, text, 2);
	ab = snapshot_name(&s, text, 4);
	assert_true(a && ab && a != ab);
	assert_string_equal(s.names[a], "/a");
	assert_string_equal(s.names[ab], "/a/b");
	assert_int_equal(snapshot_name(&s, "/a", 2), a);
	assert_int_equal(snapshot_name(&s, "/a/b", 4), ab);
	assert_int_equal(s.n_names, 3);
}

static void test_many_names(void **state attr_unused)
{
	auto_snapshot s;
	uint32_t at[5000];

	snapshot_init(&s);
	for (int i = 0; i < 5000; i++) {
		auto_free char *name = xasprintf("[anon:%d]", i);

		at[i] = snapshot_name(&s, name, strlen(name));
	}
	for (int i = 0; i < 5000; i++) {
		auto_free char *name = xasprintf("[anon:%d]", i);

		assert_string_equal(s.names[at[i]], name);
		assert_int_equal(snapshot_name(&s, name, strlen(name)), at[i]);
	}
}

enum { LONG = 6256, N_LONG = 20000 };

/* 125 MB of names: a few MiB are kept as a whole, and the ends of the others. */
static void test_names_bound(void **state attr_unused)
{
	auto_snapshot s;
	char name[LONG + 1];
	uint32_t last = 0, little;
	size_t total = 0;

	snapshot_init(&s);
	memset(name, 'x', LONG);
	name[0] = '/';
	for (int i = 0; i < N_LONG; i++) {
		auto_free char *number = xasprintf("%06d", i);

		memcpy(name + LONG - 6, number, 6);
		last = snapshot_name(&s, name, LONG);
	}
	for (size_t i = 0; i < s.n_names; i++)
		total += strlen(s.names[i]) + 1;
	assert_true(total < MIB(6));
	assert_int_equal(s.n_names, N_LONG + 1);
	assert_true(s.names_cut > 0 && s.names_cut < N_LONG);
	assert_int_equal(strlen(s.names[last]), 64);
	assert_true(starts_with(s.names[last], "/...xxx") && ends_with(s.names[last], "xxx019999"));
	assert_int_equal(strlen(s.names[1]), LONG);
	little = snapshot_name(&s, "/usr/lib/libc.so.6", 18);
	assert_string_equal(s.names[little], "/usr/lib/libc.so.6");
}

struct file_row {
	const char *name;
	const char *path;
	const char *want;
	bool want_deleted;
};

static const struct file_row file_rows[] = {
	{ "a path", "/a", "/a", false },
	{ "a deleted file", "/a (deleted)", "/a", true },
	{ "once is enough", "/a (deleted) (deleted)", "/a (deleted)", true },
	{ "not at the end", "/a (deleted)b", "/a (deleted)b", false },
	{ "no blank", "/a(deleted)", "/a(deleted)", false },
	{ "nothing in front", " (deleted)", " (deleted)", false },
	{ "no path", "", "", false },
};

static void test_file(void **state)
{
	const struct file_row *row = *state;
	auto_snapshot s;
	uint32_t f;

	snapshot_init(&s);
	f = snapshot_file(&s, 8, 1, 5, row->path, strlen(row->path));
	assert_int_equal(f, 1);
	assert_string_equal(s.files[f].path, row->want);
	assert_int_equal(s.files[f].deleted, row->want_deleted);
}

static void test_files(void **state attr_unused)
{
	auto_snapshot s;

	snapshot_init(&s);
	assert_int_equal(snapshot_file(&s, 8, 1, 5, "/a", 2), 1);
	add_packed(&s, &(struct mem_counts){ 0 });
	assert_int_equal(snapshot_file(&s, 8, 1, 6, "/a", 2), 2);
	assert_int_equal(snapshot_file(&s, 8, 2, 5, "/a", 2), 3);
	assert_int_equal(snapshot_file(&s, 9, 1, 5, "/a", 2), 4);
	assert_int_equal(snapshot_file(&s, 0, 1, 0, "/SYSV00000000 (deleted)", 23), 5);
	/* The same inode by another name is the same file. */
	assert_int_equal(snapshot_file(&s, 8, 1, 5, "/b (deleted)", 12), 1);
	assert_string_equal(s.files[1].path, "/a");
	assert_false(s.files[1].deleted);
	assert_int_equal(s.files[1].first_region, 0);
	assert_int_equal(s.files[2].first_region, 1);
	assert_int_equal(s.n_files, 6);
}

static void test_owners(void **state attr_unused)
{
	auto_snapshot s;
	char name[] = "libc.so.6";
	uint32_t library, file;

	snapshot_init(&s);
	assert_int_equal(snapshot_owner(&s, OWNER_NONE, "x"), 0);
	library = snapshot_owner(&s, OWNER_LIBRARY, name);
	file = snapshot_owner(&s, OWNER_FILE, name);
	assert_true(library && file && library != file);
	name[0] = 'x'; /* the snapshot has a copy */
	assert_int_equal(snapshot_owner(&s, OWNER_LIBRARY, "libc.so.6"), library);
	assert_string_equal(s.owners[file].name, "libc.so.6");
	assert_int_equal(s.owners[file].kind, OWNER_FILE);
	assert_true(snapshot_owner(&s, OWNER_FILE, "") > 0);
	assert_int_equal(s.n_owners, 4);
}

static void test_packages(void **state attr_unused)
{
	static const char cpython[] = "cpython", ruby[] = "ruby";
	auto_snapshot s;
	uint32_t a;

	snapshot_init(&s);
	a = snapshot_package(&s, cpython, "json/x", 4);
	assert_int_equal(snapshot_package(&s, cpython, "json", 4), a);
	assert_true(snapshot_package(&s, ruby, "json", 4) != a);
	assert_string_equal(s.packages[a].name, "json");
	assert_string_equal(s.packages[a].runtime, "cpython");
	assert_int_equal(s.n_packages, 3);
}

static void test_drop(void **state attr_unused)
{
	struct mem_counts c = { .present = 1 << MC_RSS, .v = { [MC_RSS] = 5 } };
	auto_snapshot s;
	uint32_t name;

	snapshot_init(&s);
	name = snapshot_name(&s, "/a", 2);
	(void)snapshot_file(&s, 8, 1, 5, "/a", 2);
	add_packed(&s, &c);
	s.largest_gap_bytes = s.unknown_fields = 1;
	snapshot_drop_regions(&s);
	assert_int_equal(s.n_regions + s.n_parts + s.packed.len, 0);
	assert_int_equal(s.largest_gap_bytes + s.unknown_fields, 0);
	assert_int_equal(snapshot_name(&s, "/a", 2), name);
	assert_int_equal(snapshot_file(&s, 8, 1, 6, "/b", 2), 1);
	assert_string_equal(s.files[1].path, "/b");
	c.v[MC_RSS] = 7;
	add_packed(&s, &c);
	assert_counts(&s, 0, &c);
}

static void test_parts(void **state attr_unused)
{
	static const size_t want[] = { 0, 2, 0, 3, 0 };
	auto_snapshot s;
	size_t n;

	snapshot_init(&s);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		add_packed(&s, &(struct mem_counts){ 0 });
		for (size_t k = 0; k < want[i]; k++)
			snap_add_part(&s, i, k, CAT_PROGRAM, EV_INFERRED, OWNER_NONE, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct part *p = snapshot_parts(&s, &s.regions[i], &n);

		assert_int_equal(n, want[i]);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(p[k].region, i);
			assert_true(p[k].rss_bytes == KIB(k));
		}
	}
}

static void test_region_name(void **state attr_unused)
{
	auto_snapshot s;
	struct region r = { .start = 0 };

	snapshot_init(&s);
	assert_string_equal(snapshot_region_name(&s, &r), "");
	r.name = snapshot_name(&s, "[heap]", 6);
	assert_string_equal(snapshot_region_name(&s, &r), "[heap]");
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "packed counters", value_rows, test_value);
	rows_add_one(&list, "packed counters: every bit", test_every_bit);
	rows_add_one(&list, "packed counters: small", test_compact);
	rows_add_one(&list, "equal counters", test_equal_counts);
	rows_add_one(&list, "names: equal ones once", test_names);
	rows_add_one(&list, "names: thousands", test_many_names);
	rows_add_one(&list, "names: bounded, and reported", test_names_bound);
	ROWS_ADD(&list, "file", file_rows, test_file);
	rows_add_one(&list, "files: one a device and inode", test_files);
	rows_add_one(&list, "owners: one a kind and name", test_owners);
	rows_add_one(&list, "packages: one a runtime and name", test_packages);
	rows_add_one(&list, "drop: another attempt starts empty", test_drop);
	rows_add_one(&list, "parts: those of the region", test_parts);
	rows_add_one(&list,
		     "region: its name, or "
		     "",
		     test_region_name);
	return rows_run("snapshot", &list);
}
