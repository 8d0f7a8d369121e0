/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff_change.h"

#include "present/build/cells.h"

struct cell change_rate_cell(const struct diff *d, struct delta delta)
{
	return d->rate_why ? cell_none() : cell_delta(diff_rate(d, delta));
}

/* Returns the change of the amount at this offset in struct line. */
static struct delta delta_at(const struct diff_row *row, size_t at)
{
	const char *a = (const char *)&row->old_line, *b = (const char *)&row->new_line;

	return delta_of(*(const struct amount *)(const void *)(a + at),
			*(const struct amount *)(const void *)(b + at));
}

static struct cell get_delta(const struct ask *ask)
{
	return cell_delta(delta_at(ask->row, ask->at));
}

static struct cell get_growth(const struct ask *ask)
{
	const struct changes *c = ask->arg;
	struct delta delta = delta_at(ask->row, ask->at);

	if (delta.why || delta.bytes <= 0)
		return cell_none();
	return cell_share(amount_of((uint64_t)delta.bytes), amount_of(c->grown_bytes));
}

static struct cell get_rate(const struct ask *ask)
{
	const struct changes *c = ask->arg;

	return change_rate_cell(c->diff, delta_at(ask->row, ask->at));
}

static struct cell get_status(const struct ask *ask)
{
	return cell_text(diff_status_ids[((const struct diff_row *)ask->row)->status]);
}

static struct cell get_change(const struct ask *ask)
{
	enum diff_status status = ((const struct diff_row *)ask->row)->status;

	return status == DIFF_ADDED || status == DIFF_REMOVED ? get_status(ask) : cell_none();
}

#define DELTA(get_, member) .get = (get_), .at = offsetof(struct line, member)

/* Columns that compare both sides; in every list they follow those that name the row. */
static const struct column change_columns[] = {
	COLUMN("status", "", CELL_ID, "added, removed, changed, same", .flags = COL_DATA,
	       .get = get_status),
	COLUMN("old_rss_bytes", "OLD", CELL_BYTES, "resident",
	       FIELD(struct diff_row, old_line.rss)),
	COLUMN("new_rss_bytes", "NEW", CELL_BYTES, "resident",
	       FIELD(struct diff_row, new_line.rss)),
	COLUMN("delta_rss_bytes", "DELTA", CELL_DELTA, "new less old", DELTA(get_delta, rss)),
	COLUMN("growth_percent", "SHARE", CELL_PERCENT, "of all that grew in this list",
	       DELTA(get_growth, rss)),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes",
	       DELTA(get_rate, rss)),
	COLUMN("old_pss_bytes", "", CELL_BYTES, "proportional", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.pss)),
	COLUMN("new_pss_bytes", "", CELL_BYTES, "proportional", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.pss)),
	COLUMN("delta_pss_bytes", "PSS DELTA", CELL_DELTA, "new less old", DELTA(get_delta, pss)),
	COLUMN("old_uss_bytes", "", CELL_BYTES, "private", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.uss)),
	COLUMN("new_uss_bytes", "", CELL_BYTES, "private", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.uss)),
	COLUMN("delta_uss_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA,
	       DELTA(get_delta, uss)),
	COLUMN("old_swap_bytes", "", CELL_BYTES, "swapped out", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.swap)),
	COLUMN("new_swap_bytes", "", CELL_BYTES, "swapped out", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.swap)),
	COLUMN("delta_swap_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA,
	       DELTA(get_delta, swap)),
	COLUMN("old_lazyfree_bytes", "", CELL_BYTES, "freed but still in RSS", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.lazyfree)),
	COLUMN("new_lazyfree_bytes", "", CELL_BYTES, "freed but still in RSS", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.lazyfree)),
	COLUMN("delta_lazyfree_bytes", "", CELL_DELTA, "new less old", .flags = COL_DATA,
	       DELTA(get_delta, lazyfree)),
	COLUMN("old_size_bytes", "", CELL_BYTES, "address space", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.size_bytes)),
	COLUMN("new_size_bytes", "", CELL_BYTES, "address space", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.size_bytes)),
	COLUMN("old_mappings", "", CELL_COUNT, "mappings", .flags = COL_DATA,
	       FIELD(struct diff_row, old_line.mappings)),
	COLUMN("new_mappings", "", CELL_COUNT, "mappings", .flags = COL_DATA,
	       FIELD(struct diff_row, new_line.mappings)),
	COLUMN("change", "", CELL_TEXT, "whether one side lacks it", .flags = COL_TEXT,
	       .get = get_change),
};

#undef DELTA

_Static_assert(ARRAY_SIZE(change_columns) == CHANGE_COLUMNS, "as the header says");

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
