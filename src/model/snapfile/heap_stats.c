/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/snapfile/process.h"

#define HELD_MAX (UINT64_C(1) << 53) /* of bytes or blocks of a kind, so that their sums fit */

/* The heap statistics while they are read, and the current row. */
struct heap_stats_reader {
	struct snapshot *s;
	struct heap_stat row; /* of `owner` and `name` */
	struct sbuf owner, name;
	uint64_t bytes[HEAP_STAT_KIND_COUNT], counts[HEAP_STAT_KIND_COUNT];
};

static int read_kind_id(struct snapread *r, enum heap_stat_kind *ret_kind)
{
	int ret = snapread_id(r);

	for (int i = 0; ret == 0 && i < HEAP_STAT_KIND_COUNT; i++) {
		if (streq(heap_stat_kind_descs[i].id, r->event.text)) {
			*ret_kind = (enum heap_stat_kind)i;
			return 0;
		}
	}
	return ret < 0 ? ret : snapread_refuse(r, "a kind that this version does not know");
}

static int read_looked_for(struct snapread *r, void *obj, attr_unused size_t i)
{
	struct heap_stats *h = &((struct heap_stats_reader *)obj)->s->heap_stats;
	enum heap_stat_kind kind;
	int ret = read_kind_id(r, &kind);

	if (ret == 0)
		h->read |= 1U << kind;
	return ret;
}

static int read_kinds(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_looked_for, obj);
}

static int read_partial(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_reason(r, &((struct heap_stats_reader *)obj)->s->heap_stats.partial);
}

static int read_kind(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct heap_stats_reader *hr = obj;
	int ret = read_kind_id(r, &hr->row.kind);

	if (ret == 0 && !heap_stats_have(&hr->s->heap_stats, hr->row.kind))
		return snapread_refuse(r, "a kind that was not looked for");
	return ret;
}

static int read_text_at(struct snapread *r, void *obj, size_t at)
{
	struct sbuf *text = (struct sbuf *)(void *)((char *)obj + at);
	int ret = snapread_text(r);

	if (ret == 0)
		sbuf_add(text, sbuf_str(&r->text), r->text.len);
	return ret;
}

static int read_count(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint64_t count;
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_u64(r, HELD_MAX, &count);
	if (ret == 0)
		((struct heap_stats_reader *)obj)->row.count = amount_of(count);
	return ret;
}

static int read_bytes(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, HELD_MAX, &((struct heap_stats_reader *)obj)->row.bytes);
}

/* Returns whether a row is the rest of a kind: all rows beyond HEAP_STATS_MAX. */
static bool is_rest(const struct heap_stat *row)
{
	return !*row->owner && streq(row->name, heap_stat_kind_descs[row->kind].rest);
}

static int add_row(struct snapread *r, struct heap_stats_reader *hr, struct yplace at)
{
	struct heap_stats *h = &hr->s->heap_stats;
	struct heap_stat *row = &hr->row;

	row->owner = sbuf_str(&hr->owner);
	row->name = sbuf_str(&hr->name);
	hr->bytes[row->kind] += row->bytes;
	hr->counts[row->kind] += row->count.value;
	if (hr->bytes[row->kind] > HELD_MAX || hr->counts[row->kind] > HELD_MAX)
		return yplace_refuse(at, r->err, "more than memory can hold");
	if (heap_stats_find(h, row->kind, row->owner, row->name))
		return yplace_refuse(at, r->err, "this kind, owner and name occur twice");
	if (h->n_of[row->kind] >= HEAP_STATS_MAX && !is_rest(row))
		return yplace_refuse(at, r->err, "too many rows of a kind");
	heap_stats_add(h, &hr->s->arena, row);
	return 0;
}

static int read_row(struct snapread *r, void *obj, attr_unused size_t i)
{
	static const struct snapread_key keys[] = {
		{ .id = "kind", .read = read_kind, .required = true },
		{ .id = "owner",
		  .read = read_text_at,
		  .arg = offsetof(struct heap_stats_reader, owner),
		  .required = true },
		{ .id = "name",
		  .read = read_text_at,
		  .arg = offsetof(struct heap_stats_reader, name),
		  .required = true },
		{ .id = "count", .read = read_count, .required = true },
		{ .id = "bytes", .read = read_bytes, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct heap_stats_reader *hr = obj;
	struct yplace at = r->event.at;
	int ret;

	hr->row = (struct heap_stat){ .count = amount_absent(REASON_NOT_COUNTED) };
	sbuf_reset(&hr->owner);
	sbuf_reset(&hr->name);
	ret = snapread_mapping(r, &table, hr);
	return ret == 0 ? add_row(r, hr, at) : ret;
}

static int read_rows(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_row, obj);
}

int snapfile_read_heap_stats(struct snapread *r, struct snapshot *s)
{
	static const struct snapread_key keys[] = {
		{ .id = "kinds", .read = read_kinds, .required = true },
		{ .id = "partial", .read = read_partial, .required = true },
		{ .id = "rows", .read = read_rows, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct heap_stats_reader hr = { .s = s };
	int ret;

	if (snapread_is_null(r))
		return 0;
	ret = snapread_mapping(r, &table, &hr);
	sbuf_release(&hr.owner);
	sbuf_release(&hr.name);
	return ret;
}
