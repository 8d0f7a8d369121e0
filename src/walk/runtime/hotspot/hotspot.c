/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/hotspot/hotspot.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/path.h"
#include "proc/smaps.h"

static const char *const space_names[HS_SPACES] = {
	[HS_EDEN] = "eden",
	[HS_SURVIVOR] = "survivor",
	[HS_OLD] = "old",
	[HS_HUMONGOUS] = "humongous",
	[HS_ARCHIVE] = "archive",
	[HS_REGULAR] = "regular",
	[HS_COLLECTED] = "collection set",
	[HS_TRASH] = "trash",
	[HS_FREE] = "free regions",
	[HS_SMALL_PAGES] = "small pages",
	[HS_MEDIUM_PAGES] = "medium pages",
	[HS_LARGE_PAGES] = "large pages",
	[HS_CODE] = "code cache",
	[HS_CLASS_SPACE] = "class space",
	[HS_METASPACE] = "metaspace",
	[HS_GC] = "tables",
	[HS_STACKS] = "Java thread stacks",
};

static const struct hotspot_collector {
	const char *flag, *name;
	int (*read)(struct hotspot_walk *h, uint64_t heap); /* NULL: its heap cannot be read */
} collectors[] = {
	{ "UseSerialGC", "Serial", hotspot_read_serial },
	{ "UseParallelGC", "Parallel", hotspot_read_parallel },
	{ "UseParallelOldGC", "Parallel", hotspot_read_parallel },
	{ "UseG1GC", "G1", hotspot_read_g1 },
	{ "UseShenandoahGC", "Shenandoah", hotspot_read_shenandoah },
	{ "UseZGC", "ZGC", hotspot_read_z },
	{ "UseConcMarkSweepGC", "CMS", NULL },
	{ "UseEpsilonGC", "Epsilon", NULL },
};

/*
 * JDK 8 calls itself 25.392 here, and 25.0 is a release too; but only later releases count security
 * updates.
 */
static void read_version(const struct hotspot_vm *vm, struct walk_runtime *r)
{
	struct arena *arena = &vm->walk->arena;
	uint32_t major, minor, security;

	if (!hs_half(vm, 0, HS_VERSION_MAJOR, &major) ||
	    !hs_half(vm, 0, HS_VERSION_MINOR, &minor) || major > 999 || minor > 999)
		return;
	if (!hs_half(vm, 0, HS_VERSION_SECURITY, &security) || security > 999) {
		r->version = arena_printf(arena, "8u%u", minor);
		r->label = "jvm 8";
		return;
	}
	r->version = arena_printf(arena, "%u.%u.%u", major, minor, security);
	r->label = arena_printf(arena, "jvm %u", major);
}

static const struct hotspot_collector *find_collector(struct hotspot_vm *vm)
{
	enum { GENERATIONAL = ARRAY_SIZE(collectors) };
	const char *flags[GENERATIONAL + 1] = { [GENERATIONAL] = "ZGenerational" };
	unsigned int set;

	for (size_t i = 0; i < ARRAY_SIZE(collectors); i++)
		flags[i] = collectors[i].flag;
	set = hs_flags(vm, flags, ARRAY_SIZE(flags));
	if (!(set >> GENERATIONAL & 1))
		(void)hs_use_old_z(vm);
	for (size_t i = 0; i < ARRAY_SIZE(collectors); i++) {
		if (set >> i & 1)
			return &collectors[i];
	}
	return NULL;
}

/* Reads the address space of the heap, which ZGC does not state. */
static void read_reserved(struct hotspot_walk *h, uint64_t heap)
{
	const struct hotspot_vm *vm = &h->vm;
	uint64_t at = heap + vm->fields[HS_RESERVED], start, words;

	if (hs_has(vm, HS_RESERVED) && hs_word(vm, at, HS_MEM_START, &start) &&
	    hs_word(vm, at, HS_MEM_WORDS, &words) && start && words &&
	    words <= (UINT64_C(1) << 47) / 8 && start < UINT64_C(1) << 47) {
		h->reserved_start = start;
		h->reserved_end = start + 8 * words;
		h->total.reserved = amount_of(8 * words);
	}
}

static void forget(void *state)
{
	struct hotspot_walk *h = state;

	free(h->ranges);
	h->ranges = NULL;
	h->n_ranges = h->cap_ranges = 0;
	h->broken = 0;
	for (size_t i = 0; i < HS_SPACES; i++)
		h->spaces[i] = walk_space_of(space_names[i]);
}

static void attribute_range(struct hotspot_walk *h, const struct hs_range *r)
{
	struct walk *walk = h->vm.walk;
	struct walk_space *s = &h->spaces[r->space];
	uint64_t live, rest;

	live = attributions_add_range(&walk->attributions, walk->mem, h->owner, LINE_OBJECTS,
				      r->start, r->top - r->start, &walk->swapped_unread_bytes);
	rest = attributions_add_range(&walk->attributions, walk->mem, h->owner, LINE_RUNTIME_FREE,
				      r->top, r->end - r->top, &walk->swapped_unread_bytes);
	walk_count(&s->committed, r->end - r->start);
	walk_count(&s->live, r->top - r->start);
	walk_count(&s->free_bytes, r->end - r->top);
	walk_count(&s->resident, live + rest);
	walk_count(&s->free_resident, rest);
}

static void add_ranges(struct hotspot_walk *h)
{
	for (size_t i = 0; i < h->n_ranges; i++)
		attribute_range(h, &h->ranges[i]);
	for (size_t i = 0; i < HS_CODE && h->n_ranges; i++)
		walk_space_add(&h->total, &h->spaces[i]);
}

static bool is_known(const struct walk_space *s)
{
	return amount_ok(s->committed) || amount_ok(s->resident) || amount_ok(s->objects);
}

static void add_spaces(struct hotspot_walk *h, struct walk_runtime *r)
{
	r->spaces = arena_array(&h->vm.walk->arena, HS_SPACES, struct walk_space);
	for (size_t i = 0; i < HS_SPACES; i++) {
		if (is_known(&h->spaces[i]))
			r->spaces[r->n_spaces++] = h->spaces[i];
	}
	r->total = h->total;
	r->recounted = h->recounted;
}

/* Finds the tables of the machine, and its heap and collector by them. */
static int find(void *state)
{
	struct hotspot_walk *h = state;

	h->total = walk_space_of("heap");
	h->recounted = amount_absent(REASON_BY_DESIGN);
	forget(h);
	images_init(&h->images, h->base.walk);
	if (hotspot_vm_read(&h->vm, &h->images, h->base.module) < 0)
		return -ENOTSUP;
	h->collector = find_collector(&h->vm);
	if (!h->collector || !hs_word(&h->vm, 0, HS_HEAP, &h->heap) || !h->heap)
		return -ENOENT;
	return h->collector->read ? 0 : -ENOSYS;
}

static int read_heap(void *state)
{
	struct hotspot_walk *h = state;
	int status;

	read_reserved(h, h->heap);
	status = h->collector->read(h, h->heap);
	return status == 0 && h->broken ? RUNTIME_TORN : status;
}

static void describe(void *state, struct walk_runtime *out)
{
	struct hotspot_walk *h = state;

	if (h->vm.walk)
		read_version(&h->vm, out);
	if (h->heap)
		out->collector = h->collector->name;
	h->owner = walk_owner(h->base.walk, OWNER_RUNTIME, out->label ? out->label : out->name);
}

static void report(void *state, struct walk_runtime *out)
{
	struct hotspot_walk *h = state;

	add_ranges(h);
	walk_reserve(h->base.walk, h->reserved_start, h->reserved_end);
	hotspot_read_code(h);
	hotspot_read_stacks(h);
	hotspot_read_own(h, h->base.module);
	out->complete = h->broken == 0;
	add_spaces(h, out);
}

static enum reason why_unread(void *state, int status, struct walk_runtime *out)
{
	struct hotspot_walk *h = state;

	if (status == -ENOTSUP)
		return REASON_JVM_NO_TABLES;
	if (hotspot_counters_in_memory(h, out) == 0)
		return REASON_NONE;
	if (status == -ENOENT)
		return REASON_JVM_NOT_FOUND;
	return status == -ENOSYS ? REASON_JVM_COLLECTOR : REASON_JVM_NOT_KNOWN;
}

static void release(void *state)
{
	struct hotspot_walk *h = state;

	free(h->ranges);
	images_release(&h->images);
}

const struct runtime_walker hotspot_walker = {
	.state_bytes = sizeof(struct hotspot_walk),
	.find = find,
	.read = read_heap,
	.forget = forget,
	.describe = describe,
	.report = report,
	.why_unread = why_unread,
	.release = release,
};
