/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds elements of an array by key: a hash table that holds only the numbers of the elements. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stdint.h>

#include "base/util.h"

struct index_slot;

struct index {
	struct index_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t used;
};

#define INDEX_INIT                                                                                 \
	{                                                                                          \
		NULL, 0, 0                                                                         \
	}
#define INDEX_NONE UINT32_MAX

void index_release(struct index *ix);

/* Returns whether element i of the caller's array (reached through arg) has this key. */
typedef bool index_same_fn(const void *arg, uint32_t i, const void *key);

/* Finds the element with this key and hash, or returns INDEX_NONE. */
attr_must_check uint32_t index_find(const struct index *ix, uint64_t hash, index_same_fn *same,
				    const void *arg, const void *key);
/* Adds element i, which must not be there yet. */
void index_add(struct index *ix, uint64_t hash, uint32_t i);

/*
 * Return a hash of bytes, and of two numbers. They do not resist an attacker, but a search never
 * takes more than n steps.
 */
uint64_t index_hash_bytes(const void *bytes, size_t n);
uint64_t index_hash_u64(uint64_t a, uint64_t b);

#endif
