/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the arenas of pymalloc by the shape of the tables that hold them.
 */
#include "walk/runtime/cpython/pymalloc.h"

#include "base/alloc.h"

enum {
	ARENA_OBJECT = 48, /* bytes of an entry of the table */
	TABLE_MIN = 16,    /* entries of the smallest; it doubles */
	ARENAINDEX_MAX = 1 << 22,
	TABLES_MAX = 64, /* words that point to one */
};

/* An entry of the table, struct arena_object. */
struct entry {
	uint64_t address, pool_address;
	uint32_t nfreepools, ntotalpools;
	uint64_t freepools, nextarena, prevarena;
};

_Static_assert(sizeof(struct entry) == ARENA_OBJECT, "as the target has it");

bool pymalloc_header_decode(const uint8_t bytes[PYMALLOC_POOL_HEADER], uint64_t addr,
			    uint32_t pool_bytes, struct pymalloc_header *ret)
{
	struct pymalloc_header h;
	uint32_t size, max;

	memcpy(&h.count, bytes, sizeof(h.count));
	memcpy(&h.freeblock, bytes + 8, sizeof(h.freeblock));
	memcpy(&h.arenaindex, bytes + 32, sizeof(h.arenaindex));
	memcpy(&h.szidx, bytes + 36, sizeof(h.szidx));
	memcpy(&h.nextoffset, bytes + 40, sizeof(h.nextoffset));
	memcpy(&max, bytes + 44, sizeof(max));
	if (h.szidx >= PYMALLOC_CLASSES)
		return false;
	size = (h.szidx + 1) * PYMALLOC_ALIGN;
	if (max != pool_bytes - size || h.arenaindex >= ARENAINDEX_MAX ||
	    h.count > (pool_bytes - PYMALLOC_POOL_HEADER) / size ||
	    h.nextoffset < PYMALLOC_POOL_HEADER + size || h.nextoffset > max + size ||
	    (h.nextoffset - PYMALLOC_POOL_HEADER) % size)
		return false;
	if (h.freeblock &&
	    (h.freeblock - addr < PYMALLOC_POOL_HEADER || h.freeblock - addr >= h.nextoffset ||
	     (h.freeblock - addr - PYMALLOC_POOL_HEADER) % size))
		return false;
	*ret = h;
	return true;
}

static bool is_rw(const struct pymalloc *pm, uint64_t addr)
{
	return addrmap_kind(pm->map, addr) == ADDR_RW;
}

/* Returns the first address of a pool in the arena. */
static uint64_t first_pool(const struct pymalloc *pm, uint64_t arena)
{
	return (arena + pm->pool_bytes - 1) / pm->pool_bytes * pm->pool_bytes;
}

/* Tells whether something other than a pool is where the first pool of the arena must be. */
static bool is_refuted(struct pymalloc *pm, const struct entry *e)
{
	uint64_t addr = first_pool(pm, e->address);
	uint8_t bytes[PYMALLOC_POOL_HEADER];
	struct pymalloc_header header;

	return e->pool_address > addr && memsrc_peek(pm->mem, addr, bytes, sizeof(bytes)) &&
	       !pymalloc_header_decode(bytes, addr, pm->pool_bytes, &header);
}

/*
 * Tells whether the entry is unused, or may be that of an arena. An arena that was made since the
 * mappings were read is in none of them.
 */
static bool entry_is_sane(const struct pymalloc *pm, const struct entry *e)
{
	uint32_t pools = pm->arena_bytes / pm->pool_bytes;

	if (!e->address)
		return true;
	return e->address % (1 << ADDRMAP_PAGE_SHIFT) == 0 &&
	       addrmap_kind(pm->map, e->address) != ADDR_DATA && e->pool_address >= e->address &&
	       e->pool_address - e->address <= pm->arena_bytes &&
	       e->pool_address % pm->pool_bytes == 0 &&
	       (e->ntotalpools == pools || e->ntotalpools == pools - 1) &&
	       e->nfreepools <= e->ntotalpools;
}

/* Returns how many of the n entries at addr have memory; 0: one of them is not an entry. */
static size_t count_entries(struct pymalloc *pm, uint64_t addr, size_t n)
{
	struct entry entries[TABLE_MIN];
	size_t used = 0;

	for (size_t i = 0; i < n; i += TABLE_MIN) {
		if (!memsrc_peek(pm->mem, addr + i * ARENA_OBJECT, entries, sizeof(entries)))
			return 0;
		for (size_t k = 0; k < TABLE_MIN; k++) {
			if (!entry_is_sane(pm, &entries[k]))
				return 0;
			used += entries[k].address &&
				addrmap_kind(pm->map, entries[k].address) != ADDR_NONE;
		}
	}
	return used;
}

/*
 * Returns the number of entries of the table at addr; 0: there is no table. It doubles when all are
 * used.
 */
static size_t table_size(struct pymalloc *pm, uint64_t addr)
{
	size_t n = TABLE_MIN;

	if (!count_entries(pm, addr, n))
		return 0;
	while (n < PYMALLOC_ARENAS_MAX && count_entries(pm, addr + n * ARENA_OBJECT, n))
		n *= 2;
	return n;
}

void pymalloc_add_arena(struct pymalloc *pm, const struct pymalloc_arena *arena)
{
	uint64_t end = arena->is_orphan ? arena->pool_next : arena->start + pm->arena_bytes;

	if (pm->n_arenas == PYMALLOC_ARENAS_MAX)
		return;
	pm->arenas = xgrow(pm->arenas, pm->n_arenas, &pm->cap_arenas, sizeof(*pm->arenas));
	pm->arenas[pm->n_arenas++] = *arena;
	addrmap_mark(pm->map, arena->start, end, ADDR_POOLS);
}

/* Adds the arenas of a table that have pools and are not known yet. */
static void add_table(struct pymalloc *pm, uint64_t addr, size_t n)
{
	struct entry e;

	for (size_t i = 0; i < n; i++) {
		if (!memsrc_peek(pm->mem, addr + i * ARENA_OBJECT, &e, sizeof(e)))
			return;
		if (!e.address || !entry_is_sane(pm, &e) || !is_rw(pm, e.address) ||
		    !is_rw(pm, e.address + pm->arena_bytes - 1) || is_refuted(pm, &e))
			continue;
		pymalloc_add_arena(
			pm, &(struct pymalloc_arena){
				    .start = e.address,
				    .pool_next = MAX(e.pool_address, first_pool(pm, e.address)),
				    .free_pools = e.nfreepools,
			    });
	}
}

static int by_start(const void *a, const void *b)
{
	const struct pymalloc_arena *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void pymalloc_sort_arenas(struct pymalloc *pm)
{
	if (pm->n_arenas)
		qsort(pm->arenas, pm->n_arenas, sizeof(*pm->arenas), by_start);
}

/* A table that a word points to. */
struct table {
	uint64_t addr;
	size_t n;
};

static int longest_first(const void *a, const void *b)
{
	const struct table *x = a, *y = b;

	return (x->n < y->n) - (x->n > y->n);
}

/* Adds what a page of words points to, unless TABLES_MAX were found. */
static void find_tables(struct pymalloc *pm, const uint64_t *words, size_t n_words,
			struct table *tables, size_t *n)
{
	for (size_t i = 0; i < n_words && *n < TABLES_MAX; i++) {
		size_t size;

		if (words[i] % PYMALLOC_ALIGN || !is_rw(pm, words[i]))
			continue;
		size = table_size(pm, words[i]);
		if (size)
			tables[(*n)++] = (struct table){ words[i], size };
	}
}

/*
 * Several words may point into a table, and some to a former, smaller one: the longest table is the
 * one in use.
 */
void pymalloc_find(struct pymalloc *pm, uint64_t start, uint64_t end)
{
	struct table tables[TABLES_MAX];
	uint64_t words[512];
	size_t n = 0;

	start = (start + sizeof(*words) - 1) & ~(sizeof(*words) - 1);
	for (uint64_t at = start; at < end && !memsrc_is_over(pm->mem);) {
		uint64_t page_end = (at | (pm->mem->page_bytes - 1)) + 1;
		size_t len = (size_t)MIN(MIN(end, page_end) - at, sizeof(words));

		if (memsrc_copy(pm->mem, at, words, len))
			find_tables(pm, words, len / sizeof(*words), tables, &n);
		at += len;
	}
	qsort(tables, n, sizeof(*tables), longest_first);
	for (size_t i = 0; i < n; i++)
		add_table(pm, tables[i].addr, tables[i].n);
	pymalloc_sort_arenas(pm);
}
