/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chunks that are free although their neighbours say they are in use: in fastbins and in the caches
 * of threads (tcache). Their lists run all over the heap. So the walk has recorded small chunks
 * that may be links of these lists, and here the lists are followed.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	PEEKS_MAX = 1 << 18, /* links that the walk did not record and that are read one by one */
	TCACHE_TABLE_MAX = 76 * (2 + 8),
	SMALL_BINS = 64, /* each for chunks of one size */
	LINK_SHIFT = 12,
};

/* How struct tcache_perthread_struct begins, which the size of its chunk shows. */
struct tcache_form {
	uint16_t chunk_bytes;
	uint8_t n_bins;
	uint8_t count_bytes; /* of each count */
	bool counts_free;    /* it counts free places instead of chunks */
};

static const struct tcache_form tcache_forms[] = {
	{ 0x290, 64, 2, false }, /* 2.30 to 2.41 */
	{ 0x250, 64, 1, false }, /* 2.26 to 2.29 */
	{ 0x300, 76, 2, true },  /* 2.42 and later */
};

static const struct tcache_form *form_of(uint64_t bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(tcache_forms); i++) {
		/* A remainder that is too small for a chunk stays with the chunk before it. */
		if (bytes == tcache_forms[i].chunk_bytes ||
		    bytes == tcache_forms[i].chunk_bytes + UINT64_C(16))
			return &tcache_forms[i];
	}
	return NULL;
}

static uint64_t count_at(const struct tcache_form *f, const uint8_t *table, size_t bin)
{
	uint16_t count;

	if (f->count_bytes == 1)
		return table[bin];
	memcpy(&count, table + 2 * bin, sizeof(count));
	return count;
}

static uint64_t entry_at(const struct tcache_form *f, const uint8_t *table, size_t bin)
{
	uint64_t entry;

	memcpy(&entry, table + (size_t)f->n_bins * f->count_bytes + 8 * bin, sizeof(entry));
	return entry;
}

static bool may_be_chunk(const struct glibc *g, uint64_t p)
{
	return p % GLIBC_HEAD == 0 && p >= g->low && p < g->high;
}

bool glibc_looks_like_tcache(struct glibc *g, uint64_t chunk, uint64_t bytes)
{
	const struct tcache_form *f = form_of(bytes);
	const uint8_t *table;
	bool any = false;

	if (!f || (g->tcache_bytes && f->chunk_bytes != g->tcache_bytes))
		return false;
	table = memsrc_at(g->walk->mem, chunk + GLIBC_HEAD, (size_t)f->chunk_bytes - GLIBC_HEAD);
	for (size_t bin = 0; table && bin < f->n_bins; bin++) {
		uint64_t entry = entry_at(f, table, bin), count = count_at(f, table, bin);

		if (entry ? !may_be_chunk(g, entry) : count && !f->counts_free)
			return false;
		if (entry && !count && !f->counts_free)
			return false;
		any |= entry != 0;
	}
	return any;
}

/* A link is 0 or leads to a chunk; since 2.32 it is masked by the address it is stored at. */
static uint64_t unmask(uint64_t at, uint64_t link)
{
	return link ^ at >> LINK_SHIFT;
}

/* Tells whether a chunk of this size is at p. */
static bool is_chunk_of(struct glibc *g, uint64_t p, uint64_t bytes)
{
	uint64_t size;

	return may_be_chunk(g, p) && memsrc_peek(g->walk->mem, p + 8, &size, sizeof(size)) &&
	       (size & ~(uint64_t)GLIBC_FLAGS) == bytes;
}

/*
 * Finds out how links are written, from a chunk in a list of chunks of one size: only the right way
 * leads to another such chunk, or to the end. Links are stored `into` bytes inside chunks, and lead
 * there.
 */
static void learn_links(struct glibc *g, uint64_t chunk, uint64_t bytes, uint64_t into)
{
	uint64_t at = chunk + GLIBC_HEAD, link, bare;

	if (g->links_known || !memsrc_peek(g->walk->mem, at, &link, sizeof(link)))
		return;
	bare = unmask(at, link);
	if (bare == 0 || is_chunk_of(g, bare - into, bytes))
		g->safe_links = g->links_known = true;
	else if (link == 0 || is_chunk_of(g, link - into, bytes))
		g->links_known = true;
}

static void find_bounds(struct glibc *g)
{
	const struct memsrc *m = g->walk->mem;

	g->low = UINT64_MAX;
	for (size_t i = 0; i < m->n_maps; i++) {
		if (m->maps[i].kind != MEM_ANON && m->maps[i].kind != MEM_HEAP)
			continue;
		g->low = MIN(g->low, m->maps[i].start);
		g->high = MAX(g->high, m->maps[i].end);
	}
}

/* Up to 2.41 the first thing that malloc does is to allocate the table of its caller's tcache. */
static void learn_tcache_form(struct glibc *g)
{
	uint64_t first = (g->sbrk_base + GLIBC_HEAD - 1) & ~(uint64_t)(GLIBC_HEAD - 1), size;
	const struct tcache_form *f;

	g->tcache_bytes = g->layout->tcache;
	if (g->tcache_bytes || !first || !memsrc_peek(g->walk->mem, first + 8, &size, sizeof(size)))
		return;
	f = form_of(size & ~(uint64_t)GLIBC_FLAGS);
	if (f && !f->counts_free)
		g->tcache_bytes = f->chunk_bytes;
}

void glibc_learn_lists(struct glibc *g)
{
	find_bounds(g);
	learn_tcache_form(g);
	for (size_t i = 0; i < g->n_arenas; i++) {
		for (size_t bin = 0; bin < GLIBC_FAST_MAX; bin++) {
			uint64_t chunk = g->arenas[i].fast[bin];

			if (chunk)
				learn_links(g, chunk, GLIBC_CHUNK_MIN + 16 * bin, 0);
		}
	}
}

uint64_t glibc_fast_next(const struct glibc *g, uint64_t chunk, uint64_t link)
{
	uint64_t next = g->safe_links ? unmask(chunk + GLIBC_HEAD, link) : link;

	return next && may_be_chunk(g, next) ? next : 0;
}

static const struct glibc_segment *segment_of(const struct glibc *g, uint64_t addr)
{
	size_t lo = 0, hi = g->n_segments;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->segments[mid].limit <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_segments && g->segments[lo].start <= addr ? &g->segments[lo] : NULL;
}

/* Marks a chunk. Returns false if it is already free, or the walk did not find it. */
static bool add_cached(struct glibc *g, struct marks *set, uint64_t chunk, uint64_t bytes)
{
	const struct glibc_segment *seg = segment_of(g, chunk);

	if (!seg || bytes < GLIBC_CHUNK_MIN || bytes > seg->limit - chunk ||
	    glibc_is_marked(g, chunk) || (!g->no_index && !glibc_mark_free(g, chunk)))
		return false;
	marks_set(set, chunk);
	return true;
}

struct link_head {
	uint64_t prev, size, link;
};

static uint64_t size_of(const struct link_head *h)
{
	return h->size & ~(uint64_t)GLIBC_FLAGS;
}

static void follow_tcache_bin(struct glibc *g, uint64_t entry, uint64_t want_bytes, uint64_t max)
{
	for (uint64_t i = 0; i < max && may_be_chunk(g, entry); i++) {
		uint64_t chunk = entry - GLIBC_HEAD;
		struct link_head h;

		if (!memsrc_peek(g->walk->mem, chunk, &h, sizeof(h)) ||
		    (want_bytes && size_of(&h) != want_bytes) || (h.size & GLIBC_UNUSED) ||
		    !add_cached(g, &g->tcached, chunk, size_of(&h)))
			return;
		entry = g->safe_links ? unmask(entry, h.link) : h.link;
	}
}

/* Copies the table of a tcache. Returns its form, or NULL if it is no longer such a table. */
static const struct tcache_form *read_tcache(struct glibc *g, uint64_t chunk,
					     uint8_t table[static TCACHE_TABLE_MAX])
{
	const struct tcache_form *f;
	struct link_head h;

	if (!memsrc_peek(g->walk->mem, chunk, &h, sizeof(h)))
		return NULL;
	f = form_of(size_of(&h));
	if (!f || !memsrc_copy(g->walk->mem, chunk + GLIBC_HEAD, table,
			       (size_t)f->chunk_bytes - GLIBC_HEAD))
		return NULL;
	return f;
}

static void learn_from_tcache(struct glibc *g, uint64_t chunk)
{
	uint8_t table[TCACHE_TABLE_MAX];
	const struct tcache_form *f = read_tcache(g, chunk, table);

	for (size_t bin = 0; f && bin < SMALL_BINS; bin++) {
		uint64_t entry = entry_at(f, table, bin), bytes = GLIBC_CHUNK_MIN + 16 * bin;

		if (entry && is_chunk_of(g, entry - GLIBC_HEAD, bytes))
			learn_links(g, entry - GLIBC_HEAD, bytes, GLIBC_HEAD);
	}
}

/*
 * Tells whether lists begin in the table as they should. Some may be changing at the moment; in an
 * array of pointers that happens to look like a table hardly any list does.
 */
static bool is_tcache(struct glibc *g, const struct tcache_form *f, const uint8_t *table)
{
	size_t lists = 0, good = 0;

	for (size_t bin = 0; bin < MIN((size_t)f->n_bins, (size_t)SMALL_BINS); bin++) {
		uint64_t entry = entry_at(f, table, bin);

		lists += entry != 0;
		good += entry && is_chunk_of(g, entry - GLIBC_HEAD, GLIBC_CHUNK_MIN + 16 * bin);
	}
	return good * 4 >= lists * 3;
}

static void follow_tcache(struct glibc *g, uint64_t chunk)
{
	uint8_t table[TCACHE_TABLE_MAX];
	const struct tcache_form *f = read_tcache(g, chunk, table);

	if (!f || !is_tcache(g, f, table))
		return;
	for (size_t bin = 0; bin < f->n_bins; bin++) {
		uint64_t entry = entry_at(f, table, bin);

		if (entry)
			follow_tcache_bin(g, entry,
					  bin < SMALL_BINS ? GLIBC_CHUNK_MIN + 16 * bin : 0,
					  f->counts_free ? UINT16_MAX : count_at(f, table, bin));
	}
}

static int compare_fast(const void *a, const void *b)
{
	const struct glibc_fast_chunk *x = a, *y = b;

	return (x->addr_units > y->addr_units) - (x->addr_units < y->addr_units);
}

static void sort_fast(struct glibc *g)
{
	for (size_t i = 1; i < g->n_fast; i++) {
		if (g->fast[i].addr_units < g->fast[i - 1].addr_units) {
			qsort(g->fast, g->n_fast, sizeof(*g->fast), compare_fast);
			return;
		}
	}
}

/* Where following a fastbin has come to: most links lead to a neighbour of the chunk before. */
struct pursuit {
	size_t hot;   /* index of the candidate that was found last */
	size_t peeks; /* chunks that the walk did not record */
};

static const struct glibc_fast_chunk *find_fast(const struct glibc *g, uint64_t addr_units,
						struct pursuit *p)
{
	const struct glibc_fast_chunk key = { .addr_units = addr_units }, *found;

	for (size_t i = p->hot ? p->hot - 1 : 0; i < MIN(p->hot + 2, g->n_fast); i++) {
		if (g->fast[i].addr_units == addr_units) {
			p->hot = i;
			return &g->fast[i];
		}
	}
	found = g->n_fast ? bsearch(&key, g->fast, g->n_fast, sizeof(key), compare_fast) : NULL;
	if (found)
		p->hot = (size_t)(found - g->fast);
	return found;
}

/*
 * Finds the link of a chunk in a fastbin, as the walk recorded it or as it is now. Returns false if
 * there is none.
 */
static bool next_of_fast(struct glibc *g, uint64_t chunk, uint64_t bytes, struct pursuit *p,
			 uint64_t *ret_next)
{
	const struct glibc_fast_chunk *found = find_fast(g, chunk | bytes / 16, p);
	struct link_head h;

	if (found) {
		*ret_next = found->next;
		return true;
	}
	if (p->peeks >= PEEKS_MAX) {
		g->cut_lists++;
		return false;
	}
	p->peeks++;
	if (!memsrc_peek(g->walk->mem, chunk, &h, sizeof(h)) || size_of(&h) != bytes)
		return false;
	*ret_next = glibc_fast_next(g, chunk, h.link);
	return true;
}

static void follow_fastbin(struct glibc *g, uint64_t chunk, uint64_t bytes, struct pursuit *p)
{
	uint64_t next;

	for (; may_be_chunk(g, chunk) && next_of_fast(g, chunk, bytes, p, &next); chunk = next) {
		if (!add_cached(g, &g->fastbins, chunk, bytes))
			return;
	}
}

void glibc_find_cached(struct glibc *g)
{
	struct pursuit p = { 0 };

	for (size_t i = 0; i < g->n_tcaches && !g->links_known; i++)
		learn_from_tcache(g, g->tcaches[i]);
	for (size_t i = 0; i < g->n_tcaches; i++)
		follow_tcache(g, g->tcaches[i]);
	sort_fast(g);
	for (size_t i = 0; i < g->n_arenas; i++) {
		for (size_t bin = 0; bin < GLIBC_FAST_MAX; bin++)
			follow_fastbin(g, g->arenas[i].fast[bin], GLIBC_CHUNK_MIN + 16 * bin, &p);
	}
}
