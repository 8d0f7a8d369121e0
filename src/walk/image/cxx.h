/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of C++ classes: live blocks whose first word points into a virtual table of a program or
 * library. Which class it is, the table says itself if it was compiled with type information, and
 * else the symbol that covers it. Blocks that begin otherwise are none: arrays of objects with
 * destructors (they begin with a count), classes without virtual functions.
 *
 * Source: Itanium C++ ABI, 2.5 Virtual table layout, 2.9.5 RTTI layout, 5.1.4.2 special names.
 */
#ifndef WALK_IMAGE_CXX_H
#define WALK_IMAGE_CXX_H

#include "base/index.h"
#include "walk/core/walk.h"
#include "walk/image/images.h"

/* What first words point at that lies in an image: virtual tables, and what turned out to be none. */
struct cxx_point {
	uint64_t addr;
	const char *type; /* mangled, in the arena of the walk; NULL: not known, or no table */
	bool is_table;    /* it may be one as far as its beginning goes */
};

enum { CXX_RECENT = 256 };

struct cxx {
	struct walk *d; /* not owned */
	struct images images;
	struct cxx_point *points;
	size_t n_points, cap_points;
	struct index index;
	struct cxx_recent { /* points that were looked up last, by their address */
		uint64_t addr;
		uint32_t point;
	} recent[CXX_RECENT];
};

/* Live blocks by point; all zero at first. */
struct cxx_sums {
	struct cxx_sum {
		uint64_t blocks, bytes;
	} * v;
	size_t n;
};

/* Ready to count; the caller frees it. */
struct cxx *cxx_new(struct walk *d);
void cxx_free(struct cxx *x);
void cxx_sums_release(struct cxx_sums *s);

/* For cxx_count: the word points into an image. */
void cxx_count_at(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes);

/* Counts a live block of so many bytes that begins with this word, if it is an object. */
static inline void cxx_count(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes)
{
	if (images_have(&x->images, word))
		cxx_count_at(x, sums, word, bytes);
}

/* Names the classes that were counted and hands them to an allocator. */
void cxx_settle(struct cxx *x, const struct cxx_sums *sums, struct walk_allocator *out);

#endif
