/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/findings: each finding at its threshold and just below it, with its text; an
 * ordinary process has no findings.
 */
#include "analysis/findings/findings.h"

#include <errno.h>

#include "snap.h"

struct scene {
	struct snapshot s;
	struct limit_row row; /* the only limit, if there is one */
	size_t n_rows;
	struct findings_input in;
};

/* Builds a process with a heap of 64 MiB that the kernel names: no findings. */
static void build(struct scene *sc)
{
	static const struct snap_region heap = {
		.start = 0x500000,
		.size_kib = 64 << 10,
		.perms = SNAP_RW,
		.name = "[heap]",
		.category = CAT_HEAP,
		.kib = { [MC_RSS] = 64 << 10, [MC_PSS] = 64 << 10, [MC_ANONYMOUS] = 64 << 10 },
	};

	*sc = (struct scene){ .in = { .unexplained_percent = 50, .cpus = 2 } };
	snap_init(&sc->s);
	(void)snap_add(&sc->s, &heap);
	sc->s.stat.threads = 1;
	sc->s.page_bytes = 4096;
	sc->s.status.v[PS_VM_RSS] = amount_of(MIB(64));
}

/* Changes a counter of the heap. */
static void set_heap(struct scene *sc, enum mem_count which, uint64_t bytes)
{
	struct mem_counts c;
	struct region r = sc->s.regions[0];

	snapshot_counts(&sc->s, &r, &c);
	c.v[which] = bytes;
	snapshot_drop_regions(&sc->s);
	snapshot_add_region(&sc->s, &r, &c);
}

static void partial(struct scene *sc)
{
	sc->s.partial = REASON_EXITED;
}

static void torn(struct scene *sc)
{
	sc->s.consistent = false;
	sc->s.retries = 3;
}

static void torn_and_denied(struct scene *sc)
{
	sc->s.consistent = false;
	sc->s.regions_why = REASON_DENIED;
}

static void set_limit(struct scene *sc, enum limit_id id, uint64_t limit, uint64_t used)
{
	sc->row = (struct limit_row){ .id = id,
				      .limit = amount_of(limit),
				      .used = amount_of(used) };
	sc->n_rows = 1;
}

static void limit_below(struct scene *sc)
{
	set_limit(sc, LIMIT_RLIMIT_AS, MIB(1000), MIB(899));
}

static void limit_near(struct scene *sc)
{
	set_limit(sc, LIMIT_RLIMIT_AS, MIB(1000), MIB(900));
}

static void limit_close(struct scene *sc)
{
	set_limit(sc, LIMIT_CGROUP_MAX, MIB(1000), MIB(970));
	sc->row.path = "/a";
}

static void limit_full_of_cache(struct scene *sc)
{
	limit_close(sc);
	sc->row.reclaimable_bytes = MIB(100);
}

static void limit_that_slows(struct scene *sc)
{
	set_limit(sc, LIMIT_CGROUP_HIGH, MIB(1000), MIB(1100));
	sc->row.path = "/a";
}

static void limit_of_mappings(struct scene *sc)
{
	set_limit(sc, LIMIT_MAP_COUNT, 65530, 65000);
}

static void limit_none(struct scene *sc)
{
	set_limit(sc, LIMIT_RLIMIT_AS, UINT64_MAX, UINT64_MAX - 1);
}

static void limit_zero(struct scene *sc)
{
	set_limit(sc, LIMIT_CGROUP_SWAP_MAX, 0, 0);
}

static void outside_much(struct scene *sc)
{
	sc->s.status.v[PS_VM_PTE] = amount_of(MIB(2));
	sc->s.fds.pipe_bytes = amount_of(MIB(15));
}

static void outside_little(struct scene *sc)
{
	sc->s.fds.pipe_bytes = amount_of(MIB(16));
}

/* Adds a page of a file. */
static void add_file(struct scene *sc, uint64_t inode, uint8_t perms, const char *name, bool tmpfs)
{
	(void)snap_add(&sc->s, &(struct snap_region){ .start = 0x7e0000000000 + (inode << 12),
						      .size_kib = 4,
						      .perms = perms,
						      .name = name,
						      .inode = inode,
						      .tmpfs = tmpfs });
}

static void deleted(struct scene *sc)
{
	add_file(sc, 7, SNAP_RX, "/lib/libssl.so.3 (deleted)", false);
}

static void deleted_two(struct scene *sc)
{
	deleted(sc);
	add_file(sc, 8, SNAP_RX, "/lib/libcrypto.so.3 (deleted)", false);
}

static void deleted_on_purpose(struct scene *sc)
{
	add_file(sc, 7, SNAP_RX, "/tmp/libnetty123.so (deleted)", false);
	add_file(sc, 8, SNAP_RX, "/memfd:doublemapper (deleted)", true);
	add_file(sc, 9, VMA_READ, "/var/cache/x (deleted)", false);
}

static void swap_some(struct scene *sc)
{
	set_heap(sc, MC_SWAP, MIB(1));
}

static void swap_much(struct scene *sc)
{
	set_heap(sc, MC_SWAP, MIB(64));
}

static void swap_little(struct scene *sc)
{
	set_heap(sc, MC_SWAP, MIB(1) - 4096);
}

static void swap_denied(struct scene *sc)
{
	sc->s.regions_why = REASON_DENIED;
	snapshot_drop_regions(&sc->s);
	sc->s.status.v[PS_VM_SWAP] = amount_of(MIB(5));
}

/* n heaps of one arena each, `kib` resident in each. */
static void add_arenas(struct scene *sc, uint64_t n, uint64_t kib)
{
	for (uint64_t i = 0; i < n; i++) {
		uint64_t start = 0x7f0000000000 + i * MIB(64);

		(void)snap_add(&sc->s, &(struct snap_region){
					       .start = start,
					       .size_kib = 8 << 10,
					       .perms = SNAP_RW,
					       .marks = MARK_UNNAMED | MARK_GLIBC_ARENA,
					       .category = CAT_ANONYMOUS,
					       .evidence = EV_INFERRED,
					       .kib = { [MC_RSS] = kib, [MC_PSS] = kib },
				       });
	}
}

static void arenas_few(struct scene *sc)
{
	add_arenas(sc, 15, 8 << 10);
}

static void arenas_small(struct scene *sc)
{
	add_arenas(sc, 16, 100);
}

static void arenas_many(struct scene *sc)
{
	add_arenas(sc, 16, 4 << 10);
}

/* One mapping with 15 full heaps, and the last one in two pieces. */
static void arenas_merged(struct scene *sc)
{
	struct snap_region r = { .start = 0x7f0000000000,
				 .size_kib = 15 * 64 << 10,
				 .perms = SNAP_RW,
				 .marks = MARK_UNNAMED | MARK_GLIBC_ARENA,
				 .category = CAT_ANONYMOUS,
				 .evidence = EV_INFERRED,
				 .kib = { [MC_RSS] = 1024, [MC_PSS] = 1024 } };

	(void)snap_add(&sc->s, &r);
	r.start += 15 * MIB(64);
	r.size_kib = 100;
	(void)snap_add(&sc->s, &r);
	r.start += KIB(100);
	(void)snap_add(&sc->s, &r);
}

static void drift_at(struct scene *sc, uint64_t kib)
{
	sc->s.status.v[PS_VM_RSS] = sc->s.rss_after = amount_of(MIB(64) + KIB(kib));
}

static void drift_in_tolerance(struct scene *sc)
{
	drift_at(sc, 256); /* 64 pages of its one thread */
}

static void drift_beyond(struct scene *sc)
{
	drift_at(sc, 260);
}

static void drift_of_many_threads(struct scene *sc)
{
	drift_at(sc, 260);
	sc->s.stat.threads = 2;
}

static void drift_of_many_cpus(struct scene *sc)
{
	drift_at(sc, 260);
	sc->in.cpus = 5; /* 75 pages */
}

static void drift_unjudged(struct scene *sc)
{
	drift_at(sc, 9000);
	sc->in.cpus = 0;
}

static void lazyfree(struct scene *sc)
{
	set_heap(sc, MC_LAZYFREE, MIB(16));
}

static void lazyfree_little(struct scene *sc)
{
	set_heap(sc, MC_LAZYFREE, MIB(16) - 4096);
}

static void sharing(struct scene *sc)
{
	set_heap(sc, MC_PSS, MIB(32));
}

static void sharing_little(struct scene *sc)
{
	set_heap(sc, MC_PSS, MIB(32) + 4096);
}

static void hugetlb(struct scene *sc)
{
	set_heap(sc, MC_PRIVATE_HUGETLB, MIB(4));
}

static void unknown_half(struct scene *sc)
{
	snap_add_anonymous(&sc->s, 0x7f0000000000, 64 << 10, 64 << 10);
}

static void unknown_most(struct scene *sc)
{
	snap_add_anonymous(&sc->s, 0x7f0000000000, 192 << 10, 192 << 10);
}

static void unknown_denied(struct scene *sc)
{
	unknown_most(sc);
	sc->s.heap_stats.why = REASON_DENIED;
}

static void unknown_at_own_threshold(struct scene *sc)
{
	unknown_most(sc);
	sc->in.unexplained_percent = 80;
}

static void jemalloc(struct scene *sc)
{
	add_file(sc, 7, SNAP_RX, "/usr/lib/libjemalloc.so.2", false);
	snap_add_anonymous(&sc->s, 0x7f0000000000, 2048, 2048);
}

struct finding_row {
	const char *name;
	void (*set)(struct scene *sc); /* NULL: as built */
	const char *id;                /* of the only finding; NULL: no finding */
	enum severity severity;
	const char *text;
};

static const struct finding_row finding_rows[] = {
	{ "no findings", NULL, NULL, 0, NULL },
	{ "partial", partial, "partial", SEV_WARNING,
	  "The report is incomplete: the process exited while it was read." },
	{ "torn", torn, "inconsistent", SEV_WARNING,
	  "Mappings changed while they were read, in 4 attempts: some memory may be counted "
	  "twice." },
	{ "denied is not torn", torn_and_denied, NULL, 0, NULL },
	{ "limit: below 90 %", limit_below, NULL, 0, NULL },
	{ "limit: from 90 %", limit_near, "limit_near", SEV_WARNING,
	  "Limit \"address space\": 900.0 MiB of 1000.0 MiB used (90.0 %)." },
	{ "limit: from 97 %", limit_close, "limit_near", SEV_CRITICAL,
	  "Limit \"cgroup max\" of /a: 970.0 MiB of 1000.0 MiB used (97.0 %)." },
	{ "limit: inactive cache is not held against it", limit_full_of_cache, NULL, 0, NULL },
	{ "limit: a limit that slows down is not critical", limit_that_slows, "limit_near",
	  SEV_WARNING, "Limit \"cgroup high\" of /a: 1.1 GiB of 1000.0 MiB used (110.0 %)." },
	{ "limit: mappings are a number", limit_of_mappings, "limit_near", SEV_CRITICAL,
	  "Limit \"mappings\": 65000 of 65530 used (99.2 %)." },
	{ "limit: unlimited", limit_none, NULL, 0, NULL },
	{ "limit: of 0", limit_zero, NULL, 0, NULL },
	{ "outside RSS: much", outside_much, "outside_rss", SEV_WARNING,
	  "17.0 MiB of its memory is not in RSS; the largest part is 15.0 MiB of pipes." },
	{ "outside RSS: 16 MiB are not much", outside_little, NULL, 0, NULL },
	{ "deleted library", deleted, "deleted_libraries", SEV_WARNING,
	  "libssl.so.3 was deleted or replaced and is still in use." },
	{ "deleted libraries", deleted_two, "deleted_libraries", SEV_WARNING,
	  "2 files with code, such as libssl.so.3, were deleted or replaced and are still in "
	  "use." },
	{ "deleted on purpose, in memory, or data", deleted_on_purpose, NULL, 0, NULL },
	{ "swap: some", swap_some, "swap", SEV_INFO,
	  "1.0 MiB is in swap, in addition to 64.0 MiB of RSS." },
	{ "swap: much", swap_much, "swap", SEV_WARNING,
	  "64.0 MiB is in swap, in addition to 64.0 MiB of RSS." },
	{ "swap: hardly any", swap_little, NULL, 0, NULL },
	{ "swap: from status where smaps is denied", swap_denied, "swap", SEV_INFO,
	  "5.0 MiB is in swap, in addition to 64.0 MiB of RSS." },
	{ "arenas: few", arenas_few, NULL, 0, NULL },
	{ "arenas: many, but small", arenas_small, "glibc_arenas", SEV_INFO,
	  "16 thread heaps of glibc malloc hold 1.6 MiB: each keeps the memory that its threads "
	  "have freed." },
	{ "arenas: many", arenas_many, "glibc_arenas", SEV_WARNING,
	  "16 thread heaps of glibc malloc hold 64.0 MiB: each keeps the memory that its threads "
	  "have freed." },
	{ "arenas: merged and in pieces", arenas_merged, "glibc_arenas", SEV_INFO,
	  "16 thread heaps of glibc malloc hold 3.0 MiB: each keeps the memory that its threads "
	  "have freed." },
	{ "drift: within the tolerance of a thread", drift_in_tolerance, NULL, 0, NULL },
	{ "drift: beyond it", drift_beyond, "counter_drift", SEV_WARNING,
	  "VmRSS is 260.0 KiB above the sum over smaps; 256.0 KiB can be explained by how the "
	  "kernel "
	  "counts." },
	{ "drift: more threads hold back more", drift_of_many_threads, NULL, 0, NULL },
	{ "drift: more processors hold back more", drift_of_many_cpus, NULL, 0, NULL },
	{ "drift: not judged without the number of processors", drift_unjudged, NULL, 0, NULL },
	{ "LazyFree", lazyfree, "lazyfree", SEV_INFO,
	  "16.0 MiB of RSS (25.0 %) is freed already; the kernel takes it back when it needs it." },
	{ "LazyFree: little", lazyfree_little, NULL, 0, NULL },
	{ "sharing", sharing, "sharing", SEV_INFO,
	  "RSS is 64.0 MiB, but the process's share of it (PSS) is 32.0 MiB." },
	{ "sharing: little", sharing_little, NULL, 0, NULL },
	{ "hugetlb", hugetlb, "hugetlb", SEV_INFO,
	  "4.0 MiB of huge pages come on top of RSS and PSS." },
	{ "not read: half is not over the threshold", unknown_half, NULL, 0, NULL },
	{ "not read: most", unknown_most, "not_read", SEV_INFO,
	  "192.0 MiB of RSS (75.0 %) is anonymous memory that was not read: smaps does not say "
	  "what it contains." },
	{ "not read: although it was asked for", unknown_denied, "not_read", SEV_INFO,
	  "192.0 MiB of RSS (75.0 %) is anonymous memory that was not read (permission denied): "
	  "smaps does not say what it contains." },
	{ "not read: the threshold is configured", unknown_at_own_threshold, NULL, 0, NULL },
	{ "allocator without a mark of its own", jemalloc, "allocator", SEV_INFO,
	  "libjemalloc.so.2 is loaded; it may manage the 2.0 MiB of unexplained memory." },
};

/* Judges the scene; the arena owns the findings. */
static const struct finding *judge(struct scene *sc, struct arena *arena, size_t *ret_n)
{
	const struct finding *found;
	struct accounting a;
	struct off_rss o;
	struct limits l = { .rows = &sc->row, .n = sc->n_rows };

	accounting_init(&a, &sc->s);
	off_rss_init(&o, &sc->s, &a);
	sc->in.snapshot = &sc->s;
	sc->in.accounting = &a;
	sc->in.off_rss = &o;
	sc->in.limits = &l;
	found = findings_collect(&sc->in, arena, ret_n);
	accounting_release(&a);
	return found;
}

static void test_finding(void **state)
{
	const struct finding_row *row = *state;
	const struct finding *found;
	struct arena arena = ARENA_INIT;
	struct scene sc;
	size_t n;

	build(&sc);
	if (row->set)
		row->set(&sc);
	found = judge(&sc, &arena, &n);
	for (size_t i = row->id ? 1 : 0; i < n; i++)
		print_error("unexpected: %s: %s\n", found[i].id, found[i].text);
	assert_int_equal(n, row->id ? 1 : 0);
	if (row->id) {
		assert_string_equal(found[0].id, row->id);
		assert_string_equal(found[0].text, row->text);
		assert_int_equal(found[0].severity, row->severity);
		assert_true(strlen(found[0].advice) > 10);
	}
	snapshot_release(&sc.s);
	arena_release(&arena);
}

static void test_order(void **state attr_unused)
{
	static const char *const want[] = { "limit_near", "partial", "deleted_libraries", "swap",
					    "lazyfree" };
	const struct finding *found;
	struct arena arena = ARENA_INIT;
	struct scene sc;
	size_t n;

	build(&sc);
	swap_some(&sc);
	lazyfree(&sc);
	deleted(&sc);
	limit_close(&sc);
	partial(&sc);
	found = judge(&sc, &arena, &n);
	assert_int_equal(n, ARRAY_SIZE(want));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(found[i].id, want[i]);
	snapshot_release(&sc.s);
	arena_release(&arena);
}

static void test_long_names(void **state attr_unused)
{
	auto_free char *name = xcalloc(5000, 1);
	const struct finding *found;
	struct arena arena = ARENA_INIT;
	struct scene sc;
	size_t n;

	memset(name, 'x', 4900);
	name[0] = '/';
	memcpy(name + 4900, " (deleted)", sizeof(" (deleted)"));
	build(&sc);
	add_file(&sc, 7, SNAP_RX, name, false);
	found = judge(&sc, &arena, &n);
	assert_int_equal(n, 1);
	assert_int_equal(strspn(found[0].text, "x"), 100);
	snapshot_release(&sc.s);
	arena_release(&arena);
}

static void test_nothing_known(void **state attr_unused)
{
	struct arena arena = ARENA_INIT;
	struct scene sc = { .in = { .unexplained_percent = 50, .cpus = 2 } };
	size_t n;

	snap_init(&sc.s);
	sc.s.regions_why = REASON_NO_MM;
	(void)judge(&sc, &arena, &n);
	assert_int_equal(n, 0);
	snapshot_release(&sc.s);
	arena_release(&arena);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "finding", finding_rows, test_finding);
	rows_add_one(&list, "most severe first, then in the order of the table", test_order);
	rows_add_one(&list, "names of any length are cut", test_long_names);
	rows_add_one(&list, "no findings from unknown values", test_nothing_known);
	return rows_run("findings", &list);
}
