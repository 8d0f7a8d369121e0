/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"

static struct cell get_off_rss_id(const struct ask *ask)
{
	return cell_text(off_rss_descs[ask->index].id);
}

static struct cell get_off_rss_title(const struct ask *ask)
{
	return cell_text(off_rss_descs[ask->index].title);
}

static struct cell get_detail(const struct ask *ask)
{
	const struct off_rss_row *row = ask->row;

	return row->bytes.why   ? cell_text(amount_why(row->bytes))
	       : row->detail[0] ? cell_text(row->detail)
				: cell_none();
}

static const struct column off_rss_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", .flags = COL_DATA, .get = get_off_rss_id),
	COLUMN("title", "Outside RSS", CELL_TEXT, "memory that belongs to it all the same",
	       .flags = COL_TEXT, .get = get_off_rss_title),
	COLUMN("bytes", "BYTES", CELL_BYTES, "as the kernel states it",
	       FIELD(struct off_rss_row, bytes)),
	COLUMN("detail", "DETAIL", CELL_TEXT, "what was counted, or why it was not",
	       .flags = COL_TRUNC, .get = get_detail),
};

const struct table *build_outside(struct report *r, const struct process_inputs *v)
{
	const struct off_rss_row *rows = v->off_rss->rows;
	struct table *t = report_rows(r, off_rss_columns, ARRAY_SIZE(off_rss_columns), rows,
				      sizeof(*rows), OUT_COUNT);
	bool *hide = arena_alloc(&r->arena, OUT_COUNT);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	t->empty = "nothing";
	for (int i = 0; i < OUT_COUNT; i++)
		hide[i] = (amount_ok(rows[i].bytes) && rows[i].bytes.value == 0) ||
			  rows[i].bytes.why == REASON_NO_MM;
	return t;
}

static struct cell get_limit_id(const struct ask *ask)
{
	return cell_text(limit_descs[((const struct limit_row *)ask->row)->id].id);
}

static struct cell get_limit_title(const struct ask *ask)
{
	return cell_text(limit_descs[((const struct limit_row *)ask->row)->id].title);
}

/* Returns an amount of a limit; an empty cell if it is unlimited. */
static struct cell get_limit_amount(const struct ask *ask)
{
	const struct limit_row *row = ask->row;
	struct cell c = field_amount(ask);

	if (!c.why && c.u == UINT64_MAX)
		c = cell_none();
	c.plain = limit_descs[row->id].is_count;
	return c;
}

#define LIMIT(member) .get = get_limit_amount, .at = offsetof(struct limit_row, member)

static const struct column limit_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name", .flags = COL_DATA, .get = get_limit_id),
	COLUMN("title", "Limits", CELL_TEXT, "what bounds it", .flags = COL_TEXT,
	       .get = get_limit_title),
	COLUMN("path", "WHERE", CELL_TEXT, "control group", .flags = COL_TRUNC,
	       FIELD(struct limit_row, path)),
	COLUMN("limit", "LIMIT", CELL_BYTES, "null if there is none", LIMIT(limit)),
	COLUMN("used", "USED", CELL_BYTES, "of it", LIMIT(used)),
	COLUMN("headroom", "LEFT", CELL_BYTES, "before it is reached", LIMIT(headroom)),
};

#undef LIMIT

const struct table *build_limits(struct report *r, const struct process_inputs *v)
{
	const struct limits *l = v->limits;
	struct table *t = report_rows(r, limit_columns, ARRAY_SIZE(limit_columns), l->rows,
				      sizeof(*l->rows), l->n);
	bool *hide = arena_alloc(&r->arena, l->n + 1);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < l->n; i++) {
		const struct limit_row *row = &l->rows[i];

		hide[i] = (amount_ok(row->limit) && row->limit.value == UINT64_MAX) ||
			  row->used.why == REASON_NO_MM || row->headroom.why == REASON_NO_MM;
	}
	return t;
}

struct fit_row {
	uint64_t bytes;
	struct cell fits;
	const char *limit_id, *answer;
};

static const struct column fit_columns[] = {
	COLUMN("bytes", "", CELL_BYTES, "asked for", FIELD(struct fit_row, bytes),
	       .line = "An allocation of %:"),
	COLUMN("fits", "", CELL_BOOL, "null: a limit that decides cannot be read",
	       FIELD(struct fit_row, fits), .flags = COL_DATA),
	COLUMN("limit_id", "", CELL_ID, "the limit that refuses, or cannot be read",
	       FIELD(struct fit_row, limit_id), .flags = COL_DATA),
	COLUMN("answer", "", CELL_TEXT, "the answer", FIELD(struct fit_row, answer),
	       .flags = COL_TEXT, .line = "%"),
};

const struct table *build_would_fit(struct report *r, const struct process_inputs *v)
{
	const struct would_fit *f = v->would_fit;
	const struct limit_desc *limit;
	struct fit_row row;
	struct table *t;

	if (!f)
		return NULL;
	limit = f->row ? &limit_descs[f->row->id] : NULL;
	row = (struct fit_row){
		.bytes = f->bytes,
		.fits = f->fits == FIT_UNKNOWN ? cell_absent(REASON_LIMIT_UNREADABLE)
					       : cell_bool(f->fits == FIT_YES),
		.limit_id = limit ? limit->id : NULL,
		.answer = "would fit",
	};
	if (f->fits != FIT_YES)
		row.answer = arena_printf(&r->arena,
					  f->fits == FIT_NO
						  ? "would not fit, limit \"%s\" stops it"
						  : "cannot be judged, limit \"%s\" is unreadable",
					  limit ? limit->title : "");
	t = OBJECT_OF(r, fit_columns, &row);
	t->layout = LAYOUT_LINE;
	return t;
}

static struct cell get_severity(const struct ask *ask)
{
	static const enum tone tones[SEV_COUNT] = {
		[SEV_INFO] = TONE_PLAIN, [SEV_WARNING] = TONE_WARN, [SEV_CRITICAL] = TONE_BAD
	};
	enum severity severity = ((const struct finding *)ask->row)->severity;

	return cell_toned(cell_text(severity_ids[severity]), tones[severity]);
}

static const struct column finding_columns[] = {
	COLUMN("severity", "", CELL_ID, "info, warning or critical", .get = get_severity),
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA, FIELD(struct finding, id)),
	COLUMN("text", "", CELL_TEXT, "what was measured", FIELD(struct finding, text)),
	COLUMN("advice", "", CELL_TEXT, "what to do next", FIELD(struct finding, advice)),
};

const struct table *build_findings(struct report *r, const struct finding *findings, size_t n)
{
	struct table *t = TABLE_OF(r, finding_columns, findings, n);

	t->layout = LAYOUT_ITEMS;
	t->title = "Findings";
	return t;
}
