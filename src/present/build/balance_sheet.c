/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/build/process_columns.h"
#include "present/render/table_order.h"

#define TOTAL(metric, field, ...) METRIC_FIELD(metric, FIELD(struct totals, field), __VA_ARGS__)

/* Text shows RSS, PSS, USS and swap with their help; data formats have all. */
static const struct column totals_columns[] = {
	TOTAL(RSS, rss),
	TOTAL(PSS, pss),
	TOTAL(USS, uss),
	TOTAL(SWAP, swap),
	TOTAL(SWAP_PSS, swap_pss, .flags = COL_DATA),
	TOTAL(ANONYMOUS, anonymous, .flags = COL_DATA),
	TOTAL(FILE, file, .flags = COL_DATA),
	TOTAL(SHMEM, shmem, .flags = COL_DATA),
	TOTAL(HUGETLB, hugetlb, .flags = COL_DATA),
	TOTAL(LAZYFREE, lazyfree, .flags = COL_DATA),
	TOTAL(RECLAIMABLE, reclaimable),
	TOTAL(PEAK_RSS, peak_rss),
	TOTAL(STATUS_RSS, status_rss, .flags = COL_DATA),
	TOTAL(VIRTUAL, virtual, .flags = COL_DATA),
	COLUMN("mappings", "Mappings", CELL_COUNT, "records of smaps",
	       FIELD(struct totals, mappings), .flags = COL_DATA),
};

#undef TOTAL

const struct table *build_totals(struct report *r, const struct totals *a)
{
	struct table *t = OBJECT_OF(r, totals_columns, a);
	struct err never;

	t->layout = LAYOUT_FACTS;
	/* Anyone may read status, also where smaps is denied. */
	if (!amount_ok(a->rss) && amount_ok(a->status_rss))
		(void)table_pick(r, t, "rss,pss,uss,swap,status_rss,peak_rss", &never);
	return t;
}

#define EVIDENCE(evidence) FIELD(struct category_line, evidence_bytes[EV_##evidence])

static const struct column evidence_columns[] = {
	COLUMN("kernel_bytes", "kernel", CELL_BYTES, "named by the kernel", EVIDENCE(KERNEL)),
	COLUMN("walked_bytes", "walked", CELL_BYTES, "read from the allocator or runtime",
	       EVIDENCE(WALKED)),
	COLUMN("inferred_bytes", "inferred", CELL_BYTES, "identified by shape and flags",
	       EVIDENCE(INFERRED)),
	COLUMN("unknown_bytes", "unknown", CELL_BYTES, "explained by nothing", EVIDENCE(UNKNOWN)),
};

#undef EVIDENCE

enum { OWNERS_SHOWN = 5 };

/* Returns whether a sole owner gets a line of text: only if its name says more. */
static bool tells_more(const struct process_inputs *v, uint32_t owner)
{
	enum owner_kind kind = v->snapshot->owners[owner].kind;

	return kind == OWNER_FILE || kind == OWNER_LIBRARY || kind == OWNER_PACKAGE ||
	       kind == OWNER_RUNTIME;
}

/*
 * Returns the owners that text leaves out, for table.text_hide: all but the first few that hold at
 * least a two-hundredth of RSS, and the only one of a category unless its name says more.
 */
static const bool *hide_small_owners(struct report *r, const struct process_inputs *v,
				     const struct category_line *c)
{
	struct amount rss = v->accounting->totals.rss;
	bool *hide = arena_alloc(&r->arena, c->n_owners + 1);

	for (size_t i = 0; i < c->n_owners; i++) {
		uint64_t bytes = c->owners[i].sum.rss.value;

		hide[i] = i >= OWNERS_SHOWN || bytes < rss.value / 200 ||
			  (bytes == c->sum.rss.value && !tells_more(v, c->owners[i].owner));
	}
	return hide;
}

/* What the getters need. It holds the texts of the row that was asked for last. */
struct rows_arg {
	const struct process_inputs *view;
	const struct table *owners[CAT_COUNT]; /* of each category */
	struct table evidence;
	char known[CELL_KNOWN_MAX];
	char label[128];
};

static struct rows_arg *rows_arg(struct report *r, const struct process_inputs *v)
{
	struct rows_arg *arg = arena_alloc(&r->arena, sizeof(*arg));

	arg->view = v;
	return arg;
}

/* Returns the share of RSS that a row has; column.at is the offset of its RSS. */
static struct cell get_share(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;

	return cell_share(*(const struct amount *)((const char *)ask->row + ask->at),
			  a->view->accounting->totals.rss);
}

static const struct owner *owner_of(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;

	return &a->view->snapshot->owners[((const struct owner_line *)ask->row)->owner];
}

static struct cell get_owner_kind(const struct ask *ask)
{
	return cell_owner_kind(owner_of(ask));
}

static struct cell get_owner_name(const struct ask *ask)
{
	const struct owner *o = owner_of(ask);

	return o->kind == OWNER_NONE ? cell_none() : cell_text(o->name);
}

/* Returns the label of an owner. A mapped object has one line for its file and one for its .bss. */
static struct cell get_owner_label(const struct ask *ask)
{
	struct rows_arg *a = ask->arg;
	const struct owner *o = owner_of(ask);
	enum evidence evidence = ((const struct owner_line *)ask->row)->evidence;
	bool image = o->kind == OWNER_LIBRARY || o->kind == OWNER_FILE || o->kind == OWNER_PACKAGE;

	if (o->kind == OWNER_NONE)
		return cell_text(evidence == EV_UNKNOWN ? "not read" : "unnamed");
	if (evidence != EV_INFERRED || !image)
		return cell_text(o->name);
	(void)snprintf(a->label, sizeof(a->label), "%.100s .bss", o->name);
	return cell_text(a->label);
}

static struct cell get_owner_evidence(const struct ask *ask)
{
	return cell_text(evidence_descs[((const struct owner_line *)ask->row)->evidence].id);
}

static struct cell get_owner_known(const struct ask *ask)
{
	static const char *const known[EV_COUNT] = {
		[EV_KERNEL] = "kernel",
		[EV_WALKED] = "walked",
		[EV_INFERRED] = "~ inferred",
		[EV_UNKNOWN] = "? unknown",
	};
	uint8_t evidence = ((const struct owner_line *)ask->row)->evidence;

	return cell_toned(cell_text(known[evidence]),
			  evidence == EV_UNKNOWN ? TONE_WARN : TONE_PLAIN);
}

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is", .flags = COL_DATA,
	       .get = get_owner_kind),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is", .flags = COL_DATA, .get = get_owner_name),
	COLUMN("label", "NAME", CELL_TEXT, "whose it is", .flags = COL_TEXT | COL_TRUNC | COL_LAST,
	       .get = get_owner_label),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known", .flags = COL_DATA,
	       .get = get_owner_evidence),
	LINE_RSS(owner_line),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT, .get = get_share,
	       .at = offsetof(struct owner_line, sum.rss)),
	LINE_PSS(owner_line),
	LINE_USS(owner_line),
	LINE_MAPPINGS(owner_line),
	COLUMN("known", "HOW KNOWN", CELL_TEXT, "evidence", .flags = COL_TEXT,
	       .get = get_owner_known),
};

/* Returns a table of owners, of which there may be one for each mapping. */
static struct table *owner_rows(struct report *r, struct rows_arg *arg,
				const struct owner_line *owners, size_t n)
{
	struct table *t = report_rows(r, owner_columns, ARRAY_SIZE(owner_columns), owners,
				      sizeof(*owners), n);

	t->layout = LAYOUT_TABLE;
	t->is_long = true;
	t->arg = arg;
	return t;
}

const struct table *build_owners(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;

	return v->snapshot->regions_why ? NULL
					: owner_rows(r, rows_arg(r, v), a->owners, a->n_owners);
}

static struct cell get_evidence(const struct ask *ask)
{
	struct rows_arg *a = ask->arg;

	a->evidence.rows = ask->row;
	return cell_table(&a->evidence);
}

static struct cell get_known(const struct ask *ask)
{
	struct rows_arg *a = ask->arg;

	return cell_known(a->known, ((const struct category_line *)ask->row)->evidence_bytes);
}

static struct cell get_owners(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;

	return cell_table(a->owners[ask->index]);
}

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .flags = COL_DATA,
	       .get = get_category_id),
	COLUMN("label", "Where RSS is", CELL_TEXT, "category", .flags = COL_TEXT | COL_TRUNC,
	       .get = get_category_title),
	LINE_RSS(category_line),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT | COL_BAR,
	       .get = get_share, .at = offsetof(struct category_line, sum.rss)),
	LINE_PSS(category_line),
	LINE_USS(category_line),
	METRIC_COLUMN_BYTES(SWAP, .flags = COL_DATA, FIELD(struct category_line, sum.swap)),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space", .flags = COL_DATA,
	       FIELD(struct category_line, sum.size_bytes)),
	LINE_MAPPINGS(category_line),
	COLUMN("evidence", "EVIDENCE", CELL_TABLE, "RSS by how it is known", .flags = COL_DATA,
	       .get = get_evidence),
	COLUMN("known", "HOW KNOWN", CELL_TEXT, "evidence", .flags = COL_TEXT, .get = get_known),
	COLUMN("owners", "OWNERS", CELL_TABLE, "whose it is", .flags = COL_TREE, .get = get_owners),
};

const struct table *build_categories(struct report *r, const struct process_inputs *v)
{
	const struct category_line *lines = v->accounting->categories;
	struct rows_arg *arg;
	struct table *t;
	bool *hide;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_rows(r, category_columns, ARRAY_SIZE(category_columns), lines, sizeof(*lines),
			CAT_COUNT);
	t->layout = LAYOUT_TABLE;
	t->text_hide = hide = arena_alloc(&r->arena, CAT_COUNT);
	t->arg = arg = rows_arg(r, v);
	arg->evidence = *report_object(r, evidence_columns, ARRAY_SIZE(evidence_columns), lines);
	for (int i = 0; i < CAT_COUNT; i++) {
		struct table *owners = owner_rows(r, arg, lines[i].owners, lines[i].n_owners);

		owners->text_hide = hide_small_owners(r, v, &lines[i]);
		arg->owners[i] = owners;
		hide[i] = lines[i].sum.mappings == 0;
	}
	return t;
}

#define EVIDENCE(evidence) FIELD(struct accounting, evidence_bytes[EV_##evidence])

static struct cell get_walked(const struct ask *ask)
{
	uint64_t bytes = ((const struct accounting *)ask->row)->evidence_bytes[EV_WALKED];

	return bytes ? cell_u64(bytes) : cell_none();
}

static struct cell get_unknown_share(const struct ask *ask)
{
	const struct accounting *a = ask->row;

	return cell_share(amount_of(a->evidence_bytes[EV_UNKNOWN]), a->totals.rss);
}

/* The line below the balance sheet: how much of RSS is known, and how. */
static const struct column known_columns[] = {
	COLUMN("kernel", "", CELL_BYTES, "", .line = "% named by the kernel", EVIDENCE(KERNEL)),
	COLUMN("walked", "", CELL_BYTES, "", .line = "+ % read in depth", .get = get_walked),
	COLUMN("inferred", "", CELL_BYTES, "", .line = "+ ~ % inferred", EVIDENCE(INFERRED)),
	COLUMN("unknown", "", CELL_BYTES, "", .line = "+ ? % unexplained", EVIDENCE(UNKNOWN)),
	COLUMN("percent", "", CELL_PERCENT, "", .line = "(%)", .get = get_unknown_share),
};

const struct table *build_evidence(struct report *r, const struct process_inputs *v)
{
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_object(r, known_columns, ARRAY_SIZE(known_columns), v->accounting);
	t->layout = LAYOUT_LINE;
	return t;
}

static struct cell get_perms(const struct ask *ask)
{
	return cell_perms(((const struct perm_line *)ask->row)->perms);
}

static const struct column permission_columns[] = {
	COLUMN("perms", "By permission", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT, .get = get_perms),
	LINE_MAPPINGS(perm_line),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space",
	       FIELD(struct perm_line, sum.size_bytes)),
	LINE_RSS(perm_line),
	LINE_PSS(perm_line),
};

const struct table *build_permissions(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_rows(r, permission_columns, ARRAY_SIZE(permission_columns), a->perms,
			sizeof(*a->perms), a->n_perms);
	t->layout = LAYOUT_TABLE;
	return t;
}

static struct cell get_unexplained_percent(const struct ask *ask)
{
	struct amount permille = ((const struct accounting *)ask->row)->unexplained_permille;

	return amount_ok(permille) ? cell_real((double)permille.value / 10)
				   : cell_absent(permille.why);
}

static struct cell get_drift(const struct ask *ask)
{
	const struct accounting *a = ask->row;

	return cell_signed(a->drift_magnitude, a->drift_negative);
}

static struct cell get_skew(const struct ask *ask)
{
	const struct walk *walk = ((const struct rows_arg *)ask->arg)->view->walk;

	return cell_u64(walk ? walk->skew_bytes : 0);
}

static const struct column accounting_columns[] = {
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "sum over smaps",
	       FIELD(struct accounting, totals.rss)),
	COLUMN("kernel_bytes", "kernel", CELL_BYTES, "named by the kernel", EVIDENCE(KERNEL)),
	COLUMN("walked_bytes", "walked", CELL_BYTES, "read from the allocator or runtime",
	       EVIDENCE(WALKED)),
	COLUMN("inferred_bytes", "inferred", CELL_BYTES, "identified by shape and flags",
	       EVIDENCE(INFERRED)),
	COLUMN("unexplained_bytes", "unexplained", CELL_BYTES, "explained by nothing",
	       EVIDENCE(UNKNOWN)),
	COLUMN("unexplained_percent", "unexplained", CELL_PERCENT, "of RSS",
	       .get = get_unexplained_percent),
	COLUMN("not_read_bytes", "not read", CELL_BYTES, "unexplained and looked at by no walker",
	       EVIDENCE(UNKNOWN)),
	COLUMN("drift_bytes", "drift", CELL_DELTA, "VmRSS less the sum over smaps",
	       .get = get_drift),
	COLUMN("skew_bytes", "skew", CELL_BYTES, "found in depth beyond what smaps stated",
	       .get = get_skew),
};

#undef EVIDENCE

const struct table *build_accounting(struct report *r, const struct process_inputs *v)
{
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_object(r, accounting_columns, ARRAY_SIZE(accounting_columns), v->accounting);
	t->arg = rows_arg(r, v);
	return t;
}
