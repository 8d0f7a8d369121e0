/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mimalloc 2, read from outside without symbols. Memory is in segments, aligned to their size, that
 * begin with a cookie: their address under a key that the main heap in the .bss has too. A segment
 * is divided into spans of slices of 64 KiB, and a span in use is a page of blocks of one size.
 * 64-bit little-endian, builds that do not encode their free lists.
 *
 * Sources: mimalloc types.h, segment.c, page.c of the releases in mimalloc_layouts.
 */
#ifndef WALK_ALLOC_MIMALLOC_MIMALLOC_H
#define WALK_ALLOC_MIMALLOC_MIMALLOC_H

#include "walk/alloc/allocator_walk.h"

/* Offsets: up to slices in a segment, from free on in the record of a slice. */
struct mimalloc_layout {
	const char *releases;
	uint32_t segment_bytes;
	uint16_t used, cookie, n_slices, n_info, n_entries, slices;
	uint8_t slice_bytes; /* of the record of a slice */
	uint8_t free, in_use, local_free, thread_free, block_bytes;
	uint8_t in_use_width, block_width; /* in bytes */
	/* Where the first block of a page is: a field says so, or it follows from their size. */
	enum { START_FIELD, START_128, START_384, START_BLOCKS } start;
	uint8_t start_field;
};

enum {
	MIMALLOC_HEADER = 512, /* bytes of a segment with all fields that are read */
	MIMALLOC_SLICE = 64 << 10,
	MIMALLOC_ENTRIES_MAX = 1025,
	MIMALLOC_SLICE_MAX = 96,       /* bytes of the record of a slice */
	MIMALLOC_BLOCKS_MAX = 1 << 16, /* of a page */
};

/* A page of blocks, as its first slice describes it. */
struct mimalloc_page {
	uint64_t start, end;
	uint64_t first; /* block */
	uint64_t block_bytes;
	uint32_t capacity;                      /* blocks that were handed out at least once */
	uint32_t reserved;                      /* blocks there is room for */
	uint32_t used;                          /* blocks not in the lists of its thread */
	uint64_t free, local_free, thread_free; /* lists */
};

struct mimalloc {
	struct walk *walk;
	uint32_t file; /* index into the snapshot's files */
	const struct mimalloc_layout *layout;
	uint64_t key;
	uint64_t state;     /* where the key is */
	uint64_t *segments; /* ascending; owned */
	size_t n_segments, cap_segments;
};

/* Finds the segments. Returns 0 or -ENOENT. */
int mimalloc_find(struct walk *walk, struct mimalloc *ret);
void mimalloc_release(struct mimalloc *m);

/* Tells whether a segment may begin like this, whatever its key is. */
bool mimalloc_is_segment(const struct mimalloc_layout *l, const uint8_t head[MIMALLOC_HEADER]);

/* Returns how far behind the start of a page its first block is, if no field says so. */
uint64_t mimalloc_page_offset(const struct mimalloc_layout *l, uint64_t block_bytes);

/*
 * Fills states[] (enum size_account_state), one for each block of the page's capacity, from its
 * lists of free blocks. Returns false if the lists do not hold, as in a build that encodes them:
 * the first `used` blocks then count as live.
 */
bool mimalloc_page_states(struct mimalloc *m, const struct mimalloc_page *p, uint8_t *states);

extern const struct allocator_walker mimalloc_walker;

#endif
