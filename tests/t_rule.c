/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of model/rule/rule and rules_std: each rule matches its mappings and not similar ones. */
#include "model/rule/rule.h"

#include "proc/smaps.h"
#include "rows.h"

#define RW (VMA_READ | VMA_WRITE)
#define RX (VMA_READ | VMA_EXEC)
#define RWS (RW | VMA_SHARED)
#define UNNAMED MARK_UNNAMED
#define EXEC_FILE (MARK_FILE | MARK_EXEC_FILE)
#define TMPFS_FILE (MARK_FILE | MARK_TMPFS)

struct rule_row {
	const char *name; /* the rule that matches, or almost matches */
	const char *mapping;
	uint8_t perms;
	uint16_t marks;
	enum category category;
	enum evidence evidence;
	uint64_t flags;
	const char *instead; /* the rule that matches a similar mapping */
};

static const struct rule_row attribute_rows[] = {
	{ "vdso", "[vdso]", RX, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "vvar", "[vvar]", VMA_READ, 0, CAT_KERNEL, EV_KERNEL, VMA_FLAG(VF_PF), NULL },
	{ "vvar", "[vvar_vclock]", VMA_READ, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "vsyscall", "[vsyscall]", VMA_EXEC, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "uprobes", "[uprobes]", VMA_EXEC, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "vectors", "[vectors]", RX, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "sigpage", "[sigpage]", RX, 0, CAT_KERNEL, EV_KERNEL, 0, NULL },
	{ "hugetlb", "/mnt/huge/x", RWS, MARK_FILE, CAT_HUGETLB, EV_KERNEL, VMA_FLAG(VF_HT), NULL },
	{ "hugetlb", "", RW, UNNAMED, CAT_HUGETLB, EV_KERNEL, VMA_FLAG(VF_HT), NULL },
	{ "hugetlb-page-size", "/SYSV00000000 (deleted)", RWS, MARK_FILE | MARK_HUGE_PAGES,
	  CAT_HUGETLB, EV_KERNEL, 0, NULL },
	{ "anon-hugepage", "/anon_hugepage (deleted)", RW, MARK_FILE, CAT_HUGETLB, EV_KERNEL, 0,
	  NULL },
	{ "main-stack", "[stack]", RW, 0, CAT_STACK, EV_KERNEL, VMA_FLAG(VF_GD), NULL },
	{ "stack-tid", "[stack:4711]", RW, 0, CAT_STACK, EV_KERNEL, 0, NULL },
	{ "brk-heap", "[heap]", RW, 0, CAT_HEAP, EV_KERNEL, 0, NULL },
	{ "brk-heap", "[heap]", RW | VMA_EXEC, 0, CAT_HEAP, EV_KERNEL, 0, NULL },
	{ "anon-glibc-stack", "[anon: glibc: pthread stack: 4711]", RW, 0, CAT_STACK, EV_KERNEL, 0,
	  NULL },
	{ "anon-glibc-stack", "[anon: glibc: pthread user stack: 4711]", RW, 0, CAT_STACK,
	  EV_KERNEL, 0, NULL },
	{ "anon-bionic-stack", "[anon:stack_and_tls:4711]", RW, 0, CAT_STACK, EV_KERNEL, 0, NULL },
	{ "anon-named-code", "[anon:dart-code]", RX, 0, CAT_JIT_CODE, EV_KERNEL, 0, NULL },
	{ "anon-glibc-malloc", "[anon: glibc: malloc arena]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0,
	  NULL },
	{ "anon-glibc-malloc", "[anon: glibc: malloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-go", "[anon: Go: heap]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-v8", "[anon:v8]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-v8-part", "[anon:v8-sandbox]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-partition-alloc", "[anon:partition_alloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0,
	  NULL },
	{ "anon-mimalloc", "[anon:mimalloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-jemalloc", "[anon:jemalloc_pg]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-scudo", "[anon:scudo:primary]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-bionic-malloc", "[anon:libc_malloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-php", "[anon:zend_alloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-ruby", "[anon:Ruby:GC:default:heap_page]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0,
	  NULL },
	{ "anon-cpython", "[anon:cpython:pymalloc]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-art", "[anon:dalvik-main space]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-named", "[anon:my cache]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-bracket", "[something new]", RW, 0, CAT_ANONYMOUS, EV_KERNEL, 0, NULL },
	{ "anon-shmem", "[anon_shmem:x]", RWS, MARK_FILE, CAT_SHARED_MEMORY, EV_KERNEL, 0, NULL },
	{ "memfd-dotnet-code", "/memfd:doublemapper (deleted)", RX | VMA_SHARED, EXEC_FILE,
	  CAT_JIT_CODE, EV_KERNEL, 0, NULL },
	{ "memfd-dotnet", "/memfd:doublemapper (deleted)", RWS, EXEC_FILE, CAT_SHARED_MEMORY,
	  EV_KERNEL, 0, NULL },
	{ "memfd-jvm-heap", "/memfd:java_heap (deleted)", RWS, TMPFS_FILE, CAT_SHARED_MEMORY,
	  EV_KERNEL, 0, NULL },
	{ "memfd", "/memfd:libx.so (deleted)", RX, EXEC_FILE | MARK_TMPFS, CAT_SHARED_MEMORY,
	  EV_KERNEL, 0, NULL },
	{ "memfd", "/memfd: (deleted)", RW, TMPFS_FILE, CAT_SHARED_MEMORY, EV_KERNEL, 0, NULL },
	{ "sysv", "/SYSV0052e2c1 (deleted)", RWS, TMPFS_FILE, CAT_SHARED_MEMORY, EV_KERNEL, 0,
	  NULL },
	{ "shared-anonymous", "/dev/zero (deleted)", RWS, TMPFS_FILE, CAT_SHARED_MEMORY, EV_KERNEL,
	  0, NULL },
	{ "dev-zero-private", "/dev/zero", RW, TMPFS_FILE, CAT_ANONYMOUS, EV_UNKNOWN, 0, NULL },
	{ "secretmem", "/secretmem (deleted)", RWS, MARK_FILE, CAT_SHARED_MEMORY, EV_KERNEL,
	  VMA_FLAG(VF_DD), NULL },
	{ "dri", "/drm mm object (deleted)", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "i915", "/i915 (deleted)", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "dma-buf", "/dmabuf:", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "aio-ring", "/[aio] (deleted)", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "anon-inode", "anon_inode:[io_uring]", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "socket-ring", "socket:[4711]", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL, 0, NULL },
	{ "posix-shm", "/dev/shm/PostgreSQL.7", RWS, TMPFS_FILE, CAT_SHARED_MEMORY, EV_KERNEL, 0,
	  NULL },
	{ "device", "/dev/dri/renderD128", RWS, MARK_FILE, CAT_DEVICE, EV_KERNEL,
	  VMA_FLAG(VF_PF) | VMA_FLAG(VF_IO), NULL },
	{ "program", "/usr/bin/x", RX, EXEC_FILE | MARK_PROGRAM, CAT_PROGRAM, EV_KERNEL, 0, NULL },
	{ "program", "/usr/lib/libc.so.6", RX, EXEC_FILE | MARK_PROGRAM, CAT_PROGRAM, EV_KERNEL, 0,
	  NULL },
	{ "extension", "/x/numpy/core/_m.cpython-311-x86_64-linux-gnu.so", RW,
	  EXEC_FILE | MARK_EXTENSION, CAT_C_EXTENSION, EV_KERNEL, 0, NULL },
	{ "jvm-archive", "/usr/lib/jvm/lib/server/classes.jsa", RW, MARK_FILE, CAT_MAPPED_FILE,
	  EV_KERNEL, 0, NULL },
	{ "jvm-modules", "/usr/lib/jvm/lib/modules", VMA_READ, MARK_FILE, CAT_MAPPED_FILE,
	  EV_KERNEL, 0, NULL },
	{ "library", "/usr/lib/libx.so", VMA_READ, MARK_FILE, CAT_SHARED_LIBRARY, EV_KERNEL, 0,
	  NULL },
	{ "library-version", "/usr/lib/libc.so.6", RW, EXEC_FILE, CAT_SHARED_LIBRARY, EV_KERNEL, 0,
	  NULL },
	{ "library-version", "/usr/lib/libz.so.1.2.13 (deleted)", VMA_READ, MARK_FILE,
	  CAT_SHARED_LIBRARY, EV_KERNEL, 0, NULL },
	{ "library-code", "/opt/plugin", VMA_READ, EXEC_FILE, CAT_SHARED_LIBRARY, EV_KERNEL, 0,
	  NULL },
	{ "tmpfs-file", "/tmp/cache", RWS, TMPFS_FILE, CAT_SHARED_MEMORY, EV_KERNEL, 0, NULL },
	{ "file", "/usr/lib/locale/locale-archive", VMA_READ, MARK_FILE, CAT_MAPPED_FILE, EV_KERNEL,
	  0, NULL },
	{ "shadow-stack", "", RW, UNNAMED, CAT_STACK, EV_KERNEL, VMA_FLAG(VF_SS), NULL },
	{ "bss", "", RW, UNNAMED | MARK_BSS, CAT_PROGRAM, EV_INFERRED, 0, NULL },
	{ "reserved", "", 0, UNNAMED | MARK_NO_ACCESS, CAT_ANONYMOUS, EV_KERNEL, VMA_FLAG(VF_NR),
	  NULL },
	{ "v8-code", "", RX, UNNAMED | MARK_V8, CAT_JIT_CODE, EV_INFERRED, 0, NULL },
	{ "v8-heap", "", RW, UNNAMED | MARK_V8, CAT_ANONYMOUS, EV_INFERRED, 0, NULL },
	{ "go-heap", "", RW, UNNAMED | MARK_GO_ARENA | MARK_THREAD_STACK, CAT_ANONYMOUS,
	  EV_INFERRED, 0, NULL },
	{ "jvm-code", "", RW | VMA_EXEC, UNNAMED | MARK_JVM_CODE, CAT_JIT_CODE, EV_INFERRED, 0,
	  NULL },
	{ "jvm-class-space", "", RW, UNNAMED | MARK_JVM_CLASS, CAT_ANONYMOUS, EV_INFERRED, 0,
	  NULL },
	{ "glibc-arena", "", RW, UNNAMED | MARK_GLIBC_ARENA, CAT_ANONYMOUS, EV_INFERRED, 0, NULL },
	{ "thread-stack", "", RW, UNNAMED | MARK_THREAD_STACK, CAT_STACK, EV_INFERRED, 0, NULL },
	{ "jit-code", "", RW | VMA_EXEC, UNNAMED, CAT_JIT_CODE, EV_UNKNOWN, 0, NULL },
	{ "anonymous", "", RW, UNNAMED, CAT_ANONYMOUS, EV_UNKNOWN, 0, NULL },
	{ "anonymous", "", RW, UNNAMED, CAT_ANONYMOUS, EV_UNKNOWN,
	  VMA_FLAG(VF_NR) | VMA_FLAG(VF_NH) | VMA_FLAG(VF_DC), NULL },
};

#define FILE_CALLED(rule_, path)                                                                   \
	{                                                                                          \
		rule_, path, RW, MARK_FILE, 0, 0, 0, "file"                                        \
	}
#define NAMED_BY_PROGRAM(rule_, name_)                                                             \
	{                                                                                          \
		rule_, name_, RW, 0, 0, 0, 0, "anon-named"                                         \
	}
#define PLAIN(rule_, perms_, marks_, flags_)                                                       \
	{                                                                                          \
		rule_, "", perms_, marks_, 0, 0, flags_, "anonymous"                               \
	}

static const struct rule_row miss_rows[] = {
	FILE_CALLED("vdso", "[vdso]"),
	FILE_CALLED("vvar", "[vvar]"),
	FILE_CALLED("vsyscall", "[vsyscall]"),
	FILE_CALLED("uprobes", "[uprobes]"),
	FILE_CALLED("vectors", "[vectors]"),
	FILE_CALLED("sigpage", "[sigpage]"),
	{ "vdso", "[vdso2]", RX, 0, 0, 0, 0, "anon-bracket" },
	PLAIN("hugetlb", RW, UNNAMED, VMA_FLAG(VF_HG)),
	PLAIN("hugetlb-page-size", RW, UNNAMED | MARK_ALL_PRIVATE, 0),
	FILE_CALLED("anon-hugepage", "/x/anon_hugepage"),
	FILE_CALLED("main-stack", "[stack]"),
	{ "main-stack", "[stack]x", RW, 0, 0, 0, 0, "anonymous" },
	FILE_CALLED("stack-tid", "[stack:4711]"),
	FILE_CALLED("brk-heap", "[heap]"),
	{ "brk-heap", "[heap] (deleted)", RW, MARK_FILE, 0, 0, 0, "file" },
	NAMED_BY_PROGRAM("anon-glibc-stack", "[anon:glibc: pthread stack: 1]"),
	NAMED_BY_PROGRAM("anon-bionic-stack", "[anon:my stack_and_tls:1]"),
	NAMED_BY_PROGRAM("anon-named-code", "[anon:dart-code]"),
	NAMED_BY_PROGRAM("anon-glibc-malloc", "[anon:glibc: malloc]"),
	NAMED_BY_PROGRAM("anon-go", "[anon:NewGo: x]"),
	NAMED_BY_PROGRAM("anon-v8", "[anon:ipv8]"),
	NAMED_BY_PROGRAM("anon-v8-part", "[anon:v8 engines of cars]"),
	NAMED_BY_PROGRAM("anon-partition-alloc", "[anon:my partition_alloc]"),
	NAMED_BY_PROGRAM("anon-mimalloc", "[anon:not mimalloc]"),
	NAMED_BY_PROGRAM("anon-jemalloc", "[anon:not jemalloc]"),
	NAMED_BY_PROGRAM("anon-scudo", "[anon:scudo]"),
	NAMED_BY_PROGRAM("anon-bionic-malloc", "[anon:my libc_malloc]"),
	NAMED_BY_PROGRAM("anon-php", "[anon:zendesk]"),
	NAMED_BY_PROGRAM("anon-ruby", "[anon:Ruby]"),
	NAMED_BY_PROGRAM("anon-cpython", "[anon:my cpython:x]"),
	NAMED_BY_PROGRAM("anon-art", "[anon:dalvik]"),
	{ "anon-named", "[anon]", RW, 0, 0, 0, 0, "anon-bracket" },
	FILE_CALLED("anon-named", "[anon:x]"),
	{ "anon-bracket", "[open", RW, 0, 0, 0, 0, "anonymous" },
	FILE_CALLED("anon-shmem", "/[anon_shmem:x]"),
	{ "memfd-dotnet-code", "/memfd:my doublemapper (deleted)", RX, EXEC_FILE, 0, 0, 0,
	  "memfd" },
	{ "memfd-dotnet", "/memfd:my doublemapper (deleted)", RWS, EXEC_FILE, 0, 0, 0, "memfd" },
	{ "memfd-jvm-heap", "/memfd:my java_heap (deleted)", RWS, TMPFS_FILE, 0, 0, 0, "memfd" },
	{ "memfd", "/x/memfd:libx.so", RX, EXEC_FILE, 0, 0, 0, "library" },
	FILE_CALLED("sysv", "/SYSV0052e2c1"),
	{ "sysv", "/SYSV1", RWS, MARK_FILE, 0, 0, 0, "file" },
	FILE_CALLED("shared-anonymous", "/x/dev/zero"),
	{ "shared-anonymous", "/dev/zero", RW, MARK_FILE, 0, 0, 0, "dev-zero-private" },
	FILE_CALLED("dev-zero-private", "/x/dev/zero"),
	FILE_CALLED("secretmem", "/x/secretmem"),
	FILE_CALLED("dri", "/x/drm mm object"),
	FILE_CALLED("i915", "/x/i915"),
	FILE_CALLED("dma-buf", "/dmabuf"),
	FILE_CALLED("aio-ring", "/aio"),
	FILE_CALLED("anon-inode", "/anon_inode:[io_uring]"),
	FILE_CALLED("socket-ring", "/socket:[4711]"),
	{ "posix-shm", "/dev/shm/libx.so", RW, EXEC_FILE | MARK_TMPFS, 0, 0, 0, "library" },
	{ "posix-shm", "/dev/shm/x", RX, EXEC_FILE | MARK_TMPFS | MARK_PROGRAM, 0, 0, 0,
	  "program" },
	FILE_CALLED("posix-shm", "/x/dev/shm/y"),
	FILE_CALLED("device", "/home/dev/x"),
	{ "program", "/usr/bin/x", RX, EXEC_FILE, 0, 0, 0, "library-code" },
	PLAIN("program", RX & ~VMA_EXEC, MARK_PROGRAM, 0),
	{ "extension", "/x/numpy/_m.cpython-311-x86_64-linux-gnu.so", RX, EXEC_FILE, 0, 0, 0,
	  "library" },
	FILE_CALLED("jvm-archive", "/x/classes.jsa.bak"),
	FILE_CALLED("jvm-modules", "/x/lib/modules/6.1/x.ko"),
	FILE_CALLED("library", "/x/also"),
	FILE_CALLED("library", "/x.so/data"),
	FILE_CALLED("library-version", "/x/backup.so.gz"),
	FILE_CALLED("library-code", "/opt/plugin"),
	FILE_CALLED("tmpfs-file", "/tmp/cache"),
	{ "file", "", RW, 0, 0, 0, 0, "anonymous" },
	PLAIN("shadow-stack", RW, UNNAMED, VMA_FLAG(VF_NH)),
	PLAIN("bss", RW, UNNAMED, 0),
	PLAIN("reserved", 0, UNNAMED, VMA_FLAG(VF_NR)),
	PLAIN("reserved", 0, MARK_NO_ACCESS, 0),
	{ "v8-code", "", RX, UNNAMED, 0, 0, VMA_FLAG(VF_DC) | VMA_FLAG(VF_NR), "jit-code" },
	PLAIN("v8-heap", RW, UNNAMED, VMA_FLAG(VF_DC) | VMA_FLAG(VF_NR)),
	PLAIN("go-heap", RW, UNNAMED, 0),
	{ "jvm-code", "", RW | VMA_EXEC, UNNAMED, 0, 0, 0, "jit-code" },
	PLAIN("jvm-class-space", RW, UNNAMED, 0),
	PLAIN("glibc-arena", RW, UNNAMED, VMA_FLAG(VF_NR)),
	PLAIN("thread-stack", RW, UNNAMED, VMA_FLAG(VF_NH)),
	PLAIN("jit-code", RW, UNNAMED, VMA_FLAG(VF_EX) | VMA_FLAG(VF_ME)),
	{ "anonymous", "", RW | VMA_EXEC, UNNAMED, 0, 0, 0, "jit-code" },
};

static const struct rule *match(const struct rule_row *row)
{
	const struct region r = { .perms = row->perms, .flags = row->flags, .marks = row->marks };

	return &rules_std.rules[ruleset_match(&rules_std, row->mapping, &r)];
}

static void test_attribution(void **state)
{
	const struct rule_row *row = *state;
	const struct rule *rule = match(row);

	assert_string_equal(rule->id, row->name);
	assert_int_equal(rule->category, row->category);
	assert_int_equal(rule->evidence, row->evidence);
}

static void test_miss(void **state)
{
	const struct rule_row *row = *state;

	assert_string_equal(match(row)->id, row->instead);
	assert_string_not_equal(row->instead, row->name);
}

static bool is_covered(const struct rule_row *rows, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++) {
		if (streq(rows[i].name, id))
			return true;
	}
	return false;
}

static void test_coverage(void **state attr_unused)
{
	for (size_t i = 0; i < rules_std.n; i++) {
		const char *id = rules_std.rules[i].id;

		if (!is_covered(attribute_rows, ARRAY_SIZE(attribute_rows), id) ||
		    !is_covered(miss_rows, ARRAY_SIZE(miss_rows), id))
			fail_msg("rule %s lacks a row", id);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(id, rules_std.rules[k].id);
	}
}

/* A rule with a literal owner names it; all others say where the owner's name is from. */
static void test_owners(void **state attr_unused)
{
	for (size_t i = 0; i < rules_std.n; i++) {
		const struct rule *rule = &rules_std.rules[i];
		bool somebody = rule->source != OWN_NONE && rule->source != OWN_IMAGE;

		assert_int_equal(rule->source == OWN_LITERAL, rule->owner != NULL);
		assert_int_equal(rule->owner_kind != OWNER_NONE, somebody);
	}
}

static void test_last(void **state attr_unused)
{
	static const struct rule one[] = { { .id = "never", .perms_on = VMA_EXEC } };
	static const struct ruleset set = { .rules = one, .n = 1 };
	const struct region r = { .perms = RW };

	assert_int_equal(ruleset_match(&set, "", &r), 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "matches", attribute_rows, test_attribution);
	ROWS_ADD(&list, "nearly", miss_rows, test_miss);
	rows_add_one(&list, "rules: each with a row that it matches and a near miss",
		     test_coverage);
	rows_add_one(&list, "rules: owners", test_owners);
	rows_add_one(&list, "rules: the last one matches everything", test_last);
	return rows_run("rule", &list);
}
