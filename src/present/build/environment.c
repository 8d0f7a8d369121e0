/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"

static const struct column off_rss_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("title", "Outside RSS", CELL_TEXT, "memory that belongs to it all the same",
	       .flags = COL_TEXT),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as the kernel states it"),
	COLUMN("detail", "DETAIL", CELL_TEXT, "what was counted, or why it was not",
	       .flags = COL_TRUNC),
};

const struct table *build_outside(struct report *r, const struct process_inputs *v)
{
	struct table *t = report_table(r, off_rss_columns, ARRAY_SIZE(off_rss_columns), OUT_COUNT);
	bool *hide = arena_alloc(&r->arena, OUT_COUNT);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	t->empty = "nothing";
	for (int i = 0; i < OUT_COUNT; i++) {
		const struct off_rss_row *row = &v->off_rss->rows[i];
		struct cell *cells = table_row(t, (size_t)i);

		hide[i] = (amount_ok(row->bytes) && row->bytes.value == 0) ||
			  row->bytes.why == REASON_NO_MM;
		cells[0] = cell_text(off_rss_descs[i].id);
		cells[1] = cell_text(off_rss_descs[i].title);
		cells[2] = cell_amount(row->bytes);
		cells[3] = row->bytes.why   ? cell_text(amount_why(row->bytes))
			   : row->detail[0] ? cell_text(row->detail)
					    : cell_none();
	}
	return t;
}

static const struct column limit_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("title", "Limits", CELL_TEXT, "what bounds it", .flags = COL_TEXT),
	COLUMN("path", "WHERE", CELL_TEXT, "control group", .flags = COL_TRUNC),
	COLUMN("limit", "LIMIT", CELL_BYTES, "null if there is none"),
	COLUMN("used", "USED", CELL_BYTES, "of it"),
	COLUMN("headroom", "LEFT", CELL_BYTES, "before it is reached"),
};

/* Unlimited is no number: null without a reason. */
static struct cell limit_cell(const struct limit_row *row, struct amount a)
{
	struct cell c = amount_ok(a) && a.value == UINT64_MAX ? cell_none() : cell_amount(a);

	c.plain = limit_descs[row->id].is_count;
	return c;
}

const struct table *build_limits(struct report *r, const struct process_inputs *v)
{
	const struct limits *l = v->limits;
	struct table *t = report_table(r, limit_columns, ARRAY_SIZE(limit_columns), l->n);
	bool *hide = arena_alloc(&r->arena, l->n + 1);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < l->n; i++) {
		const struct limit_row *row = &l->rows[i];
		struct cell *cells = table_row(t, i);

		hide[i] = (amount_ok(row->limit) && row->limit.value == UINT64_MAX) ||
			  row->used.why == REASON_NO_MM || row->headroom.why == REASON_NO_MM;
		cells[0] = cell_text(limit_descs[row->id].id);
		cells[1] = cell_text(limit_descs[row->id].title);
		cells[2] = cell_text(row->path);
		cells[3] = limit_cell(row, row->limit);
		cells[4] = limit_cell(row, row->used);
		cells[5] = limit_cell(row, row->headroom);
	}
	return t;
}

static const struct column fit_columns[] = {
	COLUMN("bytes", "", CELL_BYTES, "asked for", .line = "An allocation of %:"),
	COLUMN("fits", "", CELL_BOOL, "null: a limit that decides cannot be read",
	       .flags = COL_DATA),
	COLUMN("limit_id", "", CELL_ID, "the limit that refuses, or cannot be read",
	       .flags = COL_DATA),
	COLUMN("answer", "", CELL_TEXT, "the answer", .flags = COL_TEXT, .line = "%"),
};

const struct table *build_would_fit(struct report *r, const struct process_inputs *v)
{
	const struct would_fit *f = v->would_fit;
	struct table *t;
	const char *title;

	if (!f)
		return NULL;
	t = report_table(r, fit_columns, ARRAY_SIZE(fit_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	title = f->row ? limit_descs[f->row->id].title : "";
	row_set(t, 0, "bytes", cell_u64(f->bytes));
	row_set(t, 0, "fits",
		f->fits == FIT_UNKNOWN ? cell_absent(REASON_LIMIT_UNREADABLE)
				       : cell_bool(f->fits == FIT_YES));
	row_set(t, 0, "limit_id", f->row ? cell_text(limit_descs[f->row->id].id) : cell_none());
	row_set(t, 0, "answer",
		cell_text(
			f->fits == FIT_YES
				? "would fit"
				: arena_printf(
					  &r->arena,
					  f->fits == FIT_NO
						  ? "would not fit, limit \"%s\" stops it"
						  : "cannot be judged, limit \"%s\" is unreadable",
					  title)));
	return t;
}

static const struct column finding_columns[] = {
	COLUMN("severity", "", CELL_ID, "info, warning or critical"),
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA),
	COLUMN("text", "", CELL_TEXT, "what was measured"),
	COLUMN("advice", "", CELL_TEXT, "what to do next"),
};

const struct table *build_findings(struct report *r, const struct process_inputs *v)
{
	static const enum tone tones[SEV_COUNT] = {
		[SEV_INFO] = TONE_PLAIN, [SEV_WARNING] = TONE_WARN, [SEV_CRITICAL] = TONE_BAD
	};
	struct table *t = report_table(r, finding_columns, ARRAY_SIZE(finding_columns),
				       v->n_findings);

	t->layout = LAYOUT_ITEMS;
	t->title = "Findings";
	for (size_t i = 0; i < v->n_findings; i++) {
		const struct finding *f = &v->findings[i];
		struct cell *cells = table_row(t, i);

		cells[0] = cell_text(severity_ids[f->severity]);
		cells[0].tone = tones[f->severity];
		cells[1] = cell_text(f->id);
		cells[2] = cell_text(f->text);
		cells[3] = cell_text(f->advice);
	}
	return t;
}
