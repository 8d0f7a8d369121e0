/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/alloc.h"
#include "model/parts.h"
#include "model/snapfile/process.h"
#include "proc/smaps.h"

_Static_assert((int)SNAPREAD_ITEMS == (int)SNAPSHOT_REGIONS_MAX, "as many as a capture keeps");

enum { PARTS_MAX = 256 }; /* of a mapping */

#define PART_BYTES_MAX (UINT64_C(1) << 53) /* so that the sum of all fits */

#define AT(member) offsetof(struct region_row, member)

static struct region_row *row_of(void *obj)
{
	return &((struct process_reader *)obj)->row;
}

static int read_hex(struct snapread *r, void *obj, size_t at)
{
	return snapread_hex(r, (uint64_t *)(void *)((char *)row_of(obj) + at));
}

static int read_device(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct region_row *row = row_of(obj);

	row->has_file = true;
	return snapread_device(r, &row->major, &row->minor);
}

static int read_perms(struct snapread *r, void *obj, attr_unused size_t arg)
{
	static const char letters[] = "rwx";
	static const uint8_t bits[] = { VMA_READ, VMA_WRITE, VMA_EXEC };
	const char *text;
	uint8_t perms = 0;
	int ret = snapread_id(r);

	if (ret < 0)
		return ret;
	text = r->event.text;
	if (r->event.len != 4 || (text[3] != 'p' && text[3] != 's'))
		return snapread_refuse(r, "not permissions");
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (text[i] != letters[i] && text[i] != '-')
			return snapread_refuse(r, "not permissions");
		perms |= text[i] == '-' ? 0 : bits[i];
	}
	row_of(obj)->perms = (uint8_t)(perms | (text[3] == 's' ? VMA_SHARED : 0));
	return 0;
}

static int read_category_id(struct snapread *r, uint8_t *ret_category)
{
	int ret = snapread_id(r);

	for (int i = 0; ret == 0 && i < CAT_COUNT; i++) {
		if (streq(category_descs[i].id, r->event.text)) {
			*ret_category = (uint8_t)i;
			return 0;
		}
	}
	return ret < 0 ? ret : snapread_refuse(r, "a category that this version does not know");
}

static int read_evidence_id(struct snapread *r, uint8_t *ret_evidence)
{
	int ret = snapread_id(r);

	for (int i = 0; ret == 0 && i < EV_COUNT; i++) {
		if (streq(evidence_descs[i].id, r->event.text)) {
			*ret_evidence = (uint8_t)i;
			return 0;
		}
	}
	return ret < 0 ? ret : snapread_refuse(r, "evidence that this version does not know");
}

static int read_category(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_category_id(r, &row_of(obj)->category);
}

static int read_evidence(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_evidence_id(r, &row_of(obj)->evidence);
}

static int read_owner_kind(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct owner_text *o = obj;
	int ret;

	o->kind = OWNER_NONE;
	if (snapread_is_null(r))
		return 0;
	ret = snapread_id(r);
	for (int i = OWNER_NONE + 1; ret == 0 && i < OWNER_KIND_COUNT; i++) {
		if (streq(owner_kind_ids[i], r->event.text)) {
			o->kind = (enum owner_kind)i;
			return 0;
		}
	}
	return ret < 0 ? ret
		       : snapread_refuse(r, "a kind of owner that this version does not know");
}

static int read_owner_name(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct owner_text *o = obj;
	int ret = snapread_is_null(r) ? 0 : snapread_text(r);

	sbuf_reset(&o->name);
	if (ret == 0 && !snapread_is_null(r))
		sbuf_add(&o->name, sbuf_str(&r->text), r->text.len);
	return ret;
}

static int read_owner_text(struct snapread *r, struct owner_text *o)
{
	static const struct snapread_key keys[] = {
		{ .id = "kind", .read = read_owner_kind, .required = true },
		{ .id = "name", .read = read_owner_name, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };

	return snapread_mapping(r, &table, o);
}

static int read_owner(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_owner_text(r, &((struct process_reader *)obj)->owner);
}

static int read_name(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct process_reader *p = obj;
	int ret = snapread_text(r);

	sbuf_reset(&p->name);
	if (ret == 0)
		sbuf_add(&p->name, sbuf_str(&r->text), r->text.len);
	return ret;
}

/* Neighbours mostly have the same rule, so the rules used last are compared first. */
static int read_rule(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct process_reader *p = obj;
	struct rule_ids *ids = p->rules;
	size_t last = p->row.rule;
	int ret = snapread_id(r);

	if (ret < 0 || (last < ids->n && streq(ids->rules[last].id, r->event.text)))
		return ret;
	for (size_t i = 0; i < ids->n; i++) {
		if (streq(ids->rules[i].id, r->event.text)) {
			p->row.rule = (uint16_t)i;
			return 0;
		}
	}
	if (ids->n == SNAPFILE_RULES_MAX)
		return snapread_refuse(r, "too many rules");
	ids->rules = xgrow(ids->rules, ids->n, &ids->cap, sizeof(*ids->rules));
	p->row.rule = (uint16_t)ids->n;
	ids->rules[ids->n++] = (struct rule){ .id = arena_strdup(ids->arena, r->event.text) };
	return 0;
}

static int read_flags(struct snapread *r, void *obj, attr_unused size_t arg)
{
	uint64_t unknown = 0;
	int ret = snapread_id(r);

	if (ret == 0)
		row_of(obj)->flags = vma_flags_parse(r->event.text, r->event.len, &unknown);
	return ret;
}

static int read_shape(struct snapread *r, void *obj, attr_unused size_t i)
{
	int ret = snapread_id(r);

	for (size_t k = 0; ret == 0 && k < REGION_SHAPES; k++) {
		if (streq(region_shapes[k].id, r->event.text)) {
			row_of(obj)->shapes |= (uint16_t)region_shapes[k].mark;
			return 0;
		}
	}
	return ret < 0 ? ret : snapread_refuse(r, "a shape that this version does not know");
}

static int read_shapes(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_shape, obj);
}

static int read_counter(struct snapread *r, void *obj, size_t which)
{
	struct mem_counts *c = &row_of(obj)->counts;

	c->present &= ~(UINT32_C(1) << which);
	if (snapread_is_null(r))
		return 0;
	c->present |= UINT32_C(1) << which;
	return snapread_u64(r, UINT64_MAX, &c->v[which]);
}

/* A part while it is read. */
struct part_row {
	struct part part;
	struct owner_text owner;
};

static int read_part_category(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_category_id(r, &((struct part_row *)obj)->part.category);
}

static int read_part_evidence(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_evidence_id(r, &((struct part_row *)obj)->part.evidence);
}

static int read_part_owner(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return read_owner_text(r, &((struct part_row *)obj)->owner);
}

static int read_part_rss(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, PART_BYTES_MAX, &((struct part_row *)obj)->part.rss_bytes);
}

/* Reads PSS or USS of a part: null if it could not be divided. */
static int read_part_share(struct snapread *r, void *obj, size_t at)
{
	struct amount *share = (struct amount *)(void *)((char *)&((struct part_row *)obj)->part +
							 at);

	*share = amount_absent(REASON_PART_OF_MAPPING);
	if (snapread_is_null(r))
		return 0;
	share->why = REASON_NONE;
	return snapread_u64(r, PART_BYTES_MAX, &share->value);
}

static int read_part_size(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_u64(r, INT64_MAX, &((struct part_row *)obj)->part.size_bytes);
}

static void add_part(struct process_reader *p, const struct part_row *row)
{
	struct snapshot *s = p->s;
	struct part_owner *owner;

	p->part_owners = xgrow(p->part_owners, s->n_parts, &p->cap_part_owners,
			       sizeof(*p->part_owners));
	s->parts = xgrow(s->parts, s->n_parts, &s->cap_parts, sizeof(*s->parts));
	owner = &p->part_owners[s->n_parts];
	owner->kind = row->owner.kind;
	owner->name = arena_strndup(&s->arena, sbuf_str(&row->owner.name), row->owner.name.len);
	s->parts[s->n_parts] = row->part;
	s->parts[s->n_parts++].region = (uint32_t)s->n_regions;
	p->row.part_bytes += row->part.rss_bytes;
	p->row.undivided |= row->part.pss.why == REASON_NOT_READ ||
			    row->part.uss.why == REASON_NOT_READ;
	p->row.n_parts++;
}

static int read_part(struct snapread *r, void *obj, size_t i)
{
	static const struct snapread_key keys[] = {
		{ .id = "category", .read = read_part_category, .required = true },
		{ .id = "owner", .read = read_part_owner, .required = true },
		{ .id = "evidence", .read = read_part_evidence, .required = true },
		{ .id = "rss_bytes", .read = read_part_rss, .required = true },
		{ .id = "pss_bytes", .read = read_part_share, .arg = offsetof(struct part, pss) },
		{ .id = "uss_bytes", .read = read_part_share, .arg = offsetof(struct part, uss) },
		{ .id = "size_bytes", .read = read_part_size, .required = true },
	};
	static const struct snapread_table table = { keys, ARRAY_SIZE(keys) };
	struct part_row row = { .part = { .pss = AMOUNT_UNREAD, .uss = AMOUNT_UNREAD },
				.owner = { .name = SBUF_INIT } };
	int ret;

	if (i == PARTS_MAX)
		return snapread_refuse(r, "too many parts");
	ret = snapread_mapping(r, &table, &row);
	if (ret == 0)
		add_part(obj, &row);
	sbuf_release(&row.owner.name);
	return ret;
}

static int read_parts(struct snapread *r, void *obj, attr_unused size_t arg)
{
	return snapread_list(r, read_part, obj);
}

static const struct snapread_key head_keys[] = {
	{ .id = "start", .read = read_hex, .arg = AT(start), .required = true },
	{ .id = "end", .read = read_hex, .arg = AT(end), .required = true },
	{ .id = "perms", .read = read_perms, .required = true },
	{ .id = "category", .read = read_category, .required = true },
	{ .id = "owner", .read = read_owner, .required = true },
	{ .id = "evidence", .read = read_evidence, .required = true },
	{ .id = "name", .read = read_name, .required = true },
	{ .id = "rule", .read = read_rule, .required = true },
	{ .id = "offset", .read = read_hex, .arg = AT(offset) },
	{ .id = "device", .read = read_device },
	{ .id = "inode", .read = read_hex, .arg = AT(inode) },
	{ .id = "flags", .read = read_flags },
	{ .id = "shape", .read = read_shapes },
};

static const struct snapread_key parts_key = { .id = "parts", .read = read_parts };

enum { HEAD = ARRAY_SIZE(head_keys) };

_Static_assert(HEAD + MC_COUNT + 1 <= SNAPREAD_KEYS, "a table has a bit for each key");

struct snapread_key *snapfile_region_keys(size_t *ret_n)
{
	struct snapread_key *keys = xcalloc(HEAD + MC_COUNT + 1, sizeof(*keys));

	memcpy(keys, head_keys, sizeof(head_keys));
	for (size_t i = 0; i < MC_COUNT; i++)
		keys[HEAD + i] = (struct snapread_key){ .id = mem_count_descs[i].id,
							.read = read_counter,
							.arg = i };
	keys[HEAD + MC_COUNT] = parts_key;
	*ret_n = HEAD + MC_COUNT + 1;
	return keys;
}

/* Returns whether a sum is what it should be, as far as both are known. */
static bool may_be(struct amount sum, struct amount want)
{
	return !amount_ok(sum) || !amount_ok(want) || sum.value == want.value;
}

/*
 * Divides PSS and USS among the parts of the region if the file does not. Otherwise they must add
 * up to those of the region, as far as they are stated.
 */
static bool divide_parts(struct process_reader *p)
{
	const struct mem_counts *c = &p->row.counts;
	size_t n = p->row.n_parts;
	struct part *parts = p->s->parts + (p->s->n_parts - n);
	struct amount pss = amount_of(0), uss = amount_of(0);
	struct amount private_bytes = amount_add(mem_counts_get(c, MC_PRIVATE_CLEAN),
						 mem_counts_get(c, MC_PRIVATE_DIRTY));

	if (p->row.undivided) {
		parts_divide(parts, n, c, NULL);
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		pss = amount_add(pss, parts[i].pss);
		uss = amount_add(uss, parts[i].uss);
	}
	return may_be(pss, mem_counts_get(c, MC_PSS)) && may_be(uss, private_bytes);
}

static int check_region(struct snapread *r, struct process_reader *p, struct yplace at)
{
	const struct region_row *row = &p->row;
	const struct snapshot *s = p->s;

	if (row->end <= row->start)
		return yplace_refuse(at, r->err, "the mapping ends before it begins");
	if (!snapshot_counts_fit(&p->counted, &row->counts))
		return yplace_refuse(at, r->err, "more memory than there can be");
	if (row->n_parts && row->part_bytes != row->counts.v[MC_RSS])
		return yplace_refuse(at, r->err, "the parts do not add up to rss_bytes");
	if (row->n_parts && !divide_parts(p))
		return yplace_refuse(at, r->err, "the parts do not add up to pss_bytes");
	if (s->n_regions && row->start < s->regions[s->n_regions - 1].end && !p->overlaps) {
		p->overlaps = true;
		p->overlap_at = at;
	}
	return 0;
}

/*
 * Adds regions in the order of the capture, so that names, files and owners get the same numbers.
 */
static void add_region(struct process_reader *p)
{
	const struct region_row *row = &p->row;
	struct snapshot *s = p->s;
	struct region region = {
		.start = row->start,
		.end = row->end,
		.offset = row->offset,
		.flags = row->flags,
		.rule = row->rule,
		.perms = row->perms,
		.category = row->category,
		.evidence = row->evidence,
		.split = row->n_parts > 0,
	};
	const char *name = sbuf_str(&p->name);

	region.name = snapshot_name(s, name, p->name.len);
	if (row->has_file) {
		struct file *f;

		region.file = snapshot_file(s, row->major, row->minor, row->inode, name,
					    p->name.len);
		f = &s->files[region.file];
		f->has_exec |= (row->perms & VMA_EXEC) != 0;
		if (f->first_region == s->n_regions)
			f->category = row->category;
	}
	region.owner = snapshot_owner(s, p->owner.kind, sbuf_str(&p->owner.name));
	region.marks = row->shapes | snapshot_count_marks(s, row->perms, &row->counts);
	snapshot_add_region(s, &region, &row->counts);
}

static int read_region(struct snapread *r, void *obj, attr_unused size_t i)
{
	struct process_reader *p = obj;
	struct yplace at = r->event.at;
	int ret;

	p->row = (struct region_row){ .rule = p->row.rule, .counts.present = p->counters };
	ret = snapread_mapping(r, &p->regions, p);
	if (ret == 0)
		ret = check_region(r, p, at);
	if (ret == 0)
		add_region(p);
	return ret;
}

int snapfile_read_regions(struct snapread *r, void *obj, attr_unused size_t arg)
{
	struct process_reader *p = obj;

	if (snapread_is_null(r))
		return 0;
	p->has_regions = true;
	return snapread_list(r, read_region, p);
}

static int read_counter_id(struct snapread *r, void *obj, attr_unused size_t i)
{
	struct process_reader *p = obj;
	int ret = snapread_id(r);

	/* Counters of later versions are skipped, here as in the mappings. */
	for (int k = 0; ret == 0 && k < MC_COUNT; k++) {
		if (streq(mem_count_descs[k].id, r->event.text))
			p->counters |= UINT32_C(1) << k;
	}
	return ret;
}

int snapfile_read_counters(struct snapread *r, void *obj, attr_unused size_t arg)
{
	const struct process_reader *p = obj;

	if (p->has_regions)
		return snapread_refuse(r, "'counters' must come before 'regions'");
	return snapread_is_null(r) ? 0 : snapread_list(r, read_counter_id, obj);
}

void snapfile_finish_regions(struct process_reader *p)
{
	struct snapshot *s = p->s;

	for (int walked = 0; walked < 2; walked++) {
		for (size_t i = 0; i < s->n_parts; i++) {
			const struct part_owner *o = &p->part_owners[i];

			if ((s->parts[i].evidence == EV_WALKED) == walked)
				s->parts[i].owner = snapshot_owner(s, o->kind, o->name);
		}
	}
}
