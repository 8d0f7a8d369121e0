/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/apply.h"

#include "base/alloc.h"
#include "walk/core/runtime_heap.h"
#include "walk/runtime/cpython/cpython.h"

/* The new parts of the snapshot, and the next old part and attribution to add. */
struct splitter {
	const struct walk *walk;
	struct snapshot *s;
	struct part *parts; /* owned until they are the snapshot's */
	size_t n, cap;
	bool was_split;           /* the region that is being split, before the walk */
	struct part_pages *pages; /* of the parts of the region that is being split */
	size_t n_pages, cap_pages;
	size_t next_part, next_attribution;
	bool owners_read; /* of blocks: all runtimes were read */
};

static void add_part(struct splitter *sp, const struct part *part)
{
	sp->parts = xgrow(sp->parts, sp->n, &sp->cap, sizeof(*sp->parts));
	sp->parts[sp->n++] = *part;
}

/* Adds the old parts of a region. */
static void keep_parts(struct splitter *sp, uint32_t region)
{
	const struct snapshot *s = sp->s;

	for (; sp->next_part < s->n_parts && s->parts[sp->next_part].region == region;
	     sp->next_part++)
		add_part(sp, &s->parts[sp->next_part]);
}

static void add_pages(struct splitter *sp, struct part_pages pages)
{
	sp->pages = xgrow(sp->pages, sp->n_pages, &sp->cap_pages, sizeof(*sp->pages));
	sp->pages[sp->n_pages++] = pages;
}

/* "cpython 3.11 objects"; "malloc live" if it is not known which blocks are native. */
static uint32_t line_owner(struct splitter *sp, const struct attribution *c)
{
	const struct walk_owner *o = &sp->walk->owners[c->owner];
	bool native = c->line != LINE_NATIVE || sp->owners_read;
	auto_free char *name = xasprintf("%s %s", o->name,
					 native ? walk_line_descs[c->line].word : "live");

	return snapshot_owner(sp->s, o->kind, name);
}

/* Memory behind the .bss of a library does not belong to the library. */
static uint8_t category_of(const struct splitter *sp, uint32_t region)
{
	const struct region *r = &sp->s->regions[region];
	size_t n;
	const struct part *parts = snapshot_parts(sp->s, r, &n);

	return r->split ? parts[n - 1].category : r->category;
}

static uint64_t add_attributions(struct splitter *sp, uint32_t region)
{
	const struct attributions *a = &sp->walk->attributions;
	const struct region *r = &sp->s->regions[region];
	uint8_t category = category_of(sp, region);
	uint64_t sum = 0;

	for (; sp->next_attribution < a->n && a->v[sp->next_attribution].region == region;
	     sp->next_attribution++) {
		const struct attribution *attribution = &a->v[sp->next_attribution];

		if (attribution->bytes == 0)
			continue;
		add_part(sp, &(struct part){
				     .region = region,
				     .owner = line_owner(sp, attribution),
				     .category = category,
				     .evidence = EV_WALKED,
				     .rule = r->rule,
				     .rss_bytes = attribution->bytes,
				     .size_bytes = attribution->bytes,
			     });
		add_pages(sp, attribution->pages);
		sum += attribution->bytes;
	}
	return sum;
}

static struct mem_counts counts_of(const struct snapshot *s, const struct region *r)
{
	struct mem_counts counts;

	snapshot_counts(s, r, &counts);
	return counts;
}

/*
 * Subtracts the walked bytes from the old parts of a region, the last one first: a part that is
 * known by its shape begins at the start of the region.
 */
static void shrink(struct part *rest, size_t n, uint64_t walked)
{
	for (size_t i = n; i-- > 0 && walked;) {
		uint64_t bytes = MIN(rest[i].rss_bytes, walked);

		rest[i].rss_bytes -= bytes;
		rest[i].size_bytes -= MIN(bytes, rest[i].size_bytes);
		walked -= bytes;
	}
}

static void add_rest(struct splitter *sp, uint32_t region, uint64_t walked)
{
	struct region *r = &sp->s->regions[region];
	size_t first = sp->n;
	struct part whole = {
		.region = region,
		.owner = r->owner,
		.category = r->category,
		.evidence = r->evidence,
		.rule = r->rule,
	};

	if (r->split) {
		keep_parts(sp, region);
	} else {
		whole.rss_bytes = counts_of(sp->s, r).v[MC_RSS];
		whole.size_bytes = MAX(r->end - r->start, whole.rss_bytes);
		add_part(sp, &whole);
	}
	shrink(sp->parts + first, sp->n - first, walked);
	r->split = true;
}

/* Returns what the pages of an old part count, which is known if its PSS is. */
static struct part_pages pages_of(const struct part *part, bool *known)
{
	*known &= amount_ok(part->pss) && amount_ok(part->uss);
	if (!*known)
		return (struct part_pages){ 0, 0 };
	return (struct part_pages){
		.private_bytes = (double)part->uss.value,
		.shared_bytes = (double)part->pss.value - (double)part->uss.value,
	};
}

static void subtract(double *from, double *left)
{
	double bytes = MIN(*from, *left);

	*from -= bytes;
	*left -= bytes;
}

/*
 * Divides PSS and USS of the region among its parts from `first` on, of which the first n_walked
 * are walked. What they do not count of the pages, the others do: the last one first, as in shrink.
 */
static void divide(struct splitter *sp, uint32_t region, size_t first, size_t n_walked)
{
	const struct region_shares *rs = shares_region(sp->walk->shares, region);
	struct mem_counts counts = counts_of(sp->s, &sp->s->regions[region]);
	struct part_pages walked = { 0, 0 };
	bool known = rs != NULL;

	if (rs && !sp->was_split)
		add_pages(sp, rs->sum);
	for (size_t i = first + n_walked; sp->was_split && i < sp->n; i++)
		add_pages(sp, pages_of(&sp->parts[i], &known));
	for (size_t i = 0; i < n_walked; i++) {
		walked.private_bytes += sp->pages[i].private_bytes;
		walked.shared_bytes += sp->pages[i].shared_bytes;
	}
	for (size_t i = sp->n_pages; i-- > n_walked;) {
		subtract(&sp->pages[i].private_bytes, &walked.private_bytes);
		subtract(&sp->pages[i].shared_bytes, &walked.shared_bytes);
	}
	parts_divide(sp->parts + first, sp->n - first, &counts, known ? sp->pages : NULL);
}

static void split_region(struct splitter *sp, uint32_t region)
{
	size_t first = sp->n, n_walked;
	uint64_t walked;
	const struct part *last;

	sp->n_pages = 0;
	sp->was_split = sp->s->regions[region].split;
	walked = add_attributions(sp, region);
	n_walked = sp->n - first;
	if (!walked) {
		keep_parts(sp, region);
		return;
	}
	add_rest(sp, region, walked);
	divide(sp, region, first, n_walked);
	last = &sp->parts[sp->n - 1];
	if (last->rss_bytes == 0 && last->size_bytes == 0 && last->pss.value == 0)
		sp->n--;
}

static void record(struct snapshot *s, enum heap_stat_kind kind, const char *owner,
		   const char *name, struct amount count, uint64_t bytes)
{
	s->heap_stats.read |= 1U << kind;
	if (bytes)
		heap_stats_add(&s->heap_stats, &s->arena,
			       &(struct heap_stat){ kind, owner, name, count, bytes });
}

static void record_lines(const struct walk *walk, struct snapshot *s)
{
	s->heap_stats.read |= 1U << HEAP_STAT_LINE;
	for (size_t i = 0; i < walk->attributions.n; i++) {
		const struct attribution *c = &walk->attributions.v[i];

		record(s, HEAP_STAT_LINE, walk->owners[c->owner].name,
		       walk_line_descs[c->line].word, amount_absent(REASON_NOT_OF_LINE), c->bytes);
	}
}

/* Classes are sorted by bytes, and the last of them may have been left out. */
static void record_classes(const struct walk_allocator *a, struct snapshot *s)
{
	uint64_t blocks = a->object_blocks, bytes = a->object_bytes;

	for (size_t i = 0; i < a->n_objects; i++) {
		const struct walk_class *c = &a->objects[i];

		record(s, HEAP_STAT_CLASS, a->name, c->name, amount_of(c->blocks), c->bytes);
		blocks -= MIN(blocks, c->blocks);
		bytes -= MIN(bytes, c->bytes);
	}
	record(s, HEAP_STAT_CLASS, a->name, heap_stat_kind_descs[HEAP_STAT_CLASS].rest,
	       amount_of(blocks), bytes);
}

static void record_allocator(const struct walk_allocator *a, struct snapshot *s)
{
	const struct walk_heap *h = &a->total;
	const struct amount none = amount_absent(REASON_NOT_BLOCKS);

	record(s, HEAP_STAT_ALLOCATOR, a->name, "live",
	       amount_of(h->live_blocks + a->mmapped_blocks), h->live_bytes + a->mmapped_bytes);
	record(s, HEAP_STAT_ALLOCATOR, a->name, "free", amount_of(h->free_blocks), h->free_bytes);
	record(s, HEAP_STAT_ALLOCATOR, a->name, "tcache", amount_of(h->tcache_blocks),
	       h->tcache_bytes);
	record(s, HEAP_STAT_ALLOCATOR, a->name, "top", none, h->top_bytes);
	record(s, HEAP_STAT_ALLOCATOR, a->name, "overhead", none, h->overhead_bytes);
	record_classes(a, s);
}

static void record_pymalloc(const struct pymalloc_stats *p, const char *owner, struct snapshot *s)
{
	const struct amount none = amount_absent(REASON_NOT_BLOCKS);

	record(s, HEAP_STAT_ALLOCATOR, owner, "live", none, p->total.live_bytes);
	record(s, HEAP_STAT_ALLOCATOR, owner, "free", none,
	       p->total.free_bytes + p->total.top_bytes);
	record(s, HEAP_STAT_ALLOCATOR, owner, "overhead", none, p->total.overhead_bytes);
}

static void record_runtime(const struct walk_runtime *r, struct snapshot *s)
{
	const char *owner = r->label ? r->label : r->name;

	if (r->cpython)
		record_pymalloc(&r->cpython->pymalloc, owner, s);
	if (amount_ok(r->total.live))
		record(s, HEAP_STAT_ALLOCATOR, owner, "live", r->total.objects,
		       r->total.live.value);
	if (amount_ok(r->total.free_bytes))
		record(s, HEAP_STAT_ALLOCATOR, owner, "free", amount_absent(REASON_NOT_BLOCKS),
		       r->total.free_bytes.value);
	for (size_t i = 0; i < r->n_kinds; i++) {
		const struct walk_kind *k = &r->kinds[i];

		record(s, HEAP_STAT_TYPE, owner, k->name, amount_of(k->count), k->bytes);
	}
}

static void record_all(const struct walk *walk, struct snapshot *s)
{
	record_lines(walk, s);
	for (size_t i = 0; i < walk->n_allocators; i++) {
		if (!walk->allocators[i].unread)
			record_allocator(&walk->allocators[i], s);
	}
	for (size_t i = 0; i < walk->n_runtimes; i++) {
		if (!walk->runtimes[i].unread)
			record_runtime(&walk->runtimes[i], s);
	}
	s->heap_stats.partial = walk->partial ? walk->partial : s->partial;
}

void walk_apply(const struct walk *walk, struct snapshot *s)
{
	struct splitter sp = { .walk = walk, .s = s, .owners_read = walk_runtimes_read(walk) };

	record_all(walk, s);
	for (size_t i = 0; i < s->n_regions; i++)
		split_region(&sp, (uint32_t)i);
	free(sp.pages);
	free(s->parts);
	s->parts = sp.parts;
	s->n_parts = sp.n;
	s->cap_parts = sp.cap;
}
