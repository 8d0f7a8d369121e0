/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of findings about memory that was walked, and of the causes. */
#include "scene.h"

struct free_row {
	const char *name;
	uint64_t free_mib, whole_mib;
	size_t arenas;
	bool python;
	const char *text;   /* of the finding; NULL: no finding */
	const char *advice; /* the end of the advice */
};

static const struct free_row free_rows[] = {
	{ "little", 63, 60, 1, false, NULL, NULL },
	{ "whole pages", 100, 90, 1, false,
	  "100.0 MiB of RSS (50.0 %) is free in malloc, 90.0 MiB of it in whole pages, in 1 "
	  "arena.",
	  " malloc_trim(0) returns the whole pages." },
	{ "whole pages, in Python", 100, 90, 1, true,
	  "100.0 MiB of RSS (50.0 %) is free in malloc, 90.0 MiB of it in whole pages, in 1 "
	  "arena.",
	  " from Python: ctypes.CDLL(None).malloc_trim(0)." },
	{ "between live blocks", 100, 9, 2, false,
	  "100.0 MiB of RSS (50.0 %) is free in malloc, 9.0 MiB of it in whole pages, in 2 "
	  "arenas.",
	  " most of it lies between live blocks." },
	{ "many arenas", 100, 90, 34, false,
	  "100.0 MiB of RSS (50.0 %) is free in malloc, 90.0 MiB of it in whole pages, in 34 "
	  "arenas.",
	  " MALLOC_ARENA_MAX=2 in the environment limits its threads to two arenas." },
};

static void test_malloc_free(void **state)
{
	const struct free_row *row = *state;
	const struct finding *found;
	struct scene sc;

	scene_init(&sc);
	sc.allocator.n_arenas = row->arenas;
	sc.allocator.total.trimmable_bytes = MIB(row->whole_mib);
	sc.walk.runtimes = &sc.python;
	sc.walk.n_runtimes = row->python;
	attribute(&sc.walk.attributions, 0, 0, LINE_MALLOC_FREE, MIB(row->free_mib));
	found = judge(&sc, "malloc_free");
	if (row->text) {
		assert_non_null(found);
		assert_string_equal(found->text, row->text);
		assert_int_equal(found->severity, SEV_WARNING);
		assert_true(ends_with(found->advice, row->advice));
	} else {
		assert_null(found);
	}
	scene_release(&sc);
}

struct type_row {
	const char *name;
	uint64_t all_mib, dict_mib;
	bool large;
	const char *text; /* of the finding; NULL: no finding */
};

static const struct type_row type_rows[] = {
	{ "a fifth", 100, 20, false, NULL },
	{ "more than a fifth, of little", 20, 15, false, NULL },
	{ "more than a fifth", 100, 21, false,
	  "1000 dict take 21.0 MiB of 100.0 MiB in objects (21.0 %); no single object is large." },
	{ "one of them large", 100, 21, true,
	  "1000 dict take 21.0 MiB of 100.0 MiB in objects (21.0 %); the largest has 20.0 MiB." },
};

static void test_types(void **state)
{
	const struct type_row *row = *state;
	const struct finding *found;
	struct scene sc;

	scene_init(&sc);
	sc.python.bytes = amount_of(MIB(row->all_mib));
	sc.types[0].bytes = MIB(row->dict_mib);
	sc.types[1].bytes = 0;
	sc.python.large = &sc.large;
	sc.python.n_large = row->large;
	sc.walk.runtimes = &sc.python;
	sc.walk.n_runtimes = 1;
	found = judge(&sc, "large_types");
	if (row->text) {
		assert_non_null(found);
		assert_string_equal(found->text, row->text);
		assert_int_equal(found->severity, SEV_INFO);
	} else {
		assert_null(found);
	}
	scene_release(&sc);
}

/* Frequent sizes, modules that blocks point into, and packages that may own the others. */
static void test_native(void **state attr_unused)
{
	static const struct snap_region extension = {
		.start = 0x7f0000000000,
		.size_kib = 64,
		.perms = SNAP_RW,
		.name = "/site-packages/hoard/_hoard.so",
		.inode = 7,
		.category = CAT_C_EXTENSION,
		.evidence = EV_KERNEL,
		.owner_kind = OWNER_PACKAGE,
		.owner = "hoard",
		.kib = { SNAP_KIB(64, 64, 0, 0, 0, 64, 64) },
	};
	struct walk_module modules[] = { { "/usr/lib/libbig.so.1", NULL, 9, MIB(9) },
					 { "/x/_core.so", "hoard", 9, MIB(4) },
					 { "/x/_more.so", "hoard", 9, MIB(3) },
					 { "/usr/lib/libsmall.so.1", NULL, 9, MIB(1) } };
	struct scene sc;

	scene_init(&sc);
	(void)snap_add(&sc.s, &extension);
	sc.allocator.sizes[0] = (struct walk_size){ MIB(1), 80 };
	sc.allocator.sizes[1] = (struct walk_size){ MIB(10), 1 };
	sc.allocator.sizes[2] = (struct walk_size){ MIB(9), 1 };
	sc.allocator.n_sizes = 3;
	sc.allocator.modules = modules;
	sc.allocator.n_modules = ARRAY_SIZE(modules);
	attribute(&sc.walk.attributions, 0, 0, LINE_NATIVE, MIB(100));
	(void)judge(&sc, "");
	assert_string_equal(cause_of(&sc, CAUSE_NATIVE)->facts,
			    "80 blocks of 1.0 MiB, 1 block of 10.0 MiB, 9.0 MiB in blocks that "
			    "point into libbig.so.1, 7.0 MiB in blocks that point into hoard, "
			    "extensions loaded: hoard");
	scene_release(&sc);
}

/* Without a frequent size, the average size is reported. */
static void test_scattered(void **state attr_unused)
{
	struct scene sc;

	scene_init(&sc);
	sc.allocator.sizes[0] = (struct walk_size){ KIB(4), 1000 };
	sc.allocator.n_sizes = 1;
	sc.allocator.native_blocks = 200000;
	sc.allocator.native_bytes = MIB(100);
	attribute(&sc.walk.attributions, 0, 0, LINE_NATIVE, MIB(100));
	(void)judge(&sc, "");
	assert_string_equal(cause_of(&sc, CAUSE_NATIVE)->facts,
			    "200000 blocks of 524 B on average");
	scene_release(&sc);
}

static void test_fragmented(void **state attr_unused)
{
	struct scene sc;

	scene_init(&sc);
	sc.only.pymalloc.arenas = 40;
	sc.only.pymalloc.total.system_bytes = MIB(40);
	sc.only.pymalloc.packed_bytes = MIB(11);
	sc.walk.runtimes = &sc.python;
	sc.walk.n_runtimes = 1;
	attribute(&sc.walk.attributions, 0, 0, LINE_RUNTIME_FREE, MIB(29));
	(void)judge(&sc, "");
	assert_string_equal(
		cause_of(&sc, CAUSE_RUNTIME_FREE)->facts,
		"pymalloc has 40 arenas of 40.0 MiB; its live blocks would fit in 11.0 MiB");
	scene_release(&sc);
}

struct runtime_row {
	const char *name, *runtime, *space;
	enum cause cause;
	enum walk_line line;
	const char *facts;  /* all of them */
	const char *advice; /* the end of the advice */
};

static const struct runtime_row runtime_rows[] = {
	{ "free memory that PHP keeps", "php", "cached chunks", CAUSE_RUNTIME_FREE,
	  LINE_RUNTIME_FREE,
	  "php may use 60.0 MiB and uses 31.0 MiB, 6.0 MiB of it in chunks kept for the next "
	  "request, 50.0 MiB were in use at the peak",
	  " processing rows one by one instead of all at once lowers the peak." },
	{ "the new space of node", "node", "new space", CAUSE_RUNTIME_FREE, LINE_RUNTIME_FREE,
	  "node may use 60.0 MiB and uses 31.0 MiB, 6.0 MiB of it in the new space",
	  " --max-old-space-size the latter, at the cost of more collections." },
	{ "external memory of node", "node", "new space", CAUSE_NATIVE, LINE_NATIVE, NULL,
	  " which is freed when its objects are collected." },
	{ "slots of Ruby", "ruby", "slots of 40 bytes", CAUSE_RUNTIME_FREE, LINE_RUNTIME_FREE,
	  "ruby may use 60.0 MiB and uses 31.0 MiB",
	  " GC.compact, or GC.auto_compact = true, moves live ones together." },
	{ "free memory that a JVM keeps", "jvm", "eden", CAUSE_RUNTIME_FREE, LINE_RUNTIME_FREE,
	  "jvm may use 60.0 MiB and uses 31.0 MiB",
	  " or -XX:ShenandoahUncommitDelay returns it sooner." },
	{ "native memory of a JVM", "jvm", "eden", CAUSE_NATIVE, LINE_NATIVE, NULL,
	  " jcmd VM.native_memory shows it." },
	{ "free memory that Go keeps", "go", "idle", CAUSE_RUNTIME_FREE, LINE_RUNTIME_FREE,
	  "go may use 60.0 MiB and uses 31.0 MiB, 6.0 MiB of it idle",
	  " a lower GOGC collects sooner." },
	{ "free memory that Go released", "go", "released", CAUSE_RUNTIME_FREE, LINE_RUNTIME_FREE,
	  "go may use 60.0 MiB and uses 31.0 MiB, 6.0 MiB of it released with MADV_FREE",
	  " prevent its return. The kernel takes what was released when it needs it: subtract it "
	  "from RSS. GODEBUG=madvdontneed=1, the default since Go 1.16, takes it from RSS at "
	  "once." },
	{ "free memory among elements of Go", "go", "spans in use", CAUSE_RUNTIME_FREE,
	  LINE_RUNTIME_FREE, "go may use 60.0 MiB and uses 31.0 MiB",
	  " live objects in between prevent its return." },
	{ "malloc of Ruby", "ruby", "slots of 40 bytes", CAUSE_MALLOC_FREE, LINE_MALLOC_FREE,
	  "0 B of it in whole pages, in 1 arena", " or jemalloc, keeps the arenas small." },
};

static void test_runtime(void **state)
{
	const struct runtime_row *row = *state;
	struct walk_space space = walk_space_of(row->space);
	struct walk_runtime runtime = {
		.name = row->runtime,
		.total = walk_space_of("heap"),
		.spaces = &space,
		.n_spaces = 1,
		.peak_live = amount_of(MIB(50)),
	};
	const struct cause_row *cause;
	struct scene sc;

	scene_init(&sc);
	space.free_resident = amount_of(MIB(6));
	runtime.total.committed = amount_of(MIB(60));
	runtime.total.live = amount_of(MIB(31));
	sc.walk.runtimes = &runtime;
	sc.walk.n_runtimes = 1;
	attribute(&sc.walk.attributions, 0, 0, row->line, MIB(29));
	(void)judge(&sc, "");
	cause = cause_of(&sc, row->cause);
	if (row->facts)
		assert_string_equal(cause->facts, row->facts);
	assert_true(ends_with(cause->advice, row->advice));
	scene_release(&sc);
}

/* A runtime that was not read adds nothing. */
static void test_unread_runtime(void **state attr_unused)
{
	struct walk_runtime runtime = { .name = "php", .unread = REASON_PHP_NOT_FOUND };
	struct scene sc;

	scene_init(&sc);
	sc.walk.runtimes = &runtime;
	sc.walk.n_runtimes = 1;
	attribute(&sc.walk.attributions, 0, 0, LINE_RUNTIME_FREE, MIB(29));
	(void)judge(&sc, "");
	assert_null(cause_of(&sc, CAUSE_RUNTIME_FREE)->facts);
	assert_false(strstr(cause_of(&sc, CAUSE_RUNTIME_FREE)->advice, "pm.max_requests"));
	scene_release(&sc);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "free in malloc", free_rows, test_malloc_free);
	ROWS_ADD(&list, "large types", type_rows, test_types);
	rows_add_one(&list, "facts about native memory", test_native);
	rows_add_one(&list, "facts about native memory of many sizes", test_scattered);
	rows_add_one(&list, "facts about pymalloc", test_fragmented);
	ROWS_ADD(&list, "what is known of a runtime", runtime_rows, test_runtime);
	rows_add_one(&list, "nothing is known of a runtime that was not read", test_unread_runtime);
	return rows_run("findings_deep", &list);
}
