/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * malloc of musl 1.2.1 and later ("mallocng"), read from outside without symbols. Blocks are slots
 * of groups, up to 32 of one size; a slot may hold a smaller group. What describes a group is apart
 * from it, in pages that begin with the secret that the context has too. 64-bit little-endian.
 *
 * Sources: musl src/malloc/mallocng/meta.h, malloc.c, donate.c.
 */
#ifndef WALK_ALLOC_MUSL_MUSL_H
#define WALK_ALLOC_MUSL_MUSL_H

#include "walk/alloc/allocator_walk.h"

enum { MUSL_UNIT = 16, MUSL_SLOTS = 32 };

struct musl_group {
	uint64_t meta;       /* address of its record */
	uint64_t mem;        /* where it begins: a header of one unit, then the slots */
	uint64_t start, end; /* its mapping, or the slot of the group that contains it */
	uint64_t slot_bytes;
	uint32_t free; /* bit i: slot i is free */
	uint32_t held; /* bit i: slot i holds a group */
	uint8_t n;     /* slots */
	bool mapped;   /* has a mapping; else it is in a slot, or in what a module left over */
};

struct musl {
	struct walk *walk;
	uint32_t file; /* index into the snapshot's files */
	uint64_t context;
	uint64_t secret;
	uint64_t areas;            /* address of the first page of descriptions */
	struct musl_group *groups; /* ascending by mem; owned */
	size_t n_groups, cap_groups;
	uint64_t breaks; /* records that are not of a group, and what was cut */
};

/* Finds the context of the first mallocng. Returns 0 or -ENOENT. */
int musl_find(struct walk *walk, struct musl *ret);
void musl_release(struct musl *m);

extern const struct allocator_walker musl_walker;

#endif
