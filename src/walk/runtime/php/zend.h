/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ZendMM, the memory manager of PHP, read from outside without symbols: chunks of 2 MiB in a ring,
 * each with a map of its 512 pages in front, and a list of the blocks that are larger than a chunk
 * ("huge"). 64-bit little-endian, PHP 7.0 and later.
 *
 * Source: Zend/zend_alloc.c and Zend/zend_alloc_sizes.h of PHP 7.0 to 8.4.
 */
#ifndef WALK_RUNTIME_PHP_ZEND_H
#define WALK_RUNTIME_PHP_ZEND_H

#include "walk/core/runtime_walk.h"

enum {
	ZEND_CHUNK_BYTES = 2 << 20,
	ZEND_PAGE_BYTES = 4096,
	ZEND_PAGES = ZEND_CHUNK_BYTES / ZEND_PAGE_BYTES, /* of a chunk; the first is its header */
	ZEND_BINS = 30,                                  /* sizes of small blocks */
	ZEND_HEAP_AT = 64,                               /* of the heap in its main chunk */
};

struct zend_bin {
	uint16_t bytes, elements, pages; /* of a block; blocks of a run; pages of a run */
};

extern const struct zend_bin zend_bins[];

/* What a page of a chunk is. */
enum zend_page {
	ZEND_PAGE_BIN = 0, /* of a run of small blocks, plus the number of the bin */
	ZEND_PAGE_FREE = ZEND_BINS,
	ZEND_PAGE_LARGE,  /* of a block of whole pages */
	ZEND_PAGE_HEADER, /* of the chunk */
};

struct zend_chunk {
	uint64_t addr;
	uint32_t large_blocks;
	uint64_t free_bytes;        /* of small blocks, as far as free lists were followed */
	uint8_t page[ZEND_PAGES];   /* enum zend_page */
	uint8_t in_run[ZEND_PAGES]; /* number of the page in its run of small blocks */
};

struct zend_huge {
	uint64_t addr, bytes;
};

/* A heap: PHP has one, or one for each thread. */
struct zend_heap {
	uint64_t addr;             /* of its main chunk */
	uint64_t size, peak;       /* memory_get_usage(), memory_get_peak_usage() */
	uint64_t real, real_peak;  /* the same with true */
	uint64_t lists[ZEND_BINS]; /* of free small blocks: the first of each */
	uint64_t pages_at;         /* offset of the map of free pages in a chunk */
	uint64_t huge_list;
	uint64_t cached_list;        /* free chunks that are retained */
	uint32_t n_chunks, n_cached; /* as the heap counts them */
	struct zend_chunk *chunks;   /* ascending */
	struct zend_huge *huge;
	uint64_t *cached;
	size_t n_huge, cap_huge;
};

/* Finds the main chunks of all heaps. The caller frees *ret. Returns their number. */
size_t zend_find(struct memsrc *m, uint64_t **ret);
/*
 * Reads a heap and checks that its numbers agree with each other. Returns 0, -EBADMSG if they do
 * not, or -EIO if it cannot be read (m->why). The caller releases *ret in either case.
 */
int zend_read(struct memsrc *m, uint64_t main_chunk, struct zend_heap *ret);
void zend_release(struct zend_heap *h);

extern const struct runtime_walker zend_walker;

#endif
