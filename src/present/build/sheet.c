/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/render/table_order.h"

/* RSS, PSS, USS and swap are explained to people; the rest is for programs. */
static const struct column totals_columns[] = {
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "pages in RAM, shared ones counted in full", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "shared pages divided among their users", NULL },
	{ "uss_bytes", "USS", CELL_BYTES, 0, "private; freed if this process exits", NULL },
	{ "swap_bytes", "Swap", CELL_BYTES, 0, "swapped out, not in RSS", NULL },
	{ "swap_pss_bytes", "Swap PSS", CELL_BYTES, COL_DATA, "swap, shared pages divided", NULL },
	{ "anonymous_bytes", "Anonymous", CELL_BYTES, COL_DATA, "RSS of no file", NULL },
	{ "file_bytes", "File", CELL_BYTES, COL_DATA, "RSS of files on disk", NULL },
	{ "shmem_bytes", "Shmem", CELL_BYTES, COL_DATA, "RSS of shared memory", NULL },
	{ "hugetlb_bytes", "Hugetlb", CELL_BYTES, COL_DATA, "reserved huge pages, not in RSS",
	  NULL },
	{ "lazyfree_bytes", "LazyFree", CELL_BYTES, COL_DATA, "freed but still in RSS", NULL },
	{ "reclaimable_bytes", "Reclaimable", CELL_BYTES, 0,
	  "in RSS, but the kernel can take it back", NULL },
	{ "peak_rss_bytes", "Peak", CELL_BYTES, 0, "highest RSS since the program started", NULL },
	{ "status_rss_bytes", "VmRSS", CELL_BYTES, COL_DATA, "RSS as status states it", NULL },
	{ "virtual_bytes", "Virtual", CELL_BYTES, COL_DATA, "address space; not memory", NULL },
	{ "mappings", "Mappings", CELL_COUNT, COL_DATA, "records of smaps", NULL },
};

const struct table *build_totals(struct report *r, const struct totals *a)
{
	const struct amount cells[] = {
		a->rss,         a->pss,      a->uss,        a->swap,    a->swap_pss,
		a->anonymous,   a->file,     a->shmem,      a->hugetlb, a->lazyfree,
		a->reclaimable, a->peak_rss, a->status_rss, a->virtual, a->mappings,
	};
	struct table *t = report_table(r, totals_columns, ARRAY_SIZE(totals_columns), 1);
	struct err never;

	_Static_assert(ARRAY_SIZE(cells) == ARRAY_SIZE(totals_columns), "a cell for each column");
	t->shape = SHAPE_OBJECT;
	t->layout = LAYOUT_FACTS;
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		table_row(t, 0)[i] = cell_amount(cells[i]);
	/* Where smaps is denied, status still tells everyone. */
	if (!amount_ok(a->rss) && amount_ok(a->status_rss))
		(void)table_pick(r, t, "rss,pss,uss,swap,status_rss,peak_rss", &never);
	return t;
}

static const struct column evidence_columns[] = {
	{ "kernel_bytes", "kernel", CELL_BYTES, 0, "named by the kernel", NULL },
	{ "walked_bytes", "walked", CELL_BYTES, 0, "read from the allocator or runtime", NULL },
	{ "inferred_bytes", "inferred", CELL_BYTES, 0, "identified by shape and flags", NULL },
	{ "unknown_bytes", "unknown", CELL_BYTES, 0, "explained by nothing", NULL },
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

static const struct column owner_columns[] = {
	{ "kind", "KIND", CELL_ID, COL_DATA, "what the owner is", NULL },
	{ "name", "NAME", CELL_TEXT, COL_DATA, "whose it is", NULL },
	{ "label", "NAME", CELL_TEXT, COL_TEXT | COL_TRUNC | COL_LAST, "whose it is", NULL },
	{ "evidence", "EVIDENCE", CELL_ID, COL_DATA, "how it is known", NULL },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "share", "SHARE", CELL_PERCENT, COL_TEXT, "of RSS", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "proportional", NULL },
	{ "uss_bytes", "USS", CELL_BYTES, 0, "private", NULL },
	{ "mappings", "MAPS", CELL_COUNT, 0, "mappings", NULL },
	{ "known", "HOW KNOWN", CELL_TEXT, COL_TEXT, "evidence", NULL },
};

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

/* There may be as many owners and files as mappings, so their rows are made one at a time. */
struct rows_arg {
	const struct process_inputs *view;
	const struct owner_line *owners;
	char label[128]; /* of the current row, as the next */
	char device[CELL_DEVICE_MAX];
};

static struct table *long_table(struct report *r, const struct process_inputs *v, size_t n_rows,
				table_fill_fn *fill, const struct owner_line *owners)
{
	struct rows_arg *arg = arena_alloc(&r->arena, sizeof(*arg));
	struct table *t = arena_alloc(&r->arena, sizeof(*t));

	arg->view = v;
	arg->owners = owners;
	*t = (struct table){ .layout = LAYOUT_TABLE, .n_rows = n_rows, .fill = fill, .arg = arg };
	return t;
}

/* An image has a line for its files and one for its .bss. */
static struct cell owner_label(struct rows_arg *a, const struct owner *o, enum evidence evidence)
{
	bool image = o->kind == OWNER_LIBRARY || o->kind == OWNER_FILE || o->kind == OWNER_PACKAGE;

	if (o->kind == OWNER_NONE)
		return cell_text(evidence == EV_UNKNOWN ? "not read" : "unnamed");
	if (evidence != EV_INFERRED || !image)
		return cell_text(o->name);
	(void)snprintf(a->label, sizeof(a->label), "%.100s .bss", o->name);
	return cell_text(a->label);
}

static void fill_owner(void *arg, size_t row, struct cell *cells)
{
	static const char *const known[EV_COUNT] = {
		[EV_KERNEL] = "kernel",
		[EV_WALKED] = "walked",
		[EV_INFERRED] = "~ inferred",
		[EV_UNKNOWN] = "? unknown",
	};
	struct rows_arg *a = arg;
	const struct owner_line *line = &a->owners[row];
	const struct owner *o = &a->view->snapshot->owners[line->owner];
	const struct cell values[] = {
		cell_owner_kind(o),
		o->kind == OWNER_NONE ? cell_none() : cell_text(o->name),
		owner_label(a, o, line->evidence),
		cell_text(evidence_descs[line->evidence].id),
		cell_amount(line->sum.rss),
		cell_share(line->sum.rss, a->view->accounting->totals.rss),
		cell_amount(line->sum.pss),
		cell_amount(line->sum.uss),
		cell_u64(line->sum.mappings),
		cell_text(known[line->evidence]),
	};

	_Static_assert(ARRAY_SIZE(values) == ARRAY_SIZE(owner_columns), "a cell for each column");
	memcpy(cells, values, sizeof(values));
	cells[ARRAY_SIZE(values) - 1].tone = line->evidence == EV_UNKNOWN ? TONE_WARN : TONE_PLAIN;
}

static const struct table *owners_table(struct report *r, const struct process_inputs *v,
					const struct category_line *c)
{
	struct table *t = long_table(r, v, c->n_owners, fill_owner, c->owners);

	t->columns = owner_columns;
	t->n_columns = ARRAY_SIZE(owner_columns);
	t->text_hide = hide_small_owners(r, v, c);
	return t;
}

const struct table *build_owners(struct report *r, const struct process_inputs *v)
{
	const struct accounting *a = v->accounting;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = long_table(r, v, a->n_owners, fill_owner, a->owners);
	t->columns = owner_columns;
	t->n_columns = ARRAY_SIZE(owner_columns);
	return t;
}

static const struct column category_columns[] = {
	{ "id", "ID", CELL_ID, COL_DATA, "stable name of the category", NULL },
	{ "label", "Where RSS is", CELL_TEXT, COL_TEXT | COL_TRUNC, "category", NULL },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "share", "SHARE", CELL_PERCENT, COL_TEXT | COL_BAR, "of RSS", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "proportional", NULL },
	{ "uss_bytes", "USS", CELL_BYTES, 0, "private", NULL },
	{ "swap_bytes", "SWAP", CELL_BYTES, COL_DATA, "swapped out", NULL },
	{ "size_bytes", "SIZE", CELL_BYTES, COL_DATA, "address space", NULL },
	{ "mappings", "MAPS", CELL_COUNT, 0, "mappings", NULL },
	{ "evidence", "EVIDENCE", CELL_TABLE, COL_DATA, "RSS by how it is known", NULL },
	{ "known", "HOW KNOWN", CELL_TEXT, COL_TEXT, "evidence", NULL },
	{ "owners", "OWNERS", CELL_TABLE, COL_TREE, "whose it is", NULL },
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
	{ "kernel", "", CELL_BYTES, COL_TEXT, "", "% named by the kernel" },
	{ "walked", "", CELL_BYTES, COL_TEXT, "", "+ % read in depth" },
	{ "inferred", "", CELL_BYTES, COL_TEXT, "", "+ ~ % inferred" },
	{ "unknown", "", CELL_BYTES, COL_TEXT, "", "+ ? % unexplained" },
	{ "percent", "", CELL_PERCENT, COL_TEXT, "", "(%)" },
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
	{ "perms", "By permission", CELL_ID, COL_LEFT,
	  "r read, w write, x execute, p private, s shared", NULL },
	{ "mappings", "MAPS", CELL_COUNT, 0, "mappings", NULL },
	{ "size_bytes", "SIZE", CELL_BYTES, 0, "address space", NULL },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "proportional", NULL },
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

static const struct column file_columns[] = {
	{ "path", "Largest files", CELL_TEXT, COL_TRUNC, "of its first mapping", NULL },
	{ "category", "CATEGORY", CELL_ID, COL_DATA, "what it is", NULL },
	{ "package", "PACKAGE", CELL_TEXT, COL_DATA, "the extension package it belongs to", NULL },
	{ "runtime", "RUNTIME", CELL_ID, COL_DATA, "whose extension that is", NULL },
	{ "deleted", "DELETED", CELL_BOOL, COL_DATA, "no longer there under this name", NULL },
	{ "program", "PROGRAM", CELL_BOOL, COL_DATA, "what the process executes", NULL },
	{ "tmpfs", "TMPFS", CELL_BOOL, COL_DATA, "in memory: its pages are shared memory", NULL },
	{ "device", "DEVICE", CELL_TEXT, COL_DATA, "major:minor", NULL },
	{ "inode", "INODE", CELL_HEX, COL_DATA, "on it", NULL },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "proportional", NULL },
	{ "private_bytes", "PRIVATE", CELL_BYTES, 0, "pages only this process has", NULL },
	{ "mappings", "MAPS", CELL_COUNT, 0, "mappings", NULL },
};

enum { FILES_SHOWN = 6, PACKAGES_SHOWN = 8 };

static void fill_file(void *arg, size_t row, struct cell *cells)
{
	struct rows_arg *a = arg;
	const struct snapshot *s = a->view->snapshot;
	const struct file_line *line = &a->view->accounting->files[row];
	const struct file *f = &s->files[line->file];
	const struct cell values[] = {
		cell_text(f->path),
		cell_text(category_descs[f->category].id),
		f->package ? cell_text(s->packages[f->package].name) : cell_none(),
		f->package ? cell_text(s->packages[f->package].runtime) : cell_none(),
		cell_bool(f->deleted),
		cell_bool(f->is_program),
		cell_bool(f->on_tmpfs),
		cell_device(a->device, f->major, f->minor),
		cell_u64(f->inode),
		cell_amount(line->sum.rss),
		cell_amount(line->sum.pss),
		cell_amount(line->sum.uss),
		cell_u64(line->sum.mappings),
	};

	_Static_assert(ARRAY_SIZE(values) == ARRAY_SIZE(file_columns), "a cell for each column");
	memcpy(cells, values, sizeof(values));
}

const struct table *build_files(struct report *r, const struct process_inputs *v)
{
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = long_table(r, v, v->accounting->n_files, fill_file, NULL);
	t->columns = file_columns;
	t->n_columns = ARRAY_SIZE(file_columns);
	t->text_rows = FILES_SHOWN;
	return t;
}

static const struct column package_columns[] = {
	{ "name", "Extension packages", CELL_TEXT, COL_TRUNC,
	  "mapped images; not what they allocate", NULL },
	{ "runtime", "RUNTIME", CELL_ID, COL_LEFT, "whose extension it is", NULL },
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "resident", NULL },
	{ "pss_bytes", "PSS", CELL_BYTES, 0, "proportional", NULL },
	{ "private_bytes", "PRIVATE", CELL_BYTES, 0, "pages only this process has", NULL },
	{ "files", "FILES", CELL_COUNT, 0, "shared objects", NULL },
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
	{ "rss_bytes", "RSS", CELL_BYTES, 0, "sum over smaps", NULL },
	{ "kernel_bytes", "kernel", CELL_BYTES, 0, "named by the kernel", NULL },
	{ "walked_bytes", "walked", CELL_BYTES, 0, "read from the allocator or runtime", NULL },
	{ "inferred_bytes", "inferred", CELL_BYTES, 0, "identified by shape and flags", NULL },
	{ "unexplained_bytes", "unexplained", CELL_BYTES, 0, "explained by nothing", NULL },
	{ "unexplained_percent", "unexplained", CELL_PERCENT, 0, "of RSS", NULL },
	{ "not_read_bytes", "not read", CELL_BYTES, 0, "unexplained and looked at by no walker",
	  NULL },
	{ "drift_bytes", "drift", CELL_DELTA, 0, "VmRSS less the sum over smaps", NULL },
	{ "skew_bytes", "skew", CELL_BYTES, 0, "found in depth beyond what smaps stated", NULL },
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
