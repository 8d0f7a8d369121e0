/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks in the caches of threads, and in the chains that pass from one to another. A cache is
 * recognised by the sizes of its lists, and leads to the other caches. Chains are in the .bss, in
 * an object on whose lists the spans of its class are.
 */
#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/alloc/tcmalloc/tcmalloc.h"

enum {
	LIST_BYTES = 32, /* of a list of a thread: head, length, three numbers, size */
	LIST_LENGTH = 8,
	LIST_SIZE = 24,
	CACHE_BYTES = TCMALLOC_CLASSES * LIST_BYTES + 256, /* with the links to others */
	CACHES_MAX = 1 << 16,
	CACHED_MAX = 1 << 22,
	LENGTH_MAX = 1 << 16, /* blocks of a list */
	/*
	 * In the object of a class: its number, two heads of spans, chains and how many there are.
	 */
	CENTRAL_CLASS = 8,
	CENTRAL_EMPTY = 16,
	CENTRAL_NONEMPTY = 64,
	CENTRAL_CHAINS = 128,
	CENTRAL_USED = 1152,
	CHAINS_MAX = 64,
	SPAN_NEXT = 16,
	LIST_PAGE = 4096,
	LIST_PAGES = 256, /* a power of two */
};

static void add_cached(struct tcmalloc *t, uint64_t block)
{
	t->cached = xgrow(t->cached, t->n_cached, &t->cap_cached, sizeof(*t->cached));
	t->cached[t->n_cached++] = block;
}

/* Pages that were read while lists were followed: many blocks of a list are on the same few. */
struct list_pages {
	struct {
		uint64_t addr; /* 0: empty */
		uint8_t bytes[LIST_PAGE];
	} v[LIST_PAGES];
};

static bool read_link(struct tcmalloc *t, struct list_pages *pages, uint64_t at, uint64_t *ret)
{
	uint64_t addr = at & ~(uint64_t)(LIST_PAGE - 1);
	size_t i = addr / LIST_PAGE % LIST_PAGES;

	if (at % 8)
		return false;
	if (pages->v[i].addr != addr) {
		pages->v[i].addr = 0;
		if (!memsrc_peek(t->walk->mem, addr, pages->v[i].bytes, LIST_PAGE))
			return false;
		pages->v[i].addr = addr;
	}
	memcpy(ret, pages->v[i].bytes + (at - addr), sizeof(*ret));
	return true;
}

/*
 * Adds the blocks of a list, n at most, up to `last` if that is not 0. Returns how many it added.
 */
static uint64_t add_list(struct tcmalloc *t, struct list_pages *pages, uint64_t at, uint64_t n,
			 uint64_t last)
{
	uint64_t found = 0;

	while (at && found < n && t->n_cached < CACHED_MAX) {
		add_cached(t, at);
		found++;
		if (at == last || !read_link(t, pages, at, &at))
			break;
	}
	return found;
}

static bool is_writable(const struct memsrc *m, uint64_t addr, uint64_t len)
{
	const struct mem_map *map = memsrc_map(m, addr);

	return map && (map->kind == MEM_ANON || map->kind == MEM_HEAP) && map->perms & VMA_WRITE &&
	       len <= map->end - addr;
}

/* Tells whether the lists of a thread begin at addr. */
static bool is_cache(struct tcmalloc *t, uint64_t addr)
{
	uint8_t lists[4 * LIST_BYTES];

	if (addr % 8 || !is_writable(t->walk->mem, addr, CACHE_BYTES) ||
	    !memsrc_peek(t->walk->mem, addr, lists, sizeof(lists)))
		return false;
	for (size_t i = 1; i < 4; i++) {
		uint32_t size;

		memcpy(&size, lists + i * LIST_BYTES + LIST_SIZE, sizeof(size));
		if (size != t->sizes[i])
			return false;
	}
	return true;
}

/* Caches that were found, each once. */
struct caches {
	uint64_t *v;
	size_t n, cap;
	struct index index;
};

static bool same_cache(const void *arg, uint32_t i, const void *key)
{
	return ((const struct caches *)arg)->v[i] == *(const uint64_t *)key;
}

static void add_cache(struct tcmalloc *t, struct caches *c, uint64_t addr)
{
	uint64_t hash = index_hash_u64(addr, 0);

	if (c->n == CACHES_MAX || !is_cache(t, addr) ||
	    index_find(&c->index, hash, same_cache, c, &addr) != INDEX_NONE)
		return;
	index_add(&c->index, hash, (uint32_t)c->n);
	c->v = xgrow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = addr;
	tcmalloc_note_pages(t, addr, CACHE_BYTES);
}

/* Adds the blocks that a cache holds, and the caches that it leads to. */
static void read_cache(struct tcmalloc *t, struct caches *c, struct list_pages *pages,
		       uint64_t addr)
{
	uint64_t words[CACHE_BYTES / 8];

	if (!memsrc_copy(t->walk->mem, addr, words, sizeof(words)))
		return;
	for (size_t i = 1; i < TCMALLOC_CLASSES && t->sizes[i]; i++) {
		const uint64_t *list = words + i * LIST_BYTES / 8;

		uint32_t n = MIN((uint32_t)list[LIST_LENGTH / 8], (uint32_t)LENGTH_MAX);

		/*
		 * A list that is in use at the moment soon leads to blocks that are no longer free.
		 */
		if ((uint32_t)list[LIST_SIZE / 8] == t->sizes[i])
			t->unseen[i] += n - add_list(t, pages, list[0], n, 0);
	}
	for (size_t i = TCMALLOC_CLASSES * LIST_BYTES / 8; i < ARRAY_SIZE(words); i++)
		add_cache(t, c, words[i]);
}

static void read_threads(struct tcmalloc *t, struct list_pages *pages)
{
	struct caches c = { .index = INDEX_INIT };
	uint64_t at = t->data_start;
	struct mem_run run;

	while (memsrc_next(t->walk->mem, &at, t->data_end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			uint64_t word;

			memcpy(&word, run.data + i, sizeof(word));
			if (word)
				add_cache(t, &c, word);
		}
	}
	for (size_t i = 0; i < c.n; i++)
		read_cache(t, &c, pages, c.v[i]);
	free(c.v);
	index_release(&c.index);
}

static bool in_data(const struct tcmalloc *t, uint64_t addr)
{
	return addr >= t->data_start && addr < t->data_end;
}

/* Returns where the object of a class begins, by one of the heads in it; 0: it is not one. */
static uint64_t central_of(struct tcmalloc *t, uint64_t head, unsigned int class)
{
	static const uint8_t heads[] = { CENTRAL_EMPTY, CENTRAL_NONEMPTY };

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		uint64_t number;

		if (memsrc_peek(t->walk->mem, head - heads[i] + CENTRAL_CLASS, &number,
				sizeof(number)) &&
		    number == class)
			return head - heads[i];
	}
	return 0;
}

/* Follows the list that a span is in to its head, which is in the .bss. */
static uint64_t find_central(struct tcmalloc *t, const struct tcmalloc_span *s)
{
	uint64_t at = s->next;

	for (size_t i = 0; i <= t->n_spans; i++) {
		if (in_data(t, at))
			return central_of(t, at, s->class);
		if (!memsrc_u64(t->walk->mem, at + SPAN_NEXT, &at))
			break;
	}
	return 0;
}

static void read_chains(struct tcmalloc *t, struct list_pages *pages, uint64_t central,
			unsigned int class)
{
	uint64_t chains[CHAINS_MAX][2], moved;
	int32_t used;

	if (!memsrc_peek(t->walk->mem, central + CENTRAL_USED, &used, sizeof(used)) || used < 0 ||
	    used > CHAINS_MAX ||
	    !memsrc_peek(t->walk->mem, central + CENTRAL_CHAINS, chains, sizeof(chains)))
		return;
	moved = LENGTH_MAX / MAX(t->sizes[class] / 16, UINT32_C(1));
	for (int32_t i = 0; i < used; i++)
		(void)add_list(t, pages, chains[i][0], moved, chains[i][1]);
}

static void read_centrals(struct tcmalloc *t, struct list_pages *pages)
{
	bool seen[TCMALLOC_CLASSES] = { false };

	for (size_t i = 0; i < t->n_spans; i++) {
		const struct tcmalloc_span *s = &t->spans[i];
		uint64_t central;

		if (s->location != TC_IN_USE || !s->class || seen[s->class])
			continue;
		central = find_central(t, s);
		if (!central)
			continue;
		seen[s->class] = true;
		read_chains(t, pages, central, s->class);
	}
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void tcmalloc_read_caches(struct tcmalloc *t)
{
	auto_free struct list_pages *pages = xcalloc(1, sizeof(*pages));

	read_threads(t, pages);
	read_centrals(t, pages);
	if (t->n_cached)
		qsort(t->cached, t->n_cached, sizeof(*t->cached), compare_u64);
}
