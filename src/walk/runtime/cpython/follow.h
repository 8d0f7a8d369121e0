/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the objects outside of pools by following references, where the blocks of the allocator
 * cannot be listed. Objects that nothing known refers to are not found.
 */
#ifndef WALK_RUNTIME_CPYTHON_FOLLOW_H
#define WALK_RUNTIME_CPYTHON_FOLLOW_H

#include <stdint.h>

#include "base/util.h"
#include "walk/core/marks.h"
#include "walk/runtime/cpython/census.h"

enum {
	PY_FOLLOW_MAX = 1 << 20, /* words, and ranges, that may wait; others are not followed */
	PY_FOLLOW_BATCH = 1 << 16,
};

struct py_follow {
	struct py_census *census;
	struct marks seen;
	uint64_t *words; /* addresses that may be of objects; owned */
	size_t n_words, cap_words;
	struct py_span *ranges; /* of words; owned */
	size_t n_ranges, cap_ranges;
	uint64_t skipped; /* words and ranges beyond PY_FOLLOW_MAX */
	/* Called for each object found. */
	void (*object)(void *arg, const struct py_found *found);
	void *object_arg;
};

void py_follow_init(struct py_follow *f, struct py_census *census);
void py_follow_release(struct py_follow *f);

/* Takes the words of n bytes, at an address that is a multiple of 8, as references. */
void py_follow_words(struct py_follow *f, const uint8_t *bytes, size_t n);
/* Takes the words of memory that is still to be read as references. */
void py_follow_range(struct py_follow *f, uint64_t addr, uint64_t len);
/* Takes the references in the object itself; n bytes of its block are at hand from addr on. */
void py_follow_object(struct py_follow *f, const struct py_found *found, const uint8_t *bytes,
		      size_t n);
/* Counts all objects that were found, and those that they refer to. */
void py_follow_drain(struct py_follow *f);

#endif
