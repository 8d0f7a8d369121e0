/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "walk/alloc/live_sizes.h"

#include "base/alloc.h"

enum {
	OTHERS_MAX = 1 << 16,
	DOUBLING_MIN = 32, /* bound of the smallest class of those that double */
};

void live_sizes_release(struct live_sizes *s)
{
	free(s->others);
	index_release(&s->index);
}

static bool same_size(const void *arg, uint32_t i, const void *key)
{
	const struct live_sizes *s = arg;

	return s->others[i].bytes == *(const uint64_t *)key;
}

/* Returns the exponent of the least power of two that is not below `bytes`. */
static unsigned int doubles_of(uint64_t bytes)
{
	unsigned int exponent = bytes > 1 ? 64 - (unsigned int)__builtin_clzll(bytes - 1) : 0;

	return MIN(exponent, (unsigned int)LIVE_SIZES_DOUBLES - 1);
}

/* Returns the counts of a size, which is added if it is new; NULL: there is no room for it. */
static struct live_size *other_of(struct live_sizes *s, uint64_t bytes)
{
	uint64_t hash = index_hash_u64(bytes, 0);
	uint32_t i = index_find(&s->index, hash, same_size, s, &bytes);

	if (i != INDEX_NONE)
		return &s->others[i];
	if (s->n_others == OTHERS_MAX)
		return NULL;
	s->others = xgrow(s->others, s->n_others, &s->cap_others, sizeof(*s->others));
	index_add(&s->index, hash, (uint32_t)s->n_others);
	s->others[s->n_others] = (struct live_size){ .bytes = bytes };
	return &s->others[s->n_others++];
}

void live_sizes_count_other(struct live_sizes *s, uint64_t bytes, uint64_t owned, uint64_t native)
{
	unsigned int exponent = doubles_of(bytes);
	struct live_size *size;

	if (owned + native == 0)
		return;
	size = other_of(s, bytes);
	if (!size) {
		size = &s->doubles[exponent];
		s->doubles_bytes[exponent] += (owned + native) * bytes;
		s->doubles_native_bytes += native * bytes;
	}
	size->owned += owned;
	size->native += native;
}

/* The classes of an allocator while they are filled in. */
struct classes {
	struct walk_allocator *out;
	bool doubling;
};

static uint64_t bound_of(const struct classes *c, uint64_t bytes)
{
	if (!c->doubling && bytes <= LIVE_SIZES_UNIT * LIVE_SIZES_SMALL)
		return bytes;
	return MAX(UINT64_C(1) << doubles_of(bytes), (uint64_t)(c->doubling ? DOUBLING_MIN : 0));
}

/* Adds blocks to a class; where there are too many classes, to the next larger one, or the last. */
static void add_to_class(struct classes *classes, uint64_t bound, uint64_t blocks, uint64_t bytes)
{
	struct walk_allocator *out = classes->out;
	struct walk_size_class *c = out->classes;
	size_t i = out->n_classes;

	while (i > 0 && c[i - 1].max_bytes >= bound)
		i--;
	if (i == out->n_classes || c[i].max_bytes != bound) {
		if (out->n_classes < WALK_CLASSES) {
			memmove(c + i + 1, c + i, (out->n_classes - i) * sizeof(*c));
			out->n_classes++;
			c[i] = (struct walk_size_class){ .max_bytes = bound };
		} else if (i == out->n_classes) {
			c[--i].max_bytes = bound;
		}
	}
	c[i].blocks += blocks;
	c[i].bytes += bytes;
}

static void add_size(struct classes *classes, const struct live_size *size)
{
	struct walk_allocator *out = classes->out;
	uint64_t blocks = size->owned + size->native;

	if (!blocks)
		return;
	add_to_class(classes, bound_of(classes, size->bytes), blocks, blocks * size->bytes);
	out->native_blocks += size->native;
	out->native_bytes += size->native * size->bytes;
	walk_record_size(out, (struct walk_size){ .bytes = size->bytes, .blocks = size->native });
}

static void add_doubles(struct classes *classes, const struct live_sizes *s)
{
	for (unsigned int i = 0; i < LIVE_SIZES_DOUBLES; i++) {
		const struct live_size *d = &s->doubles[i];

		if (d->owned + d->native)
			add_to_class(classes, UINT64_C(1) << i, d->owned + d->native,
				     s->doubles_bytes[i]);
		classes->out->native_blocks += d->native;
	}
	classes->out->native_bytes += s->doubles_native_bytes;
}

void live_sizes_report(const struct live_sizes *s, bool doubling, struct walk_allocator *out)
{
	struct classes classes = { out, doubling };

	for (uint64_t i = 0; i < LIVE_SIZES_SMALL; i++)
		add_size(&classes, &(struct live_size){ .bytes = i * LIVE_SIZES_UNIT,
							.owned = s->owned[i],
							.native = s->native[i] });
	for (size_t i = 0; i < s->n_others; i++)
		add_size(&classes, &s->others[i]);
	add_doubles(&classes, s);
	for (uint64_t bound = DOUBLING_MIN;
	     doubling && out->n_classes && bound < out->classes[out->n_classes - 1].max_bytes;
	     bound *= 2)
		add_to_class(&classes, bound, 0, 0);
}
