/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots of Ruby's objects, read from outside without symbols. An object is a slot on a page of
 * 16 or 64 KiB; what it holds besides is in blocks of malloc, which are marked as its own. 64-bit,
 * the collector that Ruby comes with.
 *
 * Sources: Ruby gc.c (gc/default/default.c of 3.4), internal/{array,bignum,hash,string,struct}.h and
 * include/ruby/internal/core of the releases named in the table of layouts.
 */
#ifndef WALK_RUNTIME_RUBY_RUBY_H
#define WALK_RUNTIME_RUBY_RUBY_H

#include "walk/core/runtime_walk.h"

enum { RUBY_TYPES = 32, RUBY_SLOT_MIN = 40, RUBY_SLOT_WORDS = RUBY_SLOT_MIN / 8 };

struct ruby_layout;

struct ruby_page {
	uint64_t addr;  /* of the page, which begins with a pointer to what describes it */
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
 * Finds the heap and its pages. 0; -ENOENT if there is none, -EBADMSG if its pages do not agree with
 * it. The caller releases *ret in either case.
 */
int ruby_find(struct memsrc *m, struct ruby_heap *ret);
void ruby_release(struct ruby_heap *h);

/* The name of a type of objects: "T_STRING". */
const char *ruby_type_name(unsigned int type);

enum { RUBY_BUFFERS_MAX = 3 };

/* The blocks that a live object has besides its slot. */
struct ruby_buffers {
	uint64_t addr[RUBY_BUFFERS_MAX];
	size_t n;
	bool transient; /* on the transient heap, not in a block of malloc */
};

/* By the first words of a slot. *left is how often this may still read memory elsewhere. */
void ruby_buffers(const struct ruby_heap *h, struct memsrc *m, const uint64_t slot[RUBY_SLOT_WORDS],
		  uint64_t *left, struct ruby_buffers *ret);

/*
 * The transient heap, of releases up to 3.2: one reservation of blocks for what arrays, hashes and
 * the like hold that is soon gone.
 */
enum { RUBY_TRANSIENT_BYTES = 32 << 20, RUBY_TRANSIENT_BLOCK = 32 << 10 };

/* Where it begins; 0: it was not found. */
uint64_t ruby_find_transient(struct memsrc *m);

extern const struct runtime_walker ruby_walker;

#endif
