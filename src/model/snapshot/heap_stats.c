/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/heap_stats.h"

#include "base/alloc.h"
#include "base/num.h"

const struct heap_stat_kind_desc heap_stat_kind_descs[] = {
	[HEAP_STAT_LINE] = { "line", "(other lines)", "resident bytes by what they are" },
	[HEAP_STAT_ALLOCATOR] = { "allocator", "(other sums)", "bytes of an allocator" },
	[HEAP_STAT_TYPE] = { "type", "(other types)", "objects of a runtime by their type" },
	[HEAP_STAT_CLASS] = { "class", "(other classes)",
			      "blocks that hold objects, by C++ class" },
};

_Static_assert(ARRAY_SIZE(heap_stat_kind_descs) == HEAP_STAT_KIND_COUNT, "a row for each kind");

void heap_stats_release(struct heap_stats *h)
{
	free(h->v);
	index_release(&h->index);
	*h = (struct heap_stats){ 0 };
}

static bool same_heap_stat(const void *arg, uint32_t i, const void *key)
{
	const struct heap_stat *a = &((const struct heap_stats *)arg)->v[i], *b = key;

	return a->kind == b->kind && streq(a->owner, b->owner) && streq(a->name, b->name);
}

static uint64_t hash_of(const struct heap_stat *h)
{
	return index_hash_u64(index_hash_bytes(h->owner, strlen(h->owner)) + h->kind,
			      index_hash_bytes(h->name, strlen(h->name)));
}

static uint32_t find(const struct heap_stats *h, const struct heap_stat *key)
{
	return index_find(&h->index, hash_of(key), same_heap_stat, h, key);
}

static struct heap_stat *append(struct heap_stats *h, struct arena *arena,
				const struct heap_stat *add)
{
	const struct heap_stat *last = h->n ? &h->v[h->n - 1] : NULL;
	bool same_owner = last && streq(last->owner, add->owner);
	struct heap_stat row = {
		.kind = add->kind,
		.owner = same_owner ? last->owner : arena_strdup(arena, add->owner),
		.name = arena_strdup(arena, add->name),
		.count = amount_of(0),
	};

	h->v = xgrow(h->v, h->n, &h->cap, sizeof(*h->v));
	h->v[h->n] = row;
	index_add(&h->index, hash_of(&row), (uint32_t)h->n);
	h->n_of[row.kind]++;
	return &h->v[h->n++];
}

void heap_stats_add(struct heap_stats *h, struct arena *arena, const struct heap_stat *add)
{
	struct heap_stat row = *add;
	struct heap_stat *to;
	uint32_t i = find(h, &row);

	if (i == INDEX_NONE && h->n_of[row.kind] >= HEAP_STATS_MAX) {
		row.owner = "";
		row.name = heap_stat_kind_descs[row.kind].rest;
		i = find(h, &row);
	}
	to = i == INDEX_NONE ? append(h, arena, &row) : &h->v[i];
	to->count = amount_add(to->count, row.count);
	to->bytes = num_add_sat(to->bytes, row.bytes);
}

const struct heap_stat *heap_stats_find(const struct heap_stats *h, enum heap_stat_kind kind,
					const char *owner, const char *name)
{
	uint32_t i = find(h, &(struct heap_stat){ .kind = kind, .owner = owner, .name = name });

	return i == INDEX_NONE ? NULL : &h->v[i];
}

void heap_stat_add_id(struct sbuf *out, const struct heap_stat *h)
{
	sbuf_adds(out, heap_stat_kind_descs[h->kind].id);
	sbuf_addch(out, ':');
	sbuf_adds(out, h->owner);
	sbuf_addch(out, '/');
	sbuf_adds(out, h->name);
}

bool heap_stat_parse_id(const char *id, struct heap_stat *ret, char **ret_buf)
{
	const char *colon = strchr(id, ':'), *slash = colon ? strchr(colon, '/') : NULL;
	size_t len = colon ? (size_t)(colon - id) : 0;
	int kind = 0;

	if (!slash)
		return false;
	while (kind < HEAP_STAT_KIND_COUNT &&
	       (strncmp(id, heap_stat_kind_descs[kind].id, len) != 0 ||
		heap_stat_kind_descs[kind].id[len]))
		kind++;
	if (kind == HEAP_STAT_KIND_COUNT)
		return false;
	*ret_buf = xstrdup(colon + 1);
	(*ret_buf)[slash - colon - 1] = '\0';
	*ret = (struct heap_stat){ .kind = (enum heap_stat_kind)kind,
				   .owner = *ret_buf,
				   .name = *ret_buf + (slash - colon) };
	return true;
}
