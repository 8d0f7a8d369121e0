/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of walk/runtime/cpython on recorded memory of tests/targets/target_few.py, and on the same
 * memory cut short and changed at random. Memory that walkers do not use was removed from the
 * recordings, including all texts but names of types.
 */
#include "recorded.h"
#include "walk/runtime/cpython/cpython.h"

enum { CUTS = 60, CHANGES = 150 };

/*
 * What the program has, and what sys._debugmallocstats() and a walk of the live process reported.
 */
struct recorded_row {
	const char *name, *version;
	uint64_t arenas, live_bytes;
	uint64_t objects, bytes;
	uint32_t point;    /* bytes of a Point */
	uint64_t no_block; /* objects that are part of the program, of bool */
};

static const struct recorded_row rows[] = {
	{ "cpython-3.8", "3.8.18", 5, 1010192, 10831, 1428540, 48, 0 },
	{ "cpython-3.12", "3.12.1", 2, 719536, 16319, 1981720, 48, 2 },
};

/* Walks Python only: other walkers have recordings of their own. */
static struct walk recorded_python(struct memfile *f)
{
	const struct walk_opts opts = {
		.want = WANT_PYTHON,
		.clock = &clock_system,
		.large_bytes = 100000,
		.preview = true,
	};
	struct memsrc *m = fake_open(&f->mem, NULL);
	struct walk walk;

	f->mem.mem = NULL;
	assert_int_equal(walk_read_from(&f->snap, m, &opts, &walk), 0);
	return walk;
}

static const struct walk_kind *type_of(const struct walk_runtime *c, const char *name)
{
	for (size_t i = 0; i < c->n_kinds; i++) {
		if (streq(c->kinds[i].name, name))
			return &c->kinds[i];
	}
	return NULL;
}

static void check_type(const struct walk_runtime *c, const char *name, uint64_t count,
		       uint64_t bytes)
{
	const struct walk_kind *t = type_of(c, name);

	assert_int_equal(t ? t->count : 0, count);
	assert_int_equal(t ? t->bytes : 0, bytes);
}

static void test_recorded(void **state)
{
	const struct recorded_row *row = *state;
	const struct walk_runtime *c;
	struct memfile f;
	struct walk walk;

	memfile_load(row->name, &f);
	walk = recorded_python(&f);
	recorded_check_sums(&walk);
	assert_int_equal(walk.n_runtimes, 1);
	c = &walk.runtimes[0];
	assert_int_equal(c->unread, REASON_NONE);
	assert_string_equal(c->version, row->version);
	assert_int_equal(c->cpython->pymalloc.arenas, row->arenas);
	/* It printed them with one object more, or less. */
	assert_in_range(c->cpython->pymalloc.total.live_bytes, row->live_bytes - 512,
			row->live_bytes + 512);
	assert_int_equal(c->total.objects.value, row->objects);
	assert_int_equal(c->bytes.value, row->bytes);
	assert_true(c->cpython->whole);
	assert_int_equal(c->cpython->pymalloc.torn_pools + c->cpython->rejected.misfits +
				 c->cpython->rejected.keys + c->cpython->rejected.buffers,
			 0);
	check_type(c, "__main__.Point", 25, UINT64_C(25) * row->point);
	check_type(c, "__main__.Slots", 12, UINT64_C(12) * 40);
	check_type(c, "bool", row->no_block, row->no_block * 28);
	assert_int_equal(c->n_large, 1);
	assert_string_equal(c->large[0].type, "bytearray");
	assert_int_equal(c->large[0].length.value, 200000);
	walk_release(&walk);
	memfile_release(&f);
}

static void check_python(const struct walk_runtime *c)
{
	const struct pymalloc_stats *m = &c->cpython->pymalloc;
	uint64_t objects = 0, bytes = 0, blocks = 0;

	for (size_t i = 0; i < c->n_kinds; i++) {
		objects += c->kinds[i].count;
		bytes += c->kinds[i].bytes;
		blocks += c->kinds[i].block_bytes;
	}
	assert_int_equal(c->total.objects.value, objects);
	assert_int_equal(c->bytes.value, bytes);
	assert_int_equal(c->cpython->block_bytes, blocks);
	/* No length in the data may give more bytes than there are. */
	assert_true(bytes < MIB(64));
	if (!m->torn_pools && !m->unread_bytes)
		assert_int_equal(m->total.system_bytes, m->total.live_bytes + m->total.free_bytes +
								m->total.top_bytes +
								m->total.overhead_bytes);
}

static void check_bytes(const uint8_t *bytes, size_t n)
{
	struct memfile f;
	struct walk walk;

	(void)memfile_parse(bytes, n, &f);
	walk = recorded_python(&f);
	recorded_check_sums(&walk);
	for (size_t i = 0; i < walk.n_runtimes; i++)
		check_python(&walk.runtimes[i]);
	walk_release(&walk);
	memfile_release(&f);
}

static void test_cut(void **state)
{
	const struct recorded_row *row = *state;
	auto_sbuf bytes = recorded_load_bytes(row->name);

	for (size_t i = 0; i < CUTS; i++)
		check_bytes((const uint8_t *)bytes.data, bytes.len * i / CUTS + i % 8);
}

/* Words are replaced by others of the same memory, or changed by a bit. */
static void test_changed(void **state)
{
	const struct recorded_row *row = *state;
	auto_sbuf bytes = recorded_load_bytes(row->name);
	uint64_t random = 1;

	for (size_t round = 0; round < CHANGES; round++) {
		auto_free uint8_t *copy = xmemdup(bytes.data, bytes.len);

		for (size_t i = 0; i < 20 * (1 + round % 50); i++) {
			size_t words = bytes.len / 8, text = 2048, to, from;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			to = text + (random >> 20) % (words - text);
			from = (random >> 36) % words;
			if (i % 2)
				copy[8 * to + i % 8] ^= (uint8_t)(1 << (random >> 61));
			else
				memcpy(copy + 8 * to, bytes.data + 8 * from, 8);
		}
		check_bytes(copy, bytes.len);
	}
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "recorded memory is what Python says", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("cpython, recorded", &list);
}
