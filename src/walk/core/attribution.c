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

void attributions_init(struct attributions *c, const struct snapshot *snap)
{
	*c = (struct attributions){ .snap = snap, .index = INDEX_INIT };
}

void attributions_release(struct attributions *c)
{
	free(c->v);
	index_release(&c->index);
	huge_free_release(&c->huge);
}

uint32_t attributions_region(struct attributions *c, uint64_t addr)
{
	const struct region *r = c->snap->regions;
	size_t lo = 0, hi = c->snap->n_regions;

	if (c->hot_region < hi && r[c->hot_region].start <= addr && addr < r[c->hot_region].end)
		return c->hot_region;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r[mid].end <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == c->snap->n_regions || r[lo].start > addr)
		return ATTRIBUTION_SKEW;
	c->hot_region = (uint32_t)lo;
	return c->hot_region;
}

static bool is_same(const struct attribution *a, const struct attribution *b)
{
	return a->region == b->region && a->owner == b->owner && a->line == b->line;
}

static bool same_attribution(const void *arg, uint32_t i, const void *key)
{
	const struct attributions *c = arg;

	return is_same(&c->v[i], key);
}

static struct attribution *find_attribution(struct attributions *c, uint32_t region, uint16_t owner,
					    enum walk_line line)
{
	const struct attribution key = { .region = region, .owner = owner, .line = (uint8_t)line };
	uint64_t hash;
	uint32_t i;

	if (c->hot[line] < c->n && is_same(&c->v[c->hot[line]], &key))
		return &c->v[c->hot[line]];
	hash = index_hash_u64(region, (uint64_t)owner << 8 | line);
	i = index_find(&c->index, hash, same_attribution, c, &key);
	if (i == INDEX_NONE) {
		i = (uint32_t)c->n;
		c->v = xgrow(c->v, c->n, &c->cap, sizeof(*c->v));
		c->v[c->n++] = key;
		index_add(&c->index, hash, i);
	}
	c->hot[line] = i;
	return &c->v[i];
}

void attributions_add(struct attributions *c, uint32_t region, uint16_t owner, enum walk_line line,
		      uint64_t bytes)
{
	if (bytes)
		find_attribution(c, region, owner, line)->bytes += bytes;
}

void attributions_sub(struct attributions *c, uint32_t region, uint16_t owner, enum walk_line line,
		      uint64_t bytes)
{
	struct attribution *attribution = find_attribution(c, region, owner, line);

	attribution->bytes -= MIN(attribution->bytes, bytes);
}

void attributions_merge(struct attributions *c, const struct attributions *from)
{
	for (size_t i = 0; i < from->n; i++)
		attributions_add(c, from->v[i].region, from->v[i].owner, from->v[i].line,
				 from->v[i].bytes);
	huge_free_merge(&c->huge, &from->huge);
}

uint64_t attributions_add_range(struct attributions *c, struct memsrc *m, uint16_t owner,
				enum walk_line line, uint64_t addr, uint64_t len, uint64_t *swapped)
{
	uint64_t end = len <= UINT64_MAX - addr ? addr + len : UINT64_MAX, total = 0;

	if (line == LINE_MALLOC_FREE || line == LINE_RUNTIME_FREE)
		attributions_free(c, addr, len);
	while (addr < end) {
		uint32_t region = attributions_region(c, addr);
		uint64_t stop = end;
		struct mem_presence p;

		if (region != ATTRIBUTION_SKEW)
			stop = MIN(stop, c->snap->regions[region].end);
		if (!memsrc_presence(m, addr, stop, &p))
			break;
		attributions_add(c, region, owner, line, p.resident_bytes);
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
static uint64_t cut_region(const struct attributions *c, struct attribution *v, size_t n)
{
	struct mem_counts counts;
	uint64_t sum = 0, left, cut;

	snapshot_counts(c->snap, &c->snap->regions[v->region], &counts);
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

uint64_t attributions_clamp(struct attributions *c)
{
	uint64_t skew = 0;
	size_t i = 0;

	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), compare_attributions);
	index_release(&c->index); /* numbers have changed */
	c->index = (struct index)INDEX_INIT;
	while (i < c->n && c->v[i].region != ATTRIBUTION_SKEW) {
		size_t first = i;

		while (i < c->n && c->v[i].region == c->v[first].region)
			i++;
		skew += cut_region(c, c->v + first, i - first);
	}
	for (size_t k = i; k < c->n; k++)
		skew += c->v[k].bytes;
	c->n = i;
	return skew;
}
