/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heaps of V8, read from outside without symbols: pages of 256 KiB, or larger ones that hold
 * one object, each of which leads to the space that owns it and to the heap of its isolate. 64-bit,
 * without pointer compression, as in node.
 *
 * Sources: V8 src/heap/{memory-chunk-layout,base-page,memory-chunk,spaces,new-spaces}.h and
 * src/common/globals.h (enum AllocationSpace) of the releases named in the table of layouts.
 */
#ifndef WALK_RUNTIME_V8_V8_H
#define WALK_RUNTIME_V8_V8_H

#include "walk/core/runtime_walk.h"

enum {
	V8_PAGE = 256 << 10, /* alignment of all pages, size of most */
	V8_WORDS = 64,       /* of the headers of pages and spaces */
	V8_SPACES_MAX = 1024,
	V8_HEAPS_MAX = 64,
};

/* What a space is for, whatever number V8 gave it. */
enum v8_kind {
	V8_READ_ONLY,
	V8_NEW,
	V8_OLD,
	V8_CODE,
	V8_MAP,
	V8_SHARED,
	V8_TRUSTED,
	V8_SHARED_TRUSTED,
	V8_NEW_LARGE,
	V8_LARGE,
	V8_CODE_LARGE,
	V8_SHARED_LARGE,
	V8_SHARED_TRUSTED_LARGE,
	V8_TRUSTED_LARGE,
	V8_KIND_COUNT
};

extern const char *const v8_kind_names[];

struct v8_layout;

struct v8_page {
	uint64_t addr, bytes;
	uint64_t node; /* what links of pages lead to: the page, or what describes it */
	uint64_t area_start, area_end, allocated;
	uint64_t flags;
	uint32_t space;           /* index; UINT32_MAX: the read-only space, which has no owner */
	uint32_t order;           /* in the list of its space, from 1 on; 0: in none */
	uint64_t words[V8_WORDS]; /* of the header */
};

/* A semispace of the new space, or any other space. */
struct v8_space {
	uint64_t addr, heap;
	uint32_t id;        /* as V8 numbers it */
	uint64_t committed; /* as it counts it */
	uint64_t words[V8_WORDS];
};

/* Where a heap allocates at the moment: objects up to top, nothing between it and limit. */
struct v8_lab {
	uint64_t start, top, limit; /* all 0: not found */
};

struct v8_heap {
	uint64_t addr;
	struct v8_lab young, old;
};

struct v8 {
	const struct v8_layout *layout;
	struct v8_page *pages; /* ascending */
	size_t n_pages, cap_pages;
	struct v8_space *spaces;
	size_t n_spaces, cap_spaces;
	struct v8_heap heaps[V8_HEAPS_MAX]; /* the main isolate first */
	size_t n_heaps;
	const uint8_t *kinds; /* of the numbers of spaces: enum v8_kind */
	size_t n_kinds;
	bool counts_labs; /* room to allocate in is among the allocated bytes of a page */
	size_t next_at;   /* word of a page's header that leads to the next; 0: not found */
};

/* The releases that are known: "10.2 to 14.6". */
extern const char v8_releases[];

/*
 * Finds all pages that hold together. Returns 0, or -ENOENT if they are not of a known release. The
 * caller releases *ret in either case.
 */
int v8_find(struct memsrc *m, struct v8 *ret);
void v8_release(struct v8 *v);
/* Adds the page at addr as the last one of its space, unless it is not a page or already there. */
void v8_add_page(struct memsrc *m, struct v8 *v, uint64_t addr);
/* Goes through the lists of pages and finds where heaps allocate. */
void v8_link(struct memsrc *m, struct v8 *v);

/* Returns the kind of a space; V8_KIND_COUNT: the release has no space of that number. */
enum v8_kind v8_space_kind(const struct v8 *v, const struct v8_space *s);
/* Tells whether a page is of the semispace that objects are allocated in. */
bool v8_is_to_page(const struct v8_page *p);
/* Returns the page whose area holds addr, or NULL. */
const struct v8_page *v8_page_at(const struct v8 *v, uint64_t addr);

/* Returns the bytes in use of a heap's new space, up to where it allocates; absent: not known. */
struct amount v8_young_bytes(const struct v8 *v, const struct v8_heap *h);
/* Returns how many bytes at the beginning of a page of the new space are in use. */
uint64_t v8_young_on_page(const struct v8 *v, const struct v8_heap *h, const struct v8_page *p);

struct v8_buffers {
	uint64_t count, bytes;
};

/*
 * Finds the bytes of ArrayBuffers among the blocks of glibc's malloc, and marks the blocks as the
 * owner's. Returns false if that malloc is not in use.
 */
bool v8_find_buffers(struct walk *walk, uint16_t owner, struct v8_buffers *ret);

extern const struct runtime_walker v8_walker;

#endif
