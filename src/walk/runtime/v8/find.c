/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/v8/v8.h"

#include <errno.h>

#include "base/alloc.h"
#include "proc/smaps.h"

enum {
	CANDIDATES_MAX = 1 << 18, /* places that are tried for a page: 64 GiB */
	STRETCH = 8 << 20,        /* bytes that are skipped at once where nothing is there */
	STRETCH_COST =
		31, /* places that skipping them counts for, besides the first: that is 64 GiB, too */
	AREA_AT_MAX = 64 << 10,  /* most bytes of a page before its */
	PAGE_SEMI_FROM = 1 << 3, /* flags of pages */
	PAGE_SEMI_TO = 1 << 4,
	SPACE_HEAP = 1, /* in words */
	SPACE_ID = 2,
	SPACE_COMMITTED = 3,
};

static const uint64_t page_bytes_max = UINT64_C(1) << 36, user_end = UINT64_C(1) << 47;

/* The layout of the header of a page, in words. */
struct v8_layout {
	uint8_t self;  /* leads to the page itself */
	bool apart;    /* the page's second word leads to the header, which is elsewhere */
	uint8_t flags; /* of the page */
	uint8_t size, heap, area_start, area_end, allocated, owner;
	bool counts_labs; /* see struct v8 */
	uint8_t kinds[2]; /* of the tables below; 0: none */
};

const char v8_releases[] = "10.2 to 14.6";

static const struct v8_layout layouts[] = {
	{ 0, false, 1, 0, 2, 3, 4, 5, 8, false, { 1, 2 } }, /* 10.2 to 11.8 */
	{ 1, false, 0, 2, 3, 4, 5, 6, 9, true, { 3 } },     /* 12.4 */
	{ 1, true, 0, 6, 8, 9, 7, 3, 10, true, { 4 } },     /* 12.9 and later */
};

static const uint8_t kinds_10[] = { V8_READ_ONLY, V8_OLD,        V8_CODE,      V8_MAP,
				    V8_LARGE,     V8_CODE_LARGE, V8_NEW_LARGE, V8_NEW };
static const uint8_t kinds_11[] = { V8_READ_ONLY, V8_NEW,        V8_OLD,
				    V8_CODE,      V8_SHARED,     V8_NEW_LARGE,
				    V8_LARGE,     V8_CODE_LARGE, V8_SHARED_LARGE };
static const uint8_t kinds_12[] = { V8_READ_ONLY,  V8_NEW,          V8_OLD,          V8_CODE,
				    V8_SHARED,     V8_TRUSTED,      V8_NEW_LARGE,    V8_LARGE,
				    V8_CODE_LARGE, V8_SHARED_LARGE, V8_TRUSTED_LARGE };
static const uint8_t kinds_13[] = {
	V8_READ_ONLY,      V8_NEW,          V8_OLD,
	V8_CODE,           V8_SHARED,       V8_TRUSTED,
	V8_SHARED_TRUSTED, V8_NEW_LARGE,    V8_LARGE,
	V8_CODE_LARGE,     V8_SHARED_LARGE, V8_SHARED_TRUSTED_LARGE,
	V8_TRUSTED_LARGE,
};

static const struct {
	const uint8_t *kinds;
	size_t n;
} kind_tables[] = {
	{ NULL, 0 },
	{ kinds_10, ARRAY_SIZE(kinds_10) },
	{ kinds_11, ARRAY_SIZE(kinds_11) },
	{ kinds_12, ARRAY_SIZE(kinds_12) },
	{ kinds_13, ARRAY_SIZE(kinds_13) },
};

const char *const v8_kind_names[] = {
	[V8_READ_ONLY] = "read-only space",
	[V8_NEW] = "new space",
	[V8_OLD] = "old space",
	[V8_CODE] = "code space",
	[V8_MAP] = "map space",
	[V8_SHARED] = "shared space",
	[V8_TRUSTED] = "trusted space",
	[V8_SHARED_TRUSTED] = "shared trusted space",
	[V8_NEW_LARGE] = "new large objects",
	[V8_LARGE] = "large objects",
	[V8_CODE_LARGE] = "large code objects",
	[V8_SHARED_LARGE] = "shared large objects",
	[V8_SHARED_TRUSTED_LARGE] = "shared trusted large objects",
	[V8_TRUSTED_LARGE] = "trusted large objects",
};
_Static_assert(ARRAY_SIZE(v8_kind_names) == V8_KIND_COUNT, "a row for each");

void v8_release(struct v8 *v)
{
	free(v->pages);
	free(v->spaces);
}

static bool is_pointer(uint64_t p)
{
	return p % 8 == 0 && p >= 4096 && p < user_end;
}

/*
 * Returns the index of the space that a page leads to, which must lead to the same heap;
 * UINT32_MAX: none.
 */
static uint32_t find_space(struct memsrc *m, struct v8 *v, uint64_t addr, uint64_t heap)
{
	struct v8_space s = { .addr = addr, .heap = heap };

	for (size_t i = v->n_spaces; i-- > 0;) {
		if (v->spaces[i].addr == addr)
			return v->spaces[i].heap == heap ? (uint32_t)i : UINT32_MAX;
	}
	if (v->n_spaces == V8_SPACES_MAX || !memsrc_peek(m, addr, s.words, sizeof(s.words)) ||
	    s.words[SPACE_HEAP] != heap)
		return UINT32_MAX;
	s.id = (uint32_t)s.words[SPACE_ID];
	s.committed = s.words[SPACE_COMMITTED];
	v->spaces = xgrow(v->spaces, v->n_spaces, &v->cap_spaces, sizeof(*v->spaces));
	v->spaces[v->n_spaces] = s;
	return (uint32_t)v->n_spaces++;
}

/* Tells whether a page of this layout is at p->addr, whose words were read. */
static bool read_page(struct memsrc *m, struct v8 *v, const struct v8_layout *l, bool writable,
		      struct v8_page *p)
{
	uint64_t head[2] = { p->words[0], p->words[1] }, heap, owner;

	p->node = p->addr;
	if (l->apart) {
		p->node = head[1];
		if (!is_pointer(p->node) || !memsrc_peek(m, p->node, p->words, sizeof(p->words)))
			return false;
	}
	if (l->self && p->words[l->self] != p->addr)
		return false;
	p->flags = head[l->flags];
	p->bytes = p->words[l->size];
	p->area_start = p->words[l->area_start];
	p->area_end = p->words[l->area_end];
	p->allocated = p->words[l->allocated];
	heap = p->words[l->heap];
	owner = p->words[l->owner];
	if (p->bytes == 0 || p->bytes % m->page_bytes != 0 || p->bytes > page_bytes_max ||
	    p->area_start <= p->addr || p->area_start - p->addr > AREA_AT_MAX ||
	    p->area_end <= p->area_start || p->area_end > p->addr + p->bytes ||
	    p->allocated > p->area_end - p->area_start)
		return false;
	p->space = UINT32_MAX;
	if (!owner)
		return !heap && !writable;
	if (!is_pointer(heap) || !is_pointer(owner))
		return false;
	p->space = find_space(m, v, owner, heap);
	return p->space != UINT32_MAX;
}

/* Tells whether a page is at addr: of any layout, or of that of the pages before. */
static bool try_page(struct memsrc *m, struct v8 *v, uint64_t addr, bool writable,
		     struct v8_page *ret)
{
	struct v8_page page = { .addr = addr };

	if (!memsrc_peek(m, addr, page.words, sizeof(page.words)))
		return false;
	for (const struct v8_layout *l = layouts; l < layouts + ARRAY_SIZE(layouts); l++) {
		*ret = page;
		if ((v->layout && v->layout != l) || !read_page(m, v, l, writable, ret))
			continue;
		if (ret->space != UINT32_MAX)
			v->layout = l;
		return v->layout;
	}
	return false;
}

static bool is_empty(struct memsrc *m, uint64_t start, uint64_t end)
{
	struct mem_presence p;

	return !memsrc_presence(m, start, end, &p) || p.resident_bytes == 0;
}

static uint64_t align_up(uint64_t addr)
{
	return (addr + V8_PAGE - 1) & -(uint64_t)V8_PAGE;
}

static void search_map(struct memsrc *m, const struct mem_map *map, struct v8 *v, size_t *left)
{
	uint64_t at = align_up(map->start), looked_at = at, next;
	struct v8_page page;

	for (; at < map->end && *left; --*left, at = next) {
		if (at >= looked_at) {
			looked_at = MIN(map->end, at + STRETCH);
			next = align_up(looked_at);
			if (is_empty(m, at, looked_at)) {
				*left -= MIN(*left - 1, (size_t)STRETCH_COST);
				continue;
			}
		}
		next = at + V8_PAGE;
		if (!try_page(m, v, at, map->perms & VMA_WRITE, &page))
			continue;
		v->pages = xgrow(v->pages, v->n_pages, &v->cap_pages, sizeof(*v->pages));
		v->pages[v->n_pages++] = page;
		/* Memory inside a large page is its object. */
		next = align_up(at + page.bytes);
	}
}

void v8_add_page(struct memsrc *m, struct v8 *v, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(m, addr);
	struct v8_page page;
	size_t at = v->n_pages;

	if (!map || map->kind != MEM_ANON || !try_page(m, v, addr, true, &page) ||
	    page.space == UINT32_MAX)
		return;
	for (size_t i = 0; i < v->n_pages; i++) {
		if (v->pages[i].space == page.space)
			page.order = MAX(page.order, v->pages[i].order + 1);
	}
	v->pages = xgrow(v->pages, v->n_pages, &v->cap_pages, sizeof(*v->pages));
	for (; at > 0 && v->pages[at - 1].addr > addr; at--)
		v->pages[at] = v->pages[at - 1];
	v->pages[at] = page;
	v->n_pages++;
}

static bool add_heap(struct memsrc *m, struct v8 *v, uint64_t addr)
{
	const struct mem_map *map = memsrc_map(m, addr);
	size_t at = v->n_heaps;

	for (size_t i = 0; i < v->n_heaps; i++) {
		if (v->heaps[i].addr == addr)
			return true;
	}
	if (v->n_heaps == V8_HEAPS_MAX)
		return false;
	/* The malloc of the main thread uses [heap], where its isolate is. */
	if (map && map->kind == MEM_HEAP && v->n_heaps) {
		v->heaps[v->n_heaps] = v->heaps[0];
		at = 0;
	}
	v->heaps[at] = (struct v8_heap){ .addr = addr };
	v->n_heaps++;
	return true;
}

/*
 * Finds the numbers of spaces, which changed between releases of one layout: the new space shows
 * which they are.
 */
static bool find_kinds(struct v8 *v)
{
	for (size_t i = 0; i < ARRAY_SIZE(v->layout->kinds) && v->layout->kinds[i]; i++) {
		size_t n_new = 0, wrong = 0;

		v->kinds = kind_tables[v->layout->kinds[i]].kinds;
		v->n_kinds = kind_tables[v->layout->kinds[i]].n;
		for (size_t k = 0; k < v->n_pages; k++) {
			const struct v8_page *p = &v->pages[k];
			enum v8_kind kind;

			if (p->space == UINT32_MAX)
				continue;
			kind = v8_space_kind(v, &v->spaces[p->space]);
			n_new += kind == V8_NEW;
			wrong += kind == V8_KIND_COUNT ||
				 (kind == V8_NEW && !(p->flags & (PAGE_SEMI_FROM | PAGE_SEMI_TO)));
		}
		if (n_new && !wrong)
			return true;
	}
	return false;
}

int v8_find(struct memsrc *m, struct v8 *ret)
{
	size_t left = CANDIDATES_MAX;

	*ret = (struct v8){ 0 };
	for (const struct mem_map *map = m->maps; map < m->maps + m->n_maps; map++) {
		if (map->kind == MEM_ANON && map->perms & VMA_READ && !(map->perms & VMA_SHARED))
			search_map(m, map, ret, &left);
	}
	for (size_t i = 0; i < ret->n_spaces; i++) {
		if (!add_heap(m, ret, ret->spaces[i].heap))
			return -ENOENT;
	}
	if (!ret->layout || !find_kinds(ret))
		return -ENOENT;
	ret->counts_labs = ret->layout->counts_labs;
	return 0;
}

enum v8_kind v8_space_kind(const struct v8 *v, const struct v8_space *s)
{
	return s->id < v->n_kinds ? v->kinds[s->id] : V8_KIND_COUNT;
}

bool v8_is_to_page(const struct v8_page *p)
{
	return p->flags & PAGE_SEMI_TO;
}

static int compare_page(const void *key, const void *element)
{
	uint64_t addr = *(const uint64_t *)key;
	const struct v8_page *p = element;

	if (addr < p->area_start)
		return -1;
	return addr > p->area_end;
}

const struct v8_page *v8_page_at(const struct v8 *v, uint64_t addr)
{
	if (!v->n_pages)
		return NULL;
	return bsearch(&addr, v->pages, v->n_pages, sizeof(*v->pages), compare_page);
}
