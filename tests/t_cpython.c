/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of walk/runtime/cpython on runtimes made by hand, one for each release. */
#include "walk/runtime/cpython/cpython.h"

#include "base/clock.h"
#include "fakepy.h"
#include "walk_test.h"

static const struct walk_opts python_opts = { .want = WANT_PYTHON, .clock = &clock_system };

static const struct walk_kind *find_type(const struct walk_runtime *c, const char *name)
{
	for (size_t i = 0; i < c->n_kinds; i++) {
		if (streq(c->kinds[i].name, name))
			return &c->kinds[i];
	}
	return NULL;
}

static void check_type(const struct walk_runtime *c, const char *name, uint64_t count,
		       uint64_t bytes, uint64_t block_bytes)
{
	const struct walk_kind *t = find_type(c, name);

	if (!t && !count)
		return;
	assert_non_null(t);
	assert_int_equal(t->count, count);
	assert_int_equal(t->bytes, bytes);
	assert_int_equal(t->block_bytes, block_bytes);
}

static void check_sums(const struct walk_runtime *c)
{
	const struct pymalloc_stats *m = &c->cpython->pymalloc;
	uint64_t objects = 0, bytes = 0, blocks = 0;

	for (size_t i = 0; i < c->n_kinds; i++) {
		objects += c->kinds[i].count;
		bytes += c->kinds[i].bytes;
		blocks += c->kinds[i].block_bytes;
	}
	assert_int_equal(amount_ok(c->total.objects) ? c->total.objects.value : 0, objects);
	assert_int_equal(amount_ok(c->bytes) ? c->bytes.value : 0, bytes);
	assert_int_equal(c->cpython->block_bytes, blocks);
	if (!m->torn_pools && !m->unread_bytes)
		assert_int_equal(m->total.system_bytes, m->total.live_bytes + m->total.free_bytes +
								m->total.top_bytes +
								m->total.overhead_bytes);
}

static uint64_t malloc_list(struct fakepy *p, uint64_t first, uint64_t n)
{
	uint64_t at = fakepy_malloc(p, n * 8);

	fake_u64(&p->mem, at, first);
	return at;
}

/* Two ints, three str, a dict, a list, a bytes of 2 MiB, and two objects of a class. */
static void test_census(void **state)
{
	const struct fakepy_release *r = *state;
	uint32_t front = r->managed_dict ? 32 : 16, keys_bytes = r->log2_keys ? 120 : 168;
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t pairs[4], class, big;

	fakepy_init(&p, r);
	pairs[0] = fakepy_str(&p, "key");
	pairs[1] = fakepy_int(&p, 1);
	pairs[2] = fakepy_str(&p, "second");
	pairs[3] = fakepy_int(&p, 2);
	(void)fakepy_dict(&p, pairs, 2);
	(void)fakepy_str(&p, "");
	big = fakepy_malloc(&p, 33 + MIB(2));
	fakepy_head(&p, big, p.bytes);
	fake_u64(&p.mem, big + 16, MIB(2));
	(void)fakepy_list(&p, malloc_list(&p, big, 100), 50, 100);
	class = fakepy_class(&p, "Point", 16, FAKEPY_GC | r->managed_dict, p.object);
	(void)fakepy_object(&p, class, front, 16);
	(void)fakepy_object(&p, class, front, 16);
	fakepy_free(&p, fakepy_block(&p, 200), 200);
	(void)fakepy_block(&p, 200);
	(void)fakepy_block(&p, 200);
	fakepy_finish(&p);

	c = fakepy_read(&p, &python_opts, &walk);
	assert_int_equal(c->unread, REASON_NONE);
	assert_int_equal(strncmp(c->version, r->name, strlen(r->name)), 0);
	assert_string_equal(c->module, "/usr/lib/libpython3.so");
	check_type(c, "int", 2, 2 * 28, 2 * 28);
	check_type(c, "str", 3, 3 * r->ascii + 9 + 3, 3 * r->ascii + 9 + 3);
	check_type(c, "dict", 1, 64 + keys_bytes, 64);
	check_type(c, "list", 1, r->basic_list + 16 + 800, r->basic_list + 16);
	check_type(c, "bytes", 1, 33 + MIB(2), 33 + MIB(2));
	check_type(c, "Point", 2, 2 * (16 + front), 2 * (16 + front));
	assert_int_equal(c->n_large, 1);
	assert_string_equal(c->large[0].type, "bytes");
	assert_int_equal(c->large[0].bytes, 33 + MIB(2));
	assert_int_equal(c->large[0].resident_bytes, 33 + MIB(2));
	assert_int_equal(c->large[0].length.value, MIB(2));
	assert_null(c->large[0].preview);
	/* The keys and two blocks of 200 bytes in pools, and the items of the list. */
	assert_int_equal(c->buffers_bytes.value, (keys_bytes + 15) / 16 * 16 + 2 * 208 + 800);
	assert_int_equal(c->cpython->pymalloc.arenas, FAKEPY_ARENAS);
	assert_int_equal(c->cpython->pymalloc.torn_pools, 0);
	check_sums(c);
}

/* Classes with the same name are told apart by the __module__ in their dict. */
static void test_module(void **state)
{
	const struct fakepy_release *r = *state;
	static const char *const modules[] = { "one", "two", "builtins" };
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;

	fakepy_init(&p, r);
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		uint64_t class = fakepy_class(&p, "Same", 16, 0, p.object);
		uint64_t pairs[] = { fakepy_str(&p, "__module__"), fakepy_str(&p, modules[i]) };

		fake_u64(&p.mem, class + 264, fakepy_dict(&p, pairs, 1));
		for (size_t k = 0; k <= i; k++)
			(void)fakepy_object(&p, class, 0, 16);
	}
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "one.Same", 1, 16, 16);
	check_type(c, "two.Same", 2, 32, 32);
	check_type(c, "Same", 3, 48, 48);
}

/* PYTHONMALLOC=debug puts 16 bytes in front of each block and 8 behind it. */
static void test_debug(void **state)
{
	static const uint8_t head[] = { 0,   0,    0,    0,    0,    0,    0,    56,
					'o', 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd, 0xfd };
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t at;

	fakepy_init(&p, *state);
	at = fakepy_block(&p, 16 + 16 + 48 + 8);
	fake_put(&p.mem, at, head, sizeof(head));
	fakepy_head(&p, at + 32, p.dict);
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "dict", 1, 64, 64);
	assert_true(c->cpython->debug_hooks);
}

struct refusal {
	const char *name, *version;
	bool other_objects;
	const char *why;
};

static const struct refusal refusals[] = {
	{ "Python 2", "2.7.18 (default, Jan  1 2020, 00:00:00) \n[GCC 9.3.0]", false,
	  "version 2.7.18: 3.8 to 3.14 are read" },
	{ "before the first that is read", "3.7.3 (default, Jan  1 2020) [GCC 9]", false,
	  "version 3.7.3: 3.8 to 3.14 are read" },
	{ "behind the last that is read", "3.15.0a1 (main, Jan  1 2020) [GCC 9]", false,
	  "version 3.15.0a1: 3.8 to 3.14 are read" },
	{ "without the global lock",
	  "3.13.0 experimental free-threading build (main, Jan  1 2020) [GCC 9]", true,
	  "a free-threaded build, which is not read yet" },
	{ "objects on a list of all", "3.8.1 (default, Jan  1 2020) [GCC 9]", true,
	  "objects of another build than the default one" },
	{ "no version", "3.x", false, "its version cannot be told" },
	{ "a number instead of a version", "3.11.2", false, "its version cannot be told" },
};

static void test_refusal(void **state)
{
	const struct refusal *row = *state;
	struct fakepy_release r = fakepy_releases[0];
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;

	r.version = row->version;
	fakepy_init(&p, &r);
	if (row->other_objects) {
		/* The same type with 16 more bytes in front of each field. */
		fake_u64(&p.mem, p.type + 8, 0);
		fakepy_fill_type(&p, p.type + 16, "type", 880, 40, FAKEPY_TYPE, 0);
	}
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	assert_int_not_equal(c->unread, REASON_NONE);
	assert_string_equal(walk_unread_text(c->unread, c->unread_other), row->why);
	assert_false(amount_ok(c->total.objects));
}

/* Impossible numbers are not added to sums. */
static void test_absurd(void **state)
{
	const struct fakepy_release *r = *state;
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t at;

	fakepy_init(&p, r);
	(void)fakepy_list(&p, fakepy_malloc(&p, 8), 1, UINT64_C(1) << 60);
	(void)fakepy_list(&p, fakepy_malloc(&p, 8), 1, UINT64_C(1) << 40);
	(void)fakepy_list(&p, fakepy_block(&p, 64), 65, 65);
	at = fakepy_str(&p, "long");
	fake_u64(&p.mem, at + 16, UINT64_C(1) << 40);
	at = fakepy_str(&p, "longer");
	fake_u64(&p.mem, at + 16, UINT64_MAX);
	at = fakepy_int(&p, 1);
	fake_u64(&p.mem, at + 16, UINT64_MAX / 2);
	at = fakepy_dict(&p, NULL, 0);
	fake_u64(&p.mem, at + 32, 8);
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "list", 3, 3 * (16 + r->basic_list), 3 * (16 + r->basic_list));
	check_type(c, "str", 0, 0, 0);
	check_type(c, "int", 0, 0, 0);
	check_type(c, "dict", 1, 64, 64);
	assert_int_equal(c->cpython->rejected.misfits, 3);
	assert_int_equal(c->cpython->rejected.buffers, 3);
	check_sums(c);
}

/* Free lists that lead nowhere, or in a circle, end. */
static void test_torn_pools(void **state)
{
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t ring, wild;

	fakepy_init(&p, *state);
	(void)fakepy_block(&p, 512);
	ring = fakepy_block(&p, 512);
	fakepy_free(&p, ring, 512);
	fake_u64(&p.mem, ring, ring);
	(void)fakepy_block(&p, 256);
	wild = fakepy_block(&p, 256);
	fakepy_free(&p, wild, 256);
	fake_u64(&p.mem, wild, 0x1234567);
	(void)fakepy_block(&p, 128);
	fake_u32(&p.mem, p.pools[7] + 36, 77);
	(void)fakepy_int(&p, 1);
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	assert_int_equal(c->cpython->pymalloc.torn_pools, 3);
	check_type(c, "int", 1, 28, 28);
}

/* An arena that was created after the mappings were read does not affect the others. */
static void test_late_arena(void **state)
{
	const uint64_t late = UINT64_C(0x7f4000001000);
	const struct fakepy_release *r = *state;
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t entry;

	fakepy_init(&p, r);
	(void)fakepy_int(&p, 1);
	entry = p.heap_at + FAKEPY_ARENAS * 48;
	fakepy_finish(&p);
	fake_u64(&p.mem, entry, late);
	fake_u64(&p.mem, entry + 8, (late + r->pool - 1) / r->pool * r->pool);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "int", 1, 28, 28);
	assert_int_equal(c->cpython->pymalloc.arenas, FAKEPY_ARENAS);
	assert_int_equal(c->cpython->pymalloc.orphan_pools, 0);
}

/* Pages in swap are not read, and objects on them are missing. */
static void test_swapped(void **state)
{
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;

	fakepy_init(&p, *state);
	(void)fakepy_int(&p, 1);
	(void)fakepy_dict(&p, NULL, 0);
	fake_state(&p.mem, p.pools[1], p.pools[1] + p.r->pool, PAGE_SWAPPED);
	fakepy_finish(&p);
	c = fakepy_read(&p, &python_opts, &walk);
	check_type(c, "int", 0, 0, 0);
	assert_int_equal(find_type(c, "dict")->count, 1);
	assert_int_equal(c->cpython->pymalloc.unread_bytes, p.r->pool);
}

static void test_cancelled(void **state)
{
	const volatile sig_atomic_t cancel = 1;
	struct walk_opts opts = python_opts;
	auto_fakepy p;
	auto_walk walk;

	opts.cancel = &cancel;
	fakepy_init(&p, *state);
	(void)fakepy_int(&p, 1);
	fakepy_finish(&p);
	assert_int_equal(walk_read_from(&p.snap, fake_open(&p.mem, &cancel), &opts, &walk), 0);
	p.mem.mem = NULL;
	assert_int_equal(walk.partial, REASON_INTERRUPTED);
	assert_int_equal(walk.n_runtimes, 0);
}

static void test_preview(void **state)
{
	struct walk_opts opts = python_opts;
	auto_fakepy p;
	auto_walk walk;
	const struct walk_runtime *c;
	uint64_t at, items[2];

	opts.preview = true;
	opts.large_bytes = 1000;
	fakepy_init(&p, *state);
	at = fakepy_malloc(&p, 2000);
	fakepy_fill_str(&p, at, "esc\033 and more", 1500);
	items[0] = at;
	items[1] = fakepy_int(&p, 42);
	at = fakepy_malloc(&p, 1600);
	fake_put(&p.mem, at, items, sizeof(items));
	(void)fakepy_list(&p, at, 2, 200);
	fakepy_finish(&p);
	c = fakepy_read(&p, &opts, &walk);
	assert_int_equal(c->n_large, 2);
	assert_string_equal(c->large[0].type, "list");
	assert_string_equal(c->large[0].preview, "'esc\\x1b and more\\x00\\x00\\x00'..., 42");
	assert_string_equal(c->large[1].type, "str");
	assert_int_equal(strncmp(c->large[1].preview, "'esc\\x1b and more\\x00", 20), 0);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 16;
}

/* Writes misleading words to places that matter: the walk must end and add up. */
static void spoil(struct fakepy *p, uint64_t *seed)
{
	const uint64_t words[] = {
		0,
		1,
		UINT64_MAX,
		UINT64_C(1) << 47,
		FAKEPY_ARENA,
		FAKEPY_HEAP,
		FAKEPY_HEAP + 16,
		p->pool_at,
		p->type,
		p->dict,
		p->str,
		p->list,
		next_random(seed),
		8,
		0xff,
		UINT64_C(1) << 31,
		UINT32_MAX,
		FAKEPY_HEAP + FAKEPY_HEAP_BYTES - 8,
	};

	for (int i = 0; i < 40; i++) {
		struct fake_page *page = &p->mem.pages[next_random(seed) % p->mem.n_pages];
		uint64_t word = words[next_random(seed) % ARRAY_SIZE(words)];
		uint64_t at = page->addr + next_random(seed) % (FAKE_PAGE / 8) * 8;

		/* Most pages are empty: prefer one that is not. */
		if (!page->data && i % 8)
			continue;
		if (next_random(seed) % 4 == 0)
			word = page->addr + next_random(seed) % FAKE_PAGE;
		fake_put(&p->mem, at, &word, sizeof(word));
	}
	if (next_random(seed) % 4 == 0)
		p->mem.pages[next_random(seed) % p->mem.n_pages]
			.state = (uint8_t)(next_random(seed) % (PAGE_GUARD + 1));
}

static void fill(struct fakepy *p)
{
	uint64_t class = fakepy_class(p, "Point", 16, FAKEPY_GC, p->object), pairs[4], items;

	for (uint32_t i = 0; i < 60; i++) {
		pairs[0] = fakepy_str(p, "name");
		pairs[1] = fakepy_int(p, i);
		pairs[2] = fakepy_str(p, "__module__");
		pairs[3] = pairs[0];
		items = i % 2 ? fakepy_block(p, 80) : fakepy_malloc(p, 800);
		fake_put(&p->mem, items, pairs, sizeof(pairs));
		(void)fakepy_list(p, items, 4, i % 2 ? 10 : 100);
		(void)fakepy_object(p, class, p->r->managed_dict ? 32 : 16, 16);
		if (i == 0)
			fake_u64(&p->mem, class + 264, fakepy_dict(p, pairs, 2));
		else
			(void)fakepy_dict(p, pairs, 2);
	}
	fakepy_finish(p);
}

static void test_spoilt(void **state)
{
	struct walk_opts opts = python_opts;

	opts.preview = true;
	opts.large_bytes = 500;
	for (uint64_t i = 1; i <= 60; i++) {
		uint64_t seed = i * 977;
		auto_fakepy p;
		auto_walk walk;

		fakepy_init(&p, *state);
		fill(&p);
		spoil(&p, &seed);
		assert_int_equal(walk_read_from(&p.snap, fake_open(&p.mem, NULL), &opts, &walk), 0);
		p.mem.mem = NULL;
		for (size_t k = 0; k < walk.n_runtimes; k++) {
			check_sums(&walk.runtimes[k]);
			assert_true(!amount_ok(walk.runtimes[k].bytes) ||
				    walk.runtimes[k].bytes.value < MIB(1024));
		}
	}
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "objects", fakepy_releases, test_census);
	ROWS_ADD(&list, "modules of classes", fakepy_releases, test_module);
	ROWS_ADD(&list, "debug hooks", fakepy_releases, test_debug);
	ROWS_ADD(&list, "not read", refusals, test_refusal);
	ROWS_ADD(&list, "absurd numbers", fakepy_releases, test_absurd);
	ROWS_ADD(&list, "torn pools", fakepy_releases, test_torn_pools);
	ROWS_ADD(&list, "an arena made meanwhile", fakepy_releases, test_late_arena);
	ROWS_ADD(&list, "pages in swap", fakepy_releases, test_swapped);
	ROWS_ADD(&list, "interrupted", fakepy_releases, test_cancelled);
	ROWS_ADD(&list, "previews", fakepy_releases, test_preview);
	ROWS_ADD(&list, "spoilt memory", fakepy_releases, test_spoilt);
	return rows_run("cpython", &list);
}
