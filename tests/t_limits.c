/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/account/limits: the rows of control groups of both versions and of the machine,
 * and which of them decides whether an allocation fits.
 */
#include "analysis/account/limits.h"

#include <errno.h>

#include "snap.h"

#define NO_LIMIT amount_of(UINT64_MAX)
#define auto_limits __attribute__((cleanup(limits_release))) struct limits

/* Adds a level of version 2 without limits that uses nothing. */
static struct cgroup_level *add_level(struct snapshot *s, const char *path)
{
	struct cgroup_level *level;

	s->cgroup.levels = xreallocarray(s->cgroup.levels, s->cgroup.n + 1, sizeof(*level));
	level = &s->cgroup.levels[s->cgroup.n++];
	*level = (struct cgroup_level){
		.path = xstrdup(path),
		.max = NO_LIMIT,
		.high = NO_LIMIT,
		.swap_max = NO_LIMIT,
		.memsw_max = amount_absent(REASON_CGROUP_VERSION),
		.memsw_current = amount_absent(REASON_CGROUP_VERSION),
	};
	for (int i = 0; i < CS_COUNT; i++)
		level->stat[i] = AMOUNT_UNREAD;
	s->cgroup.version = 2;
	return level;
}

/* Builds a process without limits, on a machine with 1000 MiB of RAM, 700 of them available. */
static void build(struct snapshot *s)
{
	snap_init(s);
	snap_add_anonymous(s, 0x10000, 64, 64);
	snap_add_anonymous(s, 0x7f0000000000, 64, 64);
	s->largest_gap_bytes = MIB(100000);
	s->limits.soft[PL_AS] = s->limits.soft[PL_DATA] = NO_LIMIT;
	s->limits.soft[PL_STACK] = amount_of(MIB(8));
	s->status.v[PS_VM_SIZE] = amount_of(MIB(500));
	s->status.v[PS_VM_DATA] = amount_of(MIB(300));
	s->status.v[PS_VM_STK] = amount_of(MIB(1));
	s->sys.max_map_count = amount_of(65530);
	s->sys.overcommit = amount_of(1);
	s->sys.v[SM_MEM_TOTAL] = amount_of(MIB(1000));
	s->sys.v[SM_MEM_AVAILABLE] = amount_of(MIB(700));
	s->sys.v[SM_SWAP_TOTAL] = s->sys.v[SM_SWAP_FREE] = amount_of(0);
	s->sys.v[SM_COMMIT_LIMIT] = amount_of(MIB(800));
	s->sys.v[SM_COMMITTED] = amount_of(MIB(600));
}

static void limits_of(struct limits *ret, const struct snapshot *s)
{
	struct accounting a;

	accounting_init(&a, s);
	limits_init(ret, s, &a);
	accounting_release(&a);
}

/* Returns the n-th row of that limit, from 0; NULL if there are fewer. */
static const struct limit_row *find(const struct limits *l, enum limit_id id, size_t n)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].id == id && n-- == 0)
			return &l->rows[i];
	return NULL;
}

static void test_descs(void **state attr_unused)
{
	for (int i = 0; i < LIMIT_COUNT; i++) {
		assert_non_null(limit_descs[i].id);
		assert_non_null(limit_descs[i].title);
		assert_non_null(limit_descs[i].help);
	}
}

static void test_plain(void **state attr_unused)
{
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.limits.soft[PL_DATA] = amount_of(MIB(400));
	limits_of(&l, &s);
	assert_null(find(&l, LIMIT_CGROUP_MAX, 0));
	assert_amount(find(&l, LIMIT_RLIMIT_AS, 0)->headroom, UINT64_MAX);
	assert_amount(find(&l, LIMIT_RLIMIT_DATA, 0)->headroom, MIB(100));
	assert_amount(find(&l, LIMIT_RLIMIT_STACK, 0)->headroom, MIB(7));
	assert_amount(find(&l, LIMIT_MAP_COUNT, 0)->used, 2);
	assert_amount(find(&l, LIMIT_MAP_COUNT, 0)->headroom, 65528);
	assert_amount(find(&l, LIMIT_LARGEST_GAP, 0)->headroom, MIB(100000));
	assert_false(amount_ok(find(&l, LIMIT_LARGEST_GAP, 0)->limit));
	assert_amount(find(&l, LIMIT_SYSTEM_AVAILABLE, 0)->limit, MIB(1000));
	assert_amount(find(&l, LIMIT_SYSTEM_AVAILABLE, 0)->used, MIB(300));
	assert_amount(find(&l, LIMIT_SYSTEM_AVAILABLE, 0)->headroom, MIB(700));
}

static void test_unlimited_without_use(void **state attr_unused)
{
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.status.v[PS_VM_SIZE] = amount_absent(REASON_NOT_REPORTED);
	limits_of(&l, &s);
	assert_amount(find(&l, LIMIT_RLIMIT_AS, 0)->headroom, UINT64_MAX);
}

struct overcommit_row {
	const char *name;
	uint64_t mode;
	uint64_t limit;
	uint64_t headroom;
};

static const struct overcommit_row overcommit_rows[] = {
	{ "heuristic: RAM and swap for one request", 0, MIB(1000), MIB(1000) },
	{ "always: unlimited", 1, UINT64_MAX, UINT64_MAX },
	{ "never: the commit limit", 2, MIB(800), MIB(200) },
};

static void test_overcommit(void **state)
{
	const struct overcommit_row *row = *state;
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.sys.overcommit = amount_of(row->mode);
	limits_of(&l, &s);
	assert_amount(find(&l, LIMIT_OVERCOMMIT, 0)->limit, row->limit);
	assert_amount(find(&l, LIMIT_OVERCOMMIT, 0)->headroom, row->headroom);
}

static void test_cgroup2(void **state attr_unused)
{
	struct cgroup_level *own, *above, *root;
	const struct limit_row *row;
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.sys.v[SM_SWAP_TOTAL] = amount_of(MIB(100));
	s.sys.v[SM_SWAP_FREE] = amount_of(MIB(50));
	own = add_level(&s, "/a/b");
	own->max = amount_of(MIB(256));
	own->current = amount_of(MIB(200));
	own->stat[CS_INACTIVE_FILE] = amount_of(MIB(30));
	above = add_level(&s, "/a");
	above->current = amount_of(MIB(300));
	above->high = amount_of(MIB(350));
	above->swap_max = amount_of(MIB(20));
	above->swap_current = amount_of(MIB(8));
	root = add_level(&s, "/");
	root->max = root->high = root->swap_max = amount_absent(REASON_NOT_REPORTED);
	limits_of(&l, &s);

	row = find(&l, LIMIT_CGROUP_MAX, 0);
	assert_string_equal(row->path, "/a/b");
	assert_amount(row->headroom, MIB(56));
	assert_int_equal(row->reclaimable_bytes, MIB(30));
	assert_int_equal(row->swap_room_bytes, MIB(12)); /* the limit of the group above */
	row = find(&l, LIMIT_CGROUP_MAX, 1);
	assert_string_equal(row->path, "/a");
	assert_amount(row->headroom, UINT64_MAX);
	assert_int_equal(row->reclaimable_bytes, MIB(30)); /* at least that of the group below */
	assert_null(find(&l, LIMIT_CGROUP_MAX, 2));        /* the root has no limit */
	assert_amount(find(&l, LIMIT_CGROUP_HIGH, 1)->headroom, MIB(50));
	assert_amount(find(&l, LIMIT_CGROUP_SWAP_MAX, 1)->headroom, MIB(12));
	assert_null(find(&l, LIMIT_CGROUP_MEMSW_MAX, 0));
}

static void test_cgroup1(void **state attr_unused)
{
	struct cgroup_level *own;
	auto_snapshot s;
	auto_limits l;

	build(&s);
	own = add_level(&s, "/docker/x");
	s.cgroup.version = 1;
	own->max = amount_of(MIB(256));
	own->current = amount_of(MIB(200));
	own->high = own->swap_max = amount_absent(REASON_CGROUP_VERSION);
	own->memsw_max = amount_of(MIB(300));
	own->memsw_current = amount_of(MIB(210));
	limits_of(&l, &s);
	assert_amount(find(&l, LIMIT_CGROUP_MAX, 0)->headroom, MIB(56));
	assert_amount(find(&l, LIMIT_CGROUP_MEMSW_MAX, 0)->headroom, MIB(90));
	assert_null(find(&l, LIMIT_CGROUP_HIGH, 0));
	assert_null(find(&l, LIMIT_CGROUP_SWAP_MAX, 0));
}

static void test_denied(void **state attr_unused)
{
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.regions_why = REASON_DENIED;
	limits_of(&l, &s);
	assert_absent(find(&l, LIMIT_MAP_COUNT, 0)->headroom, REASON_DENIED);
	assert_absent(find(&l, LIMIT_LARGEST_GAP, 0)->headroom, REASON_DENIED);
	assert_int_equal(limits_would_fit(&l, 1).fits, FIT_UNKNOWN);
}

static void test_partial(void **state attr_unused)
{
	auto_snapshot s;
	auto_limits l;

	build(&s);
	s.partial = REASON_EXITED;
	limits_of(&l, &s);
	assert_absent(find(&l, LIMIT_MAP_COUNT, 0)->used, REASON_PARTIAL);
	assert_absent(find(&l, LIMIT_LARGEST_GAP, 0)->headroom, REASON_PARTIAL);
}

static void set_as(struct snapshot *s)
{
	s->limits.soft[PL_AS] = amount_of(MIB(600));
}

static void set_as_and_data(struct snapshot *s)
{
	set_as(s);
	s->limits.soft[PL_DATA] = amount_of(MIB(320));
}

static void set_as_unreadable(struct snapshot *s)
{
	s->limits.soft[PL_AS] = amount_absent(REASON_DENIED);
}

static void set_as_unreadable_and_data(struct snapshot *s)
{
	set_as_unreadable(s);
	s->limits.soft[PL_DATA] = amount_of(MIB(320));
}

static void set_stack(struct snapshot *s)
{
	s->limits.soft[PL_STACK] = amount_of(MIB(1));
}

static void set_maps_full(struct snapshot *s)
{
	s->sys.max_map_count = amount_of(2);
}

static void set_maps_one_left(struct snapshot *s)
{
	s->sys.max_map_count = amount_of(3);
}

static void set_gap(struct snapshot *s)
{
	s->largest_gap_bytes = MIB(64);
}

static void set_never(struct snapshot *s)
{
	s->sys.overcommit = amount_of(2);
}

static void set_heuristic(struct snapshot *s)
{
	s->sys.overcommit = amount_of(0);
	s->sys.v[SM_MEM_TOTAL] = amount_of(MIB(650));
}

static void set_cgroup(struct snapshot *s)
{
	struct cgroup_level *level = add_level(s, "/a");

	level->max = amount_of(MIB(256));
	level->current = amount_of(MIB(200));
	level->stat[CS_INACTIVE_FILE] = amount_of(MIB(30));
	(void)add_level(s, "/");
}

static void set_cgroup_and_swap(struct snapshot *s)
{
	set_cgroup(s);
	s->sys.v[SM_SWAP_FREE] = amount_of(MIB(100));
}

static void set_high(struct snapshot *s)
{
	add_level(s, "/a")->high = amount_of(MIB(1));
}

static void set_swap_full(struct snapshot *s)
{
	add_level(s, "/a")->swap_max = amount_of(0);
}

static void set_hidden(struct snapshot *s)
{
	struct cgroup_level *level = add_level(s, "/a");

	level->max = level->high = level->current = amount_absent(REASON_CGROUP_NOT_VISIBLE);
}

static void set_hidden_root(struct snapshot *s)
{
	(void)add_level(s, "/a");
	set_hidden(s);
	s->cgroup.levels[1].path[1] = '\0';
}

static void set_root_without_files(struct snapshot *s)
{
	struct cgroup_level *level = add_level(s, "/");

	level->max = level->high = amount_absent(REASON_NOT_REPORTED);
	level->current = amount_absent(REASON_CGROUP_ROOT);
}

static void set_root_not_recorded(struct snapshot *s)
{
	struct cgroup_level *level = add_level(s, "/");

	level->max = level->high = level->current = amount_absent(REASON_NOT_RECORDED);
}

static void set_level_not_recorded(struct snapshot *s)
{
	struct cgroup_level *level = add_level(s, "/a");

	level->max = level->high = level->current = amount_absent(REASON_NOT_RECORDED);
}

static void set_cgroup_not_recorded(struct snapshot *s)
{
	s->cgroup.why = REASON_NOT_RECORDED;
}

struct fit_row {
	const char *name;
	void (*set)(struct snapshot *s); /* NULL: as built */
	uint64_t mib;
	enum fit fits;
	const char *id; /* of the row that decides; NULL: no row */
};

static const struct fit_row fit_rows[] = {
	{ "no limit refuses", NULL, 600, FIT_YES, NULL },
	{ "all that the machine has", NULL, 700, FIT_YES, NULL },
	{ "more than the machine has", NULL, 701, FIT_NO, "system_available" },
	{ "0 bytes always fit", NULL, 0, FIT_YES, NULL },
	{ "up to RLIMIT_AS", set_as, 100, FIT_YES, NULL },
	{ "beyond RLIMIT_AS", set_as, 101, FIT_NO, "rlimit_as" },
	{ "the tightest of two refuses", set_as_and_data, 200, FIT_NO, "rlimit_data" },
	{ "an unreadable limit leaves it open", set_as_unreadable, 100, FIT_UNKNOWN, "rlimit_as" },
	{ "another limit still refuses", set_as_unreadable_and_data, 100, FIT_NO, "rlimit_data" },
	{ "the main stack's limit does not decide", set_stack, 600, FIT_YES, NULL },
	{ "no mapping is left", set_maps_full, 1, FIT_NO, "map_count" },
	{ "one mapping is left", set_maps_one_left, 600, FIT_YES, NULL },
	{ "no hole is large enough", set_gap, 65, FIT_NO, "largest_gap" },
	{ "the hole is large enough", set_gap, 64, FIT_YES, NULL },
	{ "within the commit limit", set_never, 200, FIT_YES, NULL },
	{ "beyond the commit limit", set_never, 201, FIT_NO, "overcommit" },
	{ "heuristic: more than RAM and swap", set_heuristic, 660, FIT_NO, "overcommit" },
	{ "a group drops its inactive cache", set_cgroup, 86, FIT_YES, NULL },
	{ "and then refuses", set_cgroup, 87, FIT_NO, "cgroup_max" },
	{ "with swap it makes more room", set_cgroup_and_swap, 186, FIT_YES, NULL },
	{ "and refuses when swap is full", set_cgroup_and_swap, 187, FIT_NO, "cgroup_max" },
	{ "memory.high only slows down", set_high, 600, FIT_YES, NULL },
	{ "full swap alone refuses nothing", set_swap_full, 600, FIT_YES, NULL },
	{ "a group that cannot be seen leaves it open", set_hidden, 1, FIT_UNKNOWN, "cgroup_max" },
	{ "the visible top of a namespace too", set_hidden_root, 1, FIT_UNKNOWN, "cgroup_max" },
	{ "the root of version 2 has no limit", set_root_without_files, 600, FIT_YES, NULL },
	{ "nor in a recorded tree", set_root_not_recorded, 600, FIT_YES, NULL },
	{ "a level that was not recorded leaves it open", set_level_not_recorded, 1, FIT_UNKNOWN,
	  "cgroup_max" },
	{ "a membership that was not recorded leaves it open", set_cgroup_not_recorded, 1,
	  FIT_UNKNOWN, "cgroup_max" },
};

static void test_fit(void **state)
{
	const struct fit_row *row = *state;
	struct would_fit fit;
	auto_snapshot s;
	auto_limits l;

	build(&s);
	if (row->set)
		row->set(&s);
	limits_of(&l, &s);
	fit = limits_would_fit(&l, MIB(row->mib));
	assert_int_equal(fit.bytes, MIB(row->mib));
	assert_int_equal(fit.fits, row->fits);
	if (row->id)
		assert_string_equal(limit_descs[fit.row->id].id, row->id);
	else
		assert_null(fit.row);
}

int main(void)
{
	struct row_tests list = { 0 };

	rows_add_one(&list, "each limit is described", test_descs);
	rows_add_one(&list, "rows of the process and of the machine", test_plain);
	rows_add_one(&list, "unlimited needs no used value", test_unlimited_without_use);
	ROWS_ADD(&list, "overcommit", overcommit_rows, test_overcommit);
	rows_add_one(&list, "control groups of version 2: every level", test_cgroup2);
	rows_add_one(&list, "control groups of version 1: memory and swap", test_cgroup1);
	rows_add_one(&list, "denied mappings are absent and leave it open", test_denied);
	rows_add_one(&list, "incomplete mappings are absent", test_partial);
	ROWS_ADD(&list, "would fit", fit_rows, test_fit);
	return rows_run("limits", &list);
}
