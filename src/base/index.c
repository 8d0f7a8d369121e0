/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/index.h"

#include "base/alloc.h"

struct index_slot {
	uint64_t hash;
	uint32_t value; /* element + 1; 0 is an empty slot */
};

void index_release(struct index *ix)
{
	free(ix->slots);
	*ix = (struct index)INDEX_INIT;
}

uint32_t index_find(const struct index *ix, uint64_t hash, index_same_fn *same, const void *arg,
		    const void *key)
{
	size_t mask = ix->cap - 1;

	for (size_t i = hash & mask; ix->cap && ix->slots[i].value; i = (i + 1) & mask) {
		const struct index_slot *slot = &ix->slots[i];

		if (slot->hash == hash && same(arg, slot->value - 1, key))
			return slot->value - 1;
	}
	return INDEX_NONE;
}

static void index_insert(struct index *ix, uint64_t hash, uint32_t value)
{
	size_t mask = ix->cap - 1, i = hash & mask;

	while (ix->slots[i].value)
		i = (i + 1) & mask;
	ix->slots[i] = (struct index_slot){ .hash = hash, .value = value };
}

void index_add(struct index *ix, uint64_t hash, uint32_t i)
{
	if (ix->used >= ix->cap / 2) {
		struct index old = *ix;

		ix->cap = MAX(old.cap * 2, (size_t)64);
		ix->slots = xcalloc(ix->cap, sizeof(*ix->slots));
		for (size_t k = 0; k < old.cap; k++) {
			if (old.slots[k].value)
				index_insert(ix, old.slots[k].hash, old.slots[k].value);
		}
		free(old.slots);
	}
	index_insert(ix, hash, i + 1);
	ix->used++;
}

/* FNV-1a over words of eight bytes, finished with a multiplication that mixes into the low bits. */
uint64_t index_hash_bytes(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ n, word;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (; n; n--, p++)
		h = (h ^ *p) * UINT64_C(0x100000001b3);
	return index_hash_u64(h, 0);
}

uint64_t index_hash_u64(uint64_t a, uint64_t b)
{
	uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^
		     (b + UINT64_C(0x7f4a7c159e3779b9)) * UINT64_C(0xbf58476d1ce4e5b9);

	h ^= h >> 31;
	h *= UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 32;
}
