/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the radix tree: a table of 2 MiB in the .bss of some module, with pointers to leaves. The
 * elements of a leaf lead to records of extents, which state their address, and that shows which
 * element of which leaf must lead to them.
 */
#include "walk/alloc/jemalloc/jemalloc.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/image/libraries.h"
#include "walk/image/module_data.h"

enum {
	CANDIDATES_MAX = 1024, /* words that may lead to a leaf */
	SAMPLES_MAX = 256,     /* elements by which the layout is recognised */
	TREE_BYTES = JEMALLOC_SLOTS * 8,
	SLAB_PAGES_MAX = 64,
};

/* With this its messages begin, in every release. */
#define OWN_MESSAGES "<jemalloc>: "

const struct jemalloc_layout jemalloc_layouts[] = {
	{ "5.3", { 17, 3 }, { 20, 8 }, { 28, 10 }, TCACHES_5_3 },
	{ "5.1 to 5.2", { 16, 2 }, { 18, 8 }, { 26, 10 }, TCACHES_5_1 },
	{ "5.0", { 15, 2 }, { 17, 8 }, { 25, 10 }, TCACHES_UNREAD },
};

const size_t jemalloc_n_layouts = ARRAY_SIZE(jemalloc_layouts);

/* Words of a record. */
enum { EDATA_BITS, EDATA_ADDR, EDATA_SIZE, EDATA_FREE = 8, EDATA_WORDS = JEMALLOC_EDATA_BYTES / 8 };

static const uint64_t page_bytes = UINT64_C(1) << JEMALLOC_PAGE_SHIFT;

uint64_t jemalloc_class_bytes(unsigned int szind, unsigned int lg_quantum)
{
	uint64_t quantum = UINT64_C(1) << lg_quantum;
	unsigned int group;

	if (lg_quantum == 4 && szind-- == 0)
		return 8;
	if (szind < 4)
		return (szind + 1) * quantum;
	group = (szind - 4) / 4;
	return group < 56 ? (quantum << group) * (4 + (szind - 4) % 4 + 1) : 0;
}

static uint64_t bits_of(uint64_t word, struct jemalloc_bits b)
{
	return word >> b.shift & ((UINT64_C(1) << b.width) - 1);
}

bool jemalloc_edata_parse(const struct jemalloc_layout *l, const uint64_t words[EDATA_WORDS],
			  struct jemalloc_edata *ret)
{
	uint64_t bits = words[EDATA_BITS], size = words[EDATA_SIZE] & ~(page_bytes - 1);
	uint64_t state = bits_of(bits, l->state);

	*ret = (struct jemalloc_edata){
		.start = words[EDATA_ADDR] & ~(page_bytes - 1),
		.addr = words[EDATA_ADDR],
		.arena = bits & 0xfff,
		.slab = bits >> 12 & 1,
		.state = (uint8_t)state,
		.szind = (uint8_t)bits_of(bits, l->szind),
		.nfree = (uint16_t)bits_of(bits, l->nfree),
	};
	ret->end = ret->start + size;
	memcpy(ret->free_bits, words + EDATA_FREE, sizeof(ret->free_bits));
	return state <= JE_RETAINED && size && size >> 47 == 0 && ret->start >> 47 == 0;
}

/* Tells whether jemalloc may have data of its own at addr. */
static bool is_plain(const struct memsrc *m, uint64_t addr, uint64_t len)
{
	const struct mem_map *map = memsrc_map(m, addr);

	return map && map->kind == MEM_ANON && map->perms & VMA_WRITE && len <= map->end - addr;
}

/* Finds the first element with an address at or behind *at. */
static bool next_element(struct memsrc *m, uint64_t *at, uint64_t end, uint64_t *ret)
{
	struct mem_run run;

	while (memsrc_next(m, at, end, &run)) {
		for (size_t i = 0; i + 8 <= run.len; i += 8) {
			memcpy(ret, run.data + i, sizeof(*ret));
			if (jemalloc_edata_of(*ret)) {
				*at = run.addr + i;
				return true;
			}
		}
	}
	return false;
}

/*
 * Returns the slot of a leaf that begins at addr, from the record that its first element leads to.
 */
static bool leaf_slot(struct memsrc *m, uint64_t leaf, uint64_t *ret_slot)
{
	uint64_t at = leaf, element, words[3], key, slot;

	if (!next_element(m, &at, leaf + TREE_BYTES, &element) ||
	    !is_plain(m, jemalloc_edata_of(element), JEMALLOC_EDATA_BYTES) ||
	    !memsrc_peek(m, jemalloc_edata_of(element), words, sizeof(words)))
		return false;
	key = words[EDATA_ADDR] >> JEMALLOC_PAGE_SHIFT;
	slot = words[EDATA_ADDR] >> JEMALLOC_LEAF_SHIFT;
	*ret_slot = slot;
	return slot && slot < JEMALLOC_SLOTS / 2 && key % JEMALLOC_SLOTS == (at - leaf) / 8;
}

/* An element of a leaf and the record that it leads to, by which layouts are tried. */
struct sample {
	uint64_t address, element;
	uint64_t words[EDATA_WORDS];
};

static size_t read_samples(struct memsrc *m, uint64_t root, struct sample v[SAMPLES_MAX])
{
	uint64_t slot_at = root, leaf, last = 0;
	size_t n = 0;

	for (; n < SAMPLES_MAX && next_element(m, &slot_at, root + TREE_BYTES, &leaf);
	     slot_at += 8) {
		uint64_t at = leaf;

		if (!is_plain(m, leaf, TREE_BYTES))
			continue;
		for (; n < SAMPLES_MAX && next_element(m, &at, leaf + TREE_BYTES, &v[n].element);
		     at += 8) {
			uint64_t edata = jemalloc_edata_of(v[n].element);

			v[n].address = (slot_at - root) / 8 << JEMALLOC_LEAF_SHIFT |
				       (at - leaf) / 8 << JEMALLOC_PAGE_SHIFT;
			if (edata != last && memsrc_peek(m, edata, v[n].words, sizeof(v[n].words)))
				n++;
			last = edata;
		}
	}
	return n;
}

/* The record of a free extent may still say that it was a slab. */
static bool agrees(const struct jemalloc_layout *l, const struct sample *s)
{
	struct jemalloc_edata e;

	return jemalloc_edata_parse(l, s->words, &e) && e.start <= s->address &&
	       s->address < e.end &&
	       (e.state != JE_ACTIVE ||
		(e.slab == (s->element & 1) && e.szind == s->element >> 48));
}

/*
 * Tells whether a slab has this size: the smallest number of pages that is a multiple of the block.
 */
static bool is_slab_size(uint64_t slab_bytes, uint64_t block_bytes)
{
	uint64_t pages = 1;

	while (pages < SLAB_PAGES_MAX && pages * page_bytes % block_bytes)
		pages++;
	return slab_bytes == pages * page_bytes;
}

static void find_quantum(struct jemalloc *j, const struct sample *v, size_t n)
{
	size_t agree[2] = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct jemalloc_edata e;

		if (!agrees(j->layout, &v[i]) || !jemalloc_edata_parse(j->layout, v[i].words, &e) ||
		    !e.slab || e.state != JE_ACTIVE)
			continue;
		for (unsigned int k = 0; k < ARRAY_SIZE(agree); k++) {
			uint64_t bytes = jemalloc_class_bytes(e.szind, 4 - k);

			agree[k] += bytes && is_slab_size(e.end - e.start, bytes);
		}
	}
	j->lg_quantum = agree[1] > agree[0] ? 3 : 4;
}

static bool find_layout(struct jemalloc *j)
{
	auto_free struct sample *v = xcalloc(SAMPLES_MAX, sizeof(*v));
	size_t n = read_samples(j->walk->mem, j->root, v), best = 0;

	for (size_t i = 0; i < jemalloc_n_layouts; i++) {
		size_t agree = 0;

		for (size_t k = 0; k < n; k++)
			agree += agrees(&jemalloc_layouts[i], &v[k]);
		if (agree > best && agree >= n - n / 8) {
			best = agree;
			j->layout = &jemalloc_layouts[i];
		}
	}
	if (!j->layout)
		return false;
	find_quantum(j, v, n);
	return true;
}

struct search {
	struct jemalloc *jemalloc;
	size_t candidates;
	const struct mem_map *module; /* of the tree, or of the first that may be one */
};

/*
 * Looks for the tree in the data of a module. Words of a heap behind its .bss may look like a root by
 * chance; only the records that it leads to show that it is one.
 */
static void search_module(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct search *s = arg;
	struct jemalloc *j = s->jemalloc;
	uint64_t at = start, word, slot;

	if (j->layout || end - start < TREE_BYTES)
		return;
	for (; s->candidates < CANDIDATES_MAX && next_element(j->walk->mem, &at, end, &word);
	     at += 8) {
		if (word % 64 || !is_plain(j->walk->mem, word, TREE_BYTES))
			continue;
		s->candidates++;
		if (!leaf_slot(j->walk->mem, word, &slot) || at - start < 8 * slot ||
		    end - (at - 8 * slot) < TREE_BYTES)
			continue;
		j->root = at - 8 * slot;
		s->module = s->module ? s->module : module;
		if (!find_layout(j))
			continue;
		s->module = module;
		return;
	}
}

int jemalloc_find(struct walk *walk, struct jemalloc *ret)
{
	struct jemalloc j = { .walk = walk };
	struct search s = { .jemalloc = &j };

	module_data_each(walk->mem, search_module, &s);
	if (!s.module)
		return -ENOENT;
	j.file = snapshot_find_file(walk->snap, s.module->major, s.module->minor, s.module->inode);
	if (!j.layout)
		return library_has_text(walk, j.file, OWN_MESSAGES) ? -ENOTSUP : -ENOENT;
	*ret = j;
	return 0;
}

void jemalloc_release(struct jemalloc *j)
{
	free(j->refs);
	free(j->leaves);
	free(j->bases);
	free(j->cached);
}
