/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap of a C library made by hand: its arenas and parameters as each release lays them out,
 * and chunks put down one after another. Written from glibc's malloc.c, not from our reader of it.
 */
#ifndef TESTS_FAKEHEAP_H
#define TESTS_FAKEHEAP_H

#include "fakemem.h"
#include "snap.h"
#include "walk/walkers.h"

#define LIBC UINT64_C(0x7ff000000000) /* its writable data */
#define ARENA (LIBC + 0xc60)
#define PAR (LIBC + 0x1a0)
#define HEAP UINT64_C(0x555500001000) /* [heap] */
#define HEAP_END (HEAP + 0x100000)
#define THREAD_HEAP UINT64_C(0x7f8000000000) /* of an arena of its own */
#define MAPPED UINT64_C(0x7fa000000000)      /* unnamed mappings */

enum { INUSE = 1, IS_MMAPPED = 2, NON_MAIN = 4 };

struct release {
	const char *name;
	uint16_t fast, bins;
	uint16_t n_mmaps, mmapped_mem, sbrk_base, tcache_bins;
	uint16_t heap_info; /* its size */
	uint16_t tcache;    /* chunk of its table */
	uint8_t count_bytes;
	bool counts_free, safe_links;
};

static const struct release releases[] = {
	{ "2.26", 0x08, 0x68, 0x28, 0x38, 0x48, 0x50, 0x20, 0x250, 1, false, false },
	{ "2.27", 0x10, 0x70, 0x28, 0x38, 0x48, 0x50, 0x20, 0x250, 1, false, false },
	{ "2.31", 0x10, 0x70, 0x28, 0x38, 0x48, 0x50, 0x20, 0x290, 2, false, false },
	{ "2.33", 0x10, 0x70, 0x28, 0x38, 0x48, 0x50, 0x20, 0x290, 2, false, true },
	{ "2.36", 0x10, 0x70, 0x3c, 0x50, 0x60, 0x68, 0x30, 0x290, 2, false, true },
	{ "2.42", 0x10, 0x70, 0x3c, 0x50, 0x60, 0x68, 0x30, 0x300, 2, true, true },
	{ "2.43", 0, 0x18, 0x44, 0x58, 0x68, 0x70, 0x30, 0x300, 2, true, true },
};

struct fakeheap {
	struct fakemem mem;
	struct snapshot snap;
	const struct release *r;
	uint64_t at;         /* where the next chunk goes */
	uint64_t prev_bytes; /* of the chunk before it */
	bool prev_in_use;
	bool main;
};

#define auto_fakeheap __attribute__((cleanup(heap_release))) struct fakeheap

static inline void heap_release(struct fakeheap *h)
{
	fake_release(&h->mem);
	snapshot_release(&h->snap);
}

/* Adds a mapping to the process and to its snapshot, all of it resident. */
static inline void heap_map(struct fakeheap *h, uint64_t start, uint64_t bytes, uint8_t kind,
			    const char *name)
{
	const struct mem_map map = {
		.perms = VMA_READ | VMA_WRITE,
		.kind = kind,
		.major = kind == MEM_FILE ? 8 : 0,
		.minor = kind == MEM_FILE ? 1 : 0,
		.inode = kind == MEM_FILE ? start : 0,
	};

	fake_map(&h->mem, start, start + bytes, &map);
	(void)snap_add(&h->snap, &(struct snap_region){
					 .start = start,
					 .size_kib = bytes >> 10,
					 .perms = SNAP_RW,
					 .name = name,
					 .inode = map.inode,
					 .kib = { [MC_RSS] = bytes >> 10 },
				 });
}

/* Adds an arena with `system` bytes; `next` is the following one of the ring. */
static inline void heap_arena(struct fakeheap *h, uint64_t addr, uint64_t next, uint64_t top,
			      uint64_t system)
{
	uint16_t bins = h->r->bins;

	fake_u32(&h->mem, addr + 4, 0);
	fake_u64(&h->mem, addr + bins - 0x10, top);
	for (uint64_t i = 0; i < 127; i++) {
		fake_u64(&h->mem, addr + bins + 16 * i, addr + bins + 16 * i - 16);
		fake_u64(&h->mem, addr + bins + 16 * i + 8, addr + bins + 16 * i - 16);
	}
	fake_u64(&h->mem, addr + bins + 0x800, next);
	fake_u64(&h->mem, addr + bins + 0x810, 1);
	fake_u64(&h->mem, addr + bins + 0x818, system);
	fake_u64(&h->mem, addr + bins + 0x820, system);
}

static inline void heap_par(struct fakeheap *h, uint64_t sbrk_base, uint32_t n_mmaps,
			    uint64_t mmapped)
{
	struct fakemem *f = &h->mem;
	const struct release *r = h->r;

	fake_u64(f, PAR, 128 << 10);
	fake_u64(f, PAR + 8, 128 << 10);
	fake_u64(f, PAR + 0x10, 128 << 10);
	fake_u64(f, PAR + 0x18, 8);
	fake_u32(f, PAR + r->n_mmaps, n_mmaps);
	fake_u32(f, PAR + r->n_mmaps + 4, 65536);
	fake_u32(f, PAR + r->n_mmaps + 8, n_mmaps + 3);
	fake_u64(f, PAR + r->mmapped_mem, mmapped);
	fake_u64(f, PAR + r->mmapped_mem + 8, mmapped + 4096);
	fake_u64(f, PAR + r->sbrk_base, sbrk_base);
	fake_u64(f, PAR + r->tcache_bins, 64);
	fake_u64(f, PAR + r->tcache_bins + 8, 1032);
	fake_u64(f, PAR + r->tcache_bins + 16, 7);
}

/* Moves the place for chunks. The first chunk there has no predecessor. */
static inline void heap_goto(struct fakeheap *h, uint64_t addr, bool main)
{
	h->at = addr;
	h->prev_in_use = true;
	h->main = main;
}

/* Adds a chunk and returns its address. */
static inline uint64_t heap_chunk(struct fakeheap *h, uint64_t bytes, bool in_use)
{
	uint64_t addr = h->at;

	if (!h->prev_in_use)
		fake_u64(&h->mem, addr, h->prev_bytes);
	fake_u64(&h->mem, addr + 8,
		 bytes | (h->prev_in_use ? INUSE : 0) | (h->main || !in_use ? 0 : NON_MAIN));
	h->prev_bytes = bytes;
	h->prev_in_use = in_use;
	h->at += bytes;
	return addr;
}

/* Adds the top chunk, up to `end`. Returns its address. */
static inline uint64_t heap_top(struct fakeheap *h, uint64_t end)
{
	uint64_t top = heap_chunk(h, end - h->at, true);

	fake_state(&h->mem, end - FAKE_PAGE, end, PAGE_PRESENT);
	return top;
}

/* Adds the two fenceposts of a main arena. */
static inline void heap_fence(struct fakeheap *h)
{
	(void)heap_chunk(h, 16, true);
	(void)heap_chunk(h, 16, true);
}

/* Makes a process with the C library of a release and an empty heap. */
static inline void heap_init(struct fakeheap *h, const struct release *r)
{
	*h = (struct fakeheap){ .r = r };
	snap_init(&h->snap);
	heap_map(h, HEAP, HEAP_END - HEAP, MEM_HEAP, "[heap]");
	heap_map(h, THREAD_HEAP, 0x21000, MEM_ANON, NULL);
	heap_map(h, MAPPED, 0x400000, MEM_ANON, NULL);
	heap_map(h, LIBC, 0x2000, MEM_FILE, "/lib/libc.so.6");
	fake_state(&h->mem, LIBC, LIBC + 0x2000, PAGE_PRESENT);
	heap_goto(h, HEAP, true);
}

/*
 * Makes a list of free chunks of one size whose links are at `into` of each, with this first link.
 */
static inline void heap_link(struct fakeheap *h, uint64_t chunk, uint64_t next, uint64_t into)
{
	uint64_t at = chunk + 16, to = next ? next + into : 0;

	fake_u64(&h->mem, at, h->r->safe_links ? to ^ at >> 12 : to);
}

/* Adds a chunk with the table of a tcache. */
static inline uint64_t heap_tcache(struct fakeheap *h)
{
	uint64_t chunk = heap_chunk(h, h->r->tcache, true);

	for (uint64_t i = 0; h->r->counts_free && i < 76; i++) {
		uint16_t free_slots = 7;

		fake_put(&h->mem, chunk + 16 + 2 * i, &free_slots, sizeof(free_slots));
	}
	return chunk;
}

/* Sets the number and the first chunk of a size in the tcache. */
static inline void heap_cache(struct fakeheap *h, uint64_t tcache, uint64_t bytes, uint64_t first,
			      uint16_t count)
{
	uint64_t bins = h->r->counts_free ? 76 : 64, bin = (bytes - 32) / 16;
	uint16_t stored = h->r->counts_free ? (uint16_t)(7 - count) : count;

	fake_put(&h->mem, tcache + 16 + bin * h->r->count_bytes, &stored, h->r->count_bytes);
	fake_u64(&h->mem, tcache + 16 + bins * h->r->count_bytes + 8 * bin, first + 16);
}

/* Walks the heap. The caller releases *ret, which then owns the memory. */
static inline void heap_read(struct fakeheap *h, struct walk *ret)
{
	const struct walk_opts opts = { .want = WANT_ALL, .clock = &clock_system };
	struct memsrc *m = fake_open(&h->mem, NULL);

	h->mem.mem = NULL;
	assert_int_equal(walk_read_from(&h->snap, m, &opts, ret), 0);
}

#endif
