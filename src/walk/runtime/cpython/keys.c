/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/runtime/cpython/keys.h"

enum {
	LOG2_MAX = 40, /* of slots: no table has more than a tera of them */
	ENTRY = 24,    /* hash, key, value */
	ENTRY_STR = 16 /* key, value: keys are all str, which know their hash */
};

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Returns the bytes of an index into a table of this many slots, by Objects/dictobject.c. */
static unsigned int index_log2(unsigned int log2_slots)
{
	return log2_slots < 8 ? 0 : log2_slots < 16 ? 1 : log2_slots < 32 ? 2 : 3;
}

/* Up to 3.10: refcnt, size, lookup function, usable, entries. */
static bool decode_sizes(const uint8_t *p, struct py_keys *keys)
{
	uint64_t slots = load64(p + 8);

	if (slots == 0 || slots & (slots - 1) || slots >> LOG2_MAX)
		return false;
	keys->usable = load64(p + 24);
	keys->used = load64(p + 32);
	keys->entry_bytes = ENTRY;
	keys->entry_key = 8;
	keys->entries = 40 + (slots << index_log2((unsigned int)__builtin_ctzll(slots)));
	keys->bytes = keys->entries + (slots * 2 / 3) * ENTRY;
	return keys->usable <= slots && keys->used <= slots;
}

/* Since 3.11: refcnt, log2 of size, log2 of the bytes of the indices, kind, version, as above. */
static bool decode_logarithms(const uint8_t *p, struct py_keys *keys)
{
	unsigned int log2_slots = p[8], log2_indices = p[9], kind = p[10];
	uint64_t slots;

	if (log2_slots > LOG2_MAX || kind > 2 || log2_indices < log2_slots ||
	    log2_indices > log2_slots + 3)
		return false;
	slots = UINT64_C(1) << log2_slots;
	keys->usable = load64(p + 16);
	keys->used = load64(p + 24);
	keys->entry_bytes = kind ? ENTRY_STR : ENTRY;
	keys->entry_key = kind ? 0 : 8;
	keys->entries = 32 + (UINT64_C(1) << log2_indices);
	keys->bytes = keys->entries + (slots * 2 / 3) * keys->entry_bytes;
	return keys->usable <= slots && keys->used <= slots;
}

bool py_keys_decode(const struct py_layout *layout, const uint8_t header[PY_KEYS_HEADER],
		    struct py_keys *ret)
{
	struct py_keys keys = { .refcnt = load64(header) };

	if (!(layout->keys_log2 ? decode_logarithms : decode_sizes)(header, &keys))
		return false;
	*ret = keys;
	return true;
}
