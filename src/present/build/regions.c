/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "present/build/process.h"

#include "present/build/cells.h"
#include "present/build/process_columns.h"

/* What the getters need. Nested tables are those of the row that was asked for last. */
struct regions_arg {
	const struct snapshot *s;
	const struct ruleset *rules;
	struct table owner;
	struct table parts;
	struct table part_owner;
	const struct region *counted; /* whose counters these are */
	struct mem_counts counts;
	char what[CELL_WHAT_MAX];
	char device[CELL_DEVICE_MAX];
	char flags[VMA_FLAGS_TEXT];
	char shape[REGION_SHAPES * 16];
};

static struct cell get_perms(const struct ask *ask)
{
	return cell_perms(((const struct region *)ask->row)->perms);
}

static struct cell get_category(const struct ask *ask)
{
	return cell_text(category_descs[((const struct region *)ask->row)->category].id);
}

static struct cell get_owner(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;

	a->owner.rows = &a->s->owners[((const struct region *)ask->row)->owner];
	return cell_table(&a->owner);
}

static struct cell get_evidence(const struct ask *ask)
{
	return cell_text(evidence_descs[((const struct region *)ask->row)->evidence].id);
}

static struct cell get_name(const struct ask *ask)
{
	const struct regions_arg *a = ask->arg;

	return cell_text(snapshot_region_name(a->s, ask->row));
}

static struct cell get_rule(const struct ask *ask)
{
	const struct regions_arg *a = ask->arg;

	return cell_text(a->rules->rules[((const struct region *)ask->row)->rule].id);
}

static struct cell get_device(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;
	const struct region *r = ask->row;
	const struct file *f = &a->s->files[r->file];

	return r->file ? cell_device(a->device, f->major, f->minor) : cell_none();
}

static struct cell get_inode(const struct ask *ask)
{
	const struct regions_arg *a = ask->arg;
	const struct region *r = ask->row;

	return r->file ? cell_u64(a->s->files[r->file].inode) : cell_none();
}

static struct cell get_flags(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;
	const struct region *r = ask->row;

	return r->flags ? cell_text(vma_flags_text(a->flags, r->flags)) : cell_none();
}

/* Returns the list of the ids of the shapes that a region has. */
static struct cell get_shape(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;
	const struct region *r = ask->row;
	size_t n = 0;

	if (r->marks < MARK_BSS) /* the first mark of a shape */
		return cell_none();
	for (int i = 0; i < REGION_SHAPES; i++) {
		size_t size = strlen(region_shapes[i].id) + 1;

		if (!(r->marks & region_shapes[i].mark))
			continue;
		memcpy(a->shape + n, region_shapes[i].id, size);
		n += size;
	}
	return n ? cell_bytes(a->shape, n) : cell_none();
}

static const struct mem_counts *counts_of(struct regions_arg *a, const struct region *r)
{
	if (!a->counted || a->counted->counts != r->counts)
		snapshot_counts(a->s, r, &a->counts);
	a->counted = r;
	return &a->counts;
}

/* Returns a counter; an empty cell, without a reason, if no mapping of the process states it. */
static struct cell get_counter(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;
	const struct mem_counts *c;

	if (!(a->s->stated_counters >> ask->at & 1))
		return cell_none();
	c = counts_of(a, ask->row);
	if (!(c->present >> ask->at & 1))
		return cell_absent(REASON_NOT_REPORTED);
	return cell_u64(c->v[ask->at]);
}

static const uint64_t *get_counters(const struct ask *ask, uint32_t *ret_present)
{
	const struct mem_counts *c = counts_of(ask->arg, ask->row);

	*ret_present = c->present;
	return c->v;
}

static struct cell get_size(const struct ask *ask)
{
	const struct region *r = ask->row;

	return cell_u64(r->end - r->start);
}

static struct cell get_what(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;

	return cell_what(a->what, a->s, ask->row);
}

static struct cell get_parts(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;
	const struct region *r = ask->row;

	if (!r->split)
		return cell_none();
	a->parts.rows = snapshot_parts(a->s, r, &a->parts.n_rows);
	return cell_table(&a->parts);
}

/* Columns in front of the counters. */
static const struct column head_columns[] = {
	COLUMN("start", "START", CELL_HEX, "first address", FIELD(struct region, start)),
	COLUMN("end", "END", CELL_HEX, "first address behind it", FIELD(struct region, end)),
	COLUMN("perms", "PERM", CELL_ID, "r read, w write, x execute, p private, s shared",
	       .flags = COL_LEFT, .get = get_perms),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_LEFT,
	       .get = get_category),
	COLUMN("owner", "OWNER", CELL_TABLE, "whose it is", .flags = COL_DATA, .get = get_owner),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known", .flags = COL_DATA,
	       .get = get_evidence),
	COLUMN("name", "NAME", CELL_TEXT, "as the kernel prints it", .flags = COL_DATA,
	       .get = get_name),
	COLUMN("rule", "RULE", CELL_ID, "the rule that said so", .flags = COL_DATA,
	       .get = get_rule),
	COLUMN("offset", "OFFSET", CELL_HEX, "where in the file it begins",
	       .flags = COL_DATA | COL_SPARSE, FIELD(struct region, offset)),
	COLUMN("device", "DEVICE", CELL_TEXT, "major:minor of the file",
	       .flags = COL_DATA | COL_SPARSE, .get = get_device),
	COLUMN("inode", "INODE", CELL_HEX, "of the file", .flags = COL_DATA | COL_SPARSE,
	       .get = get_inode),
	COLUMN("flags", "FLAGS", CELL_ID, "VmFlags of smaps",
	       .flags = COL_DATA | COL_LEFT | COL_SPARSE, .get = get_flags),
	COLUMN("shape", "SHAPE", CELL_LIST, "what it and its neighbours look like",
	       .flags = COL_DATA | COL_SPARSE, .get = get_shape),
};

/* Columns behind the counters. */
static const struct column tail_columns[] = {
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner; ~ inferred, ? unknown",
	       .flags = COL_TEXT | COL_TRUNC, .get = get_what),
	COLUMN("parts", "PARTS", CELL_TABLE, "when it holds more than one thing",
	       .flags = COL_DATA | COL_SPARSE, .get = get_parts),
};

static struct cell get_part_category(const struct ask *ask)
{
	return cell_text(category_descs[((const struct part *)ask->row)->category].id);
}

static struct cell get_part_owner(const struct ask *ask)
{
	struct regions_arg *a = ask->arg;

	a->part_owner.rows = &a->s->owners[((const struct part *)ask->row)->owner];
	return cell_table(&a->part_owner);
}

static struct cell get_part_evidence(const struct ask *ask)
{
	return cell_text(evidence_descs[((const struct part *)ask->row)->evidence].id);
}

static const struct column part_columns[] = {
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .get = get_part_category),
	COLUMN("owner", "OWNER", CELL_TABLE, "whose it is", .get = get_part_owner),
	COLUMN("evidence", "EVIDENCE", CELL_ID, "how it is known", .get = get_part_evidence),
	METRIC_COLUMN_BYTES(RSS, FIELD(struct part, rss_bytes)),
	METRIC_COLUMN_BYTES(PSS, FIELD(struct part, pss)),
	METRIC_COLUMN_BYTES(USS, FIELD(struct part, uss)),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space", FIELD(struct part, size_bytes)),
};

enum {
	HEAD_COUNT = ARRAY_SIZE(head_columns),
	TAIL_COUNT = ARRAY_SIZE(tail_columns),
	REGION_COLUMNS = HEAD_COUNT + MC_COUNT + TAIL_COUNT,
};

/* Counters that text shows by default. */
static const uint32_t shown_counts = 1U << MC_SIZE | 1U << MC_RSS | 1U << MC_PSS |
				     1U << MC_PRIVATE_DIRTY | 1U << MC_SWAP;

const struct column *build_region_columns(struct report *r, size_t *ret_n)
{
	struct column *columns = arena_array(&r->arena, REGION_COLUMNS, struct column);

	memcpy(columns, head_columns, sizeof(head_columns));
	for (int i = 0; i < MC_COUNT; i++) {
		const struct mem_count_desc *d = &mem_count_descs[i];

		columns[HEAD_COUNT + i] = (struct column)COLUMN(
			d->id, d->title, CELL_BYTES, d->help,
			.flags = COL_SORT | COL_SPARSE | (shown_counts >> i & 1 ? 0 : COL_DATA),
			.get = get_counter, .at = (size_t)i);
	}
	memcpy(columns + HEAD_COUNT + MC_COUNT, tail_columns, sizeof(tail_columns));
	*ret_n = REGION_COLUMNS;
	return columns;
}

static struct regions_arg *regions_arg(struct report *r, const struct process_inputs *v,
				       const struct ruleset *rules)
{
	struct regions_arg *a = arena_alloc(&r->arena, sizeof(*a));

	a->s = v->snapshot;
	a->rules = rules;
	a->owner = a->part_owner = owner_object;
	a->parts = (struct table){ .columns = part_columns,
				   .n_columns = ARRAY_SIZE(part_columns),
				   .layout = LAYOUT_HIDDEN,
				   .is_long = true,
				   .row_size = sizeof(struct part),
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
	t = report_rows(r, columns, n, v->snapshot->regions, sizeof(*v->snapshot->regions),
			v->snapshot->n_regions);
	t->layout = LAYOUT_TABLE;
	t->title = "Mappings";
	t->is_long = true;
	t->arg = regions_arg(r, v, rules);
	t->numbers = get_counters;
	t->first_number = HEAD_COUNT;
	t->n_numbers = MC_COUNT;
	return t;
}

/* The columns of the largest mappings. */
static const struct column largest_columns[] = {
	COLUMN("start", "Largest mappings", CELL_HEX, "first address", .flags = COL_LEFT,
	       FIELD(struct region, start)),
	COLUMN("size_bytes", "SIZE", CELL_BYTES, "address space", .get = get_size),
	METRIC_COLUMN_BYTES(RSS, .get = get_counter, .at = MC_RSS),
	COLUMN("perms", "PERM", CELL_ID, "permissions", .flags = COL_LEFT, .get = get_perms),
	COLUMN("category", "CATEGORY", CELL_ID, "what it is", .flags = COL_LEFT,
	       .get = get_category),
	COLUMN("what", "WHAT", CELL_TEXT, "name or owner", .flags = COL_TRUNC, .get = get_what),
};

const struct table *build_largest(struct report *r, const struct process_inputs *v,
				  const struct ruleset *rules)
{
	const struct accounting *a = v->accounting;
	size_t *order = arena_array(&r->arena, a->n_largest, size_t);
	struct table *t;

	if (v->snapshot->regions_why)
		return NULL;
	for (size_t i = 0; i < a->n_largest; i++)
		order[i] = a->largest[i];
	t = report_rows(r, largest_columns, ARRAY_SIZE(largest_columns), v->snapshot->regions,
			sizeof(*v->snapshot->regions), a->n_largest);
	t->layout = LAYOUT_TABLE;
	t->order = order;
	t->arg = regions_arg(r, v, rules);
	return t;
}
