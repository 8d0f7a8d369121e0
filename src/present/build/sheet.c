/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/build/process_columns.h"
#include "present/render/table_order.h"

#define TOTAL(metric, field, ...) METRIC_FIELD(metric, FIELD(struct totals, field), __VA_ARGS__)

/* RSS, PSS, USS and swap are explained to people; the rest is for programs. */
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
	struct totals *copy = arena_alloc(&r->arena, sizeof(*copy));
	struct table *t = report_object(r, totals_columns, ARRAY_SIZE(totals_columns), copy);
	struct err never;

	*copy = *a;
	t->layout = LAYOUT_FACTS;
	/* Where smaps is denied, status still tells everyone. */
	if (!amount_ok(a->rss) && amount_ok(a->status_rss))
		(void)table_pick(r, t, "rss,pss,uss,swap,status_rss,peak_rss", &never);
	return t;
}

static const struct column evidence_columns[] = {
	COLUMN("kernel_bytes", "kernel", CELL_BYTES, "named by the kernel"),
	COLUMN("walked_bytes", "walked", CELL_BYTES, "read from the allocator or runtime"),
	COLUMN("inferred_bytes", "inferred", CELL_BYTES, "identified by shape and flags"),
	COLUMN("unknown_bytes", "unknown", CELL_BYTES, "explained by nothing"),
};

static const struct table *evidence_table(struct report *r, const uint64_t bytes[EV_COUNT])
{
	struct table *t = report_table(r, evidence_columns, ARRAY_SIZE(evidence_columns), 1);

	_Static_assert(ARRAY_SIZE(evidence_columns) == EV_COUNT, "in the order of enum evidence");
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	for (int i = 0; i < EV_COUNT; i++)
		table_row(t, 0)[i] = cell_u64(bytes[i]);
	return t;
}

enum { OWNERS_SHOWN = 5 };

/* An owner that is all of a category is worth a line only if its name says more. */
static bool tells_more(const struct process_inputs *v, uint32_t owner)
{
	enum owner_kind kind = v->snapshot->owners[owner].kind;

	return kind == OWNER_FILE || kind == OWNER_LIBRARY || kind == OWNER_PACKAGE ||
	       kind == OWNER_RUNTIME;
}

/*
 * Owners worth a line in text: the first few that hold at least a two-hundredth of RSS, unless one
 * is all there is to the category.
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

/* What rows of owners and of files need. */
struct rows_arg {
	const struct process_inputs *view;
	char label[128];
	char device[CELL_DEVICE_MAX];
};

static struct rows_arg *rows_arg(struct report *r, const struct process_inputs *v)
{
	struct rows_arg *arg = arena_alloc(&r->arena, sizeof(*arg));

	arg->view = v;
	return arg;
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

/* An image has a line for its files and one for its .bss. */
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

static struct cell get_owner_share(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;

	return cell_share(((const struct owner_line *)ask->row)->sum.rss,
			  a->view->accounting->totals.rss);
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
	struct cell cell = cell_text(known[evidence]);

	cell.tone = evidence == EV_UNKNOWN ? TONE_WARN : TONE_PLAIN;
	return cell;
}

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is", .flags = COL_DATA,
	       .get = get_owner_kind),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is", .flags = COL_DATA, .get = get_owner_name),
	COLUMN("label", "NAME", CELL_TEXT, "whose it is", .flags = COL_TEXT | COL_TRUNC | COL_LAST,
	       .get = get_owner_label),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known", .flags = COL_DATA,
	       .get = get_owner_evidence),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident", FIELD(struct owner_line, sum.rss)),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT, .get = get_owner_share),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional", FIELD(struct owner_line, sum.pss)),
	COLUMN("uss_bytes", "USS", CELL_BYTES, "private", FIELD(struct owner_line, sum.uss)),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings", FIELD(struct owner_line, sum.mappings)),
	COLUMN("known", "HOW KNOWN", CELL_TEXT, "evidence", .flags = COL_TEXT,
	       .get = get_owner_known),
};

/* There may be as many owners as mappings. */
static struct table *owner_rows(struct report *r, const struct process_inputs *v,
				const struct owner_line *owners, size_t n)
{
	struct table *t = report_rows(r, owner_columns, ARRAY_SIZE(owner_columns), owners,
				      sizeof(*owners), n);

	t->layout = LAYOUT_TABLE;
	t->is_long = true;
	t->arg = rows_arg(r, v);
	return t;
}

static const struct table *owners_table(struct report *r, const struct process_inputs *v,
					const struct category_line *c)
{
	struct table *t = owner_rows(r, v, c->owners, c->n_owners);

	t->text_hide = hide_small_owners(r, v, c);
	return t;
}

const struct table *build_owners(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;

	return v->snapshot->regions_why ? NULL : owner_rows(r, v, a->owners, a->n_owners);
}

static const struct column category_columns[] = {
	COLUMN("id", "ID", CELL_ID, "stable name of the category", .flags = COL_DATA),
	COLUMN("label", "Where RSS is", CELL_TEXT, "category", .flags = COL_TEXT | COL_TRUNC),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("share", "SHARE", CELL_PERCENT, "of RSS", .flags = COL_TEXT | COL_BAR),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional"),
	COLUMN("uss_bytes", "USS", CELL_BYTES, "private"),
	COLUMN("swap_bytes", "SWAP", CELL_BYTES, "swapped out", .flags = COL_DATA),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space", .flags = COL_DATA),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings"),
	COLUMN("evidence", "EVIDENCE", CELL_TABLE, "RSS by how it is known", .flags = COL_DATA),
	COLUMN("known", "HOW KNOWN", CELL_TEXT, "evidence", .flags = COL_TEXT),
	COLUMN("owners", "OWNERS", CELL_TABLE, "whose it is", .flags = COL_TREE),
};

const struct table *build_categories(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;
	bool *hide;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_table(r, category_columns, ARRAY_SIZE(category_columns), CAT_COUNT);
	hide = arena_alloc(&r->arena, CAT_COUNT);
	t->layout = LAYOUT_TABLE;
	t->text_hide = hide;
	for (int i = 0; i < CAT_COUNT; i++) {
		const struct category_line *c = &a->categories[i];
		size_t row = (size_t)i;

		hide[i] = c->sum.mappings == 0;
		row_set_line(t, row, &c->sum, a->totals.rss);
		row_set(t, row, "id", cell_text(category_descs[i].id));
		row_set(t, row, "label", cell_text(category_descs[i].title));
		row_set(t, row, "evidence", cell_table(evidence_table(r, c->evidence_bytes)));
		row_set(t, row, "known", cell_known(r, c->evidence_bytes));
		row_set(t, row, "owners", cell_table(owners_table(r, v, c)));
	}
	return t;
}

/* One line under the sheet: how much of RSS is known, and how. */
static const struct column known_columns[] = {
	COLUMN("kernel", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "% named by the kernel"),
	COLUMN("walked", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "+ % read in depth"),
	COLUMN("inferred", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "+ ~ % inferred"),
	COLUMN("unknown", "", CELL_BYTES, "", .flags = COL_TEXT, .line = "+ ? % unexplained"),
	COLUMN("percent", "", CELL_PERCENT, "", .flags = COL_TEXT, .line = "(%)"),
};

const struct table *build_evidence(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	_Static_assert(ARRAY_SIZE(known_columns) == EV_COUNT + 1, "in the order of enum evidence");
	t = report_table(r, known_columns, ARRAY_SIZE(known_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_LINE;
	for (int i = 0; i < EV_COUNT; i++)
		table_row(t, 0)[i] = cell_u64(a->evidence_bytes[i]);
	if (a->evidence_bytes[EV_WALKED] == 0)
		row_set(t, 0, "walked", cell_none());
	row_set(t, 0, "percent",
		cell_share(amount_of(a->evidence_bytes[EV_UNKNOWN]), a->totals.rss));
	return t;
}

static const struct column permission_columns[] = {
	COLUMN("perms", "By permission", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings"),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space"),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional"),
};

const struct table *build_permissions(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_table(r, permission_columns, ARRAY_SIZE(permission_columns), a->n_perms);
	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < a->n_perms; i++) {
		row_set_line(t, i, &a->perms[i].sum, a->totals.rss);
		row_set(t, i, "perms", cell_perms(a->perms[i].perms));
	}
	return t;
}

static const struct file *file_of(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;

	return &a->view->snapshot->files[((const struct file_line *)ask->row)->file];
}

static struct cell get_path(const struct ask *ask)
{
	return cell_text(file_of(ask)->path);
}

static struct cell get_category(const struct ask *ask)
{
	return cell_text(category_descs[file_of(ask)->category].id);
}

static struct cell get_package(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;
	uint32_t package = file_of(ask)->package;

	return package ? cell_text(a->view->snapshot->packages[package].name) : cell_none();
}

static struct cell get_runtime(const struct ask *ask)
{
	const struct rows_arg *a = ask->arg;
	uint32_t package = file_of(ask)->package;

	return package ? cell_text(a->view->snapshot->packages[package].runtime) : cell_none();
}

static struct cell get_deleted(const struct ask *ask)
{
	return cell_bool(file_of(ask)->deleted);
}

static struct cell get_program(const struct ask *ask)
{
	return cell_bool(file_of(ask)->is_program);
}

static struct cell get_tmpfs(const struct ask *ask)
{
	return cell_bool(file_of(ask)->on_tmpfs);
}

static struct cell get_device(const struct ask *ask)
{
	struct rows_arg *a = ask->arg;
	const struct file *f = file_of(ask);

	return cell_device(a->device, f->major, f->minor);
}

static struct cell get_inode(const struct ask *ask)
{
	return cell_u64(file_of(ask)->inode);
}

static const struct column file_columns[] = {
	COLUMN("path", "Largest files", CELL_TEXT, "of its first mapping", .flags = COL_TRUNC,
	       .get = get_path),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_DATA,
	       .get = get_category),
	COLUMN("package", "PACKAGE", CELL_TEXT, "the extension package it belongs to",
	       .flags = COL_DATA, .get = get_package),
	COLUMN("runtime", "RUNTIME", CELL_ID, "whose extension that is", .flags = COL_DATA,
	       .get = get_runtime),
	COLUMN("deleted", "DELETED", CELL_BOOL, "no longer there under this name",
	       .flags = COL_DATA, .get = get_deleted),
	COLUMN("program", "PROGRAM", CELL_BOOL, "what the process executes", .flags = COL_DATA,
	       .get = get_program),
	COLUMN("tmpfs", "TMPFS", CELL_BOOL, "in memory: its pages are shared memory",
	       .flags = COL_DATA, .get = get_tmpfs),
	COLUMN("device", "DEVICE", CELL_TEXT, "major:minor", .flags = COL_DATA, .get = get_device),
	COLUMN("inode", "INODE", CELL_HEX, "on it", .flags = COL_DATA, .get = get_inode),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident", FIELD(struct file_line, sum.rss)),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional", FIELD(struct file_line, sum.pss)),
	COLUMN("private_bytes", "PRIVATE", CELL_BYTES, "pages only this process has",
	       FIELD(struct file_line, sum.uss)),
	COLUMN("mappings", "MAPS", CELL_COUNT, "mappings", FIELD(struct file_line, sum.mappings)),
};

enum { FILES_SHOWN = 6, PACKAGES_SHOWN = 8 };

const struct table *build_files(struct report *r, const struct process_inputs *v)
{
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_rows(r, file_columns, ARRAY_SIZE(file_columns), v->accounting->files,
			sizeof(*v->accounting->files), v->accounting->n_files);
	t->layout = LAYOUT_TABLE;
	t->is_long = true;
	t->arg = rows_arg(r, v);
	t->text_rows = FILES_SHOWN;
	return t;
}

static const struct column package_columns[] = {
	COLUMN("name", "Extension packages", CELL_TEXT, "mapped images; not what they allocate",
	       .flags = COL_TRUNC),
	COLUMN("runtime", "RUNTIME", CELL_ID, "whose extension it is", .flags = COL_LEFT),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("pss_bytes", "PSS", CELL_BYTES, "proportional"),
	COLUMN("private_bytes", "PRIVATE", CELL_BYTES, "pages only this process has"),
	COLUMN("files", "FILES", CELL_COUNT, "shared objects"),
};

const struct table *build_packages(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	const struct snapshot *s = v->snapshot;
	struct table *t;

	if (s->regions_why)
		return NULL;
	t = report_table(r, package_columns, ARRAY_SIZE(package_columns), a->n_packages);
	t->layout = LAYOUT_TABLE;
	t->text_rows = PACKAGES_SHOWN;
	for (size_t i = 0; i < a->n_packages; i++) {
		const struct package *p = &s->packages[a->packages[i].package];

		row_set_line(t, i, &a->packages[i].sum, a->totals.rss);
		row_set(t, i, "name", cell_text(p->name));
		row_set(t, i, "runtime", cell_text(p->runtime));
		row_set(t, i, "files", cell_u64(a->packages[i].files));
	}
	return t;
}

static const struct column accounting_columns[] = {
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "sum over smaps"),
	COLUMN("kernel_bytes", "kernel", CELL_BYTES, "named by the kernel"),
	COLUMN("walked_bytes", "walked", CELL_BYTES, "read from the allocator or runtime"),
	COLUMN("inferred_bytes", "inferred", CELL_BYTES, "identified by shape and flags"),
	COLUMN("unexplained_bytes", "unexplained", CELL_BYTES, "explained by nothing"),
	COLUMN("unexplained_percent", "unexplained", CELL_PERCENT, "of RSS"),
	COLUMN("not_read_bytes", "not read", CELL_BYTES, "unexplained and looked at by no walker"),
	COLUMN("drift_bytes", "drift", CELL_DELTA, "VmRSS less the sum over smaps"),
	COLUMN("skew_bytes", "skew", CELL_BYTES, "found in depth beyond what smaps stated"),
};

const struct table *build_accounting(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = report_table(r, accounting_columns, ARRAY_SIZE(accounting_columns), 1);
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_HIDDEN;
	row_set(t, 0, "rss_bytes", cell_amount(a->totals.rss));
	row_set(t, 0, "kernel_bytes", cell_u64(a->evidence_bytes[EV_KERNEL]));
	row_set(t, 0, "walked_bytes", cell_u64(a->evidence_bytes[EV_WALKED]));
	row_set(t, 0, "inferred_bytes", cell_u64(a->evidence_bytes[EV_INFERRED]));
	row_set(t, 0, "unexplained_bytes", cell_u64(a->evidence_bytes[EV_UNKNOWN]));
	row_set(t, 0, "unexplained_percent",
		amount_ok(a->unexplained_permille)
			? cell_real((double)a->unexplained_permille.value / 10)
			: cell_absent(a->unexplained_permille.why));
	row_set(t, 0, "not_read_bytes", cell_u64(a->evidence_bytes[EV_UNKNOWN]));
	row_set(t, 0, "drift_bytes", cell_signed(a->drift_magnitude, a->drift_negative));
	row_set(t, 0, "skew_bytes", cell_u64(v->walk ? v->walk->skew_bytes : 0));
	return t;
}
