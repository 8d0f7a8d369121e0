/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap of ZGC: a file in memory, which releases without generations map three times, at
 * addresses that differ in the colour of pointers. RSS counts a page in each of these mappings.
 */
#include "walk/runtime/hotspot/hotspot.h"

#include <errno.h>

#include "base/alloc.h"

enum {
	GRANULE_SHIFT = 21, /* all releases: ZGranuleSizeShift */
	GRANULES_MAX = 1 << 22,
	FILE_PAGES_MAX = 1 << 28, /* a heap of 1 TiB */
	NUMA_MAX = 256,
	NUMA_STRIDE = 4096, /* ZValueStorage::offset */
};

/* Pages of the collector, by granule of the address space of the heap. */
struct z_heap {
	struct hotspot_walk *h;
	uint8_t *kinds; /* enum hs_space, or HS_FREE; owned */
	uint64_t n_granules;
	uint64_t mask; /* of an address, without the colour */
	uint8_t *seen; /* bitmap of the pages of the file; owned */
	uint64_t n_seen;
	uint64_t used_bytes; /* of the pages that were found */
	uint64_t resident, free_resident, again;
};

/* Tells whether a mapping is of the file, in whichever way it was made. */
static bool is_heap_file(const struct file *f)
{
	return starts_with(f->path, "/memfd:java_heap");
}

static bool read_numbers(struct hotspot_walk *h, uint64_t allocator, uint64_t *ret_capacity,
			 uint64_t *ret_used)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t base, capacity, used;
	uint32_t n = 1;

	*ret_capacity = *ret_used = 0;
	if (hs_has(vm, HS_Z_CAPACITY))
		return hs_word(vm, allocator, HS_Z_CAPACITY, ret_capacity) &&
		       hs_word(vm, allocator, HS_Z_USED, ret_used);
	if (!hs_has(vm, HS_Z_PARTITIONS) ||
	    !hs_word(vm, allocator + vm->fields[HS_Z_PARTITIONS], HS_Z_PARTITION_ADDR, &base) ||
	    !hs_half(vm, 0, HS_Z_NUMA_COUNT, &n) || n == 0 || n > NUMA_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++, base += NUMA_STRIDE) {
		if (!hs_word(vm, base, HS_Z_PARTITION_CAPACITY, &capacity) ||
		    !hs_word(vm, base, HS_Z_PARTITION_USED, &used))
			return false;
		*ret_capacity += capacity;
		*ret_used += used;
	}
	return true;
}

static enum hs_space kind_of(uint8_t type)
{
	static const enum hs_space kinds[] = { HS_SMALL_PAGES, HS_MEDIUM_PAGES, HS_LARGE_PAGES };

	return type < ARRAY_SIZE(kinds) ? kinds[type] : HS_FREE;
}

static void add_page(struct z_heap *z, uint64_t granule, uint64_t page)
{
	const struct hotspot_vm *vm = &z->h->vm;
	const enum hs_field fields[] = {
		HS_Z_VIRTUAL_START,
		hs_has(vm, HS_Z_VIRTUAL_SIZE) ? HS_Z_VIRTUAL_SIZE : HS_Z_VIRTUAL_END,
	};
	uint64_t v[ARRAY_SIZE(fields)], size;
	enum hs_space kind;
	uint8_t type;

	if (!hs_words(vm, page + vm->fields[HS_Z_PAGE_VIRTUAL], fields, ARRAY_SIZE(fields), v) ||
	    !memsrc_peek(vm->walk->mem, page + vm->fields[HS_Z_PAGE_TYPE], &type, sizeof(type)))
		return;
	/* A page of several granules is in the table once for each. */
	if (v[0] >> GRANULE_SHIFT != granule)
		return;
	size = fields[1] == HS_Z_VIRTUAL_SIZE ? v[1] : v[1] - v[0];
	kind = kind_of(type);
	if (kind == HS_FREE || z->kinds[granule] != HS_FREE || size == 0 ||
	    size % (1 << GRANULE_SHIFT) != 0 || size >> GRANULE_SHIFT > z->n_granules - granule) {
		z->h->broken++;
		return;
	}
	memset(z->kinds + granule, kind, (size_t)(size >> GRANULE_SHIFT));
	z->used_bytes += size;
	walk_count(&z->h->spaces[kind].committed, size);
	walk_count(&z->h->spaces[kind].live, size);
}

static bool read_pages(struct z_heap *z, uint64_t zheap)
{
	const struct hotspot_vm *vm = &z->h->vm;
	struct memsrc *m = vm->walk->mem;
	const struct mem_map *map;
	uint64_t table, at;
	struct mem_run run;

	if (!hs_has(vm, HS_Z_TABLE) || !hs_has(vm, HS_Z_TABLE_MAP) ||
	    !hs_has(vm, HS_Z_PAGE_VIRTUAL) || !hs_has(vm, HS_Z_PAGE_TYPE) ||
	    !hs_word(vm, zheap + vm->fields[HS_Z_TABLE] + vm->fields[HS_Z_TABLE_MAP], HS_Z_GRANULES,
		     &table))
		return false;
	map = memsrc_map(m, table);
	if (!map)
		return false;
	z->n_granules = MIN((map->end - table) / 8, z->mask >> GRANULE_SHIFT);
	if (z->n_granules == 0 || z->n_granules > GRANULES_MAX)
		return false;
	z->kinds = xcalloc((size_t)z->n_granules, 1);
	memset(z->kinds, HS_FREE, (size_t)z->n_granules);
	at = table;
	while (memsrc_next(m, &at, table + 8 * z->n_granules, &run)) {
		auto_free uint64_t *words = xmemdup(run.data, run.len);

		/* The pages in use are few, and far from the table. */
		for (size_t i = 0; i < run.len / 8; i++) {
			if (words[i])
				add_page(z, (run.addr - table) / 8 + i, words[i]);
		}
	}
	return true;
}

/* Attributes a page of the file: live, free, or seen before in another mapping. */
static void attribute_page(struct z_heap *z, uint32_t region, uint64_t addr, uint64_t bytes)
{
	const struct walk *walk = z->h->vm.walk;
	const struct region *r = &walk->snap->regions[region];
	uint64_t number = (r->offset + (addr - r->start)) / walk->mem->page_bytes;
	uint64_t granule = (addr & z->mask) >> GRANULE_SHIFT;
	enum hs_space kind = granule < z->n_granules ? z->kinds[granule] : HS_FREE;
	enum walk_line line = kind == HS_FREE ? LINE_RUNTIME_FREE : LINE_OBJECTS;
	struct attributions *a = &z->h->vm.walk->attributions;
	struct attribution_place at;

	if (number < z->n_seen) {
		if (z->seen[number / 8] >> number % 8 & 1)
			line = LINE_AGAIN;
		z->seen[number / 8] |= (uint8_t)(1 << number % 8);
	}
	at = attributions_place(a, addr, addr + walk->mem->page_bytes);
	attributions_add(a, &at, z->h->owner, line, bytes);
	if (line == LINE_AGAIN) {
		z->again += bytes;
		return;
	}
	z->resident += bytes;
	walk_count(&z->h->spaces[kind].resident, bytes);
	if (kind == HS_FREE)
		z->free_resident += bytes;
}

static void attribute_view(struct z_heap *z, uint32_t region)
{
	struct memsrc *m = z->h->vm.walk->mem;
	const struct region *r = &z->h->vm.walk->snap->regions[region];
	uint64_t step = UINT64_C(1) << GRANULE_SHIFT;
	struct mem_presence p;

	for (uint64_t at = r->start; at < r->end; at += step) {
		uint64_t end = MIN(at + step, r->end);

		if (!memsrc_presence(m, at, end, &p))
			return;
		for (uint64_t page = at; p.resident_bytes && page < end; page += m->page_bytes) {
			struct mem_presence one;

			if (!memsrc_presence(m, page, page + m->page_bytes, &one))
				return;
			if (one.resident_bytes)
				attribute_page(z, region, page, one.resident_bytes);
		}
	}
}

static void attribute_views(struct z_heap *z)
{
	const struct walk *walk = z->h->vm.walk;
	const struct snapshot *s = walk->snap;

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];

		if (r->file && is_heap_file(&s->files[r->file]))
			z->n_seen = MAX(z->n_seen,
					(r->offset + (r->end - r->start)) / walk->mem->page_bytes);
	}
	z->n_seen = MIN(z->n_seen, (uint64_t)FILE_PAGES_MAX);
	z->seen = xcalloc((size_t)z->n_seen / 8 + 1, 1);
	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];

		if (r->file && is_heap_file(&s->files[r->file]))
			attribute_view(z, (uint32_t)i);
	}
}

static bool read_mask(struct z_heap *z)
{
	const struct hotspot_vm *vm = &z->h->vm;
	uint64_t globals, at;

	return hs_word(vm, 0, HS_Z_GLOBALS, &globals) &&
	       hs_word(vm, globals, HS_Z_OFFSET_MASK, &at) &&
	       memsrc_u64(vm->walk->mem, at, &z->mask) && (z->mask & (z->mask + 1)) == 0 &&
	       z->mask >> GRANULE_SHIFT;
}

static void fill_total(struct z_heap *z, uint64_t capacity, uint64_t used)
{
	struct hotspot_walk *h = z->h;

	used = MIN(used, capacity);
	h->total.committed = amount_of(capacity);
	h->total.live = amount_of(used);
	h->total.free_bytes = amount_of(capacity - used);
	h->total.resident = amount_of(z->resident);
	h->total.free_resident = amount_of(z->free_resident);
	if (z->again)
		h->recounted = amount_of(z->again);
	h->spaces[HS_FREE].committed = h->spaces[HS_FREE].free_bytes = h->total.free_bytes;
	h->spaces[HS_FREE].free_resident = h->total.free_resident;
}

int hotspot_read_z(struct hotspot_walk *h, uint64_t heap)
{
	const struct hotspot_vm *vm = &h->vm;
	struct z_heap z = { .h = h };
	uint64_t zheap = heap + vm->fields[HS_Z_HEAP], capacity, used;
	int status = 0;

	if (!hs_has(vm, HS_Z_HEAP) || !hs_has(vm, HS_Z_ALLOCATOR) ||
	    !read_numbers(h, zheap + vm->fields[HS_Z_ALLOCATOR], &capacity, &used) ||
	    capacity >> 47 || used > capacity + (capacity >> 3) || !read_mask(&z) ||
	    !read_pages(&z, zheap))
		status = -EBADMSG;
	else if (h->broken && !h->base.retries)
		status = -EAGAIN;
	if (status == 0) {
		attribute_views(&z);
		fill_total(&z, capacity, used);
	}
	free(z.kinds);
	free(z.seen);
	return status;
}
