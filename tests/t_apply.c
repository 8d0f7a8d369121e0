/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/apply and analysis/account/non_object: attributed memory becomes lines of the
 * balance sheet, and nothing is lost or counted twice.
 */
#include "walk/apply.h"

#include "analysis/account/non_object.h"
#include "attribute.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"

enum { ATTRIBUTIONS = 4 };

/* Bytes that a walker attributes. */
struct added {
	uint32_t region;
	uint16_t owner;
	uint8_t line;
	uint64_t bytes;
};

static const struct apply_row {
	const char *name;
	uint64_t rss_kib; /* of a mapping of 1 MiB */
	bool split;       /* behind the .bss of a library, which has 16 KiB of it */
	struct added attributions[ATTRIBUTIONS];
	const char *want;    /* the owners of its lines with KiB */
	const char *runtime; /* NULL: none */
	enum reason unread;  /* why the runtime was not read */
} apply_rows[] = {
	{ "nothing attributed", 100, false, { { 0 } }, "- 100", NULL, REASON_NONE },
	{ "a part",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(60) } },
	  "malloc native 60, - 40",
	  NULL,
	  REASON_NONE },
	{ "all",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(100) } },
	  "malloc native 100, - 0",
	  NULL,
	  REASON_NONE },
	{ "blocks that objects may own",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(60) } },
	  "malloc live 60, - 40",
	  "cpython",
	  REASON_PYTHON_NO_VERSION },
	{ "blocks that objects do not own",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(60) } },
	  "malloc native 60, - 40",
	  "cpython",
	  REASON_NONE },
	{ "several lines",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(60) }, { 0, 0, LINE_MALLOC_FREE, KIB(30) } },
	  "malloc native 60, malloc free 30, - 10",
	  NULL,
	  REASON_NONE },
	{ "memory behind a .bss is attributed first",
	  100,
	  true,
	  { { 0, 0, LINE_NATIVE, KIB(80) } },
	  "malloc native 80, lib 16, - 4",
	  NULL,
	  REASON_NONE },
	{ "and then the .bss",
	  100,
	  true,
	  { { 0, 0, LINE_NATIVE, KIB(90) } },
	  "malloc native 90, lib 10, - 0",
	  NULL,
	  REASON_NONE },
};

static void build(struct snapshot *s, const struct apply_row *row)
{
	snap_init(s);
	snap_add_anonymous(s, 0x10000, 1024, row->rss_kib);
	if (!row->split)
		return;
	snap_add_part(s, 16, 16, CAT_SHARED_LIBRARY, EV_INFERRED, OWNER_LIBRARY, "lib");
	snap_add_part(s, 1008, row->rss_kib - 16, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
}

/* Makes a walk with the attributions of the row. */
static void attribution(struct walk *walk, struct walk_owner *owner, struct snapshot *s,
			const struct apply_row *row)
{
	*owner = (struct walk_owner){ OWNER_ALLOCATOR, "malloc" };
	*walk = (struct walk){ .snap = s, .owners = owner, .n_owners = 1 };
	attributions_init(&walk->attributions, s);
	for (size_t i = 0; i < ATTRIBUTIONS; i++) {
		const struct added *c = &row->attributions[i];

		attribute(&walk->attributions, c->region, c->owner, (enum walk_line)c->line,
			  c->bytes);
	}
}

static void test_apply(void **state)
{
	const struct apply_row *row = *state;
	auto_snapshot s;
	auto_sbuf text = SBUF_INIT;
	struct accounting a;
	struct walk_owner owner;
	struct walk_runtime runtime = { .name = row->runtime, .unread = row->unread };
	struct walk walk;
	size_t n;
	const struct part *parts;

	build(&s, row);
	attribution(&walk, &owner, &s, row);
	walk.runtimes = &runtime;
	walk.n_runtimes = row->runtime != NULL;
	walk_apply(&walk, &s);
	parts = snapshot_parts(&s, &s.regions[0], &n);
	for (size_t i = 0; i < n; i++)
		sbuf_addf(&text, "%s%s %llu", i ? ", " : "",
			  s.owners[parts[i].owner].kind == OWNER_NONE
				  ? "-"
				  : s.owners[parts[i].owner].name,
			  (unsigned long long)parts[i].rss_bytes >> 10);
	if (!n)
		sbuf_addf(&text, "- %llu", (unsigned long long)row->rss_kib);
	assert_string_equal(sbuf_str(&text), row->want);
	accounting_init(&a, &s);
	assert_kib(a.totals.rss, row->rss_kib);
	assert_int_equal(a.evidence_bytes[EV_KERNEL] + a.evidence_bytes[EV_WALKED] +
				 a.evidence_bytes[EV_INFERRED] + a.evidence_bytes[EV_UNKNOWN],
			 KIB(row->rss_kib));
	accounting_release(&a);
	attributions_release(&walk.attributions);
}

/*
 * A mapping of 100 KiB that counts 55 in PSS, 10 of them private: 90 KiB are shared by two. Its
 * private pages are in what was walked, which has 60 KiB.
 */
static void build_shared(struct snapshot *s, bool split)
{
	snap_init(s);
	(void)snap_add(s, &(struct snap_region){
				  .start = 0x10000,
				  .size_kib = 1024,
				  .perms = SNAP_RW,
				  .marks = MARK_UNNAMED,
				  .category = CAT_ANONYMOUS,
				  .evidence = EV_UNKNOWN,
				  .kib = { SNAP_KIB(100, 55, 0, 90, 0, 10, 100) },
			  });
	if (!split)
		return;
	snap_add_part(s, 16, 16, CAT_SHARED_LIBRARY, EV_INFERRED, OWNER_LIBRARY, "lib");
	snap_add_part(s, 1008, 84, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	s->parts[0].pss = amount_of(KIB(8));
	s->parts[1].pss = amount_of(KIB(47));
	s->parts[0].uss = amount_of(0);
	s->parts[1].uss = amount_of(KIB(10));
}

static const struct divided_row {
	const char *name;
	bool split, has_pages;
	uint64_t want_pss, want_uss; /* of the rest of the anonymous memory */
} divided_rows[] = {
	{ "by pages", false, true, 20, 0 },
	{ "behind a .bss", true, true, 12, 0 },
	{ "pages were not read", false, false, UINT64_MAX, UINT64_MAX },
	{ "pages were not read, behind a .bss", true, false, UINT64_MAX, UINT64_MAX },
};

static void assert_kib_or_absent(struct amount a, uint64_t want)
{
	if (want == UINT64_MAX)
		assert_absent(a, REASON_PART_OF_MAPPING);
	else
		assert_kib(a, want);
}

static void test_divided(void **state)
{
	const struct divided_row *row = *state;
	struct region_shares rs = { .sum = { KIB(10), KIB(45) } };
	uint32_t of_region[] = { 1 };
	auto_snapshot s;
	struct shares shares = { .snap = &s, .of_region = of_region, .v = &rs, .n = 1 };
	struct attribution_place at = { .rate = { 1 / 6., 25 / 60. } };
	struct walk_owner owner = { OWNER_ALLOCATOR, "malloc" };
	struct walk walk = { .snap = &s, .owners = &owner, .n_owners = 1 };
	uint64_t pss = 0, uss = 0;

	build_shared(&s, row->split);
	walk.shares = row->has_pages ? &shares : NULL;
	attributions_init(&walk.attributions, &s);
	attributions_add(&walk.attributions, &at, 0, LINE_NATIVE, KIB(60));
	walk_apply(&walk, &s);
	assert_kib_or_absent(s.parts[0].pss, row->has_pages ? 35 : UINT64_MAX);
	assert_kib_or_absent(s.parts[0].uss, row->has_pages ? 10 : UINT64_MAX);
	assert_kib_or_absent(s.parts[s.n_parts - 1].pss, row->want_pss);
	assert_kib_or_absent(s.parts[s.n_parts - 1].uss, row->want_uss);
	for (size_t i = 0; row->has_pages && i < s.n_parts; i++) {
		pss += s.parts[i].pss.value;
		uss += s.parts[i].uss.value;
	}
	assert_int_equal(pss, row->has_pages ? KIB(55) : 0);
	assert_int_equal(uss, row->has_pages ? KIB(10) : 0);
	attributions_release(&walk.attributions);
}

/* The parts of a region stay, if what was attributed to it was cut to nothing. */
static void test_nothing_left(void **state attr_unused)
{
	static const struct apply_row row = {
		"", 0, false, { { 0, 0, LINE_NATIVE, KIB(8) } }, "", NULL, REASON_NONE
	};
	auto_snapshot s;
	struct walk_owner owner;
	struct walk walk;

	build(&s, &row);
	snap_add_part(&s, 16, 0, CAT_SHARED_LIBRARY, EV_INFERRED, OWNER_LIBRARY, "lib");
	snap_add_part(&s, 1008, 0, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	snap_add_anonymous(&s, 0x200000, 64, 16);
	snap_add_part(&s, 32, 8, CAT_SHARED_LIBRARY, EV_INFERRED, OWNER_LIBRARY, "lib");
	snap_add_part(&s, 32, 8, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	attribution(&walk, &owner, &s, &row);
	assert_int_equal(attributions_clamp(&walk.attributions), KIB(8));
	walk_apply(&walk, &s);
	assert_int_equal(s.n_parts, 4);
	assert_int_equal(s.parts[3].region, 1);
	attributions_release(&walk.attributions);
}

/* Without a runtime there are no objects, but causes still add up to RSS. */
static void test_beyond(void **state attr_unused)
{
	static const struct apply_row row = {
		"",         100,
		true,       { { 0, 0, LINE_NATIVE, KIB(50) }, { 0, 0, LINE_MALLOC_FREE, KIB(20) } },
		"",         NULL,
		REASON_NONE
	};
	auto_snapshot s;
	struct accounting a;
	struct walk_allocator allocator = { .name = "malloc" };
	struct walk_owner owner;
	struct arena arena = ARENA_INIT;
	struct non_object b;
	struct walk walk;
	uint64_t sum = 0;

	build(&s, &row);
	attribution(&walk, &owner, &s, &row);
	walk.allocators = &allocator;
	walk.n_allocators = 1;
	walk_apply(&walk, &s);
	accounting_init(&a, &s);
	non_object_init(&b, &walk, &a, &arena);
	for (size_t i = 0; i < b.n_rows; i++)
		sum += b.rows[i].bytes;
	assert_int_equal(sum, KIB(100));
	assert_amount(b.native_bytes, KIB(50));
	assert_int_equal(b.rows[0].cause, CAUSE_NATIVE);
	assert_absent(b.beyond_bytes, REASON_NO_RUNTIME);
	arena_release(&arena);
	accounting_release(&a);
	attributions_release(&walk.attributions);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "apply", apply_rows, test_apply);
	ROWS_ADD(&list, "PSS and USS", divided_rows, test_divided);
	rows_add_one(&list, "attributed bytes that were cut to nothing", test_nothing_left);
	rows_add_one(&list, "causes add up to RSS", test_beyond);
	return rows_run("apply", &list);
}
