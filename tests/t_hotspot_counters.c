/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/runtime/hotspot/counters: blocks of counters made by hand, in memory, in a file, and torn.
 */
#include "fakejvm.h"
#include "tree.h"
#include "walk/runtime/hotspot/hotspot.h"
#include "walk_test.h"

#define PERF (JVM_DATA + 0x80000)

enum { HEAD = 32, ENTRY = 20 };

/* Appends an entry: a number, or with text an array of bytes. */
static void add_entry(struct sbuf *b, const char *name, int64_t value, const char *text)
{
	static const char zeroes[16];
	int32_t name_bytes = (int32_t)strlen(name) + 1;
	int32_t data_at = (ENTRY + name_bytes + 7) & ~7;
	int32_t data_bytes = text ? (int32_t)strlen(text) + 1 : 8;
	const int32_t head[] = { (data_at + data_bytes + 7) & ~7, ENTRY, text ? data_bytes : 0,
				 text ? 'B' : 'J', data_at };
	size_t start = b->len;

	sbuf_add(b, head, sizeof(head));
	sbuf_add(b, name, (size_t)name_bytes);
	sbuf_add(b, zeroes, start + (size_t)data_at - b->len);
	sbuf_add(b, text ? text : (const char *)&value, (size_t)data_bytes);
	sbuf_add(b, zeroes, start + (size_t)head[0] - b->len);
}

static void make_block(struct sbuf *b)
{
	const uint8_t magic[8] = { 0xca, 0xfe, 0xc0, 0xc0, 1, 2, 0, 1 };
	const int32_t head[] = { 0, 0, 0, 0, HEAD, 9 };

	sbuf_add(b, magic, sizeof(magic));
	sbuf_add(b, head, sizeof(head));
	add_entry(b, "java.property.java.vm.name", 0, "a machine");
	add_entry(b, "sun.gc.collector.0.name", 0, "CMS young collection");
	add_entry(b, "sun.gc.generation.0.space.0.name", 0, "eden");
	add_entry(b, "sun.gc.generation.0.space.0.capacity", 8 << 20, NULL);
	add_entry(b, "sun.gc.generation.0.space.0.used", 3 << 20, NULL);
	add_entry(b, "sun.gc.generation.1.space.0.name", 0, "old");
	add_entry(b, "sun.gc.generation.1.space.0.capacity", 16 << 20, NULL);
	add_entry(b, "sun.gc.generation.1.space.0.used", 4 << 20, NULL);
	add_entry(b, "sun.gc.generation.7.space.0.used", 4 << 20, NULL);
	add_entry(b, "sun.gc.metaspace.capacity", 1 << 20, NULL);
	add_entry(b, "sun.gc.metaspace.used", 1000, NULL);
}

static void check(const struct walk_runtime *r)
{
	assert_int_equal(r->unread, REASON_NONE);
	assert_false(r->complete);
	assert_int_equal(r->n_spaces, 3);
	assert_string_equal(r->spaces[0].name, "eden");
	assert_int_equal(r->spaces[0].committed.value, 8 << 20);
	assert_string_equal(r->spaces[1].name, "old");
	assert_int_equal(r->spaces[1].live.value, 4 << 20);
	assert_string_equal(r->spaces[2].name, "metaspace");
	assert_int_equal(r->total.committed.value, 24 << 20);
	assert_int_equal(r->total.live.value, 7 << 20);
	assert_int_equal(r->total.free_bytes.value, 17 << 20);
	assert_false(amount_ok(r->total.resident));
	assert_string_equal(r->collector, "CMS");
}

/* Counters replace a heap whose layout is unknown: the flags name the old collector. */
static void test_memory(void **state attr_unused)
{
	auto_sbuf block = SBUF_INIT;
	auto_fakejvm j;
	auto_walk walk;

	make_block(&block);
	jvm_init(&j, &jvm_releases[0]);
	j.flags[j.n_flags++] = "UseConcMarkSweepGC";
	(void)jvm_heap(&j, 64, true);
	jvm_static(&j, "PerfMemory", "_start", PERF);
	jvm_static(&j, "PerfMemory", "_top", PERF + block.len);
	fake_put(&j.mem, PERF, block.data, block.len);
	jvm_finish(&j);
	check(jvm_show(&j, &walk));
	assert_int_equal(walk.attributions.n, 0);
}

static void make_snapshot(struct snapshot *s)
{
	snap_init(s);
	(void)snap_add(s, &(struct snap_region){ .start = JVM_IMAGE,
						 .size_kib = 4,
						 .perms = SNAP_RX,
						 .name = "/usr/lib/libjvm.so",
						 .inode = 1 });
	(void)snap_add(s, &(struct snap_region){ .start = PERF,
						 .size_kib = 32,
						 .perms = SNAP_RW,
						 .name = "/tmp/hsperfdata_me/40",
						 .inode = 2 });
	s->runtimes = xgrow(NULL, 0, &s->cap_runtimes, sizeof(*s->runtimes));
	s->runtimes[s->n_runtimes++] = (struct runtime){
		.name = "jvm", .version = "17.0.9", .module = s->files[s->regions[0].file].path
	};
}

/* The memory of the process is denied. */
static void test_file(void **state attr_unused)
{
	const struct procfs fs = PROCFS_INIT;
	auto_tree t = tree_make();
	struct walk_opts opts = {
		.want = WANT_ALL, .clock = &clock_system, .fs = &fs, .dirfd = t.fd
	};
	auto_sbuf block = SBUF_INIT;
	auto_snapshot s;
	struct walk walk;

	make_block(&block);
	make_snapshot(&s);
	assert_int_equal(walk_read_published(&s, &opts, &walk), -ENOENT);
	tree_put_bytes(&t, "root/tmp/hsperfdata_me/40", block.data, block.len);
	assert_int_equal(walk_read_published(&s, &opts, &walk), 0);
	assert_int_equal(walk.n_runtimes, 1);
	check(&walk.runtimes[0]);
	assert_string_equal(walk.runtimes[0].label, "jvm 17");
	assert_string_equal(walk.runtimes[0].module, "/usr/lib/libjvm.so");
	assert_int_not_equal(walk.partial, REASON_NONE);
	assert_int_equal(walk.attributions.n, 0);
	walk_release(&walk);
	opts.want = WANT_MALLOC;
	assert_int_equal(walk_read_published(&s, &opts, &walk), -ENOENT);
}

/* Cut anywhere, and with any byte changed: it reports no more than there is, or nothing. */
static void test_torn(void **state attr_unused)
{
	auto_sbuf block = SBUF_INIT;
	auto_snapshot s;

	make_block(&block);
	make_snapshot(&s);
	for (size_t n = 0; n <= 2 * block.len; n++) {
		size_t len = n < block.len ? n : block.len;
		auto_free uint8_t *copy = xmalloc(len + 1);
		struct walk walk = { .snap = &s, .arena = ARENA_INIT };
		struct walk_runtime *r = walk_add_runtime(&walk, "jvm", 0);

		memcpy(copy, block.data, len);
		if (n >= block.len && len)
			copy[n % len] ^= (uint8_t)(1 << n % 8 | 0x80);
		if (hotspot_take_counters(&walk, r, copy, len) == 0) {
			assert_in_range(r->n_spaces, 1, 4 * 6 + 1);
			assert_true(r->total.live.value >> 48 == 0);
		} else {
			assert_int_equal(r->n_spaces, 0);
		}
		walk_release(&walk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
