/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that a report uses: what a mapping is (category), how that is known (evidence), whose
 * it is (owner).
 */
#ifndef MODEL_REGION_H
#define MODEL_REGION_H

#include <stdint.h>

#include "base/amount.h"
#include "base/util.h"

/* What a region is; reports list categories in this order. */
enum category {
	CAT_HEAP,
	CAT_ANONYMOUS,
	CAT_STACK,
	CAT_PROGRAM,
	CAT_SHARED_LIBRARY,
	CAT_C_EXTENSION,
	CAT_JIT_CODE,
	CAT_SHARED_MEMORY,
	CAT_MAPPED_FILE,
	CAT_HUGETLB,
	CAT_DEVICE,
	CAT_KERNEL,
	CAT_COUNT
};

struct category_desc {
	const char *id; /* stable */
	const char *title;
	const char *help;
};

extern const struct category_desc category_descs[];

enum evidence {
	EV_KERNEL,   /* the kernel names it */
	EV_WALKED,   /* its contents were read and validated */
	EV_INFERRED, /* identified by shape and flags that an arbitrary mapping does not have */
	EV_UNKNOWN,  /* nothing explains it */
	EV_COUNT
};

struct evidence_desc {
	const char *id;
	const char *mark; /* behind a line of text: "", "~", "?" */
	const char *help;
};

extern const struct evidence_desc evidence_descs[];

enum owner_kind {
	OWNER_NONE,
	OWNER_LIBRARY,
	OWNER_PACKAGE,
	OWNER_ALLOCATOR,
	OWNER_RUNTIME,
	OWNER_THREAD,
	OWNER_FILE,
	OWNER_KIND_COUNT
};

extern const char *const owner_kind_ids[]; /* NULL for OWNER_NONE */

struct owner {
	enum owner_kind kind;
	const char *name; /* bytes of the target; "" for OWNER_NONE */
};

/*
 * Properties of a mapping and its neighbours, found before the rules are tried. Each identifies
 * memory by a property that an arbitrary mapping does not have; see model/rule/shapes.c.
 */
enum region_mark {
	MARK_FILE = 1 << 0,        /* has an inode */
	MARK_UNNAMED = 1 << 1,     /* no inode and no name */
	MARK_ALL_PRIVATE = 1 << 2, /* no page is shared */
	MARK_NO_ACCESS = 1 << 3,   /* ---p without a page in RAM or swap */
	MARK_HUGE_PAGES = 1 << 4,  /* KernelPageSize is larger than the page size */
	MARK_PROGRAM = 1 << 5,     /* the file is the program's */
	MARK_EXTENSION = 1 << 6,   /* the file belongs to an extension package */
	MARK_EXEC_FILE = 1 << 7,   /* a mapping of the file is executable */
	MARK_TMPFS = 1 << 8,       /* in memory: tmpfs or the kernel's internal shm mount */
	MARK_BSS = 1 << 9,         /* begins in the zero-filled part of the image in front of it */
	MARK_GLIBC_ARENA = 1 << 10,
	MARK_THREAD_STACK = 1 << 11,
	MARK_V8 = 1 << 12,
	MARK_GO_ARENA = 1 << 13,
	MARK_JVM_CODE = 1 << 14,
	MARK_JVM_CLASS = 1 << 15,
};

/* The marks from MARK_BSS on identify one kind of mapping each; the ids are stable. */
enum { REGION_SHAPES = 7 };

struct region_shape {
	enum region_mark mark;
	const char *id;
};

extern const struct region_shape region_shapes[];

/* One mapping. Small, because there may be 65,000 of them: the counters are packed elsewhere. */
struct region {
	uint64_t start, end;
	uint64_t offset;
	uint64_t flags;   /* VMA_FLAG() bits, 0 if not reported */
	uint32_t name;    /* index into the snapshot's names; 0 is "" */
	uint32_t file;    /* index into the snapshot's files; 0: no file */
	uint32_t counts;  /* offset of the packed counters */
	uint32_t owner;   /* index into the snapshot's owners; 0: no owner */
	uint16_t marks;   /* enum region_mark */
	uint16_t rule;    /* index of the rule that matched */
	uint8_t perms;    /* enum vma_perm */
	uint8_t category; /* enum category */
	uint8_t evidence; /* enum evidence */
	bool split;       /* category, owner and evidence are those of the first part */
};

/*
 * A piece of a region that holds more than one thing. The parts of a region add up to its Rss, and
 * to its Pss and its private pages unless a part of these is absent; see model/parts.h.
 */
struct part {
	uint32_t region; /* index */
	uint32_t owner;
	uint8_t category, evidence;
	uint16_t rule;
	uint64_t rss_bytes;
	uint64_t size_bytes;
	struct amount pss, uss;
};

#endif
