/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/region.h"

const struct category_desc category_descs[] = {
	[CAT_HEAP] = { "heap", "heap", "the brk heap, where malloc begins" },
	[CAT_ANONYMOUS] = { "anonymous", "anonymous",
			    "private memory of no file: mmap, arenas, GC heaps" },
	[CAT_STACK] = { "stack", "stacks", "the main stack and thread stacks" },
	[CAT_PROGRAM] = { "program", "program", "the executable: code, data and .bss" },
	[CAT_SHARED_LIBRARY] = { "shared_library", "shared libraries",
				 "their code, data and .bss" },
	[CAT_C_EXTENSION] = { "c_extension", "C extensions",
			      "native modules of a runtime's packages" },
	[CAT_JIT_CODE] = { "jit_code", "JIT code", "executable memory of no file" },
	[CAT_SHARED_MEMORY] = { "shared_memory", "shared memory",
				"shm, memfd, tmpfs, SysV, MAP_SHARED" },
	[CAT_MAPPED_FILE] = { "mapped_file", "mapped files", "data files" },
	[CAT_HUGETLB] = { "hugetlb", "hugetlb",
			  "reserved huge pages; the kernel keeps them out of RSS" },
	[CAT_DEVICE] = { "device", "devices", "device memory and kernel rings" },
	[CAT_KERNEL] = { "kernel", "kernel", "vdso, vvar, vsyscall, uprobes" },
};

_Static_assert(ARRAY_SIZE(category_descs) == CAT_COUNT, "a row for each category");

const struct evidence_desc evidence_descs[] = {
	[EV_KERNEL] = { "kernel", "", "the kernel names it" },
	[EV_WALKED] = { "walked", "", "its contents were read and validated" },
	[EV_INFERRED] = { "inferred", "~", "its shape and flags identify it" },
	[EV_UNKNOWN] = { "unknown", "?", "nothing explains it" },
};

_Static_assert(ARRAY_SIZE(evidence_descs) == EV_COUNT, "a row for each evidence");

const char *const owner_kind_ids[] = {
	[OWNER_LIBRARY] = "library", [OWNER_PACKAGE] = "package", [OWNER_ALLOCATOR] = "allocator",
	[OWNER_RUNTIME] = "runtime", [OWNER_THREAD] = "thread",   [OWNER_FILE] = "file",
};
_Static_assert(ARRAY_SIZE(owner_kind_ids) == OWNER_KIND_COUNT, "a row for each");

const struct region_shape region_shapes[] = {
	{ MARK_BSS, "bss" },
	{ MARK_GLIBC_ARENA, "glibc_arena" },
	{ MARK_THREAD_STACK, "thread_stack" },
	{ MARK_V8, "v8" },
	{ MARK_GO_ARENA, "go_arena" },
	{ MARK_JVM_CODE, "jvm_code" },
	{ MARK_JVM_CLASS, "jvm_class" },
};
_Static_assert(ARRAY_SIZE(region_shapes) == REGION_SHAPES, "a row for each");
