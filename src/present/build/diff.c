/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/diff.h"

#include "present/build/cells.h"
#include "present/build/diff_change.h"
#include "present/build/process_columns.h"
#include "present/build/root.h"

static struct cell age_cell(const struct snapshot *s)
{
	return s->age_seconds >= 0 ? cell_real(s->age_seconds) : cell_absent(REASON_NOT_READ);
}

static struct cell text_or_none(const char *s)
{
	return s && *s ? cell_text(s) : cell_none();
}

/* One of the two sides, which text shows next to each other. */
struct side {
	const char *label, *name;
	struct cell file, taken, host, other_host, boot_id, pid, start, comm, exe, user, threads,
		age, mappings, consistent, partial;
};

static const struct column sides_columns[] = {
	COLUMN("side", "Compared", CELL_TEXT, "", FIELD(struct side, label)),
	COLUMN_PID(FIELD(struct side, pid)),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .flags = COL_TRUNC, FIELD(struct side, name)),
	COLUMN("age", "UP", CELL_SECONDS, "since its start", FIELD(struct side, age)),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings", FIELD(struct side, mappings)),
	COLUMN("taken", "TAKEN", CELL_TIME, "when", .flags = COL_LEFT, FIELD(struct side, taken)),
	COLUMN("host", "HOST", CELL_TEXT, "where", .flags = COL_TRUNC,
	       FIELD(struct side, other_host)),
	COLUMN("file", "SNAPSHOT", CELL_TEXT, "the file it is from", .flags = COL_TRUNC,
	       FIELD(struct side, file)),
};

static const struct column side_columns[] = {
	COLUMN("file", "", CELL_TEXT, "the snapshot it is from; null: read from /proc",
	       FIELD(struct side, file)),
	COLUMN("taken_at", "", CELL_TIME, "UTC", FIELD(struct side, taken)),
	COLUMN("host", "", CELL_TEXT, "name of the host", FIELD(struct side, host)),
	COLUMN("boot_id", "", CELL_TEXT, "of its kernel", FIELD(struct side, boot_id)),
	COLUMN("pid", "", CELL_COUNT, "process id", FIELD(struct side, pid)),
	COLUMN("start_ticks", "", CELL_COUNT, "start, in clock ticks since boot",
	       FIELD(struct side, start)),
	COLUMN("comm", "", CELL_TEXT, "name", FIELD(struct side, comm)),
	COLUMN("exe", "", CELL_TEXT, "program", FIELD(struct side, exe)),
	COLUMN("user", "", CELL_TEXT, "of its effective user id", FIELD(struct side, user)),
	COLUMN("threads", "", CELL_COUNT, "threads", FIELD(struct side, threads)),
	COLUMN("age_seconds", "", CELL_SECONDS, "since its start", FIELD(struct side, age)),
	COLUMN("mappings", "", CELL_COUNT, "records of smaps", FIELD(struct side, mappings)),
	COLUMN("consistent", "", CELL_BOOL, "no overlapping records",
	       FIELD(struct side, consistent)),
	COLUMN("partial", "", CELL_TEXT, "why it is incomplete", FIELD(struct side, partial)),
};

/* Returns a value of stat, or why stat could not be read. */
static struct cell stat_cell(const struct snapshot *s, uint64_t value)
{
	return s->stat.pid ? cell_u64(value) : cell_absent(REASON_NOT_READ);
}

static struct side side_of(const struct diff *d, const struct diff_side *side)
{
	const struct snapshot *s = side->snapshot;
	struct cell host = text_or_none(side->host);

	return (struct side){
		.label = side == &d->old_side ? "old" : "new",
		.name = s->stat.comm,
		.file = cell_text(side->file),
		.taken = cell_i64(side->taken_wall_ns),
		.host = host,
		.other_host = d->identity == DIFF_OTHER_HOST ? host : cell_none(),
		.boot_id = text_or_none(s->sys.boot_id),
		.pid = cell_u64((uint64_t)s->pid),
		.start = stat_cell(s, s->stat.start_ticks),
		.comm = text_or_none(s->stat.comm),
		.exe = s->exe ? cell_text(s->exe) : cell_absent(s->exe_why),
		.user = cell_text(s->user),
		.threads = stat_cell(s, s->stat.threads),
		.age = age_cell(s),
		.mappings = cell_amount(side->accounting->totals.mappings),
		.consistent = s->regions_why ? cell_none() : cell_bool(s->consistent),
		.partial = cell_reason(s->partial),
	};
}

struct note {
	struct cell id;
	const char *text;
};

static const struct column note_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name", FIELD(struct note, id)),
	COLUMN("text", "", CELL_TEXT, "what to know before trusting the numbers",
	       FIELD(struct note, text)),
};

static const struct table *notes_table(struct report *r, const struct diff *d)
{
	struct note *rows = arena_array(&r->arena, DIFF_NOTE_COUNT, struct note);
	struct table *t = TABLE_OF(r, note_columns, rows, 0);

	t->layout = LAYOUT_ITEMS;
	for (int i = 0; i < DIFF_NOTE_COUNT; i++) {
		const struct diff_text *note = &diff_note_texts[i];
		struct note *row = &rows[t->n_rows];
		enum reason why;

		if (!diff_note(d, (enum diff_note)i, &why))
			continue;
		t->n_rows++;
		row->id = cell_text(note->id);
		row->id.tone = TONE_WARN;
		row->text = arena_printf(&r->arena, "%s%s%s.", note->text, why ? ": " : "",
					 reason_text(why));
	}
	return t;
}

/* A total on both sides. */
struct total {
	const char *id, *title, *help;
	struct amount old_value, new_value;
	struct cell delta, rate;
};

static const struct column total_columns[] = {
	COLUMN("id", "", CELL_ID, "stable name", .flags = COL_DATA, FIELD(struct total, id)),
	COLUMN("title", "Totals", CELL_TEXT, "what it is", .flags = COL_TEXT,
	       FIELD(struct total, title)),
	COLUMN("old_bytes", "OLD", CELL_BYTES, "on the old side", FIELD(struct total, old_value)),
	COLUMN("new_bytes", "NEW", CELL_BYTES, "on the new side", FIELD(struct total, new_value)),
	COLUMN("delta_bytes", "DELTA", CELL_DELTA, "new less old", FIELD(struct total, delta)),
	COLUMN("rate_bytes_per_hour", "RATE", CELL_RATE, "what the difference makes",
	       FIELD(struct total, rate)),
	COLUMN("help", "", CELL_TEXT, "its meaning", .flags = COL_TEXT | COL_TRUNC,
	       FIELD(struct total, help)),
};

static bool is_nothing(struct amount a)
{
	return !amount_ok(a) || a.value == 0;
}

static struct amount total_of(const struct diff_side *side, const struct diff_total_desc *desc)
{
	return totals_metric(&side->accounting->totals, desc->metric);
}

/* Text leaves out totals of 0, and VmRSS, which anyone may read, unless RSS is denied. */
static bool is_hidden(const struct diff *d, const struct diff_total_desc *desc)
{
	struct amount a = total_of(&d->old_side, desc), b = total_of(&d->new_side, desc);

	if (desc->metric == METRIC_STATUS_RSS)
		return !d->lists_why;
	if (desc->metric == METRIC_RSS)
		return false;
	return desc->in_data_only || (is_nothing(a) && is_nothing(b));
}

static const struct table *totals_table(struct report *r, const struct diff *d)
{
	struct total *rows = arena_array(&r->arena, DIFF_TOTALS, struct total);
	struct table *t = TABLE_OF(r, total_columns, rows, DIFF_TOTALS);
	bool *hide = arena_alloc(&r->arena, DIFF_TOTALS);

	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (size_t i = 0; i < DIFF_TOTALS; i++) {
		const struct diff_total_desc *desc = &diff_total_descs[i];
		const struct metric_desc *metric = &metric_descs[desc->metric];
		struct amount a = total_of(&d->old_side, desc);
		struct amount b = total_of(&d->new_side, desc);
		struct delta delta = delta_of(a, b);

		rows[i] = (struct total){
			.id = metric->name,
			.title = metric->title,
			.help = metric->help,
			.old_value = a,
			.new_value = b,
			.delta = cell_delta(delta),
			.rate = change_rate_cell(d, delta),
		};
		hide[i] = is_hidden(d, desc);
	}
	return t;
}

/* A pair; each list is absent if the mappings of a side were not read. */
struct pair {
	const struct table *head, *sides, *notes, *old_side, *new_side, *totals, *unavailable;
	struct cell identity, identity_text, elapsed, apart, rate;
	struct cell categories, deep, counts, regions, files, packages, permissions;
};

/* What was compared, in a sentence. */
static const struct column head_columns[] = {
	COLUMN("identity", "", CELL_TEXT, "", .line = "%", FIELD(struct pair, identity_text)),
	COLUMN("elapsed", "", CELL_SECONDS, "", .line = "% apart", FIELD(struct pair, apart)),
};

static const struct column pair_columns[] = {
	COLUMN("head", "", CELL_TABLE, "", .flags = COL_TEXT, FIELD(struct pair, head)),
	COLUMN("sides", "", CELL_TABLE, "", .flags = COL_TEXT, FIELD(struct pair, sides)),
	COLUMN("identity", "", CELL_ID, "whether they are one process", .flags = COL_DATA,
	       FIELD(struct pair, identity)),
	COLUMN("identity_text", "", CELL_TEXT, "the same in words", .flags = COL_DATA,
	       FIELD(struct pair, identity_text)),
	COLUMN("elapsed_seconds", "", CELL_SECONDS, "from old to new", .flags = COL_DATA,
	       FIELD(struct pair, elapsed)),
	COLUMN("rate_bytes_per_hour", "", CELL_RATE, "of RSS", .flags = COL_DATA,
	       FIELD(struct pair, rate)),
	COLUMN("notes", "", CELL_TABLE, "what to know before trusting the numbers",
	       FIELD(struct pair, notes)),
	COLUMN("old", "", CELL_TABLE, "one side", .flags = COL_DATA, FIELD(struct pair, old_side)),
	COLUMN("new", "", CELL_TABLE, "the other side", .flags = COL_DATA,
	       FIELD(struct pair, new_side)),
	COLUMN("unavailable", "", CELL_TABLE, "what could not be read, and why", .flags = COL_DATA,
	       FIELD(struct pair, unavailable)),
	COLUMN("totals", "", CELL_TABLE, "totals", FIELD(struct pair, totals)),
	COLUMN("categories", "", CELL_TABLE, "the balance sheet", FIELD(struct pair, categories)),
	COLUMN("deep", "", CELL_TABLE, "what memory holds", FIELD(struct pair, deep)),
	COLUMN("region_counts", "", CELL_TABLE, "how many mappings changed", .flags = COL_DATA,
	       FIELD(struct pair, counts)),
	COLUMN("regions", "", CELL_TABLE, "mappings", FIELD(struct pair, regions)),
	COLUMN("files", "", CELL_TABLE, "by file", FIELD(struct pair, files)),
	COLUMN("packages", "", CELL_TABLE, "by extension package", FIELD(struct pair, packages)),
	COLUMN("permissions", "", CELL_TABLE, "by permission", FIELD(struct pair, permissions)),
};

/* Returns a list, or why it could not be made, which data formats state. */
static struct cell list_cell(const struct table *t, const struct diff *d)
{
	return t ? cell_table(t) : cell_absent(d->lists_why);
}

static void fill_pair(struct report *r, struct pair *pair, const struct diff *d, bool regions)
{
	struct side *rows = arena_array(&r->arena, 2, struct side);
	struct table *head = report_object(r, head_columns, ARRAY_SIZE(head_columns), pair);
	struct table *sides = TABLE_OF(r, sides_columns, rows, 2);
	double seconds = d->elapsed_seconds;
	struct delta rss = delta_of(d->old_side.accounting->totals.rss,
				    d->new_side.accounting->totals.rss);

	head->layout = LAYOUT_LINE;
	sides->layout = LAYOUT_TABLE;
	rows[0] = side_of(d, &d->old_side);
	rows[1] = side_of(d, &d->new_side);
	*pair = (struct pair){
		.head = head,
		.sides = sides,
		.identity = cell_text(diff_identity_texts[d->identity].id),
		.identity_text = cell_text(diff_identity_texts[d->identity].text),
		.elapsed = d->elapsed_why ? cell_absent(d->elapsed_why) : cell_real(seconds),
		.apart = d->elapsed_why ? cell_none() : cell_real(MAX(seconds, -seconds)),
		.rate = cell_delta(diff_rate(d, rss)),
		.notes = notes_table(r, d),
		.old_side = report_object(r, side_columns, ARRAY_SIZE(side_columns), &rows[0]),
		.new_side = report_object(r, side_columns, ARRAY_SIZE(side_columns), &rows[1]),
		.totals = totals_table(r, d),
		.categories = list_cell(build_diff_categories(r, d), d),
		.deep = build_diff_deep(r, d),
		.counts = list_cell(build_diff_counts(r, d), d),
		.regions = list_cell(build_diff_regions(r, d, regions), d),
		.files = list_cell(build_diff_files(r, d), d),
		.packages = list_cell(build_diff_packages(r, d), d),
		.permissions = list_cell(build_diff_permissions(r, d), d),
	};
}

/* A process without a counterpart on the other side. */
struct left {
	const char *side;
	uint64_t pid;
	struct cell start, comm, rss;
};

static const struct column left_columns[] = {
	COLUMN("side", "Only on one side", CELL_ID, "old or new", .flags = COL_LEFT,
	       FIELD(struct left, side)),
	COLUMN_PID(FIELD(struct left, pid)),
	COLUMN("start_ticks", "", CELL_COUNT, "start, in clock ticks since boot", .flags = COL_DATA,
	       FIELD(struct left, start)),
	COLUMN("comm", "NAME", CELL_TEXT, "name", .flags = COL_TRUNC, FIELD(struct left, comm)),
	METRIC_COLUMN_BYTES(RSS, FIELD(struct left, rss)),
};

static const struct table *left_table(struct report *r, const struct diff_view *v)
{
	size_t n = v->n_old_left + v->n_new_left;
	struct left *rows = arena_array(&r->arena, n, struct left);
	struct table *t = TABLE_OF(r, left_columns, rows, n);

	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < n; i++) {
		bool is_old = i < v->n_old_left;
		const struct diff_side *side = is_old ? &v->old_left[i]
						      : &v->new_left[i - v->n_old_left];

		rows[i] = (struct left){
			.side = is_old ? "old" : "new",
			.pid = (uint64_t)side->snapshot->pid,
			.start = stat_cell(side->snapshot, side->snapshot->stat.start_ticks),
			.comm = text_or_none(side->snapshot->stat.comm),
			.rss = cell_amount(side->accounting->totals.rss),
		};
	}
	return t;
}

struct root {
	const char *schema, *host;
	int64_t generated;
	const struct table *tool, *pairs, *unpaired, *cost;
};

static const struct column root_columns[] = {
	COLUMN("schema", "", CELL_ID, "memspect.diff/1", .flags = COL_DATA,
	       FIELD(struct root, schema)),
	COLUMN("generated_at", "", CELL_TIME, "UTC", .flags = COL_DATA,
	       FIELD(struct root, generated)),
	COLUMN("host", "", CELL_TEXT, "name of the host", .flags = COL_DATA,
	       FIELD(struct root, host)),
	COLUMN("tool", "", CELL_TABLE, "what wrote it, and its own cost", .flags = COL_DATA,
	       FIELD(struct root, tool)),
	COLUMN("pairs", "", CELL_TABLE, "what was compared", FIELD(struct root, pairs)),
	COLUMN("unpaired", "", CELL_TABLE, "processes without a counterpart",
	       FIELD(struct root, unpaired)),
	COLUMN("cost", "", CELL_TABLE, "", .flags = COL_TEXT, FIELD(struct root, cost)),
};

void build_diff(struct report *r, const struct diff_view *v, const struct build_opts *opts)
{
	struct pair *rows = arena_array(&r->arena, v->n, struct pair);
	struct root *root = arena_alloc(&r->arena, sizeof(*root));
	struct table *t = report_object(r, root_columns, ARRAY_SIZE(root_columns), root);
	struct table *pairs = TABLE_OF(r, pair_columns, rows, v->n);

	pairs->layout = LAYOUT_SECTIONS;
	for (size_t i = 0; i < v->n; i++) {
		fill_pair(r, &rows[i], &v->diffs[i], opts->regions);
		rows[i].unavailable = report_unavailable(r, pairs, i);
	}
	*root = (struct root){
		.schema = "memspect.diff/1",
		.generated = opts->generated_wall_ns,
		.host = opts->host,
		.tool = build_tool(r, opts),
		.pairs = pairs,
		.unpaired = left_table(r, v),
		.cost = build_cost(r, opts, opts->regions ? NULL : "-r lists every mapping"),
	};
	/* Several pairs have no common table of changes. */
	report_set_root(r, t,
			v->n != 1       ? cell_table(pairs)
			: opts->regions ? rows[0].regions
					: rows[0].categories);
}
