/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/walk.h"

#include "base/alloc.h"
#include "walk/core/addrmap.h"

void depth_close(struct depth *d)
{
	for (size_t i = 0; i < d->n_owned; i++)
		marks_release(&d->owned[i].marks);
	d->n_owned = 0;
	addrmap_free(d->kept);
	d->kept = NULL;
	huge_free_release(&d->claims.huge);
	d->claims.huge.map = NULL;
	if (d->huge)
		huge_map_release(d->huge);
	free(d->huge);
	d->huge = NULL;
	memsrc_free(d->mem);
	d->mem = NULL;
}

void depth_release(struct depth *d)
{
	depth_close(d);
	free(d->owners);
	free(d->allocators);
	free(d->cpythons);
	free(d->runtimes);
	claims_release(&d->claims);
	arena_release(&d->arena);
}

uint16_t depth_owner(struct depth *d, enum owner_kind kind, const char *name)
{
	for (size_t i = 0; i < d->n_owners; i++) {
		if (d->owners[i].kind == kind && streq(d->owners[i].name, name))
			return (uint16_t)i;
	}
	d->owners = xgrow(d->owners, d->n_owners, &d->cap_owners, sizeof(*d->owners));
	d->owners[d->n_owners] = (struct depth_owner){ kind, arena_strdup(&d->arena, name) };
	return (uint16_t)d->n_owners++;
}

void depth_own(struct depth *d, uint16_t owner, enum depth_line line, uint64_t addr)
{
	size_t i = 0;

	while (i < d->n_owned && (d->owned[i].owner != owner || d->owned[i].line != line))
		i++;
	if (i == DEPTH_OWNED_MAX)
		return;
	if (i == d->n_owned)
		d->owned[d->n_owned++] = (struct depth_owned){ owner, (uint8_t)line, { 0 } };
	marks_set(&d->owned[i].marks, addr);
}

bool depth_owner_of(struct depth *d, uint64_t start, uint64_t end, const struct depth_owned **ret)
{
	for (size_t i = 0; i < d->n_owned; i++) {
		if (marks_any(&d->owned[i].marks, start, end)) {
			*ret = &d->owned[i];
			return true;
		}
	}
	return false;
}

void depth_keep(struct depth *d, uint64_t start, uint64_t end)
{
	const uint64_t page = UINT64_C(1) << ADDRMAP_PAGE_SHIFT;

	if (!d->kept)
		d->kept = addrmap_new();
	start = (start + page - 1) & ~(page - 1);
	end &= ~(page - 1);
	if (start < end)
		addrmap_mark(d->kept, start, end, ADDR_POOLS);
}

bool depth_is_kept(const struct depth *d, uint64_t addr)
{
	return d->kept && addrmap_kind(d->kept, addr) == ADDR_POOLS;
}

void depth_heap_add(struct depth_heap *sum, const struct depth_heap *h)
{
	const uint64_t *from = (const uint64_t *)h;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(uint64_t) == 0, "nothing but sums");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

struct depth_allocator *depth_add_allocator(struct depth *d, const char *name, uint32_t file)
{
	struct depth_allocator *a;

	d->allocators = xgrow(d->allocators, d->n_allocators, &d->cap_allocators,
			      sizeof(*d->allocators));
	a = &d->allocators[d->n_allocators++];
	*a = (struct depth_allocator){ .name = name };
	if (file)
		a->module = d->snap->files[file].path;
	return a;
}

void depth_keep_size(struct depth_allocator *out, struct depth_size size)
{
	uint64_t bytes = size.blocks * size.bytes;
	size_t i = out->n_sizes;

	if (bytes == 0 ||
	    (i == DEPTH_SIZES && bytes <= out->sizes[i - 1].blocks * out->sizes[i - 1].bytes))
		return;
	if (i == DEPTH_SIZES)
		i--;
	else
		out->n_sizes++;
	for (; i > 0 && out->sizes[i - 1].blocks * out->sizes[i - 1].bytes < bytes; i--)
		out->sizes[i] = out->sizes[i - 1];
	out->sizes[i] = size;
}
