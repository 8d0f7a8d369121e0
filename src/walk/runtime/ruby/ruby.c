/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/ruby/ruby.h"

#include <errno.h>

#include "walk/core/runtime_walk.h"

enum {
	SIZES_MAX = 16,       /* of slots */
	TABLES_MAX = 1 << 18, /* tables of hashes that are read: at most 0.5 s */
};

/* Slots of one size. */
struct size_sums {
	uint32_t slot_bytes;
	uint64_t pages, live, free; /* slots */
	uint64_t resident, free_resident;
};

struct ruby_walk {
	struct runtime_walk base;
	uint16_t owner;
	struct ruby_heap heap;
	uint64_t counts[RUBY_TYPES], bytes[RUBY_TYPES]; /* of live slots */
	struct size_sums sizes[SIZES_MAX];
	size_t n_sizes;
	uint64_t unread;                         /* slots */
	struct marks transient;                  /* blocks in use of the transient heap */
	uint64_t transient_live, transient_free; /* resident bytes */
	uint64_t tables_left;
};

static struct size_sums *sums_of(struct ruby_walk *w, uint32_t slot_bytes)
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

static void count_slot(struct ruby_walk *w, const struct ruby_page *p,
		       const uint64_t slot[RUBY_SLOT_WORDS])
{
	unsigned int type = slot[0] % RUBY_TYPES;
	struct ruby_buffers b;

	w->counts[type]++;
	w->bytes[type] += p->slot_bytes;
	ruby_buffers(&w->heap, w->base.walk->mem, slot, &w->tables_left, &b);
	if (b.transient) {
		marks_set(&w->transient, b.addr[0]);
		return;
	}
	for (size_t i = 0; i < b.n; i++)
		walk_own(w->base.walk, w->owner, LINE_BUFFERS, b.addr[i]);
}

/* Attributes the transient heap: a block of it is live if an object has contents in it. */
static void attribute_transient(struct ruby_walk *w)
{
	uint64_t at = ruby_find_transient(w->base.walk->mem), end = at + RUBY_TRANSIENT_BYTES;

	for (; at && at < end; at += RUBY_TRANSIENT_BLOCK) {
		bool used = marks_any(&w->transient, at, at + RUBY_TRANSIENT_BLOCK);

		*(used ? &w->transient_live : &w->transient_free) += attributions_add_range(
			&w->base.walk->attributions, w->base.walk->mem, w->owner,
			used ? LINE_BUFFERS : LINE_RUNTIME_FREE, at, RUBY_TRANSIENT_BLOCK,
			&w->base.walk->swapped_unread_bytes);
	}
}

/*
 * Attributes a page. Pages of older releases are blocks of malloc: they are marked as the runtime's
 * as a whole, and the allocator attributes them.
 */
static void attribute_page(struct ruby_walk *w, const struct ruby_page *p, struct size_sums *s,
			   uint64_t live_bytes, uint64_t free_bytes)
{
	struct attributions *a = &w->base.walk->attributions;
	const struct mem_map *map = memsrc_map(w->base.walk->mem, p->addr);
	uint32_t region = attributions_region(a, p->addr);
	struct attribution_place at;
	struct mem_presence there;

	if (!memsrc_presence(w->base.walk->mem, p->addr, p->addr + w->heap.page_bytes, &there))
		return;
	w->base.walk->swapped_unread_bytes += there.swapped_bytes;
	live_bytes = MIN(live_bytes, there.resident_bytes);
	free_bytes = MIN(free_bytes, there.resident_bytes - live_bytes);
	s->resident += there.resident_bytes;
	s->free_resident += free_bytes;
	if ((map && map->kind == MEM_HEAP) ||
	    (region != ATTRIBUTION_SKEW && a->snap->regions[region].marks & MARK_GLIBC_ARENA)) {
		walk_own(w->base.walk, w->owner, LINE_OBJECTS, p->start);
		return;
	}
	at = attributions_place(a, p->addr, p->addr + w->heap.page_bytes);
	attributions_add(a, &at, w->owner, LINE_OBJECTS, live_bytes);
	attributions_add(a, &at, w->owner, LINE_RUNTIME_FREE, free_bytes);
	attributions_add(a, &at, w->owner, LINE_OVERHEAD,
			 there.resident_bytes - live_bytes - free_bytes);
}

static void walk_page(struct ruby_walk *w, const struct ruby_page *p)
{
	struct size_sums *s = sums_of(w, p->slot_bytes);
	uint64_t live = 0, is_free = 0;

	for (uint32_t i = 0; i < p->slots; i++) {
		const void *at = memsrc_at(w->base.walk->mem,
					   p->start + (uint64_t)i * p->slot_bytes, RUBY_SLOT_MIN);
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
		count_slot(w, p, slot);
	}
	s->pages++;
	s->live += live;
	s->free += is_free;
	attribute_page(w, p, s, live * p->slot_bytes, is_free * p->slot_bytes);
}

static void report_spaces(struct ruby_walk *w, struct walk_runtime *out)
{
	out->spaces = arena_array(&w->base.walk->arena, w->n_sizes + 1, struct walk_space);
	for (size_t i = 0; i < w->n_sizes; i++) {
		const struct size_sums *s = &w->sizes[i];
		struct walk_space *space = &out->spaces[out->n_spaces++];

		*space = walk_space_of(
			arena_printf(&w->base.walk->arena, "slots of %u bytes", s->slot_bytes));
		space->committed = amount_of(s->pages * w->heap.page_bytes);
		space->live = amount_of(s->live * s->slot_bytes);
		space->free_bytes = amount_of(s->free * s->slot_bytes);
		space->resident = amount_of(s->resident);
		space->free_resident = amount_of(s->free_resident);
		space->objects = amount_of(s->live);
		walk_space_add(&out->total, space);
	}
}

static void report_transient(const struct ruby_walk *w, struct walk_runtime *out)
{
	struct walk_space *space = &out->spaces[out->n_spaces];

	if (!w->transient_live && !w->transient_free)
		return;
	*space = walk_space_of("transient heap");
	space->resident = amount_of(w->transient_live + w->transient_free);
	space->free_resident = amount_of(w->transient_free);
	out->n_spaces++;
}

static void report_kinds(struct ruby_walk *w, struct walk_runtime *out)
{
	out->kinds = arena_array(&w->base.walk->arena, RUBY_TYPES, struct walk_kind);
	for (unsigned int i = 0; i < RUBY_TYPES; i++) {
		if (w->counts[i])
			out->kinds[out->n_kinds++] = (struct walk_kind){ ruby_type_name(i),
									 w->counts[i], w->bytes[i],
									 0 };
	}
	runtime_sort_kinds(out);
}

static int read_heap(void *state)
{
	struct ruby_walk *w = state;

	return ruby_find(w->base.walk->mem, &w->heap);
}

static void release_heap(void *state)
{
	ruby_release(&((struct ruby_walk *)state)->heap);
}

static void report(void *state, struct walk_runtime *out)
{
	struct ruby_walk *w = state;

	w->owner = walk_owner(w->base.walk, OWNER_RUNTIME, "ruby");
	w->tables_left = TABLES_MAX;
	for (size_t i = 0; i < w->heap.n_pages; i++)
		walk_page(w, &w->heap.pages[i]);
	attribute_transient(w);
	report_spaces(w, out);
	report_transient(w, out);
	report_kinds(w, out);
	out->complete = w->unread == 0;
	marks_release(&w->transient);
}

static enum reason why_unread(void *state, int status, struct walk_runtime *out)
{
	struct ruby_walk *w = state;

	out->unread_other = arena_printf(
		&w->base.walk->arena,
		status == -ENOENT ? "no heap like that of Ruby %s was found"
				  : "its pages are not as in Ruby %s, or did not keep still",
		ruby_releases);
	return REASON_OTHER;
}

const struct runtime_walker ruby_walker = {
	.state_bytes = sizeof(struct ruby_walk),
	.read = read_heap,
	.forget = release_heap,
	.report = report,
	.why_unread = why_unread,
	.release = release_heap,
};
