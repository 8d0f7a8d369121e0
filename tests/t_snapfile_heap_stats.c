/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of heap statistics in snapshot files: they are read back with their balance sheet, and
 * wrong ones are refused.
 */
#include "edited.h"
#include "memfile.h"
#include "walk/apply.h"
#include "walk/walkers.h"

static void load(const char *bytes, struct snapfile *ret)
{
	struct err err = ERR_INIT;

	if (read_bytes(bytes, strlen(bytes), ret, &err) < 0)
		fail_msg("%s", err.text);
}

static void assert_same_heap_stats(const struct heap_stats *a, const struct heap_stats *b)
{
	assert_int_equal(a->read, b->read);
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->partial, b->partial);
	for (size_t i = 0; i < a->n; i++) {
		const struct heap_stat *x = &a->v[i], *y = &b->v[i];

		assert_int_equal(x->kind, y->kind);
		assert_string_equal(x->owner, y->owner);
		assert_string_equal(x->name, y->name);
		assert_int_equal(amount_ok(x->count), amount_ok(y->count));
		assert_int_equal(x->count.value, y->count.value);
		assert_int_equal(x->bytes, y->bytes);
	}
}

/* Every line of the balance sheet, and how each is known. */
static void assert_same_lines(const struct snapshot *sa, const struct snapshot *sb)
{
	struct accounting a, b;

	accounting_init(&a, sa);
	accounting_init(&b, sb);
	assert_memory_equal(a.evidence_bytes, b.evidence_bytes, sizeof(a.evidence_bytes));
	assert_int_equal(a.n_owners, b.n_owners);
	for (size_t i = 0; i < a.n_owners; i++) {
		const struct owner_line *x = &a.owners[i], *y = &b.owners[i];

		assert_string_equal(sa->owners[x->owner].name, sb->owners[y->owner].name);
		assert_int_equal(sa->owners[x->owner].kind, sb->owners[y->owner].kind);
		assert_int_equal(x->evidence, y->evidence);
		assert_int_equal(x->category, y->category);
		assert_int_equal(x->sum.rss.value, y->sum.rss.value);
		assert_int_equal(x->sum.size_bytes, y->sum.size_bytes);
	}
	accounting_release(&a);
	accounting_release(&b);
}

static void assert_comes_back(const struct snapshot *s)
{
	auto_free char *bytes = judged_file(s, &rules_std), *json = judged_json(s, &rules_std);
	auto_free char *again = NULL, *json_again = NULL;
	struct snapfile f;

	load(bytes, &f);
	assert_same_lines(s, f.processes[0]);
	assert_same_heap_stats(&s->heap_stats, &f.processes[0]->heap_stats);
	json_again = judged_json(f.processes[0], &f.rules);
	assert_string_equal(json, json_again);
	again = judged_file(f.processes[0], &f.rules);
	assert_string_equal(bytes, again);
	snapfile_release(&f);
}

static const struct name_row {
	const char *name;
} recordings[] = { { "glibc-2.31" }, { "glibc-2.36" }, { "glibc-2.41" }, { "glibc-2.43" } };

static void test_walked(void **state)
{
	static const struct walk_opts opts = { .want = WANT_ALL, .clock = &clock_system };
	const struct name_row *row = *state;
	uint64_t walked = 0, lines = 0;
	struct accounting a;
	struct memsrc *mem;
	struct memfile f;
	struct walk walk;

	memfile_load(row->name, &f);
	mem = fake_open(&f.mem, NULL);
	f.mem.mem = NULL;
	f.snap.cmdline_why = f.snap.exe_why = REASON_NOT_READ;
	f.snap.consistent = true;
	assert_int_equal(walk_read_from(&f.snap, mem, &opts, &walk), 0);
	walk_apply(&walk, &f.snap);
	walk_release(&walk);
	accounting_init(&a, &f.snap);
	walked = a.evidence_bytes[EV_WALKED];
	accounting_release(&a);
	for (size_t i = 0; i < f.snap.heap_stats.n; i++) {
		if (f.snap.heap_stats.v[i].kind == HEAP_STAT_LINE)
			lines += f.snap.heap_stats.v[i].bytes;
	}
	assert_true(walked > 64 << 10);
	assert_int_equal(walked, lines);
	assert_comes_back(&f.snap);
	memfile_release(&f);
}

static void good(struct snapshot *s)
{
	snap_init(s);
	s->pid = s->stat.pid = 7;
	s->cmdline_why = s->exe_why = REASON_NOT_READ;
	snap_add_anonymous(s, 0x10000, 64, 64);
	snap_add_part(s, 32, 40, CAT_ANONYMOUS, EV_WALKED, OWNER_ALLOCATOR, "glibc malloc native");
	snap_add_part(s, 32, 24, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	snap_hold(s, HEAP_STAT_LINE, "glibc malloc", "native", UINT64_MAX, 40960);
	snap_hold(s, HEAP_STAT_TYPE, "cpython 3.11", "dict", 3, 640);
	snap_hold(s, HEAP_STAT_TYPE, "cpython 3.11", "a\\b\xff\x1b[31m\"\xe2\x80\xae'\n: {", 1, 56);
	snap_hold(s, HEAP_STAT_CLASS, "glibc malloc", "std::vector<int, std::less<int> >", 2, 96);
}

static void test_made_up(void **state attr_unused)
{
	auto_snapshot s;

	good(&s);
	s.heap_stats.partial = REASON_GONE;
	assert_comes_back(&s);
}

/* A row that was looked for and not found is 0; one that was not looked for is not. */
static void test_nothing(void **state attr_unused)
{
	auto_snapshot s;

	good(&s);
	heap_stats_release(&s.heap_stats);
	assert_comes_back(&s);
	s.heap_stats.read = 1U << HEAP_STAT_CLASS;
	assert_comes_back(&s);
}

static void test_reason(void **state attr_unused)
{
	auto_snapshot s;
	auto_sbuf text = SBUF_INIT;
	auto_free char *file = NULL;
	struct snapfile f;

	good(&s);
	heap_stats_release(&s.heap_stats);
	file = judged_file(&s, &rules_std);
	load(file, &f);
	assert_int_equal(f.processes[0]->heap_stats.why, REASON_NONE);
	snapfile_release(&f);
	replace(&text, file, "  unavailable:\n",
		"  unavailable:\n    deep: \"permission denied\"\n");
	seal(&text);
	load(sbuf_str(&text), &f);
	assert_int_equal(f.processes[0]->heap_stats.read, 0);
	assert_int_equal(f.processes[0]->heap_stats.why, REASON_DENIED);
	snapfile_release(&f);
}

static const struct edit_row {
	const char *name;
	const char *from, *to;
	const char *want; /* in the error; NULL: it is accepted */
} edit_rows[] = {
	{ "nothing changed", "count: 3", "count: 3", NULL },
	{ "an older file", "holdings:", "others:", NULL },
	{ "no heap statistics", "holdings:", "holdings: null\n    others:", NULL },
	{ "a key of a later version", "count: 3", "count: 3, more: [{a: 1}]", NULL },
	{ "a count that is not known", "count: 3", "count: null", NULL },
	{ "a negative count", "count: 3", "count: -3", "not a whole number" },
	{ "a count that is too large", "count: 3", "count: 9007199254740993",
	  "the number is too large" },
	{ "a fraction", "count: 3", "count: 3.5", "not a whole number" },
	{ "a count in quotes", "count: 3", "count: \"3\"", "not a whole number" },
	{ "negative bytes", "bytes: 640", "bytes: -640", "not a whole number" },
	{ "bytes that are not known", "bytes: 640", "bytes: null", "not a whole number" },
	{ "bytes beyond 64 bits", "bytes: 640", "bytes: 18446744073709552256",
	  "the number is too large" },
	{ "more than memory can hold", "bytes: 640", "bytes: 9007199254740992",
	  "more than memory can hold" },
	{ "no bytes", "bytes: 640", "bites: 640", "'bytes' is missing" },
	{ "bytes twice", "bytes: 640", "bytes: 640, bytes: 640", "'bytes' occurs twice" },
	{ "no count", "count: 3", "counts: 3", "'count' is missing" },
	{ "a name that is a list", "name: \"dict\"", "name: [\"dict\"]", "not a text in quotes" },
	{ "a name without quotes", "name: \"dict\"", "name: dict", "not a text in quotes" },
	{ "not an escape", "\"dict\"", "\"di\\\\ct\"", "not escaped as names are" },
	{ "a row twice", "name: \"dict\"",
	  "name: \"x\", count: 1, bytes: 1}\n      - {kind: \"type\", owner: \"cpython 3.11\", "
	  "name: \"x\"",
	  "this kind, owner and name occur twice" },
	{ "another kind", "kind: \"type\"", "kind: \"tribe\"",
	  "a kind that this version does not know" },
	{ "a kind that was not looked for", "kind: \"type\"", "kind: \"allocator\"",
	  "a kind that was not looked for" },
	{ "an unknown kind looked for", "kinds: [", "kinds: [\"tribe\", ",
	  "a kind that this version does not know" },
	{ "kinds that are no list", "kinds: [\"line\", \"type\", \"class\"]", "kinds: \"line\"",
	  "not a list" },
	{ "no kinds", "kinds:", "kinds_:", "a kind that was not looked for" },
	{ "rows that are no list", "rows:", "rows: 7\n      others:", "not a list" },
	{ "a row that is no mapping", "rows:", "rows: [7]\n      others:", "not a mapping" },
	{ "no rows", "rows:", "others:", "'rows' is missing" },
	{ "a reason that is a number", "partial: null\n      rows", "partial: 7\n      rows",
	  "not a text in quotes" },
	{ "heap statistics that are a list",
	  "holdings:", "holdings: []\n    others:", "not a mapping" },
};

static void test_edit(void **state)
{
	const struct edit_row *row = *state;
	auto_free char *file = NULL;
	auto_sbuf text = SBUF_INIT;
	struct snapfile f;
	auto_snapshot s;

	good(&s);
	file = judged_file(&s, &rules_std);
	replace(&text, file, row->from, row->to);
	seal(&text);
	if (row->want) {
		assert_refused(&text, row->want);
		return;
	}
	load(sbuf_str(&text), &f);
	free(judged_json(f.processes[0], &f.rules));
	snapfile_release(&f);
}

/* Appends this many types of 64 bytes; HEAP_STATS_MAX and a rest are allowed. */
static void many(struct sbuf *text, size_t n, bool rest)
{
	auto_sbuf rows = SBUF_INIT;
	auto_free char *file = NULL;
	auto_snapshot s;

	good(&s);
	file = judged_file(&s, &rules_std);
	sbuf_adds(&rows, "rows:\n");
	for (size_t i = 0; i < n; i++)
		sbuf_addf(&rows,
			  "      - {kind: \"type\", owner: \"p\", name: \"t%zu\", count: 1, "
			  "bytes: 64}\n",
			  i);
	if (rest)
		sbuf_adds(&rows, "      - {kind: \"type\", owner: \"\", name: \"(other types)\", "
				 "count: 9, bytes: 576}\n");
	sbuf_adds(&rows, "      others:");
	replace(text, file, "rows:", sbuf_str(&rows));
	seal(text);
}

static void test_most(void **state attr_unused)
{
	auto_sbuf text = SBUF_INIT;
	const struct heap_stat *rest;
	struct snapfile f;

	many(&text, HEAP_STATS_MAX, true);
	load(sbuf_str(&text), &f);
	assert_int_equal(f.processes[0]->heap_stats.n, HEAP_STATS_MAX + 1);
	rest = heap_stats_find(&f.processes[0]->heap_stats, HEAP_STAT_TYPE, "", "(other types)");
	assert_non_null(rest);
	assert_int_equal(rest->count.value, 9);
	snapfile_release(&f);
}

static void test_too_many(void **state attr_unused)
{
	static const size_t numbers[] = { HEAP_STATS_MAX + 1, 1000000 };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		auto_sbuf text = SBUF_INIT;

		many(&text, numbers[i], false);
		assert_refused(&text, "too many rows of a kind");
	}
}

int main(void)
{
	struct row_tests tests = { 0 };

	ROWS_ADD(&tests, "snapfile: what was walked comes back", recordings, test_walked);
	rows_add_one(&tests, "snapfile: types and classes come back", test_made_up);
	rows_add_one(&tests, "snapfile: empty heap statistics are read back", test_nothing);
	rows_add_one(&tests, "snapfile: and why memory was not walked", test_reason);
	ROWS_ADD(&tests, "snapfile: heap statistics", edit_rows, test_edit);
	rows_add_one(&tests, "snapfile: as many types as there can be", test_most);
	rows_add_one(&tests, "snapfile refuses: too many types, a million types", test_too_many);
	return rows_run("snapfile_heap_stats", &tests);
}
