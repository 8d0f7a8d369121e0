/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What memory holds: walkers read the allocators and runtimes inside a process, one file and one
 * row of walkers[] each. A walker fills statistics of its own and claims the resident bytes it
 * understood; what nobody claims keeps the evidence it had.
 *
 * Runtimes come before allocators: they mark the blocks that their objects own (walk_own), and the
 * allocator's one pass over its blocks then tells owned ones from native memory.
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
	WANT_OTHERS = 1 << 7, /* to name the runtimes that are not read */
	WANT_ALL = (1 << 8) - 1,
};

/*
 * Sums over an arena, or over all. system = live + free + top + tcache + overhead + unwalked. A
 * block is counted with its header, as mallinfo2(3) does, and as long as the allocator made it.
 * Where an allocator has nothing of a kind its sum is 0: only glibc's has fastbins and trims, musl's and
 * mimalloc have no caches of threads, and but glibc's only mimalloc has a top: of each page.
 */
struct walk_heap {
	uint64_t system_bytes;
	uint64_t live_bytes, live_blocks; /* in use by the program */
	uint64_t free_bytes, free_blocks; /* in bins, fastbins included */
	uint64_t fast_bytes, fast_blocks; /* of those, in fastbins */
	uint64_t top_bytes;               /* the end of the heap, not handed out yet */
	uint64_t tcache_bytes, tcache_blocks;
	uint64_t overhead_bytes; /* tables, fenceposts, and foreign_bytes */
	uint64_t foreign_bytes;  /* of those, another user of brk(2) took them */
	uint64_t unwalked_bytes;
	uint64_t free_resident_bytes; /* RAM behind free and top */
	uint64_t trimmable_bytes;     /* of that, whole pages: malloc_trim(3) would return them */
	uint64_t free_absent_bytes;   /* free and top without RAM or swap behind them */
	uint64_t idle_bytes;          /* of free, in whole pages without a block */
	uint64_t lazy_bytes;          /* of idle, handed to the kernel to take when it likes */
	uint64_t retained_bytes;      /* address space it keeps without memory; in no sum */
};

struct walk_arena {
	uint64_t address; /* of its state */
	bool is_main;
	uint32_t heaps; /* contiguous pieces */
	struct walk_heap sums;
};

/* Live blocks of at most so many bytes, more than the class before. */
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

/* Live blocks that no object owns and whose first word points into the image of a file. */
struct walk_module {
	const char *path;    /* of the file */
	const char *package; /* that installed it; NULL: none is known */
	uint64_t blocks, bytes;
};

/* Objects of a C++ class, each at the start of a live block. */
struct walk_class {
	const char *name;   /* as in the source; bytes of the target */
	const char *module; /* path of the file with its virtual table; NULL: not told */
	uint64_t blocks, bytes;
};

enum { WALK_LARGEST = 16, WALK_CLASSES = 128, WALK_SIZES = 8 };

struct walk_allocator {
	const char *name;    /* "glibc malloc" */
	const char *module;  /* path of the file it is in; owned by the snapshot */
	const char *version; /* of its data structures: "2.27 to 2.42"; NULL: not told */
	const char *unread;  /* why nothing below is filled; NULL: it was read */
	struct walk_arena *arenas;
	size_t n_arenas;
	struct walk_heap total;                 /* over the arenas; mapped blocks are apart */
	uint64_t mmapped_bytes, mmapped_blocks; /* live blocks with a mapping each */
	uint64_t mmapped_unfound_bytes;         /* the allocator's own count says there are more */
	struct walk_size_class classes[WALK_CLASSES]; /* of live blocks, mapped ones included */
	size_t n_classes;
	struct walk_block largest[WALK_LARGEST]; /* of live blocks, descending */
	size_t n_largest;
	uint64_t native_blocks, native_bytes; /* live, owned by no object; 0: not told apart */
	struct walk_size sizes[WALK_SIZES];   /* of these, those with most bytes, descending */
	size_t n_sizes;
	struct walk_module *modules; /* the most bytes first; in the arena of the walk */
	size_t n_modules;
	uint64_t object_blocks, object_bytes; /* of all C++ classes */
	struct walk_class *objects;           /* the classes with most bytes, descending */
	size_t n_objects;
	uint64_t breaks;  /* places where the structure did not hold at first */
	uint32_t retries; /* walks begun anew */
	bool complete;    /* everything was walked, and as much was found as it says it has */
};

struct addrmap;
struct cpython;
struct walk_runtime;
struct cxx;

struct walk_opts {
	unsigned int want; /* enum walk_want */
	const struct clock *clock;
	const volatile sig_atomic_t *cancel; /* may be NULL */
	_Atomic uint64_t *progress;          /* likewise: bytes that were read so far */
	uint64_t large_bytes;    /* objects of so many bytes are listed one by one; 0: of 1 MiB */
	const struct procfs *fs; /* to open mapped files; NULL: they are not */
	int dirfd;               /* of the process, if fs is not NULL */
	bool preview;            /* with the beginning of what they hold, which may be secret */
	bool freeze;             /* hold the process still meanwhile: walk_read_process */
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
	bool other_malloc; /* a library is loaded that takes the place of the C library's malloc */
	struct cxx *cxx; /* counts the C++ objects of allocators while they are walked, else NULL */

	/* The results. */
	struct walk_allocator *allocators;
	size_t n_allocators, cap_allocators;
	struct cpython *cpythons; /* walk/runtime/cpython/cpython.h */
	size_t n_cpythons, cap_cpythons;
	struct walk_runtime *runtimes; /* the others: walk/core/runtime_heap.h */
	size_t n_runtimes, cap_runtimes;
	struct attributions attributions; /* after walk_read ascending by region, cut to its Rss */
	struct huge_waste huge_waste;
	uint64_t skew_bytes;           /* claimed beyond the Rss of regions */
	uint64_t swapped_unread_bytes; /* of what was walked */
	int64_t scan_ns;
	struct amount frozen_ns; /* the process was held still for so long; set by who did it */
	const char *partial;     /* why the walk was not finished; NULL: it was */
};

void walk_release(struct walk *d);
/* Closes the memory and frees what only walkers need, the marks: the results stay. */
void walk_close(struct walk *d);

/* For walkers: the number of an owner of claims, added when new. Copies the name. */
uint16_t walk_owner(struct walk *d, enum owner_kind kind, const char *name);

/*
 * Marks the allocator's block that holds addr as owned by an object (LINE_OBJECTS) or as one of its
 * buffers (LINE_BUFFERS). Any address inside the block will do. Where no allocator has a block the
 * mark means nothing.
 */
void walk_own(struct walk *d, uint16_t owner, enum walk_line line, uint64_t addr);
/* Who owns the block [start, end): into *ret; false if nobody does. */
bool walk_owner_of(struct walk *d, uint64_t start, uint64_t end, const struct walk_owned **ret);

/*
 * For runtimes and allocators: [start, end) is their own. No block of glibc's malloc begins on a page
 * that is wholly in there, and none is looked for.
 */
void walk_reserve(struct walk *d, uint64_t start, uint64_t end);
bool walk_is_reserved(const struct walk *d, uint64_t addr);

void walk_heap_add(struct walk_heap *sum, const struct walk_heap *h);

/* Of live blocks of one size that no object owns: keeps the sizes whose blocks take most. */
void walk_record_size(struct walk_allocator *out, struct walk_size size);

/* Appends a zeroed allocator. The pointer is valid until the next call. */
struct walk_allocator *walk_add_allocator(struct walk *d, const char *name, uint32_t file);

/* Returns the file of the program, an index into the files of the snapshot; 0: it has none. */
uint32_t walk_program(const struct walk *walk);

#endif
