/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/v8 on heaps made by hand, one for each release. */
#include "fakev8.h"
#include "walk_test.h"

enum { FROM = 0xa, TO = 0x12, OLD = 0x4, LARGE = 0x84 };
enum { SPACE_TO, SPACE_FROM, SPACE_OLD, SPACE_LARGE };

#define PAGE_BYTES KIB(256)
#define AREA (PAGE_BYTES - V8_AREA_AT)

/*
 * Two semispaces of two pages each, of which one page and 5000 bytes are in use; three pages of the
 * old space with 3000 bytes left to allocate in, and one page that it had before; an object of 1 MB
 * whose page contains data that looks like a page.
 */
static void make_heap(struct fakev8 *f, const struct v8_release *r)
{
	v8_init(f, r);
	v8_space(f, SPACE_TO, r->new_id, 2 * PAGE_BYTES);
	v8_space(f, SPACE_FROM, r->new_id, 2 * PAGE_BYTES);
	v8_space(f, SPACE_OLD, r->old_id, 3 * PAGE_BYTES);
	v8_space(f, SPACE_LARGE, r->large_id, MIB(1));
	v8_page(f, 0, PAGE_BYTES, SPACE_TO, AREA, TO);
	v8_page(f, 1, PAGE_BYTES, SPACE_TO, AREA, TO);
	v8_page(f, 2, PAGE_BYTES, SPACE_FROM, AREA, FROM);
	v8_page(f, 3, PAGE_BYTES, SPACE_FROM, AREA, FROM);
	v8_page(f, 4, PAGE_BYTES, SPACE_OLD, 100000, OLD);
	v8_page(f, 5, PAGE_BYTES, SPACE_OLD, AREA, OLD);
	v8_page(f, 6, PAGE_BYTES, SPACE_OLD, 90000, OLD);
	v8_page(f, 7, PAGE_BYTES, SPACE_OLD, 16, OLD);
	v8_page(f, 8, MIB(1), SPACE_LARGE, 1000000, LARGE);
	v8_page(f, 9, PAGE_BYTES, SPACE_OLD, 100000, OLD);
	v8_list(f, SPACE_TO, 0, 1);
	v8_list(f, SPACE_FROM, 2, 3);
	v8_list(f, SPACE_OLD, 4, 6);
	v8_list(f, SPACE_LARGE, 8, 8);
	v8_lab(f, false, V8_PAGE_AT(1) + V8_AREA_AT, V8_PAGE_AT(1) + V8_AREA_AT + 5000,
	       V8_PAGE_AT(2));
	v8_lab(f, true, V8_PAGE_AT(6) + 20000, V8_PAGE_AT(6) + 21000, V8_PAGE_AT(6) + 24000);
	fake_state(&f->mem, V8_PAGE_AT(0), V8_PAGE_AT(7), PAGE_PRESENT);
	fake_state(&f->mem, V8_PAGE_AT(8), V8_PAGE_AT(10), PAGE_PRESENT);
}

static void test_heap(void **state)
{
	const struct v8_release *release = *state;
	const uint64_t young = AREA + 5000,
		       old = 100000 + AREA + 90000 - (release->counts_labs ? 3000 : 0);
	auto_fakev8 f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, release);
	r = v8_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_true(r->complete);
	assert_int_equal(r->retries, 0);
	assert_null(r->label);
	assert_amount(space(r, "new space")->committed, 4 * PAGE_BYTES);
	assert_amount(space(r, "new space")->live, young);
	assert_amount(space(r, "new space")->free_resident,
		      4 * PAGE_BYTES - 4 * (uint64_t)V8_AREA_AT - young);
	assert_amount(space(r, "old space")->committed, 3 * PAGE_BYTES);
	assert_amount(space(r, "old space")->live, old);
	assert_amount(space(r, "large objects")->live, 1000000);
	assert_amount(space(r, "large objects")->resident, KIB(512));
	assert_amount(space(r, "pages kept")->committed, PAGE_BYTES);
	assert_amount(r->total.committed, 7 * PAGE_BYTES + MIB(1));
	assert_amount(r->total.live, young + old + 1000000);
	assert_int_equal(line_sum(&walk, LINE_OBJECTS), young + old + KIB(512) - V8_AREA_AT);
	assert_int_equal(line_sum(&walk, LINE_OBJECTS) + line_sum(&walk, LINE_RUNTIME_FREE) +
				 line_sum(&walk, LINE_OVERHEAD),
			 7 * PAGE_BYTES + KIB(512) + FAKE_PAGE);
}

/* Without the place where it allocates, the use of the new space is unknown. */
static void test_no_lab(void **state attr_unused)
{
	auto_fakev8 f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, &v8_releases_made[1]);
	v8_lab(&f, false, 0, 0, 0);
	r = v8_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_false(r->complete);
	assert_absent(space(r, "new space")->live, REASON_V8_NOT_FOUND);
	assert_absent(r->total.live, REASON_V8_NOT_FOUND);
	assert_amount(space(r, "old space")->live, 100000 + AREA + 90000);
}

/* A space counts more than its list has: it is read again, and then reported. */
static void test_incomplete(void **state attr_unused)
{
	auto_fakev8 f;
	auto_walk walk;
	const struct walk_runtime *r;

	make_heap(&f, &v8_releases_made[1]);
	fake_u64(&f.mem, v8_space_at(SPACE_OLD) + 24, 4 * PAGE_BYTES);
	r = v8_show(&f, &walk);
	assert_int_equal(r->unread, REASON_NONE);
	assert_false(r->complete);
	assert_int_equal(r->retries, 1);
}

/* Memory that all isolates share has no owner, and is read-only. */
static void test_read_only(void **state attr_unused)
{
	static const struct mem_map readable = { .perms = VMA_READ };
	const uint64_t addr = V8_PAGE_AT(V8_MAPPED_PAGES + 1);
	auto_fakev8 f;
	auto_walk walk;
	uint64_t before;

	make_heap(&f, &v8_releases_made[1]);
	snap_add_anonymous(&f.snap, addr, 256, 8);
	fake_map(&f.mem, addr, addr + PAGE_BYTES, &readable);
	fake_u64(&f.mem, addr, PAGE_BYTES);
	fake_u64(&f.mem, addr + 24, addr + V8_AREA_AT);
	fake_u64(&f.mem, addr + 32, addr + PAGE_BYTES);
	fake_u64(&f.mem, addr + 40, 5000);
	fake_state(&f.mem, addr, addr + 2 * FAKE_PAGE, PAGE_PRESENT);
	assert_int_equal(v8_show(&f, &walk)->unread, REASON_NONE);
	before = 0;
	for (size_t i = 0; i < walk.attributions.n; i++) {
		if (walk.snap->regions[walk.attributions.v[i].region].start == addr)
			before += walk.attributions.v[i].bytes;
	}
	assert_int_equal(before, 2 * FAKE_PAGE);
}

/* Another isolate, whose heap is separate from the main thread's. */
static void test_worker(void **state)
{
	const struct v8_release *r = *state;
	auto_fakev8 f;
	auto_walk walk;
	const struct walk_opts opts = { .want = WANT_NODE, .clock = &clock_system };
	const uint64_t heap = UINT64_C(0x7f0000020000);

	make_heap(&f, r);
	snap_add_anonymous(&f.snap, heap - 0x20000, 512, 512);
	fake_map(&f.mem, heap - 0x20000, heap + 0x60000, NULL);
	v8_page(&f, 16, PAGE_BYTES, 8, 7000, OLD);
	for (uint64_t at = 0; at < 0x400; at += 8)
		fake_u64(&f.mem, heap + 0x1000 + at, 0);
	fake_u64(&f.mem, heap + 0x1008, heap);
	fake_u64(&f.mem, heap + 0x1010, r->old_id);
	fake_u64(&f.mem, heap + 0x1018, PAGE_BYTES);
	fake_u64(&f.mem, heap + 0x1000 + 8 * (uint64_t)r->list, f.node[16]);
	fake_u64(&f.mem, heap + 0x1008 + 8 * (uint64_t)r->list, f.node[16]);
	fake_u64(&f.mem, f.node[16] + 8 * (uint64_t)r->heap, heap);
	fake_u64(&f.mem, f.node[16] + 8 * (uint64_t)r->owner, heap + 0x1000);
	fake_open(&f.mem, NULL);
	assert_int_equal(walk_read_from(&f.snap, steal_ptr(f.mem.mem), &opts, &walk), 0);
	assert_int_equal(walk.n_runtimes, 2);
	assert_null(walk.runtimes[0].label);
	assert_string_equal(walk.runtimes[1].label, "node worker 1");
	assert_amount(space(&walk.runtimes[1], "old space")->live, 7000);
	assert_amount(space(&walk.runtimes[0], "large objects")->live, 1000000);
}

static void other_heap(struct fakev8 *f)
{
	for (unsigned int i = SPACE_TO; i <= SPACE_LARGE; i++)
		fake_u64(&f->mem, v8_space_at(i) + 8, V8_HEAP + 8);
}

static void other_ids(struct fakev8 *f)
{
	v8_space(f, SPACE_TO, 14, 2 * PAGE_BYTES);
}

static void no_semispaces(struct fakev8 *f)
{
	for (unsigned int i = 0; i < 4; i++)
		fake_u64(&f->mem, V8_PAGE_AT(i) + 8 * (uint64_t)f->r->flags, OLD);
}

static void other_header(struct fakev8 *f)
{
	for (unsigned int i = 0; i < 10; i++)
		fake_u64(&f->mem, V8_PAGE_AT(i) + 8 * (uint64_t)f->r->size, 1000);
}

static void areas_outside(struct fakev8 *f)
{
	for (unsigned int i = 0; i < 10; i++)
		fake_u64(&f->mem, V8_PAGE_AT(i) + 8 * (uint64_t)f->r->end, V8_PAGE_AT(i) + MIB(4));
}

struct break_row {
	const char *name;
	void (*spoil)(struct fakev8 *f);
};

static const struct break_row break_rows[] = {
	{ "spaces of another heap", other_heap },
	{ "numbers of spaces that are not known", other_ids },
	{ "a new space that has no semispaces", no_semispaces },
	{ "sizes that are none", other_header },
	{ "areas beyond their pages", areas_outside },
};

static void test_unread(void **state)
{
	const struct break_row *row = *state;
	const struct walk_runtime *r;
	auto_fakev8 f;
	auto_walk walk;

	make_heap(&f, &v8_releases_made[1]);
	row->spoil(&f);
	r = v8_show(&f, &walk);
	assert_int_equal(r->unread, REASON_OTHER);
	assert_string_equal(r->unread_other,
			    "its pages are not as in V8 10.2 to 14.6, which is what is known (node "
			    "20.1.0)");
	assert_int_equal(walk.attributions.n, 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "v8", v8_releases_made, test_heap);
	ROWS_ADD(&list, "v8, worker", v8_releases_made, test_worker);
	rows_add_one(&list, "v8: a new space whose use is unknown", test_no_lab);
	rows_add_one(&list, "v8: pages that are missing", test_incomplete);
	rows_add_one(&list, "v8: the read-only space", test_read_only);
	ROWS_ADD(&list, "v8: not read are", break_rows, test_unread);
	return rows_run("v8", &list);
}
