/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live chunks by their size: how many there are of each, and the largest ones.
 */
#include "walk/alloc/glibc/glibc_impl.h"

#include "base/alloc.h"

enum {
	CLASS_SHIFT = 5,        /* the smallest class is 32 bytes */
	LARGE_SIZES_MAX = 4096, /* that are told apart, of those that are not small */
};

static size_t class_of(uint64_t bytes)
{
	size_t c = bytes <= 1 << CLASS_SHIFT
			   ? 0
			   : 64 - (size_t)__builtin_clzll(bytes - 1) - CLASS_SHIFT;

	return MIN(c, (size_t)GLIBC_CLASSES - 1);
}

static bool same_size(const void *arg, uint32_t i, const void *key)
{
	const struct glibc_sizes *s = arg;

	return s->large[i].bytes == *(const uint64_t *)key;
}

/* Where native chunks of a size that is not small are counted; NULL: there are too many sizes. */
static struct walk_size *large_size(struct glibc_sizes *s, uint64_t bytes)
{
	uint64_t hash = index_hash_u64(bytes, 0);
	uint32_t i = index_find(&s->index, hash, same_size, s, &bytes);

	if (i != INDEX_NONE)
		return &s->large[i];
	if (s->n_large == LARGE_SIZES_MAX)
		return NULL;
	s->large = xgrow(s->large, s->n_large, &s->cap_large, sizeof(*s->large));
	index_add(&s->index, hash, (uint32_t)s->n_large);
	s->large[s->n_large] = (struct walk_size){ .bytes = bytes };
	return &s->large[s->n_large++];
}

void glibc_count_large(struct glibc *g, uint64_t chunk, uint64_t bytes, bool native)
{
	struct walk_size_class *c = &g->out.classes[class_of(bytes)];
	struct walk_size *size;

	walk_record_block(&g->out, (struct walk_block){ chunk + GLIBC_HEAD, bytes });
	if (bytes < GLIBC_SMALL_BYTES)
		return;
	c->blocks++;
	c->bytes += bytes;
	if (!native)
		return;
	g->out.native_blocks++;
	g->out.native_bytes += bytes;
	size = large_size(&g->sizes, bytes);
	if (size)
		size->blocks++;
}

void glibc_settle_sizes(struct glibc *g)
{
	struct walk_allocator *out = &g->out;

	for (uint64_t i = 0; i < GLIBC_SMALL_SIZES; i++) {
		struct walk_size_class *c = &out->classes[class_of(16 * i)];
		uint64_t native = g->sizes.small[true][i];
		uint64_t blocks = native + g->sizes.small[false][i];

		c->blocks += blocks;
		c->bytes += blocks * 16 * i;
		out->native_blocks += native;
		out->native_bytes += native * 16 * i;
		walk_record_size(out, (struct walk_size){ .bytes = 16 * i, .blocks = native });
	}
	for (size_t i = 0; i < g->sizes.n_large; i++)
		walk_record_size(out, g->sizes.large[i]);
	for (size_t i = 0; i < GLIBC_CLASSES; i++) {
		out->classes[i].max_bytes = UINT64_C(32) << i;
		if (out->classes[i].blocks)
			out->n_classes = i + 1;
	}
}

void glibc_sizes_release(struct glibc_sizes *s)
{
	free(s->large);
	index_release(&s->index);
}

/* What malloc did not clear may still point at the bins of the main arena, in which it was free. */
void glibc_count_first(struct glibc *g, uint64_t first, uint64_t bytes)
{
	if (g->walk->cxx && first - g->arenas[0].addr >= g->layout->size)
		cxx_count(g->walk->cxx, &g->objects, first, bytes);
}
