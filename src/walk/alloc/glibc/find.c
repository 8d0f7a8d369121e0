/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds main_arena and mp_ in the writable data of a C library that was stripped of all symbols, by
 * what can be checked about them: pointers that must lead into the heap, or back.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/path.h"
#include "proc/smaps.h"

enum {
	DATA_MAX = 16 << 20, /* bytes of a writable segment that are searched */
	ARENAS_MAX = 16384,
	STATE_ALIGN = 16,
	MAPS_SEARCHED_MAX = 4096,
	RINGS_MAX = 1024, /* candidates for a ring of arenas that are followed */
};

#define LAYOUT(bins_at)                                                                            \
	.top = (bins_at)-0x10, .bins = (bins_at), .next = (bins_at) + 0x800,                       \
	.system = (bins_at) + 0x818, .size = (bins_at) + 0x828

const struct glibc_layout glibc_layouts[] = {
	{ .releases = "2.27 to 2.42", .fast = 0x10, .n_fast = 10, LAYOUT(0x70) },
	{ .releases = "2.26", .fast = 0x08, .n_fast = 10, .tcache = 0x250, LAYOUT(0x68) },
	{ .releases = "2.43", .fast = 0, .n_fast = 0, .tcache = 0x300, LAYOUT(0x18) },
};

const size_t glibc_n_layouts = ARRAY_SIZE(glibc_layouts);

/* Offsets in struct malloc_par; n_mmaps is followed by n_mmaps_max, max_n_mmaps, no_dyn_threshold. */
struct glibc_par_layout {
	uint16_t hp_pagesize; /* 0: heaps do not depend on it */
	uint16_t n_mmaps, mmapped_mem, sbrk_base, tcache_bins;
};

static const struct glibc_par_layout par_layouts[] = {
	{ 0x30, 0x3c, 0x50, 0x60, 0x68 }, /* 2.35 to 2.42 */
	{ 0, 0x28, 0x38, 0x48, 0x50 },    /* 2.26 to 2.34 */
	{ 0, 0x44, 0x58, 0x68, 0x70 },    /* 2.43 */
};

enum { PAR_THRESHOLD = 0x10, PAR_ARENA_TEST = 0x18, PAR_MAX = 0x90 };

static const uint64_t default_heap_max = UINT64_C(64) << 20;

bool glibc_is_name(const char *path)
{
	const char *base = path_base(path);

	return streq(base, "libc.so.6") || (starts_with(base, "libc-2.") && ends_with(base, ".so"));
}

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t half(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Tells whether chunks may lie at addr. */
static bool is_heap_memory(const struct memsrc *m, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(m, addr);

	return map && (map->kind == MEM_ANON || map->kind == MEM_HEAP) &&
	       (map->perms & (VMA_READ | VMA_WRITE)) == (VMA_READ | VMA_WRITE);
}

/* Bins that are empty point at themselves, the others at a chunk. */
static bool bins_hold(const struct memsrc *m, const struct glibc_layout *l, uint64_t addr,
		      const uint8_t *state)
{
	for (size_t i = 0; i < GLIBC_BIN_WORDS; i++) {
		uint64_t p = word(state + l->bins + 8 * i);

		if (p != addr + l->bins + 16 * (i / 2) - 16 &&
		    (p % 16 != 0 || !is_heap_memory(m, p)))
			return false;
	}
	return true;
}

static bool state_holds(struct memsrc *m, const struct glibc_layout *l, uint64_t addr,
			const uint8_t *state)
{
	uint64_t top = word(state + l->top), system = word(state + l->system);
	bool unused = top == addr + l->top; /* an arena without memory has its first bin as top */

	if (half(state + 4) > 7 || system > word(state + l->system + 8) || system >> 47 != 0)
		return false;
	if (unused ? system != 0 : system == 0 || top % 16 != 0 || !is_heap_memory(m, top))
		return false;
	return bins_hold(m, l, addr, state);
}

/*
 * Returns the bytes of the heap's header before a thread arena, which points at the arena; 0: it is
 * not there.
 */
static uint64_t heap_info_bytes(struct memsrc *m, uint64_t addr)
{
	static const uint8_t sizes[] = { 0x30, 0x20 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t ar_ptr;

		if (addr % (1 << 20) == sizes[i] &&
		    memsrc_peek(m, addr - sizes[i], &ar_ptr, sizeof(ar_ptr)) && ar_ptr == addr)
			return sizes[i];
	}
	return 0;
}

bool glibc_read_arena(struct glibc *g, struct glibc_arena *a)
{
	uint8_t state[GLIBC_STATE_MAX];
	uint64_t system;

	if (!memsrc_copy(g->walk->mem, a->addr, state, g->layout->size))
		return false;
	a->top = word(state + g->layout->top);
	system = word(state + g->layout->system);
	a->system_mem = a->system_mem ? MIN(a->system_mem, system) : system;
	a->noncontiguous = half(state + 4) & 2;
	for (size_t i = 0; i < g->layout->n_fast; i++) {
		a->fast[i] = word(state + g->layout->fast + 8 * i);
		g->has_fast |= a->fast[i] != 0;
	}
	return true;
}

static bool add_arena(struct glibc *g, uint64_t addr)
{
	struct glibc_arena a = { .addr = addr, .main = g->n_arenas == 0 };

	if (!glibc_read_arena(g, &a))
		return false;
	g->arenas = xgrow(g->arenas, g->n_arenas, &g->cap_arenas, sizeof(*g->arenas));
	g->arenas[g->n_arenas++] = a;
	return true;
}

/* Follows the ring of arenas: each must hold, and the last must lead to the first. */
static bool try_ring(struct glibc *g, uint64_t first)
{
	uint8_t state[GLIBC_STATE_MAX];
	uint64_t addr = first;

	do {
		if (g->n_arenas >= ARENAS_MAX ||
		    !memsrc_copy(g->walk->mem, addr, state, g->layout->size) ||
		    !state_holds(g->walk->mem, g->layout, addr, state) || !add_arena(g, addr))
			return false;
		if (addr != first) {
			uint64_t bytes = heap_info_bytes(g->walk->mem, addr);

			if (!bytes || (g->heap_info_bytes && bytes != g->heap_info_bytes))
				return false;
			g->heap_info_bytes = bytes;
		}
		addr = word(state + g->layout->next);
	} while (addr != first);
	return true;
}

/* Tells whether a main arena was never used: the process has another malloc. */
static bool is_idle(const struct glibc_layout *l, uint64_t addr, const uint8_t *state)
{
	for (size_t at = 0; at < l->next; at += 8) {
		if (word(state + at) != 0)
			return false;
	}
	return word(state + l->next) == addr && word(state + l->next + 16) == 1;
}

static bool next_may_hold(uint64_t addr, uint64_t next)
{
	uint64_t in_heap = next % (1 << 20);

	return next == addr || in_heap == 0x30 || in_heap == 0x20;
}

static void drop_arenas(struct glibc *g)
{
	g->n_arenas = 0;
	g->heap_info_bytes = 0;
	g->has_fast = false;
}

/* Returns 0, -ENOENT if there are arenas that are not used, or -ENOTSUP. */
static int find_arenas(struct glibc *g, uint64_t start, const uint8_t *data, size_t len)
{
	size_t tried = 0;
	int status = -ENOTSUP;

	for (size_t i = 0; i < glibc_n_layouts; i++) {
		const struct glibc_layout *l = &glibc_layouts[i];

		g->layout = l;
		for (size_t at = 0; at + l->size <= len; at += STATE_ALIGN) {
			if (!next_may_hold(start + at, word(data + at + l->next)))
				continue;
			if (is_idle(l, start + at, data + at))
				status = -ENOENT;
			if (!state_holds(g->walk->mem, l, start + at, data + at))
				continue;
			if (tried++ < RINGS_MAX && try_ring(g, start + at))
				return 0;
			drop_arenas(g);
		}
	}
	return status;
}

static bool par_holds(const struct glibc_par_layout *l, const uint8_t *p, uint64_t page_bytes)
{
	uint64_t mmapped = word(p + l->mmapped_mem), max = word(p + l->mmapped_mem + 8);
	uint32_t n = half(p + l->n_mmaps), n_max = half(p + l->n_mmaps + 8);
	uint64_t threshold = word(p + PAR_THRESHOLD), test = word(p + PAR_ARENA_TEST);

	return threshold && threshold >> 47 == 0 && test <= 1 << 20 && n <= n_max &&
	       n_max <= INT32_MAX && half(p + l->n_mmaps + 12) <= 1 && mmapped <= max &&
	       (n == 0) == (mmapped == 0) && mmapped % page_bytes == 0 &&
	       word(p + l->tcache_bins) <= 256;
}

/*
 * Tells whether mp_ has its defaults, by which it is recognised before the main arena has memory.
 */
static bool par_is_fresh(const struct glibc_par_layout *l, const uint8_t *p)
{
	uint64_t test = word(p + PAR_ARENA_TEST);

	return test >= 1 && test <= 64 && word(p + l->tcache_bins) == 64 && word(p) != 0 &&
	       half(p + l->n_mmaps + 4) > 0;
}

/*
 * Tells whether a heap of the main arena may begin here: a chunk begins there, and none is before
 * it.
 */
static bool is_heap_base(struct memsrc *m, uint64_t base)
{
	uint64_t size;

	return base && is_heap_memory(m, base) &&
	       memsrc_peek(m, ((base + 15) & ~UINT64_C(15)) + 8, &size, sizeof(size)) &&
	       (size & GLIBC_PREV_INUSE) && (size & ~(uint64_t)GLIBC_FLAGS) >= GLIBC_HEAD;
}

static void read_par(struct glibc *g, const struct glibc_par_layout *l, uint64_t addr,
		     const uint8_t *p)
{
	uint64_t hp = l->hp_pagesize ? word(p + l->hp_pagesize) : 0;

	g->par_addr = addr;
	g->par_layout = l;
	g->sbrk_base = word(p + l->sbrk_base);
	g->has_mapped = half(p + l->n_mmaps) != 0;
	if (hp && (hp & (hp - 1)) == 0 && hp <= UINT64_C(1) << 40)
		g->heap_max = 4 * hp;
}

bool glibc_read_par(const struct glibc *g, uint64_t *ret_mmaps, uint64_t *ret_bytes)
{
	uint8_t p[PAR_MAX];

	if (!g->par_addr)
		return false;
	memsrc_forget(g->walk->mem, g->par_addr, sizeof(p));
	if (!memsrc_peek(g->walk->mem, g->par_addr, p, sizeof(p)))
		return false;
	*ret_mmaps = half(p + g->par_layout->n_mmaps);
	*ret_bytes = word(p + g->par_layout->mmapped_mem);
	return true;
}

static void find_par(struct glibc *g, uint64_t start, const uint8_t *data, size_t len)
{
	struct memsrc *m = g->walk->mem;
	bool in_use = g->arenas[0].system_mem != 0;

	for (size_t at = 0; at + PAR_MAX <= len; at += 8) {
		for (size_t i = 0; i < ARRAY_SIZE(par_layouts); i++) {
			const struct glibc_par_layout *l = &par_layouts[i];
			const uint8_t *p = data + at;
			uint64_t base = word(p + l->sbrk_base);

			if ((base != 0) != in_use || !par_holds(l, p, m->page_bytes))
				continue;
			if (in_use ? is_heap_base(m, base) : par_is_fresh(l, p)) {
				read_par(g, l, start + at, p);
				return;
			}
		}
	}
}

/* Copies the readable bytes of a mapping, with zeros for the others. */
static uint8_t *copy_map(struct memsrc *m, const struct mem_map *map, size_t len)
{
	uint8_t *data = xcalloc(1, len);
	uint64_t at = map->start;
	struct mem_run run;

	while (memsrc_next(m, &at, map->start + len, &run))
		memcpy(data + (run.addr - map->start), run.data, run.len);
	return data;
}

/* Fills *g, which is zeroed; after an error it is zeroed again. */
static int search_map(struct walk *walk, const struct mem_map *map, uint32_t file, struct glibc *g)
{
	size_t len = (size_t)MIN(map->end - map->start, (uint64_t)DATA_MAX);
	auto_free uint8_t *data = copy_map(walk->mem, map, len);
	int status;

	g->walk = walk;
	g->file = file;
	g->heap_max = default_heap_max;
	status = find_arenas(g, map->start, data, len);
	if (status < 0) {
		glibc_release(g);
		memset(g, 0, sizeof(*g));
		return status;
	}
	find_par(g, map->start, data, len);
	return 0;
}

static uint32_t file_of_map(const struct snapshot *s, const struct mem_map *map)
{
	for (uint32_t i = 1; i < s->n_files; i++) {
		const struct file *f = &s->files[i];

		if (f->inode == map->inode && f->major == map->major && f->minor == map->minor)
			return i;
	}
	return 0;
}

/*
 * Searches the data of C libraries and of the program; with `others`, that of all other modules,
 * one of which may contain a C library. Returns -ENOTSUP if a library has no known arenas, else
 * -ENOENT.
 */
static int search_maps(struct walk *walk, bool others, struct glibc **list, size_t *n)
{
	const struct snapshot *s = walk->snap;
	size_t searched = 0, cap = *n;
	int status = -ENOENT;

	for (size_t i = 0; i < walk->mem->n_maps && searched < MAPS_SEARCHED_MAX; i++) {
		const struct mem_map *map = &walk->mem->maps[i];
		uint32_t file;
		int ret;

		if (map->kind != MEM_FILE || !map->inode ||
		    (map->perms & (VMA_READ | VMA_WRITE | VMA_SHARED)) != (VMA_READ | VMA_WRITE))
			continue;
		file = file_of_map(s, map);
		if (!file || s->files[file].on_tmpfs ||
		    (glibc_is_name(s->files[file].path) || s->files[file].is_program) == others)
			continue;
		searched++;
		*list = xgrow(*list, *n, &cap, sizeof(**list));
		memset(&(*list)[*n], 0, sizeof(**list));
		ret = search_map(walk, map, file, &(*list)[*n]);
		*n += ret == 0;
		if (ret == -ENOTSUP && glibc_is_name(s->files[file].path))
			status = ret;
	}
	return status;
}

int glibc_find(struct walk *walk, struct glibc **ret, size_t *ret_n)
{
	struct glibc *list = NULL;
	size_t n = 0;
	int status = search_maps(walk, false, &list, &n);

	if (n == 0)
		(void)search_maps(walk, true, &list, &n);
	if (n == 0) {
		free(list);
		return status;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

void glibc_release(struct glibc *g)
{
	free(g->arenas);
	free(g->segments);
	size_account_release(&g->account);
	free(g->fast);
	free(g->tcaches);
	free(g->mapped);
	marks_release(&g->tcached);
	marks_release(&g->fastbins);
	marks_release(&g->chunks);
	marks_release(&g->pointing);
	free(g->runs);
	cxx_sums_release(&g->objects);
}
