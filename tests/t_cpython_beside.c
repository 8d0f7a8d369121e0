/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/runtime/cpython on memory that is in no block of an allocator: objects of the
 * program itself, and memory that objects and threads have mapped.
 */
#include "walk/runtime/cpython/cpython.h"

#include "base/clock.h"
#include "fakepy.h"
#include "walk_test.h"

#define MAPPED UINT64_C(0x7f3000000000)

static const struct walk_opts python_opts = { .want = WANT_PYTHON, .clock = &clock_system };

static void check_type(const struct walk_runtime *c, const char *name, uint64_t count,
		       uint64_t bytes, uint64_t block_bytes)
{
	const struct walk_kind *t = NULL;

	for (size_t i = 0; i < c->n_kinds; i++) {
		if (streq(c->kinds[i].name, name))
			t = &c->kinds[i];
	}
	assert_int_equal(t ? t->count : 0, count);
	assert_int_equal(t ? t->bytes : 0, bytes);
	assert_int_equal(t ? t->block_bytes : 0, block_bytes);
}

/* Objects in the program itself are recognised by their reference count; types are not. */
static void test_static(void **state)
{
	const struct fakepy_release *r = *state;
	uint64_t n = r->log2_keys ? 2 : 0, bytes = (uint64_t)r->ascii + 5;
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;

	fakepy_init(&p, r);
	for (int i = 0; i < 3; i++) {
		fakepy_fill_str(&p, p.data_at, "four", 4);
		fake_u64(&p.mem, p.data_at, i < 2 ? r->refcnt : 7);
		p.data_at += (bytes + 7) & ~UINT64_C(7);
	}
	fake_u64(&p.mem, p.dict, r->refcnt);
	(void)fakepy_int(&p, 1);
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "str", n, n * bytes, 0);
	check_type(c, "int", 1, 28, 28);
	check_type(c, "type", 0, 0, 0);
}

/* Returns the attributed bytes of the regions from `start` on. */
static uint64_t attributed_from(const struct walk *walk, uint64_t start)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < walk->attributions.n; i++) {
		if (walk->snap->regions[walk->attributions.v[i].region].start >= start)
			sum += walk->attributions.v[i].bytes;
	}
	return sum;
}

static uint64_t mmap_object(struct fakepy *p, uint64_t type, uint64_t data, uint64_t bytes)
{
	uint64_t at = fakepy_object(p, type, 0, 64);

	fake_u64(&p->mem, at + 16, data);
	fake_u64(&p->mem, at + 24, bytes);
	return at;
}

/* Memory that an object mapped without a file belongs to it, once, as far as it is resident. */
static void test_mappings(void **state)
{
	const uint64_t anonymous = MAPPED, file = anonymous + MIB(1);
	const struct mem_map data = { .perms = VMA_READ | VMA_WRITE, .kind = MEM_FILE, .inode = 9 };
	auto_fakepy p;
	auto_walk walk;
	uint64_t type;

	fakepy_init(&p, *state);
	fake_map(&p.mem, anonymous, anonymous + KIB(512), NULL);
	fake_map(&p.mem, anonymous + KIB(512), file, NULL);
	fake_map(&p.mem, file, file + MIB(1), &data);
	fake_state(&p.mem, anonymous + KIB(128), file + MIB(1), PAGE_PRESENT);
	snap_add_anonymous(&p.snap, anonymous, 512, 384);
	snap_add_anonymous(&p.snap, anonymous + KIB(512), 512, 512);
	(void)snap_add(&p.snap, &(struct snap_region){ .start = file,
						       .size_kib = 1024,
						       .perms = SNAP_RW,
						       .name = "/tmp/data",
						       .inode = 9,
						       .kib = { [MC_RSS] = 1024 } });
	type = fakepy_static(&p, "mmap.mmap", 64, 0, 0);
	(void)mmap_object(&p, type, anonymous, KIB(768));
	(void)mmap_object(&p, type, anonymous, KIB(768));
	(void)mmap_object(&p, type, file - KIB(8), MIB(4));
	(void)mmap_object(&p, type, file, MIB(1));
	(void)mmap_object(&p, type, 0, 0);
	fakepy_finish(&p);
	check_type(fakepy_read(&p, &python_opts, &walk), "mmap.mmap", 5, 5 * 64, 5 * 64);
	assert_int_equal(attributed_from(&walk, anonymous), KIB(768 - 128));
	assert_int_equal(walk.skew_bytes, 0);
}

static uint64_t ctypes_object(struct fakepy *p, uint64_t type, uint64_t memory, uint64_t bytes,
			      uint64_t base)
{
	uint64_t at = fakepy_object(p, type, 0, 96);

	fake_u64(&p->mem, at + 16, memory ? memory : at + 72);
	fake_u32(&p->mem, at + 24, !base);
	fake_u64(&p->mem, at + 32, base);
	fake_u64(&p->mem, at + 40, bytes);
	return at;
}

/* Memory of ctypes belongs to the object that allocated it, not to objects that are parts of it. */
static void test_ctypes(void **state)
{
	const struct walk_owned *owned;
	auto_fakepy p;
	auto_walk walk;
	uint64_t type, its, others;

	fakepy_init(&p, *state);
	type = fakepy_class(&p, "c_char_Array", 96, 0,
			    fakepy_static(&p, "_ctypes._CData", 96, 0, 0));
	its = fakepy_malloc(&p, 5000);
	others = fakepy_malloc(&p, 5000);
	(void)ctypes_object(&p, type, others, 5000, ctypes_object(&p, type, its, 5000, 0));
	(void)ctypes_object(&p, type, 0, 16, 0);
	fakepy_finish(&p);
	check_type(fakepy_read(&p, &python_opts, &walk), "c_char_Array", 3, 3 * 96, 3 * 96);
	assert_true(walk_owner_of(&walk, its, its + 5000, &owned));
	assert_int_equal(owned->line, LINE_BUFFERS);
	assert_false(walk_owner_of(&walk, others, others + 5000, &owned));
}

/* Writes a chunk of a stack, of this many bytes. */
static void put_chunk(struct fakepy *p, uint64_t at, uint64_t previous, uint64_t bytes)
{
	fake_u64(&p->mem, at, previous);
	fake_u64(&p->mem, at + 8, bytes);
	fake_u64(&p->mem, at + 16, 7);
	fake_state(&p->mem, at, at + bytes, PAGE_PRESENT);
}

/* Writes the state of a thread: its newest chunk, the used part, the end, and other fields. */
static void put_thread(struct fakepy *p, uint64_t newest, uint64_t bytes)
{
	fake_u64(&p->mem, p->data_at + 40, newest);
	fake_u64(&p->mem, p->data_at + 48, newest + 80);
	fake_u64(&p->mem, p->data_at + 56, newest + bytes);
	p->data_at += 256;
}

/* Stacks for frames of functions are found by the states of threads, and followed to their ends. */
static void test_stacks(void **state)
{
	const struct fakepy_release *r = *state;
	const uint64_t at = MAPPED;
	auto_fakepy p;
	auto_walk walk;

	fakepy_init(&p, r);
	fake_map(&p.mem, at, at + MIB(1), NULL);
	snap_add_anonymous(&p.snap, at, 1024, 1024);
	put_chunk(&p, at, 0, KIB(16));
	put_chunk(&p, at + KIB(64), at, KIB(32));
	put_thread(&p, at + KIB(64), KIB(32));
	/* One chunk refers to itself, the other ones are not chunks: by size, end, or memory. */
	put_chunk(&p, at + KIB(128), at + KIB(128), KIB(16));
	put_thread(&p, at + KIB(128), KIB(16));
	put_chunk(&p, at + KIB(192), 0, KIB(17));
	put_thread(&p, at + KIB(192), KIB(16));
	put_thread(&p, at + KIB(256), KIB(17));
	put_thread(&p, at + MIB(1) - KIB(8), KIB(16));
	put_thread(&p, FAKEPY_DATA, KIB(16));
	fakepy_finish(&p);
	(void)fakepy_read(&p, &python_opts, &walk);
	assert_int_equal(attributed_from(&walk, at), r->log2_keys ? KIB(16 + 32 + 16) : 0);
	assert_int_equal(walk.skew_bytes, 0);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "objects of the program", fakepy_releases, test_static);
	ROWS_ADD(&list, "mappings of objects", fakepy_releases, test_mappings);
	ROWS_ADD(&list, "memory of ctypes", fakepy_releases, test_ctypes);
	ROWS_ADD(&list, "stacks of threads", fakepy_releases, test_stacks);
	return rows_run("cpython, beside pools", &list);
}
