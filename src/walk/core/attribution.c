/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/core/attribution.h"

#include "base/alloc.h"

const struct walk_line_desc walk_line_descs[] = {
	[LINE_OBJECTS] = { "objects", "objects", "live objects", "objects of a language runtime" },
	[LINE_BUFFERS] = { "buffers", "buffers", "interpreter buffers",
			   "what objects consist of besides themselves" },
	[LINE_NATIVE] = { "native", "native", "native memory", "live blocks that no object owns" },
	[LINE_RUNTIME_FREE] = { "runtime_free", "free", "free in the runtime",
				"pools and pages that a runtime keeps" },
	[LINE_MALLOC_FREE] = { "malloc_free", "free", "free in malloc",
			       "blocks that an allocator keeps" },
	[LINE_OVERHEAD] = { "overhead", "overhead", "allocator overhead",
			    "headers, tables, padding" },
	[LINE_CODE] = { "code", "code", "compiled code", "that a runtime made" },
	[LINE_STACK] = { "stack", "stack", "stacks", "that a runtime gives its own threads" },
	[LINE_AGAIN] = { "counted_again", "counted again", "counted again",
			 "mapped more than once, and counted so by RSS" },
};
_Static_assert(ARRAY_SIZE(walk_line_descs) == LINE_COUNT, "a row for each");

void attributions_init(struct attributions *a, const struct snapshot *snap)
{
	*a = (struct attributions){ .snap = snap, .index = INDEX_INIT };
}

void attributions_release(struct attributions *a)
{
	free(a->v);
	index_release(&a->index);
	huge_free_release(&a->huge);
}

uint32_t attributions_region(struct attributions *a, uint64_t addr)
{
	const struct region *r = a->snap->regions;
	size_t lo = 0, hi = a->snap->n_regions;

	if (a->hot_region < hi && r[a->hot_region].start <= addr && addr < r[a->hot_region].end)
		return a->hot_region;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == a->snap->n_regions || r[lo].start > addr)
		return ATTRIBUTION_SKEW;
	a->hot_region = (uint32_t)lo;
	return a->hot_region;
}

static bool is_same(const struct attribution *a, const struct attribution *b)
{
	return a->region == b->region && a->owner == b->owner && a->line == b->line;
}

static bool same_attribution(const void *arg, uint32_t i, const void *key)
{
	const struct attributions *a = arg;

	return is_same(&a->v[i], key);
}

static struct attribution *find_attribution(struct attributions *a, uint32_t region, uint16_t owner,
					    enum walk_line line)
{
	const struct attribution key = { .region = region, .owner = owner, .line = (uint8_t)line };
	uint64_t hash;
	uint32_t i;

	if (a->hot[line] < a->n && is_same(&a->v[a->hot[line]], &key))
		return &a->v[a->hot[line]];
	hash = index_hash_u64(region, (uint64_t)owner << 8 | line);
	i = index_find(&a->index, hash, same_attribution, a, &key);
	if (i == INDEX_NONE) {
		i = (uint32_t)a->n;
		a->v = xgrow(a->v, a->n, &a->cap, sizeof(*a->v));
		a->v[a->n++] = key;
		index_add(&a->index, hash, i);
	}
	a->hot[line] = i;
	return &a->v[i];
}

struct attribution_place attributions_place(struct attributions *a, uint64_t addr, uint64_t end)
{
	uint32_t region = attributions_region(a, addr);
	struct region_shares *rs = shares_region(a->shares, region);

	return (struct attribution_place){
		.region = region,
		.rate = rs ? shares_rate(rs, addr, end) : (struct part_pages){ 0, 0 },
	};
}

struct attribution_place attributions_even_place(struct attributions *a, uint64_t addr,
						 uint64_t *ret_start, uint64_t *ret_end)
{
	uint32_t region = attributions_region(a, addr);
	struct region_shares *rs = shares_region(a->shares, region);

	*ret_start = addr;
	*ret_end = addr + 1;
	if (region != ATTRIBUTION_SKEW) {
		*ret_start = a->snap->regions[region].start;
		*ret_end = a->snap->regions[region].end;
	}
	if (rs)
		shares_narrow(rs, addr, ret_start, ret_end);
	return attributions_place(a, addr, addr + 1);
}

void attributions_add(struct attributions *a, const struct attribution_place *at, uint16_t owner,
		      enum walk_line line, uint64_t bytes)
{
	struct attribution *v;

	if (!bytes)
		return;
	v = find_attribution(a, at->region, owner, line);
	v->bytes += bytes;
	v->pages.private_bytes += at->rate.private_bytes * (double)bytes;
	v->pages.shared_bytes += at->rate.shared_bytes * (double)bytes;
}

void attributions_merge(struct attributions *a, const struct attributions *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct attribution *b = &from->v[i];
		struct attribution *v = find_attribution(a, b->region, b->owner,
							 (enum walk_line)b->line);

		v->bytes += b->bytes;
		v->pages.private_bytes += b->pages.private_bytes;
		v->pages.shared_bytes += b->pages.shared_bytes;
	}
	huge_free_merge(&a->huge, &from->huge);
}

uint64_t attributions_add_range(struct attributions *a, struct memsrc *m, uint16_t owner,
				enum walk_line line, uint64_t addr, uint64_t len, uint64_t *swapped)
{
	uint64_t end = len <= UINT64_MAX - addr ? addr + len : UINT64_MAX, total = 0;

	if (line == LINE_MALLOC_FREE || line == LINE_RUNTIME_FREE)
		attributions_free(a, addr, len);
	while (addr < end) {
		uint32_t region = attributions_region(a, addr);
		uint64_t stop = end;
		struct attribution_place place;
		struct mem_presence p;

		if (region != ATTRIBUTION_SKEW)
			stop = MIN(stop, a->snap->regions[region].end);
		if (!memsrc_presence(m, addr, stop, &p))
			break;
		place = attributions_place(a, addr, stop);
		attributions_add(a, &place, owner, line, p.resident_bytes);
		total += p.resident_bytes;
		if (swapped)
			*swapped += p.swapped_bytes;
		addr = stop;
	}
	return total;
}

static int compare_attributions(const void *a, const void *b)
{
	const struct attribution *x = a, *y = b;

	if (x->region != y->region)
		return x->region < y->region ? -1 : 1;
	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Reduces the n sums of one region to its Rss. Returns the bytes that were cut. */
static uint64_t cut_region(const struct attributions *a, struct attribution *v, size_t n)
{
	struct mem_counts counts;
	uint64_t sum = 0, left, cut;

	snapshot_counts(a->snap, &a->snap->regions[v->region], &counts);
	for (size_t i = 0; i < n; i++)
		sum += v[i].bytes;
	if (sum <= counts.v[MC_RSS])
		return 0;
	cut = sum - counts.v[MC_RSS];
	left = counts.v[MC_RSS];
	for (size_t i = 0; i < n; i++) {
		uint64_t share = (uint64_t)((double)v[i].bytes / (double)sum *
					    (double)counts.v[MC_RSS]);

		v[i].bytes = i + 1 < n ? MIN(share, left) : left;
		left -= v[i].bytes;
	}
	return cut;
}

uint64_t attributions_clamp(struct attributions *a)
{
	uint64_t skew = 0;
	size_t i = 0;

	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), compare_attributions);
	index_release(&a->index); /* numbers have changed */
	a->index = (struct index)INDEX_INIT;
	while (i < a->n && a->v[i].region != ATTRIBUTION_SKEW) {
		size_t first = i;

		while (i < a->n && a->v[i].region == a->v[first].region)
			i++;
		skew += cut_region(a, a->v + first, i - first);
	}
	for (size_t k = i; k < a->n; k++)
		skew += a->v[k].bytes;
	a->n = i;
	return skew;
}
