/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of depth/glibc on recorded memory of `target_malloc few` under several releases of glibc, and
 * on the same memory cut short and changed at random.
 */
#include "depth/walkers.h"
#include "memfile.h"

static const struct depth_opts opts = { .want = WANT_ALL, .clock = &clock_system };

/* What mallinfo2(3) and the program's own list said, and what malloc itself needs. */
struct recorded_row {
	const char *name;
	uint64_t arena, fsmblks, fordblks, hblks, hblkhd;
	uint64_t list_blocks, list_bytes;
	uint64_t own_blocks, own_bytes; /* tables of tcaches, and what starting threads took */
	const char *version;
};

static const struct recorded_row rows[] = {
	{ "glibc-2.31", 1462272, 1584, 981568, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.36", 1462272, 1584, 981536, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.41", 1462272, 1584, 982112, 1, 217088, 182, 452288, 5, 2544, "2.27 to 2.42" },
	{ "glibc-2.43", 1462272, 0, 980672, 1, 217088, 182, 452288, 5, 2880, "2.43" },
};

static struct depth walk(struct memfile *f)
{
	struct memsrc *m = fake_open(&f->mem, NULL);
	struct depth d;

	f->mem.mem = NULL;
	assert_int_equal(depth_read_from(&f->snap, m, &opts, &d), 0);
	return d;
}

/* Whatever the bytes were, the sums add up, and no more is claimed than there is. */
static void check_sums(const struct depth *d)
{
	for (size_t i = 0; i < d->n_allocators; i++) {
		const struct depth_heap *h = &d->allocators[i].total;

		assert_int_equal(h->system_bytes, h->live_bytes + h->free_bytes + h->top_bytes +
							  h->tcache_bytes + h->overhead_bytes +
							  h->unwalked_bytes);
		assert_true(h->fast_bytes <= h->free_bytes);
		assert_true(h->foreign_bytes <= h->overhead_bytes);
	}
	for (size_t i = 0; i < d->claims.n;) {
		uint32_t region = d->claims.v[i].region;
		struct mem_counts counts;
		uint64_t sum = 0;

		for (; i < d->claims.n && d->claims.v[i].region == region; i++)
			sum += d->claims.v[i].bytes;
		snapshot_counts(d->snap, &d->snap->regions[region], &counts);
		assert_true(sum <= counts.v[MC_RSS]);
	}
}

static void test_recorded(void **state)
{
	const struct recorded_row *row = *state;
	const struct depth_allocator *a;
	struct memfile f;
	struct depth d;

	memfile_load(row->name, &f);
	d = walk(&f);
	check_sums(&d);
	assert_int_equal(d.n_allocators, 1);
	a = &d.allocators[0];
	assert_string_equal(a->version, row->version);
	assert_true(a->complete);
	assert_int_equal(a->retries, 0);
	assert_int_equal(a->n_arenas, 3);
	assert_int_equal(a->total.system_bytes, row->arena);
	assert_int_equal(a->total.fast_bytes, row->fsmblks);
	assert_int_equal(a->total.free_bytes + a->total.top_bytes, row->fordblks);
	assert_int_equal(a->mmapped_blocks, row->hblks);
	assert_int_equal(a->mmapped_bytes, row->hblkhd);
	assert_int_equal(a->total.live_blocks, row->list_blocks + row->own_blocks);
	assert_int_equal(a->total.live_bytes, row->list_bytes + row->own_bytes);
	assert_int_equal(d.skew_bytes, 0);
	depth_release(&d);
	memfile_release(&f);
}

static struct sbuf load_bytes(const char *name)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *path = xasprintf("%s/fuzz/corpus/memory/%s", srcdir ? srcdir : ".", name);
	struct sbuf bytes = SBUF_INIT;

	assert_int_equal(io_read_at(AT_FDCWD, path, SIZE_MAX / 2, &bytes), 0);
	return bytes;
}

static void check_bytes(const uint8_t *bytes, size_t n)
{
	struct memfile f;
	struct depth d;

	(void)memfile_parse(bytes, n, &f);
	d = walk(&f);
	check_sums(&d);
	depth_release(&d);
	memfile_release(&f);
}

static void test_cut(void **state)
{
	const struct recorded_row *row = *state;
	auto_sbuf bytes = load_bytes(row->name);

	for (size_t n = 0; n < bytes.len; n += 1 + n / 61)
		check_bytes((const uint8_t *)bytes.data, n);
}

/* Words of the heap and of the arenas change for others of the same memory, or by a bit. */
static void test_changed(void **state)
{
	const struct recorded_row *row = *state;
	auto_sbuf bytes = load_bytes(row->name);
	uint64_t random = 1;

	for (size_t round = 0; round < 300; round++) {
		auto_free uint8_t *copy = xmemdup(bytes.data, bytes.len);

		for (size_t i = 0; i < 1 + round % 16; i++) {
			size_t words = bytes.len / 8, to, from;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			to = random >> 20 & (words - 1);
			from = (random >> 40) % words;
			to %= words;
			if (to < words / 5) /* that is the text of the mappings */
				continue;
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

	ROWS_ADD(&list, "recorded memory is what the program says", rows, test_recorded);
	ROWS_ADD(&list, "recorded memory cut short", rows, test_cut);
	ROWS_ADD(&list, "recorded memory with changes", rows, test_changed);
	return rows_run("glibc, recorded", &list);
}
