/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects of C++ classes: live blocks whose first word points into a virtual table of a program or
 * library. The type information of the table names the class, or else the symbol that covers the
 * table. Arrays of objects with destructors, which begin with a count, and objects of classes
 * without virtual functions are not found.
 *
 * Source: Itanium C++ ABI, 2.5 Virtual table layout, 2.9.5 RTTI layout, 5.1.4.2 special names.
 */
#ifndef WALK_IMAGE_CXX_H
#define WALK_IMAGE_CXX_H

#include "base/index.h"
#include "walk/core/walk.h"
#include "walk/image/images.h"

/*
 * A place in a mapped object that first words of blocks point to: a virtual table or something
 * else.
 */
struct cxx_point {
	uint64_t addr;
	const char *type; /* mangled, in the arena of the walk; NULL: not known, or no table */
	bool is_table;    /* it begins like a virtual table */
};

enum { CXX_RECENT = 256 };

struct cxx {
	struct walk *walk; /* not owned */
	struct images images;
	struct cxx_point *points;
	size_t n_points, cap_points;
	struct index index;
	struct cxx_recent { /* points that were looked up last, by address */
		uint64_t addr;
		uint32_t point;
	} recent[CXX_RECENT];
};

/* Live blocks by point. A zeroed struct is empty. */
struct cxx_sums {
	struct cxx_sum {
		uint64_t blocks, bytes;
	} * v;
	size_t n;
};

/* Returns a counter. The caller frees it. */
struct cxx *cxx_new(struct walk *walk);
void cxx_free(struct cxx *x);
void cxx_sums_release(struct cxx_sums *s);

/* Counts a block whose first word points into a mapped object, for cxx_count. */
void cxx_count_at(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes);

/* Counts a live block with this first word, if it is an object. */
static inline void cxx_count(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes)
{
	if (images_have(&x->images, word))
		cxx_count_at(x, sums, word, bytes);
}

/* Subtracts a block that was counted with this word and turned out to have an owner. */
void cxx_uncount(struct cxx *x, struct cxx_sums *sums, uint64_t word, uint64_t bytes);

/* Names the classes that were counted and adds them to an allocator. */
void cxx_report(struct cxx *x, const struct cxx_sums *sums, struct walk_allocator *out);

#endif
