/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory holds. Walkers read the allocators and runtimes inside a process; each has a row of
 * walkers[] and a folder. A walker fills in statistics and attributes the resident bytes that it
 * understood; bytes that nobody attributed retain their evidence.
 *
 * Runtimes are walked before allocators: they mark the blocks that their objects own (walk_own),
 * and the allocator then tells owned blocks from native memory in one pass over all blocks.
 */
#ifndef WALK_CORE_WALK_H
#define WALK_CORE_WALK_H

#include "base/arena.h"
#include "base/clock.h"
#include "model/snapshot/snapshot.h"
#include "proc/memsrc.h"
#include "proc/procfs.h"
#include "walk/core/attribution.h"
#include "walk/core/marks.h"

/* What --deep= asks for. */
enum walk_want {
	WANT_MALLOC = 1 << 0,
	WANT_PYTHON = 1 << 1,
	WANT_JVM = 1 << 2,
	WANT_GO = 1 << 3,
	WANT_NODE = 1 << 4,
	WANT_PHP = 1 << 5,
	WANT_RUBY = 1 << 6,
	WANT_OTHERS = 1 << 7, /* to list the runtimes that are not read */
	WANT_ALL = (1 << 8) - 1,
};

/*
 * Sums over an arena, or over all arenas. system = live + free + top + tcache + overhead +
 * unwalked. A block is counted with its header, as mallinfo2(3) does, and with the length that the
 * allocator gave it. A sum is 0 if the allocator has nothing of the kind: only glibc has fastbins,
 * musl and mimalloc have no caches of threads, and only glibc and mimalloc (in each page) have a
 * top.
 */
struct walk_heap {
	uint64_t system_bytes;
	uint64_t live_bytes, live_blocks; /* in use by the program */
	uint64_t free_bytes, free_blocks; /* in bins, fastbins included */
	uint64_t fast_bytes, fast_blocks; /* part of free: in fastbins */
	uint64_t top_bytes;               /* the end of the heap, not handed out yet */
	uint64_t tcache_bytes, tcache_blocks;
	uint64_t overhead_bytes; /* tables, fenceposts, and foreign_bytes */
	uint64_t foreign_bytes;  /* part of overhead: taken with brk(2) by other code */
	uint64_t unwalked_bytes;
	uint64_t free_resident_bytes; /* RAM behind free and top */
	uint64_t
		trimmable_bytes; /* part of free_resident: whole pages, which malloc_trim(3) returns */
	uint64_t free_absent_bytes; /* free and top without RAM or swap behind them */
	uint64_t idle_bytes;        /* part of free: in whole pages without a block */
	uint64_t lazy_bytes;        /* part of idle: marked with MADV_FREE */
	uint64_t retained_bytes;    /* reserved address space without memory; in no sum */
};

struct walk_arena {
	uint64_t address; /* of its state */
	bool is_main;
	uint32_t heaps; /* contiguous pieces */
	struct walk_heap sums;
};

/* Live blocks of at most max_bytes that are larger than those of the previous class. */
struct walk_size_class {
	uint64_t max_bytes;
	uint64_t blocks, bytes;
};

struct walk_block {
	uint64_t address; /* that malloc returned */
	uint64_t bytes;   /* with the header */
};

/* Live blocks of one size that no object owns. */
struct walk_size {
	uint64_t bytes; /* of each, with its header */
	uint64_t blocks;
};

/* Live blocks that no object owns and whose first word points into a mapped object. */
struct walk_module {
	const char *path;    /* of the file */
	const char *package; /* that installed the file; NULL: not known */
	uint64_t blocks, bytes;
};

/* Objects of a C++ class, each at the start of a live block. */
struct walk_class {
	const char *name;   /* as in the source; bytes of the target */
	const char *module; /* path of the file with its virtual table; NULL: not known */
	uint64_t blocks, bytes;
};

enum { WALK_LARGEST = 16, WALK_CLASSES = 128, WALK_SIZES = 8 };

struct walk_allocator {
	const char *name;         /* "glibc malloc" */
	const char *module;       /* path of the file it is in; owned by the snapshot */
	const char *version;      /* of its data structures: "2.27 to 2.42"; NULL: not known */
	enum reason unread;       /* why nothing below is filled; REASON_NONE: it was read */
	const char *unread_other; /* the text of REASON_OTHER */
	struct walk_arena *arenas;
	size_t n_arenas;
	struct walk_heap total;                 /* over the arenas; mapped blocks are apart */
	uint64_t mmapped_bytes, mmapped_blocks; /* live blocks with a mapping each */
	uint64_t mmapped_unfound_bytes;         /* the allocator's own count says there are more */
	struct walk_size_class classes[WALK_CLASSES]; /* of live blocks, mapped ones included */
	size_t n_classes;
	struct walk_block largest[WALK_LARGEST]; /* of live blocks, descending */
	size_t n_largest;
	uint64_t native_blocks, native_bytes; /* live blocks that no object owns; 0: not known */
	struct walk_size sizes[WALK_SIZES];   /* of these, those with most bytes, descending */
	size_t n_sizes;
	struct walk_module *modules; /* the most bytes first; in the arena of the walk */
	size_t n_modules;
	uint64_t object_blocks, object_bytes; /* of all C++ classes */
	struct walk_class *objects;           /* the classes with most bytes, descending */
	size_t n_objects;
	uint64_t breaks;  /* places where the structure did not hold at first */
	uint32_t retries; /* attempts that were given up */
	bool complete;    /* everything was walked, and its own counts agree */
};

struct addrmap;
struct walk_runtime;
struct cxx;
struct glibc_list;

struct walk_opts {
	unsigned int want; /* enum walk_want */
	const struct clock *clock;
	const volatile sig_atomic_t *cancel; /* may be NULL */
	_Atomic uint64_t *progress;          /* likewise: bytes that were read so far */
	uint64_t index_bytes;    /* most memory that an index of blocks may take; 0: 32 MiB */
	uint64_t large_bytes;    /* objects of this size or more are listed; 0: 1 MiB */
	const struct procfs *fs; /* to open mapped files; NULL: they are not */
	int dirfd;               /* of the process, if fs is not NULL */
	bool preview;            /* adds how their contents begin, which may be secret */
	bool freeze;             /* stops the process while it is read: walk_read_process */
};

struct walk_owner {
	enum owner_kind kind;
	const char *name; /* static, or in the arena of the walk */
};

/* Marks of the blocks that one owner's objects own. */
struct walk_owned {
	uint16_t owner;
	uint8_t line; /* LINE_OBJECTS or LINE_BUFFERS */
	struct marks marks;
};

enum { WALK_OWNED_MAX = 8 };

struct walk {
	const struct snapshot *snap; /* not owned */
	struct memsrc *mem;          /* NULL once it is closed */
	struct walk_opts opts;
	struct arena arena; /* owns what results point to */
	struct walk_owner *owners;
	size_t n_owners, cap_owners;
	struct walk_owned owned[WALK_OWNED_MAX];
	size_t n_owned;
	struct huge_map *huge;    /* of the snapshot; NULL or empty: it has none */
	struct addrmap *reserved; /* pages of runtimes, see walk_reserve; NULL: none */
	struct shares *shares;    /* what pages count in PSS; walk_apply needs them, too */
	bool other_malloc; /* a library is loaded that replaces the malloc of the C library */
	struct cxx *cxx; /* counts the C++ objects of allocators while they are walked, else NULL */
	struct glibc_list
		*glibc; /* what was found of glibc's heaps; NULL: no walker has asked for them */

	/* The results. */
	struct walk_allocator *allocators;
	size_t n_allocators, cap_allocators;
	struct walk_runtime *runtimes; /* walk/core/runtime_heap.h */
	size_t n_runtimes, cap_runtimes;
	struct attributions attributions; /* after walk_read: sorted and clamped to Rss */
	struct huge_waste huge_waste;
	uint64_t skew_bytes;           /* attributed beyond the Rss of regions */
	uint64_t swapped_unread_bytes; /* in swap, of what was walked */
	int64_t scan_ns;
	struct amount frozen_ns; /* how long walk_read_process stopped the process */
	enum reason partial;     /* why the walk was not finished */
};

void walk_release(struct walk *walk);
/*
 * Closes the memory and frees the marks and shares, which only walkers and walk_apply need. The
 * results stay.
 */
void walk_close(struct walk *walk);

/* Returns the number of an owner, which it adds if it is new. Copies the name. */
uint16_t walk_owner(struct walk *walk, enum owner_kind kind, const char *name);

/*
 * Marks the allocator's block that holds addr as an object (LINE_OBJECTS) or a buffer
 * (LINE_BUFFERS) of an owner. Any address inside the block will do. The mark has no effect if there
 * is no block.
 */
void walk_own(struct walk *walk, uint16_t owner, enum walk_line line, uint64_t addr);
/* Finds the owner of the block [start, end). Returns false if it has none. */
bool walk_owner_of(struct walk *walk, uint64_t start, uint64_t end, const struct walk_owned **ret);

/*
 * Reserves [start, end) for a runtime or allocator: on pages that lie wholly in it, no chunks of
 * glibc are looked for.
 */
void walk_reserve(struct walk *walk, uint64_t start, uint64_t end);
/* Tells whether the page at addr was reserved. */
bool walk_is_reserved(const struct walk *walk, uint64_t addr);

/* Returns the text of the reason why an allocator or runtime was not read; NULL: it was read. */
static inline const char *walk_unread_text(enum reason unread, const char *unread_other)
{
	if (unread == REASON_OTHER)
		return unread_other;
	return unread == REASON_NONE ? NULL : reason_text(unread);
}

/* Adds all sums of h to those of sum. */
void walk_heap_add(struct walk_heap *sum, const struct walk_heap *h);

/* Records live blocks of one size that no object owns, if they are among the WALK_SIZES largest. */
void walk_record_size(struct walk_allocator *out, struct walk_size size);

/* Records a live block, if it is among the WALK_LARGEST largest. */
void walk_record_block(struct walk_allocator *out, struct walk_block block);

/* Appends a zeroed allocator. The pointer is valid until the next call. */
struct walk_allocator *walk_add_allocator(struct walk *walk, const char *name, uint32_t file);

/* Returns the file of the program, an index into the files of the snapshot; 0: it has none. */
uint32_t walk_program(const struct walk *walk);

#endif
