/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/go on programs made by hand, one for each release. */
#include "fakego.h"
#include "walk_test.h"

/*
 * Pages: 0 has 100 elements of 64 bytes, 1 to 4 a large one, 5 to 8 stacks; 9 to 16 are free and in
 * RAM, the others are released. Three more spans are dead, unused and at the end of the list.
 */
static void fill(struct fakego *g)
{
	go_span(g, 0, 1, 1, 64, 100);
	go_span(g, 300, 0, 0, 0, 0);
	go_span(g, 5, 4, 2, 0, 0);
	go_span(g, 1, 4, 1, 4 * GO_PAGE_BYTES, 1);
	go_span_unused(g);
	fake_state(&g->mem, GO_HEAP, GO_HEAP + 17 * GO_PAGE_BYTES, PAGE_PRESENT);
}

static void make(struct fakego *g, const struct go_release *r)
{
	go_init(g, r);
	fill(g);
}

static void check_heap(const struct walk_runtime *go)
{
	const uint64_t page = GO_PAGE_BYTES;

	assert_int_equal(go->unread, REASON_NONE);
	assert_int_equal(space(go, "spans in use")->committed.value, 5 * page);
	assert_int_equal(space(go, "stacks")->committed.value, 4 * page);
	assert_int_equal(space(go, "idle")->free_resident.value, 8 * page);
	assert_int_equal(space(go, "released")->reserved.value, MIB(GO_ARENA_MIB) - 17 * page);
	assert_int_equal(go->total.live.value, 6400 + 4 * page);
	assert_int_equal(go->total.objects.value, 101);
	assert_int_equal(go->total.committed.value, 13 * page);
	assert_int_equal(go->total.free_resident.value, 8 * page);
}

static void test_heap(void **state)
{
	const struct go_release *r = *state;
	auto_free char *label = xasprintf("go %s", r->name);
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, r);
	go_finish(&g);
	go = go_show(&g, &walk);
	check_heap(go);
	assert_true(go->complete);
	assert_int_equal(go->retries, 0);
	assert_string_equal(go->label, label);
	assert_string_equal(go->version, r->version);
	assert_int_equal(go->n_kinds, 2);
	assert_string_equal(go->kinds[0].name, "of 32768 bytes");
	assert_string_equal(go->kinds[1].name, "of 64 bytes");
	assert_int_equal(go->kinds[1].count, 100);
	assert_int_equal(go->kinds[1].bytes, 6400);
	assert_int_equal(line_sum(&walk, LINE_OBJECTS), go->total.live.value);
	assert_int_equal(line_sum(&walk, LINE_STACK), 4 * GO_PAGE_BYTES);
	assert_int_equal(line_sum(&walk, LINE_RUNTIME_FREE), 9 * GO_PAGE_BYTES - 6400);
	assert_int_equal(walk.skew_bytes, 0);
}

/* Memory that the runtime uses besides its heap belongs to it, unless there are libraries. */
static void test_own(void **state)
{
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go_finish(&g);
	fake_state(&g.mem, GO_OTHER, GO_OTHER + KIB(32), PAGE_PRESENT);
	go = go_show(&g, &walk);
	assert_int_equal(space(go, "runtime's own")->committed.value, KIB(1024 + 64));
	assert_int_equal(line_sum(&walk, LINE_OVERHEAD),
			 space(go, "runtime's own")->resident.value);
	assert_true(line_sum(&walk, LINE_OVERHEAD) > KIB(32));
}

static void test_libraries(void **state)
{
	const struct mem_map map = { .perms = VMA_READ | VMA_EXEC, .kind = MEM_FILE, .inode = 3 };
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	fake_map(&g.mem, GO_OTHER + MIB(1), GO_OTHER + MIB(2), &map);
	(void)snap_add(&g.snap, &(struct snap_region){ .start = GO_OTHER + MIB(1),
						       .size_kib = 1024,
						       .perms = SNAP_RX,
						       .name = "/lib/libc.so.6",
						       .inode = 3 });
	fake_state(&g.mem, GO_OTHER, GO_OTHER + KIB(32), PAGE_PRESENT);
	go_finish(&g);
	go = go_show(&g, &walk);
	check_heap(go);
	assert_int_equal(space(go, "runtime's own")->committed.value, KIB(1024));
}

/* Impossible spans: they overlap another one, or are nowhere. */
static void test_torn(void **state)
{
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	for (size_t i = 0; i < 8; i++) /* the first ones of a list must be valid */
		go_span_unused(&g);
	go_span(&g, 3, 4, 1, 64, 7);
	go_span(&g, 20, 1, 7, 64, 7);
	go_finish(&g);
	go = go_show(&g, &walk);
	check_heap(go);
	assert_false(go->complete);
	assert_int_equal(go->retries, 1);
}

/* Lists that are not lists of spans: by their contents and their length. */
static void test_decoys(void **state)
{
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go_finish(&g);
	fake_u64(&g.mem, GO_BSS + 0x100, GO_OTHER);
	fake_u64(&g.mem, GO_BSS + 0x108, 1000);
	fake_u64(&g.mem, GO_BSS + 0x110, 1000);
	fake_state(&g.mem, GO_OTHER, GO_OTHER + KIB(32), PAGE_PRESENT);
	fake_u64(&g.mem, GO_BSS + 0x200, GO_OWN);
	fake_u64(&g.mem, GO_BSS + 0x208, g.n + 10);
	fake_u64(&g.mem, GO_BSS + 0x210, g.n);
	check_heap(go_show(&g, &walk));
}

static void test_no_list(void **state)
{
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go = go_show(&g, &walk);
	assert_int_equal(go->unread, REASON_GO_NOT_FOUND);
	assert_int_equal(go->retries, 1);
	assert_string_equal(go->version, ((const struct go_release *)*state)->version);
	assert_int_equal(walk.attributions.n, 0);
}

static void test_no_types(void **state)
{
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go_finish(&g);
	fake_u64(&g.mem, GO_RODATA + 0x2000 + 24 * 3, 0); /* npages has no name */
	go = go_show(&g, &walk);
	assert_int_not_equal(go->unread, REASON_NONE);
	assert_int_equal(walk.attributions.n, 0);
}

/* An arena without a span in use is idle or released memory, and not the runtime's own. */
static void test_arena_without_span(void **state)
{
	const uint64_t present = MIB(12), lazy = MIB(10);
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	go_init_arenas(&g, *state, present, lazy);
	fill(&g);
	go_arena_table(&g, 2);
	go_finish(&g);
	go = go_show(&g, &walk);
	assert_true(go->complete);
	assert_amount(space(go, "idle")->free_resident, 8 * GO_PAGE_BYTES + present - lazy);
	assert_amount(space(go, "released")->resident, lazy);
	assert_amount(space(go, "released")->reserved,
		      MIB(GO_ARENA_MIB) - 17 * GO_PAGE_BYTES + MIB(64) - (present - lazy));
	assert_true(line_sum(&walk, LINE_OVERHEAD) < MIB(1));
	assert_int_equal(line_sum(&walk, LINE_RUNTIME_FREE), 9 * GO_PAGE_BYTES - 6400 + present);
}

/* What looks like a table of arenas, but has a word that is no record. */
static void test_no_table(void **state)
{
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go_arena_table(&g, 2);
	fake_u64(&g.mem, GO_TABLE + 8 * ((GO_HEAP >> 26) + (1 << 21) + 100), GO_HEAP + 64);
	go_finish(&g);
	check_heap(go_show(&g, &walk));
}

static void test_goroutines(void **state)
{
	/* Running, waiting, waiting and scanned, dead, in a system call, dead, runnable. */
	static const uint32_t statuses[] = { 2, 4, 0x1004, 6, 3, 6, 1 };
	const struct walk_runtime *go;
	auto_fakego g;
	auto_walk walk;

	make(&g, *state);
	go_goroutines(&g, statuses, ARRAY_SIZE(statuses));
	go_finish(&g);
	go = go_show(&g, &walk);
	check_heap(go);
	assert_amount(go->tasks.live, 5);
	assert_amount(go->tasks.waiting, 2);
	assert_amount(go->tasks.ended, 2);
}

/* Lists that cannot be that of goroutines: the first is not that of main, or a status is none. */
static void test_no_goroutines(void **state)
{
	static const uint32_t statuses[] = { 2, 4, 4, 4, 4, 4, 4, 4, 4 };
	static const struct {
		uint64_t at, value;
	} wrong[] = { { 0x8000 + GO_G_ID, 17 }, { 0x8000 + 416 * 8 + GO_G_STATUS, 99 } };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const struct walk_runtime *go;
		auto_fakego g;
		auto_walk walk;

		make(&g, *state);
		go_goroutines(&g, statuses, ARRAY_SIZE(statuses));
		fake_u64(&g.mem, GO_LIST + wrong[i].at, wrong[i].value);
		go_finish(&g);
		go = go_show(&g, &walk);
		check_heap(go);
		assert_absent(go->tasks.live, REASON_GO_NO_GOROUTINES);
	}
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "spans by what they hold", go_releases, test_heap);
	ROWS_ADD(&list, "the runtime's own", go_releases, test_own);
	ROWS_ADD(&list, "with libraries", go_releases, test_libraries);
	ROWS_ADD(&list, "spans that cannot be", go_releases, test_torn);
	ROWS_ADD(&list, "lists that are none", go_releases, test_decoys);
	ROWS_ADD(&list, "an arena without a span", go_releases, test_arena_without_span);
	ROWS_ADD(&list, "a table that is none", go_releases, test_no_table);
	ROWS_ADD(&list, "goroutines", go_releases, test_goroutines);
	ROWS_ADD(&list, "goroutines that are none", go_releases, test_no_goroutines);
	ROWS_ADD(&list, "no list", go_releases, test_no_list);
	ROWS_ADD(&list, "no types", go_releases, test_no_types);
	return rows_run("golang", &list);
}
