/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff_change.h"

#include "present/build/cells.h"

/* How both sides compare: the same columns in every list, between those that name the row. */
static const struct column change_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA),
	COLUMN("old_rss_bytes", "OLD", CELL_BYTES, "resident"),
	COLUMN("new_rss_bytes", "NEW", CELL_BYTES, "resident"),
	COLUMN("delta_rss_bytes", "DELTA", CELL_DELTA, "new less old"),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list"),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes"),
	COLUMN("old_pss_bytes", "", CELL_BYTES, "proportional", .flags = COL_DATA),
	COLUMN("new_pss_bytes", "", CELL_BYTES, "proportional", .flags = COL_DATA),
	COLUMN("delta_pss_bytes", "PSS DELTA", CELL_DELTA, "new less old"),
	COLUMN("old_uss_bytes", "", CELL_BYTES, "private", .flags = COL_DATA),
	COLUMN("new_uss_bytes", "", CELL_BYTES, "private", .flags = COL_DATA),
	COLUMN("delta_uss_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA),
	COLUMN("old_swap_bytes", "", CELL_BYTES, "swapped out", .flags = COL_DATA),
	COLUMN("new_swap_bytes", "", CELL_BYTES, "swapped out", .flags = COL_DATA),
	COLUMN("delta_swap_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA),
	COLUMN("old_lazyfree_bytes", "", CELL_BYTES, "freed but still in RSS", .flags = COL_DATA),
	COLUMN("new_lazyfree_bytes", "", CELL_BYTES, "freed but still in RSS", .flags = COL_DATA),
	COLUMN("delta_lazyfree_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA),
	COLUMN("old_size_bytes", "", CELL_BYTES, "address space", .flags = COL_DATA),
	COLUMN("new_size_bytes", "", CELL_BYTES, "address space", .flags = COL_DATA),
	COLUMN("old_mappings", "", CELL_COUNT, "mappings", .flags = COL_DATA),
	COLUMN("new_mappings", "", CELL_COUNT, "mappings", .flags = COL_DATA),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT),
};

_Static_assert(ARRAY_SIZE(change_columns) == CHANGE_COLUMNS, "as the header says");

struct cell change_rate_cell(const struct diff *d, struct delta delta)
{
	return d->rate_why ? cell_none() : cell_delta(diff_rate(d, delta));
}

static struct cell growth_cell(struct delta delta, uint64_t grown_bytes)
{
	if (delta.why || delta.bytes <= 0)
		return cell_none();
	return cell_share(amount_of((uint64_t)delta.bytes), amount_of(grown_bytes));
}

void change_fill(const struct changes *c, enum diff_status status, const struct line *a,
		 const struct line *b, struct cell *cells)
{
	struct delta rss = delta_of(a->rss, b->rss);
	const struct cell values[] = {
		cell_text(diff_status_ids[status]),
		cell_amount(a->rss),
		cell_amount(b->rss),
		cell_delta(rss),
		growth_cell(rss, c->grown_bytes),
		change_rate_cell(c->diff, rss),
		cell_amount(a->pss),
		cell_amount(b->pss),
		cell_delta(delta_of(a->pss, b->pss)),
		cell_amount(a->uss),
		cell_amount(b->uss),
		cell_delta(delta_of(a->uss, b->uss)),
		cell_amount(a->swap),
		cell_amount(b->swap),
		cell_delta(delta_of(a->swap, b->swap)),
		cell_amount(a->lazyfree),
		cell_amount(b->lazyfree),
		cell_delta(delta_of(a->lazyfree, b->lazyfree)),
		cell_u64(a->size_bytes),
		cell_u64(b->size_bytes),
		cell_u64(a->mappings),
		cell_u64(b->mappings),
		status == DIFF_ADDED || status == DIFF_REMOVED ? cell_text(diff_status_ids[status])
							       : cell_none(),
	};

	_Static_assert(ARRAY_SIZE(values) == CHANGE_COLUMNS, "a cell for each column");
	memcpy(cells, values, sizeof(values));
}

const struct column *change_columns_make(struct report *r, const struct column *head, size_t n_head,
					 const struct column *tail, size_t n_tail)
{
	size_t n = n_head + CHANGE_COLUMNS + n_tail;
	struct column *columns = arena_array(&r->arena, n, struct column);

	memcpy(columns, head, n_head * sizeof(*head));
	memcpy(columns + n_head, change_columns, sizeof(change_columns));
	if (n_tail > 0)
		memcpy(columns + n_head + CHANGE_COLUMNS, tail, n_tail * sizeof(*tail));
	return columns;
}

const bool *change_hide_small(struct report *r, const int64_t *deltas, size_t n, size_t most,
			      uint64_t least)
{
	bool *hide = arena_alloc(&r->arena, n + 1);
	size_t lo = 0, hi = n;

	memset(hide, true, n);
	for (size_t shown = 0; shown < most && lo < hi; shown++) {
		uint64_t grown = deltas[lo] > 0 ? (uint64_t)deltas[lo] : 0;
		uint64_t shrunk = deltas[hi - 1] < 0 ? (uint64_t)-deltas[hi - 1] : 0;

		if (MAX(grown, shrunk) <= least)
			break;
		hide[grown >= shrunk ? lo++ : --hi] = false;
	}
	return hide;
}
