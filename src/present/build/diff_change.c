/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff_change.h"

#include "present/build/cells.h"

/* How both sides compare: the same columns in every list, between those that name the row. */
static const struct column change_columns[] = {
	{ "status", "", CELL_ID, COL_DATA, "added, removed, changed, same", NULL },
	{ "old_rss_bytes", "OLD", CELL_BYTES, 0, "resident", NULL },
	{ "new_rss_bytes", "NEW", CELL_BYTES, 0, "resident", NULL },
	{ "delta_rss_bytes", "DELTA", CELL_DELTA, 0, "new less old", NULL },
	{ "growth_percent", "SHARE", CELL_PERCENT, 0, "of all that grew in this list", NULL },
	{ "rate_bytes_per_hour", "RATE", CELL_RATE, 0, "what the difference makes", NULL },
	{ "old_pss_bytes", "", CELL_BYTES, COL_DATA, "proportional", NULL },
	{ "new_pss_bytes", "", CELL_BYTES, COL_DATA, "proportional", NULL },
	{ "delta_pss_bytes", "PSS DELTA", CELL_DELTA, 0, "new less old", NULL },
	{ "old_uss_bytes", "", CELL_BYTES, COL_DATA, "private", NULL },
	{ "new_uss_bytes", "", CELL_BYTES, COL_DATA, "private", NULL },
	{ "delta_uss_bytes", "", CELL_DELTA, COL_DATA, "new less old", NULL },
	{ "old_swap_bytes", "", CELL_BYTES, COL_DATA, "swapped out", NULL },
	{ "new_swap_bytes", "", CELL_BYTES, COL_DATA, "swapped out", NULL },
	{ "delta_swap_bytes", "", CELL_DELTA, COL_DATA, "new less old", NULL },
	{ "old_lazyfree_bytes", "", CELL_BYTES, COL_DATA, "freed but still in RSS", NULL },
	{ "new_lazyfree_bytes", "", CELL_BYTES, COL_DATA, "freed but still in RSS", NULL },
	{ "delta_lazyfree_bytes", "", CELL_DELTA, COL_DATA, "new less old", NULL },
	{ "old_size_bytes", "", CELL_BYTES, COL_DATA, "address space", NULL },
	{ "new_size_bytes", "", CELL_BYTES, COL_DATA, "address space", NULL },
	{ "old_mappings", "", CELL_COUNT, COL_DATA, "mappings", NULL },
	{ "new_mappings", "", CELL_COUNT, COL_DATA, "mappings", NULL },
	{ "change", "", CELL_TEXT, COL_TEXT, "whether one side lacks it", NULL },
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
