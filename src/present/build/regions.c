/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"

/* Columns in front of the counters, and behind them. */
static const struct column head_columns[] = {
	COLUMN("start", "START", CELL_HEX, "first address"),
	COLUMN("end", "END", CELL_HEX, "first address behind it"),
	COLUMN("perms", "PERM", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_LEFT),
	COLUMN("owner", "OWNER", CELL_TABLE, "whose it is", .flags = COL_DATA),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known", .flags = COL_DATA),
	COLUMN("name", "NAME", CELL_TEXT, "as the kernel prints it", .flags = COL_DATA),
	COLUMN("rule", "RULE", CELL_ID, "the rule that said so", .flags = COL_DATA),
	COLUMN("offset", "OFFSET", CELL_HEX, "where in the file it begins",
	       .flags = COL_DATA | COL_SPARSE),
	COLUMN("device", "DEVICE", CELL_TEXT, "major:minor of the file",
	       .flags = COL_DATA | COL_SPARSE),
	COLUMN("inode", "INODE", CELL_HEX, "of the file", .flags = COL_DATA | COL_SPARSE),
	COLUMN("flags", "FLAGS", CELL_ID, "VmFlags of smaps",
	       .flags = COL_DATA | COL_LEFT | COL_SPARSE),
	COLUMN("shape", "SHAPE", CELL_LIST, "what it and its neighbours look like",
	       .flags = COL_DATA | COL_SPARSE),
};

static const struct column tail_columns[] = {
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner; ~ inferred, ? unknown",
	       .flags = COL_TEXT | COL_TRUNC),
	COLUMN("parts", "PARTS", CELL_TABLE, "when it holds more than one thing",
	       .flags = COL_DATA | COL_SPARSE),
};

static const struct column owner_columns[] = {
	COLUMN("kind", "KIND", CELL_ID, "what the owner is"),
	COLUMN("name", "NAME", CELL_TEXT, "whose it is"),
};

static const struct column part_columns[] = {
	COLUMN("category", "CATEGORY", CELL_ID, "what it is"),
	COLUMN("owner", "OWNER", CELL_TABLE, "whose it is"),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known"),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space"),
};

enum {
	HEAD_COUNT = ARRAY_SIZE(head_columns),
	TAIL_COUNT = ARRAY_SIZE(tail_columns),
	REGION_COLUMNS = HEAD_COUNT + MC_COUNT + TAIL_COUNT,
};

/* Counters that text shows by default. */
static const uint32_t shown_counts = 1U << MC_SIZE | 1U << MC_RSS | 1U << MC_PSS |
				     1U << MC_PRIVATE_DIRTY | 1U << MC_SWAP;

/* What the rows of the regions need; scratch tables hold the nested cells of the current row. */
struct regions_arg {
	const struct snapshot *s;
	const struct ruleset *rules;
	struct table owner;
	struct cell owner_cells[ARRAY_SIZE(owner_columns)];
	struct table parts; /* made row by row, like the mappings */
	const struct part *first_part;
	struct table part_owner;
	struct cell part_owner_cells[ARRAY_SIZE(owner_columns)];
	char what[CELL_WHAT_MAX];
	char device[CELL_DEVICE_MAX];
	char flags[VMA_FLAGS_TEXT];
	char shape[REGION_SHAPES * 16];
};

const struct column *build_region_columns(struct report *r, size_t *ret_n)
{
	struct column *columns = arena_array(&r->arena, REGION_COLUMNS, struct column);

	memcpy(columns, head_columns, sizeof(head_columns));
	for (int i = 0; i < MC_COUNT; i++) {
		const struct mem_count_desc *d = &mem_count_descs[i];

		columns[HEAD_COUNT + i] = (struct column){
			.id = d->id,
			.title = d->title,
			.type = CELL_BYTES,
			.flags = COL_SORT | COL_SPARSE | (shown_counts >> i & 1 ? 0 : COL_DATA),
			.help = d->help,
		};
	}
	memcpy(columns + HEAD_COUNT + MC_COUNT, tail_columns, sizeof(tail_columns));
	*ret_n = REGION_COLUMNS;
	return columns;
}

static void owner_fill(struct cell *cells, const struct owner *o)
{
	cells[0] = cell_owner_kind(o);
	cells[1] = o->kind == OWNER_NONE ? cell_none() : cell_text(o->name);
}

static struct table owner_table(struct cell *cells)
{
	return (struct table){ .columns = owner_columns,
			       .n_columns = ARRAY_SIZE(owner_columns),
			       .shape = SHAPE_OBJECT,
			       .layout = LAYOUT_HIDDEN,
			       .n_rows = 1,
			       .cells = cells };
}

static void part_fill(void *arg, size_t row, struct cell *cells)
{
	struct regions_arg *a = arg;
	const struct part *part = &a->first_part[row];

	owner_fill(a->part_owner_cells, &a->s->owners[part->owner]);
	cells[0] = cell_text(category_descs[part->category].id);
	cells[1] = cell_table(&a->part_owner);
	cells[2] = cell_text(evidence_descs[part->evidence].id);
	cells[3] = cell_u64(part->rss_bytes);
	cells[4] = cell_u64(part->size_bytes);
}

static struct cell parts_cell(struct regions_arg *a, const struct region *r)
{
	if (!r->split)
		return cell_none();
	a->first_part = snapshot_parts(a->s, r, &a->parts.n_rows);
	return cell_table(&a->parts);
}

/* The ids of the shapes that it has, one after the other. */
static struct cell shape_cell(struct regions_arg *a, const struct region *r)
{
	size_t n = 0;

	for (int i = 0; i < REGION_SHAPES; i++) {
		size_t size = strlen(region_shapes[i].id) + 1;

		if (!(r->marks & region_shapes[i].mark))
			continue;
		memcpy(a->shape + n, region_shapes[i].id, size);
		n += size;
	}
	return n ? cell_bytes(a->shape, n) : cell_none();
}

/* What a mapping of a file is of; cells from "offset" on. */
static void fill_kernel_cells(struct regions_arg *a, const struct region *r, struct cell *cells)
{
	const struct file *f = &a->s->files[r->file];

	cells[0] = cell_u64(r->offset);
	cells[1] = r->file ? cell_device(a->device, f->major, f->minor) : cell_none();
	cells[2] = r->file ? cell_u64(f->inode) : cell_none();
	cells[3] = r->flags ? cell_text(vma_flags_text(a->flags, r->flags)) : cell_none();
	cells[4] = shape_cell(a, r);
}

/* What no mapping states is absent by design: no row needs to say so again. */
static struct cell counter_cell(const struct regions_arg *a, const struct mem_counts *c,
				enum mem_count which)
{
	if (!(a->s->stated_counters >> which & 1))
		return cell_none();
	return cell_amount(mem_counts_get(c, which));
}

static void region_fill(void *arg, size_t row, struct cell *cells)
{
	struct regions_arg *a = arg;
	const struct region *r = &a->s->regions[row];
	struct mem_counts c;

	owner_fill(a->owner_cells, &a->s->owners[r->owner]);
	cells[0] = cell_u64(r->start);
	cells[1] = cell_u64(r->end);
	cells[2] = cell_perms(r->perms);
	cells[3] = cell_text(category_descs[r->category].id);
	cells[4] = cell_table(&a->owner);
	cells[5] = cell_text(evidence_descs[r->evidence].id);
	cells[6] = cell_text(snapshot_region_name(a->s, r));
	cells[7] = cell_text(a->rules->rules[r->rule].id);
	fill_kernel_cells(a, r, &cells[8]);
	snapshot_counts(a->s, r, &c);
	for (int i = 0; i < MC_COUNT; i++)
		cells[HEAD_COUNT + i] = counter_cell(a, &c, (enum mem_count)i);
	cells[HEAD_COUNT + MC_COUNT] = cell_what(a->what, a->s, r);
	cells[HEAD_COUNT + MC_COUNT + 1] = parts_cell(a, r);
}

static struct regions_arg *regions_arg(struct report *r, const struct process_inputs *v,
				       const struct ruleset *rules)
{
	struct regions_arg *a = arena_alloc(&r->arena, sizeof(*a));

	a->s = v->snapshot;
	a->rules = rules;
	a->owner = owner_table(a->owner_cells);
	a->part_owner = owner_table(a->part_owner_cells);
	a->parts = (struct table){ .columns = part_columns,
				   .n_columns = ARRAY_SIZE(part_columns),
				   .layout = LAYOUT_HIDDEN,
				   .fill = part_fill,
				   .arg = a };
	return a;
}

struct cell build_counters(struct report *r, const struct process_inputs *v)
{
	auto_sbuf ids = SBUF_INIT;

	if (v->snapshot->regions_why)
		return cell_absent(v->snapshot->regions_why);
	for (int i = 0; i < MC_COUNT; i++) {
		const char *id = mem_count_descs[i].id;

		if (v->snapshot->stated_counters >> i & 1)
			sbuf_add(&ids, id, strlen(id) + 1);
	}
	return cell_bytes(arena_strndup(&r->arena, sbuf_str(&ids), ids.len), ids.len);
}

struct table *build_regions(struct report *r, const struct process_inputs *v,
			    const struct ruleset *rules)
{
	size_t n;
	const struct column *columns = build_region_columns(r, &n);
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	t = arena_alloc(&r->arena, sizeof(*t));
	*t = (struct table){
		.columns = columns,
		.n_columns = n,
		.layout = LAYOUT_TABLE,
		.title = "Mappings",
		.n_rows = v->snapshot->n_regions,
		.fill = region_fill,
		.arg = regions_arg(r, v, rules),
	};
	return t;
}

/* The largest few, for text only: the same columns, the same cells. */
static const struct column largest_columns[] = {
	COLUMN("start", "Largest mappings", CELL_HEX, "first address", .flags = COL_LEFT),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space"),
	COLUMN("rss_bytes", "RSS", CELL_BYTES, "resident"),
	COLUMN("perms", "PERM", CELL_ID, "permissions", .flags = COL_LEFT),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_LEFT),
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner", .flags = COL_TRUNC),
};

const struct table *build_largest(struct report *r, const struct process_inputs *v,
				  const struct ruleset *rules)
{
	const struct accounting *a = v->accounting;
	struct regions_arg *arg;
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	arg = regions_arg(r, v, rules);
	t = report_table(r, largest_columns, ARRAY_SIZE(largest_columns), a->n_largest);
	t->layout = LAYOUT_TABLE;
	for (size_t i = 0; i < a->n_largest; i++) {
		const struct region *region = &v->snapshot->regions[a->largest[i]];
		struct cell *cells = table_row(t, i);
		struct mem_counts c;

		snapshot_counts(v->snapshot, region, &c);
		cells[0] = cell_u64(region->start);
		cells[1] = cell_u64(region->end - region->start);
		cells[2] = cell_amount(mem_counts_get(&c, MC_RSS));
		cells[3] = cell_perms(region->perms);
		cells[4] = cell_text(category_descs[region->category].id);
		cells[5] = cell_what(arg->what, v->snapshot, region);
		if (cells[5].s == arg->what)
			cells[5] = cell_text(arena_strdup(&r->arena, arg->what));
	}
	return t;
}
