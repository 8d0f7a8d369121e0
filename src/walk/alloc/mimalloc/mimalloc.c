/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of mimalloc: goes through the slices of each segment and accounts for its pages.
 */
#include "walk/alloc/mimalloc/mimalloc.h"

#include "base/alloc.h"

enum { HUGE_BLOCK = 2U << 30 }; /* larger blocks do not state their size in 32 bits */

static uint64_t word(const uint8_t *p, size_t width)
{
	uint64_t v = 0;

	memcpy(&v, p, width);
	return v;
}

/* Follows a list of free blocks and marks them. Returns false if it leads to anything else. */
static bool mark_list(struct mimalloc *m, const struct mimalloc_page *p, uint64_t at,
		      uint8_t *states, uint32_t *n)
{
	while (at) {
		uint64_t i = (at - p->first) / p->block_bytes;

		if (at < p->first || i >= p->capacity || (at - p->first) % p->block_bytes ||
		    states[i] != BLOCK_LIVE)
			return false;
		states[i] = BLOCK_FREE;
		++*n;
		if (!memsrc_u64(m->walk->mem, at, &at))
			return false;
	}
	return true;
}

bool mimalloc_page_states(struct mimalloc *m, const struct mimalloc_page *p, uint8_t *states)
{
	uint32_t own = 0, others = 0;

	for (uint32_t i = 0; i < p->capacity; i++)
		states[i] = BLOCK_LIVE;
	/*
	 * Blocks that other threads freed still count as used. The low bits of the list are flags.
	 */
	if (mark_list(m, p, p->free, states, &own) &&
	    mark_list(m, p, p->local_free, states, &own) && own == p->capacity - p->used &&
	    mark_list(m, p, p->thread_free & ~UINT64_C(3), states, &others))
		return true;
	for (uint32_t i = 0; i < p->capacity; i++)
		states[i] = i < p->used ? BLOCK_LIVE : BLOCK_FREE;
	return false;
}

static bool parse_page(const struct mimalloc_layout *l, const uint8_t *slice, uint64_t start,
		       uint64_t end, struct mimalloc_page *ret)
{
	*ret = (struct mimalloc_page){
		.start = start,
		.end = end,
		.block_bytes = word(slice + l->block_bytes, l->block_width),
		.capacity = (uint32_t)word(slice + 10, 2),
		.reserved = (uint32_t)word(slice + 12, 2),
		.used = (uint32_t)word(slice + l->in_use, l->in_use_width),
		.free = word(slice + l->free, 8),
		.local_free = word(slice + l->local_free, 8),
		.thread_free = word(slice + l->thread_free, 8),
	};
	if (l->block_width == 4 && ret->block_bytes >= HUGE_BLOCK)
		ret->block_bytes = end - start;
	if (!ret->block_bytes || ret->block_bytes > end - start)
		return false;
	ret->first = l->start == START_FIELD ? word(slice + l->start_field, 8)
					     : start + mimalloc_page_offset(l, ret->block_bytes);
	return ret->first >= start && ret->first <= end && ret->used <= ret->capacity &&
	       ret->capacity <= ret->reserved &&
	       (ret->reserved == 1 ? ret->block_bytes <= end - ret->first
				   : ret->reserved == (end - ret->first) / ret->block_bytes);
}

struct mimalloc_walk {
	struct mimalloc m;
	struct size_account *account;
	uint8_t *states;  /* of the blocks of a page */
	uint64_t covered; /* the end of the last segment */
};

static bool add_page(struct mimalloc_walk *w, struct walk_heap *sums, const uint8_t *slice,
		     uint64_t start, uint64_t end)
{
	struct mimalloc_page p;
	uint64_t handed_out, behind;

	if (!parse_page(w->m.layout, slice, start, end, &p))
		return false;
	(void)mimalloc_page_states(&w->m, &p, w->states);
	handed_out = p.first + p.capacity * p.block_bytes;
	behind = p.first + p.reserved * p.block_bytes;
	size_account_add_run(w->account, sums,
			     &(struct size_account_run){ .start = start,
							 .end = handed_out,
							 .first = p.first,
							 .block_bytes = p.block_bytes,
							 .n = p.capacity,
							 .states = w->states });
	size_account_add_top(w->account, sums, handed_out, behind);
	size_account_add_overhead(w->account, sums, behind, end);
	return true;
}

/* Accounts for the slices of a segment one after another. */
static void add_slices(struct mimalloc_walk *w, struct walk_heap *sums, uint64_t segment,
		       const uint8_t *head)
{
	const struct mimalloc_layout *l = w->m.layout;
	uint64_t n = word(head + l->n_slices, 8), entries = word(head + l->n_entries, 8);

	for (uint64_t i = word(head + l->n_info, 8), count; i < entries; i += count) {
		uint64_t at = segment + l->slices + i * l->slice_bytes;
		uint64_t start = segment + i * MIMALLOC_SLICE, end;
		uint8_t slice[MIMALLOC_SLICE_MAX];

		/* A block that is larger than a segment makes it longer than there are entries. */
		count = memsrc_copy(w->m.walk->mem, at, slice, l->slice_bytes) ? word(slice, 4) : 0;
		if (count == 0 || count > n - i || word(slice + 4, 4)) {
			size_account_add_unwalked(w->account, sums, start,
						  segment + n * MIMALLOC_SLICE);
			return;
		}
		end = start + count * MIMALLOC_SLICE;
		if (!word(slice + l->block_bytes, l->block_width))
			size_account_add_retained(w->account, sums, start, end);
		else if (!add_page(w, sums, slice, start, end))
			size_account_add_unwalked(w->account, sums, start, end);
	}
}

static void add_segment(struct mimalloc_walk *w, struct walk_arena *a, uint64_t segment)
{
	const struct mimalloc_layout *l = w->m.layout;
	uint8_t head[MIMALLOC_HEADER];

	if (!memsrc_copy(w->m.walk->mem, segment, head, sizeof(head)) ||
	    !mimalloc_is_segment(l, head) || segment < w->covered)
		return;
	w->covered = segment + word(head + l->n_slices, 8) * MIMALLOC_SLICE;
	a->heaps++;
	size_account_add_overhead(w->account, &a->sums, segment,
				  segment + word(head + l->n_info, 8) * MIMALLOC_SLICE);
	add_slices(w, &a->sums, segment, head);
}

static int walk(struct size_account *account)
{
	struct mimalloc_walk w = { .account = account };
	struct walk_arena *a;
	int status = mimalloc_find(account->walk, &w.m);

	if (status < 0)
		return status;
	w.states = xmalloc(MIMALLOC_BLOCKS_MAX);
	a = size_account_arena(account, w.m.state);
	a->is_main = true;
	for (size_t i = 0; i < w.m.n_segments; i++)
		add_segment(&w, a, w.m.segments[i]);
	account->file = w.m.file;
	account->version = w.m.layout->releases;
	free(w.states);
	mimalloc_release(&w.m);
	return 0;
}

const struct allocator_walker mimalloc_walker = {
	.walk = walk,
	.not_found = REASON_MIMALLOC_NOT_FOUND,
};
