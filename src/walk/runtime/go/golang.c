/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/go/golang.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	CLASSES_MAX = 256, /* sizes of elements; Go has 68 */
	GO_SMALL_MAX = 32768,
};

enum go_part { PART_SPANS, PART_STACKS, PART_IDLE, PART_RELEASED, PART_OTHER, PARTS };

static const char *const part_names[PARTS] = {
	[PART_SPANS] = "spans in use", [PART_STACKS] = "stacks",       [PART_IDLE] = "idle",
	[PART_RELEASED] = "released",  [PART_OTHER] = "runtime's own",
};

struct go_class {
	uint64_t elem_bytes, count, bytes;
};

/* The walk of the heap of one program. */
struct golang_walk {
	struct runtime_walk base;
	struct go_layout layout;
	uint16_t owner;
	struct go_span *spans; /* owned; ascending, without overlaps */
	size_t n_spans;
	uint64_t *arenas; /* addresses, ascending; owned */
	size_t n_arenas, cap_arenas;
	uint64_t table; /* of arenas; 0: not found */
	uint64_t broken;
	struct go_class classes[CLASSES_MAX];
	size_t n_classes;
	bool *own; /* regions with the runtime's own data; owned */
	struct walk_space parts[PARTS];
};

static int compare_spans(const void *a, const void *b)
{
	const struct go_span *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Marks a region that has the runtime's own data. */
static void mark_own(struct golang_walk *g, uint64_t addr)
{
	uint32_t region = attributions_region(&g->base.walk->attributions, addr);

	if (region != ATTRIBUTION_SKEW)
		g->own[region] = true;
}

/*
 * Reads all spans that are in use. Spans that do not hold are left out and counted: the list moves
 * while it grows.
 */
static int read_spans(void *state)
{
	struct golang_walk *g = state;
	struct memsrc *m = g->base.walk->mem;
	uint64_t list, n;
	size_t kept = 0;

	if (!golang_find_spans(g->base.walk, &g->layout, g->base.module, &list, &n))
		return -EAGAIN;
	g->spans = xcalloc((size_t)n, sizeof(*g->spans));
	mark_own(g, list);
	for (uint64_t i = 0; i < n && !memsrc_is_over(m); i++) {
		struct go_span s;
		uint64_t addr = 0;
		int status;

		status = memsrc_u64(m, list + 8 * i, &addr)
				 ? golang_read_span(m, &g->layout, addr, &s)
				 : -EBADMSG;
		if (status < 0)
			g->broken += status != -ENOENT;
		else if (s.state && s.end > s.start)
			g->spans[g->n_spans++] = s;
		mark_own(g, addr);
	}
	if (g->n_spans == 0)
		return -EAGAIN;
	qsort(g->spans, g->n_spans, sizeof(*g->spans), compare_spans);
	for (size_t i = 0; i < g->n_spans; i++) {
		if (kept && g->spans[i].start < g->spans[kept - 1].end)
			g->broken++;
		else
			g->spans[kept++] = g->spans[i];
	}
	g->n_spans = kept;
	return g->broken ? RUNTIME_TORN : 0;
}

/* Adds the arena that holds addr, and marks the regions with the runtime's data about it. */
static void add_arena(void *state, uint64_t addr)
{
	struct golang_walk *g = state;
	uint64_t record = g->table ? golang_arena_record(g->base.walk->mem, g->table, addr) : 0;

	addr &= ~((UINT64_C(1) << GO_ARENA_SHIFT) - 1);
	if (g->n_arenas && g->arenas[g->n_arenas - 1] == addr)
		return;
	g->arenas = xgrow(g->arenas, g->n_arenas, &g->cap_arenas, sizeof(*g->arenas));
	g->arenas[g->n_arenas++] = addr;
	if (record)
		mark_own(g, record);
}

static int compare_arenas(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Finds the arenas: those of the table, also without a span in use, and those of spans. */
static void find_arenas(struct golang_walk *g)
{
	struct memsrc *m = g->base.walk->mem;
	size_t kept = 0;

	g->table = golang_find_arenas(g->base.walk, g->base.module, g->spans[0].start);
	if (g->table) {
		mark_own(g, g->table);
		(void)golang_each_arena(m, g->table, add_arena, g);
	}
	for (size_t i = 0; i < g->n_spans; i++) {
		add_arena(g, g->spans[i].start);
		add_arena(g, g->spans[i].end - 1);
	}
	qsort(g->arenas, g->n_arenas, sizeof(*g->arenas), compare_arenas);
	for (size_t i = 0; i < g->n_arenas; i++) {
		if (!kept || g->arenas[i] != g->arenas[kept - 1])
			g->arenas[kept++] = g->arenas[i];
	}
	g->n_arenas = kept;
}

static void count_class(struct golang_walk *g, const struct go_span *s)
{
	uint64_t key = s->elem_bytes <= GO_SMALL_MAX ? s->elem_bytes : 0;
	size_t i = 0;

	while (i < g->n_classes && g->classes[i].elem_bytes != key)
		i++;
	if (i == CLASSES_MAX)
		return;
	if (i == g->n_classes)
		g->classes[g->n_classes++] = (struct go_class){ .elem_bytes = key };
	g->classes[i].count += s->count;
	g->classes[i].bytes += s->count * s->elem_bytes;
}

static uint64_t attribution(struct golang_walk *g, enum walk_line line, uint64_t start,
			    uint64_t end)
{
	struct walk *walk = g->base.walk;

	return attributions_add_range(&walk->attributions, walk->mem, g->owner, line, start,
				      end - start, &walk->swapped_unread_bytes);
}

/* Which elements are free is not known: they count as the end of the span. */
static void attribute_span(struct golang_walk *g, const struct go_span *s)
{
	struct walk_space *part = &g->parts[PART_SPANS];
	uint64_t live = MIN(s->count * s->elem_bytes, s->end - s->start);

	if (s->state == GO_SPAN_MANUAL) {
		walk_count(&g->parts[PART_STACKS].committed, s->end - s->start);
		walk_count(&g->parts[PART_STACKS].resident,
			   attribution(g, LINE_STACK, s->start, s->end));
		return;
	}
	walk_count(&part->committed, s->end - s->start);
	walk_count(&part->live, live);
	walk_count(&part->free_bytes, s->end - s->start - live);
	walk_count(&part->objects, s->count);
	walk_count(&part->resident,
		   attribution(g, LINE_OBJECTS, s->start, s->start + live) +
			   attribution(g, LINE_RUNTIME_FREE, s->start + live, s->end));
	count_class(g, s);
}

static bool is_heap_map(const struct mem_map *map)
{
	return map->kind == MEM_ANON &&
	       (map->perms & (VMA_READ | VMA_WRITE)) == (VMA_READ | VMA_WRITE);
}

/* Attributes the memory of the heap that no span in use is on: in RAM, or released. */
static void attribute_gap(struct golang_walk *g, uint64_t start, uint64_t end)
{
	const struct memsrc *m = g->base.walk->mem;
	const struct mem_map *map = memsrc_map_from(m, start);
	uint64_t mapped = 0, resident;

	for (; map && map < m->maps + m->n_maps && map->start < end; map++) {
		if (is_heap_map(map))
			mapped += MIN(map->end, end) - MAX(map->start, start);
	}
	resident = mapped ? attribution(g, LINE_RUNTIME_FREE, start, end) : 0;
	walk_count(&g->parts[PART_IDLE].committed, resident);
	walk_count(&g->parts[PART_IDLE].free_bytes, resident);
	walk_count(&g->parts[PART_IDLE].resident, resident);
	walk_count(&g->parts[PART_IDLE].free_resident, resident);
	walk_count(&g->parts[PART_RELEASED].reserved, mapped - MIN(resident, mapped));
}

/* Attributes the arenas, of 64 MiB each. Spans may continue in the next one. */
static void attribute_arenas(struct golang_walk *g)
{
	uint64_t at = 0;
	size_t k = 0;

	for (size_t i = 0; i < g->n_arenas; i++) {
		uint64_t end = g->arenas[i] + (UINT64_C(1) << GO_ARENA_SHIFT);

		at = MAX(at, g->arenas[i]);
		for (; k < g->n_spans && g->spans[k].start < end; k++) {
			attribute_gap(g, at, g->spans[k].start);
			attribute_span(g, &g->spans[k]);
			at = g->spans[k].end;
		}
		walk_reserve(g->base.walk, g->arenas[i], MAX(at, end));
		if (at >= end)
			continue;
		attribute_gap(g, at, end);
		at = end;
	}
}

/*
 * Tells idle memory from what was released with MADV_FREE, which stays in RAM until the kernel
 * needs it: it is counted as such by the kernel.
 */
static void tell_released(struct golang_walk *g)
{
	const struct snapshot *s = g->base.walk->snap;
	struct walk_space *idle = &g->parts[PART_IDLE], *released = &g->parts[PART_RELEASED];
	uint64_t lazy = 0;

	for (size_t i = 0; i < s->n_regions; i++) {
		struct mem_counts counts;

		if (s->regions[i].file || !walk_is_reserved(g->base.walk, s->regions[i].start))
			continue;
		snapshot_counts(s, &s->regions[i], &counts);
		lazy += counts.v[MC_LAZYFREE];
	}
	if (amount_ok(idle->resident)) {
		lazy = MIN(lazy, idle->resident.value);
		idle->resident = amount_of(idle->resident.value - lazy);
		idle->committed = idle->free_bytes = idle->free_resident = idle->resident;
	}
	walk_count(&released->reserved, lazy);
	released->resident = released->free_resident = amount_of(lazy);
}

/* Tells whether the program calls C: then other mappings may not be the runtime's. */
static bool has_libraries(const struct golang_walk *g)
{
	const struct snapshot *s = g->base.walk->snap;

	for (size_t i = 1; i < s->n_files; i++) {
		if (i != g->base.module && s->files[i].has_exec)
			return true;
	}
	return false;
}

/*
 * Attributes mappings beside the heap: tables of pages, bits of the collector, the records of
 * spans.
 */
static void attribute_own(struct golang_walk *g)
{
	const struct snapshot *s = g->base.walk->snap;
	const uint16_t others = MARK_BSS | MARK_GLIBC_ARENA | MARK_THREAD_STACK;
	bool libraries = has_libraries(g);

	for (size_t i = 0; i < s->n_regions; i++) {
		const struct region *r = &s->regions[i];
		const struct mem_map *map = memsrc_map(g->base.walk->mem, r->start);

		if (r->file || (r->marks & others) || !map || !is_heap_map(map) ||
		    (libraries && !g->own[i]) || walk_is_reserved(g->base.walk, r->start))
			continue;
		walk_count(&g->parts[PART_OTHER].committed, r->end - r->start);
		walk_count(&g->parts[PART_OTHER].resident,
			   attribution(g, LINE_OVERHEAD, r->start, r->end));
	}
}

static void fill(struct golang_walk *g, struct walk_runtime *r)
{
	struct arena *arena = &g->base.walk->arena;

	r->spaces = arena_array(arena, PARTS, struct walk_space);
	r->n_spaces = PARTS;
	memcpy(r->spaces, g->parts, sizeof(g->parts));
	walk_space_add(&r->total, &g->parts[PART_SPANS]);
	walk_space_add(&r->total, &g->parts[PART_IDLE]);
	r->total.reserved = amount_add(r->total.committed, g->parts[PART_RELEASED].reserved);
	r->kinds = arena_array(arena, MAX(g->n_classes, (size_t)1), struct walk_kind);
	for (size_t i = 0; i < g->n_classes; i++) {
		const struct go_class *c = &g->classes[i];

		if (c->count)
			r->kinds[r->n_kinds++] = (struct walk_kind){
				c->elem_bytes ? arena_printf(arena, "of %llu bytes",
							     (unsigned long long)c->elem_bytes)
					      : "larger ones",
				c->count, c->bytes, 0
			};
	}
	runtime_sort_kinds(r);
	r->complete = g->broken == 0;
}

static int find(void *state)
{
	struct golang_walk *g = state;
	struct images im;
	bool known;

	for (size_t i = 0; i < PARTS; i++)
		g->parts[i] = walk_space_of(part_names[i]);
	images_init(&im, g->base.walk);
	known = golang_find_layout(&im, g->base.module, &g->layout);
	images_release(&im);
	g->own = xcalloc(g->base.walk->snap->n_regions + 1, sizeof(*g->own));
	return known ? 0 : -ENOTSUP;
}

static void forget(void *state)
{
	struct golang_walk *g = state;

	free(g->spans);
	g->spans = NULL;
	g->n_spans = 0;
	g->broken = 0;
}

static void describe(void *state, struct walk_runtime *out)
{
	struct golang_walk *g = state;

	walk_take_version(g->base.walk, out, 2);
	g->owner = walk_owner(g->base.walk, OWNER_RUNTIME, out->label ? out->label : out->name);
}

static void report(void *state, struct walk_runtime *out)
{
	struct golang_walk *g = state;
	struct images im;

	find_arenas(g);
	attribute_arenas(g);
	tell_released(g);
	attribute_own(g);
	fill(g, out);
	images_init(&im, g->base.walk);
	golang_count(&im, g->base.module, &out->tasks);
	images_release(&im);
}

static enum reason why_unread(void *state attr_unused, int status,
			      struct walk_runtime *out attr_unused)
{
	return status == -ENOTSUP ? REASON_GO_NOT_KNOWN : REASON_GO_NOT_FOUND;
}

static void release(void *state)
{
	struct golang_walk *g = state;

	free(g->spans);
	free(g->arenas);
	free(g->own);
}

const struct runtime_walker golang_walker = {
	.state_bytes = sizeof(struct golang_walk),
	.find = find,
	.read = read_spans,
	.forget = forget,
	.describe = describe,
	.report = report,
	.why_unread = why_unread,
	.release = release,
};
