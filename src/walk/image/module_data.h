/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writable data of programs and libraries, where allocators and runtimes have their roots.
 */
#ifndef WALK_IMAGE_MODULE_DATA_H
#define WALK_IMAGE_MODULE_DATA_H

#include "proc/memsrc.h"

typedef void module_data_fn(void *arg, const struct mem_map *module, uint64_t start, uint64_t end);

/*
 * Calls fn for the writable data [start, end) of each module; `module` is its first mapping. The
 * .bss is part of it, with other memory that may be merged with it.
 */
void module_data_each(struct memsrc *mem, module_data_fn *fn, void *arg);

#endif
