/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/alloc/mimalloc/mimalloc.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/image/module_data.h"

enum {
	PLACES_MAX = 1 << 16, /* addresses where a segment may begin, which are 2 TiB */
	LARGE_SHIFT = 40,     /* log2 of the bytes of a mapping that only sanitizers make */
	SEGMENTS_MAX = 1 << 16,
	KEYS_MAX = 64, /* keys that are looked for in the data */
	INFO_MAX = 64, /* slices of a segment that describe it */
};

/* clang-format off */
static const struct mimalloc_layout layouts[] = {
	{ "2.0.9", 32 << 20,
	  208, 216, 224, 232, 248, 264, 80, 16, 24, 32, 40, 28, 4, 4, START_384, 0 },
	{ "2.1.0 to 2.1.2", 32 << 20,
	  208, 216, 224, 232, 248, 264, 80, 16, 24, 32, 40, 28, 4, 4, START_BLOCKS, 0 },
	{ "2.1.4 to 2.1.7", 32 << 20,
	  208, 216, 224, 232, 248, 264, 96, 16, 32, 24, 56, 40, 2, 8, START_FIELD, 48 },
	{ "2.1.8 to 2.4", 32 << 20,
	  216, 224, 248, 256, 272, 288, 96, 16, 32, 24, 56, 40, 2, 8, START_FIELD, 48 },
	{ "2.0.3 to 2.0.7", 64 << 20,
	  312, 320, 328, 336, 360, 368, 80, 16, 24, 32, 40, 28, 4, 4, START_128, 0 },
};
/* clang-format on */

uint64_t mimalloc_page_offset(const struct mimalloc_layout *l, uint64_t block_bytes)
{
	if (l->start == START_BLOCKS)
		return block_bytes <= 64 ? 3 * block_bytes : block_bytes <= 512 ? block_bytes : 0;
	return block_bytes > 1024 ? 0 : l->start == START_384 ? 384 : 128;
}

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t half(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

bool mimalloc_is_segment(const struct mimalloc_layout *l, const uint8_t head[MIMALLOC_HEADER])
{
	uint64_t n = word(head + l->n_slices), info = word(head + l->n_info);
	uint64_t entries = word(head + l->n_entries);

	return info && info <= INFO_MAX && entries >= info && entries <= MIMALLOC_ENTRIES_MAX &&
	       n >= entries && n >> 40 == 0 && half(head + l->slices) == info &&
	       half(head + l->slices + 4) == 0;
}

struct key_search {
	struct memsrc *mem;
	uint64_t key;
	uint64_t found; /* address; 0: not yet */
	const struct mem_map *module;
};

static void search_module(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct key_search *s = arg;
	struct mem_run run;

	while (!s->found && memsrc_next(s->mem, &start, end, &run)) {
		for (size_t i = 0; i + 8 <= run.len && !s->found; i += 8) {
			if (word(run.data + i) == s->key)
				s->found = run.addr + i;
		}
		s->module = module;
	}
}

/* Tells whether the main heap has this key. */
static bool find_key(struct mimalloc *m, uint64_t key)
{
	struct key_search s = { .mem = m->walk->mem, .key = key };

	module_data_each(m->walk->mem, search_module, &s);
	if (!s.found)
		return false;
	m->key = key;
	m->state = s.found;
	m->file = snapshot_find_file(m->walk->snap, s.module->major, s.module->minor,
				     s.module->inode);
	return true;
}

/* Tells whether the record of a page has its free blocks where its blocks are. */
static bool page_holds(const struct mimalloc_layout *l, const uint8_t *slice, uint64_t start)
{
	uint64_t bytes = l->block_width == 8 ? word(slice + l->block_bytes)
					     : half(slice + l->block_bytes);
	uint64_t first = l->start == START_FIELD ? word(slice + l->start_field)
						 : start + mimalloc_page_offset(l, bytes);
	uint64_t some = word(slice + l->free);

	return !some || (some >= first && (some - first) % bytes == 0);
}

/*
 * Tells whether the slices of a segment follow each other to its end, which distinguishes layouts
 * that begin alike.
 */
static bool slices_hold(struct mimalloc *m, const struct mimalloc_layout *l, uint64_t segment,
			uint64_t entries)
{
	uint64_t i = 0, used = 0, said;

	while (i < entries) {
		uint8_t slice[MIMALLOC_SLICE_MAX];
		uint32_t n;

		if (!memsrc_peek(m->walk->mem, segment + l->slices + i * l->slice_bytes, slice,
				 l->slice_bytes))
			return false;
		n = half(slice);
		if (n == 0 || half(slice + 4) || n > entries - i)
			return false;
		if (i && half(slice + l->block_bytes)) {
			if (!page_holds(l, slice, segment + i * MIMALLOC_SLICE))
				return false;
			used++;
		}
		i += n;
	}
	return memsrc_peek(m->walk->mem, segment + l->used, &said, sizeof(said)) && said == used;
}

static void add_segment(struct mimalloc *m, uint64_t addr)
{
	if (m->n_segments == SEGMENTS_MAX)
		return;
	m->segments = xgrow(m->segments, m->n_segments, &m->cap_segments, sizeof(*m->segments));
	m->segments[m->n_segments++] = addr;
}

/* Checks an address where a segment may begin. */
static void look_at(struct mimalloc *m, uint64_t addr, size_t *keys)
{
	uint8_t head[MIMALLOC_HEADER];

	if (!memsrc_peek(m->walk->mem, addr, head, sizeof(head)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct mimalloc_layout *l = m->layout ? m->layout : &layouts[i];
		uint64_t key = word(head + l->cookie) ^ addr;

		if (addr % l->segment_bytes || !mimalloc_is_segment(l, head))
			continue;
		if (m->layout) {
			if (key == m->key)
				add_segment(m, addr);
			return;
		}
		if (!key || !slices_hold(m, l, addr, word(head + l->n_entries)) ||
		    ++*keys > KEYS_MAX || !find_key(m, key))
			continue;
		m->layout = l;
		add_segment(m, addr);
		return;
	}
}

int mimalloc_find(struct walk *walk, struct mimalloc *ret)
{
	const uint64_t step = 32 << 20;
	struct mimalloc m = { .walk = walk };
	size_t places = 0, keys = 0;

	for (size_t i = 0; i < walk->mem->n_maps && !memsrc_is_over(walk->mem); i++) {
		const struct mem_map *map = &walk->mem->maps[i];

		if (map->kind != MEM_ANON || !(map->perms & VMA_WRITE) ||
		    (map->end - map->start) >> LARGE_SHIFT)
			continue;
		for (uint64_t at = (map->start + step - 1) & ~(step - 1);
		     at < map->end && places < PLACES_MAX; at += step, places++)
			look_at(&m, at, &keys);
	}
	if (!m.layout)
		return -ENOENT;
	*ret = m;
	return 0;
}

void mimalloc_release(struct mimalloc *m)
{
	free(m->segments);
}
