/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of an allocator whose blocks lie in runs, each of one size: what its walker found is
 * summed up, counted by size and claimed here. All of them but glibc's are made so.
 */
#ifndef WALK_ALLOC_SIZE_ACCOUNT_H
#define WALK_ALLOC_SIZE_ACCOUNT_H

#include "walk/core/walker.h"

enum size_account_state {
	BLOCK_FREE,
	BLOCK_LIVE,
	BLOCK_CACHED, /* free, in the cache of a thread */
	BLOCK_OTHER,  /* holds another run, which is accounted for itself */
};

/* Blocks one behind another. Of [start, end), what is in no block is overhead. */
struct size_account_run {
	uint64_t start, end;
	uint64_t first; /* the first block */
	uint64_t block_bytes;
	uint32_t n;
	const uint8_t *states; /* enum size_account_state of each; NULL: all are live */
};

enum { SIZE_ACCOUNT_SIZES = 256 }; /* more than any allocator has classes of small blocks */

struct size_account {
	struct walk *walk; /* not owned */
	uint16_t owner;
	struct attributions attributions;
	struct walk_allocator out;                  /* but for name, module, arenas and total */
	struct walk_size sizes[SIZE_ACCOUNT_SIZES]; /* of live blocks that no object owns */
	size_t n_sizes;
	struct walk_arena *arenas; /* owned */
	size_t n_arenas, cap_arenas;
	uint64_t swapped_bytes;
	uint32_t file;       /* index into the snapshot's files of what holds it; 0: not told */
	const char *version; /* static; NULL: not told */
};

/* The arena of this address, added when new; valid until the next is added. */
struct walk_arena *size_account_arena(struct size_account *account, uint64_t address);

void size_account_add_run(struct size_account *account, struct walk_heap *sums,
			  const struct size_account_run *run);
/* Whole pages without a block, which the allocator has back: free, and idle. */
void size_account_add_idle(struct size_account *account, struct walk_heap *sums, uint64_t start,
			   uint64_t end);
/* The same of an allocator that does not tell which have memory: the others are retained. */
void size_account_add_retained(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);
/* Memory at the end that was never handed out. */
void size_account_add_top(struct size_account *account, struct walk_heap *sums, uint64_t start,
			  uint64_t end);
/* Tables and headers. */
void size_account_add_overhead(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);
/* What should hold and does not; it is not claimed. */
void size_account_add_unwalked(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);

/* How an allocator is walked whose blocks are accounted for by size. */
struct size_account_walker {
	/*
	 * Finds and walks it: fills the account, with file and version. Returns 0, -ENOENT if it is
	 * not found, -ENOTSUP if there is one that it does not know.
	 */
	int (*walk)(struct size_account *account);
	const char *not_found, *not_known; /* why it was not read, then */
};

/*
 * Walks the allocator of a row, and once more if something did not hold, which is mostly because
 * the process was at work just then. Adds the better result to the walk; if there is none, adds why
 * it was not read, unless the allocator was only looked for. Returns 0 or what the walker returned.
 */
int size_account_walk(struct walk *walk, const struct walker *row);

#endif
