/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of tcmalloc: accounts for its spans one after another, then for the pages that its own
 * data is in.
 */
#include "walk/alloc/tcmalloc/tcmalloc.h"

#include "base/alloc.h"

enum { BLOCKS_MAX = 1 << 16 }; /* of a span */

struct tcmalloc_walk {
	struct tcmalloc t;
	struct size_account *account;
	struct walk_heap *sums;
	uint8_t *states;
	size_t cached; /* index into t.cached of the first that is still to come */
};

/* Marks the blocks on the span's own list. Returns false if it leads to something else. */
static bool mark_free(struct tcmalloc_walk *w, const struct tcmalloc_span *s, uint64_t bytes,
		      uint64_t n)
{
	uint64_t at = s->objects, found = 0;

	for (; at && found <= n; found++) {
		uint64_t i = (at - s->start) / bytes;

		if (at < s->start || i >= n || (at - s->start) % bytes ||
		    w->states[i] != BLOCK_LIVE || !memsrc_u64(w->t.walk->mem, at, &at))
			return false;
		w->states[i] = BLOCK_FREE;
	}
	return found == n - s->in_use;
}

/* Marks the blocks that are in caches. Returns how many they are. */
static uint64_t mark_cached(struct tcmalloc_walk *w, const struct tcmalloc_span *s, uint64_t bytes,
			    uint64_t n)
{
	const struct tcmalloc *t = &w->t;
	uint64_t found = 0;

	for (; w->cached < t->n_cached && t->cached[w->cached] < s->end; w->cached++) {
		uint64_t at = t->cached[w->cached] - s->start;

		if (t->cached[w->cached] < s->start || at % bytes || at / bytes >= n ||
		    w->states[at / bytes] != BLOCK_LIVE)
			continue;
		w->states[at / bytes] = BLOCK_CACHED;
		found++;
	}
	return found;
}

/* Counts other blocks as cached in place of those whose addresses are not known. */
static void mark_unseen(struct tcmalloc_walk *w, const struct tcmalloc_span *s, uint64_t n)
{
	uint64_t *left = &w->t.unseen[s->class];

	for (uint64_t i = 0; i < n && *left; i++) {
		if (w->states[i] != BLOCK_LIVE)
			continue;
		w->states[i] = BLOCK_CACHED;
		--*left;
	}
}

/* A list that does not hold is being changed. The span still states how many blocks are free. */
static void fill_states(struct tcmalloc_walk *w, const struct tcmalloc_span *s, uint64_t bytes,
			uint64_t n)
{
	uint64_t live = s->in_use;
	bool holds;

	memset(w->states, BLOCK_LIVE, n);
	holds = mark_free(w, s, bytes, n);
	if (!holds)
		memset(w->states, BLOCK_LIVE, n);
	live -= MIN(live, mark_cached(w, s, bytes, n));
	for (uint64_t i = 0; i < n && !holds; i++) {
		if (w->states[i] == BLOCK_LIVE && live)
			live--;
		else if (w->states[i] == BLOCK_LIVE)
			w->states[i] = BLOCK_FREE;
	}
	mark_unseen(w, s, n);
}

static bool add_blocks(struct tcmalloc_walk *w, const struct tcmalloc_span *s)
{
	uint64_t bytes = w->t.sizes[s->class];
	uint64_t n = bytes ? (s->end - s->start) / bytes : 0;

	if (n == 0 || n > BLOCKS_MAX || s->in_use > n)
		return false;
	fill_states(w, s, bytes, n);
	size_account_add_run(w->account, w->sums,
			     &(struct size_account_run){ .start = s->start,
							 .end = s->end,
							 .first = s->start,
							 .block_bytes = bytes,
							 .n = (uint32_t)n,
							 .states = w->states });
	return true;
}

static bool add_span(struct tcmalloc_walk *w, const struct tcmalloc_span *s)
{
	if (s->location == TC_FREE) {
		size_account_add_idle(w->account, w->sums, s->start, s->end);
	} else if (s->location == TC_RETURNED) {
		w->sums->retained_bytes += s->end - s->start;
	} else if (s->class) {
		return add_blocks(w, s);
	} else {
		size_account_add_run(w->account, w->sums,
				     &(struct size_account_run){ .start = s->start,
								 .end = s->end,
								 .first = s->start,
								 .block_bytes = s->end - s->start,
								 .n = 1 });
	}
	return true;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Accounts for the pages of its own data. None of them is in a span. */
static void add_pages(struct tcmalloc_walk *w)
{
	struct tcmalloc *t = &w->t;
	uint64_t page = t->walk->mem->page_bytes;
	size_t span = 0;

	if (t->n_pages)
		qsort(t->pages, t->n_pages, sizeof(*t->pages), compare_u64);
	for (size_t i = 0; i < t->n_pages; i++) {
		if (i && t->pages[i] == t->pages[i - 1])
			continue;
		while (span < t->n_spans && t->spans[span].end <= t->pages[i])
			span++;
		if (span == t->n_spans || t->spans[span].start > t->pages[i])
			size_account_add_overhead(w->account, w->sums, t->pages[i],
						  t->pages[i] + page);
	}
}

static int walk(struct size_account *account)
{
	struct tcmalloc_walk w = { .account = account };
	struct tcmalloc *t = &w.t;
	struct walk_arena *a;
	int status = tcmalloc_find(account->walk, t);

	if (status < 0)
		return status;
	tcmalloc_read_spans(t);
	tcmalloc_read_caches(t);
	a = size_account_arena(account, t->root);
	a->is_main = true;
	w.sums = &a->sums;
	w.states = xmalloc(BLOCKS_MAX);
	for (size_t i = 0; i < t->n_spans; i++) {
		a->heaps += i == 0 || t->spans[i].start != t->spans[i - 1].end;
		if (!add_span(&w, &t->spans[i]))
			size_account_add_unwalked(account, w.sums, t->spans[i].start,
						  t->spans[i].end);
	}
	add_pages(&w);
	account->out.breaks += t->breaks;
	account->file = t->file;
	account->version = "gperftools 2.10 to 2.18";
	free(w.states);
	tcmalloc_release(t);
	return 0;
}

const struct allocator_walker tcmalloc_walker = {
	.walk = walk,
	.not_found = REASON_TCMALLOC_NOT_FOUND,
	.not_known = REASON_TCMALLOC_NOT_KNOWN,
};
