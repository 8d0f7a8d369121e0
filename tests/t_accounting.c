/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/accounting on one process whose sums were added up by hand (KiB):
 *
 *      region                rss  pss  uss  anonymous
 *   0  program code           40   20    0    0
 *   1  program data            8    8    8    4
 *   2  .bss | anonymous       48   48   48   48   12 | 36, private, 10 in swap
 *   3  heap                  100   60   50  100   10 of it LazyFree
 *   4  extension              32   32   32    0
 *   5  its .bss                4    4    4    4
 *   6  shared memory          16    8    0    0
 *   7  hugetlb                 0    0    0    0   2048 of its own
 *   8  data file              20   16   12    0
 *   9  .bss | anonymous       24   12    0   24    4 | 20, shared with a child
 *  10  [vsyscall]              0    0    0    0
 *      together              292  208  154  180
 */
#include "analysis/account/accounting.h"

#include <errno.h>

#include "snap.h"

#define OWNED(kind, name_) .owner_kind = OWNER_##kind, .owner = name_

enum { BSS = MARK_UNNAMED | MARK_BSS | MARK_ALL_PRIVATE };

#define REGION(start_, size, perms_, ...)                                                          \
	{                                                                                          \
		.start = start_, .size_kib = size, .perms = perms_, __VA_ARGS__                    \
	}

static const struct snap_region regions[] = {
	REGION(0x400000, 64, SNAP_RX, .name = "/bin/prog", .inode = 10, .category = CAT_PROGRAM,
	       OWNED(FILE, "prog"), .kib = { SNAP_KIB(40, 20, 40, 0, 0, 0, 0) }),
	REGION(0x410000, 8, SNAP_RW, .name = "/bin/prog", .inode = 10, .category = CAT_PROGRAM,
	       OWNED(FILE, "prog"), .kib = { SNAP_KIB(8, 8, 0, 0, 4, 4, 4) }),
	REGION(0x412000, 64, SNAP_RW, .marks = BSS, .category = CAT_PROGRAM,
	       .evidence = EV_INFERRED, OWNED(FILE, "prog"),
	       .kib = { SNAP_KIB(48, 48, 0, 0, 0, 48, 48), [MC_SWAP] = 10, [MC_SWAP_PSS] = 10 }),
	REGION(0x500000, 128, SNAP_RW, .name = "[heap]", .category = CAT_HEAP,
	       OWNED(ALLOCATOR, "brk"),
	       .kib = { SNAP_KIB(100, 60, 0, 50, 10, 40, 100), [MC_LAZYFREE] = 10,
			[MC_KERNEL_PAGE_SIZE] = 4 }),
	REGION(0x7f0000000000, 64, SNAP_RX, .name = "/numpy/core.so", .inode = 20,
	       .package = "numpy", .category = CAT_C_EXTENSION, OWNED(PACKAGE, "numpy"),
	       .kib = { SNAP_KIB(32, 32, 0, 0, 32, 0, 0) }),
	REGION(0x7f0000010000, 8, SNAP_RW, .marks = BSS, .category = CAT_C_EXTENSION,
	       .evidence = EV_INFERRED, OWNED(PACKAGE, "numpy"),
	       .kib = { SNAP_KIB(4, 4, 0, 0, 0, 4, 4) }),
	REGION(0x7f0000100000, 32, SNAP_RW | VMA_SHARED, .name = "/memfd:x", .inode = 5,
	       .tmpfs = true, .category = CAT_SHARED_MEMORY, OWNED(FILE, "memfd:x"),
	       .kib = { SNAP_KIB(16, 8, 0, 16, 0, 0, 0) }),
	REGION(0x7f0000200000, 2048, SNAP_RW, .category = CAT_HUGETLB,
	       .kib = { [MC_PRIVATE_HUGETLB] = 2048, [MC_KERNEL_PAGE_SIZE] = 2048 }),
	REGION(0x7f0000400000, 40, VMA_READ, .name = "/data", .inode = 30,
	       .category = CAT_MAPPED_FILE, OWNED(FILE, "/data"),
	       .kib = { SNAP_KIB(20, 16, 8, 0, 12, 0, 0) }),
	REGION(0x7f0000500000, 32, SNAP_RW, .category = CAT_PROGRAM, .evidence = EV_INFERRED,
	       OWNED(FILE, "prog"), .kib = { SNAP_KIB(24, 12, 0, 24, 0, 0, 24) }),
	REGION(0xffffffffff600000, 4, VMA_EXEC, .name = "[vsyscall]", .category = CAT_KERNEL),
};

static void build(struct snapshot *s)
{
	snap_init(s);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		(void)snap_add(s, &regions[i]);
		if (i == 2) {
			snap_add_part(s, 16, 12, CAT_PROGRAM, EV_INFERRED, OWNER_FILE, "prog");
			snap_add_part(s, 48, 36, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
		} else if (i == 9) {
			snap_add_part(s, 8, 4, CAT_PROGRAM, EV_INFERRED, OWNER_FILE, "prog");
			snap_add_part(s, 24, 20, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_RUNTIME, "rt");
		}
	}
}

#define auto_accounting __attribute__((cleanup(accounting_release))) struct accounting

static void test_totals(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	s.status.v[PS_VM_HWM] = amount_of(KIB(500));
	s.status.v[PS_VM_SIZE] = amount_of(KIB(9000));
	accounting_init(&a, &s);
	assert_kib(a.totals.rss, 292);
	assert_kib(a.totals.pss, 208);
	assert_kib(a.totals.uss, 154);
	assert_kib(a.totals.swap, 10);
	assert_kib(a.totals.swap_pss, 10);
	assert_kib(a.totals.anonymous, 180);
	assert_kib(a.totals.file, 96);
	assert_kib(a.totals.shmem, 16);
	assert_kib(a.totals.hugetlb, 2048);
	assert_kib(a.totals.lazyfree, 10);
	assert_kib(a.totals.reclaimable, 10 + 4 + 32 + 12);
	assert_kib(a.totals.pss_anonymous, 4 + 48 + 60 + 4 + 12);
	assert_kib(a.totals.pss_shmem, 8);
	assert_kib(a.totals.peak_rss, 500);
	assert_kib(a.totals.virtual, 9000);
	assert_absent(a.totals.status_rss, REASON_NOT_READ);
	assert_amount(a.totals.mappings, 11);
	assert_int_equal(a.totals.map_count, 10);
	assert_kib(mem_counts_get(&a.totals.counts, MC_SHARED_DIRTY), 90);
	assert_false(mem_counts_has(&a.totals.counts, MC_KERNEL_PAGE_SIZE));
}

struct category_row {
	const char *name;
	enum category category;
	uint64_t rss, pss, uss, swap, size, mappings;
	uint64_t evidence[EV_COUNT];
	size_t owners;
};

static const struct category_row category_rows[] = {
	{ "heap", CAT_HEAP, 100, 60, 50, 0, 128, 1, { [EV_KERNEL] = 100 }, 1 },
	{ "the rest of split regions",
	  CAT_ANONYMOUS,
	  56,
	  46,
	  36,
	  6,
	  72,
	  0,
	  { [EV_UNKNOWN] = 56 },
	  2 },
	{ "stack: no stack is 0, not absent", CAT_STACK, 0, 0, 0, 0, 0, 0, { 0 }, 0 },
	{ "program with the .bss parts",
	  CAT_PROGRAM,
	  64,
	  42,
	  20,
	  4,
	  96,
	  4,
	  { [EV_KERNEL] = 48, [EV_INFERRED] = 16 },
	  2 },
	{ "C extension",
	  CAT_C_EXTENSION,
	  36,
	  36,
	  36,
	  0,
	  72,
	  2,
	  { [EV_KERNEL] = 32, [EV_INFERRED] = 4 },
	  2 },
	{ "shared memory", CAT_SHARED_MEMORY, 16, 8, 0, 0, 32, 1, { [EV_KERNEL] = 16 }, 1 },
	{ "mapped file", CAT_MAPPED_FILE, 20, 16, 12, 0, 40, 1, { [EV_KERNEL] = 20 }, 1 },
	{ "hugetlb has no rss", CAT_HUGETLB, 0, 0, 0, 0, 2048, 1, { 0 }, 1 },
	{ "kernel", CAT_KERNEL, 0, 0, 0, 0, 4, 1, { 0 }, 1 },
};

static void test_category(void **state)
{
	const struct category_row *row = *state;
	const struct category_line *line;
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	line = &a.categories[row->category];
	assert_kib(line->sum.rss, row->rss);
	assert_kib(line->sum.pss, row->pss);
	assert_kib(line->sum.uss, row->uss);
	assert_kib(line->sum.swap, row->swap);
	assert_int_equal(line->sum.size_bytes, KIB(row->size));
	assert_int_equal(line->sum.mappings, row->mappings);
	for (int i = 0; i < EV_COUNT; i++)
		assert_int_equal(line->evidence_bytes[i], KIB(row->evidence[i]));
	assert_int_equal(line->n_owners, row->owners);
	for (size_t i = 0; i < line->n_owners; i++)
		assert_int_equal(line->owners[i].category, row->category);
}

static void test_sums(void **state attr_unused)
{
	uint64_t categories = 0, evidence = 0, mappings = 0;
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	for (int i = 0; i < CAT_COUNT; i++) {
		uint64_t owners = 0;

		for (size_t k = 0; k < a.categories[i].n_owners; k++)
			owners += a.categories[i].owners[k].sum.rss.value;
		assert_kib(a.categories[i].sum.rss, owners >> 10);
		categories += owners;
		mappings += a.categories[i].sum.mappings;
	}
	assert_int_equal(categories, KIB(292));
	assert_int_equal(mappings, 11);
	for (int i = 0; i < EV_COUNT; i++)
		evidence += a.evidence_bytes[i];
	assert_int_equal(evidence, KIB(292));
	assert_int_equal(a.evidence_bytes[EV_KERNEL], KIB(216));
	assert_int_equal(a.evidence_bytes[EV_INFERRED], KIB(20));
	assert_int_equal(a.evidence_bytes[EV_UNKNOWN], KIB(56));
	assert_amount(a.unexplained_permille, 192); /* 56 / 292 = 19.18 % */
}

static void test_owners(void **state attr_unused)
{
	const struct owner_line *program, *anonymous;
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	program = a.categories[CAT_PROGRAM].owners;
	assert_string_equal(s.owners[program[0].owner].name, "prog");
	assert_int_equal(program[0].evidence, EV_KERNEL);
	assert_kib(program[0].sum.rss, 48);
	assert_int_equal(program[1].owner, program[0].owner);
	assert_int_equal(program[1].evidence, EV_INFERRED);
	assert_kib(program[1].sum.rss, 16);
	assert_kib(program[1].sum.pss, 14);

	anonymous = a.categories[CAT_ANONYMOUS].owners;
	assert_int_equal(anonymous[0].owner, 0);
	assert_kib(anonymous[0].sum.rss, 36);
	assert_kib(anonymous[0].sum.swap, 6);
	assert_string_equal(s.owners[anonymous[1].owner].name, "rt");
	assert_kib(anonymous[1].sum.rss, 20);
	assert_kib(anonymous[1].sum.pss, 10);
	assert_kib(anonymous[1].sum.uss, 0);
	assert_kib(anonymous[1].sum.swap, 0);
}

/* Adds a mapping of 40 KiB, half of them shared, of whose pages nothing is known. */
static void add_half_shared(struct snapshot *s, enum category first, enum category second)
{
	(void)snap_add(s,
		       &(struct snap_region)REGION(0x7f0000600000, 64, SNAP_RW,
						   .marks = MARK_UNNAMED, .category = first,
						   .kib = { SNAP_KIB(40, 25, 0, 20, 0, 20, 40) }));
	snap_add_part(s, 16, 12, first, EV_WALKED, OWNER_RUNTIME, "rt");
	snap_add_part(s, 48, 28, second, EV_UNKNOWN, OWNER_NONE, "");
}

/* A partial sum must not pass for the whole: an owner's with a part that could not be divided. */
static void test_undivided(void **state attr_unused)
{
	const struct category_line *anonymous;
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	snap_add_anonymous(&s, 0x10000, 64, 16);
	add_half_shared(&s, CAT_ANONYMOUS, CAT_ANONYMOUS);
	accounting_init(&a, &s);
	anonymous = &a.categories[CAT_ANONYMOUS];
	assert_kib(anonymous->sum.pss, 16 + 25);
	assert_kib(anonymous->sum.uss, 16 + 20);
	assert_int_equal(anonymous->n_owners, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_absent(anonymous->owners[i].sum.pss, REASON_PART_OF_MAPPING);
		assert_absent(anonymous->owners[i].sum.uss, REASON_PART_OF_MAPPING);
	}
}

/* Nor one of a category, if the mapping has parts in several. */
static void test_undivided_categories(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	snap_add_anonymous(&s, 0x10000, 64, 16);
	add_half_shared(&s, CAT_PROGRAM, CAT_ANONYMOUS);
	accounting_init(&a, &s);
	assert_absent(a.categories[CAT_ANONYMOUS].sum.pss, REASON_PART_OF_MAPPING);
	assert_absent(a.categories[CAT_ANONYMOUS].sum.uss, REASON_PART_OF_MAPPING);
	assert_absent(a.categories[CAT_PROGRAM].sum.pss, REASON_PART_OF_MAPPING);
	assert_kib(a.categories[CAT_ANONYMOUS].sum.rss, 16 + 28);
	assert_kib(a.totals.pss, 16 + 25);
}

/* The part has all resident bytes, so the shared pages are in it. */
static void test_part_with_all(void **state attr_unused)
{
	const struct owner_line *anonymous;
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	(void)snap_add(&s, &regions[9]);
	snap_add_part(&s, 8, 0, CAT_PROGRAM, EV_INFERRED, OWNER_FILE, "prog");
	snap_add_part(&s, 24, 24, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_RUNTIME, "rt");
	accounting_init(&a, &s);
	assert_kib(a.categories[CAT_PROGRAM].sum.pss, 0);
	anonymous = a.categories[CAT_ANONYMOUS].owners;
	assert_kib(anonymous[0].sum.rss, 24);
	assert_kib(anonymous[0].sum.pss, 12);
	assert_kib(anonymous[0].sum.uss, 0);
}

static void test_perms(void **state attr_unused)
{
	static const struct {
		uint8_t perms;
		uint64_t rss, mappings;
	} want[] = {
		{ SNAP_RW, 184, 6 }, { SNAP_RX, 72, 2 },
		{ VMA_READ, 20, 1 }, { SNAP_RW | VMA_SHARED, 16, 1 },
		{ VMA_EXEC, 0, 1 },
	};
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	assert_int_equal(a.n_perms, ARRAY_SIZE(want));
	for (size_t i = 0; i < a.n_perms; i++) {
		assert_int_equal(a.perms[i].perms, want[i].perms);
		assert_kib(a.perms[i].sum.rss, want[i].rss);
		assert_int_equal(a.perms[i].sum.mappings, want[i].mappings);
	}
}

static void test_files(void **state attr_unused)
{
	static const struct {
		const char *path;
		uint64_t rss, uss, mappings;
	} want[] = {
		{ "/bin/prog", 48, 8, 2 },
		{ "/numpy/core.so", 32, 32, 1 },
		{ "/data", 20, 12, 1 },
		{ "/memfd:x", 16, 0, 1 },
	};
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	assert_int_equal(a.n_files, ARRAY_SIZE(want));
	for (size_t i = 0; i < a.n_files; i++) {
		assert_string_equal(s.files[a.files[i].file].path, want[i].path);
		assert_kib(a.files[i].sum.rss, want[i].rss);
		assert_kib(a.files[i].sum.uss, want[i].uss);
		assert_int_equal(a.files[i].sum.mappings, want[i].mappings);
	}
}

static void test_packages(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	assert_int_equal(a.n_packages, 1);
	assert_string_equal(s.packages[a.packages[0].package].name, "numpy");
	assert_kib(a.packages[0].sum.rss, 36);
	assert_kib(a.packages[0].sum.uss, 36);
	assert_int_equal(a.packages[0].sum.mappings, 2);
	assert_int_equal(a.packages[0].files, 1);
}

static void test_largest(void **state attr_unused)
{
	static const uint32_t want[] = { 3, 2, 0, 4, 9, 8, 6, 1, 5 };
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	accounting_init(&a, &s);
	assert_int_equal(a.n_largest, ARRAY_SIZE(want));
	for (size_t i = 0; i < a.n_largest; i++)
		assert_int_equal(a.largest[i], want[i]);
}

static void test_largest_of_many(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	for (uint64_t i = 0; i < 30; i++) /* 4 rises with i, and every third is 200 */
		snap_add_anonymous(&s, (i + 1) << 24, 400, i % 3 ? 4 * i : 200);
	accounting_init(&a, &s);
	assert_int_equal(a.n_largest, TALLY_LARGEST);
	for (uint32_t i = 0; i < TALLY_LARGEST; i++)
		assert_int_equal(a.largest[i], i * 3);
}

static void test_missing_fields(void **state attr_unused)
{
	uint32_t absent = 1u << MC_PSS | 1u << MC_SWAP | 1u << MC_ANONYMOUS | 1u << MC_LAZYFREE |
			  1u << MC_PRIVATE_HUGETLB;
	struct snap_region old = regions[0];
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	old.absent = absent;
	(void)snap_add(&s, &old);
	accounting_init(&a, &s);
	assert_kib(a.totals.rss, 40);
	assert_absent(a.totals.pss, REASON_NOT_REPORTED);
	assert_absent(a.totals.swap, REASON_NOT_REPORTED);
	assert_absent(a.totals.anonymous, REASON_NOT_REPORTED);
	assert_absent(a.totals.file, REASON_NOT_REPORTED);
	assert_absent(a.totals.shmem, REASON_NOT_REPORTED);
	assert_absent(a.totals.reclaimable, REASON_NOT_REPORTED);
	assert_absent(a.totals.hugetlb, REASON_NOT_REPORTED);
	assert_kib(a.totals.uss, 0);
	assert_absent(a.categories[CAT_PROGRAM].sum.pss, REASON_NOT_REPORTED);
	assert_absent(a.categories[CAT_HEAP].sum.pss, REASON_NOT_REPORTED);
	assert_kib(a.categories[CAT_PROGRAM].sum.rss, 40);
}

/* Half of the counters that USS is the sum of do not make a USS, in totals and lines. */
static void test_half_uss(void **state attr_unused)
{
	struct snap_region half = regions[3];
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	half.absent = 1u << MC_PRIVATE_CLEAN;
	(void)snap_add(&s, &regions[1]);
	(void)snap_add(&s, &half);
	accounting_init(&a, &s);
	assert_kib(a.totals.uss, 8);
	assert_kib(a.categories[CAT_PROGRAM].sum.uss, 8);
	assert_false(amount_ok(a.categories[CAT_HEAP].sum.uss));
}

static void test_some_records_lack_a_field(void **state attr_unused)
{
	struct snap_region odd = regions[8];
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	odd.start = 0x7f0000600000;
	odd.absent = 1u << MC_PSS;
	s.n_regions--; /* [vsyscall] is last */
	(void)snap_add(&s, &odd);
	accounting_init(&a, &s);
	assert_kib(a.totals.rss, 312);
	assert_kib(a.totals.pss, 208);
	assert_kib(a.categories[CAT_MAPPED_FILE].sum.rss, 40);
	assert_kib(a.categories[CAT_MAPPED_FILE].sum.pss, 16);
	assert_int_equal(a.totals.map_count, 11);
}

static void test_denied(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	s.regions_why = REASON_DENIED;
	s.status.v[PS_VM_RSS] = amount_of(KIB(300));
	accounting_init(&a, &s);
	assert_absent(a.totals.rss, REASON_DENIED);
	assert_absent(a.totals.mappings, REASON_DENIED);
	assert_absent(a.categories[CAT_HEAP].sum.rss, REASON_DENIED);
	assert_absent(a.unexplained_permille, REASON_DENIED);
	assert_absent(a.drift_magnitude, REASON_DENIED);
	assert_kib(a.totals.status_rss, 300);
	assert_int_equal(a.n_perms + a.n_files + a.n_packages + a.n_owners + a.n_largest, 0);
}

static void test_no_address_space(void **state attr_unused)
{
	auto_snapshot s;
	auto_accounting a;

	snap_init(&s);
	s.regions_why = REASON_NO_MM;
	s.status.v[PS_VM_RSS] = amount_absent(REASON_NOT_REPORTED);
	accounting_init(&a, &s);
	assert_absent(a.totals.rss, REASON_NO_MM);
	assert_absent(a.totals.status_rss, REASON_NO_MM);
}

struct drift_row {
	const char *name;
	uint64_t before, after;
	bool torn;
	enum reason partial, why;
	uint64_t magnitude;
	bool negative;
};

static const struct drift_row drift_rows[] = {
	{ "none", 292, 292, false, REASON_NONE, REASON_NONE, 0, false },
	{ "VmRSS is more", 300, 300, false, REASON_NONE, REASON_NONE, 8, false },
	{ "VmRSS is less", 200, 200, false, REASON_NONE, REASON_NONE, 92, true },
	{ "VmRSS moved", 292, 296, false, REASON_NONE, REASON_RSS_CHANGED, 0, false },
	{ "smaps was torn", 292, 292, true, REASON_NONE, REASON_INCONSISTENT, 0, false },
	{ "smaps is short", 292, 292, false, REASON_EXITED, REASON_PARTIAL, 0, false },
};

static void test_drift(void **state)
{
	const struct drift_row *row = *state;
	auto_snapshot s;
	auto_accounting a;

	build(&s);
	s.status.v[PS_VM_RSS] = amount_of(KIB(row->before));
	s.rss_after = amount_of(KIB(row->after));
	s.consistent = !row->torn;
	s.partial = row->partial;
	accounting_init(&a, &s);
	if (row->why) {
		assert_absent(a.drift_magnitude, row->why);
		return;
	}
	assert_kib(a.drift_magnitude, row->magnitude);
	assert_int_equal(a.drift_negative, row->negative);
}

static void test_line_add(void **state attr_unused)
{
	struct line a = { .rss = amount_of(1),
			  .pss = AMOUNT_UNREAD,
			  .uss = amount_of(2),
			  .swap = AMOUNT_UNREAD,
			  .size_bytes = 10,
			  .mappings = 1 };
	struct line b = { .rss = amount_of(3),
			  .pss = amount_of(4),
			  .uss = AMOUNT_UNREAD,
			  .swap = AMOUNT_UNREAD,
			  .size_bytes = 20,
			  .mappings = 2 };

	line_add(&a, &b);
	assert_amount(a.rss, 4);
	assert_amount(a.pss, 4);
	assert_amount(a.uss, 2);
	assert_absent(a.swap, REASON_NOT_READ);
	assert_int_equal(a.size_bytes, 30);
	assert_int_equal(a.mappings, 3);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "totals are the sums over smaps", test_totals);
	ROWS_ADD(&list, "category", category_rows, test_category);
	rows_add_one(&list, "owners, categories and evidence add up to Rss", test_sums);
	rows_add_one(&list, "an owner has a line for each evidence", test_owners);
	rows_add_one(&list, "a part with all resident bytes has all of PSS", test_part_with_all);
	rows_add_one(&list, "an owner without PSS of a part has none, its category has that of all",
		     test_undivided);
	rows_add_one(&list, "nor have categories that share the mapping",
		     test_undivided_categories);
	rows_add_one(&list, "permissions, largest first", test_perms);
	rows_add_one(&list, "files, largest first", test_files);
	rows_add_one(&list, "a package has its files and their .bss", test_packages);
	rows_add_one(&list, "largest regions, without empty ones", test_largest);
	rows_add_one(&list, "largest of many, the first of equal ones first", test_largest_of_many);
	rows_add_one(&list, "fields of no record are absent", test_missing_fields);
	rows_add_one(&list, "USS needs both of its fields", test_half_uss);
	rows_add_one(&list, "a sum is over the records that have the field",
		     test_some_records_lack_a_field);
	rows_add_one(&list, "denied smaps: absent, with that reason", test_denied);
	rows_add_one(&list, "no address space: absent, with that reason", test_no_address_space);
	ROWS_ADD(&list, "drift", drift_rows, test_drift);
	rows_add_one(&list, "line_add adds present values", test_line_add);
	return rows_run("accounting", &list);
}
