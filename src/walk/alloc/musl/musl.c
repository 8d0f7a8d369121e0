/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walker of mallocng: reads the records of its groups, finds the slots that contain groups, and
 * accounts for each group.
 */
#include "walk/alloc/musl/musl.h"

#include "base/alloc.h"

enum {
	AREAS_MAX = 1 << 18, /* pages of descriptions */
	AREA_BYTES = 4096,
	AREA_HEAD = 24, /* secret, next, number of descriptions */
	META_BYTES = 40,
	META_MAX = (AREA_BYTES - AREA_HEAD) / META_BYTES,
	GROUPS_MAX = 1 << 22,
	CLASSES = 48,
	CLASS_MAPPED = 63, /* of a group that is one large block */
	NESTED_MAX = 8,    /* of groups that contain groups */
};

/* Slot sizes in units. */
static const uint16_t class_units[CLASSES] = {
	1,   2,   3,   4,    5,    6,    7,    8,    9,    10,   12,   15,   18,   20,   25,   31,
	36,  42,  50,  63,   72,   84,   102,  127,  146,  170,  204,  255,  292,  340,  409,  511,
	584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730, 3276, 4095, 4680, 5460, 6552, 8191,
};

/* The fields of a description that are used. */
struct meta {
	uint64_t previous, next;
	uint64_t mem;
	uint32_t avail, freed;
	uint64_t bits; /* last slot 5, freeable 1, class 6, pages of the mapping 52 */
};

_Static_assert(sizeof(struct meta) == META_BYTES, "as in memory");

/* Parses a description. Returns false if no group can be like that. */
static bool parse_meta(const struct meta *meta, uint64_t addr, struct musl_group *ret)
{
	uint64_t class = meta->bits >> 6 & 63, pages = meta->bits >> 12, bytes;
	uint8_t n = (uint8_t)((meta->bits & 31) + 1);
	uint32_t all = n == 32 ? UINT32_MAX : (UINT32_C(1) << n) - 1;

	if (meta->mem % MUSL_UNIT || meta->mem >> 47 || pages >> 35 ||
	    (class >= CLASSES && (class != CLASS_MAPPED || n > 1 || !pages)))
		return false;
	bytes = n == 1 && pages ? pages * AREA_BYTES - MUSL_UNIT
				: (uint64_t)class_units[class] * MUSL_UNIT;
	*ret = (struct musl_group){
		.meta = addr,
		.mem = meta->mem,
		.start = meta->mem,
		.end = meta->mem + (pages ? pages * AREA_BYTES : MUSL_UNIT + n * bytes),
		.slot_bytes = bytes,
		.free = (meta->avail | meta->freed) & all,
		.n = n,
		.mapped = pages != 0,
	};
	return MUSL_UNIT + n * bytes <= ret->end - ret->start && !(meta->avail & meta->freed) &&
	       !((meta->avail | meta->freed) & ~all);
}

/* A group begins with the address of what describes it. */
static bool points_back(struct memsrc *m, const struct musl_group *g)
{
	uint64_t meta;

	return memsrc_peek(m, g->mem, &meta, sizeof(meta)) && meta == g->meta;
}

static void read_area(struct musl *m, uint64_t area, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = AREA_HEAD + i * META_BYTES;
		struct musl_group g;
		struct meta meta;

		memcpy(&meta, bytes + at, sizeof(meta));
		if (!meta.mem)
			continue; /* it is not in use */
		if (m->n_groups == GROUPS_MAX || !parse_meta(&meta, area + at, &g)) {
			m->breaks++;
			continue;
		}
		m->groups = xgrow(m->groups, m->n_groups, &m->cap_groups, sizeof(*m->groups));
		m->groups[m->n_groups++] = g;
	}
}

/* Reads all pages of descriptions. */
static void read_areas(struct musl *m, struct size_account *account, struct walk_heap *sums)
{
	uint8_t bytes[AREA_BYTES];
	uint64_t area = m->areas, head[3];
	size_t i = 0;

	for (; area && i < AREAS_MAX; i++, area = head[1]) {
		if (area % AREA_BYTES || !memsrc_copy(m->walk->mem, area, bytes, sizeof(bytes)))
			break;
		memcpy(head, bytes, sizeof(head));
		if (head[0] != m->secret)
			break;
		size_account_add_overhead(account, sums, area, area + AREA_BYTES);
		read_area(m, area, bytes, MIN((uint32_t)head[2], (uint32_t)META_MAX));
	}
	m->breaks += area != 0;
}

static int compare_groups(const void *a, const void *b)
{
	const struct musl_group *x = a, *y = b;

	if (x->mem != y->mem)
		return x->mem < y->mem ? -1 : 1;
	return (x->end < y->end) - (x->end > y->end);
}

/* Assigns a group to the slot that contains it. Returns false if it crosses the end of the slot. */
static bool put_into(struct musl_group *outer, struct musl_group *g)
{
	uint64_t slot = (g->mem - outer->mem - MUSL_UNIT) / outer->slot_bytes;
	uint64_t start = outer->mem + MUSL_UNIT + slot * outer->slot_bytes;

	if (g->mapped || g->mem < outer->mem + MUSL_UNIT || slot >= outer->n ||
	    g->end > start + outer->slot_bytes || (outer->held >> slot & 1))
		return false;
	outer->held |= UINT32_C(1) << slot;
	g->start = start;
	g->end = start + outer->slot_bytes;
	return true;
}

/*
 * Finds the groups that are in slots of other groups. A group that overlaps another in any other
 * way, or does not point back, has changed since its description was read, and is left out.
 */
static void nest_groups(struct musl *m)
{
	struct musl_group *outer[NESTED_MAX];
	size_t depth = 0, n = 0;

	if (m->n_groups)
		qsort(m->groups, m->n_groups, sizeof(*m->groups), compare_groups);
	for (size_t i = 0; i < m->n_groups; i++) {
		struct musl_group g = m->groups[i];

		while (depth && outer[depth - 1]->end <= g.mem)
			depth--;
		if (depth == NESTED_MAX || !points_back(m->walk->mem, &g) ||
		    (depth && !put_into(outer[depth - 1], &g))) {
			m->breaks++;
			continue;
		}
		m->groups[n] = g;
		outer[depth++] = &m->groups[n++];
	}
	m->n_groups = n;
}

static void add_group(struct size_account *account, struct walk_arena *a,
		      const struct musl_group *g)
{
	uint8_t states[MUSL_SLOTS];

	for (unsigned int i = 0; i < g->n; i++) {
		states[i] = g->free >> i & 1 ? BLOCK_FREE : BLOCK_LIVE;
		if (g->held >> i & 1)
			states[i] = BLOCK_OTHER;
	}
	a->heaps += g->mapped;
	size_account_add_run(account, &a->sums,
			     &(struct size_account_run){ .start = g->start,
							 .end = g->end,
							 .first = g->mem + MUSL_UNIT,
							 .block_bytes = g->slot_bytes,
							 .n = g->n,
							 .states = states });
}

static int walk(struct size_account *account)
{
	struct walk_arena *a;
	struct musl m;
	int status = musl_find(account->walk, &m);

	if (status < 0)
		return status;
	a = size_account_arena(account, m.context);
	a->is_main = true;
	read_areas(&m, account, &a->sums);
	nest_groups(&m);
	for (size_t i = 0; i < m.n_groups; i++)
		add_group(account, a, &m.groups[i]);
	account->out.breaks += m.breaks;
	account->file = m.file;
	account->version = "1.2.1 and later";
	musl_release(&m);
	return 0;
}

const struct allocator_walker musl_walker = {
	.walk = walk,
	.not_found = REASON_MUSL_NOT_FOUND,
};
