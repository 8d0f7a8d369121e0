/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots of Ruby's objects, read from outside without symbols. An object is a slot on a page of
 * 16 or 64 KiB; what it holds besides is in blocks of malloc, which are marked as its own. 64-bit,
 * the collector that Ruby comes with.
 *
 * Sources: Ruby gc.c (gc/default/default.c of 3.4), internal/{array,bignum,hash,string,struct}.h and
 * include/ruby/internal/core of the releases named in the table of layouts.
 */
#ifndef DEPTH_RUBY_H
#define DEPTH_RUBY_H

#include "depth/depth.h"

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
/*
 * The blocks that a live object has besides its slot, of which the first words are given: their
 * addresses into ret, at most RUBY_BUFFERS_MAX. Returns how many. *left is how often this may
 * still read memory elsewhere.
 */
enum { RUBY_BUFFERS_MAX = 3 };
size_t ruby_buffers(const struct ruby_heap *h, struct memsrc *m,
		    const uint64_t slot[RUBY_SLOT_WORDS], uint64_t *left,
		    uint64_t ret[RUBY_BUFFERS_MAX]);

/* The walker. */
int ruby_walk(struct depth *d);
uint32_t ruby_applies(const struct depth *d);

#endif
