/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapshot/heap_stats.h"

#include "base/alloc.h"
#include "base/num.h"

const struct holding_kind_desc holding_kind_descs[] = {
	[HOLDING_LINE] = { "line", "(other lines)", "resident bytes by what they are" },
	[HOLDING_ALLOCATOR] = { "allocator", "(other sums)", "bytes of an allocator" },
	[HOLDING_TYPE] = { "type", "(other types)", "objects of a runtime by their type" },
	[HOLDING_CLASS] = { "class", "(other classes)", "blocks that hold objects, by C++ class" },
};

_Static_assert(ARRAY_SIZE(holding_kind_descs) == HOLDING_KIND_COUNT, "a row for each kind");

void holdings_release(struct holdings *h)
{
	free(h->v);
	index_release(&h->index);
	*h = (struct holdings){ 0 };
}

static bool same_holding(const void *arg, uint32_t i, const void *key)
{
	const struct holding *a = &((const struct holdings *)arg)->v[i], *b = key;

	return a->kind == b->kind && streq(a->owner, b->owner) && streq(a->name, b->name);
}

static uint64_t hash_of(const struct holding *h)
{
	return index_hash_u64(index_hash_bytes(h->owner, strlen(h->owner)) + h->kind,
			      index_hash_bytes(h->name, strlen(h->name)));
}

static uint32_t find(const struct holdings *h, const struct holding *key)
{
	return index_find(&h->index, hash_of(key), same_holding, h, key);
}

static struct holding *append(struct holdings *h, struct arena *arena, const struct holding *add)
{
	const struct holding *last = h->n ? &h->v[h->n - 1] : NULL;
	bool same_owner = last && streq(last->owner, add->owner);
	struct holding row = {
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

void holdings_add(struct holdings *h, struct arena *arena, const struct holding *add)
{
	struct holding row = *add;
	struct holding *to;
	uint32_t i = find(h, &row);

	if (i == INDEX_NONE && h->n_of[row.kind] >= HOLDINGS_MAX) {
		row.owner = "";
		row.name = holding_kind_descs[row.kind].rest;
		i = find(h, &row);
	}
	to = i == INDEX_NONE ? append(h, arena, &row) : &h->v[i];
	to->count = amount_add(to->count, row.count);
	to->bytes = num_add_sat(to->bytes, row.bytes);
}

const struct holding *holdings_find(const struct holdings *h, enum holding_kind kind,
				    const char *owner, const char *name)
{
	uint32_t i = find(h, &(struct holding){ .kind = kind, .owner = owner, .name = name });

	return i == INDEX_NONE ? NULL : &h->v[i];
}

void holding_add_id(struct sbuf *out, const struct holding *h)
{
	sbuf_adds(out, holding_kind_descs[h->kind].id);
	sbuf_addch(out, ':');
	sbuf_adds(out, h->owner);
	sbuf_addch(out, '/');
	sbuf_adds(out, h->name);
}

bool holding_parse_id(const char *id, struct holding *ret, char **ret_buf)
{
	const char *colon = strchr(id, ':'), *slash = colon ? strchr(colon, '/') : NULL;
	size_t len = colon ? (size_t)(colon - id) : 0;
	int kind = 0;

	if (!slash)
		return false;
	while (kind < HOLDING_KIND_COUNT && (strncmp(id, holding_kind_descs[kind].id, len) != 0 ||
					     holding_kind_descs[kind].id[len]))
		kind++;
	if (kind == HOLDING_KIND_COUNT)
		return false;
	*ret_buf = xstrdup(colon + 1);
	(*ret_buf)[slash - colon - 1] = '\0';
	*ret = (struct holding){ .kind = (enum holding_kind)kind,
				 .owner = *ret_buf,
				 .name = *ret_buf + (slash - colon) };
	return true;
}
