/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/walk.h"

#include "base/alloc.h"
#include "walk/core/addrmap.h"

void walk_close(struct walk *walk)
{
	for (size_t i = 0; i < walk->n_owned; i++)
		marks_release(&walk->owned[i].marks);
	walk->n_owned = 0;
	addrmap_free(walk->reserved);
	walk->reserved = NULL;
	huge_free_release(&walk->attributions.huge);
	walk->attributions.huge.map = NULL;
	if (walk->huge)
		huge_map_release(walk->huge);
	free(walk->huge);
	walk->huge = NULL;
	if (walk->shares)
		shares_release(walk->shares);
	free(walk->shares);
	walk->shares = walk->attributions.shares = NULL;
	memsrc_free(walk->mem);
	walk->mem = NULL;
}

void walk_release(struct walk *walk)
{
	walk_close(walk);
	free(walk->owners);
	free(walk->allocators);
	free(walk->runtimes);
	attributions_release(&walk->attributions);
	arena_release(&walk->arena);
}

uint16_t walk_owner(struct walk *walk, enum owner_kind kind, const char *name)
{
	for (size_t i = 0; i < walk->n_owners; i++) {
		if (walk->owners[i].kind == kind && streq(walk->owners[i].name, name))
			return (uint16_t)i;
	}
	walk->owners = xgrow(walk->owners, walk->n_owners, &walk->cap_owners,
			     sizeof(*walk->owners));
	walk->owners[walk->n_owners] = (struct walk_owner){ kind,
							    arena_strdup(&walk->arena, name) };
	return (uint16_t)walk->n_owners++;
}

void walk_own(struct walk *walk, uint16_t owner, enum walk_line line, uint64_t addr)
{
	size_t i = 0;

	while (i < walk->n_owned && (walk->owned[i].owner != owner || walk->owned[i].line != line))
		i++;
	if (i == WALK_OWNED_MAX)
		return;
	if (i == walk->n_owned)
		walk->owned[walk->n_owned++] = (struct walk_owned){ owner, (uint8_t)line, { 0 } };
	marks_set(&walk->owned[i].marks, addr);
}

bool walk_owner_of(struct walk *walk, uint64_t start, uint64_t end, const struct walk_owned **ret)
{
	for (size_t i = 0; i < walk->n_owned; i++) {
		if (marks_any(&walk->owned[i].marks, start, end)) {
			*ret = &walk->owned[i];
			return true;
		}
	}
	return false;
}

void walk_reserve(struct walk *walk, uint64_t start, uint64_t end)
{
	const uint64_t page = UINT64_C(1) << ADDRMAP_PAGE_SHIFT;

	if (!walk->reserved)
		walk->reserved = addrmap_new();
	start = (start + page - 1) & ~(page - 1);
	end &= ~(page - 1);
	if (start < end)
		addrmap_mark(walk->reserved, start, end, ADDR_POOLS);
}

bool walk_is_reserved(const struct walk *walk, uint64_t addr)
{
	return walk->reserved && addrmap_kind(walk->reserved, addr) == ADDR_POOLS;
}

void walk_heap_add(struct walk_heap *sum, const struct walk_heap *h)
{
	const uint64_t *from = (const uint64_t *)h;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(uint64_t) == 0, "nothing but sums");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

struct walk_allocator *walk_add_allocator(struct walk *walk, const char *name, uint32_t file)
{
	struct walk_allocator *a;

	walk->allocators = xgrow(walk->allocators, walk->n_allocators, &walk->cap_allocators,
				 sizeof(*walk->allocators));
	a = &walk->allocators[walk->n_allocators++];
	*a = (struct walk_allocator){ .name = name };
	if (file)
		a->module = walk->snap->files[file].path;
	return a;
}

uint32_t walk_program(const struct walk *walk)
{
	for (uint32_t i = 1; i < walk->snap->n_files; i++) {
		if (walk->snap->files[i].is_program)
			return i;
	}
	return 0;
}

void walk_record_size(struct walk_allocator *out, struct walk_size size)
{
	uint64_t bytes = size.blocks * size.bytes;
	size_t i = out->n_sizes;

	if (bytes == 0 ||
	    (i == WALK_SIZES && bytes <= out->sizes[i - 1].blocks * out->sizes[i - 1].bytes))
		return;
	if (i == WALK_SIZES)
		i--;
	else
		out->n_sizes++;
	for (; i > 0 && out->sizes[i - 1].blocks * out->sizes[i - 1].bytes < bytes; i--)
		out->sizes[i] = out->sizes[i - 1];
	out->sizes[i] = size;
}

void walk_record_block(struct walk_allocator *out, struct walk_block block)
{
	size_t i = out->n_largest;

	if (i == WALK_LARGEST && block.bytes <= out->largest[i - 1].bytes)
		return;
	if (i == WALK_LARGEST)
		i--;
	else
		out->n_largest++;
	for (; i > 0 && out->largest[i - 1].bytes < block.bytes; i--)
		out->largest[i] = out->largest[i - 1];
	out->largest[i] = block;
}
