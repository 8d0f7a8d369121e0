/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/cpython.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"
#include "walk/alloc/glibc/glibc.h"
#include "walk/core/runtime_walk.h"
#include "walk/image/module_data.h"
#include "walk/runtime/cpython/census.h"
#include "walk/runtime/cpython/find.h"
#include "walk/runtime/cpython/follow.h"
#include "walk/runtime/cpython/preview.h"
#include "walk/runtime/cpython/stack.h"

enum { LARGE_BYTES = 1 << 20 };

/* The walk of one runtime. */
struct cpython_walk {
	struct walk *walk;
	uint16_t owner;
	struct addrmap *map;
	struct pymalloc pools;
	struct py_census census;
	struct py_follow follow;
	struct py_stacks stacks;
	bool follows; /* objects outside of pools are found by references */
	uint64_t raw_bytes;
	uint64_t looked; /* tables of keys were read up to here */
};

/*
 * Marks the memory that pointers may lead to. Returns the bytes of it that are neither a file's nor
 * a stack.
 */
static uint64_t mark_memory(struct memsrc *mem, struct addrmap *map)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < mem->n_maps; i++) {
		const struct mem_map *m = &mem->maps[i];

		if (!(m->perms & VMA_WRITE) || m->perms & VMA_SHARED)
			continue;
		if (m->kind == MEM_FILE) {
			addrmap_mark(map, m->start, m->end, ADDR_DATA);
		} else if (m->kind == MEM_ANON || m->kind == MEM_HEAP) {
			addrmap_mark(map, m->start, m->end, ADDR_RW);
			bytes += m->end - m->start;
		}
	}
	return bytes;
}

static void attribute_pool(struct cpython_walk *w, const struct pymalloc_pool *p, uint64_t objects,
			   uint64_t buffers)
{
	struct attributions *a = &w->walk->attributions;
	struct attribution_place at;
	uint64_t used = PYMALLOC_POOL_HEADER + (uint64_t)p->n_blocks * p->block_bytes;
	uint64_t page = w->walk->mem->page_bytes;
	uint64_t read = MIN((used + page - 1) / page * page, (uint64_t)p->pool_bytes);
	uint64_t blocks_end = PYMALLOC_POOL_HEADER + (p->pool_bytes - PYMALLOC_POOL_HEADER) /
							     p->block_bytes * p->block_bytes;
	uint64_t free_end = MIN(read, blocks_end);

	at = attributions_place(a, p->addr, p->addr + read);
	attributions_add(a, &at, w->owner, LINE_OBJECTS, objects);
	attributions_add(a, &at, w->owner, LINE_BUFFERS, buffers);
	attributions_add(a, &at, w->owner, LINE_RUNTIME_FREE,
			 free_end - PYMALLOC_POOL_HEADER - objects - buffers);
	attributions_add(a, &at, w->owner, LINE_OVERHEAD, PYMALLOC_POOL_HEADER + read - free_end);
	if (read < p->pool_bytes)
		(void)attributions_add_range(a, w->walk->mem, w->owner, LINE_RUNTIME_FREE,
					     p->addr + read, p->pool_bytes - read,
					     &w->walk->swapped_unread_bytes);
}

static void visit_pool(void *arg, const struct pymalloc_pool *p)
{
	struct cpython_walk *w = arg;
	uint64_t objects = 0, buffers = 0;
	struct py_found found;

	for (uint32_t i = 0; i < p->n_blocks; i++) {
		uint32_t offset = PYMALLOC_POOL_HEADER + i * p->block_bytes;
		const uint8_t *bytes = p->bytes + offset;

		if (pymalloc_is_free(p, i))
			continue;
		if (!py_census_block(&w->census, p->addr + offset, bytes, p->block_bytes,
				     p->block_bytes, &found)) {
			buffers += p->block_bytes;
			py_census_raw(&w->census, p->addr + offset, bytes, p->block_bytes);
			if (w->follows)
				py_follow_words(&w->follow, bytes, p->block_bytes);
			continue;
		}
		objects += p->block_bytes;
		if (w->follows)
			py_follow_object(&w->follow, &found, bytes, p->block_bytes);
	}
	w->raw_bytes += buffers;
	attribute_pool(w, p, objects, buffers);
	py_census_make_room(&w->census);
}

static void visit_part(void *arg, enum pymalloc_part part, uint64_t start, uint64_t end)
{
	struct cpython_walk *w = arg;

	if (start < end)
		(void)attributions_add_range(&w->walk->attributions, w->walk->mem, w->owner,
					     part == PYMALLOC_OVERHEAD ? LINE_OVERHEAD
								       : LINE_RUNTIME_FREE,
					     start, end - start, &w->walk->swapped_unread_bytes);
}

static void visit_arena(void *arg, const struct pymalloc_arena *arena)
{
	struct cpython_walk *w = arg;
	uint64_t end = arena->start + w->pools.arena_bytes;

	if (end - w->looked >= PY_LOOK_AGAIN_BYTES) {
		py_census_look_again(&w->census, end);
		w->looked = end;
	}
	/* Follows references soon after they were read, before the program changes much. */
	if (w->follows)
		py_follow_drain(&w->follow);
}

/* Attributes a mapping. No objects are looked for in it, and nothing else attributes it. */
static void attribute_mapping(void *arg, uint64_t addr, uint64_t len)
{
	struct cpython_walk *w = arg;

	(void)attributions_add_range(&w->walk->attributions, w->walk->mem, w->owner, LINE_BUFFERS,
				     addr, len, &w->walk->swapped_unread_bytes);
	addrmap_mark(w->map, addr, addr + len, ADDR_NONE);
}

static void own_block(void *arg, enum py_owned what, uint64_t addr, uint64_t len)
{
	struct cpython_walk *w = arg;

	if (what == PY_OWNED_MAPPING) {
		attribute_mapping(w, addr, len);
		return;
	}
	walk_own(w->walk, w->owner, LINE_BUFFERS, addr);
	if (w->follows && what == PY_OWNED_REFS)
		py_follow_range(&w->follow, addr, len);
}

static void own_object(void *arg, const struct py_found *found)
{
	struct cpython_walk *w = arg;

	walk_own(w->walk, w->owner, LINE_OBJECTS, found->addr);
}

/*
 * Marks a block of malloc if it is an object. Returns whether it is. Small objects are in pools, if
 * there are pools.
 */
static bool own_if_object(struct cpython_walk *w, uint64_t addr, uint64_t size)
{
	struct py_found found;
	const uint8_t *bytes;
	size_t n;

	if (w->pools.n_arenas && size < PYMALLOC_BLOCK_MAX)
		return false;
	py_census_make_room(&w->census);
	bytes = py_census_head(&w->census, addr, size, &n);
	if (!bytes || !py_census_block(&w->census, addr, bytes, n, size, &found))
		return false;
	own_object(w, &found);
	return true;
}

/* Looks at a block of malloc: an object, or the state of a thread. */
static void visit_block(void *arg, uint64_t addr, uint64_t size)
{
	struct cpython_walk *w = arg;
	const uint8_t *bytes;

	if (own_if_object(w, addr, size) || !w->census.layout->frame_stack ||
	    size < PY_THREAD_MIN || size > PY_THREAD_MAX)
		return;
	bytes = memsrc_at(w->walk->mem, addr, size);
	if (bytes)
		py_stacks_look(&w->stacks, bytes, size);
}

static void visit_data(void *arg, const struct mem_map *module, uint64_t start, uint64_t end)
{
	struct cpython_walk *w = arg;

	(void)module;
	py_follow_range(&w->follow, start, end - start);
}

/* Counts the objects among the data of the runtime's module. They begin at words. */
static void count_static(struct cpython_walk *w, uint64_t start, uint64_t end)
{
	uint64_t addr = start;

	while (addr < end && !memsrc_is_over(w->walk->mem)) {
		struct py_found found;
		const uint8_t *bytes;
		size_t n;

		py_census_make_room(&w->census);
		bytes = addrmap_kind(w->map, addr) == ADDR_POOLS
				? NULL
				: py_census_head(&w->census, addr, end - addr, &n);
		if (!bytes) {
			addr = (addr | (w->walk->mem->page_bytes - 1)) + 1;
		} else if (n > PY_SIZE &&
			   py_census_static(&w->census, addr, bytes, n, end - addr, &found)) {
			if (w->follows)
				marks_set(&w->follow.seen, addr);
			addr += (found.sizes.own + 7) & ~UINT64_C(7);
		} else {
			addr += sizeof(uint64_t);
		}
	}
}

/* Looks for the state of the first thread, which may be among the data of the runtime's module. */
static void find_stacks(struct cpython_walk *w, uint64_t start, uint64_t end)
{
	struct mem_run run;

	while (memsrc_next(w->walk->mem, &start, end, &run))
		py_stacks_look(&w->stacks, run.data, run.len);
}

static void walk_memory(struct cpython_walk *w, const struct py_runtime *rt)
{
	const struct pymalloc_visitor visitor = {
		.pool = visit_pool, .part = visit_part, .arena = visit_arena, .arg = w
	};

	if (w->census.layout->static_refs)
		count_static(w, rt->start, rt->end);
	if (w->census.layout->frame_stack)
		find_stacks(w, rt->start, rt->end);
	w->follows = w->walk->other_malloc || glibc_live_blocks(w->walk, visit_block, w) < 0;
	if (w->follows) {
		module_data_each(w->walk->mem, visit_data, w);
		py_follow_drain(&w->follow);
	}
	pymalloc_walk(&w->pools, &visitor);
	py_census_look_again(&w->census, UINT64_MAX);
	if (w->follows)
		py_follow_drain(&w->follow);
	py_census_flush(&w->census);
	/* Tables of keys that were read last refer to more. */
	if (w->follows) {
		py_follow_drain(&w->follow);
		py_census_flush(&w->census);
	}
}

static void report_types(struct cpython_walk *w, struct walk_runtime *out, struct cpython *py)
{
	const struct py_types *types = &w->census.types;

	out->bytes = out->total.objects = amount_of(0);
	out->kinds = arena_array(&w->walk->arena, types->n_rows, struct walk_kind);
	for (size_t i = 0; i < types->n_rows; i++) {
		const struct py_row *row = &types->rows[i];

		if (!row->count)
			continue;
		out->kinds[out->n_kinds++] = (struct walk_kind){ row->name, row->count, row->bytes,
								 row->block_bytes };
		walk_count(&out->total.objects, row->count);
		walk_count(&out->bytes, row->bytes);
		py->block_bytes += row->block_bytes;
	}
	runtime_sort_kinds(out);
}

static void report_large(struct cpython_walk *w, struct walk_runtime *out)
{
	struct py_large_set *set = &w->census.large;
	const struct py_types *types = &w->census.types;

	py_large_sort(set);
	out->large = arena_array(&w->walk->arena, set->n, struct walk_large);
	out->n_large = set->n;
	for (size_t i = 0; i < set->n; i++) {
		const struct py_large *large = &set->v[i];
		auto_sbuf preview = SBUF_INIT;

		if (w->walk->opts.preview)
			py_preview(&w->census.types, large, &preview);
		out->large[i] = (struct walk_large){
			.type = types->rows[types->types[large->type].row].name,
			.address = large->addr,
			.bytes = large->bytes,
			.resident_bytes = py_large_resident(large, w->walk->mem),
			.length = large->has_length ? amount_of(large->length)
						    : amount_absent(REASON_BY_DESIGN),
			.is_view = large->is_view,
			.preview = preview.len ? arena_strdup(&w->walk->arena, sbuf_str(&preview))
					       : NULL,
		};
	}
}

static void report(struct cpython_walk *w, struct walk_runtime *out, struct cpython *py)
{
	const struct py_census *c = &w->census;

	py->pymalloc = w->pools.stats;
	py->debug_hooks = c->debug_blocks;
	py->whole = !w->follows;
	py->rejected = (struct cpython_rejected){
		.misfits = c->misfits,
		.keys = c->torn_keys,
		.buffers = c->sizer.torn + c->torn_chains,
		.pools = w->pools.stats.torn_pools,
	};
	out->buffers_bytes = amount_of(w->raw_bytes + c->buffer_bytes);
	report_types(w, out, py);
	report_large(w, out);
}

/* Reserves the arenas of pymalloc, which are from mmap(2) and not from malloc. */
static void keep_arenas(struct walk *walk, const struct pymalloc *pools)
{
	for (size_t i = 0; i < pools->n_arenas; i++) {
		const struct pymalloc_arena *a = &pools->arenas[i];

		walk_reserve(walk, a->start,
			     a->is_orphan ? a->pool_next : a->start + pools->arena_bytes);
	}
}

static void read_runtime(struct walk *walk, const struct py_runtime *rt,
			 const struct py_layout *layout, struct walk_runtime *out,
			 struct cpython *py)
{
	auto_free struct cpython_walk *w = xcalloc(1, sizeof(*w)); /* large for a stack */
	uint64_t bytes;

	w->walk = walk;
	w->owner = walk_owner(walk, OWNER_RUNTIME, out->label);
	w->map = addrmap_new();
	bytes = mark_memory(walk->mem, w->map);
	pymalloc_init(&w->pools, walk->mem, w->map, layout->arena_bytes, layout->pool_bytes);
	pymalloc_find(&w->pools, rt->start, rt->end);
	if (layout->own_arenas || !w->pools.n_arenas)
		pymalloc_find_orphans(&w->pools);
	keep_arenas(walk, &w->pools);
	py_census_init(&w->census, walk->mem, w->map, layout, rt->metatype, &walk->arena,
		       walk->opts.large_bytes ? walk->opts.large_bytes : LARGE_BYTES);
	w->census.links_left = bytes / PYMALLOC_BLOCK_MAX;
	w->census.owned = own_block;
	w->census.owned_arg = w;
	w->stacks = (struct py_stacks){ .sizer = &w->census.sizer,
					.left = bytes / PYMALLOC_BLOCK_MAX,
					.chunk = attribute_mapping,
					.arg = w };
	py_follow_init(&w->follow, &w->census);
	w->follow.object = own_object;
	w->follow.object_arg = w;
	walk_memory(w, rt);
	report(w, out, py);
	py_follow_release(&w->follow);
	py_census_release(&w->census);
	pymalloc_release(&w->pools);
	addrmap_free(w->map);
}

/*
 * Returns the version that the names of files show, if the runtime has not stated it yet; NULL: not
 * known.
 */
static const char *version_of_files(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_runtimes; i++) {
		if (streq(snap->runtimes[i].name, "cpython"))
			return snap->runtimes[i].version;
	}
	return NULL;
}

static uint32_t file_of(const struct snapshot *snap, const struct py_runtime *rt)
{
	for (uint32_t i = 1; i < snap->n_files; i++) {
		const struct file *f = &snap->files[i];

		if (f->inode == rt->inode && f->major == rt->dev_major && f->minor == rt->dev_minor)
			return i;
	}
	return 0;
}

/* Returns why a runtime is not read, and for REASON_OTHER sets out->unread_other. */
static enum reason why_unread(struct walk *walk, const struct py_runtime *rt,
			      const struct py_layout *layout, struct walk_runtime *out)
{
	if (rt->free_threaded)
		return REASON_PYTHON_FREE_THREADED;
	if (rt->other_objects)
		return REASON_PYTHON_OTHER_BUILD;
	if (!rt->version[0])
		return REASON_PYTHON_NO_VERSION;
	if (layout)
		return REASON_NONE;
	out->unread_other = arena_printf(&walk->arena, "version %s: 3.8 to 3.14 are read",
					 rt->version);
	return REASON_OTHER;
}

static void add_runtime(struct walk *walk, struct py_runtime *rt)
{
	const char *version = rt->version[0] ? NULL : version_of_files(walk->snap);
	struct walk_runtime *out = walk_add_runtime(walk, "cpython", file_of(walk->snap, rt));
	struct cpython *py = arena_array(&walk->arena, 1, struct cpython);
	const struct py_layout *layout;

	if (version && py_version_parse(version, &rt->major, &rt->minor))
		(void)snprintf(rt->version, sizeof(rt->version), "%s", version);
	layout = py_layout_find(rt->major, rt->minor);
	out->cpython = py;
	out->version = rt->version[0] ? arena_strdup(&walk->arena, rt->version) : NULL;
	out->label = arena_printf(&walk->arena, "cpython %u.%u", rt->major, rt->minor);
	out->unread = why_unread(walk, rt, layout, out);
	if (out->unread)
		out->total.objects = out->bytes = out->buffers_bytes = (struct amount){
			.why = out->unread, .other = out->unread_other
		};
	else
		read_runtime(walk, rt, layout, out, py);
}

int cpython_walk(struct walk *walk)
{
	struct py_runtime found[PY_RUNTIMES_MAX];
	size_t n = py_runtimes_find(walk->mem, found);

	for (size_t i = 0; i < n; i++)
		add_runtime(walk, &found[i]);
	return n ? 0 : -ENOENT;
}
