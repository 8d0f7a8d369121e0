/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/apply and analysis/account/non_object: attributed memory becomes lines of the
 * balance sheet, and nothing is lost or counted twice.
 */
#include "walk/apply.h"

#include "analysis/account/non_object.h"
#include "snap.h"

enum { ATTRIBUTIONS = 4 };

static const struct apply_row {
	const char *name;
	uint64_t rss_kib; /* of a mapping of 1 MiB */
	bool split;       /* behind the .bss of a library, which has 16 KiB of it */
	struct attribution attributions[ATTRIBUTIONS];
	const char *want; /* the owners of its lines with KiB */
} apply_rows[] = {
	{ "nothing attributed", 100, false, { { 0 } }, "- 100" },
	{ "a part", 100, false, { { 0, 0, LINE_NATIVE, KIB(60) } }, "malloc native 60, - 40" },
	{ "all", 100, false, { { 0, 0, LINE_NATIVE, KIB(100) } }, "malloc native 100, - 0" },
	{ "several lines",
	  100,
	  false,
	  { { 0, 0, LINE_NATIVE, KIB(60) }, { 0, 0, LINE_MALLOC_FREE, KIB(30) } },
	  "malloc native 60, malloc free 30, - 10" },
	{ "memory behind a .bss is attributed first",
	  100,
	  true,
	  { { 0, 0, LINE_NATIVE, KIB(80) } },
	  "malloc native 80, lib 16, - 4" },
	{ "and then the .bss",
	  100,
	  true,
	  { { 0, 0, LINE_NATIVE, KIB(90) } },
	  "malloc native 90, lib 10, - 0" },
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
		const struct attribution *c = &row->attributions[i];

		attributions_add(&walk->attributions, c->region, c->owner, (enum walk_line)c->line,
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
	struct walk walk;
	size_t n;
	const struct part *parts;

	build(&s, row);
	attribution(&walk, &owner, &s, row);
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

/* Without a runtime there are no objects, but causes still add up to RSS. */
static void test_beyond(void **state attr_unused)
{
	static const struct apply_row row = { "",
					      100,
					      true,
					      { { 0, 0, LINE_NATIVE, KIB(50) },
						{ 0, 0, LINE_MALLOC_FREE, KIB(20) } },
					      "" };
	auto_snapshot s;
	struct accounting a;
	struct walk_owner owner;
	struct arena arena = ARENA_INIT;
	struct non_object b;
	struct walk walk;
	uint64_t sum = 0;

	build(&s, &row);
	attribution(&walk, &owner, &s, &row);
	walk_apply(&walk, &s);
	accounting_init(&a, &s);
	non_object_init(&b, &walk, &a, &arena);
	for (size_t i = 0; i < b.n_rows; i++)
		sum += b.rows[i].bytes;
	assert_int_equal(sum, KIB(100));
	assert_int_equal(b.native_bytes, KIB(50));
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
	rows_add_one(&list, "causes add up to RSS", test_beyond);
	return rows_run("apply", &list);
}
