/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a Java virtual machine has beside its heap: compiled code, and the stacks of threads */
#include "walk/runtime/hotspot/hotspot.h"

#include "proc/smaps.h"

enum {
	CODE_HEAPS_MAX = 8,
	THREADS_MAX = 1 << 16,
	SEGMENT_SHIFT_MAX = 16,
	SEGMENT_FREE = 0xff, /* in the map of segments; other values: in use */
};

struct virtual_space {
	uint64_t low, high, low_boundary, high_boundary;
};

static bool read_virtual(const struct hotspot_vm *vm, uint64_t at, struct virtual_space *ret)
{
	return hs_word(vm, at, HS_VIRTUAL_LOW, &ret->low) &&
	       hs_word(vm, at, HS_VIRTUAL_HIGH, &ret->high) &&
	       hs_word(vm, at, HS_VIRTUAL_LOW_BOUNDARY, &ret->low_boundary) &&
	       hs_word(vm, at, HS_VIRTUAL_HIGH_BOUNDARY, &ret->high_boundary) &&
	       ret->low_boundary <= ret->low && ret->low <= ret->high &&
	       ret->high <= ret->high_boundary && ret->high_boundary - ret->low_boundary < 1U << 31;
}

/* Returns how many segments of a code heap are in use. Its own map has a byte for each. */
static uint64_t used_segments(struct memsrc *m, uint64_t map, uint64_t n)
{
	uint64_t at = map, used = 0;
	struct mem_run run;

	while (memsrc_next(m, &at, map + n, &run)) {
		for (size_t i = 0; i < run.len; i++)
			used += run.data[i] != SEGMENT_FREE;
	}
	return used;
}

static void add_code_heap(struct hotspot_walk *h, uint64_t at)
{
	const struct hotspot_vm *vm = &h->vm;
	struct walk_space *s = &h->spaces[HS_CODE];
	struct virtual_space memory, segmap;
	uint32_t shift;
	uint64_t used;

	if (!hs_has(vm, HS_CODE_MEMORY) || !hs_has(vm, HS_CODE_SEGMAP) ||
	    !read_virtual(vm, at + vm->fields[HS_CODE_MEMORY], &memory) ||
	    !read_virtual(vm, at + vm->fields[HS_CODE_SEGMAP], &segmap) ||
	    !hs_half(vm, at, HS_CODE_SHIFT, &shift) || shift > SEGMENT_SHIFT_MAX ||
	    (memory.high - memory.low) >> shift > segmap.high - segmap.low) {
		h->broken++;
		return;
	}
	walk_reserve(vm->walk, memory.low_boundary, memory.high_boundary);
	used = used_segments(vm->walk->mem, segmap.low, (memory.high - memory.low) >> shift)
	       << shift;
	walk_count(&s->reserved, memory.high_boundary - memory.low_boundary);
	walk_count(&s->committed, memory.high - memory.low);
	walk_count(&s->live, used);
	walk_count(&s->free_bytes, memory.high - memory.low - used);
	walk_count(&s->resident,
		   attributions_add_range(&vm->walk->attributions, vm->walk->mem, h->owner,
					  LINE_CODE, memory.low, memory.high - memory.low,
					  &vm->walk->swapped_unread_bytes));
}

void hotspot_read_code(struct hotspot_walk *h)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t array, data, heap;
	uint32_t n;

	if (hs_word(vm, 0, HS_CODE_HEAP, &heap)) {
		add_code_heap(h, heap);
		return;
	}
	if (!hs_word(vm, 0, HS_CODE_HEAPS, &array) || !hs_half(vm, array, HS_ARRAY_LEN, &n) ||
	    !hs_word(vm, array, HS_ARRAY_DATA, &data) || n > CODE_HEAPS_MAX)
		return;
	for (uint32_t i = 0; i < n; i++) {
		if (memsrc_u64(vm->walk->mem, data + 8 * i, &heap))
			add_code_heap(h, heap);
	}
}

void hotspot_read_stacks(struct hotspot_walk *h)
{
	const struct hotspot_vm *vm = &h->vm;
	struct walk_space *s = &h->spaces[HS_STACKS];
	uint64_t list, threads, thread, base, size;
	uint32_t n;

	if (!hs_word(vm, 0, HS_THREADS, &list) || !hs_half(vm, list, HS_THREADS_LENGTH, &n) ||
	    !hs_word(vm, list, HS_THREADS_LIST, &threads) || n > THREADS_MAX)
		return;
	for (uint32_t i = 0; i < n; i++) {
		if (!memsrc_u64(vm->walk->mem, threads + 8 * (uint64_t)i, &thread) ||
		    !hs_word(vm, thread, HS_STACK_BASE, &base) ||
		    !hs_word(vm, thread, HS_STACK_SIZE, &size) || size > base ||
		    size > UINT64_C(1) << 36)
			continue;
		walk_count(&s->reserved, size);
		walk_count(&s->objects, 1);
		walk_reserve(vm->walk, base - size, base);
		walk_count(&s->resident,
			   attributions_add_range(&vm->walk->attributions, vm->walk->mem, h->owner,
						  LINE_STACK, base - size, size,
						  &vm->walk->swapped_unread_bytes));
	}
}
