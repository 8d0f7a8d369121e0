/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk from chunk to chunk through a heap that its owner goes on changing. Every header is
 * checked against the next one. Where one does not hold, the walk reads again, steps back, and at
 * last looks for the next place from which chunks hold together.
 */
#include "walk/alloc/glibc/glibc_impl.h"

enum {
	BATCH = 256,
	HELD_BACK = 32, /* chunks that are not passed on yet, to step back over */
	STEP_BACK = 8,
	CHAIN = 12,           /* chunks in a row that must hold where the walk goes on */
	SCAN_MAX = 16 << 20,  /* bytes read in search of that place */
	BREAKS_MAX = 1 << 16, /* in one segment */
	REREADS_MAX = 256,    /* likewise */
	FENCE_MAX = 3 * GLIBC_HEAD,
};

struct head {
	uint64_t prev, size;
};

struct position {
	struct glibc_walk *w;
	struct memsrc *m;
	struct glibc_arena *arena;
	struct glibc_segment seg; /* whose limit may grow */
	uint64_t top;             /* UINT64_MAX if it is not in this segment */
	bool main;
	enum mem_why
		why; /* why the last header could not be read; MEM_READ: it was read and did not hold */
	bool crosses; /* it did not hold because its chunk ends behind the segment */
	struct glibc_chunk batch[BATCH];
	size_t n;
	uint64_t broken_at; /* farthest place where something did not hold */
	unsigned int attempts;
};

static bool read_head(struct memsrc *m, uint64_t addr, struct head *ret)
{
	const void *p = memsrc_at(m, addr, sizeof(*ret));

	if (p)
		memcpy(ret, p, sizeof(*ret));
	return p;
}

static uint64_t bytes_of(const struct head *h)
{
	return h->size & ~(uint64_t)GLIBC_FLAGS;
}

/*
 * Tells whether a header can be true by itself: the chunk has room, no flag that no chunk has, and
 * none of the other kind of arena.
 */
static inline bool is_head(const struct head *h, uint64_t room, bool main)
{
	return (h->size & GLIBC_UNUSED) == 0 && bytes_of(h) >= GLIBC_CHUNK_MIN &&
	       bytes_of(h) <= room && !(main && (h->size & GLIBC_NON_MAIN));
}

/*
 * Tells whether a header agrees with the header behind its chunk. Coalesced free chunks of thread
 * arenas lack the flag.
 */
static inline bool is_pair(const struct head *h, const struct head *next, bool main)
{
	if (next->size & GLIBC_PREV_INUSE)
		return main || (h->size & GLIBC_NON_MAIN);
	return next->prev == bytes_of(h);
}

/*
 * Tells whether a header is a fencepost, which ends a piece of a heap: a chunk of 16 bytes, or of
 * 0.
 */
static bool is_fencepost(const struct head *h)
{
	return bytes_of(h) == GLIBC_HEAD || h->size == GLIBC_PREV_INUSE;
}

/* Tells whether a pair of fenceposts is here. A single one is a header that is being written. */
static bool is_fence(struct memsrc *m, uint64_t addr, const struct head *h)
{
	struct head next;

	return is_fencepost(h) && read_head(m, addr + GLIBC_HEAD, &next) && is_fencepost(&next);
}

static uint64_t top_in(const struct glibc_arena *a, const struct glibc_segment *seg)
{
	return a->top >= seg->start && a->top < seg->limit ? a->top : UINT64_MAX;
}

bool glibc_is_chain(struct glibc *g, const struct glibc_segment *seg, uint64_t addr, unsigned int n)
{
	const struct glibc_arena *a = &g->arenas[seg->arena];
	uint64_t top = top_in(a, seg);
	struct head h, next;

	if (!read_head(g->walk->mem, addr, &h))
		return false;
	for (unsigned int i = 0; i < n; i++) {
		if (addr == top || (i > 0 && is_fence(g->walk->mem, addr, &h)))
			return true;
		if (!is_head(&h, seg->limit - addr, a->main))
			return false;
		addr += bytes_of(&h);
		if (addr == seg->limit)
			return true;
		if (!read_head(g->walk->mem, addr, &next) || !is_pair(&h, &next, a->main))
			return false;
		h = next;
	}
	return true;
}

bool glibc_find_chain(struct glibc *g, const struct glibc_segment *seg, uint64_t from, uint64_t to,
		      unsigned int n, uint64_t *ret_addr)
{
	bool main = g->arenas[seg->arena].main;
	uint64_t at = from, top = top_in(&g->arenas[seg->arena], seg);
	size_t left = SCAN_MAX;
	struct mem_run run;

	while (left && memsrc_next(g->walk->mem, &at, to, &run)) {
		size_t i = -run.addr % GLIBC_HEAD, len = MIN(run.len, left);

		left -= len;
		for (; i + sizeof(struct head) <= len; i += GLIBC_HEAD) {
			uint64_t addr = run.addr + i;
			struct head h;

			memcpy(&h, run.data + i, sizeof(h));
			if (addr != top && !is_head(&h, seg->limit - addr, main))
				continue;
			if (glibc_is_chain(g, seg, addr, n)) {
				*ret_addr = addr;
				return true;
			}
			at = addr + GLIBC_HEAD; /* the bytes of the run may have moved */
			left += len - MIN(i + GLIBC_HEAD, len);
			break;
		}
	}
	return false;
}

static void hand_over(struct position *pos, size_t keep)
{
	size_t n = pos->n > keep ? pos->n - keep : 0;

	if (!n)
		return;
	pos->w->take(pos->w->arg, pos->batch, n);
	memmove(pos->batch, pos->batch + n, (pos->n - n) * sizeof(*pos->batch));
	pos->n -= n;
}

static void skip_gap(struct position *pos, uint64_t start, uint64_t end)
{
	hand_over(pos, 0);
	if (pos->w->skip && start < end)
		pos->w->skip(pos->w->arg, start, end);
}

/* Reads the size of the heap again: it may have grown or shrunk since it was read. */
static void follow_limit(struct position *pos)
{
	pos->seg.limit = glibc_segment_limit(pos->w->g, &pos->seg);
	pos->top = top_in(pos->arena, &pos->seg);
}

/*
 * Forgets what was read from a little before addr on. Returns the address from which to read again.
 */
static uint64_t step_back(struct position *pos, uint64_t addr)
{
	size_t back = MIN(pos->n, (size_t)(pos->attempts ? HELD_BACK : STEP_BACK));

	pos->attempts++;
	if (back)
		addr = pos->batch[pos->n - back].addr;
	pos->n -= back;
	memsrc_forget(pos->m, addr, pos->broken_at - addr + GLIBC_HEAD);
	return addr;
}

/*
 * Decides what to do where a chunk does not hold. Returns the address to go on from, or UINT64_MAX
 * if nothing is left of the segment.
 */
static uint64_t recover(struct position *pos, uint64_t addr)
{
	uint64_t found;

	if (addr > pos->broken_at || pos->attempts == 0) {
		pos->w->breaks++;
		pos->broken_at = MAX(addr, pos->broken_at);
		pos->attempts = 0;
	}
	if (memsrc_is_over(pos->m) || pos->w->breaks > BREAKS_MAX) {
		skip_gap(pos, addr, pos->seg.limit);
		return UINT64_MAX;
	}
	/* What is in swap stays there. */
	if (pos->why != MEM_SWAPPED && pos->attempts < 2 && pos->w->breaks <= REREADS_MAX) {
		if (pos->crosses || pos->why != MEM_READ)
			follow_limit(pos);
		if (addr >= pos->seg.limit) {
			hand_over(pos, 0);
			pos->seg.limit = addr;
			return UINT64_MAX;
		}
		return step_back(pos, addr);
	}
	pos->attempts = 0;
	if (!glibc_find_chain(pos->w->g, &pos->seg, addr + GLIBC_HEAD, pos->seg.limit, CHAIN,
			      &found)) {
		skip_gap(pos, addr, pos->seg.limit);
		return UINT64_MAX;
	}
	skip_gap(pos, addr, found);
	pos->broken_at = found;
	return found;
}

/* Reads the present place of top, where the walk has come to its former one. */
static void follow_top(struct position *pos)
{
	memsrc_forget(pos->m, pos->arena->addr, pos->w->g->layout->size);
	if (glibc_read_arena(pos->w->g, pos->arena))
		pos->top = top_in(pos->arena, &pos->seg);
}

static void push(struct position *pos, uint64_t addr, const struct head *h, bool in_use)
{
	struct glibc_chunk *c;

	if (pos->n == BATCH)
		hand_over(pos, HELD_BACK);
	c = &pos->batch[pos->n++];
	c->addr = addr;
	c->bytes = bytes_of(h);
	c->in_use = in_use;
	c->arena = pos->seg.arena;
	c->first = 0;
	if (in_use && pos->w->with_first)
		(void)memsrc_u64(pos->m, addr + GLIBC_HEAD, &c->first);
}

enum step { STEP_ON, STEP_BROKEN, STEP_TOP, STEP_FENCE };

/* Checks the chunk at *addr whose header is *h. If it holds, goes on to the next. */
static inline enum step step(struct position *pos, uint64_t *addr, struct head *h)
{
	uint64_t bytes = bytes_of(h), behind = *addr + bytes;
	struct head next;

	if (*addr >= pos->top) {
		follow_top(pos);
		if (*addr >= pos->top)
			return STEP_TOP;
	}
	if (!is_head(h, pos->seg.limit - *addr, pos->main)) {
		pos->crosses = is_head(h, UINT64_MAX, pos->main);
		return is_fence(pos->m, *addr, h) ? STEP_FENCE : STEP_BROKEN;
	}
	if (behind == pos->seg.limit)
		return STEP_TOP; /* only top ends where the memory does */
	if (!read_head(pos->m, behind, &next)) {
		pos->why = pos->m->why;
		return STEP_BROKEN;
	}
	if (!is_pair(h, &next, pos->main))
		return STEP_BROKEN;
	push(pos, *addr, h, next.size & GLIBC_PREV_INUSE);
	*addr = behind;
	*h = next;
	return STEP_ON;
}

/*
 * Returns the bytes of the fenceposts at addr. There are two, or three if no more than one was left
 * of the chunk before.
 */
static uint64_t fence_bytes(struct position *pos, uint64_t addr)
{
	uint64_t bytes = GLIBC_HEAD;
	struct head h;

	while (bytes < FENCE_MAX && addr + bytes < pos->seg.limit &&
	       read_head(pos->m, addr + bytes, &h) && is_fencepost(&h))
		bytes += GLIBC_HEAD;
	return bytes;
}

/*
 * Returns the bytes of top behind addr: top may have swallowed what was walked last. Reads its
 * header again, as its place was.
 */
static uint64_t rest_of_top(struct position *pos, uint64_t addr)
{
	struct head h;
	uint64_t end;

	memsrc_forget(pos->m, pos->top, sizeof(h));
	if (!read_head(pos->m, pos->top, &h))
		return 0;
	if (bytes_of(&h) > pos->seg.limit - pos->top)
		follow_limit(pos);
	if (pos->top >= pos->seg.limit || bytes_of(&h) > pos->seg.limit - pos->top)
		return 0;
	end = pos->top + bytes_of(&h);
	return end > addr ? end - addr : 0;
}

/* Ends the segment at addr, in top or at a fencepost. */
static void finish(struct position *pos, uint64_t addr, const struct head *h, bool top)
{
	uint64_t bytes = bytes_of(h);

	hand_over(pos, 0);
	if (!top)
		bytes = fence_bytes(pos, addr);
	else if (addr >= pos->top)
		bytes = pos->w->top_bytes = rest_of_top(pos, addr);
	else
		pos->w->top_bytes = bytes;
	pos->w->end = MIN(addr + bytes, pos->seg.limit);
}

void glibc_walk_chunks(struct glibc_walk *w)
{
	struct glibc_arena *a = &w->g->arenas[w->seg->arena];
	struct position pos = {
		.w = w,
		.m = w->g->walk->mem,
		.arena = a,
		.seg = *w->seg,
		.top = top_in(a, w->seg),
		.main = a->main,
	};
	uint64_t addr = w->seg->start;

	while (addr != UINT64_MAX) {
		enum step what = STEP_BROKEN;
		struct head h;

		pos.why = MEM_READ;
		pos.crosses = false;
		if (addr + sizeof(h) <= pos.seg.limit && !read_head(pos.m, addr, &h))
			pos.why = pos.m->why;
		else if (addr + sizeof(h) <= pos.seg.limit)
			while ((what = step(&pos, &addr, &h)) == STEP_ON)
				;
		if (what != STEP_BROKEN) {
			finish(&pos, addr, &h, what == STEP_TOP);
			return;
		}
		addr = recover(&pos, addr);
	}
	w->end = pos.seg.limit;
}
