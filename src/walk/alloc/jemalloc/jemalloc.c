/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of jemalloc: reads the records of its extents and accounts for each.
 */
#include "walk/alloc/jemalloc/jemalloc.h"

#include "base/alloc.h"

enum {
	BATCH = 1 << 15, /* records read together, in the order of their addresses */
};

/* A record to be read, and its place in the batch. */
struct order {
	uint64_t edata;
	size_t i;
};

static int compare_order(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	return (x->edata > y->edata) - (x->edata < y->edata);
}

struct jemalloc_walk {
	struct jemalloc j;
	struct size_account *account;
	struct jemalloc_edata *edatas; /* of a batch */
	struct order *order;
	uint32_t *arenas;   /* index + 1 in the account, by number; 0: none yet */
	uint16_t arena;     /* of the last extent */
	uint64_t covered;   /* and its end */
	uint64_t pad_bytes; /* bytes that large blocks have in addition */
	size_t cached;      /* index into j.cached of the first that is still to come */
};

static struct walk_arena *arena_of(struct jemalloc_walk *w, uint16_t number)
{
	uint64_t address = 0;

	if (w->arenas[number])
		return &w->account->arenas[w->arenas[number] - 1];
	for (size_t i = 0; i < w->j.n_bases && !address; i++) {
		if (w->j.bases[i].arena == number)
			address = w->j.bases[i].state;
	}
	size_account_arena(w->account, address)->is_main |= number == 0;
	w->arenas[number] = (uint32_t)w->account->n_arenas;
	return arena_of(w, number);
}

/* Fills in the states of the blocks of a slab. Returns false if a free block is cached as well. */
static void fill_states(struct jemalloc_walk *w, const struct jemalloc_edata *e, uint64_t bytes,
			uint32_t n, uint8_t states[JEMALLOC_SLAB_MAX])
{
	const struct jemalloc *j = &w->j;

	for (uint32_t i = 0; i < n; i++)
		states[i] = e->free_bits[i / 64] >> i % 64 & 1 ? BLOCK_FREE : BLOCK_LIVE;
	for (; w->cached < j->n_cached && j->cached[w->cached] < e->end; w->cached++) {
		uint64_t at = j->cached[w->cached] - e->start;

		if (j->cached[w->cached] >= e->start && at % bytes == 0 && at / bytes < n &&
		    states[at / bytes] == BLOCK_LIVE)
			states[at / bytes] = BLOCK_CACHED;
	}
}

static bool add_slab(struct jemalloc_walk *w, struct walk_heap *sums,
		     const struct jemalloc_edata *e)
{
	uint64_t bytes = jemalloc_class_bytes(e->szind, w->j.lg_quantum);
	uint8_t states[JEMALLOC_SLAB_MAX];
	uint64_t n = bytes ? (e->end - e->start) / bytes : 0;

	if (n == 0 || n > JEMALLOC_SLAB_MAX || e->nfree > n || e->addr != e->start)
		return false;
	fill_states(w, e, bytes, (uint32_t)n, states);
	size_account_add_run(w->account, sums,
			     &(struct size_account_run){ .start = e->start,
							 .end = e->end,
							 .first = e->start,
							 .block_bytes = bytes,
							 .n = (uint32_t)n,
							 .states = states });
	return true;
}

/*
 * A large block is as long as its class. Since 5.3.1 it is as long as its extent without the
 * padding, and its class is the next larger one.
 */
static bool add_large(struct jemalloc_walk *w, struct walk_heap *sums,
		      const struct jemalloc_edata *e)
{
	uint64_t class = jemalloc_class_bytes(e->szind, w->j.lg_quantum);
	uint64_t bytes = MIN(class, e->end - e->start - w->pad_bytes);
	uint8_t state = BLOCK_LIVE;

	if (bytes == 0 || bytes > e->end - e->addr)
		return false;
	for (; w->cached < w->j.n_cached && w->j.cached[w->cached] < e->end; w->cached++) {
		if (w->j.cached[w->cached] == e->addr)
			state = BLOCK_CACHED;
	}
	size_account_add_run(w->account, sums,
			     &(struct size_account_run){ .start = e->start,
							 .end = e->end,
							 .first = e->addr,
							 .block_bytes = bytes,
							 .n = 1,
							 .states = &state });
	return true;
}

/* Tells whether a record is of the pages that the tree says, and none of them was accounted for. */
static bool is_of(const struct jemalloc_walk *w, const struct jemalloc_ref *ref,
		  const struct jemalloc_edata *e)
{
	return e->start == ref->first && e->start >= w->covered && e->end > e->start &&
	       e->end - w->j.walk->mem->page_bytes == ref->last && e->arena < JEMALLOC_ARENAS;
}

static bool add_extent(struct jemalloc_walk *w, const struct jemalloc_ref *ref,
		       const struct jemalloc_edata *e)
{
	struct walk_arena *a;

	if (!is_of(w, ref, e))
		return false;
	a = arena_of(w, e->arena);
	a->heaps += e->start != w->covered || e->arena != w->arena;
	w->arena = e->arena;
	w->covered = e->end;
	if (e->state == JE_ACTIVE)
		return e->slab ? add_slab(w, &a->sums, e) : add_large(w, &a->sums, e);
	if (e->state == JE_RETAINED) {
		a->sums.retained_bytes += e->end - e->start;
		return true;
	}
	size_account_add_idle(w->account, &a->sums, e->start, e->end);
	a->sums.lazy_bytes += e->state == JE_MUZZY ? e->end - e->start : 0;
	return true;
}

/* Large blocks are a page longer than their class, unless the program asked for other ones. */
static void find_pad(struct jemalloc_walk *w, const struct jemalloc_edata *e)
{
	uint64_t page = w->j.walk->mem->page_bytes;

	if (e->end - e->start > page && e->state == JE_ACTIVE && !e->slab &&
	    e->end - e->start == jemalloc_class_bytes(e->szind, w->j.lg_quantum) + page)
		w->pad_bytes = page;
}

static void read_batch(struct jemalloc_walk *w, const struct jemalloc_ref *refs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w->order[i] = (struct order){ refs[i].edata, i };
	qsort(w->order, n, sizeof(*w->order), compare_order);
	for (size_t i = 0; i < n; i++) {
		struct jemalloc_edata *e = &w->edatas[w->order[i].i];
		const void *p = w->order[i].edata % 64 == 0
					? memsrc_at(w->j.walk->mem, w->order[i].edata,
						    JEMALLOC_EDATA_BYTES)
					: NULL;
		uint64_t words[JEMALLOC_EDATA_BYTES / 8];

		if (p)
			memcpy(words, p, sizeof(words));
		if (!p || !jemalloc_edata_parse(w->j.layout, words, e))
			*e = (struct jemalloc_edata){ 0 };
		find_pad(w, e);
	}
	for (size_t i = 0; i < n; i++) {
		if (!add_extent(w, &refs[i], &w->edatas[i]))
			size_account_add_unwalked(w->account, &arena_of(w, 0)->sums, refs[i].first,
						  refs[i].last + w->j.walk->mem->page_bytes);
	}
}

static int walk(struct size_account *account)
{
	struct jemalloc_walk w = { .account = account };
	struct jemalloc *j = &w.j;
	int status = jemalloc_find(account->walk, j);

	if (status < 0)
		return status;
	jemalloc_read_tree(j);
	jemalloc_find_bases(j);
	jemalloc_read_tcaches(j);
	w.edatas = xcalloc(BATCH, sizeof(*w.edatas));
	w.order = xcalloc(BATCH, sizeof(*w.order));
	w.arenas = xcalloc(JEMALLOC_ARENAS, sizeof(*w.arenas));
	for (size_t i = 0; i < j->n_bases; i++)
		size_account_add_overhead(account, &arena_of(&w, j->bases[i].arena)->sums,
					  j->bases[i].start, j->bases[i].end);
	for (size_t i = 0; i < j->n_refs; i += BATCH)
		read_batch(&w, j->refs + i, MIN(j->n_refs - i, (size_t)BATCH));
	account->out.breaks += j->cut;
	account->file = j->file;
	account->version = j->layout->releases;
	free(w.edatas);
	free(w.order);
	free(w.arenas);
	jemalloc_release(j);
	return 0;
}

const struct allocator_walker jemalloc_walker = {
	.walk = walk,
	.not_found = REASON_JEMALLOC_NOT_FOUND,
	.not_known = REASON_JEMALLOC_NOT_KNOWN,
};
