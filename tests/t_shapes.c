/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of model/rule/shapes: each shape is found, and memory that has only one of its properties
 * is not. Images are in t_shapes_bss.
 */
#include "model/rule/shapes.h"

#include "base/alloc.h"
#include "snap.h"
#include "tree.h"

#define F(flag) VMA_FLAG(VF_##flag)
#define RWX (SNAP_RW | VMA_EXEC)
#define NAMED "[anon:x]"
#define GIB(n) ((uint64_t)(n) << 30)

enum {
	SHAPES = MARK_BSS | MARK_GLIBC_ARENA | MARK_THREAD_STACK | MARK_V8 | MARK_GO_ARENA |
		 MARK_JVM_CODE | MARK_JVM_CLASS
};

struct mapping {
	uint64_t start, kib;
	uint8_t perms;
	uint64_t flags;
	uint16_t want;
	const char *name; /* a file if it begins with a slash */
};

struct shape_row {
	const char *name;
	const char *runtime;    /* in the process; NULL: no runtime */
	const char *threads[3]; /* their task/TID/syscall; the first is the leader's */
	struct mapping maps[8]; /* the main stack is added */
};

/* An address where 64 MiB begin. */
#define A64 UINT64_C(0x7f1240000000)

static const struct shape_row narrow_rows[] = {
	{ "an arena of 1 MiB",
	  NULL,
	  { NULL },
	  { { 0xf7100000, 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { 0xf7100000 + KIB(132), 892, 0, F(NR), 0, NULL } } },
};

static const struct shape_row glibc_rows[] = {
	{ "an arena",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "in several pieces",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(132), 2048, SNAP_RW, F(NR) | F(HG), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(2180), 63356, 0, F(NR), 0, NULL } } },
	{ "a full heap, and the next one",
	  NULL,
	  { NULL },
	  { { A64, 65536 + 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(65536 + 132), 65404, 0, F(NR), 0, NULL } } },
	{ "its rest has merged with another reservation",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(132), 128 << 10, 0, F(NR), 0, NULL } } },
	{ "1 MiB is not enough for 64 bits",
	  NULL,
	  { NULL },
	  { { 0xf7100000, 132, SNAP_RW, F(NR), 0, NULL },
	    { 0xf7100000 + KIB(132), 892, 0, F(NR), 0, NULL } } },
	{ "reserved, not aligned",
	  NULL,
	  { NULL },
	  { { A64 + MIB(2), 132, SNAP_RW, F(NR), 0, NULL },
	    { A64 + MIB(2) + KIB(132), 63356, 0, F(NR), 0, NULL } } },
	{ "aligned, not reserved",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, 0, 0, NULL }, { A64 + KIB(132), 65404, 0, 0, 0, NULL } } },
	{ "aligned, with a reservation of something else behind it",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, 0, 0, NULL }, { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "no reservation behind it", NULL, { NULL }, { { A64, 132, SNAP_RW, F(NR), 0, NULL } } },
	{ "one guard page behind it",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), 0, NULL }, { A64 + KIB(132), 4, 0, F(NR), 0, NULL } } },
	{ "64 MiB and one guard page",
	  NULL,
	  { NULL },
	  { { A64, 65536, SNAP_RW, F(NR), 0, NULL }, { A64 + MIB(64), 4, 0, F(NR), 0, NULL } } },
	{ "a page is missing up to the boundary",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), 0, NULL }, { A64 + KIB(132), 65400, 0, F(NR), 0, NULL } } },
	{ "a gap before the reservation",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), 0, NULL }, { A64 + KIB(136), 65400, 0, F(NR), 0, NULL } } },
	{ "not for forks",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR) | F(DC), 0, NULL },
	    { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "executable",
	  NULL,
	  { NULL },
	  { { A64, 132, RWX, F(NR), 0, NULL }, { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "shared",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW | VMA_SHARED, F(NR), 0, NULL },
	    { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "named",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), 0, NAMED },
	    { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
	{ "a file",
	  NULL,
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), 0, "/x" }, { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
};

#define T UINT64_C(0x7f1240021000)
#define SP_IN_T "232 0x3 0x1 0x2 0x3 0x4 0x5 0x7f1240030ff0 0x7f1250000000\n"
#define SP_IN_STACK "-1 0x7ffc00001000 0x7f1250000000\n"
#define SP_NOWHERE "-1 0x10 0x7f1250000000\n"

static const struct shape_row stack_rows[] = {
	{ "a stack behind its guard",
	  NULL,
	  { SP_IN_STACK, SP_NOWHERE },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 8192, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "two in a row",
	  NULL,
	  { NULL },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 60, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL },
	    { T + KIB(60), 4, 0, F(NH), 0, NULL },
	    { T + KIB(64), 60, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "advised against huge pages, no guard",
	  NULL,
	  { NULL },
	  { { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "advised, behind the guard of something else",
	  NULL,
	  { NULL },
	  { { T - KIB(4), 4, 0, 0, 0, NULL }, { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "advised, behind the rest of an arena",
	  NULL,
	  { NULL },
	  { { T - KIB(64), 64, 0, F(NR), 0, NULL }, { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "the guard is elsewhere",
	  NULL,
	  { NULL },
	  { { T - KIB(8), 4, 0, F(NH), 0, NULL }, { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "a guard, but no flag",
	  NULL,
	  { NULL },
	  { { T - KIB(4), 4, 0, 0, 0, NULL }, { T, 8192, SNAP_RW, 0, 0, NULL } } },
	{ "readable memory is no guard",
	  NULL,
	  { NULL },
	  { { T - KIB(4), 4, VMA_READ, F(NH), 0, NULL }, { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "executable",
	  NULL,
	  { NULL },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL }, { T, 8192, RWX, F(NH), 0, NULL } } },
	{ "of Java, whose guards are mapped anew",
	  "jvm",
	  { NULL },
	  { { T - KIB(16), 16, 0, F(NR), 0, NULL },
	    { T, 1008, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "as many as threads beside the first, from the highest address down",
	  NULL,
	  { SP_NOWHERE, SP_NOWHERE },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 60, SNAP_RW, F(NH), 0, NULL },
	    { T + KIB(60), 4, 0, F(NH), 0, NULL },
	    { T + KIB(64), 60, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "of more than there are threads, the one with a thread in it",
	  NULL,
	  { SP_NOWHERE, SP_IN_T },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 64, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL },
	    { T + KIB(64), 4, 0, F(NH), 0, NULL },
	    { T + KIB(68), 60, SNAP_RW, F(NH), 0, NULL } } },
	{ "stacks of fibers",
	  "ruby",
	  { SP_IN_STACK },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 644, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "none in a process of one thread",
	  NULL,
	  { SP_IN_STACK },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL }, { T, 8192, SNAP_RW, F(NH), 0, NULL } } },
	{ "a heap that was advised, behind its guard",
	  NULL,
	  { SP_NOWHERE, SP_NOWHERE },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL }, { T, 1 << 20, SNAP_RW, F(NH), 0, NULL } } },
	{ "a very long one, with a thread in it",
	  NULL,
	  { SP_NOWHERE, SP_IN_T },
	  { { T - KIB(4), 4, 0, F(NH), 0, NULL },
	    { T, 1 << 20, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "no flags: by the stack pointer",
	  NULL,
	  { SP_IN_STACK, SP_IN_T },
	  { { T - KIB(4), 4, 0, 0, 0, NULL },
	    { T, 8192, SNAP_RW, 0, MARK_THREAD_STACK, NULL },
	    { T + MIB(16) - KIB(4), 4, 0, 0, 0, NULL },
	    { T + MIB(16), 8192, SNAP_RW, 0, 0, NULL } } },
	{ "no flags, no guard: a stack in other memory",
	  NULL,
	  { SP_IN_STACK, SP_IN_T },
	  { { T, 8192, SNAP_RW, 0, 0, NULL } } },
	{ "the stack of a goroutine",
	  "go",
	  { SP_IN_STACK, SP_IN_T },
	  { { T - KIB(4), 4, 0, 0, 0, NULL }, { T, 8192, SNAP_RW, 0, 0, NULL } } },
	{ "with flags the pointer does not count",
	  NULL,
	  { SP_IN_STACK, SP_IN_T },
	  { { T, 8192, SNAP_RW, 0, 0, NULL },
	    { T + MIB(16), 4, 0, F(NH), 0, NULL },
	    { T + MIB(16) + KIB(4), 8192, SNAP_RW, F(NH), MARK_THREAD_STACK, NULL } } },
	{ "the pointer of a process with one thread",
	  NULL,
	  { SP_IN_T },
	  { { T, 8192, SNAP_RW, 0, 0, NULL } } },
	{ "a pointer into a file",
	  NULL,
	  { SP_IN_STACK, SP_IN_T },
	  { { T, 8192, SNAP_RW, 0, 0, "/x" } } },
	{ "a pointer into nothing",
	  NULL,
	  { SP_NOWHERE, "-1 0x7fffffffffff 0x0\n" },
	  { { T, 8192, SNAP_RW, 0, 0, NULL } } },
	{ "running threads",
	  NULL,
	  { "running\n", "running\n" },
	  { { T, 8192, SNAP_RW, 0, 0, NULL } } },
};

static const struct shape_row v8_rows[] = {
	{ "pages",
	  "node",
	  { NULL },
	  { { A64, 256, SNAP_RW, F(NR) | F(DC), MARK_V8, NULL },
	    { A64 + MIB(1), 256, VMA_READ, F(NR) | F(DC), MARK_V8, NULL },
	    { A64 + MIB(2), 256, RWX, F(NR) | F(DC) | F(HG), MARK_V8, NULL } } },
	{ "in a program with V8 in a library",
	  NULL,
	  { NULL },
	  { { A64, 256, SNAP_RW, F(NR) | F(DC), MARK_V8, NULL },
	    { A64 + MIB(1), 256, SNAP_RX, 0, 0, "/x/libv8.so.11" } } },
	{ "in another runtime",
	  "cpython",
	  { NULL },
	  { { A64, 256, SNAP_RW, F(NR) | F(DC), 0, NULL } } },
	{ "pages of release 13",
	  "node",
	  { NULL },
	  { { A64 + KIB(256), 256, SNAP_RW, F(DC) | F(AC), MARK_V8, NULL },
	    { A64 + MIB(1), 120, VMA_READ, F(DC) | F(AC), MARK_V8, NULL } } },
	{ "neither reserved nor aligned",
	  "node",
	  { NULL },
	  { { A64 + KIB(64), 256, SNAP_RW, F(DC), 0, NULL } } },
	{ "inherited by forks", "node", { NULL }, { { A64, 256, SNAP_RW, F(NR), 0, NULL } } },
	{ "named", "node", { NULL }, { { A64, 256, SNAP_RW, F(NR) | F(DC), 0, NAMED } } },
	{ "shared",
	  "node",
	  { NULL },
	  { { A64, 256, SNAP_RW | VMA_SHARED, F(NR) | F(DC), 0, NULL } } },
};

#define G UINT64_C(0xc000000000)

static const struct shape_row go_rows[] = {
	{ "an arena, and what is reserved of it",
	  "go",
	  { NULL },
	  { { 0x400000, 1024, SNAP_RW, 0, 0, NULL },
	    { G, 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { G + MIB(4), 61440, 0, 0, 0, NULL } } },
	{ "several arenas in a row",
	  "go",
	  { NULL },
	  { { G, 65536, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { G + MIB(64), 4096, SNAP_RW, F(HG), MARK_GO_ARENA, NULL },
	    { G + MIB(68), 61440, 0, 0, 0, NULL } } },
	{ "in another runtime",
	  "node",
	  { NULL },
	  { { G, 4096, SNAP_RW, 0, 0, NULL }, { G + MIB(4), 61440, 0, 0, 0, NULL } } },
	{ "not from the hint on", "go", { NULL }, { { G + MIB(4), 4096, SNAP_RW, 0, 0, NULL } } },
	{ "behind a gap",
	  "go",
	  { NULL },
	  { { G, 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { G + MIB(8), 64, SNAP_RW, 0, 0, NULL } } },
	{ "executable memory between",
	  "go",
	  { NULL },
	  { { G, 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL }, { G + MIB(4), 4, RWX, 0, 0, NULL } } },
	{ "a file between",
	  "go",
	  { NULL },
	  { { G, 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { G + MIB(4), 4, SNAP_RW, 0, 0, "/x" },
	    { G + MIB(4) + KIB(4), 4, SNAP_RW, 0, 0, NULL } } },
	{ "where the kernel places", "go", { NULL }, { { A64, 4096, SNAP_RW, 0, 0, NULL } } },
	{ "from a random base",
	  "go",
	  { NULL },
	  { { A64, 2048, 0, 0, 0, NULL },
	    { A64 + MIB(2), 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { A64 + MIB(6), 59392, 0, 0, 0, NULL } } },
	{ "from a random base, with goroutines on it",
	  "go",
	  { SP_IN_STACK, "232 0x3 0x1 0x2 0x3 0x4 0x5 0x7f1240230ff0 0x7f1250000000\n" },
	  { { A64, 2048, 0, F(NH), 0, NULL },
	    { A64 + MIB(2), 4096, SNAP_RW, F(NH), MARK_GO_ARENA, NULL },
	    { A64 + MIB(6), 59392, 0, F(NH), 0, NULL } } },
	{ "two arenas, one of them full",
	  "go",
	  { NULL },
	  { { A64, 65536 + 4096, SNAP_RW, 0, MARK_GO_ARENA, NULL },
	    { A64 + MIB(68), 61440, 0, 0, 0, NULL } } },
	{ "aligned, and nothing of it reserved",
	  "go",
	  { NULL },
	  { { A64, 65536, SNAP_RW, 0, 0, NULL } } },
	{ "a page is missing up to the end of the arena",
	  "go",
	  { NULL },
	  { { A64, 4096, SNAP_RW, 0, 0, NULL }, { A64 + MIB(4), 61436, 0, 0, 0, NULL } } },
	{ "an arena of glibc, in a program with cgo",
	  "go",
	  { NULL },
	  { { A64, 132, SNAP_RW, F(NR), MARK_GLIBC_ARENA, NULL },
	    { A64 + KIB(132), 65404, 0, F(NR), 0, NULL } } },
};

static const struct shape_row jvm_code_rows[] = {
	{ "a cache",
	  "jvm",
	  { NULL },
	  { { A64, 2496, RWX, 0, MARK_JVM_CODE, NULL },
	    { A64 + KIB(2496), 3264, 0, F(NR), 0, NULL } } },
	{ "in three segments",
	  "jvm",
	  { NULL },
	  { { A64, 2496, RWX, 0, MARK_JVM_CODE, NULL },
	    { A64 + KIB(2496), 64, 0, F(NR), 0, NULL },
	    { A64 + KIB(2560), 512, RWX, F(HG), MARK_JVM_CODE, NULL },
	    { A64 + KIB(3072), 1024, 0, F(NR), 0, NULL } } },
	{ "plain memory that is executable", "jvm", { NULL }, { { A64, 4096, RWX, 0, 0, NULL } } },
	{ "behind it a reservation of something else",
	  "jvm",
	  { NULL },
	  { { A64, 4096, RWX, 0, 0, NULL }, { A64 + MIB(4), 4096, 0, 0, 0, NULL } } },
	{ "less than the JVM's minimum",
	  "jvm",
	  { NULL },
	  { { A64, 64, RWX, 0, 0, NULL }, { A64 + KIB(64), 64, 0, F(NR), 0, NULL } } },
	{ "not from the beginning",
	  "jvm",
	  { NULL },
	  { { A64 + KIB(4), 4096, RWX, 0, 0, NULL },
	    { A64 + KIB(4) + MIB(4), 4096, 0, F(NR), 0, NULL } } },
	{ "reserved itself",
	  "jvm",
	  { NULL },
	  { { A64, 4096, RWX, F(NR), 0, NULL }, { A64 + MIB(4), 4096, 0, F(NR), 0, NULL } } },
	{ "a gap",
	  "jvm",
	  { NULL },
	  { { A64, 4096, RWX, 0, 0, NULL }, { A64 + MIB(8), 4096, 0, F(NR), 0, NULL } } },
	{ "in another runtime",
	  "node",
	  { NULL },
	  { { A64, 4096, RWX, 0, 0, NULL }, { A64 + MIB(4), 4096, 0, F(NR), 0, NULL } } },
};

#define JSA "/usr/lib/jvm/lib/server/classes.jsa"

static const struct shape_row jvm_class_rows[] = {
	{ "a class space",
	  "jvm",
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, JSA },
	    { A64 + MIB(12), 4096, 0, F(NR), 0, NULL },
	    { A64 + MIB(16), 512, SNAP_RW, 0, MARK_JVM_CLASS, NULL },
	    { A64 + MIB(16) + KIB(512), 1 << 20, 0, F(NR), 0, NULL } } },
	{ "archived objects lie in the heap",
	  "jvm",
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, JSA },
	    { A64 + MIB(12), 4096, SNAP_RW, 0, 0, NULL },
	    { A64 + MIB(16), 4096, 0, F(NR), 0, NULL } } },
	{ "behind another file",
	  "jvm",
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, "/x" },
	    { A64 + MIB(12), 4096, 0, F(NR), 0, NULL },
	    { A64 + MIB(16), 512, SNAP_RW, 0, 0, NULL },
	    { A64 + MIB(16) + KIB(512), 1 << 20, 0, F(NR), 0, NULL } } },
	{ "in another runtime",
	  NULL,
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, JSA },
	    { A64 + MIB(12), 4096, 0, F(NR), 0, NULL },
	    { A64 + MIB(16), 512, SNAP_RW, 0, 0, NULL },
	    { A64 + MIB(16) + KIB(512), 1 << 20, 0, F(NR), 0, NULL } } },
	{ "with nothing reserved behind it",
	  "jvm",
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, JSA },
	    { A64 + MIB(12), 4096, 0, F(NR), 0, NULL },
	    { A64 + MIB(16), 512, SNAP_RW, 0, 0, NULL } } },
	{ "a space of 3 GiB has ended",
	  "jvm",
	  { NULL },
	  { { A64, 12288, SNAP_RW, 0, 0, JSA },
	    { A64 + MIB(12), (4 << 20) - (12 << 10), 0, F(NR), 0, NULL },
	    { A64 + GIB(4), 512, SNAP_RW, 0, 0, NULL },
	    { A64 + GIB(4) + KIB(512), 4096, 0, F(NR), 0, NULL } } },
};

static void add_mapping(struct snapshot *s, const struct mapping *m)
{
	bool file = m->name && *m->name == '/';

	(void)snap_add(s, &(struct snap_region){
				  .start = m->start,
				  .size_kib = m->kib,
				  .perms = m->perms,
				  .name = m->name,
				  .inode = file ? s->n_regions + 1 : 0,
				  .marks = file      ? MARK_FILE
					   : m->name ? 0
						     : MARK_UNNAMED,
			  });
	s->regions[s->n_regions - 1].flags = m->flags;
}

static void put_threads(const struct tree *t, struct snapshot *s, const char *const *threads)
{
	for (int i = 0; i < 3 && threads[i]; i++) {
		auto_free char *name = xasprintf("task/%d/syscall", 100 + i);

		tree_put(t, name, threads[i]);
		s->stat.threads++;
	}
}

/* Finds the shapes in the mappings of a row, as if the process hosted this runtime. */
static void find_shapes(const struct shape_row *row, const char *runtime,
			const struct mapping *stack, struct snapshot *ret)
{
	auto_tree t = tree_make();
	const struct procfs fs = { t.fd, -1, false };

	snap_init(ret);
	if (runtime) {
		ret->runtimes = xgrow(NULL, 0, &ret->cap_runtimes, sizeof(*ret->runtimes));
		ret->runtimes[ret->n_runtimes++] = (struct runtime){ .name = runtime };
	}
	put_threads(&t, ret, row->threads);
	for (size_t i = 0; row->maps[i].kib; i++)
		add_mapping(ret, &row->maps[i]);
	add_mapping(ret, stack);
	shapes_find(ret, &fs, t.fd);
}

static void check_shape(const struct shape_row *row, const struct mapping *stack)
{
	auto_snapshot s;

	find_shapes(row, row->runtime, stack, &s);
	for (size_t i = 0; row->maps[i].kib; i++)
		assert_int_equal(s.regions[i].marks & SHAPES, row->maps[i].want);
	assert_int_equal(s.n_parts, 0);
}

static const struct mapping main_stack = { 0x7ffc00000000, 132, SNAP_RW, F(GD), 0, "[stack]" };

static void test_shape(void **state)
{
	check_shape(*state, &main_stack);
}

static void test_narrow(void **state)
{
	static const struct mapping stack = { 0xff900000, 132, SNAP_RW, F(GD), 0, "[stack]" };

	check_shape(*state, &stack);
}

/* The rows of one kind of shape. */
struct shape_kind {
	const char *name;
	const struct shape_row *rows;
	size_t n;
};

static const struct shape_kind kinds[] = {
	{ "glibc arena", glibc_rows, ARRAY_SIZE(glibc_rows) },
	{ "thread stack", stack_rows, ARRAY_SIZE(stack_rows) },
	{ "V8", v8_rows, ARRAY_SIZE(v8_rows) },
	{ "Go", go_rows, ARRAY_SIZE(go_rows) },
	{ "JVM code", jvm_code_rows, ARRAY_SIZE(jvm_code_rows) },
	{ "JVM classes", jvm_class_rows, ARRAY_SIZE(jvm_class_rows) },
};

static bool has_mark(const struct shape_row *row)
{
	unsigned int marks = 0;

	for (size_t i = 0; row->maps[i].kib; i++)
		marks |= row->maps[i].want;
	return marks;
}

static void check_no_other_mark(const struct shape_row *row, const char *runtime)
{
	auto_snapshot s;

	find_shapes(row, runtime, &main_stack, &s);
	for (size_t i = 0; row->maps[i].kib; i++)
		assert_int_equal(s.regions[i].marks & SHAPES & ~row->maps[i].want, 0);
}

/*
 * What is marked in its own runtime gets no other mark in any other one; but a thread's stack is a
 * stack in whatever runtime, except in Go.
 */
static void test_in_others(void **state)
{
	static const char *const runtimes[] = { NULL,   "cpython", "dotnet", "go",   "jvm",
						"node", "perl",    "php",    "pypy", "ruby" };
	const struct shape_kind *kind = *state;

	for (size_t i = 0; i < kind->n * ARRAY_SIZE(runtimes); i++) {
		const struct shape_row *row = &kind->rows[i / ARRAY_SIZE(runtimes)];

		if (has_mark(row) && !row->threads[0])
			check_no_other_mark(row, runtimes[i % ARRAY_SIZE(runtimes)]);
	}
}

static void test_nothing(void **state attr_unused)
{
	auto_tree t = tree_make();
	const struct procfs fs = { t.fd, -1, false };
	auto_snapshot s;

	snap_init(&s);
	shapes_find(&s, &fs, t.fd);
	assert_int_equal(s.n_regions, 0);
}

/* A target can split its memory at will, so finding shapes must not take the square of the time. */
static void test_many_pieces(void **state attr_unused)
{
	auto_tree t = tree_make();
	const struct procfs fs = { t.fd, -1, false };
	auto_snapshot s;

	snap_init(&s);
	s.runtimes = xgrow(NULL, 0, &s.cap_runtimes, sizeof(*s.runtimes));
	s.runtimes[s.n_runtimes++] = (struct runtime){ .name = "jvm" };
	for (uint64_t i = 0; i < 60000; i++)
		add_mapping(&s, &(struct mapping){ A64 + KIB(64) * i, 64, RWX, i % 2 ? F(HG) : 0, 0,
						   NULL });
	shapes_find(&s, &fs, t.fd);
	for (size_t i = 0; i < s.n_regions; i++)
		assert_int_equal(s.regions[i].marks & SHAPES, 0);
}

int main(void)
{
	struct row_tests list = { NULL, 0, 0 };

	ROWS_ADD(&list, "32 bits", narrow_rows, test_narrow);
	ROWS_ADD(&list, "glibc arena", glibc_rows, test_shape);
	ROWS_ADD(&list, "thread stack", stack_rows, test_shape);
	ROWS_ADD(&list, "V8", v8_rows, test_shape);
	ROWS_ADD(&list, "Go", go_rows, test_shape);
	ROWS_ADD(&list, "JVM code", jvm_code_rows, test_shape);
	ROWS_ADD(&list, "JVM classes", jvm_class_rows, test_shape);
	ROWS_ADD(&list, "in every other runtime", kinds, test_in_others);
	rows_add_one(&list, "no mapping at all", test_nothing);
	rows_add_one(&list, "60,000 executable pieces in a row", test_many_pieces);
	return rows_run("shapes", &list);
}
