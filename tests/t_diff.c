/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of analysis/diff: what each list says about both sides, and that for all pairs of recorded
 * processes the changes add up to the change of RSS.
 */
#include "analysis/diff/diff.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/io.h"
#include "diff_side.h"
#include "model/snapshot/capture.h"

static void add_file(struct snapshot *s, uint64_t start, const char *path, uint64_t inode,
		     uint64_t rss_kib, const char *package)
{
	(void)snap_add(s, &(struct snap_region){
				  .start = start,
				  .size_kib = 64,
				  .perms = VMA_READ,
				  .name = path,
				  .inode = inode,
				  .category = package ? CAT_C_EXTENSION : CAT_SHARED_LIBRARY,
				  .evidence = EV_KERNEL,
				  .owner_kind = package ? OWNER_PACKAGE : OWNER_LIBRARY,
				  .owner = package ? package : "a.so",
				  .package = package,
				  .kib = { SNAP_KIB(rss_kib, rss_kib, 0, 0, rss_kib, 0, 0) },
			  });
}

static void add_heap(struct snapshot *s, uint64_t rss_kib, uint64_t pss_kib, uint32_t absent)
{
	(void)snap_add(s, &(struct snap_region){
				  .start = 0x1000000,
				  .size_kib = 4096,
				  .perms = SNAP_RW,
				  .name = "[heap]",
				  .category = CAT_HEAP,
				  .evidence = EV_KERNEL,
				  .owner_kind = OWNER_ALLOCATOR,
				  .owner = "brk",
				  .kib = { SNAP_KIB(rss_kib, pss_kib, 0, 0, 0, rss_kib, rss_kib) },
				  .absent = absent,
			  });
}

/* A library has its file, and a .bss that is inferred to be its own. */
static void add_library(struct snapshot *s, uint64_t rss_kib, uint64_t bss_kib)
{
	add_file(s, 0x2000000, "/lib/a.so", 7, rss_kib, NULL);
	(void)snap_add(s, &(struct snap_region){
				  .start = 0x2010000,
				  .size_kib = 64,
				  .perms = SNAP_RW,
				  .marks = MARK_BSS,
				  .category = CAT_SHARED_LIBRARY,
				  .evidence = EV_INFERRED,
				  .owner_kind = OWNER_LIBRARY,
				  .owner = "a.so",
				  .kib = { SNAP_KIB(bss_kib, bss_kib, 0, 0, 0, bss_kib, bss_kib) },
			  });
}

struct two {
	struct made olds, news;
	struct diff diff;
};

/*
 *                     old    new
 * heap                100    400
 * a.so and its .bss   40+8   40+20
 * package numpy         -     24
 * package scipy        16      -
 * unnamed              60     60
 */
static void two_init(struct two *two)
{
	struct diff_side old_side, new_side;

	snap_init(&two->olds.snapshot);
	snap_init(&two->news.snapshot);
	two->olds.snapshot.age_seconds = 0;
	two->news.snapshot.age_seconds = 1800;
	add_heap(&two->olds.snapshot, 100, 100, 0);
	add_heap(&two->news.snapshot, 400, 400, 0);
	add_library(&two->olds.snapshot, 40, 8);
	add_library(&two->news.snapshot, 40, 20);
	add_file(&two->olds.snapshot, 0x3000000, "/py/scipy.so", 9, 16, "scipy");
	add_file(&two->news.snapshot, 0x4000000, "/py/numpy.so", 8, 24, "numpy");
	snap_add_anonymous(&two->olds.snapshot, 0x5000000, 64, 60);
	snap_add_anonymous(&two->news.snapshot, 0x5000000, 64, 60);
	old_side = made_side(&two->olds, "h", 0);
	new_side = made_side(&two->news, "h", 0);
	diff_init(&two->diff, &old_side, &new_side);
}

static void two_release(struct two *two)
{
	diff_release(&two->diff);
	made_release(&two->olds);
	made_release(&two->news);
}

struct want_row {
	const char *name;
	enum diff_status status;
	uint64_t old_kib, new_kib;
};

static void assert_rows(const struct diff_list *list, const struct want_row *want, size_t n)
{
	assert_int_equal(list->n, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(list->rows[i].name, want[i].name);
		assert_int_equal(list->rows[i].status, want[i].status);
		assert_kib(list->rows[i].old_line.rss, want[i].old_kib);
		assert_kib(list->rows[i].new_line.rss, want[i].new_kib);
	}
}

static void test_lists(void **state attr_unused)
{
	static const struct want_row categories[] = {
		{ "heap", DIFF_CHANGED, 100, 400 },
		{ "shared_library", DIFF_CHANGED, 48, 60 },
		{ "c_extension", DIFF_CHANGED, 16, 24 },
		{ "anonymous", DIFF_STAYED, 60, 60 },
	};
	static const struct want_row extensions[] = {
		{ "numpy", DIFF_ADDED, 0, 24 },
		{ "scipy", DIFF_REMOVED, 16, 0 },
	};
	static const struct want_row libraries[] = { { "a.so", DIFF_CHANGED, 48, 60 } };
	static const struct want_row files[] = {
		{ "/py/numpy.so", DIFF_ADDED, 0, 24 },
		{ "/lib/a.so", DIFF_STAYED, 40, 40 },
		{ "/py/scipy.so", DIFF_REMOVED, 16, 0 },
	};
	struct two two;

	two_init(&two);
	assert_rows(&two.diff.categories, categories, ARRAY_SIZE(categories));
	assert_rows(&two.diff.owners[CAT_C_EXTENSION], extensions, ARRAY_SIZE(extensions));
	assert_rows(&two.diff.owners[CAT_SHARED_LIBRARY], libraries, ARRAY_SIZE(libraries));
	assert_rows(&two.diff.packages, extensions, ARRAY_SIZE(extensions));
	assert_rows(&two.diff.files, files, ARRAY_SIZE(files));
	assert_int_equal(two.diff.perms.n, 2);
	assert_int_equal(two.diff.perms.rows[0].perms, SNAP_RW);
	assert_int_equal(two.diff.categories.grown_bytes, KIB(300 + 12 + 8));
	assert_int_equal(two.diff.owners_grown_bytes, KIB(300 + 12 + 24));
	two_release(&two);
}

static void test_groups(void **state attr_unused)
{
	/* In KiB, in order. */
	static const struct {
		enum diff_status status;
		uint64_t old_kib, new_kib;
	} want[] = {
		{ DIFF_CHANGED, 100, 400 }, { DIFF_ADDED, 0, 24 },   { DIFF_CHANGED, 8, 20 },
		{ DIFF_STAYED, 40, 40 },    { DIFF_STAYED, 60, 60 }, { DIFF_REMOVED, 16, 0 },
	};
	struct two two;
	const struct diff *d = &two.diff;

	two_init(&two);
	assert_int_equal(d->n_groups, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(d->groups[i].status, want[i].status);
		assert_kib(diff_regions_amount(&d->groups[i].old_regions, F_RSS), want[i].old_kib);
		assert_kib(diff_regions_amount(&d->groups[i].new_regions, F_RSS), want[i].new_kib);
	}
	assert_int_equal(d->groups[1].old_regions.largest, DIFF_NO_REGION);
	assert_int_equal(d->groups[0].new_regions.start, 0x1000000);
	assert_int_equal(d->groups_grown_bytes, KIB(300 + 24 + 12));
	assert_int_equal(d->n_with_status[DIFF_ADDED], 1);
	assert_int_equal(d->n_with_status[DIFF_REMOVED], 1);
	assert_int_equal(d->n_with_status[DIFF_CHANGED], 2);
	assert_int_equal(d->n_with_status[DIFF_STAYED], 2);
	two_release(&two);
}

static void test_rate(void **state attr_unused)
{
	struct delta grew = { .bytes = 1000 }, absent = { .why = REASON_DENIED },
		     most = { .bytes = INT64_MAX };
	struct two two;

	two_init(&two);
	assert_int_equal(diff_rate(&two.diff, grew).bytes, 2000);
	assert_int_equal(diff_rate(&two.diff, absent).why, REASON_DENIED);
	assert_true(diff_rate(&two.diff, most).bytes > INT64_MAX / 2);
	two.diff.rate_why = REASON_TOO_CLOSE;
	assert_int_equal(diff_rate(&two.diff, grew).why, REASON_TOO_CLOSE);
	two_release(&two);
}

/* An old kernel has no Pss; a denied process has nothing at all. */
static void test_absent(void **state attr_unused)
{
	struct made olds, news;
	struct diff_side old_side, new_side;
	struct diff d;
	const struct diff_row *heap;
	enum reason why;

	snap_init(&olds.snapshot);
	snap_init(&news.snapshot);
	add_heap(&olds.snapshot, 100, 0, 1 << MC_PSS);
	add_heap(&news.snapshot, 400, 400, 0);
	old_side = made_side(&olds, "h", 0);
	new_side = made_side(&news, "h", 0);
	diff_init(&d, &old_side, &new_side);
	heap = &d.categories.rows[0];
	assert_absent(heap->old_line.pss, REASON_NOT_REPORTED);
	assert_kib(heap->new_line.pss, 400);
	assert_int_equal(delta_of(heap->old_line.pss, heap->new_line.pss).why, REASON_NOT_REPORTED);
	assert_absent(diff_regions_amount(&d.groups[0].old_regions, F_PSS), REASON_NOT_REPORTED);
	diff_release(&d);

	accounting_release(&olds.accounting);
	olds.snapshot.regions_why = REASON_DENIED;
	old_side = made_side(&olds, "h", 0);
	diff_init(&d, &old_side, &new_side);
	assert_int_equal(d.lists_why, REASON_DENIED);
	assert_int_equal(d.categories.n + d.n_groups, 0);
	assert_true(diff_note(&d, DIFF_OLD_UNREAD, &why));
	assert_int_equal(why, REASON_DENIED);
	assert_false(diff_note(&d, DIFF_NEW_UNREAD, &why));
	diff_release(&d);
	made_release(&olds);
	made_release(&news);
}

/* Captures are compared with each other, all pairs. */

static int64_t now(void *arg attr_unused)
{
	return 0;
}

static const struct clock still = { now, now, NULL };

static void capture_case(const char *dir, struct snapshot *ret)
{
	const struct capture_opts opts = { .rules = &rules_std, .clock = &still };
	auto_free char *root = xasprintf("%s/proc", dir), *pid_path = xasprintf("%s/pid", dir);
	struct procfs fs = PROCFS_INIT;
	struct err err = ERR_INIT;
	auto_sbuf pid = SBUF_INIT;

	assert_int_equal(io_read_at(AT_FDCWD, pid_path, 64, &pid), 0);
	assert_int_equal(procfs_open(root, &fs, &err), 0);
	assert_int_equal(snapshot_capture(&fs, (pid_t)strtol(pid.data, NULL, 10), &opts, ret, &err),
			 0);
	procfs_close(&fs);
}

static int64_t list_sum(const struct diff_list *list)
{
	int64_t sum = 0;

	for (size_t i = 0; i < list->n; i++)
		sum += delta_of(list->rows[i].old_line.rss, list->rows[i].new_line.rss).bytes;
	return sum;
}

static int64_t groups_sum(const struct diff *d, enum tally_field field)
{
	int64_t sum = 0;

	for (size_t i = 0; i < d->n_groups; i++)
		sum += delta_of(diff_regions_amount(&d->groups[i].old_regions, field),
				diff_regions_amount(&d->groups[i].new_regions, field))
			       .bytes;
	return sum;
}

static void assert_adds_up(const struct diff *d)
{
	const struct totals *a = &d->old_side.accounting->totals;
	const struct totals *b = &d->new_side.accounting->totals;
	int64_t rss = delta_of(a->rss, b->rss).bytes, owners = 0, files = 0;

	for (size_t i = 0; i < d->categories.n; i++) {
		const struct diff_row *row = &d->categories.rows[i];
		const struct diff_list *list = &d->owners[row->category];

		assert_int_equal(list_sum(list),
				 delta_of(row->old_line.rss, row->new_line.rss).bytes);
		owners += list_sum(list);
	}
	for (size_t i = 0; i < d->new_side.accounting->n_files; i++)
		files += (int64_t)d->new_side.accounting->files[i].sum.rss.value;
	for (size_t i = 0; i < d->old_side.accounting->n_files; i++)
		files -= (int64_t)d->old_side.accounting->files[i].sum.rss.value;
	assert_int_equal(list_sum(&d->categories), rss);
	assert_int_equal(owners, rss);
	assert_int_equal(list_sum(&d->perms), rss);
	assert_int_equal(list_sum(&d->files), files);
	assert_int_equal(groups_sum(d, F_RSS), rss);
	assert_int_equal(groups_sum(d, F_PSS), delta_of(a->pss, b->pss).bytes);
	assert_int_equal(groups_sum(d, F_SWAP), delta_of(a->swap, b->swap).bytes);
}

static void test_captures(void **state attr_unused)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *dir = xasprintf("%s/tests/captures", srcdir ? srcdir : ".");
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort);
	struct made *made = xcalloc((size_t)n, sizeof(*made));
	struct diff_side *sides = xcalloc((size_t)n, sizeof(*sides));
	size_t n_made = 0, n_compared = 0;

	for (int i = 0; i < n; i++) {
		auto_free char *path = xasprintf("%s/%s", dir, entries[i]->d_name);

		if (*entries[i]->d_name != '.') {
			capture_case(path, &made[n_made].snapshot);
			sides[n_made] = made_side(&made[n_made], "", 0);
			n_made++;
		}
		free(entries[i]);
	}
	free(entries);
	for (size_t i = 0; i < n_made; i++) {
		for (size_t k = 0; k < n_made; k++) {
			struct diff d;

			diff_init(&d, &sides[i], &sides[k]);
			if (!d.lists_why) {
				assert_adds_up(&d);
				n_compared++;
			}
			diff_release(&d);
		}
	}
	assert_true(n_compared >= 100);
	for (size_t i = 0; i < n_made; i++)
		made_release(&made[i]);
	free(made);
	free(sides);
}

int main(void)
{
	struct row_tests tests = { 0 };

	rows_add_one(&tests, "diff: lists have the changed lines, by growth", test_lists);
	rows_add_one(&tests, "diff: mappings that changed, by growth", test_groups);
	rows_add_one(&tests, "diff: a difference makes so much in an hour", test_rate);
	rows_add_one(&tests, "diff: a value that a side lacks is absent", test_absent);
	rows_add_one(&tests, "diff: changes add up, for all pairs of captures", test_captures);
	return rows_run("diff", &tests);
}
