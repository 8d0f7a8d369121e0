/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A heap of PHP made by hand: chunks, the maps of their pages and the lists of free blocks as each
 * release lays them out. Written from PHP's zend_alloc.c, not from our reader of it.
 */
#ifndef TESTS_FAKEZEND_H
#define TESTS_FAKEZEND_H

#include "fakemem.h"
#include "snap.h"
#include "walk/core/runtime_heap.h"
#include "walk/walkers.h"

#define CHUNKS UINT64_C(0x7f5000000000) /* chunks follow each other from here on */
#define CHUNK(i) (CHUNKS + MIB(2) * (i))

enum { CHUNKS_MAPPED = 16, MAP_AT = 64 };

/* Words of the heap, which begins 64 bytes into the first chunk. */
struct zend_release {
	const char *name;
	uint8_t lists, real, huge; /* the main chunk and the cached ones follow huge */
	uint8_t words;             /* of the heap; behind it are the maps of the chunk */
};

static const struct zend_release zend_releases[] = {
	{ "7.0", 4, 34, 38, 48 },
	{ "8.2", 4, 34, 40, 52 },
	{ "8.4", 5, 35, 39, 52 },
};

struct fakezend {
	struct fakemem mem;
	struct snapshot snap;
	const struct zend_release *r;
};

#define auto_fakezend __attribute__((cleanup(zend_done))) struct fakezend

static inline void zend_done(struct fakezend *z)
{
	fake_release(&z->mem);
	snapshot_release(&z->snap);
}

static inline void zend_word(struct fakezend *z, uint64_t i, uint64_t value)
{
	fake_u64(&z->mem, CHUNKS + MAP_AT + 8 * i, value);
}

/*
 * Sets pages of a chunk: the first has this word in the map; the others count up if they belong to
 * a bin.
 */
static inline void zend_pages(struct fakezend *z, unsigned int chunk, unsigned int page,
			      unsigned int n, uint32_t info)
{
	uint64_t map = CHUNK(chunk) + MAP_AT + 8 * (uint64_t)z->r->words;
	uint32_t n_free = 512, used[16] = { 0 };

	for (unsigned int i = page; i < page + n; i++) {
		const struct fake_page *p = fake_find(&z->mem, map);
		uint64_t word = 0;

		if (p && p->data)
			memcpy(&word, p->data + (map + i / 64 * 8) % FAKE_PAGE, sizeof(word));
		fake_u64(&z->mem, map + i / 64 * 8, word | UINT64_C(1) << i % 64);
		if (i == page)
			fake_u32(&z->mem, map + 64 + 4 * i, info);
		else if (info >> 31)
			fake_u32(&z->mem, map + 64 + 4 * i, info | 0x40000000 | (i - page) << 16);
	}
	memcpy(used, fake_find(&z->mem, map)->data + map % FAKE_PAGE, sizeof(used));
	for (size_t i = 0; i < ARRAY_SIZE(used); i++)
		n_free -= (uint32_t)__builtin_popcount(used[i]);
	fake_u32(&z->mem, CHUNK(chunk) + 24, n_free);
	fake_state(&z->mem, CHUNK(chunk) + (uint64_t)page * FAKE_PAGE,
		   CHUNK(chunk) + (uint64_t)(page + n) * FAKE_PAGE, PAGE_PRESENT);
}

#define ZEND_SMALL(bin) (0x80000000U | (bin))
#define ZEND_LARGE(pages) (0x40000000U | (pages))

/* Makes a ring of chunks in which only the headers are in use. */
static inline void zend_ring(struct fakezend *z, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		fake_u64(&z->mem, CHUNK(i), CHUNKS + MAP_AT);
		fake_u64(&z->mem, CHUNK(i) + 8, CHUNK((i + 1) % n));
		fake_u64(&z->mem, CHUNK(i) + 16, CHUNK((i + n - 1) % n));
		zend_pages(z, i, 0, 1, ZEND_LARGE(1U));
	}
	zend_word(z, z->r->huge + 1U, CHUNKS);
	zend_word(z, z->r->huge + 3U, (uint64_t)n << 32 | n);
}

static inline void zend_counts(struct fakezend *z, uint64_t size, uint64_t peak, uint64_t real,
			       uint64_t real_peak)
{
	zend_word(z, 2, size);
	zend_word(z, 3, peak);
	zend_word(z, z->r->real, real);
	zend_word(z, z->r->real + 1U, real_peak);
}

/* Makes a process that runs PHP, with room for chunks. */
static inline void zend_init(struct fakezend *z, const struct zend_release *r)
{
	uint32_t region;

	*z = (struct fakezend){ .r = r };
	snap_init(&z->snap);
	region = snap_add(&z->snap, &(struct snap_region){ .start = 0x400000,
							   .size_kib = 4,
							   .perms = SNAP_RX,
							   .name = "/usr/bin/php",
							   .inode = 1 });
	z->snap.runtimes = xgrow(z->snap.runtimes, 0, &z->snap.cap_runtimes,
				 sizeof(*z->snap.runtimes));
	z->snap.runtimes[z->snap.n_runtimes++] = (struct runtime){
		.name = "php", .module = z->snap.files[z->snap.regions[region].file].path
	};
	snap_add_anonymous(&z->snap, CHUNKS, CHUNKS_MAPPED * 2048, CHUNKS_MAPPED * 2048);
	fake_map(&z->mem, CHUNKS, CHUNK(CHUNKS_MAPPED), NULL);
}

/* Walks the memory. The caller releases *ret, which then owns the memory. */
static inline const struct walk_runtime *zend_show(struct fakezend *z, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_PHP, .clock = &clock_system };
	struct memsrc *m = fake_open(&z->mem, NULL);

	z->mem.mem = NULL;
	assert_int_equal(walk_read_from(&z->snap, m, &opts, ret), 0);
	assert_int_equal(ret->n_runtimes, 1);
	assert_string_equal(ret->runtimes[0].name, "php");
	return &ret->runtimes[0];
}

#endif
