/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/snapfile and present/render/snapshot_text on the recorded processes: a file that
 * is written gives the same numbers, report and bytes when it is read.
 */
#include "model/snapfile/snapfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/io.h"
#include "judged.h"

static void assert_same_amount(struct amount a, struct amount b)
{
	assert_int_equal(a.why, b.why);
	if (a.why)
		assert_string_equal(amount_why(a), amount_why(b));
	else
		assert_int_equal(a.value, b.value);
}

static void assert_same_line(const struct line *a, const struct line *b)
{
	assert_same_amount(a->rss, b->rss);
	assert_same_amount(a->pss, b->pss);
	assert_same_amount(a->uss, b->uss);
	assert_same_amount(a->swap, b->swap);
	assert_int_equal(a->size_bytes, b->size_bytes);
	assert_int_equal(a->mappings, b->mappings);
}

static void assert_same_totals(const struct totals *a, const struct totals *b)
{
	const struct amount *x = &a->rss, *y = &b->rss;

	assert_int_equal(a->counts.present, b->counts.present);
	assert_memory_equal(a->counts.v, b->counts.v, sizeof(a->counts.v));
	assert_int_equal(a->map_count, b->map_count);
	/* The members from rss to mappings are all amounts. */
	for (; x <= &a->mappings; x++, y++)
		assert_same_amount(*x, *y);
}

static void assert_same_owners(const struct accounting *a, const struct snapshot *sa,
			       const struct accounting *b, const struct snapshot *sb)
{
	assert_int_equal(a->n_owners, b->n_owners);
	for (size_t i = 0; i < a->n_owners; i++) {
		const struct owner_line *x = &a->owners[i], *y = &b->owners[i];

		assert_int_equal(sa->owners[x->owner].kind, sb->owners[y->owner].kind);
		assert_string_equal(sa->owners[x->owner].name, sb->owners[y->owner].name);
		assert_int_equal(x->category, y->category);
		assert_int_equal(x->evidence, y->evidence);
		assert_same_line(&x->sum, &y->sum);
	}
}

static void assert_same_lines(const struct accounting *a, const struct snapshot *sa,
			      const struct accounting *b, const struct snapshot *sb)
{
	assert_int_equal(a->n_perms, b->n_perms);
	for (size_t i = 0; i < a->n_perms; i++) {
		assert_int_equal(a->perms[i].perms, b->perms[i].perms);
		assert_same_line(&a->perms[i].sum, &b->perms[i].sum);
	}
	assert_int_equal(a->n_files, b->n_files);
	for (size_t i = 0; i < a->n_files; i++) {
		assert_string_equal(sa->files[a->files[i].file].path,
				    sb->files[b->files[i].file].path);
		assert_same_line(&a->files[i].sum, &b->files[i].sum);
	}
	assert_int_equal(a->n_packages, b->n_packages);
	for (size_t i = 0; i < a->n_packages; i++) {
		assert_string_equal(sa->packages[a->packages[i].package].name,
				    sb->packages[b->packages[i].package].name);
		assert_int_equal(a->packages[i].files, b->packages[i].files);
		assert_same_line(&a->packages[i].sum, &b->packages[i].sum);
	}
}

static void assert_same_sums(const struct snapshot *sa, const struct snapshot *sb)
{
	struct accounting a, b;

	accounting_init(&a, sa);
	accounting_init(&b, sb);
	assert_same_totals(&a.totals, &b.totals);
	assert_same_owners(&a, sa, &b, sb);
	assert_same_lines(&a, sa, &b, sb);
	for (int i = 0; i < CAT_COUNT; i++)
		assert_same_line(&a.categories[i].sum, &b.categories[i].sum);
	assert_memory_equal(a.evidence_bytes, b.evidence_bytes, sizeof(a.evidence_bytes));
	assert_same_amount(a.unexplained_permille, b.unexplained_permille);
	assert_same_amount(a.drift_magnitude, b.drift_magnitude);
	assert_int_equal(a.drift_negative, b.drift_negative);
	assert_int_equal(a.n_largest, b.n_largest);
	assert_memory_equal(a.largest, b.largest, a.n_largest * sizeof(a.largest[0]));
	accounting_release(&a);
	accounting_release(&b);
}

/* The lines, the report and the file after reading are those before writing. */
static void assert_comes_back(const struct snapshot *s, const struct ruleset *rules)
{
	auto_free char *bytes = judged_file(s, rules), *again = NULL;
	auto_free char *json = judged_json(s, rules), *json_again = NULL;
	const struct snapshot *loaded;
	struct snapfile f;
	struct err err = ERR_INIT;
	int ret = read_bytes(bytes, strlen(bytes), &f, &err);

	if (ret < 0)
		print_error("%s\n", err.text);
	assert_int_equal(ret, 0);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.generated_wall_ns, INT64_C(1714564800123000000));
	assert_string_equal(f.host, "here");
	assert_string_equal(f.boot_id, s->sys.boot_id);
	loaded = f.processes[0];
	assert_false(loaded->live);
	assert_same_sums(s, loaded);
	json_again = judged_json(loaded, &f.rules);
	assert_string_equal(json, json_again);
	again = judged_file(loaded, &f.rules);
	assert_string_equal(bytes, again);
	snapfile_release(&f);
}

static int64_t now(void *arg attr_unused)
{
	return 0;
}

static const struct clock still = { now, now, NULL };

static void capture_case(const char *dir, struct snapshot *ret)
{
	const struct capture_opts opts = { .rules = &rules_std,
					   .clock = &still,
					   .with_cmdline = true };
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

static void test_capture(void **state)
{
	auto_snapshot s;

	capture_case(*state, &s);
	assert_comes_back(&s, &rules_std);
}

/* Everything that a capture may lack. */
static void test_made_up(void **state attr_unused)
{
	static const char hostile[] = "a\\b\xff\x1b[31m\"\xe2\x80\xae'\n: {";
	auto_snapshot s;

	snap_init(&s);
	s.pid = s.stat.pid = 7;
	memcpy(s.stat.comm, hostile, sizeof(hostile));
	s.cmdline_why = REASON_NOT_READ;
	s.exe = hostile;
	s.partial = REASON_TRUNCATED;
	s.consistent = false;
	s.rss_after = amount_of(4096);
	s.limits.soft[PL_AS] = amount_of(UINT64_MAX);
	s.cgroup = (struct cgroup){ .version = 2,
				    .levels = xcalloc(1, sizeof(*s.cgroup.levels)),
				    .n = 1 };
	s.cgroup.levels[0].path = xstrdup(hostile);
	s.cgroup.levels[0].max = amount_of(UINT64_MAX);
	s.cgroup.levels[0].high = amount_absent_text("because");
	s.fds.files = xcalloc(1, sizeof(*s.fds.files));
	s.fds.files[0] = (struct fd_file){ .dev = 0x801, .inode = 9, .bytes = 8192 };
	s.fds.n_files = 1;
	s.fds.file_bytes = amount_of(8192);
	(void)snap_add(&s, &(struct snap_region){
				   .start = 0x10000,
				   .size_kib = 64,
				   .perms = SNAP_RX,
				   .name = hostile,
				   .inode = 9,
				   .category = CAT_C_EXTENSION,
				   .owner_kind = OWNER_PACKAGE,
				   .owner = hostile,
				   .package = hostile,
				   .kib = { SNAP_KIB(32, 16, 16, 0, 8, 8, 8) },
				   .absent = 1 << MC_LOCKED,
			   });
	(void)snap_add(&s, &(struct snap_region){
				   .start = 0x1c000,
				   .size_kib = 64,
				   .perms = SNAP_RW,
				   .marks = MARK_BSS | MARK_ALL_PRIVATE | MARK_UNNAMED,
				   .category = CAT_C_EXTENSION,
				   .evidence = EV_INFERRED,
				   .owner_kind = OWNER_PACKAGE,
				   .owner = hostile,
				   .kib = { SNAP_KIB(40, 40, 0, 0, 0, 40, 40), [MC_SWAP] = 12 },
			   });
	snap_add_part(&s, 16, 8, CAT_C_EXTENSION, EV_INFERRED, OWNER_PACKAGE, hostile);
	snap_add_part(&s, 48, 32, CAT_ANONYMOUS, EV_UNKNOWN, OWNER_NONE, "");
	assert_comes_back(&s, &rules_std);
}

static void test_several(void **state attr_unused)
{
	struct snapshot s[3];
	struct process_inputs views[3];
	struct judged_snapshot judged[3];
	struct build_opts opts;
	struct snapfile f;
	struct err err = ERR_INIT;
	auto_free char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	for (size_t i = 0; i < 3; i++) {
		snap_init(&s[i]);
		s[i].pid = (pid_t)(10 + i);
		s[i].cmdline_why = s[i].exe_why = REASON_NOT_READ;
		snap_add_anonymous(&s[i], 0x1000, 64, i);
		judge(&judged[i], &s[i]);
		views[i] = judged_view(&judged[i]);
	}
	opts = judged_opts(&s[0], &rules_std);
	assert_int_equal(snapshot_write(views, 3, NULL, &opts, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(read_bytes(bytes, n, &f, &err), 0);
	assert_int_equal(f.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(f.processes[i]->pid, 10 + i);
		assert_same_sums(f.processes[i], &s[i]);
		judged_release(&judged[i]);
		snapshot_release(&s[i]);
	}
	snapfile_release(&f);
}

static void test_full_disk(void **state attr_unused)
{
	auto_fclose FILE *out = fopen("/dev/full", "we");
	struct process_inputs view;
	struct build_opts opts;
	struct judged_snapshot j;
	auto_snapshot s;

	snap_init(&s);
	s.cmdline_why = s.exe_why = REASON_NOT_READ;
	for (size_t i = 0; i < 2000; i++)
		snap_add_anonymous(&s, 0x10000 * i, 64, 64);
	judge(&j, &s);
	view = judged_view(&j);
	opts = judged_opts(&s, &rules_std);
	assert_int_equal(snapshot_write(&view, 1, NULL, &opts, out), -ENOSPC);
	judged_release(&j);
}

/* Adds a test for each directory of captures, named like it; the arena owns the arguments. */
static void add_captures(struct row_tests *tests, struct arena *arena)
{
	const char *srcdir = getenv("srcdir");
	auto_free char *dir = xasprintf("%s/tests/captures", srcdir ? srcdir : ".");
	auto_free struct dirent **entries = NULL;
	int n = scandir(dir, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		auto_free struct dirent *entry = entries[i];

		if (*entry->d_name == '.')
			continue;
		tests->tests = xgrow(tests->tests, tests->n, &tests->cap, sizeof(*tests->tests));
		tests->tests[tests->n++] = (struct CMUnitTest){
			.name = xasprintf("snapfile: %s comes back", entry->d_name),
			.test_func = test_capture,
			.initial_state = arena_printf(arena, "%s/%s", dir, entry->d_name),
		};
	}
}

int main(void)
{
	struct row_tests tests = { 0 };
	struct arena arena = ARENA_INIT;
	int status;

	add_captures(&tests, &arena);
	rows_add_one(&tests, "snapfile: absent values of captures are read back", test_made_up);
	rows_add_one(&tests, "snapfile: several processes come back", test_several);
	rows_add_one(&tests, "snapfile: a full disk is an error", test_full_disk);
	status = rows_run("snapfile", &tests);
	arena_release(&arena);
	return status;
}
