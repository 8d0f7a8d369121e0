/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcmalloc of gperftools, read from outside without symbols. A table in its .bss leads from each
 * page to the span that the page is in: blocks of one size, one large block, or free pages. Free
 * blocks are in lists of their span, of threads, and in chains on the way between both. 64-bit
 * little-endian, 48 bits of address. It takes memory with brk(2) first: [heap] is its own then.
 *
 * Sources: gperftools pagemap.h, span.h, common.h, thread_cache.h, central_freelist.h of 2.10 to
 * 2.18.
 */
#ifndef WALK_ALLOC_TCMALLOC_TCMALLOC_H
#define WALK_ALLOC_TCMALLOC_TCMALLOC_H

#include "walk/alloc/allocator_walk.h"

enum {
	TCMALLOC_SPAN_BYTES = 48,
	TCMALLOC_CLASSES = 128, /* of sizes, at most; class 0 has no size */
};

enum tcmalloc_location { TC_IN_USE, TC_FREE, TC_RETURNED };

struct tcmalloc_span {
	uint64_t at; /* address of its record */
	uint64_t start, end;
	uint64_t next;    /* in the list that it is in */
	uint64_t objects; /* list of free blocks */
	uint16_t in_use;  /* blocks that are not in that list */
	uint8_t class;    /* 0: one large block */
	uint8_t location; /* enum tcmalloc_location */
};

struct tcmalloc {
	struct walk *walk;
	uint32_t file;                 /* index into the snapshot's files */
	uint64_t data_start, data_end; /* of its module */
	uint64_t root;
	uint8_t page_shift, leaf_bits;
	uint32_t sizes[TCMALLOC_CLASSES]; /* 0 behind the last class */
	struct tcmalloc_span *spans;      /* ascending by start; owned */
	size_t n_spans, cap_spans;
	uint64_t *cached; /* blocks in caches, ascending; owned */
	size_t n_cached, cap_cached;
	uint64_t unseen[TCMALLOC_CLASSES]; /* blocks in caches whose addresses are not known */
	uint64_t *pages;                   /* with data of tcmalloc itself; owned */
	size_t n_pages, cap_pages;
	uint64_t breaks;
};

/*
 * Finds the table of pages and that of sizes. Returns 0, -ENOENT if there is no table of pages, or
 * -ENOTSUP if there is only that.
 */
int tcmalloc_find(struct walk *walk, struct tcmalloc *ret);
void tcmalloc_release(struct tcmalloc *t);

/* Reads the record of a span. Returns false if there is none. */
bool tcmalloc_read_span(struct tcmalloc *t, uint64_t at, struct tcmalloc_span *ret);
/* Adds the pages of [addr, addr + bytes), which have data of tcmalloc itself. */
void tcmalloc_note_pages(struct tcmalloc *t, uint64_t addr, uint64_t bytes);
/* Reads all spans: fills spans. */
void tcmalloc_read_spans(struct tcmalloc *t);
/* Finds the blocks in caches of threads and between them: fills cached. Needs the spans. */
void tcmalloc_read_caches(struct tcmalloc *t);

extern const struct allocator_walker tcmalloc_walker;

#endif
