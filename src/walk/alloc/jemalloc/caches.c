/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks in the caches of threads. An arena has a ring of descriptors, which are in the data of
 * its threads, each with pointers to the bins of one cache. To find the ring, the words of the
 * arena's state are searched for one that leads to a descriptor and back.
 */
#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/alloc/jemalloc/jemalloc.h"

enum {
	STATE_BYTES = 96 << 10, /* of an arena's state, which are searched */
	RING_MAX = 1 << 16,     /* descriptors */
	CACHED_MAX = 1 << 22,
	BINS_MAX = 76,  /* of 5.3 */
	LARGE_MAX = 36, /* bins of large blocks, before 5.3 */
	BIN_WORDS = 3,
	STACK_MAX = 4096, /* blocks in a bin */
	PIECE = 512,      /* of them, read at once */
};

/* A descriptor of the cache of a thread. */
struct descriptor {
	uint64_t next, previous;
	uint64_t bins;  /* of small blocks; in 5.3 of all */
	uint64_t large; /* before 5.3 */
};

static unsigned int n_small(const struct jemalloc *j)
{
	return j->lg_quantum == 3 ? 39 : 36;
}

static bool holds(struct jemalloc *j, uint64_t addr, const struct descriptor *d)
{
	uint64_t back;

	if (j->layout->tcaches == TCACHES_5_3)
		/*
		 * The bins follow a pointer to the structure whose second field is the descriptor.
		 */
		return d->bins % 8 == 0 && d->bins >= 8 &&
		       memsrc_peek(j->walk->mem, d->bins - 8, &back, sizeof(back)) &&
		       back == addr - 16;
	return addr > d->bins && addr - d->bins - n_small(j) * 8 * BIN_WORDS <= 80 &&
	       d->large > addr && d->large - addr <= 128;
}

static bool read_descriptor(struct jemalloc *j, uint64_t addr, struct descriptor *ret)
{
	return addr % 8 == 0 && memsrc_peek(j->walk->mem, addr, ret, sizeof(*ret)) &&
	       holds(j, addr, ret);
}

/* Adds the n words on a stack. Words that are not blocks are removed later. */
static void add_stack(struct jemalloc *j, uint64_t at, size_t n)
{
	uint64_t blocks[PIECE];

	if (n > STACK_MAX)
		return;
	for (size_t done = 0, k; done < n; done += k) {
		k = MIN(n - done, (size_t)PIECE);
		if (j->n_cached + k > CACHED_MAX ||
		    !memsrc_peek(j->walk->mem, at + 8 * done, blocks, 8 * k))
			return;
		for (size_t i = 0; i < k; i++) {
			j->cached = xgrow(j->cached, j->n_cached, &j->cap_cached,
					  sizeof(*j->cached));
			j->cached[j->n_cached++] = blocks[i];
		}
	}
}

/*
 * Reads a bin of 5.3: its head points at the last block, and it has the low bits of the end of the
 * stack.
 */
static void read_bin(struct jemalloc *j, const uint64_t bin[BIN_WORDS])
{
	uint16_t empty = (uint16_t)(bin[2] >> 32), n = (uint16_t)(empty - (uint16_t)bin[0]);

	if (bin[0])
		add_stack(j, bin[0], n / 8);
}

/* Reads a bin before 5.3: it ends where `avail` points. */
static void read_old_bin(struct jemalloc *j, const uint64_t bin[BIN_WORDS])
{
	uint64_t n = bin[0] >> 32, end = bin[2];

	if (end > 8 * n)
		add_stack(j, end - 8 * n, n);
}

static void read_bins(struct jemalloc *j, uint64_t addr, size_t n)
{
	uint64_t bins[BINS_MAX][BIN_WORDS];

	if (!memsrc_peek(j->walk->mem, addr, bins, n * sizeof(bins[0])))
		return;
	for (size_t i = 0; i < n; i++) {
		if (j->layout->tcaches == TCACHES_5_3)
			read_bin(j, bins[i]);
		else
			read_old_bin(j, bins[i]);
	}
}

static void read_ring(struct jemalloc *j, uint64_t first)
{
	uint64_t addr = first;
	struct descriptor d;

	for (size_t i = 0; i < RING_MAX && read_descriptor(j, addr, &d); i++) {
		if (j->layout->tcaches == TCACHES_5_3) {
			read_bins(j, d.bins, n_small(j) + 37);
		} else {
			read_bins(j, d.bins, n_small(j));
			read_bins(j, d.large, LARGE_MAX);
		}
		addr = d.next;
		if (addr == first)
			break;
	}
}

/* Descriptors are in the data of threads: not in a file, nor among jemalloc's own. */
static bool may_be_descriptor(const struct jemalloc *j, uint64_t addr)
{
	const struct mem_map *map;

	if (addr % 8 || addr < 1 << 16 || addr >> 47)
		return false;
	for (size_t i = 0; i < j->n_bases; i++) {
		if (j->bases[i].start <= addr && addr < j->bases[i].end)
			return false;
	}
	map = memsrc_map(j->walk->mem, addr);
	return map && map->kind != MEM_FILE && map->perms & VMA_WRITE;
}

static void search_arena(struct jemalloc *j, const struct jemalloc_base *b)
{
	uint64_t end = MIN(b->end, b->state + STATE_BYTES), words[512];

	for (uint64_t at = b->state; at < end; at += sizeof(words)) {
		size_t n = (size_t)MIN(end - at, sizeof(words)) / 8;
		struct descriptor d;

		if (!memsrc_copy(j->walk->mem, at, words, 8 * n))
			continue;
		for (size_t i = 0; i < n; i++) {
			if (may_be_descriptor(j, words[i]) && read_descriptor(j, words[i], &d)) {
				read_ring(j, words[i]);
				return;
			}
		}
	}
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void jemalloc_read_tcaches(struct jemalloc *j)
{
	if (j->layout->tcaches == TCACHES_UNREAD)
		return;
	for (size_t i = 0; i < j->n_bases; i++) {
		if (j->bases[i].state)
			search_arena(j, &j->bases[i]);
	}
	if (j->n_cached)
		qsort(j->cached, j->n_cached, sizeof(*j->cached), compare_u64);
}
