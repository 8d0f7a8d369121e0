/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of addresses in granules of 16 bytes: a sparse bitmap that takes 1/128 of the memory around
 * its members. In it a walker marks what it found, for other walkers.
 */
#ifndef WALK_CORE_MARKS_H
#define WALK_CORE_MARKS_H

#include "base/index.h"
#include "base/util.h"

enum {
	MARKS_GRANULE = 16,
	MARKS_BLOCK = 256 << 10,         /* bytes that one piece of the bitmap covers */
	MARKS_WORD = MARKS_GRANULE * 64, /* bytes that one word of it covers */
	MARKS_WORDS = MARKS_BLOCK / MARKS_WORD,
};

struct marks_block {
	uint64_t number; /* address / MARKS_BLOCK */
	uint64_t bits[MARKS_WORDS];
};

struct marks {
	struct marks_block **blocks; /* owned */
	size_t n, cap;
	struct index index;
	struct marks_block *hot; /* the block that was found last; NULL: none was found yet */
};

/* An all-zero struct is an empty set. */
void marks_release(struct marks *s);

/* Sets s->hot to the block with this number, and adds the block if it is new. For marks_set. */
void marks_find_or_add(struct marks *s, uint64_t number);

/* Marks the granule that holds addr. */
static inline void marks_set(struct marks *s, uint64_t addr)
{
	uint64_t granule = addr % MARKS_BLOCK / MARKS_GRANULE;

	if (!s->hot || s->hot->number != addr / MARKS_BLOCK)
		marks_find_or_add(s, addr / MARKS_BLOCK);
	s->hot->bits[granule / 64] |= UINT64_C(1) << granule % 64;
}

/* Tells whether a granule that begins in [start, end) is marked. */
bool marks_any(struct marks *s, uint64_t start, uint64_t end);

/*
 * Finds the next word with the mark of a granule that begins in [*at, end), and moves *at to the
 * address of its first granule, a multiple of MARKS_WORD. Returns these marks, the first granule in
 * the lowest bit; 0: there are none.
 */
uint64_t marks_next_word(struct marks *s, uint64_t *at, uint64_t end);

#endif
