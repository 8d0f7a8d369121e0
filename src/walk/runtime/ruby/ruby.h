/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots of Ruby's objects, read from outside without symbols. An object is a slot on a page of
 * 16 or 64 KiB; its other data is in blocks of malloc, which are marked as buffers. 64-bit, with
 * the collector that is part of Ruby.
 *
 * Sources: Ruby gc.c (gc/default/default.c of 3.4), internal/{array,bignum,hash,string,struct}.h
 * and include/ruby/internal/core of the releases named in the table of layouts.
 */
#ifndef WALK_RUNTIME_RUBY_RUBY_H
#define WALK_RUNTIME_RUBY_RUBY_H

#include "walk/core/runtime_walk.h"

enum { RUBY_TYPES = 32, RUBY_SLOT_MIN = 40, RUBY_SLOT_WORDS = RUBY_SLOT_MIN / 8 };

struct ruby_layout;

struct ruby_page {
	uint64_t addr;  /* of the page, which begins with a pointer to its record */
	uint64_t start; /* of the first slot */
	uint32_t slot_bytes, slots;
};

struct ruby_heap {
	const struct ruby_layout *layout;
	uint64_t page_bytes;
	bool wide;               /* slots of several sizes: 3.2 and later */
	struct ruby_page *pages; /* ascending */
	size_t n_pages;
};

/* The releases that are known: "2.7 to 3.4". */
extern const char ruby_releases[];

/*
 * Finds the heap and its pages. Returns 0, -ENOENT if there is no heap, or -EBADMSG if its pages do
 * not agree with it. The caller releases *ret in either case.
 */
int ruby_find(struct memsrc *m, struct ruby_heap *ret);
void ruby_release(struct ruby_heap *h);

/* Returns the name of a type of objects: "T_STRING". */
const char *ruby_type_name(unsigned int type);

enum { RUBY_BUFFERS_MAX = 3 };

/* The blocks of malloc that a live object has. */
struct ruby_buffers {
	uint64_t addr[RUBY_BUFFERS_MAX];
	size_t n;
	bool transient; /* on the transient heap, not in a block of malloc */
};

/* Finds the blocks of the object in a slot. *left limits how often it may read other memory. */
void ruby_buffers(const struct ruby_heap *h, struct memsrc *m, const uint64_t slot[RUBY_SLOT_WORDS],
		  uint64_t *left, struct ruby_buffers *ret);

/*
 * The transient heap of releases up to 3.2: one reservation of blocks for short-lived contents of
 * arrays, hashes and the like.
 */
enum { RUBY_TRANSIENT_BYTES = 32 << 20, RUBY_TRANSIENT_BLOCK = 32 << 10 };

/* Returns the address of the transient heap, or 0. */
uint64_t ruby_find_transient(struct memsrc *m);

extern const struct runtime_walker ruby_walker;

#endif
