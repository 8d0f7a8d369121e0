/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/ruby/ruby.h"

#include <errno.h>

#include "walk/core/runtime_heap.h"

enum {
	ATTEMPTS = 2,
	SIZES_MAX = 16,       /* of slots */
	TABLES_MAX = 1 << 18, /* of hashes that are looked into: at most 0.5 s */
};

/* Slots of one size. */
struct size_sums {
	uint32_t slot_bytes;
	uint64_t pages, live, free; /* slots */
	uint64_t resident, free_resident;
};

struct ruby_state {
	struct walk *d;
	uint16_t owner;
	struct ruby_heap heap;
	uint64_t counts[RUBY_TYPES], bytes[RUBY_TYPES]; /* of live slots */
	struct size_sums sizes[SIZES_MAX];
	size_t n_sizes;
	uint64_t unread;        /* slots */
	struct marks transient; /* blocks of the heap for what is soon gone that are in use */
	uint64_t transient_live, transient_free; /* resident bytes */
	uint64_t tables_left;
};

static struct size_sums *sums_of(struct ruby_state *w, uint32_t slot_bytes)
{
	size_t i = 0;

	while (i < w->n_sizes && w->sizes[i].slot_bytes != slot_bytes)
		i++;
	if (i == SIZES_MAX)
		return &w->sizes[SIZES_MAX - 1];
	if (i == w->n_sizes)
		w->sizes[w->n_sizes++] = (struct size_sums){ .slot_bytes = slot_bytes };
	return &w->sizes[i];
}

static void take_slot(struct ruby_state *w, const struct ruby_page *p,
		      const uint64_t slot[RUBY_SLOT_WORDS])
{
	unsigned int type = slot[0] % RUBY_TYPES;
	struct ruby_buffers b;

	w->counts[type]++;
	w->bytes[type] += p->slot_bytes;
	ruby_buffers(&w->heap, w->d->mem, slot, &w->tables_left, &b);
	if (b.transient) {
		marks_set(&w->transient, b.addr[0]);
		return;
	}
	for (size_t i = 0; i < b.n; i++)
		walk_own(w->d, w->owner, LINE_BUFFERS, b.addr[i]);
}

/* Claims the heap for what is soon gone, by whether objects have something on a block of it. */
static void attribute_transient(struct ruby_state *w)
{
	uint64_t at = ruby_find_transient(w->d->mem), end = at + RUBY_TRANSIENT_BYTES;

	for (; at && at < end; at += RUBY_TRANSIENT_BLOCK) {
		bool used = marks_any(&w->transient, at, at + RUBY_TRANSIENT_BLOCK);

		*(used ? &w->transient_live : &w->transient_free) += attributions_add_range(
			&w->d->attributions, w->d->mem, w->owner,
			used ? LINE_BUFFERS : LINE_RUNTIME_FREE, at, RUBY_TRANSIENT_BLOCK,
			&w->d->swapped_unread_bytes);
	}
}

/*
 * What of a page is whose. Pages of older releases are blocks of malloc, which are the runtime's then
 * as a whole: the allocator claims them.
 */
static void attribute_page(struct ruby_state *w, const struct ruby_page *p, struct size_sums *s,
			   uint64_t live_bytes, uint64_t free_bytes)
{
	struct attributions *c = &w->d->attributions;
	const struct mem_map *map = memsrc_map(w->d->mem, p->addr);
	uint32_t region = attributions_region(c, p->addr);
	struct mem_presence there;

	if (!memsrc_presence(w->d->mem, p->addr, p->addr + w->heap.page_bytes, &there))
		return;
	w->d->swapped_unread_bytes += there.swapped_bytes;
	live_bytes = MIN(live_bytes, there.resident_bytes);
	free_bytes = MIN(free_bytes, there.resident_bytes - live_bytes);
	s->resident += there.resident_bytes;
	s->free_resident += free_bytes;
	if ((map && map->kind == MEM_HEAP) ||
	    (region != ATTRIBUTION_SKEW && c->snap->regions[region].marks & MARK_GLIBC_ARENA)) {
		walk_own(w->d, w->owner, LINE_OBJECTS, p->start);
		return;
	}
	attributions_add(c, region, w->owner, LINE_OBJECTS, live_bytes);
	attributions_add(c, region, w->owner, LINE_RUNTIME_FREE, free_bytes);
	attributions_add(c, region, w->owner, LINE_OVERHEAD,
			 there.resident_bytes - live_bytes - free_bytes);
}

static void walk_page(struct ruby_state *w, const struct ruby_page *p)
{
	struct size_sums *s = sums_of(w, p->slot_bytes);
	uint64_t live = 0, is_free = 0;

	for (uint32_t i = 0; i < p->slots; i++) {
		const void *at = memsrc_at(w->d->mem, p->start + (uint64_t)i * p->slot_bytes,
					   RUBY_SLOT_MIN);
		uint64_t slot[RUBY_SLOT_WORDS];

		if (!at) {
			w->unread++;
			continue;
		}
		memcpy(slot, at, sizeof(slot));
		if (!slot[0]) {
			is_free++;
			continue;
		}
		live++;
		take_slot(w, p, slot);
	}
	s->pages++;
	s->live += live;
	s->free += is_free;
	attribute_page(w, p, s, live * p->slot_bytes, is_free * p->slot_bytes);
}

static int most_bytes_first(const void *a, const void *b)
{
	const struct walk_kind *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void report_spaces(struct ruby_state *w, struct walk_runtime *out)
{
	out->spaces = arena_array(&w->d->arena, w->n_sizes + 1, struct walk_space);
	for (size_t i = 0; i < w->n_sizes; i++) {
		const struct size_sums *s = &w->sizes[i];
		struct walk_space *space = &out->spaces[out->n_spaces++];

		*space = walk_space_of(
			arena_printf(&w->d->arena, "slots of %u bytes", s->slot_bytes));
		space->committed = amount_of(s->pages * w->heap.page_bytes);
		space->live = amount_of(s->live * s->slot_bytes);
		space->free_bytes = amount_of(s->free * s->slot_bytes);
		space->resident = amount_of(s->resident);
		space->free_resident = amount_of(s->free_resident);
		space->objects = amount_of(s->live);
		walk_space_add(&out->total, space);
	}
}

static void report_transient(const struct ruby_state *w, struct walk_runtime *out)
{
	struct walk_space *space = &out->spaces[out->n_spaces];

	if (!w->transient_live && !w->transient_free)
		return;
	*space = walk_space_of("transient heap");
	space->resident = amount_of(w->transient_live + w->transient_free);
	space->free_resident = amount_of(w->transient_free);
	out->n_spaces++;
}

static void report(struct ruby_state *w, struct walk_runtime *out)
{
	report_spaces(w, out);
	report_transient(w, out);
	out->kinds = arena_array(&w->d->arena, RUBY_TYPES, struct walk_kind);
	for (unsigned int i = 0; i < RUBY_TYPES; i++) {
		if (w->counts[i])
			out->kinds[out->n_kinds++] = (struct walk_kind){ ruby_type_name(i),
									 w->counts[i],
									 w->bytes[i] };
	}
	if (out->n_kinds)
		qsort(out->kinds, out->n_kinds, sizeof(*out->kinds), most_bytes_first);
	out->complete = w->unread == 0;
}

static const char *why_unread(struct walk *d, int status)
{
	if (memsrc_is_over(d->mem))
		return mem_why_descs[memsrc_why_over(d->mem)].text;
	return arena_printf(&d->arena,
			    status == -ENOENT
				    ? "no heap like that of Ruby %s was found"
				    : "its pages are not as in Ruby %s, or did not keep still",
			    ruby_releases);
}

int ruby_walk(struct walk *d)
{
	struct walk_runtime *out = walk_add_runtime(d, "ruby", walk_runtime_file(d, "ruby"));
	struct ruby_state w = { .d = d, .tables_left = TABLES_MAX };
	int status = ruby_find(d->mem, &w.heap);

	while (status < 0 && out->retries + 1 < ATTEMPTS && memsrc_refresh(d->mem) == 0) {
		ruby_release(&w.heap);
		out->retries++;
		status = ruby_find(d->mem, &w.heap);
	}
	if (status == 0) {
		w.owner = walk_owner(d, OWNER_RUNTIME, "ruby");
		for (size_t i = 0; i < w.heap.n_pages; i++)
			walk_page(&w, &w.heap.pages[i]);
		attribute_transient(&w);
		report(&w, out);
	} else {
		out->unread = why_unread(d, status);
	}
	ruby_release(&w.heap);
	marks_release(&w.transient);
	return status;
}
