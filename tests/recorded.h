/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of the walkers on recorded memory share: walking it, and the same memory cut short and
 * changed at random.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include "memfile.h"
#include "walk/walkers.h"

enum { RECORDED_CHANGE_BYTES = 8 << 20 }; /* of changed copies of a recording, about */

static inline struct walk recorded_walk(struct memfile *f)
{
	const struct walk_opts opts = { .want = WANT_ALL, .clock = &clock_system };
	struct memsrc *m = fake_open(&f->mem, NULL);
	struct walk walk;

	f->mem.mem = NULL;
	assert_int_equal(walk_read_from(&f->snap, m, &opts, &walk), 0);
	return walk;
}

/*
 * Checks that the sums add up and that no more is attributed than there is, whatever the bytes
 * were.
 */
static inline void recorded_check_sums(const struct walk *walk)
{
	for (size_t i = 0; i < walk->n_allocators; i++) {
		const struct walk_heap *h = &walk->allocators[i].total;

		assert_int_equal(h->system_bytes, h->live_bytes + h->free_bytes + h->top_bytes +
							  h->tcache_bytes + h->overhead_bytes +
							  h->unwalked_bytes);
		assert_true(h->fast_bytes <= h->free_bytes);
		assert_true(h->foreign_bytes <= h->overhead_bytes);
	}
	for (size_t i = 0; i < walk->attributions.n;) {
		uint32_t region = walk->attributions.v[i].region;
		struct mem_counts counts;
		uint64_t sum = 0;

		for (; i < walk->attributions.n && walk->attributions.v[i].region == region; i++)
			sum += walk->attributions.v[i].bytes;
		snapshot_counts(walk->snap, &walk->snap->regions[region], &counts);
		assert_true(sum <= counts.v[MC_RSS]);
	}
}

static inline struct sbuf recorded_load_bytes(const char *name)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *path = xasprintf("%s/fuzz/corpus/memory/%s", srcdir ? srcdir : ".", name);
	struct sbuf bytes = SBUF_INIT;

	assert_int_equal(io_read_at(AT_FDCWD, path, SIZE_MAX / 2, &bytes), 0);
	return bytes;
}

static inline void recorded_check_bytes(const uint8_t *bytes, size_t n)
{
	struct memfile f;
	struct walk walk;

	(void)memfile_parse(bytes, n, &f);
	walk = recorded_walk(&f);
	recorded_check_sums(&walk);
	walk_release(&walk);
	memfile_release(&f);
}

static inline void recorded_cut(const char *name)
{
	auto_sbuf bytes = recorded_load_bytes(name);

	for (size_t n = 0; n < bytes.len; n += 1 + n / 61)
		recorded_check_bytes((const uint8_t *)bytes.data, n);
}

/* Changes words of the heap and of the arenas, by another word of the same memory or by a bit. */
static inline void recorded_change(const char *name)
{
	auto_sbuf bytes = recorded_load_bytes(name);
	size_t most = RECORDED_CHANGE_BYTES / MAX(bytes.len, (size_t)1);
	size_t rounds = MAX(MIN(most, (size_t)300), (size_t)50);
	uint64_t random = 1;

	for (size_t round = 0; round < rounds; round++) {
		auto_free uint8_t *copy = xmemdup(bytes.data, bytes.len);

		for (size_t i = 0; i < 1 + round % 16; i++) {
			size_t words = bytes.len / 8, to, from;

			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			to = random >> 20 & (words - 1);
			from = (random >> 40) % words;
			to %= words;
			if (to < words / 5) /* the text of the mappings */
				continue;
			if (i % 2)
				copy[8 * to + i % 8] ^= (uint8_t)(1 << (random >> 61));
			else
				memcpy(copy + 8 * to, bytes.data + 8 * from, 8);
		}
		recorded_check_bytes(copy, bytes.len);
	}
}

#endif
