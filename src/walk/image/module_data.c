/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/image/module_data.h"

#include "proc/smaps.h"

enum { BSS_MAX = 64 << 20 }; /* of what follows a module's data, this is taken for its .bss */

static bool is_module_data(const struct mem_map *map)
{
	return map->kind == MEM_FILE && map->inode && map->perms & VMA_WRITE &&
	       !(map->perms & VMA_SHARED);
}

/* Returns the index behind the mappings of the data that begins with maps[first]. */
static size_t data_end(const struct memsrc *mem, size_t first)
{
	const struct mem_map *maps = mem->maps;
	size_t end = first + 1;

	while (end < mem->n_maps && maps[end].start == maps[end - 1].end &&
	       is_module_data(&maps[end]) && maps[end].inode == maps[first].inode)
		end++;
	return end;
}

/* Tells whether a mapping is .bss, which only its place distinguishes from other unnamed memory. */
static bool is_bss(const struct mem_map *map, uint64_t data_stop)
{
	return map->start == data_stop && map->kind == MEM_ANON && map->perms & VMA_WRITE;
}

void module_data_each(struct memsrc *mem, module_data_fn *fn, void *arg)
{
	for (size_t i = 0, next; i < mem->n_maps; i = next) {
		const struct mem_map *map = &mem->maps[i];
		uint64_t stop;

		next = i + 1;
		if (!is_module_data(map))
			continue;
		next = data_end(mem, i);
		stop = mem->maps[next - 1].end;
		if (next < mem->n_maps && is_bss(&mem->maps[next], stop))
			stop = MIN(mem->maps[next].end, stop + BSS_MAX);
		fn(arg, map, map->start, stop);
	}
}
