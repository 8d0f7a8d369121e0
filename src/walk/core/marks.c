/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/marks.h"

#include "base/alloc.h"

void marks_release(struct marks *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->blocks[i]);
	free(s->blocks);
	index_release(&s->index);
	*s = (struct marks){ 0 };
}

static bool same_block(const void *arg, uint32_t i, const void *key)
{
	const struct marks *s = arg;

	return s->blocks[i]->number == *(const uint64_t *)key;
}

static struct marks_block *find_block(struct marks *s, uint64_t number)
{
	uint32_t i;

	if (s->hot && s->hot->number == number)
		return s->hot;
	i = index_find(&s->index, index_hash_u64(number, 0), same_block, s, &number);
	if (i == INDEX_NONE)
		return NULL;
	s->hot = s->blocks[i];
	return s->hot;
}

static struct marks_block *add_block(struct marks *s, uint64_t number)
{
	struct marks_block *b = xcalloc(1, sizeof(*b));

	b->number = number;
	s->blocks = xgrow(s->blocks, s->n, &s->cap, sizeof(struct marks_block *));
	s->blocks[s->n] = b;
	index_add(&s->index, index_hash_u64(number, 0), (uint32_t)s->n);
	s->n++;
	return b;
}

void marks_find_or_add(struct marks *s, uint64_t number)
{
	struct marks_block *b = find_block(s, number);

	s->hot = b ? b : add_block(s, number);
}

/* Tells whether any of the bits [first, last] is set. */
static bool any_bits(const struct marks_block *b, uint64_t first, uint64_t last)
{
	for (uint64_t w = first / 64; w <= last / 64; w++) {
		uint64_t bits = b->bits[w];

		if (w == first / 64)
			bits &= UINT64_MAX << first % 64;
		if (w == last / 64)
			bits &= UINT64_MAX >> (63 - last % 64);
		if (bits)
			return true;
	}
	return false;
}

bool marks_any(struct marks *s, uint64_t start, uint64_t end)
{
	if (!s->n || start >= end)
		return false;
	for (uint64_t number = start / MARKS_BLOCK; number <= (end - 1) / MARKS_BLOCK; number++) {
		const struct marks_block *b = find_block(s, number);
		uint64_t from = number * MARKS_BLOCK, to = from + MARKS_BLOCK - 1;

		if (b && any_bits(b, (MAX(start, from) - from) / MARKS_GRANULE,
				  (MIN(end - 1, to) - from) / MARKS_GRANULE))
			return true;
	}
	return false;
}

uint64_t marks_next_word(struct marks *s, uint64_t *at, uint64_t end)
{
	uint64_t first = *at % MARKS_WORD / MARKS_GRANULE;

	for (*at -= *at % MARKS_WORD; *at < end; *at += MARKS_WORD, first = 0) {
		const struct marks_block *b = find_block(s, *at / MARKS_BLOCK);
		uint64_t bits;

		if (!b) {
			*at |= MARKS_BLOCK - MARKS_WORD;
			continue;
		}
		bits = b->bits[*at % MARKS_BLOCK / MARKS_WORD] & UINT64_MAX << first;
		if (end - *at < MARKS_WORD)
			bits &= UINT64_MAX >> (MARKS_WORD - (end - *at)) / MARKS_GRANULE;
		if (bits)
			return bits;
	}
	return 0;
}
