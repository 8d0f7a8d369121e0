/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a Java virtual machine mapped for itself: metaspace, and the tables of its collector, such
 * as bitmaps and cards. The fields that tell these are not exported, but the machine keeps a record
 * of each of its reservations, two words side by side: where it begins, and its end or size.
 */
#include "walk/runtime/hotspot/hotspot.h"

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	PAGE = 4096,
	RECORDS_BYTES_MAX = 48 << 20, /* of the machine's data that are searched for records */
	RANGES_MAX = 4096,
	TRIES_MAX = 1 << 16, /* words that may begin a record and are tried */
	MAPS_MAX = 1024,     /* mappings of one reservation */
	SIZE_MIN = 4 * PAGE,
	KLASSES_MAX = 1 << 17,
	LOADERS_MAX = 1 << 14,
	KLASSES_STEP = 64, /* one class of 64 is read */
};

struct range {
	uint64_t start, end;
	enum hs_space space;
};

struct own {
	struct hotspot_walk *h;
	struct range *v; /* owned */
	size_t n, cap;
	size_t tries;
};

static bool is_anonymous(const struct mem_map *map)
{
	return map->kind == MEM_ANON && !(map->perms & VMA_SHARED);
}

/* Tells whether the memory there is known, or belongs to something else. */
static bool is_other(const struct hotspot_walk *h, uint64_t addr)
{
	const uint16_t others = MARK_GLIBC_ARENA | MARK_THREAD_STACK | MARK_BSS | MARK_JVM_CODE;
	struct walk *walk = h->vm.walk;
	uint32_t region = attributions_region(&walk->attributions, addr);

	return region == ATTRIBUTION_SKEW || (walk->snap->regions[region].marks & others) ||
	       walk->snap->regions[region].file || walk_is_reserved(walk, addr);
}

/* Tells whether a stack ends here: a thread records its upper end, where it begins. */
static bool is_stack_base(const struct hotspot_walk *h, uint64_t addr)
{
	struct walk *walk = h->vm.walk;
	uint32_t region = attributions_region(&walk->attributions, addr - 1);

	return region != ATTRIBUTION_SKEW && walk->snap->regions[region].end == addr &&
	       (walk->snap->regions[region].marks & MARK_THREAD_STACK);
}

/* Returns the end of the blocks that malloc mapped side by side at the start of a mapping. */
static uint64_t behind_malloced(struct memsrc *m, const struct mem_map *map)
{
	uint64_t at = map->start, head[2];

	while ((map->perms & VMA_WRITE) && at < map->end &&
	       memsrc_peek(m, at, head, sizeof(head)) && head[0] == 0 && (head[1] & 7) == 2 &&
	       head[1] > PAGE && head[1] % PAGE == 2 && head[1] <= map->end - at + 2)
		at += head[1] - 2;
	return at;
}

/*
 * Tells whether a range may be a reservation: it is mapped without a gap, and nothing of another
 * kind is in it.
 */
static bool is_reservation(const struct hotspot_walk *h, uint64_t start, uint64_t end)
{
	struct memsrc *m = h->vm.walk->mem;
	const struct mem_map *map = memsrc_map(m, start);
	uint64_t at = start;
	size_t n = 0;

	for (; map && map < m->maps + m->n_maps && map->start <= at && at < end; map++) {
		if (n++ == MAPS_MAX || !is_anonymous(map) || is_other(h, at) ||
		    behind_malloced(m, map) > at)
			return false;
		at = map->end;
	}
	return at >= end;
}

static void add_range(struct own *o, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i].start <= start && end <= o->v[i].end)
			return;
	}
	if (o->n == RANGES_MAX || !is_reservation(o->h, start, end))
		return;
	o->v = xgrow(o->v, o->n, &o->cap, sizeof(*o->v));
	o->v[o->n++] = (struct range){ start, end, HS_GC };
}

static void try_range(struct own *o, uint64_t start, uint64_t end)
{
	if (end % PAGE == 0 && end - start >= SIZE_MIN && end - start <= UINT64_C(1) << 40)
		add_range(o, start, end);
}

/* Tries two words as a record: start and end, start and bytes, or start and words. */
static void try_record(struct own *o, uint64_t start, uint64_t second)
{
	const struct mem_map *map;

	if (start >> 47 || second < SIZE_MIN / 8 || second >> 47 ||
	    walk_is_reserved(o->h->vm.walk, start) || o->tries++ >= TRIES_MAX)
		return;
	map = memsrc_map(o->h->vm.walk->mem, start);
	if (!map || !is_anonymous(map) || is_stack_base(o->h, start))
		return;
	if (second > start) {
		try_range(o, start, second);
		return;
	}
	try_range(o, start, start + second);
	try_range(o, start, start + 8 * second);
}

static void search_records(struct own *o, const struct region *r, uint64_t *left)
{
	struct memsrc *m = o->h->vm.walk->mem;
	uint64_t at = r->start;
	struct mem_run run;

	while (*left && memsrc_next(m, &at, r->end, &run)) {
		auto_free uint64_t *words = xmemdup(run.data, run.len);

		for (size_t i = 0; i + 1 < run.len / 8; i++) {
			if (words[i] % PAGE == 0 && words[i])
				try_record(o, words[i], words[i + 1]);
		}
		*left -= MIN(*left, run.len);
	}
}

/*
 * Searches the data of the machine, then its blocks of malloc. The first blocks of a heap are the
 * oldest.
 */
static void find_ranges(struct own *o, uint32_t file)
{
	const struct snapshot *s = o->h->vm.walk->snap;
	uint64_t left = RECORDS_BYTES_MAX;
	bool follows = false;

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		bool own = r->file == file || (follows && (r->marks & MARK_BSS));

		if ((r->perms & VMA_WRITE) && own)
			search_records(o, r, &left);
		follows = own;
	}
	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		const struct mem_map *map = memsrc_map(o->h->vm.walk->mem, r->start);

		if ((r->perms & VMA_WRITE) &&
		    ((r->marks & MARK_GLIBC_ARENA) || (map && map->kind == MEM_HEAP)))
			search_records(o, r, &left);
	}
}

static void mark_range(struct own *o, uint64_t addr, enum hs_space space)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i].start <= addr && addr < o->v[i].end)
			o->v[i].space = space;
	}
}

/* Marks the ranges that are metaspace: classes are in them. */
static void walk_classes(struct own *o)
{
	const struct hotspot_vm *vm = &o->h->vm;
	uint64_t loader, klass, constants, n = 0;

	if (!hs_word(vm, 0, HS_LOADERS, &loader))
		return;
	for (size_t i = 0; loader && i < LOADERS_MAX; i++) {
		if (!hs_word(vm, loader, HS_LOADER_KLASSES, &klass) ||
		    !hs_word(vm, loader, HS_LOADER_NEXT, &loader))
			return;
		while (klass && n++ < KLASSES_MAX) {
			if (n % KLASSES_STEP == 1) {
				mark_range(o, klass, HS_CLASS_SPACE);
				if (hs_word(vm, klass, HS_KLASS_CONSTANTS, &constants))
					mark_range(o, constants, HS_METASPACE);
			}
			if (!hs_word(vm, klass, HS_KLASS_NEXT, &klass))
				break;
		}
	}
	if (n)
		o->h->spaces[HS_CLASS_SPACE].objects = amount_of(n);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end < y->end) - (x->end > y->end);
}

/* Attributes the committed pieces of [start, end). */
static void attribute_range(struct hotspot_walk *h, const struct range *r, uint64_t start)
{
	struct walk *walk = h->vm.walk;
	struct walk_space *s = &h->spaces[r->space];
	const struct mem_map *map = memsrc_map_from(walk->mem, start);

	for (; map && map < walk->mem->maps + walk->mem->n_maps && map->start < r->end; map++) {
		uint64_t from = MAX(map->start, start), to = MIN(map->end, r->end);

		if (!(map->perms & VMA_WRITE) || is_other(h, from))
			continue;
		walk_count(&s->committed, to - from);
		walk_count(&s->resident,
			   attributions_add_range(&walk->attributions, walk->mem, h->owner,
						  LINE_OVERHEAD, from, to - from,
						  &walk->swapped_unread_bytes));
	}
	walk_count(&s->reserved, r->end - start);
}

void hotspot_read_own(struct hotspot_walk *h, uint32_t file)
{
	struct own o = { .h = h };
	uint64_t behind = 0;

	find_ranges(&o, file);
	walk_classes(&o);
	if (o.n)
		qsort(o.v, o.n, sizeof(*o.v), compare_ranges);
	for (size_t i = 0; i < o.n; i++) {
		if (o.v[i].end <= behind)
			continue;
		attribute_range(h, &o.v[i], MAX(o.v[i].start, behind));
		walk_reserve(h->vm.walk, MAX(o.v[i].start, behind), o.v[i].end);
		behind = o.v[i].end;
	}
	free(o.v);
}
