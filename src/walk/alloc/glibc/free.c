/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes free memory by the pages behind it.
 */
#include "walk/alloc/glibc/glibc_impl.h"

void glibc_attribute_free(struct glibc *g, struct walk_heap *sums, uint64_t addr, uint64_t bytes,
			  uint64_t keep)
{
	uint64_t page = g->walk->mem->page_bytes;
	uint64_t first = (addr + keep + page - 1) & ~(page - 1),
		 last = (addr + bytes) & ~(page - 1);
	struct mem_presence p = { 0 };

	(void)size_account_attribute_free(&g->account, sums, addr, addr + bytes);
	if (first < last && memsrc_presence(g->walk->mem, first, last, &p))
		sums->trimmable_bytes += p.resident_bytes;
}
