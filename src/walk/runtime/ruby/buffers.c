/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What objects of Ruby have besides their slots, as far as the slot shows it */
#include "walk/runtime/ruby/ruby.h"

enum {
	USER_SHIFT = 12,
	TYPE_MASK = RUBY_TYPES - 1,
	T_HASH = 8,
	HASH_IS_TABLE = 1 << (USER_SHIFT + 3),
	TABLE_BINS = 3, /* of a table of a hash, in words */
	TABLE_ENTRIES = 6,
	TABLE_WORDS = 7,
};

#define USER(n) (UINT32_C(1) << (USER_SHIFT + (n)))

static const char *const names[RUBY_TYPES] = {
	[0x00] = "T_NONE",   [0x01] = "T_OBJECT", [0x02] = "T_CLASS",   [0x03] = "T_MODULE",
	[0x04] = "T_FLOAT",  [0x05] = "T_STRING", [0x06] = "T_REGEXP",  [0x07] = "T_ARRAY",
	[0x08] = "T_HASH",   [0x09] = "T_STRUCT", [0x0a] = "T_BIGNUM",  [0x0b] = "T_FILE",
	[0x0c] = "T_DATA",   [0x0d] = "T_MATCH",  [0x0e] = "T_COMPLEX", [0x0f] = "T_RATIONAL",
	[0x11] = "T_NIL",    [0x12] = "T_TRUE",   [0x13] = "T_FALSE",   [0x14] = "T_SYMBOL",
	[0x15] = "T_FIXNUM", [0x16] = "T_UNDEF",  [0x1a] = "T_IMEMO",   [0x1b] = "T_NODE",
	[0x1c] = "T_ICLASS", [0x1d] = "T_ZOMBIE", [0x1e] = "T_MOVED",
};

const char *ruby_type_name(unsigned int type)
{
	return type < RUBY_TYPES && names[type] ? names[type] : "unknown";
}

/* An object of the type has a pointer to a block, if these flags are as stated. */
struct field {
	uint8_t word; /* of the slot; 0: there is no pointer */
	uint32_t mask, value;
	uint32_t transient; /* flag */
};

static const struct field narrow[RUBY_TYPES] = {
	[0x01] = { 3, USER(1), 0, USER(13) },
	[0x02] = { 3, 0, 0, 0 },
	[0x03] = { 3, 0, 0, 0 },
	[0x05] = { 3, USER(1), USER(1), 0 },
	[0x06] = { 2, 0, 0, 0 },
	[0x07] = { 4, USER(1), 0, USER(13) },
	[T_HASH] = { 2, 0, 0, USER(14) },
	[0x09] = { 3, USER(1) | USER(2), 0, USER(3) },
	[0x0a] = { 3, USER(2), 0, 0 },
	[0x0b] = { 2, 0, 0, 0 },
	[0x0c] = { 4, 0, 0, 0 },
	[0x0d] = { 3, 0, 0, 0 },
	[0x1c] = { 3, 0, 0, 0 },
};

/* Since there are slots of several sizes, most contents are in them. */
static const struct field wide[RUBY_TYPES] = {
	[0x01] = { 2, USER(1), 0, 0 }, [0x05] = { 3, USER(1), USER(1), 0 },
	[0x06] = { 2, 0, 0, 0 },       [0x07] = { 4, USER(1), 0, USER(13) },
	[0x0a] = { 3, USER(2), 0, 0 }, [0x0b] = { 2, 0, 0, 0 },
};

void ruby_buffers(const struct ruby_heap *h, struct memsrc *m, const uint64_t slot[RUBY_SLOT_WORDS],
		  uint64_t *left, struct ruby_buffers *ret)
{
	const struct field *f = &(h->wide ? wide : narrow)[slot[0] & TYPE_MASK];
	uint64_t table[TABLE_WORDS];

	*ret = (struct ruby_buffers){ .n = 0 };
	if (!f->word || (slot[0] & f->mask) != f->value || !slot[f->word])
		return;
	ret->addr[ret->n++] = slot[f->word];
	ret->transient = slot[0] & f->transient;
	if ((slot[0] & TYPE_MASK) != T_HASH || !(slot[0] & HASH_IS_TABLE) || *left == 0)
		return;
	--*left;
	if (!memsrc_peek(m, slot[f->word], table, sizeof(table)))
		return;
	ret->addr[ret->n++] = table[TABLE_BINS];
	ret->addr[ret->n++] = table[TABLE_ENTRIES];
}
