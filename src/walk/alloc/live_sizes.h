/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live blocks by their size: how many there are of each, and how many of these no object owns.
 */
#ifndef WALK_ALLOC_LIVE_SIZES_H
#define WALK_ALLOC_LIVE_SIZES_H

#include "base/index.h"
#include "walk/core/walk.h"

enum {
	LIVE_SIZES_UNIT = 8,
	LIVE_SIZES_SMALL = 4096, /* sizes below 32 KiB, by units */
	LIVE_SIZES_DOUBLES = 64,
};

struct live_size {
	uint64_t bytes; /* of each block */
	uint64_t owned, native;
};

/* A zeroed struct is empty. */
struct live_sizes {
	uint64_t owned[LIVE_SIZES_SMALL], native[LIVE_SIZES_SMALL]; /* small blocks, by units */
	struct live_size *others;                                   /* owned */
	size_t n_others, cap_others;
	struct index index; /* of the others, by size */
	/* Blocks whose size found no room there; [i] are of at most 2^i bytes. */
	struct live_size doubles[LIVE_SIZES_DOUBLES];
	uint64_t doubles_bytes[LIVE_SIZES_DOUBLES], doubles_native_bytes;
};

void live_sizes_release(struct live_sizes *s);

/* Counts blocks whose size is not small: for live_sizes_count. */
void live_sizes_count_other(struct live_sizes *s, uint64_t bytes, uint64_t owned, uint64_t native);

/* Counts blocks of `bytes` bytes each, some of which objects own. */
static inline void live_sizes_count(struct live_sizes *s, uint64_t bytes, uint64_t owned,
				    uint64_t native)
{
	if (bytes / LIVE_SIZES_UNIT >= LIVE_SIZES_SMALL || bytes % LIVE_SIZES_UNIT) {
		live_sizes_count_other(s, bytes, owned, native);
		return;
	}
	s->owned[bytes / LIVE_SIZES_UNIT] += owned;
	s->native[bytes / LIVE_SIZES_UNIT] += native;
}

/*
 * Adds the counts to an allocator: its classes, the sizes of native blocks and their sums. A class
 * holds one size where blocks are smaller than 32 KiB, and else the sizes up to a power of two;
 * with `doubling` each class is of the latter kind, and those between 32 bytes and the largest are
 * all there, even if they have no blocks.
 */
void live_sizes_report(const struct live_sizes *s, bool doubling, struct walk_allocator *out);

#endif
