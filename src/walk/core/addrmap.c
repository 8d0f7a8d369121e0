/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/addrmap.h"

#include "base/alloc.h"

enum { LEAF_PAGES = 1 << (ADDRMAP_LEAF_SHIFT - ADDRMAP_PAGE_SHIFT) };

struct addrmap *addrmap_new(void)
{
	return xcalloc(1, sizeof(struct addrmap));
}

void addrmap_free(struct addrmap *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < ADDRMAP_TOP; i++)
		free(m->leaf[i]);
	free(m);
}

/* Sets the kind of the pages [first, end) of one leaf. */
static void mark_leaf(struct addrmap *m, size_t top, size_t first, size_t end, enum addr_kind kind)
{
	if (first == 0 && end == LEAF_PAGES && !m->leaf[top]) {
		m->whole[top] = (uint8_t)kind;
		return;
	}
	if (!m->leaf[top]) {
		if (m->whole[top] == kind)
			return;
		if (m->n_leaves == ADDRMAP_LEAVES_MAX) {
			m->full = true;
			return;
		}
		m->n_leaves++;
		/* Zeroed pages that nothing touches take no memory. */
		m->leaf[top] = xcalloc(LEAF_PAGES, 1);
		if (m->whole[top])
			memset(m->leaf[top], m->whole[top], LEAF_PAGES);
	}
	memset(m->leaf[top] + first, (int)kind, end - first);
}

void addrmap_mark(struct addrmap *m, uint64_t start, uint64_t end, enum addr_kind kind)
{
	const uint64_t limit = (uint64_t)ADDRMAP_TOP << ADDRMAP_LEAF_SHIFT;

	end = MIN(end, limit);
	while (start < end) {
		uint64_t top = start >> ADDRMAP_LEAF_SHIFT, base = top << ADDRMAP_LEAF_SHIFT;
		uint64_t stop = MIN(end, base + (UINT64_C(1) << ADDRMAP_LEAF_SHIFT));

		mark_leaf(m, top, (start - base) >> ADDRMAP_PAGE_SHIFT,
			  (stop - base + (1 << ADDRMAP_PAGE_SHIFT) - 1) >> ADDRMAP_PAGE_SHIFT,
			  kind);
		start = stop;
	}
}
