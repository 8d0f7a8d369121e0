/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/series/tracks and region_tracks: data that continues from snapshot to snapshot
 * is followed, in bounded memory for any duration.
 */
#include "analysis/series/tracks.h"

#include <inttypes.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "snap.h"

/* A mapping of a snapshot. */
struct piece {
	uint64_t start_kib, size_kib, rss_kib, lazyfree_kib;
	const char *name;
};

enum { PIECES = 4 };

static void add_piece(struct snapshot *s, const struct piece *p)
{
	(void)snap_add(s, &(struct snap_region){
				  .start = KIB(p->start_kib),
				  .size_kib = p->size_kib,
				  .perms = SNAP_RW,
				  .name = p->name,
				  .category = p->name ? CAT_HEAP : CAT_ANONYMOUS,
				  .evidence = EV_KERNEL,
				  .owner_kind = p->name ? OWNER_NONE : OWNER_ALLOCATOR,
				  .owner = p->name ? NULL : "malloc",
				  .kib = { [MC_RSS] = p->rss_kib,
					   [MC_PSS] = p->rss_kib,
					   [MC_ANONYMOUS] = p->rss_kib,
					   [MC_PRIVATE_DIRTY] = p->rss_kib,
					   [MC_LAZYFREE] = p->lazyfree_kib },
			  });
}

static void add_snapshot(struct tracks *t, int64_t second, const struct piece *pieces, size_t n)
{
	auto_snapshot s;
	struct accounting a;

	snap_init(&s);
	for (size_t i = 0; i < n && pieces[i].size_kib; i++)
		add_piece(&s, &pieces[i]);
	accounting_init(&a, &s);
	tracks_add_snapshot(t, second * NS_PER_S, &s, &a);
	accounting_release(&a);
}

/*
 * Writes all series as text: "rss 4,8 category:heap 4,4 ...", in KiB; those that stay 0 are left
 * out.
 */
static void describe(void *arg, const char *id, struct series *series)
{
	struct sbuf *out = arg;
	uint64_t sum = 0;

	for (size_t i = 0; i < series->n; i++)
		sum += series->samples[i].bytes;
	if (sum == 0)
		return;
	sbuf_addf(out, "%s%s ", out->len ? " " : "", id);
	for (size_t i = 0; i < series->n; i++)
		sbuf_addf(out, "%s%" PRIu64, i ? "," : "", series->samples[i].bytes >> 10);
}

static const struct follow_row {
	const char *name;
	struct piece before[PIECES], after[PIECES];
	const char *want; /* of the regions */
} follow_rows[] = {
	{ "stays", { { 16, 8, 4, 0, NULL } }, { { 16, 8, 6, 0, NULL } }, "region:malloc@4000 4,6" },
	{ "grows upwards",
	  { { 16, 8, 4, 0, NULL } },
	  { { 16, 80, 60, 0, NULL } },
	  "region:malloc@4000 4,60" },
	{ "grows downwards",
	  { { 16, 8, 4, 0, NULL } },
	  { { 8, 16, 12, 0, NULL } },
	  "region:malloc@4000 4,12" },
	{ "is split",
	  { { 16, 8, 8, 0, NULL } },
	  { { 16, 4, 4, 0, NULL }, { 20, 4, 3, 0, NULL } },
	  "region:malloc@4000 8,7" },
	{ "merges with a smaller one",
	  { { 16, 32, 8, 0, NULL }, { 64, 8, 2, 0, NULL } },
	  { { 16, 64, 12, 0, NULL } },
	  "region:malloc@4000 8,12" },
	{ "ends",
	  { { 16, 8, 4, 0, NULL }, { 64, 8, 2, 0, NULL } },
	  { { 64, 8, 2, 0, NULL } },
	  "region:malloc@10000 2,2" },
	{ "is new",
	  { { 16, 8, 4, 0, NULL } },
	  { { 16, 8, 4, 0, NULL }, { 64, 8, 2, 0, NULL } },
	  "region:malloc@4000 4,4 region:malloc@10000 2" },
	{ "goes elsewhere",
	  { { 16, 8, 4, 0, NULL } },
	  { { 64, 8, 4, 0, NULL } },
	  "region:malloc@10000 4" },
	{ "is another in the same place",
	  { { 16, 8, 4, 0, "[heap]" } },
	  { { 16, 8, 6, 0, NULL } },
	  "region:malloc@4000 6" },
	{ "what is freed lazily is no growth",
	  { { 16, 80, 40, 0, NULL } },
	  { { 16, 80, 60, 30, NULL } },
	  "region:malloc@4000 40,30" },
};

static void test_follow(void **state)
{
	const struct follow_row *row = *state;
	auto_sbuf text = SBUF_INIT;
	const char *regions;
	struct tracks t;

	tracks_init(&t);
	add_snapshot(&t, 1, row->before, PIECES);
	add_snapshot(&t, 2, row->after, PIECES);
	tracks_each(&t, describe, &text);
	regions = strstr(sbuf_str(&text), "region:");
	assert_non_null(regions);
	assert_string_equal(regions, row->want);
	tracks_release(&t);
}

static void test_totals(void **state attr_unused)
{
	static const struct piece first[PIECES] = { { 16, 80, 10, 0, "[heap]" } };
	static const struct piece second[PIECES] = { { 16, 80, 30, 5, "[heap]" },
						     { 200, 8, 8, 0, NULL } };
	auto_sbuf text = SBUF_INIT;
	struct tracks t;

	tracks_init(&t);
	add_snapshot(&t, 1, first, PIECES);
	add_snapshot(&t, 2, second, PIECES);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text),
			    "rss 10,33 pss 10,33 uss 10,33 anonymous 10,33 category:heap 10,25 "
			    "category:anonymous 0,8 owner:allocator/malloc 0,8 "
			    "region:[heap]@4000 10,25 region:malloc@32000 8");
	tracks_release(&t);
}

/* Between two snapshots the status is used, less the LazyFree of the last snapshot. */
static void test_status(void **state attr_unused)
{
	static const struct piece snapshot[PIECES] = { { 16, 80, 30, 5, "[heap]" } };
	struct proc_status status = { .state = 'S' };
	auto_sbuf text = SBUF_INIT;
	struct tracks t;

	for (int i = 0; i < PS_COUNT; i++)
		status.v[i] = AMOUNT_UNREAD;
	status.v[PS_VM_RSS] = amount_of(KIB(45));
	tracks_init(&t);
	add_snapshot(&t, 1, snapshot, PIECES);
	tracks_add_status(&t, 2 * NS_PER_S, &status);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text), "rss 25,40 pss 25 uss 25 anonymous 25 "
					     "category:heap 25 region:[heap]@4000 25");
	tracks_release(&t);
}

/* An incomplete smaps is not a drop of memory. */
static void test_partial(void **state attr_unused)
{
	static const struct piece snapshot[PIECES] = { { 16, 80, 30, 0, "[heap]" } };
	auto_snapshot s;
	struct accounting a;
	struct tracks t;

	tracks_init(&t);
	add_snapshot(&t, 1, snapshot, PIECES);
	snap_init(&s);
	s.partial = REASON_TRUNCATED;
	accounting_init(&a, &s);
	tracks_add_snapshot(&t, 2 * NS_PER_S, &s, &a);
	assert_int_equal(t.totals[TRACK_RSS].n, 1);
	accounting_release(&a);
	tracks_release(&t);
}

static void hand_over(void *arg, const char *id, struct series *series)
{
	tracks_resume(arg, id, series);
}

/* A new watch continues after one that was killed; series of ended mappings end. */
static void test_resume(void **state attr_unused)
{
	static const struct piece first[PIECES] = { { 16, 80, 10, 0, "[heap]" },
						    { 200, 8, 8, 0, NULL } };
	static const struct piece second[PIECES] = { { 16, 80, 30, 0, "[heap]" } };
	auto_sbuf text = SBUF_INIT;
	struct tracks killed, t;

	tracks_init(&killed);
	add_snapshot(&killed, 1, first, PIECES);
	tracks_init(&t);
	tracks_each(&killed, hand_over, &t);
	tracks_resume(&t, "nonsense", &killed.totals[TRACK_RSS]);
	tracks_resume(&t, "region:no address", &killed.totals[TRACK_RSS]);
	tracks_resume(&t, "owner:no kind", &killed.totals[TRACK_RSS]);
	tracks_release(&killed);
	add_snapshot(&t, 2, second, PIECES);
	tracks_each(&t, describe, &text);
	assert_string_equal(sbuf_str(&text),
			    "rss 18,30 pss 18,30 uss 18,30 anonymous 18,30 category:heap 10,30 "
			    "category:anonymous 8,0 owner:allocator/malloc 8,0 "
			    "region:[heap]@4000 10,30");
	tracks_release(&t);
}

/* The largest have a track; so does a small one that grows. */
static void test_chosen(void **state attr_unused)
{
	enum { MANY = 1000, GROWER = 777 };
	struct tracks t;
	auto_sbuf text = SBUF_INIT;

	tracks_init(&t);
	for (int second = 1; second <= 3; second++) {
		auto_snapshot s;
		struct accounting a;

		snap_init(&s);
		for (uint64_t i = 0; i < MANY; i++)
			add_piece(&s, &(struct piece){ .start_kib = (i + 1) * 8192,
						       .size_kib = 4096,
						       .rss_kib = i == GROWER ? 4 + 100 * second
								  : i < 100   ? 2000
									      : 300 });
		accounting_init(&a, &s);
		tracks_add_snapshot(&t, second * NS_PER_S, &s, &a);
		accounting_release(&a);
	}
	tracks_each(&t, describe, &text);
	assert_non_null(strstr(sbuf_str(&text), "region:malloc@185000000 104,204,304"));
	assert_non_null(strstr(sbuf_str(&text), "region:malloc@800000 2000,2000,2000"));
	tracks_release(&t);
}

/* The address sanitizer has shadow memory, and keeps freed memory for a while: 256 MiB. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 64
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 64
#endif
#ifndef SANITIZED
#define SANITIZED 1
#endif

static uint64_t peak_rss(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return KIB((uint64_t)usage.ru_maxrss);
}

/* The duration, the kind of data, and the memory that it may take beyond that of the program. */
static const struct bound_row {
	const char *name;
	uint64_t mappings, snapshots;
	int64_t ticks; /* a second each */
	uint64_t bytes;
} bound_rows[] = {
	{ "30 days of 1,000 mappings", 1000, 2000, 2592000, MIB(5) },
	{ "of 60,000 mappings", 60000, 12, 2592000, MIB(21) },
};

/* Snapshots that are due move, split and rename some mappings each time. */
static void add_moving_snapshot(struct tracks *t, int64_t now_ns, uint64_t mappings,
				uint64_t snapshot)
{
	auto_snapshot s;
	struct accounting a;

	snap_init(&s);
	for (uint64_t i = 0; i < mappings; i++) {
		uint64_t moved = (i * 31 + snapshot) % 97 == 0;

		add_piece(&s, &(struct piece){ .start_kib = (i + 1) * 8192 +
							    64 * moved * snapshot % 4096,
					       .size_kib = 2048,
					       .rss_kib = 100 + (i + snapshot) % 50 });
	}
	accounting_init(&a, &s);
	tracks_add_snapshot(t, now_ns, &s, &a);
	accounting_release(&a);
}

static void test_bound(void **state)
{
	const struct bound_row *row = *state;
	struct proc_status status = { .state = 'S' };
	uint64_t before = peak_rss(), snapshots = 0, used;
	struct tracks t;

	for (int i = 0; i < PS_COUNT; i++)
		status.v[i] = amount_of(KIB(100));
	tracks_init(&t);
	for (int64_t tick = 1; tick <= row->ticks; tick++) {
		tracks_add_status(&t, tick * NS_PER_S, &status);
		if (tick % (row->ticks / (int64_t)row->snapshots) == 0)
			add_moving_snapshot(&t, tick * NS_PER_S, row->mappings, snapshots++);
	}
	assert_int_equal(snapshots, row->snapshots);
	assert_int_equal(t.totals[TRACK_RSS].samples[0].t_ns, NS_PER_S);
	used = peak_rss() - before;
	print_message("# %s: %" PRIu64 " KiB\n", row->name, used >> 10);
	assert_true(used <= row->bytes * SANITIZED);
	tracks_release(&t);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "bounded", bound_rows, test_bound);
	ROWS_ADD(&list, "a mapping", follow_rows, test_follow);
	rows_add_one(&list, "totals, categories, owners, regions", test_totals);
	rows_add_one(&list, "the status is used between two snapshots", test_status);
	rows_add_one(&list, "an incomplete snapshot is left out", test_partial);
	rows_add_one(&list, "a watch continues an earlier one", test_resume);
	rows_add_one(&list, "size and growth choose", test_chosen);
	return rows_run("tracks", &list);
}
