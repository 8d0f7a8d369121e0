/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/account/group.h"

#include "base/alloc.h"
#include "base/num.h"

enum recon {
	RECON_ANONYMOUS,
	RECON_SHMEM,
	RECON_PAGE_CACHE,
	RECON_SLAB,
	RECON_KERNEL_STACKS,
	RECON_PAGE_TABLES,
	RECON_SOCKETS,
	RECON_REST,
	RECON_COUNT
};

/* The parts of a control group's charge. */
static const struct group_recon_row recon_rows[RECON_COUNT] = {
	[RECON_ANONYMOUS] = { .id = "members_anonymous",
			      .help = "anonymous memory of these processes (PSS)" },
	[RECON_SHMEM] = { .id = "members_shmem", .help = "shared memory of these processes (PSS)" },
	[RECON_PAGE_CACHE] = { .id = "page_cache",
			       .help = "page cache of the group, without shared memory" },
	[RECON_SLAB] = { .id = "slab", .help = "kernel objects (slab): inodes, dentries, sockets" },
	[RECON_KERNEL_STACKS] = { .id = "kernel_stacks",
				  .help = "kernel stacks of the group's threads" },
	[RECON_PAGE_TABLES] = { .id = "page_tables", .help = "page tables of the group" },
	[RECON_SOCKETS] = { .id = "sockets", .help = "buffers of network sockets" },
	/* Negative if memory of the members was charged to another group. */
	[RECON_REST] = { .id = "rest",
			 .help = "other processes, unmapped shared memory, the kernel" },
};

static struct line line_of_totals(const struct totals *t)
{
	return (struct line){
		.rss = t->rss,
		.pss = t->pss,
		.uss = t->uss,
		.swap = t->swap,
		.lazyfree = t->lazyfree,
		.size_bytes = t->counts.v[MC_SIZE],
		.mappings = amount_ok(t->mappings) ? t->mappings.value : 0,
	};
}

/* A sum starts absent and takes the first value that is added. */
static struct line line_unread(void)
{
	return (struct line){
		AMOUNT_UNREAD, AMOUNT_UNREAD, AMOUNT_UNREAD, AMOUNT_UNREAD, AMOUNT_UNREAD, 0, 0
	};
}

static bool has_own_mm(const struct group_member *m)
{
	return !m->shares_mm && m->snapshot->regions_why != REASON_NO_MM;
}

static void sum_members(struct group *g, const struct group_member *members, size_t n)
{
	g->count = n;
	g->sum = line_unread();
	for (int k = 0; k < CAT_COUNT; k++)
		g->categories[k] = line_unread();
	for (size_t i = 0; i < n; i++) {
		const struct accounting *a = members[i].accounting;
		struct line sum = line_of_totals(&a->totals);

		if (!has_own_mm(&members[i]))
			continue;
		g->address_spaces++;
		g->unread += !amount_ok(a->totals.pss);
		line_add(&g->sum, &sum);
		for (int k = 0; k < CAT_COUNT; k++)
			line_add(&g->categories[k], &a->categories[k].sum);
	}
}

/* Returns the group that all members are in, or NULL with the reason. */
static const struct cgroup_level *common_level(const struct group_member *members, size_t n,
					       enum reason *ret_why)
{
	const struct cgroup *first = n ? &members[0].snapshot->cgroup : NULL;

	if (!first || first->n == 0) {
		*ret_why = first ? first->why : REASON_NO_MEMBERS;
		return NULL;
	}
	for (size_t i = 1; i < n; i++) {
		const struct cgroup *cg = &members[i].snapshot->cgroup;

		if (cg->n == 0) {
			*ret_why = cg->why;
			return NULL;
		}
		if (!streq(cg->levels[0].path, first->levels[0].path)) {
			*ret_why = REASON_SEVERAL_CGROUPS;
			return NULL;
		}
	}
	return &first->levels[0];
}

/* Fills in the memory of the members by kind, only if it is known for all members. */
static void fill_members(struct group *g, const struct group_member *members, size_t n)
{
	struct amount anonymous = amount_of(0), shmem = amount_of(0);

	for (size_t i = 0; i < n; i++) {
		if (!has_own_mm(&members[i]))
			continue;
		anonymous = amount_add(anonymous, members[i].accounting->totals.pss_anonymous);
		shmem = amount_add(shmem, members[i].accounting->totals.pss_shmem);
	}
	g->recon[RECON_ANONYMOUS].bytes = anonymous;
	g->recon[RECON_SHMEM].bytes = shmem;
}

/* In both versions of control groups, "file" includes shared memory. */
static void fill_charges(struct group *g, const struct cgroup_level *level)
{
	const struct amount *stat = level->stat;

	g->recon[RECON_PAGE_CACHE].bytes = amount_headroom(stat[CS_FILE], stat[CS_SHMEM]);
	g->recon[RECON_SLAB].bytes = stat[CS_SLAB];
	g->recon[RECON_KERNEL_STACKS].bytes = stat[CS_KERNEL_STACK];
	g->recon[RECON_PAGE_TABLES].bytes = stat[CS_PAGE_TABLES];
	g->recon[RECON_SOCKETS].bytes = stat[CS_SOCK];
}

/* The rest is useful only if the parts that usually make up most of the charge are known. */
static void fill_rest(struct group *g)
{
	struct group_recon_row *rest = &g->recon[RECON_REST];
	uint64_t parts = 0, current = g->cgroup_current.value;

	for (int i = 0; i < RECON_REST; i++) {
		struct amount bytes = g->recon[i].bytes;

		if (!amount_ok(bytes) && i <= RECON_PAGE_CACHE) {
			rest->bytes = bytes;
			return;
		}
		parts = num_add_sat(parts, amount_ok(bytes) ? bytes.value : 0);
	}
	rest->negative = parts > current;
	rest->bytes = amount_of(rest->negative ? parts - current : current - parts);
}

void group_init(struct group *ret, const struct group_member *members, size_t n)
{
	const struct cgroup_level *level;

	*ret = (struct group){ 0 };
	sum_members(ret, members, n);
	level = common_level(members, n, &ret->cgroup_why);
	if (level && !amount_ok(level->current)) {
		ret->cgroup_why = level->current.why;
		level = NULL;
	}
	ret->cgroup_current = level ? level->current : amount_absent(ret->cgroup_why);
	if (!level)
		return;
	ret->cgroup_path = level->path;
	ret->n_recon = RECON_COUNT;
	ret->recon = xcalloc(RECON_COUNT, sizeof(*ret->recon));
	memcpy(ret->recon, recon_rows, sizeof(recon_rows));
	fill_members(ret, members, n);
	fill_charges(ret, level);
	fill_rest(ret);
}

void group_release(struct group *g)
{
	if (!g)
		return;
	free(g->recon);
	*g = (struct group){ 0 };
}
