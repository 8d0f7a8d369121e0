/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of an allocator: what its walker found is summed up, counted by size and attributed.
 * Blocks that lie in runs, each of one size, are accounted for here; glibc's, whose neighbours are
 * of any size, by its walker.
 */
#ifndef WALK_ALLOC_SIZE_ACCOUNT_H
#define WALK_ALLOC_SIZE_ACCOUNT_H

#include "walk/alloc/live_sizes.h"

enum size_account_state {
	BLOCK_FREE,
	BLOCK_LIVE,
	BLOCK_CACHED, /* free, in the cache of a thread */
	BLOCK_OTHER,  /* holds another run, which is accounted for itself */
};

/* Blocks side by side. Bytes of [start, end) that are in none of them are overhead. */
struct size_account_run {
	uint64_t start, end;
	uint64_t first; /* the first block */
	uint64_t block_bytes;
	uint32_t n;
	const uint8_t *states; /* enum size_account_state of each; NULL: all are live */
};

struct size_account {
	struct walk *walk; /* not owned */
	uint16_t owner;
	struct attributions attributions;
	struct walk_allocator out; /* but for name, module, version, arenas, total and sizes */
	struct live_sizes sizes;
	bool doubling_classes;     /* see live_sizes_report */
	bool incomplete;           /* something is missing that no sum shows */
	struct walk_arena *arenas; /* owned */
	size_t n_arenas, cap_arenas;
	uint64_t swapped_bytes;
	uint32_t file;       /* index into the snapshot's files of what holds it; 0: not known */
	const char *version; /* static; NULL: not known */
};

/* Makes an empty account of the allocator of this name. */
void size_account_init(struct size_account *account, struct walk *walk, const char *name);
void size_account_release(struct size_account *account);

/* Appends the arena of this address. Returns it, valid until the next is added. */
struct walk_arena *size_account_add_arena(struct size_account *account, uint64_t address);
/* Returns the arena of this address, added if it is new; valid until the next is added. */
struct walk_arena *size_account_arena(struct size_account *account, uint64_t address);

/* Tells whether a block of this size would be among the largest. */
static inline bool size_account_is_large(const struct size_account *account, uint64_t bytes)
{
	const struct walk_allocator *out = &account->out;

	return out->n_largest < WALK_LARGEST || bytes > out->largest[WALK_LARGEST - 1].bytes;
}

/* Counts a live block by its size, and lists it if it is among the largest. */
static inline void size_account_count_live(struct size_account *account, struct walk_block block,
					   bool is_native)
{
	live_sizes_count(&account->sizes, block.bytes, !is_native, is_native);
	if (size_account_is_large(account, block.bytes))
		walk_record_block(&account->out, block);
}

/* Accounts for the blocks of a run, and the memory between them. */
void size_account_add_run(struct size_account *account, struct walk_heap *sums,
			  const struct size_account_run *run);
/* Accounts for whole pages without a block, which the allocator has back: free, and idle. */
void size_account_add_idle(struct size_account *account, struct walk_heap *sums, uint64_t start,
			   uint64_t end);
/*
 * Accounts for such pages of an allocator that does not tell which of them have memory: those
 * without it are retained.
 */
void size_account_add_retained(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);
/* Accounts for memory at the end that was never handed out. */
void size_account_add_top(struct size_account *account, struct walk_heap *sums, uint64_t start,
			  uint64_t end);
/* Accounts for tables and headers. */
void size_account_add_overhead(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);
/* Accounts for memory in which something should hold and does not. It is not attributed. */
void size_account_add_unwalked(struct size_account *account, struct walk_heap *sums, uint64_t start,
			       uint64_t end);

/* Returns the bytes of all arenas that were not walked. */
uint64_t size_account_unwalked(const struct size_account *account);

/*
 * Attributes free memory, which is in no sum of free bytes yet, and adds what of it is resident and
 * what has neither RAM nor swap. Returns the resident bytes.
 */
uint64_t size_account_attribute_free(struct size_account *account, struct walk_heap *sums,
				     uint64_t start, uint64_t end);

#endif
