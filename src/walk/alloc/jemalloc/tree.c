/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads what the radix tree leads to, and finds the mappings that jemalloc's own data is in.
 */
#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/alloc/jemalloc/jemalloc.h"

enum {
	LEAVES_MAX = 1 << 14, /* of 1 GiB each */
	REFS_MAX = 1 << 22,
	BASES_MAX = 1 << 12,
	BASE_STEPS_MAX = 1 << 12, /* of 2 MiB back to where a mapping begins */
	BASE_HEADER = 192,        /* in front of the state of an arena */
};

static bool is_writable(const struct memsrc *m, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(m, addr);

	return map && map->kind == MEM_ANON && map->perms & VMA_WRITE;
}

/* Adjacent elements that lead to the same record become one reference. */
static void add_ref(struct jemalloc *j, uint64_t address, uint64_t element)
{
	uint64_t edata = jemalloc_edata_of(element);
	struct jemalloc_ref *last = j->n_refs ? &j->refs[j->n_refs - 1] : NULL;

	if (last && last->edata == edata) {
		last->last = address;
		return;
	}
	if (j->n_refs == REFS_MAX) {
		j->cut = true;
		return;
	}
	j->refs = xgrow(j->refs, j->n_refs, &j->cap_refs, sizeof(*j->refs));
	j->refs[j->n_refs++] = (struct jemalloc_ref){ edata, address, address };
}

static void read_leaf(struct jemalloc *j, uint64_t leaf, uint64_t about)
{
	uint64_t at = leaf, end = leaf + JEMALLOC_SLOTS * 8;
	struct mem_run run;

	while (memsrc_next(j->walk->mem, &at, end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			uint64_t element;

			memcpy(&element, run.data + i, sizeof(element));
			if (jemalloc_edata_of(element))
				add_ref(j,
					about + ((run.addr + i - leaf) / 8 << JEMALLOC_PAGE_SHIFT),
					element);
		}
	}
}

static void read_root(struct jemalloc *j)
{
	uint64_t at = j->root, end = j->root + JEMALLOC_SLOTS * 8;
	struct mem_run run;

	while (memsrc_next(j->walk->mem, &at, end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			uint64_t leaf;

			memcpy(&leaf, run.data + i, sizeof(leaf));
			if (!leaf || !is_writable(j->walk->mem, leaf))
				continue;
			if (j->n_leaves == LEAVES_MAX) {
				j->cut = true;
				return;
			}
			j->leaves = xgrow(j->leaves, j->n_leaves, &j->cap_leaves,
					  sizeof(*j->leaves));
			j->leaves[j->n_leaves++] = (struct jemalloc_leaf){
				.addr = leaf,
				.about = (run.addr + i - j->root) / 8 << JEMALLOC_LEAF_SHIFT,
			};
		}
	}
}

void jemalloc_read_tree(struct jemalloc *j)
{
	read_root(j);
	for (size_t i = 0; i < j->n_leaves; i++)
		read_leaf(j, j->leaves[i].addr, j->leaves[i].about);
}

static const struct jemalloc_base *base_of(const struct jemalloc *j, uint64_t addr)
{
	for (size_t i = 0; i < j->n_bases; i++) {
		if (j->bases[i].start <= addr && addr < j->bases[i].end)
			return &j->bases[i];
	}
	return NULL;
}

/*
 * The header of a mapping for jemalloc's own data: its size, the next mapping, a record of itself.
 */
struct base_header {
	uint64_t bytes, next, bits, addr, unused_bytes;
};

static bool read_header(struct jemalloc *j, uint64_t at, struct base_header *ret)
{
	return memsrc_peek(j->walk->mem, at, ret, sizeof(*ret)) && ret->bytes &&
	       ret->bytes % JEMALLOC_HUGE == 0 && ret->bytes >> 40 == 0 &&
	       ret->next % JEMALLOC_HUGE == 0 && ret->addr > at && ret->addr - at <= ret->bytes &&
	       ret->unused_bytes == ret->bytes - (ret->addr - at);
}

/* Adds the mapping at `at` and those that it leads to, the last of which has an arena's state. */
static void add_chain(struct jemalloc *j, uint64_t at, struct base_header h)
{
	size_t first = j->n_bases;
	const struct jemalloc_base *known;
	uint32_t arena = 0;

	for (;;) {
		struct jemalloc_base b = { .start = at, .end = at + h.bytes };

		if (!h.next && memsrc_peek(j->walk->mem, at + BASE_HEADER, &arena, sizeof(arena)) &&
		    arena < JEMALLOC_ARENAS)
			b.state = at + BASE_HEADER;
		j->bases = xgrow(j->bases, j->n_bases, &j->cap_bases, sizeof(*j->bases));
		j->bases[j->n_bases++] = b;
		at = h.next;
		known = base_of(j, at);
		if (known)
			arena = known->arena;
		if (!at || known || j->n_bases >= BASES_MAX || !read_header(j, at, &h))
			break;
	}
	for (size_t i = first; i < j->n_bases; i++)
		j->bases[i].arena = (uint16_t)(arena < JEMALLOC_ARENAS ? arena : 0);
}

/* Finds the mapping that holds what is at addr: it begins at a multiple of 2 MiB. */
static void find_base(struct jemalloc *j, uint64_t addr)
{
	uint64_t at = addr & ~(uint64_t)(JEMALLOC_HUGE - 1);

	if (base_of(j, addr) || j->n_bases >= BASES_MAX)
		return;
	for (unsigned int i = 0; i < BASE_STEPS_MAX; i++, at -= JEMALLOC_HUGE) {
		struct base_header h;

		if (!is_writable(j->walk->mem, at))
			return;
		if (!read_header(j, at, &h))
			continue;
		if (addr - at < h.bytes)
			add_chain(j, at, h);
		return;
	}
}

void jemalloc_find_bases(struct jemalloc *j)
{
	uint64_t last = 0;

	for (size_t i = 0; i < j->n_leaves; i++)
		find_base(j, j->leaves[i].addr);
	for (size_t i = 0; i < j->n_refs; i++) {
		if (j->refs[i].edata / JEMALLOC_HUGE != last)
			find_base(j, j->refs[i].edata);
		last = j->refs[i].edata / JEMALLOC_HUGE;
	}
}
