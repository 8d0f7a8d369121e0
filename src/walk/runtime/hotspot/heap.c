/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heaps of the collectors that map it once.
 */
#include "walk/runtime/hotspot/hotspot.h"

#include <errno.h>

#include "base/alloc.h"

enum {
	REGIONS_MAX = 1 << 20,
	RANGE_MAX_SHIFT = 44, /* bytes of one range */
};

void hotspot_add_range(struct hotspot_walk *h, enum hs_space space, uint64_t start, uint64_t top,
		       uint64_t end)
{
	if (start > top || top > end || end - start > UINT64_C(1) << RANGE_MAX_SHIFT ||
	    start % sizeof(uint64_t) != 0 ||
	    (h->reserved_end && (start < h->reserved_start || end > h->reserved_end))) {
		h->broken++;
		return;
	}
	h->ranges = xgrow(h->ranges, h->n_ranges, &h->cap_ranges, sizeof(*h->ranges));
	h->ranges[h->n_ranges++] = (struct hs_range){ start, top, end, space };
}

struct space_fields {
	enum hs_field bottom, top, end;
};

static const struct space_fields contiguous = { HS_SPACE_BOTTOM, HS_SPACE_TOP, HS_SPACE_END };
static const struct space_fields mutable = { HS_MUTABLE_BOTTOM, HS_MUTABLE_TOP, HS_MUTABLE_END };

/* Returns the space that a field of a generation points to. */
static bool add_space(struct hotspot_walk *h, const struct space_fields *f, enum hs_space space,
		      uint64_t generation, enum hs_field field)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t at, bottom, top, end;

	if (!hs_word(vm, generation, field, &at) || !hs_word(vm, at, f->bottom, &bottom) ||
	    !hs_word(vm, at, f->top, &top) || !hs_word(vm, at, f->end, &end))
		return false;
	hotspot_add_range(h, space, bottom, top, end);
	return true;
}

int hotspot_read_serial(struct hotspot_walk *h, uint64_t heap)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t young, old;
	bool found;

	if (hs_has(vm, HS_YOUNG_GEN))
		found = hs_word(vm, heap, HS_YOUNG_GEN, &young) &&
			hs_word(vm, heap, HS_OLD_GEN, &old);
	else
		found = hs_word(vm, heap, HS_GENS, &young) && hs_word(vm, heap + 8, HS_GENS, &old);
	if (!found || !add_space(h, &contiguous, HS_EDEN, young, HS_YOUNG_EDEN) ||
	    !add_space(h, &contiguous, HS_SURVIVOR, young, HS_YOUNG_FROM) ||
	    !add_space(h, &contiguous, HS_SURVIVOR, young, HS_YOUNG_TO) ||
	    !add_space(h, &contiguous, HS_OLD, old, HS_TENURED_SPACE))
		return -EBADMSG;
	return 0;
}

int hotspot_read_parallel(struct hotspot_walk *h, uint64_t heap attr_unused)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t young, old;

	if (!hs_word(vm, 0, HS_PS_YOUNG, &young) || !hs_word(vm, 0, HS_PS_OLD, &old) ||
	    !add_space(h, &mutable, HS_EDEN, young, HS_PS_EDEN) ||
	    !add_space(h, &mutable, HS_SURVIVOR, young, HS_PS_FROM) ||
	    !add_space(h, &mutable, HS_SURVIVOR, young, HS_PS_TO) ||
	    !add_space(h, &mutable, HS_OLD, old, HS_PS_OLD_SPACE))
		return -EBADMSG;
	return 0;
}

static enum hs_space g1_space(const struct hotspot_vm *vm, uint32_t tag)
{
	const int *c = vm->constants;

	if (tag == 0)
		return HS_FREE;
	if (tag == (uint32_t)c[HS_TAG_EDEN])
		return HS_EDEN;
	if (tag == (uint32_t)c[HS_TAG_SURVIVOR])
		return HS_SURVIVOR;
	if (tag & (uint32_t)c[HS_TAG_HUMONGOUS])
		return HS_HUMONGOUS;
	if (tag & (uint32_t)c[HS_TAG_ARCHIVE])
		return HS_ARCHIVE;
	return tag & (uint32_t)c[HS_TAG_OLD] ? HS_OLD : HS_REGULAR;
}

/* Regions that were returned stay in the table: their memory is not writable. */
static bool is_committed(const struct hotspot_walk *h, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(h->vm.walk->mem, addr);

	return map && memsrc_why_of_map(map) == MEM_READ;
}

static void add_g1_region(struct hotspot_walk *h, uint64_t region)
{
	static const enum hs_field fields[] = { HS_REGION_BOTTOM, HS_REGION_TOP, HS_REGION_END,
						HS_REGION_TYPE };
	const struct hotspot_vm *vm = &h->vm;
	bool typed = hs_has(vm, HS_REGION_TYPE) && vm->fields[HS_TYPE_TAG] == 0;
	enum hs_space space = HS_REGULAR;
	uint64_t v[ARRAY_SIZE(fields)];

	if (!hs_words(vm, region, fields, typed ? 4 : 3, v)) {
		h->broken++;
		return;
	}
	if (typed)
		space = g1_space(vm, (uint32_t)v[3]);
	if (space == HS_FREE && !is_committed(h, v[0]))
		return;
	hotspot_add_range(h, space, v[0], space == HS_FREE ? v[0] : v[1], v[2]);
}

int hotspot_read_g1(struct hotspot_walk *h, uint64_t heap)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t table, base, n, region;

	if (!hs_has(vm, HS_G1_REGIONS) || !hs_has(vm, HS_G1_TABLE))
		return -EBADMSG;
	table = heap + vm->fields[HS_G1_REGIONS] + vm->fields[HS_G1_TABLE];
	if (!hs_word(vm, table, HS_TABLE_BASE, &base) || !hs_word(vm, table, HS_TABLE_LENGTH, &n) ||
	    n > REGIONS_MAX)
		return -EBADMSG;
	for (uint64_t i = 0; i < n; i++) {
		if (!memsrc_u64(vm->walk->mem, base + 8 * i, &region))
			return -EBADMSG;
		if (region)
			add_g1_region(h, region);
	}
	return 0;
}

/* Source: ShenandoahHeapRegion::RegionState, whose values all versions have. */
static enum hs_space shenandoah_space(uint32_t state)
{
	static const enum hs_space spaces[] = {
		HS_FREE,      HS_FREE,      HS_REGULAR, HS_HUMONGOUS, HS_HUMONGOUS,
		HS_HUMONGOUS, HS_COLLECTED, HS_REGULAR, HS_COLLECTED, HS_TRASH,
	};

	return state < ARRAY_SIZE(spaces) ? spaces[state] : HS_REGULAR;
}

int hotspot_read_shenandoah(struct hotspot_walk *h, uint64_t heap)
{
	static const enum hs_field fields[] = { HS_SH_BOTTOM, HS_SH_TOP, HS_SH_END, HS_SH_STATE };
	const struct hotspot_vm *vm = &h->vm;
	uint64_t regions, n;

	if (!hs_word(vm, heap, HS_SH_COUNT, &n) || !hs_word(vm, heap, HS_SH_REGIONS, &regions) ||
	    n > REGIONS_MAX)
		return -EBADMSG;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t region, v[ARRAY_SIZE(fields)];

		if (!memsrc_u64(vm->walk->mem, regions + 8 * i, &region))
			return -EBADMSG;
		if (!hs_words(vm, region, fields, ARRAY_SIZE(fields), v))
			h->broken++;
		else if ((uint32_t)v[3] != 0) /* otherwise it is not committed */
			hotspot_add_range(h, shenandoah_space((uint32_t)v[3]), v[0], v[1], v[2]);
	}
	return 0;
}
