/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/walk.h"

#include "base/alloc.h"
#include "walk/core/addrmap.h"

void walk_close(struct walk *d)
{
	for (size_t i = 0; i < d->n_owned; i++)
		marks_release(&d->owned[i].marks);
	d->n_owned = 0;
	addrmap_free(d->reserved);
	d->reserved = NULL;
	huge_free_release(&d->attributions.huge);
	d->attributions.huge.map = NULL;
	if (d->huge)
		huge_map_release(d->huge);
	free(d->huge);
	d->huge = NULL;
	memsrc_free(d->mem);
	d->mem = NULL;
}

void walk_release(struct walk *d)
{
	walk_close(d);
	free(d->owners);
	free(d->allocators);
	free(d->runtimes);
	attributions_release(&d->attributions);
	arena_release(&d->arena);
}

uint16_t walk_owner(struct walk *d, enum owner_kind kind, const char *name)
{
	for (size_t i = 0; i < d->n_owners; i++) {
		if (d->owners[i].kind == kind && streq(d->owners[i].name, name))
			return (uint16_t)i;
	}
	d->owners = xgrow(d->owners, d->n_owners, &d->cap_owners, sizeof(*d->owners));
	d->owners[d->n_owners] = (struct walk_owner){ kind, arena_strdup(&d->arena, name) };
	return (uint16_t)d->n_owners++;
}

void walk_own(struct walk *d, uint16_t owner, enum walk_line line, uint64_t addr)
{
	size_t i = 0;

	while (i < d->n_owned && (d->owned[i].owner != owner || d->owned[i].line != line))
		i++;
	if (i == WALK_OWNED_MAX)
		return;
	if (i == d->n_owned)
		d->owned[d->n_owned++] = (struct walk_owned){ owner, (uint8_t)line, { 0 } };
	marks_set(&d->owned[i].marks, addr);
}

bool walk_owner_of(struct walk *d, uint64_t start, uint64_t end, const struct walk_owned **ret)
{
	for (size_t i = 0; i < d->n_owned; i++) {
		if (marks_any(&d->owned[i].marks, start, end)) {
			*ret = &d->owned[i];
			return true;
		}
	}
	return false;
}

void walk_reserve(struct walk *d, uint64_t start, uint64_t end)
{
	const uint64_t page = UINT64_C(1) << ADDRMAP_PAGE_SHIFT;

	if (!d->reserved)
		d->reserved = addrmap_new();
	start = (start + page - 1) & ~(page - 1);
	end &= ~(page - 1);
	if (start < end)
		addrmap_mark(d->reserved, start, end, ADDR_POOLS);
}

bool walk_is_reserved(const struct walk *d, uint64_t addr)
{
	return d->reserved && addrmap_kind(d->reserved, addr) == ADDR_POOLS;
}

void walk_heap_add(struct walk_heap *sum, const struct walk_heap *h)
{
	const uint64_t *from = (const uint64_t *)h;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(uint64_t) == 0, "nothing but sums");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

struct walk_allocator *walk_add_allocator(struct walk *d, const char *name, uint32_t file)
{
	struct walk_allocator *a;

	d->allocators = xgrow(d->allocators, d->n_allocators, &d->cap_allocators,
			      sizeof(*d->allocators));
	a = &d->allocators[d->n_allocators++];
	*a = (struct walk_allocator){ .name = name };
	if (file)
		a->module = d->snap->files[file].path;
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
