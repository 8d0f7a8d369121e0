/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/limits.h"

#include "base/alloc.h"
#include "base/num.h"

/* vm.overcommit_memory */
enum { OVERCOMMIT_ALWAYS = 1, OVERCOMMIT_NEVER = 2 };

const struct limit_desc limit_descs[] = {
	[LIMIT_CGROUP_MAX] = { .id = "cgroup_max",
			       .title = "cgroup max",
			       .help = "memory of the group; above it the OOM killer acts",
			       .decides = true },
	[LIMIT_CGROUP_HIGH] = { .id = "cgroup_high",
				.title = "cgroup high",
				.help = "memory of the group; above it the group is slowed down" },
	[LIMIT_CGROUP_SWAP_MAX] = { .id = "cgroup_swap_max",
				    .title = "cgroup swap",
				    .help = "swap that the group may use" },
	[LIMIT_CGROUP_MEMSW_MAX] = { .id = "cgroup_memsw_max",
				     .title = "cgroup memory+swap",
				     .help = "memory and swap of the group together",
				     .decides = true },
	[LIMIT_RLIMIT_AS] = { .id = "rlimit_as",
			      .title = "address space",
			      .help = "RLIMIT_AS: what the process may map, used or not",
			      .decides = true },
	[LIMIT_RLIMIT_DATA] = { .id = "rlimit_data",
				.title = "data",
				.help = "RLIMIT_DATA: its private writable mappings, used or not",
				.decides = true },
	[LIMIT_RLIMIT_STACK] = { .id = "rlimit_stack",
				 .title = "main stack",
				 .help = "RLIMIT_STACK: the largest size of the main thread's "
					 "stack" },
	[LIMIT_MAP_COUNT] = { .id = "map_count",
			      .title = "mappings",
			      .help = "vm.max_map_count: how many mappings it may have",
			      .is_count = true,
			      .decides = true },
	[LIMIT_OVERCOMMIT] = { .id = "overcommit",
			       .title = "overcommit",
			       .help = "memory promised to all processes, by vm.overcommit_memory",
			       .decides = true },
	[LIMIT_LARGEST_GAP] = { .id = "largest_gap",
				.title = "largest hole",
				.help = "free address space in one piece",
				.decides = true },
	[LIMIT_SYSTEM_AVAILABLE] = { .id = "system_available",
				     .title = "system",
				     .help = "memory and swap that the machine still has",
				     .decides = true },
};
_Static_assert(ARRAY_SIZE(limit_descs) == LIMIT_COUNT, "a row for each");

struct builder {
	struct limits *limits;
	size_t cap;
	const struct snapshot *s;
};

static struct limit_row *add_row(struct builder *b, enum limit_id id, struct amount limit,
				 struct amount used)
{
	struct limits *l = b->limits;
	bool unlimited = amount_ok(limit) && limit.value == UINT64_MAX;

	l->rows = xgrow(l->rows, l->n, &b->cap, sizeof(*l->rows));
	l->rows[l->n] = (struct limit_row){
		.id = id,
		.limit = limit,
		.used = used,
		.headroom = unlimited ? limit : amount_headroom(limit, used),
	};
	return &l->rows[l->n++];
}

#define AT(field) offsetof(struct cgroup_level, field)

/* The limits that each level of a control group may have. */
static const struct level_limit {
	enum limit_id id;
	int version;        /* the version that has it; 0: both */
	size_t limit, used; /* offsets of the amounts in struct cgroup_level */
	bool cache, swap;   /* the kernel makes room by dropping cache, by swapping */
} level_limits[] = {
	{ .id = LIMIT_CGROUP_MAX,
	  .limit = AT(max),
	  .used = AT(current),
	  .cache = true,
	  .swap = true },
	{ .id = LIMIT_CGROUP_HIGH,
	  .version = 2,
	  .limit = AT(high),
	  .used = AT(current),
	  .cache = true,
	  .swap = true },
	{ .id = LIMIT_CGROUP_SWAP_MAX,
	  .version = 2,
	  .limit = AT(swap_max),
	  .used = AT(swap_current) },
	{ .id = LIMIT_CGROUP_MEMSW_MAX,
	  .version = 1,
	  .limit = AT(memsw_max),
	  .used = AT(memsw_current),
	  .cache = true },
};

static struct amount level_amount(const struct cgroup_level *level, size_t offset)
{
	return *(const struct amount *)(const void *)((const char *)level + offset);
}

/*
 * Returns the swap that the process may still use: the free swap of the system, within the limits
 * of its groups.
 */
static uint64_t swap_room(const struct snapshot *s)
{
	struct amount free_swap = s->sys.v[SM_SWAP_FREE];
	uint64_t room = amount_ok(free_swap) ? free_swap.value : 0;

	for (size_t i = 0; i < s->cgroup.n; i++) {
		const struct cgroup_level *level = &s->cgroup.levels[i];
		struct amount left = amount_headroom(level->swap_max, level->swap_current);

		if (amount_ok(left))
			room = MIN(room, left.value);
	}
	return room;
}

/*
 * Returns whether a level has a limit. If a visible group does not have the file, there is no limit
 * and no row; the root of version 2 never has limits.
 */
static bool has_limit(const struct cgroup *cg, const struct cgroup_level *level,
		      const struct level_limit *what)
{
	struct amount limit = level_amount(level, what->limit);

	if (what->version && what->version != cg->version)
		return false;
	if (limit.why == REASON_NOT_RECORDED)
		return cg->version == 1 || !streq(level->path, "/");
	return limit.why != REASON_NOT_REPORTED;
}

/*
 * memory.stat is read for the process's own group only; its cache is part of the cache of the
 * groups above.
 */
static void add_cgroup(struct builder *b)
{
	const struct cgroup *cg = &b->s->cgroup;
	uint64_t cache = 0, swap = swap_room(b->s);

	if (cg->version == 0 && cg->why == REASON_NOT_RECORDED)
		(void)add_row(b, LIMIT_CGROUP_MAX, amount_absent(cg->why), amount_absent(cg->why));
	for (size_t level = 0; level < cg->n; level++) {
		const struct cgroup_level *l = &cg->levels[level];

		if (amount_ok(l->stat[CS_INACTIVE_FILE]))
			cache = l->stat[CS_INACTIVE_FILE].value;
		for (size_t i = 0; i < ARRAY_SIZE(level_limits); i++) {
			const struct level_limit *what = &level_limits[i];
			struct limit_row *row;

			if (!has_limit(cg, l, what))
				continue;
			row = add_row(b, what->id, level_amount(l, what->limit),
				      level_amount(l, what->used));
			row->path = l->path;
			row->reclaimable_bytes = what->cache ? cache : 0;
			row->swap_room_bytes = what->swap ? swap : 0;
		}
	}
}

static void add_rlimits(struct builder *b)
{
	const struct snapshot *s = b->s;

	(void)add_row(b, LIMIT_RLIMIT_AS, s->limits.soft[PL_AS], status_of(s, PS_VM_SIZE));
	(void)add_row(b, LIMIT_RLIMIT_DATA, s->limits.soft[PL_DATA], status_of(s, PS_VM_DATA));
	(void)add_row(b, LIMIT_RLIMIT_STACK, s->limits.soft[PL_STACK], status_of(s, PS_VM_STK));
}

static void add_address_space(struct builder *b, const struct accounting *a)
{
	const struct snapshot *s = b->s;
	enum reason why = s->regions_why ? s->regions_why
			  : s->partial   ? REASON_PARTIAL
					 : REASON_NONE;
	struct limit_row *row;

	(void)add_row(b, LIMIT_MAP_COUNT, s->sys.max_map_count,
		      why ? amount_absent(why) : amount_of(a->totals.map_count));
	row = add_row(b, LIMIT_LARGEST_GAP, amount_absent(REASON_BY_DESIGN),
		      amount_absent(REASON_BY_DESIGN));
	row->headroom = why ? amount_absent(why) : amount_of(s->largest_gap_bytes);
}

/* Source: mm/util.c, __vm_enough_memory; Documentation/mm/overcommit-accounting.rst. */
static void add_overcommit(struct builder *b)
{
	const struct sysmem *sys = &b->s->sys;
	struct amount committed = sys->v[SM_COMMITTED];
	struct limit_row *row;

	if (!amount_ok(sys->overcommit)) {
		(void)add_row(b, LIMIT_OVERCOMMIT, sys->overcommit, committed);
	} else if (sys->overcommit.value == OVERCOMMIT_NEVER) {
		(void)add_row(b, LIMIT_OVERCOMMIT, sys->v[SM_COMMIT_LIMIT], committed);
	} else if (sys->overcommit.value == OVERCOMMIT_ALWAYS) {
		(void)add_row(b, LIMIT_OVERCOMMIT, amount_of(UINT64_MAX), committed);
	} else {
		row = add_row(b, LIMIT_OVERCOMMIT,
			      amount_add(sys->v[SM_MEM_TOTAL], sys->v[SM_SWAP_TOTAL]),
			      amount_absent(REASON_BY_DESIGN));
		row->headroom = row->limit;
	}
}

static void add_system(struct builder *b)
{
	const struct amount *v = b->s->sys.v;
	struct amount total = amount_add(v[SM_MEM_TOTAL], v[SM_SWAP_TOTAL]);
	struct amount available = amount_add(v[SM_MEM_AVAILABLE], v[SM_SWAP_FREE]);
	struct limit_row *row;

	row = add_row(b, LIMIT_SYSTEM_AVAILABLE, total, amount_headroom(total, available));
	row->headroom = available;
}

void limits_init(struct limits *ret, const struct snapshot *s, const struct accounting *a)
{
	struct builder b = { .limits = ret, .s = s };

	*ret = (struct limits){ 0 };
	add_cgroup(&b);
	add_rlimits(&b);
	add_address_space(&b, a);
	add_overcommit(&b);
	add_system(&b);
}

void limits_release(struct limits *l)
{
	if (!l)
		return;
	free(l->rows);
	*l = (struct limits){ 0 };
}

/*
 * Returns the largest allocation that the row allows; an allocation of any size needs only one
 * mapping.
 */
static uint64_t room_of(const struct limit_row *row)
{
	if (limit_descs[row->id].is_count)
		return row->headroom.value > 0 ? UINT64_MAX : 0;
	return num_add_sat(row->headroom.value,
			   num_add_sat(row->reclaimable_bytes, row->swap_room_bytes));
}

struct would_fit limits_would_fit(const struct limits *l, uint64_t bytes)
{
	const struct limit_row *tightest = NULL, *unreadable = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct limit_row *row = &l->rows[i];

		if (!limit_descs[row->id].decides)
			continue;
		if (!amount_ok(row->headroom))
			unreadable = unreadable ? unreadable : row;
		else if (bytes > room_of(row) && (!tightest || room_of(row) < room_of(tightest)))
			tightest = row;
	}
	return (struct would_fit){
		.bytes = bytes,
		.fits = tightest     ? FIT_NO
			: unreadable ? FIT_UNKNOWN
				     : FIT_YES,
		.row = tightest ? tightest : unreadable,
	};
}

const struct limit_row *limits_nearest(const struct limits *l, uint64_t *ret_room)
{
	const struct limit_row *nearest = NULL;
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < l->n; i++) {
		const struct limit_row *row = &l->rows[i];
		uint64_t room;

		if (limit_descs[row->id].is_count || !limit_descs[row->id].decides ||
		    !amount_ok(row->headroom) || row->headroom.value == UINT64_MAX)
			continue;
		room = num_add_sat(row->headroom.value, row->reclaimable_bytes);
		if (room >= least)
			continue;
		least = room;
		nearest = row;
	}
	if (nearest)
		*ret_room = least;
	return nearest;
}
