/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of the causes of non-object memory: what is said of each follows from its own figures, and
 * what was not read is absent with its reason.
 */
#include "scene.h"

static void assert_text(const char *is, const char *want)
{
	assert_string_equal(is ? is : "(none)", want ? want : "(none)");
}

struct sharing_row {
	const char *name;
	uint64_t private_kib; /* of 3 MiB of a library */
	const char *facts, *advice;
};

static const struct sharing_row sharing_rows[] = {
	{ "mostly private", 2048, "2.0 MiB of it private, libbig.so 3.0 MiB",
	  "Code and data of libraries. Mostly private: it is freed if this process exits." },
	{ "mostly shared", 1024, "1.0 MiB of it private, libbig.so 3.0 MiB",
	  "Code and data of libraries. Mostly shared with other processes: see PSS." },
	{ "neither prevails", 1536, "1.5 MiB of it private, libbig.so 3.0 MiB",
	  "Code and data of libraries." },
};

static void test_sharing(void **state)
{
	const struct sharing_row *row = *state;
	const struct snap_region library = {
		.start = 0x7f0000000000,
		.size_kib = 3072,
		.perms = SNAP_RX,
		.name = "/lib/libbig.so",
		.inode = 7,
		.category = CAT_SHARED_LIBRARY,
		.evidence = EV_KERNEL,
		.owner_kind = OWNER_LIBRARY,
		.owner = "libbig.so",
		.kib = { [MC_RSS] = 3072,
			 [MC_PRIVATE_CLEAN] = row->private_kib,
			 [MC_SHARED_CLEAN] = 3072 - row->private_kib },
	};
	struct scene sc;

	scene_init(&sc);
	(void)snap_add(&sc.s, &library);
	(void)judge(&sc, "");
	assert_string_equal(cause_of(&sc, CAUSE_LIBRARIES)->facts, row->facts);
	assert_string_equal(cause_of(&sc, CAUSE_LIBRARIES)->advice, row->advice);
	scene_release(&sc);
}

/* Causes of less than 1 MiB, or than 1 % of RSS, get no advice. */
static void test_floors(void **state attr_unused)
{
	struct scene sc;

	scene_init(&sc);
	attribute(&sc.walk.attributions, 0, 0, LINE_NATIVE, MIB(2));
	attribute(&sc.walk.attributions, 0, 0, LINE_CODE, MIB(2) - 1);
	(void)judge(&sc, "");
	assert_non_null(cause_of(&sc, CAUSE_NATIVE)->advice);
	assert_null(cause_of(&sc, CAUSE_JIT)->advice);
	sc.s.n_regions = 0;
	snap_add_anonymous(&sc.s, 0x10000000, 2048, 2048);
	accounting_release(&sc.accounting);
	attribute(&sc.walk.attributions, 0, 0, LINE_STACK, MIB(1) - 1);
	(void)judge(&sc, "");
	assert_null(cause_of(&sc, CAUSE_STACKS)->advice);
	scene_release(&sc);
}

struct stack_row {
	const char *name, *runtime;
	uint64_t threads, threads_mib, tasks; /* tasks of 0: not known */
	const char *facts, *advice;
};

static const struct stack_row stack_rows[] = {
	{ "of goroutines", "go", 4, 4, 6144,
	  "12.0 MiB in stacks of 6144 goroutines, 2.0 KiB each, 4 threads, 1.0 MiB each",
	  "They grow with the depth of calls. Run fewer goroutines, and end those that wait for "
	  "ever: a profile of goroutines says where they wait." },
	{ "of goroutines that were not counted", "go", 4, 4, 0,
	  "12.0 MiB in stacks of goroutines, 4 threads, 1.0 MiB each",
	  "They grow with the depth of calls. Run fewer goroutines, and end those that wait for "
	  "ever: a profile of goroutines says where they wait." },
	{ "of threads, beside goroutines", "go", 4, 40, 6144,
	  "12.0 MiB in stacks of 6144 goroutines, 2.0 KiB each, 4 threads, 10.0 MiB each",
	  "They grow with the depth of calls. Run fewer threads, or with smaller stacks." },
	{ "of threads of a JVM", "jvm", 4, 4, 0, "4 threads, 4.0 MiB each",
	  "They grow with the depth of calls. Run fewer threads, or with smaller stacks." },
	{ "of one thread", "jvm", 1, 4, 0, "1 thread, 16.0 MiB each",
	  "They grow with the depth of calls." },
};

static void test_stacks(void **state)
{
	const struct stack_row *row = *state;
	const struct snap_region stack = {
		.start = 0x7ffd00000000,
		.size_kib = row->threads_mib << 10,
		.perms = SNAP_RW,
		.name = "[stack]",
		.category = CAT_STACK,
		.evidence = EV_KERNEL,
		.kib = { [MC_RSS] = row->threads_mib << 10 },
	};
	struct walk_runtime runtime = { .name = row->runtime, .total = walk_space_of("heap") };
	struct scene sc;

	scene_init(&sc);
	sc.owner = (struct walk_owner){ OWNER_RUNTIME, row->runtime };
	sc.s.stat.threads = row->threads;
	(void)snap_add(&sc.s, &stack);
	runtime.tasks.live = row->tasks ? amount_of(row->tasks)
					: amount_absent(REASON_GO_NO_GOROUTINES);
	sc.walk.runtimes = &runtime;
	sc.walk.n_runtimes = 1;
	attribute(&sc.walk.attributions, 0, 0, LINE_STACK, MIB(12));
	(void)judge(&sc, "");
	assert_string_equal(cause_of(&sc, CAUSE_STACKS)->facts, row->facts);
	assert_string_equal(cause_of(&sc, CAUSE_STACKS)->advice, row->advice);
	scene_release(&sc);
}

struct file_row {
	const char *name;
	uint64_t dirty_mib; /* of 30 MiB */
	const char *facts, *advice;
};

static const struct file_row file_rows[] = {
	{ "clean", 0, NULL,
	  "Pages of files that it reads or writes in memory. Mostly clean: the kernel takes clean "
	  "pages back when it needs them." },
	{ "written to", 25, "25.0 MiB of it written to",
	  "Pages of files that it reads or writes in memory. Mostly written to: the kernel must "
	  "write pages back, or swap them, before it can take them." },
	{ "both", 15, "15.0 MiB of it written to",
	  "Pages of files that it reads or writes in memory." },
};

static void test_files(void **state)
{
	const struct file_row *row = *state;
	const struct snap_region file = {
		.start = 0x7f0000000000,
		.size_kib = 30 << 10,
		.perms = SNAP_RW,
		.name = "/srv/data",
		.inode = 7,
		.category = CAT_MAPPED_FILE,
		.evidence = EV_KERNEL,
		.kib = { [MC_RSS] = 30 << 10,
			 [MC_SHARED_DIRTY] = row->dirty_mib << 10,
			 [MC_SHARED_CLEAN] = (30 - row->dirty_mib) << 10 },
	};
	struct scene sc;

	scene_init(&sc);
	(void)snap_add(&sc.s, &file);
	(void)judge(&sc, "");
	assert_text(cause_of(&sc, CAUSE_FILES)->facts, row->facts);
	assert_string_equal(cause_of(&sc, CAUSE_FILES)->advice, row->advice);
	scene_release(&sc);
}

/* What is known by its shape is named, as on the sheet; what is not known is not explained. */
static void test_evidence(void **state attr_unused)
{
	const struct snap_region shaped = {
		.start = 0x7f0000000000,
		.size_kib = 195 << 10,
		.perms = SNAP_RW,
		.category = CAT_ANONYMOUS,
		.evidence = EV_INFERRED,
		.owner_kind = OWNER_RUNTIME,
		.owner = "v8",
		.kib = { [MC_RSS] = 195 << 10 },
	};
	struct scene sc;

	scene_init(&sc);
	(void)snap_add(&sc.s, &shaped);
	(void)judge(&sc, "");
	assert_int_equal(cause_of(&sc, CAUSE_NAMED)->bytes, MIB(195));
	assert_string_equal(cause_of(&sc, CAUSE_NAMED)->facts, "v8 195.0 MiB");
	assert_int_equal(cause_of(&sc, CAUSE_REST)->bytes,
			 sc.accounting.evidence_bytes[EV_UNKNOWN]);
	scene_release(&sc);
}

struct unread_row {
	const char *name;
	enum reason allocator, runtime;          /* why they were not read */
	bool no_allocator, no_runtime, unwalked; /* unwalked: a runtime is only recognised */
	const char *objects, *native;            /* why they are absent; NULL: they are not */
	enum cause cause;                        /* of live blocks */
};

static const struct unread_row unread_rows[] = {
	{ "all was read", REASON_NONE, REASON_NONE, false, false, false, NULL, NULL, CAUSE_NATIVE },
	{ "no runtime", REASON_NONE, REASON_NONE, false, true, false,
	  "no language runtime was read", NULL, CAUSE_NATIVE },
	{ "no allocator", REASON_NONE, REASON_NONE, true, false, false, NULL,
	  "no allocator was read", CAUSE_NATIVE },
	{ "allocator not read", REASON_JEMALLOC_NOT_FOUND, REASON_NONE, false, false, false, NULL,
	  "glibc malloc: its tree of extents was not found", CAUSE_NATIVE },
	{ "runtime not read", REASON_NONE, REASON_PYTHON_FREE_THREADED, false, false, false,
	  "cpython 3.11: a free-threaded build, which is not read yet",
	  "the objects that may own blocks were not read", CAUSE_BLOCKS },
	{ "runtime not asked for", REASON_NONE, REASON_NONE, false, true, true, "cpython: not read",
	  "the objects that may own blocks were not read", CAUSE_BLOCKS },
};

static void assert_why(struct amount a, const char *why)
{
	assert_text(amount_ok(a) ? NULL : amount_why(a), why);
}

static void test_unread(void **state)
{
	const struct unread_row *row = *state;
	struct runtime known = { .name = "cpython" };
	struct scene sc;

	scene_init(&sc);
	sc.allocator.unread = row->allocator;
	sc.python.unread = row->runtime;
	sc.walk.n_allocators = !row->no_allocator;
	sc.walk.runtimes = &sc.python;
	sc.walk.n_runtimes = !row->no_runtime;
	if (row->unwalked) {
		sc.s.runtimes = xmemdup(&known, sizeof(known));
		sc.s.n_runtimes = 1;
	}
	attribute(&sc.walk.attributions, 0, 0, LINE_OBJECTS, MIB(8));
	attribute(&sc.walk.attributions, 0, 0, LINE_NATIVE, MIB(16));
	(void)judge(&sc, "");
	assert_why(sc.non_object.objects_bytes, row->objects);
	assert_why(sc.non_object.beyond_bytes, row->objects);
	assert_why(sc.non_object.native_bytes, row->native);
	assert_int_equal(cause_of(&sc, row->cause)->bytes, MIB(16));
	scene_release(&sc);
}

struct library_row {
	const char *name, *module; /* of the walked allocator; NULL: none was found */
	enum reason unread;
	const char *text; /* of the finding; NULL: no finding */
};

static const struct library_row library_rows[] = {
	{ "not found in it", NULL, REASON_NONE,
	  "libjemalloc.so.2 is loaded; it may manage the 200.0 MiB of unexplained memory." },
	{ "read", "/usr/lib/libjemalloc.so.2", REASON_NONE, NULL },
	{ "walked and not read", "/usr/lib/libjemalloc.so.2", REASON_JEMALLOC_NOT_FOUND,
	  "libjemalloc.so.2 was not read (its tree of extents was not found); it may manage the "
	  "200.0 MiB of unexplained memory." },
};

static void test_library(void **state)
{
	const struct library_row *row = *state;
	const struct snap_region library = {
		.start = 0x7f0000000000,
		.size_kib = 4,
		.perms = SNAP_RX,
		.name = "/usr/lib/libjemalloc.so.2",
		.inode = 7,
		.category = CAT_SHARED_LIBRARY,
		.evidence = EV_KERNEL,
	};
	const struct finding *found;
	struct scene sc;

	scene_init(&sc);
	(void)snap_add(&sc.s, &library);
	sc.s.files[1].has_exec = true;
	sc.allocator.module = row->module;
	sc.allocator.unread = row->unread;
	sc.walk.n_allocators = row->module != NULL;
	found = judge(&sc, "allocator");
	assert_text(found ? found->text : NULL, row->text);
	if (found)
		assert_false(strstr(found->advice, "--deep")); /* it was given */
	scene_release(&sc);
}

int main(void)
{
	struct row_tests list = { 0 };

	ROWS_ADD(&list, "shared or private", sharing_rows, test_sharing);
	rows_add_one(&list, "no advice on what is small", test_floors);
	ROWS_ADD(&list, "stacks", stack_rows, test_stacks);
	ROWS_ADD(&list, "files", file_rows, test_files);
	rows_add_one(&list, "causes have the evidence of the sheet", test_evidence);
	ROWS_ADD(&list, "not read", unread_rows, test_unread);
	ROWS_ADD(&list, "libraries of allocators", library_rows, test_library);

	return rows_run("causes", &list);
}
