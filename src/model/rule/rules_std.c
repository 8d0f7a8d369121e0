/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The built-in rules, which say what a mapping is; the first match wins. Names that begin with '['
 * count only without an inode, because a file may have such a name.
 */
#include "model/rule/rule.h"

#include "proc/smaps.h"

#define KERNEL_NAME(id_, glob, cat, ...)                                                           \
	{                                                                                          \
		.id = id_, .name = glob, .marks_off = MARK_FILE, .category = cat,                  \
		.evidence = EV_KERNEL, __VA_ARGS__                                                 \
	}
#define FILE_NAME(id_, glob, cat, ...)                                                             \
	{                                                                                          \
		.id = id_, .name = glob, .marks_on = MARK_FILE, .category = cat,                   \
		.evidence = EV_KERNEL, __VA_ARGS__                                                 \
	}
#define SHAPE(id_, mark, cat, ...)                                                                 \
	{                                                                                          \
		.id = id_, .marks_on = (mark) | MARK_UNNAMED, .category = cat,                     \
		.evidence = EV_INFERRED, __VA_ARGS__                                               \
	}
#define OWNER(kind_, name_) .source = OWN_LITERAL, .owner_kind = kind_, .owner = name_
#define OWNED_BY(kind_, source_) .source = source_, .owner_kind = kind_

static const struct rule rules[] = {
	KERNEL_NAME("vdso", "[[]vdso]", CAT_KERNEL),
	KERNEL_NAME("vvar", "[[]vvar*]", CAT_KERNEL),
	KERNEL_NAME("vsyscall", "[[]vsyscall]", CAT_KERNEL),
	KERNEL_NAME("uprobes", "[[]uprobes]", CAT_KERNEL),
	KERNEL_NAME("vectors", "[[]vectors]", CAT_KERNEL),
	KERNEL_NAME("sigpage", "[[]sigpage]", CAT_KERNEL),

	{ .id = "hugetlb", .flags_on = VMA_FLAG(VF_HT), .category = CAT_HUGETLB },
	{ .id = "hugetlb-page-size", .marks_on = MARK_HUGE_PAGES, .category = CAT_HUGETLB },
	{ .id = "anon-hugepage", .name = "/anon_hugepage*", .category = CAT_HUGETLB },

	KERNEL_NAME("main-stack", "[[]stack]", CAT_STACK, OWNER(OWNER_THREAD, "main")),
	KERNEL_NAME("stack-tid", "[[]stack:*]", CAT_STACK, OWNER(OWNER_THREAD, "threads")),
	KERNEL_NAME("brk-heap", "[[]heap]", CAT_HEAP, OWNER(OWNER_ALLOCATOR, "brk")),

	/* Named with prctl(PR_SET_VMA_ANON_NAME) by the C library, a runtime or the program. */
	KERNEL_NAME("anon-glibc-stack", "[[]anon: glibc: pthread*stack*", CAT_STACK,
		    OWNER(OWNER_THREAD, "threads")),
	KERNEL_NAME("anon-bionic-stack", "[[]anon:stack_and_tls:*", CAT_STACK,
		    OWNER(OWNER_THREAD, "threads")),
	KERNEL_NAME("anon-named-code", "[[]anon:*", CAT_JIT_CODE, OWNED_BY(OWNER_RUNTIME, OWN_NAME),
		    .perms_on = VMA_EXEC),
	KERNEL_NAME("anon-glibc-malloc", "[[]anon: glibc: malloc*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "glibc malloc")),
	KERNEL_NAME("anon-go", "[[]anon: Go: *", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "go")),
	KERNEL_NAME("anon-v8", "[[]anon:v8]", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "v8")),
	KERNEL_NAME("anon-v8-part", "[[]anon:v8-*", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "v8")),
	KERNEL_NAME("anon-partition-alloc", "[[]anon:partition_alloc*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "partition_alloc")),
	KERNEL_NAME("anon-mimalloc", "[[]anon:mimalloc*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "mimalloc")),
	KERNEL_NAME("anon-jemalloc", "[[]anon:jemalloc*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "jemalloc")),
	KERNEL_NAME("anon-scudo", "[[]anon:scudo:*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "scudo")),
	KERNEL_NAME("anon-bionic-malloc", "[[]anon:libc_malloc*", CAT_ANONYMOUS,
		    OWNER(OWNER_ALLOCATOR, "bionic malloc")),
	KERNEL_NAME("anon-php", "[[]anon:zend_*", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "php")),
	KERNEL_NAME("anon-ruby", "[[]anon:Ruby:*", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "ruby")),
	KERNEL_NAME("anon-cpython", "[[]anon:cpython:*", CAT_ANONYMOUS,
		    OWNER(OWNER_RUNTIME, "cpython")),
	KERNEL_NAME("anon-art", "[[]anon:dalvik-*", CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "art")),
	KERNEL_NAME("anon-named", "[[]anon:*", CAT_ANONYMOUS, OWNED_BY(OWNER_FILE, OWN_NAME)),
	KERNEL_NAME("anon-bracket", "[[]*]", CAT_ANONYMOUS, OWNED_BY(OWNER_FILE, OWN_NAME)),

	/* Identified by its inode; it may be a memfd. */
	{ .id = "program",
	  .marks_on = MARK_FILE | MARK_PROGRAM,
	  .category = CAT_PROGRAM,
	  OWNED_BY(OWNER_FILE, OWN_BASENAME) },

	/* Shared memory that the kernel names; before the rules that match suffixes. */
	{ .id = "anon-shmem",
	  .name = "[[]anon_shmem:*",
	  .category = CAT_SHARED_MEMORY,
	  OWNED_BY(OWNER_FILE, OWN_NAME) },
	FILE_NAME("memfd-dotnet-code", "/memfd:doublemapper*", CAT_JIT_CODE,
		  OWNER(OWNER_RUNTIME, "dotnet"), .perms_on = VMA_EXEC),
	FILE_NAME("memfd-dotnet", "/memfd:doublemapper*", CAT_SHARED_MEMORY,
		  OWNER(OWNER_RUNTIME, "dotnet")),
	FILE_NAME("memfd-jvm-heap", "/memfd:java_heap*", CAT_SHARED_MEMORY,
		  OWNER(OWNER_RUNTIME, "jvm")),
	FILE_NAME("memfd", "/memfd:*", CAT_SHARED_MEMORY, OWNED_BY(OWNER_FILE, OWN_NAME)),
	{ .id = "sysv",
	  .name = "/SYSV????????*",
	  .category = CAT_SHARED_MEMORY,
	  .perms_on = VMA_SHARED,
	  OWNED_BY(OWNER_FILE, OWN_NAME) },
	FILE_NAME("shared-anonymous", "/dev/zero*", CAT_SHARED_MEMORY, .perms_on = VMA_SHARED),
	{ .id = "dev-zero-private",
	  .name = "/dev/zero*",
	  .marks_on = MARK_FILE,
	  .category = CAT_ANONYMOUS,
	  .evidence = EV_UNKNOWN },
	FILE_NAME("secretmem", "/secretmem*", CAT_SHARED_MEMORY, OWNED_BY(OWNER_FILE, OWN_NAME)),

	FILE_NAME("dri", "/drm mm object*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("i915", "/i915*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("dma-buf", "/dmabuf:*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("aio-ring", "/[[]aio]*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("anon-inode", "anon_inode:*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("socket-ring", "socket:*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_NAME)),
	FILE_NAME("posix-shm", "/dev/shm/*", CAT_SHARED_MEMORY, OWNED_BY(OWNER_FILE, OWN_PATH),
		  .marks_off = MARK_EXEC_FILE | MARK_PROGRAM),
	FILE_NAME("device", "/dev/*", CAT_DEVICE, OWNED_BY(OWNER_FILE, OWN_PATH),
		  .marks_off = MARK_TMPFS),

	/* Files. */
	{ .id = "extension",
	  .marks_on = MARK_FILE | MARK_EXTENSION,
	  .category = CAT_C_EXTENSION,
	  OWNED_BY(OWNER_PACKAGE, OWN_PACKAGE) },
	FILE_NAME("jvm-archive", "*.jsa", CAT_MAPPED_FILE, OWNER(OWNER_RUNTIME, "jvm")),
	FILE_NAME("jvm-modules", "*/lib/modules", CAT_MAPPED_FILE, OWNER(OWNER_RUNTIME, "jvm")),
	FILE_NAME("library", "*.so", CAT_SHARED_LIBRARY, OWNED_BY(OWNER_LIBRARY, OWN_BASENAME)),
	FILE_NAME("library-version", "*.so.[0-9]*", CAT_SHARED_LIBRARY,
		  OWNED_BY(OWNER_LIBRARY, OWN_BASENAME)),
	{ .id = "library-code",
	  .marks_on = MARK_FILE | MARK_EXEC_FILE,
	  .category = CAT_SHARED_LIBRARY,
	  OWNED_BY(OWNER_LIBRARY, OWN_BASENAME) },
	{ .id = "tmpfs-file",
	  .marks_on = MARK_FILE | MARK_TMPFS,
	  .category = CAT_SHARED_MEMORY,
	  OWNED_BY(OWNER_FILE, OWN_PATH) },
	{ .id = "file",
	  .marks_on = MARK_FILE,
	  .category = CAT_MAPPED_FILE,
	  OWNED_BY(OWNER_FILE, OWN_PATH) },

	/* Unnamed memory that is identified by its shape. */
	{ .id = "shadow-stack",
	  .flags_on = VMA_FLAG(VF_SS),
	  .category = CAT_STACK,
	  OWNER(OWNER_THREAD, "shadow stacks") },
	SHAPE("bss", MARK_BSS, CAT_PROGRAM, .source = OWN_IMAGE),
	{ .id = "reserved", .marks_on = MARK_UNNAMED | MARK_NO_ACCESS, .category = CAT_ANONYMOUS },
	SHAPE("v8-code", MARK_V8, CAT_JIT_CODE, OWNER(OWNER_RUNTIME, "v8"), .perms_on = VMA_EXEC),
	SHAPE("v8-heap", MARK_V8, CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "v8")),
	SHAPE("go-heap", MARK_GO_ARENA, CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "go")),
	SHAPE("jvm-code", MARK_JVM_CODE, CAT_JIT_CODE, OWNER(OWNER_RUNTIME, "jvm")),
	SHAPE("jvm-class-space", MARK_JVM_CLASS, CAT_ANONYMOUS, OWNER(OWNER_RUNTIME, "jvm")),
	SHAPE("glibc-arena", MARK_GLIBC_ARENA, CAT_ANONYMOUS,
	      OWNER(OWNER_ALLOCATOR, "glibc malloc")),
	SHAPE("thread-stack", MARK_THREAD_STACK, CAT_STACK, OWNER(OWNER_THREAD, "threads")),
	{ .id = "jit-code",
	  .marks_on = MARK_UNNAMED,
	  .perms_on = VMA_EXEC,
	  .category = CAT_JIT_CODE,
	  .evidence = EV_UNKNOWN },
	{ .id = "anonymous", .category = CAT_ANONYMOUS, .evidence = EV_UNKNOWN },
};

const struct ruleset rules_std = { .rules = rules, .n = ARRAY_SIZE(rules) };
