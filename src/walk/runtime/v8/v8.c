/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/v8/v8.h"

#include <errno.h>

struct sums {
	uint64_t committed, live, resident, free_resident;
	bool seen;
};

struct v8_walk {
	struct runtime_walk base;
	struct v8 v8;
	bool whole;
};

/* The walk of one isolate. */
struct v8_isolate_walk {
	struct walk *walk;
	const struct v8 *v;
	const struct v8_heap *heap;
	uint16_t owner;
	struct amount young;
	struct sums sums[V8_KIND_COUNT];
	struct sums pooled; /* pages that no space has in its list */
};

/*
 * Tells whether each space has as many bytes of pages as it counts, and each heap allocates on a
 * page.
 */
static bool is_whole(const struct v8 *v)
{
	uint64_t bytes[V8_SPACES_MAX] = { 0 };
	bool whole = true;

	for (size_t i = 0; i < v->n_pages; i++) {
		if (v->pages[i].order)
			bytes[v->pages[i].space] += v->pages[i].bytes;
	}
	for (size_t i = 0; i < v->n_spaces; i++)
		whole &= bytes[i] == v->spaces[i].committed;
	for (size_t i = 0; i < v->n_heaps; i++)
		whole &= v->heaps[i].young.start != 0;
	return whole;
}

/* Returns the bytes of a page's objects, including garbage that was not collected yet. */
static uint64_t used_on_page(const struct v8_isolate_walk *w, const struct v8_page *p,
			     enum v8_kind kind)
{
	const struct v8_lab *old = &w->heap->old;

	if (kind == V8_NEW)
		return v8_young_on_page(w->v, w->heap, p);
	if (w->v->counts_labs && old->start >= p->area_start && old->limit <= p->area_end &&
	    old->start)
		return p->allocated - MIN(p->allocated, old->limit - old->top);
	return p->allocated;
}

/*
 * Attributes the resident bytes of a page: its header, then the objects, then free memory. A page
 * of code consists of several mappings.
 */
static void attribute_page(struct v8_isolate_walk *w, const struct v8_page *p, uint64_t objects,
			   struct sums *s)
{
	struct attributions *a = &w->walk->attributions;
	uint64_t end = p->addr + p->bytes, stop;

	for (uint64_t at = p->addr; at < end; at = stop) {
		uint32_t region = attributions_region(a, at);
		struct attribution_place place;
		uint64_t head, live;
		struct mem_presence there;

		stop = region == ATTRIBUTION_SKEW ? end : MIN(end, a->snap->regions[region].end);
		if (!memsrc_presence(w->walk->mem, at, stop, &there))
			return;
		head = MIN(MIN(p->area_start, stop) - MIN(at, p->area_start), there.resident_bytes);
		live = MIN(objects, there.resident_bytes - head);
		objects -= live;
		place = attributions_place(a, at, stop);
		attributions_add(a, &place, w->owner, LINE_OVERHEAD, head);
		attributions_add(a, &place, w->owner, LINE_OBJECTS, live);
		attributions_add(a, &place, w->owner, LINE_RUNTIME_FREE,
				 there.resident_bytes - head - live);
		w->walk->swapped_unread_bytes += there.swapped_bytes;
		s->resident += there.resident_bytes;
		s->free_resident += there.resident_bytes - head - live;
	}
}

static void walk_page(struct v8_isolate_walk *w, const struct v8_page *p)
{
	enum v8_kind kind = v8_space_kind(w->v, &w->v->spaces[p->space]);
	struct sums *s = p->order ? &w->sums[kind] : &w->pooled;
	uint64_t used = p->order ? used_on_page(w, p, kind) : 0;

	s->seen = true;
	s->committed += p->bytes;
	s->live += used;
	attribute_page(w, p, used, s);
}

static struct walk_space space_of(const char *name, const struct sums *s)
{
	struct walk_space space = walk_space_of(name);

	space.committed = amount_of(s->committed);
	space.live = amount_of(s->live);
	space.free_bytes = amount_of(s->committed - MIN(s->live, s->committed));
	space.resident = amount_of(s->resident);
	space.free_resident = amount_of(s->free_resident);
	return space;
}

static void report_spaces(const struct v8_isolate_walk *w, struct walk_runtime *out)
{
	out->spaces = arena_array(&w->walk->arena, V8_KIND_COUNT + 2, struct walk_space);
	for (int i = 0; i < V8_KIND_COUNT; i++) {
		struct walk_space *space = &out->spaces[out->n_spaces];

		if (!w->sums[i].seen)
			continue;
		*space = space_of(v8_kind_names[i], &w->sums[i]);
		if (i == V8_NEW) {
			space->live = w->young;
			if (!amount_ok(w->young))
				space->free_bytes = space->free_resident = w->young;
		}
		walk_space_add(&out->total, space);
		out->n_spaces++;
	}
	if (w->pooled.seen)
		out->spaces[out->n_spaces++] = space_of("pages kept", &w->pooled);
	if (!amount_ok(w->young))
		out->total.live = out->total.free_bytes = out->total.free_resident = w->young;
}

/* Reports the buffers, which lie beside the heap. Which isolate has them is not known. */
static void report_buffers(struct walk *walk, struct walk_runtime *out)
{
	struct walk_space *space = &out->spaces[out->n_spaces];
	struct v8_buffers found;

	if (!v8_find_buffers(walk, walk_owner(walk, OWNER_RUNTIME, "node"), &found) || !found.count)
		return;
	*space = walk_space_of("array buffers");
	space->live = amount_of(found.bytes);
	space->objects = amount_of(found.count);
	out->n_spaces++;
}

static const char *version_of(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_runtimes; i++) {
		const struct runtime *r = &s->runtimes[i];

		if (streq(r->name, "node") && r->version && *r->version)
			return r->version;
	}
	return NULL;
}

static void walk_heap(struct v8_walk *v8w, size_t number, struct walk_runtime *out)
{
	struct walk *walk = v8w->base.walk;
	const struct v8 *v = &v8w->v8;
	struct v8_isolate_walk w = { .walk = walk, .v = v, .heap = &v->heaps[number] };

	w.owner = walk_owner(walk, OWNER_RUNTIME, "node");
	w.young = v8_young_bytes(v, w.heap);
	for (size_t i = 0; i < v->n_pages; i++) {
		const struct v8_page *p = &v->pages[i];

		if (p->space != UINT32_MAX && v->spaces[p->space].heap == w.heap->addr)
			walk_page(&w, p);
	}
	report_spaces(&w, out);
	if (number == 0)
		report_buffers(walk, out);
	out->version = version_of(walk->snap);
	if (number)
		out->label = arena_printf(&walk->arena, "node worker %zu", number);
	out->complete = v8w->whole && amount_ok(w.young);
	out->retries = v8w->base.retries;
}

/* The read-only space belongs to all isolates. */
static void attribute_read_only(struct walk *walk, const struct v8 *v)
{
	uint16_t owner = walk_owner(walk, OWNER_RUNTIME, "node");

	for (size_t i = 0; i < v->n_pages; i++) {
		const struct v8_page *p = &v->pages[i];

		if (p->space == UINT32_MAX)
			(void)attributions_add_range(&walk->attributions, walk->mem, owner,
						     LINE_OBJECTS, p->addr, p->bytes,
						     &walk->swapped_unread_bytes);
	}
}

static int read_heap(void *state)
{
	struct v8_walk *w = state;
	int status = v8_find(w->base.walk->mem, &w->v8);

	if (!w->v8.n_heaps)
		return w->v8.n_pages ? -ENOENT : -ENOTSUP;
	if (status < 0)
		return status;
	v8_link(w->base.walk->mem, &w->v8);
	w->whole = is_whole(&w->v8);
	return w->whole ? 0 : RUNTIME_TORN;
}

static void release_heaps(void *state)
{
	v8_release(&((struct v8_walk *)state)->v8);
}

static void report(void *state, struct walk_runtime *out)
{
	struct v8_walk *w = state;
	struct walk *walk = w->base.walk;

	walk_heap(w, 0, out);
	for (size_t i = 1; i < w->v8.n_heaps; i++)
		walk_heap(w, i, walk_add_runtime(walk, "node", w->base.module));
	attribute_read_only(walk, &w->v8);
}

static enum reason why_unread(void *state, int status attr_unused, struct walk_runtime *out)
{
	struct walk *walk = ((struct v8_walk *)state)->base.walk;
	const char *version = version_of(walk->snap);

	out->unread_other =
		version ? arena_printf(
				  &walk->arena,
				  "its pages are not as in V8 %s, which is what is known (node %s)",
				  v8_releases, version)
			: arena_printf(&walk->arena,
				       "its pages are not as in V8 %s, which is what is known",
				       v8_releases);
	return REASON_OTHER;
}

const struct runtime_walker v8_walker = {
	.state_bytes = sizeof(struct v8_walk),
	.read = read_heap,
	.forget = release_heaps,
	.report = report,
	.why_unread = why_unread,
	.release = release_heaps,
};
