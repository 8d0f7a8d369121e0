/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/module_data.h"

#include "proc/smaps.h"

enum { BSS_MAX = 64 << 20 }; /* of what follows a module's data, this is taken for its .bss */

static bool is_module_data(const struct mem_map *map)
{
	return map->kind == MEM_FILE && map->inode && map->perms & VMA_WRITE &&
	       !(map->perms & VMA_SHARED);
}

void module_data_each(struct memsrc *mem, module_data_fn *fn, void *arg)
{
	const struct mem_map *end = mem->maps + mem->n_maps;

	for (const struct mem_map *map = mem->maps, *next; map < end; map = next) {
		uint64_t stop = map->end;

		next = map + 1;
		if (!is_module_data(map))
			continue;
		for (; next < end && next->start == stop && is_module_data(next) &&
		       next->inode == map->inode;
		     next++)
			stop = next->end;
		/* Nothing but its place tells .bss from other memory without a name. */
		if (next < end && next->start == stop && next->kind == MEM_ANON &&
		    next->perms & VMA_WRITE)
			stop = MIN(next->end, stop + BSS_MAX);
		fn(arg, map, map->start, stop);
	}
}
