/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/account/group: address spaces are counted once, and the charge of a control
 * group adds up.
 */
#include "analysis/account/group.h"

#include <errno.h>

#include "snap.h"

enum { MEMBERS = 3 };

struct scene {
	struct snapshot s[MEMBERS];
	struct accounting a[MEMBERS];
	struct group_member members[MEMBERS];
	struct group g;
};

/*
 * Three processes in /svc, KiB: 100 anonymous each, and 60 of shared memory that each maps. The
 * group is charged 1000: anonymous 300, shmem 60, cache 400, slab 50, stacks 48, tables 30, sockets
 * 12, and 100 of others.
 */
static void build(struct scene *sc)
{
	static const struct snap_region shm = {
		.start = 0x7f0000000000,
		.size_kib = 60,
		.perms = SNAP_RW | VMA_SHARED,
		.name = "/dev/shm/x",
		.inode = 5,
		.tmpfs = true,
		.category = CAT_SHARED_MEMORY,
		.kib = { [MC_RSS] = 60, [MC_PSS] = 20, [MC_SHARED_DIRTY] = 60 },
	};

	*sc = (struct scene){ 0 };
	for (int i = 0; i < MEMBERS; i++) {
		struct snapshot *s = &sc->s[i];
		struct cgroup_level *level = xcalloc(1, sizeof(*level));

		snap_init(s);
		snap_add_anonymous(s, 0x10000, 200, 100);
		(void)snap_add(s, &shm);
		level->path = xstrdup("/svc");
		level->current = amount_of(KIB(1000));
		level->stat[CS_ANON] = amount_of(KIB(300));
		level->stat[CS_FILE] = amount_of(KIB(460));
		level->stat[CS_SHMEM] = amount_of(KIB(60));
		level->stat[CS_SLAB] = amount_of(KIB(50));
		level->stat[CS_KERNEL_STACK] = amount_of(KIB(48));
		level->stat[CS_PAGE_TABLES] = amount_of(KIB(30));
		level->stat[CS_SOCK] = amount_of(KIB(12));
		level->has_stat = true;
		s->cgroup = (struct cgroup){ .version = 2, .levels = level, .n = 1 };
		sc->members[i] = (struct group_member){ .snapshot = s, .accounting = &sc->a[i] };
	}
}

static const struct group *sum_up(struct scene *sc)
{
	for (int i = 0; i < MEMBERS; i++)
		accounting_init(&sc->a[i], &sc->s[i]);
	group_init(&sc->g, sc->members, MEMBERS);
	return &sc->g;
}

static void release(struct scene *sc)
{
	group_release(&sc->g);
	for (int i = 0; i < MEMBERS; i++) {
		accounting_release(&sc->a[i]);
		snapshot_release(&sc->s[i]);
	}
}

#define auto_scene __attribute__((cleanup(release))) struct scene

static const struct group_recon_row *recon(const struct group *g, const char *id)
{
	for (size_t i = 0; i < g->n_recon; i++)
		if (streq(g->recon[i].id, id))
			return &g->recon[i];
	fail_msg("no row %s", id);
	return NULL;
}

static void test_sums(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	g = sum_up(&sc);
	assert_int_equal(g->count, 3);
	assert_int_equal(g->address_spaces, 3);
	assert_int_equal(g->unread, 0);
	assert_kib(g->sum.rss, 480);
	assert_kib(g->sum.pss, 360);
	assert_kib(g->sum.uss, 300);
	assert_int_equal(g->sum.size_bytes, KIB(780));
	assert_int_equal(g->sum.mappings, 6);
	assert_kib(g->categories[CAT_ANONYMOUS].pss, 300);
	assert_kib(g->categories[CAT_SHARED_MEMORY].pss, 60);
	assert_kib(g->categories[CAT_HEAP].pss, 0);
}

/* What one member does not know of a category cannot be left out of the sum. */
static void test_undivided(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	(void)snap_add(&sc.s[1], &(struct snap_region){
					 .start = 0x7f0000100000,
					 .size_kib = 64,
					 .perms = SNAP_RW,
					 .marks = MARK_UNNAMED,
					 .category = CAT_PROGRAM,
					 .kib = { SNAP_KIB(40, 25, 0, 20, 0, 20, 40) },
				 });
	snap_add_part(&sc.s[1], 16, 12, CAT_PROGRAM, EV_INFERRED, OWNER_FILE, "prog");
	snap_add_part(&sc.s[1], 48, 28, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	g = sum_up(&sc);
	assert_absent(g->categories[CAT_ANONYMOUS].pss, REASON_PART_OF_MAPPING);
	assert_absent(g->categories[CAT_ANONYMOUS].uss, REASON_PART_OF_MAPPING);
	assert_kib(g->categories[CAT_ANONYMOUS].rss, 328);
	assert_kib(g->categories[CAT_SHARED_MEMORY].pss, 60);
	assert_kib(g->sum.pss, 385);
}

static void test_shared_address_space(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	sc.members[2].shares_mm = true;
	g = sum_up(&sc);
	assert_int_equal(g->count, 3);
	assert_int_equal(g->address_spaces, 2);
	assert_kib(g->sum.pss, 240);
	assert_kib(g->categories[CAT_ANONYMOUS].pss, 200);
	assert_kib(recon(g, "members_anonymous")->bytes, 200);
	assert_kib(recon(g, "rest")->bytes, 220);
}

static void test_no_address_space(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	snapshot_drop_regions(&sc.s[1]);
	sc.s[1].regions_why = REASON_NO_MM;
	g = sum_up(&sc);
	assert_int_equal(g->count, 3);
	assert_int_equal(g->address_spaces, 2);
	assert_int_equal(g->unread, 0);
	assert_kib(g->sum.pss, 240);
	assert_kib(recon(g, "members_anonymous")->bytes, 200);
}

static void test_unread_member(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	snapshot_drop_regions(&sc.s[1]);
	sc.s[1].regions_why = REASON_DENIED;
	g = sum_up(&sc);
	assert_int_equal(g->address_spaces, 3);
	assert_int_equal(g->unread, 1);
	assert_kib(g->sum.pss, 240);
	assert_absent(recon(g, "members_anonymous")->bytes, REASON_DENIED);
	assert_absent(recon(g, "members_shmem")->bytes, REASON_DENIED);
	assert_kib(recon(g, "slab")->bytes, 50);
	assert_absent(recon(g, "rest")->bytes, REASON_DENIED);
}

static void test_recon(void **state attr_unused)
{
	static const struct {
		const char *id;
		uint64_t kib;
	} want[] = {
		{ "members_anonymous", 300 },
		{ "members_shmem", 60 },
		{ "page_cache", 400 },
		{ "slab", 50 },
		{ "kernel_stacks", 48 },
		{ "page_tables", 30 },
		{ "sockets", 12 },
		{ "rest", 100 },
	};
	const struct group *g;
	auto_scene sc;
	uint64_t sum = 0;

	build(&sc);
	g = sum_up(&sc);
	assert_string_equal(g->cgroup_path, "/svc");
	assert_int_equal(g->cgroup_why, REASON_NONE);
	assert_kib(g->cgroup_current, 1000);
	assert_int_equal(g->n_recon, ARRAY_SIZE(want));
	for (size_t i = 0; i < g->n_recon; i++) {
		assert_string_equal(g->recon[i].id, want[i].id);
		assert_kib(g->recon[i].bytes, want[i].kib);
		assert_non_null(g->recon[i].help);
		assert_false(g->recon[i].negative);
		sum += g->recon[i].bytes.value;
	}
	assert_int_equal(sum, g->cgroup_current.value);
}

static void test_negative_rest(void **state attr_unused)
{
	const struct group_recon_row *rest;
	auto_scene sc;

	build(&sc);
	sc.s[0].cgroup.levels[0].current = amount_of(KIB(870));
	rest = recon(sum_up(&sc), "rest");
	assert_kib(rest->bytes, 30);
	assert_true(rest->negative);
}

static void test_version_1(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	sc.s[0].cgroup.version = 1;
	sc.s[0].cgroup.levels[0].stat[CS_SLAB] = amount_absent(REASON_NOT_REPORTED);
	sc.s[0].cgroup.levels[0].stat[CS_SOCK] = amount_absent(REASON_NOT_REPORTED);
	g = sum_up(&sc);
	assert_absent(recon(g, "slab")->bytes, REASON_NOT_REPORTED);
	assert_kib(recon(g, "rest")->bytes, 100 + 50 + 12);
}

static void test_no_stat(void **state attr_unused)
{
	const struct group *g;
	auto_scene sc;

	build(&sc);
	for (int i = 0; i < CS_COUNT; i++)
		sc.s[0].cgroup.levels[0].stat[i] = amount_absent(REASON_DENIED);
	g = sum_up(&sc);
	assert_kib(g->cgroup_current, 1000);
	assert_kib(recon(g, "members_anonymous")->bytes, 300);
	assert_absent(recon(g, "page_cache")->bytes, REASON_DENIED);
	assert_absent(recon(g, "rest")->bytes, REASON_DENIED);
}

static void set_other_group(struct scene *sc)
{
	sc->s[2].cgroup.levels[0].path[1] = 'x';
}

static void set_no_group(struct scene *sc)
{
	cgroup_release(&sc->s[1].cgroup);
	sc->s[1].cgroup.why = REASON_NO_CGROUP;
}

static void set_first_no_group(struct scene *sc)
{
	cgroup_release(&sc->s[0].cgroup);
	sc->s[0].cgroup.why = REASON_NO_CGROUP;
}

static void set_no_current(struct scene *sc)
{
	sc->s[0].cgroup.levels[0].current = amount_absent(REASON_CGROUP_NOT_VISIBLE);
}

struct why_row {
	const char *name;
	void (*set)(struct scene *sc);
	enum reason why;
};

static const struct why_row why_rows[] = {
	{ "members of several groups", set_other_group, REASON_SEVERAL_CGROUPS },
	{ "a member without a group", set_no_group, REASON_NO_CGROUP },
	{ "the first member without a group", set_first_no_group, REASON_NO_CGROUP },
	{ "the charge cannot be read", set_no_current, REASON_CGROUP_NOT_VISIBLE },
};

static void test_why(void **state)
{
	const struct why_row *row = *state;
	const struct group *g;
	auto_scene sc;

	build(&sc);
	row->set(&sc);
	g = sum_up(&sc);
	assert_null(g->cgroup_path);
	assert_int_equal(g->cgroup_why, row->why);
	assert_absent(g->cgroup_current, row->why);
	assert_int_equal(g->n_recon, 0);
	assert_kib(g->sum.pss, 360);
}

static void test_empty(void **state attr_unused)
{
	struct group g;

	group_init(&g, NULL, 0);
	assert_int_equal(g.count, 0);
	assert_absent(g.sum.pss, REASON_NOT_READ);
	assert_int_equal(g.cgroup_why, REASON_NO_MEMBERS);
	group_release(&g);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "sums in PSS over processes", test_sums);
	rows_add_one(&list, "a category that one member could not divide", test_undivided);
	rows_add_one(&list, "a shared address space counts once", test_shared_address_space);
	rows_add_one(&list, "kernel threads and zombies have no memory", test_no_address_space);
	rows_add_one(&list, "a denied member is counted and leaves rows open", test_unread_member);
	rows_add_one(&list, "the charge of the group adds up", test_recon);
	rows_add_one(&list, "the rest may be below zero", test_negative_rest);
	rows_add_one(&list, "the rest has what the kernel does not report", test_version_1);
	rows_add_one(&list, "without memory.stat the rest is absent", test_no_stat);
	ROWS_ADD(&list, "no reconciliation", why_rows, test_why);
	rows_add_one(&list, "no process", test_empty);
	return rows_run("group", &list);
}
